/** The client's end of a connection: what it sent, and, from what it sends or that it stays, what it accepted. */
import type { Follower } from '../../../spec/dialects/follower.ts'
import { isControl, OP } from '../../../spec/opcodes.ts'
import { type Endpoint, type Frame, type Line, passing } from './ledger.ts'
import { MADE } from './seen.ts'
import type { Telling } from './telling.ts'

export interface ClientContext {
  readonly telling: Telling
  /** Frames so far. */
  readonly frames: number
  start(line: Line, id: number): Follower
}

/** A frame of a client has come that did not pass before: by this client, by a holder of its key, or by nobody who has one. */
export const clientSends = (c: ClientContext, line: Line, f: Frame): void => {
  const { client, server } = line
  const from = clientActs(c, line, f)
  if (f.copy || f.index < 0) return
  const id = f.header?.id ?? 0
  const at = client.node === null && client.hello === null ? c.start(line, id) : from
  const after = at && passing(at, f, 'c2s')
  const { telling } = c
  if (after) {
    client.id = id
    client.node = after
    if (f.header!.opcode === OP.HELLO) client.hello = f.name
    if (f.header!.opcode === OP.DATA) client.asked = f.n
    const sent = telling.made(client, f, at.opens(f.bytes, 'c2s').body, MADE.client)
    if (telling.plainlySent(sent)) return
    telling.begin(null, [f], f.n)
    telling.sends(client, sent)
    telling.settled()
    return
  }
  const { tagOk, body } = (server.node ?? c.start(line, id)).opens(f.bytes, 'c2s')
  if (tagOk) telling.sighted(server, f, body, MADE.holder)
}

/** What a client must have accepted to have sent this; where it stands then. Null: it sent no such thing. */
const clientActs = (c: ClientContext, line: Line, f: Frame): Follower | null => {
  const { node } = line.client
  if (node === null || f.copy || f.index < 0) return null
  const given = line.to.client
  const places = [node]
  for (const p of given) places.push(passing(places.at(-1)!, p, 's2c') ?? places.at(-1)!)
  for (let k = given.length; k >= 0; k--) {
    const place = places[k]!
    if (k > 0 && places[k - 1] === place) continue // that it was given the k-th shows nothing
    if (!place.opens(f.bytes, 'c2s').padOk) continue
    clientAccepts(c, line, k)
    return place
  }
  return null
}

/** The client has accepted the first so many of what it was given, as far as PROTOCOL lets them pass. */
export const clientAccepts = (c: ClientContext, line: Line, count: number): void => {
  const { client } = line
  const { telling } = c
  for (const p of line.to.client.splice(0, count)) {
    if (client.node === null) continue
    const after = passing(client.node, p, 's2c')
    if (after !== null && isControl(p.header!.opcode)) {
      client.node = after // obeyed or refused: nobody can tell
      continue
    }
    byHolder(c, client, p, client.node, 's2c')
    if (after === null || !telling.plainlyAccepted(client, p)) {
      telling.begin(client.at, [p], p.n)
      telling.delivered(client, p)
      if (after !== null) telling.accepted(client, p)
      telling.settled()
    }
    if (after === null) continue
    client.lastAccepted = p
    if (p.header!.opcode === OP.CHALLENGE) client.challenge = p.name
    client.node = after
  }
}

/** A frame that nobody was seen to make, and whose tag is right where it arrived: a holder of the key made it, ahead of its turn. */
export const byHolder = (
  { telling }: ClientContext,
  e: Endpoint,
  p: Frame,
  at: Follower,
  direction: 'c2s' | 's2c',
): void => {
  if (p.index < 0 || telling.ledger.seen.get(p.index, 'made') !== MADE.nobody) return
  const { tagOk, body } = at.opens(p.bytes, direction)
  if (tagOk) telling.sighted(e, p, body, MADE.holder)
}

/** The client has ended its stream. */
export const clientLeaves = (c: ClientContext, line: Line): void => {
  const { client } = line
  const { telling } = c
  const given = line.to.client
  let place = client.node
  const bad = given.findIndex((p) => {
    const after = place && passing(place, p, 's2c')
    place = after ?? place
    return place !== null && after === null
  })
  // What it was given before something else it did not end on. Of the last one its end tells nothing, if it had to pass.
  clientAccepts(c, line, bad < 0 ? Math.max(0, given.length - 1) : bad)
  const p = bad < 0 ? undefined : given[0]
  given.length = 0
  client.ended = true
  if (p === undefined) return
  telling.begin(client.at, [p], c.frames)
  telling.rejected(client, p)
  telling.ended(client, 'rejection')
  telling.settled()
}
