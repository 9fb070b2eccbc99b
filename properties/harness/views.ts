/** What an endpoint shows of itself, with names for its keys. */
import type { KeyId, View } from '../../spec/events.ts'

const sameKeys = (a: View['keys'] | undefined, b: View['keys']): boolean =>
  a === b || (!!a && b !== null && a[0] === b[0] && a[1] === b[1] && a[2] === b[2] && a[3] === b[3])

const same = (a: View, b: View): boolean =>
  a.phase === b.phase &&
  a.round === b.round &&
  a.id === b.id &&
  a.confirmed === b.confirmed &&
  a.outstanding === b.outstanding &&
  a.keys === b.keys

/**
 * The view with names; null where it shows nothing that `before` did not. Keys that stayed are the same list. Of a session
 * that has ended, what it was before says nothing: it is neither confirmed nor waiting.
 */
export const changedView = (
  { id, phase, round, confirmed, outstanding, keys: raw }: View<Uint8Array>,
  nameOf: (key: Uint8Array) => KeyId,
  before: View | null,
): View | null => {
  const ended = phase === 'TERMINATED'
  const keys = raw && ([nameOf(raw[0]), nameOf(raw[1]), nameOf(raw[2]), nameOf(raw[3])] as const)
  const view: View = {
    id,
    phase,
    round,
    confirmed: ended ? false : confirmed,
    outstanding: ended ? false : outstanding,
    keys: sameKeys(before?.keys, keys) ? before!.keys : keys,
  }
  return before !== null && same(before, view) ? null : view
}
