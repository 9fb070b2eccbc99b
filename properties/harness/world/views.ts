/** What an endpoint shows of itself, with names for its keys. */
import type { Body, Event, KeyId, Phase, Told, View } from '../../../spec/events.ts'

const PHASES: ReadonlySet<Phase> = new Set(['INIT', 'ACTIVE', 'TERMINATED'])
const MOST_KEY_BYTES = 64
const isCount = (n: unknown): boolean => Number.isSafeInteger(n) && (n as number) >= 0
const isKey = (key: unknown): boolean => key instanceof Uint8Array && key.length <= MOST_KEY_BYTES

/** What a party shows, read once. Throws a TypeError for what is no view. */
export const viewOf = ({
  id,
  phase,
  round,
  confirmed,
  outstanding,
  keys: given,
}: View<Uint8Array>): View<Uint8Array> => {
  const keys = Array.isArray(given) ? ([...given] as unknown as NonNullable<typeof given>) : given
  const four = keys === null || (Array.isArray(keys) && keys.length === 4 && keys.every(isKey))
  const flags = typeof confirmed === 'boolean' && typeof outstanding === 'boolean'
  if (isCount(id) && PHASES.has(phase) && isCount(round) && flags && four)
    return { id, phase, round, confirmed, outstanding, keys }
  throw new TypeError('view: expected id, phase, round, confirmed, outstanding and four keys, or null')
}

type Memory = Omit<Extract<Event, { on: 'memory' }>, 'on' | 'at'>

/** What a party holds, read once. Throws a TypeError for what is none. */
export const memoryOf = (given: Memory | null | undefined): Memory | null => {
  if (given == null) return null
  const { buffered, retained, connections, secrets } = given
  if ([buffered, retained, connections, secrets ?? 0].every(isCount))
    return { buffered, retained, connections, ...(secrets !== undefined && { secrets }) }
  throw new TypeError('memory: expected counts buffered, retained and connections, or null')
}

const isOrNull = (n: unknown): boolean => n === null || isCount(n)
const isBody = (b: unknown): boolean => typeof (b as Body | null)?.kind === 'string'

/** What an application was told, read once. Throws a TypeError for what is nothing of the kind. */
export const toldOf = ({ opcode, id, round, body, answer }: Told): Told => {
  if (isCount(opcode) && isOrNull(id) && isOrNull(round) && isBody(body) && (answer === null || isBody(answer)))
    return { opcode, id, round, body, answer }
  throw new TypeError('told: expected opcode, id, round, a body with its kind, and an answer, which may be null')
}

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
