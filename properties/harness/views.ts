/** What an endpoint shows of itself, with names for its keys. */
import type { KeyId, View } from '../../spec/events.ts'

const same = (a: View, b: View): boolean =>
  a.phase === b.phase &&
  a.round === b.round &&
  a.id === b.id &&
  a.confirmed === b.confirmed &&
  a.outstanding === b.outstanding &&
  (a.keys === null || b.keys === null ? a.keys === b.keys : a.keys.every((k, i) => k === b.keys?.[i]))

/**
 * The view with names; null where it shows nothing that `before` did not. Keys that stayed are the same list. Of a session
 * that has ended, what it was before says nothing: it is neither confirmed nor waiting.
 */
export const changedView = (
  { keys: raw, ...shown }: View<Uint8Array>,
  nameOf: (key: Uint8Array) => KeyId,
  before: View | null,
): View | null => {
  const rest = shown.phase === 'TERMINATED' ? { ...shown, confirmed: false, outstanding: false } : shown
  const names = raw?.map(nameOf)
  const keys = names ? ([names[0]!, names[1]!, names[2]!, names[3]!] as const) : null
  const view: View = { ...rest, keys }
  if (before !== null && same(before, view)) return null
  return before?.keys && keys?.every((k, i) => k === before.keys?.[i]) ? { ...rest, keys: before.keys } : view
}
