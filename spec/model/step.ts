/** One transition of one side, with the events it emits in the order of spec/events.ts. */
import type { EndedBy, Event } from '../events.ts'
import type { Verdict } from './checks.ts'
import { type ClientRun, type Connection, type Frame, type Term, viewOf } from './state.ts'

type Endpoint = ClientRun | Connection

/** All endpoints of the side afterwards, and what happened. */
export interface Step<E extends Endpoint> {
  readonly after: readonly E[]
  readonly events: readonly Event[]
}

export const sent = (by: Endpoint, f: Frame): Event => ({
  on: 'sent',
  at: by.at,
  frame: f.id,
  header: f.header,
  body: f.shows,
  bytes: f.bytes,
})

/** The transport refused a frame. */
export const unsent = (by: Endpoint): Event => ({ on: 'unsent', at: by.at })

export const committed = (before: Endpoint | null, after: Endpoint): Event => ({
  on: 'committed',
  at: after.at,
  before: before === null ? null : viewOf(before),
  view: viewOf(after)!,
})

/** A frame arrives and is judged. Of the primitives the model reports only that AES ran, and under which key. */
export const arrival = (at: Endpoint, f: Frame, v: Verdict): readonly Event[] => {
  const about = { at: at.at, frame: f.id, header: f.header }
  return [
    { on: 'delivered', ...about, origin: f.origin },
    ...(v.decrypted === null ? [] : [decrypt(at, f, v.decrypted)]),
    v.kind === 'accepted'
      ? { on: 'accepted', ...about, before: viewOf(at) }
      : { on: 'rejected', ...about, reason: v.reason },
  ]
}

const decrypt = (at: Endpoint, f: Frame, key: Term): Event => ({
  on: 'primitive',
  at: at.at,
  op: 'decrypt',
  key,
  during: f.id,
})

/** A session, or a connection without one, ended. */
export const terminated = (before: Endpoint, after: Endpoint, by: EndedBy): readonly Event[] => [
  ...(after.id === null ? [] : [committed(before, after)]),
  { on: 'ended', at: after.at, by },
]
