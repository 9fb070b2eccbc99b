/** One transition of one side, with the events it emits in the order of spec/events.ts. */

import type { Frame } from '../checker/context.ts'
import type { Client, Clients, Conn, Conns } from '../checker/endpoints.ts'
import type { EndedBy, Event, KeyId } from '../events.ts'
import type { Verdict } from './checks.ts'

export interface Step<S extends Clients | Conns> {
  readonly after: S
  readonly events: readonly Event[]
}

/** Which state the history shows while an event is judged (spec/events.ts: `accepted` still shows what was there before). */
export const seenBefore = (e: Event): boolean =>
  e.on === 'step' || e.on === 'sealed' || e.on === 'delivered' || e.on === 'primitive' || e.on === 'accepted'

export const sent = (by: Client | Conn, f: Frame): Event => ({
  on: 'sent',
  at: by.at,
  frame: f.id,
  header: f.header,
  body: f.sent!.body,
  bytes: f.bytes,
})

/** The transport refused a frame. */
export const unsent = (by: Client | Conn): Event => ({ on: 'unsent', at: by.at })

export const committed = (before: Client | Conn | null, after: Client | Conn): Event => ({
  on: 'committed',
  at: after.at,
  before: before?.view ?? null,
  view: after.view!,
})

/** A frame arrives and is judged. Of the primitives the model reports only that AES ran, and under which key. */
export const arrival = (at: Client | Conn, f: Frame, v: Verdict): readonly Event[] => {
  const delivered: Event = { on: 'delivered', at: at.at, frame: f.id, header: f.header, origin: f.origin }
  const aes: readonly Event[] =
    v.decrypted === null
      ? []
      : [{ on: 'primitive', at: at.at, op: 'decrypt', key: `k${v.decrypted}` as KeyId, during: f.id }]
  const about = { at: at.at, frame: f.id, header: f.header }
  const outcome: Event =
    v.kind === 'accepted'
      ? { on: 'accepted', ...about, before: at.view }
      : { on: 'rejected', ...about, reason: v.reason }
  return [delivered, ...aes, outcome]
}

/** A session, or a connection without one, is over. */
export const terminated = (before: Client | Conn, after: Client | Conn, by: EndedBy): readonly Event[] => [
  ...(after.view === null ? [] : [committed(before, after)]),
  { on: 'ended', at: after.at, by },
]
