/**
 * A hostile peer that holds a key. With an id of its own it submits round after round without ever reading an answer.
 * An id whose client is connected it can use up to its first DATA only, since that would rightly supersede the client
 * (PROTOCOL §7): it opens sessions, the dearest thing a peer can ask for, and breaks them with sealed nonsense.
 */
import type { Socket } from 'node:net'
import { ClientSession, frame, type Mode, nodeCrypto, nodeRng } from '../../../../src/index.ts'
import type { Rng } from '../../../harness/rng.ts'
import { Ahead } from '../ahead.ts'
import { KEYRING, valuesOf } from '../values.ts'

const GREEDY = 1 // that pipeline at a time: a flood from each would measure how much CPU the peers have
const AT_ONCE = 32 // frames in one write
const QUEUED = 64 * 1024 // bytes: what it leaves unsent while the server does not read
const LONGEST_MS = 8_000 // of pipelining: more than what the buffers of both systems hold
const HOLD_MS = 1_000

let greedy = 0

export interface Identity {
  readonly id: number
  readonly own: boolean // nobody else uses it
  readonly seed: number
  readonly mode: Mode
}

export const insider =
  ({ id, own, seed, mode }: Identity) =>
  (socket: Socket, rng: Rng): void => {
    const session: ClientSession = new ClientSession(
      { id, masterKey: KEYRING.get(id)!, mode, crypto: nodeCrypto, rng: nodeRng },
      {
        send: (f) => {
          socket.write(frame.withPrefix(f))
          return true
        },
        report: (outcome) => {
          if (outcome.kind !== 'accepted' || outcome.content.kind !== 'challenge') return
          socket.pause() // whatever comes now stays unread
          setTimeout(() => (own ? pipeline(socket, session, seed) : breakOff(socket, session)), rng.below(HOLD_MS))
        },
      },
    )
    socket.on('data', (chunk) => session.receive(chunk))
    session.start(0)
  }

const aheadOf = ({ state }: ClientSession): Ahead | null =>
  state.phase === 'ACTIVE' ? new Ahead(state, nodeRng) : null

/** A frame whose tag is right and whose payload is not: no values. */
const breakOff = (socket: Socket, session: ClientSession): void => {
  const ahead = aheadOf(session)
  if (ahead !== null) socket.write(ahead.next([]))
  socket.resume()
}

const pipeline = (socket: Socket, session: ClientSession, seed: number): void => {
  const ahead = aheadOf(session)
  if (ahead === null || greedy >= GREEDY) return void socket.destroy()
  greedy++
  const { id } = session.state
  const more = (): void => {
    while (!socket.destroyed && socket.writableLength < QUEUED) {
      socket.write(Buffer.concat(Array.from({ length: AT_ONCE }, () => ahead.next(valuesOf(seed, id, ahead.round)))))
      if (socket.writableLength === 0) break // let others have their turn
    }
  }
  const pump = setInterval(more, 5)
  const end = setTimeout(() => socket.destroy(), LONGEST_MS)
  socket.on('close', () => {
    greedy--
    clearInterval(pump)
    clearTimeout(end)
  })
}
