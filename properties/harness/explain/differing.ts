/** One step that two worlds played differently, what can be asked of it, and what two frames in it say. */
import { type Body, type Event, sameEnd } from '../../../spec/events.ts'
import type { Action, End } from '../../../spec/language.ts'
import { isControl, OP } from '../../../spec/opcodes.ts'
import { same } from '../../../spec/reference/bytes.ts'
import { HEADER_BYTES, IV_BYTES, ivOf, TAG_BYTES, tagVerifies } from '../../../spec/reference/frame.ts'
import { aesCbcDecrypt } from '../../../spec/reference/primitives.ts'
import type { RuleId } from './rules.ts'

export type On<K extends Event['on']> = Extract<Event, { readonly on: K }>

export type Verdict = On<'accepted'> | On<'rejected'>

export type Rules = readonly RuleId[]

/** One step in both worlds, `own` of the system, and what was before it. */
export interface Differing {
  readonly action: Action
  readonly own: readonly Event[]
  readonly right: readonly Event[]
  readonly before: readonly Event[]
  bytes(frame: string): Uint8Array
  key(name: string): Uint8Array
  /** The two keys under which `at` has to seal in this step, as the tracker knows them. */
  keys(at: End): { readonly enc: Uint8Array; readonly mac: Uint8Array } | null
}

export const PAYLOADS: Readonly<Record<number, Rules>> = {
  [OP.HELLO]: ['text'],
  [OP.CHALLENGE]: ['text'],
  [OP.DATA]: ['data', 'local-rules'],
  [OP.RESPONSE]: ['response'],
  [OP.DESYNC]: ['control-payload'],
  [OP.TERMINATE]: ['control-payload'],
}

export const of = <K extends Event['on']>(events: readonly Event[], on: K): readonly On<K>[] =>
  events.filter((e): e is On<K> => e.on === on)

export const verdicts = (events: readonly Event[]): readonly Verdict[] =>
  events.filter((e): e is Verdict => e.on === 'accepted' || e.on === 'rejected')

export const hasSession = (d: Differing, at: End): boolean =>
  at.side === 'client' ||
  of(d.before, 'accepted').some((e) => sameEnd(e.at, at)) ||
  of(d.right, 'accepted').some((e) => sameEnd(e.at, at) && e.header.opcode === OP.HELLO)

export const endedBefore = (d: Differing, at: End): boolean =>
  of([...d.before, ...d.right], 'ended').some((e) => sameEnd(e.at, at))

export const pieces = (a: Action): boolean =>
  a.do === 'continue' || (a.do === 'deliver' && (a.cuts !== undefined || a.with !== undefined || a.upTo !== undefined))

/** Why the step sends at all: what was accepted or rejected in it, or time that passed. */
export const cause = (d: Differing): Verdict | undefined => verdicts(d.right)[0]

const IV_END = HEADER_BYTES + IV_BYTES

/** Which rule speaks of a control frame that is sent in this step. */
export const overControl = (d: Differing, at: End): Rules => {
  const by =
    of(d.right, 'ended').find((e) => sameEnd(e.at, at))?.by ?? of(d.own, 'ended').find((e) => sameEnd(e.at, at))?.by
  const v = cause(d)
  const verdict: Rules =
    v?.on === 'rejected'
      ? at.side === 'client'
        ? ['client-silent']
        : !hasSession(d, v.at)
          ? ['silent-first-frame']
          : v.frame !== null && isControl(d.bytes(v.frame)[0]!)
            ? ['control-unanswered', 'alarm']
            : sameEnd(v.at, at)
              ? ['alarm', ...(v.reason === 'superseded' ? (['superseded'] as const) : [])]
              : ['isolation']
      : []
  switch (by) {
    case 'timer':
      return [at.side === 'server' ? 'server-timers' : 'client-timers']
    case 'supersede':
      return ['supersede', 'hello-touches-nothing']
    case 'evicted':
      return v === undefined ? ['connections'] : ['half-open', 'connections']
    case 'finish':
      return at.side === 'client' ? ['graceful-end'] : ['last-round']
    case 'peer':
      return ['control-obeyed']
    case 'fault':
      return ['hand-over']
    case 'rejection':
    case 'close':
    case undefined:
      return verdict
  }
}

const round = (x: number): number => Math.abs(x) * 1e-9

/** Two bodies of one kind: which of their numbers differ. */
const overBodies = (d: Differing, a: Body, b: Body, asked: number): Rules => {
  if (a.kind === 'aggregate' && b.kind === 'aggregate') {
    if (a.count !== b.count) return [...mixed(d, asked, a.count > b.count), 'response']
    if (!Object.is(a.sum, b.sum))
      return Math.abs(a.sum - b.sum) <= round(b.sum) || Math.abs(b.sum) > 1e200 || b.sum === 0
        ? ['exact-sum', 'average', 'counted']
        : a.sum === b.average
          ? ['response', 'exact-sum']
          : [...mixed(d, asked, false), 'exact-sum', 'data', 'response']
    return ['average', 'response']
  }
  if (a.kind === 'data' || b.kind === 'data') return ['data', 'local-rules']
  if (b.kind === 'aggregate') return ['response', 'commit']
  if (b.kind === 'control') return ['control-payload', 'alarm']
  return ['text']
}

/** Values that are counted wrongly: of rounds that are no longer the newest, of sessions that ended, or others. */
const mixed = (d: Differing, asked: number, more: boolean): Rules => {
  const rounds = of(d.before, 'accepted').filter((e) => e.header.opcode === OP.DATA)
  const older = rounds.some(
    (e) => e.header.round === asked && rounds.some((o) => sameEnd(o.at, e.at) && o.header.round > asked),
  )
  const gone = of(d.before, 'ended').some((e) => rounds.some((o) => sameEnd(o.at, e.at) && o.header.round === asked))
  const ends = of(d.right, 'ended').some((e) => e.by === 'supersede')
  return [
    ...(older && !more ? (['retained'] as const) : []),
    ...(more && gone ? (['withdraw'] as const) : []),
    ...(more && ends ? (['supersede'] as const) : []),
    'counted',
    ...(older && more ? (['retained'] as const) : []),
    'confirm',
  ]
}

/** Sealed under other keys than those of the session. */
const sealing = (opcode: number): Rules => {
  switch (opcode) {
    case OP.CHALLENGE:
      return ['hello-step']
    case OP.RESPONSE:
      return ['commit', 'evolve-s2c-enc', 'evolve-s2c-mac']
    case OP.DATA:
      return ['client-commit', 'evolve-c2s-enc', 'evolve-c2s-mac']
    case OP.DESYNC:
    case OP.TERMINATE:
      return ['no-key-on-failure', 'alarm', 'supersede']
    default:
      return []
  }
}

/** Two frames in the place of one: the first part in which they differ. */
export const overFrames = (d: Differing, a: On<'sent'>, b: On<'sent'>): Rules => {
  const [x, y] = [d.bytes(a.frame), d.bytes(b.frame)]
  const { opcode } = b.header
  if (!same(x.subarray(0, HEADER_BYTES), y.subarray(0, HEADER_BYTES))) {
    const alien = a.header.opcode === OP.DESYNC && a.at.side === 'client'
    if (a.header.opcode !== opcode && !alien) return [...overControl(d, b.at), 'header', 'last-round']
    return ['header', ...(isControl(opcode) ? overControl(d, b.at) : (['round'] as const))]
  }
  if (!same(ivOf(x), ivOf(y))) {
    if (Buffer.from(x).includes(Buffer.from(ivOf(y)))) return ['header', 'iv']
    const text = a.body.kind === 'challenge' && b.body.kind === 'challenge' && a.body.text !== b.body.text
    return text ? ['text', 'iv'] : ['iv', 'header']
  }
  const key = d.keys(b.at)
  const verifies = key !== null && tagVerifies(key.mac, x)
  const cipher = (f: Uint8Array): Uint8Array => f.subarray(IV_END, f.length - TAG_BYTES)
  if (same(cipher(x), cipher(y))) return ['tag-input', 'initial-keys', 'kdf', ...sealing(opcode)]
  const told = a.body.kind !== 'sealed' && a.body.kind !== 'opaque'
  if (told && (key === null || x.length === y.length)) return overBodies(d, a.body, b.body, b.header.round)
  if (key === null) return [...sealing(opcode), 'initial-keys', 'kdf', 'cipher']
  const plain = (f: Uint8Array): Uint8Array => aesCbcDecrypt(key.enc, ivOf(f), cipher(f))
  const [p, q] = cipher(x).length % 16 === 0 ? [plain(x), plain(y)] : [cipher(x), cipher(y)]
  const start = q.length - (q.at(-1) ?? 0)
  if (same(p.subarray(0, start), q.subarray(0, start))) return ['padding', ...(PAYLOADS[opcode] ?? [])]
  if (same(cipher(x).subarray(0, start), q.subarray(0, start))) return ['cipher']
  if (told) return overBodies(d, a.body, b.body, b.header.round)
  if (verifies)
    return a.body.kind === 'opaque' ? (PAYLOADS[opcode] ?? []) : ['cipher', 'kdf', 'initial-keys', 'padding']
  return [...sealing(opcode), 'kdf', 'initial-keys', 'cipher']
}
