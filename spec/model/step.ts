/** One transition of one side, with the events it emits in the order of spec/events.ts. */
import type { EndedBy, Event } from '../events.ts'
import type { Verdict } from './checks.ts'
import { type Endpoint, type Frame, type Term, viewOf } from './state.ts'

/** All endpoints of the side afterwards, and what happened. */
export interface Step<E extends Endpoint> {
  readonly after: readonly E[]
  readonly events: readonly Event[]
}

/** Nothing happens. */
export const still = <E extends Endpoint>(ends: readonly E[]): Step<E> => ({ after: ends, events: [] })

/** Then an endpoint becomes this one, with these events. */
export const becomes = <E extends Endpoint>(so: Step<E>, e: E, ...events: readonly Event[]): Step<E> => ({
  after: so.after.map((x) => (x.at.n === e.at.n ? e : x)),
  events: [...so.events, ...events],
})

/**
 * PROTOCOL §1: TERMINATED, the keys overwritten, and that is final. §7: what is not confirmed does not count, so the
 * values of a connection are withdrawn.
 */
export const end = <E extends Endpoint>(so: Step<E>, e: E, by: EndedBy): Step<E> => {
  if (e.phase === 'TERMINATED') return so
  const next: E = { ...e, phase: 'TERMINATED', keys: null, confirmed: false, failing: false, outstanding: null }
  return becomes(so, next, ...(e.id === null ? [] : [committed(e, next)]), { on: 'ended', at: e.at, by })
}

/** The transport will refuse what an endpoint sends next. */
export const failNext = <E extends Endpoint>(ends: readonly E[], n: number): Step<E> =>
  ends[n]!.phase === 'TERMINATED' ? still(ends) : becomes(still(ends), { ...ends[n]!, failing: true })

export const sent = ({ at }: Endpoint, f: Frame): Event => {
  return { on: 'sent', at, frame: f.id, header: f.header, body: f.shows, bytes: f.bytes }
}

/** The transport refused a frame. */
export const unsent = ({ at }: Endpoint): Event => ({ on: 'unsent', at })

export const committed = (before: Endpoint | null, after: Endpoint): Event => {
  return { on: 'committed', at: after.at, before: before === null ? null : viewOf(before), view: viewOf(after)! }
}

/** A frame arrives and is judged. Of the primitives the model reports only that AES ran, and under which key. */
export const arrival = (e: Endpoint, { id: frame, header, origin }: Frame, v: Verdict): readonly Event[] => {
  const about = { at: e.at, frame, header }
  const decrypts = (key: Term): Event => ({ on: 'primitive', at: e.at, op: 'decrypt', key, during: frame })
  return [
    { on: 'delivered', ...about, origin },
    ...(v.decrypted === null ? [] : [decrypts(v.decrypted)]),
    v.kind === 'accepted'
      ? { on: 'accepted', ...about, before: viewOf(e) }
      : { on: 'rejected', ...about, reason: v.reason },
  ]
}
