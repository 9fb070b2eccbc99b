/** The process of the hostile peers, what those without a key do, in an order that a seed gives, and those that hold one. */
import { connect, type Socket } from 'node:net'
import { concat, u32 } from '../../../spec/reference/bytes.ts'
import { ClientSession, frame, type Mode, nodeCrypto, nodeRng } from '../../../src/index.ts'
import { Rng } from '../../harness/world/rng.ts'
import { type HostileAsk, type HostileReply, onAsk } from './child.ts'
import { HOST, KEYRING, valuesOf } from './plan.ts'
import { ahead } from './steady.ts'

const LONGEST_MS = 12_000 // of a connection; the server has ended it by then
const REPORT_MS = 500
const INSIDER = 'insider'

const times: Record<string, number> = {}

/** One peer: connection after connection, as its kind has it. */
const live = (kind: Kind, port: number, rng: Rng): void => {
  let open = 0
  const again = (): void => {
    const [from, to] = kind.pauseMs
    setTimeout(knock, rng.between(from, to))
  }
  const knock = (): void => {
    if (kind.lying !== undefined) again()
    if (open >= (kind.lying ?? 1)) return
    open++
    const socket: Socket = connect({ host: HOST, port, noDelay: true }, () => {
      times[kind.name] = (times[kind.name] ?? 0) + 1
      kind.behave(socket, rng)
    })
    const longest = setTimeout(() => socket.destroy(), LONGEST_MS)
    socket.on('error', () => {}) // resets are what it is after
    socket.on('data', () => {})
    socket.on('close', () => {
      clearTimeout(longest)
      open--
      if (kind.lying === undefined) again()
    })
  }
  setTimeout(knock, rng.below(kind.pauseMs[1]))
}

/** Peers take turns with the kinds; insiders take ids of their own as long as there are any. */
const start = ({ port, mode, seed, peers, insiders, held }: HostileAsk): void => {
  let keyHolders = 0
  for (let n = 0; n < peers; n++) {
    const rng = new Rng(seed, n)
    const kind = KINDS[(n % (KINDS.length + 1)) - 1] // the first, and each eighth after it, holds a key
    if (kind !== undefined) {
      live(kind, port, rng)
      continue
    }
    const own = insiders[keyHolders]
    const identity: Identity = { id: own ?? held[keyHolders % held.length]!, own: own !== undefined, seed, mode }
    keyHolders++
    live({ name: INSIDER, behave: insider(identity), pauseMs: [500, 2_000] }, port, rng)
  }
  setInterval(() => process.send?.({ kind: 'begun', times } satisfies HostileReply), REPORT_MS)
}

onAsk(start)

interface Kind {
  readonly name: string
  /** Begins once the connection stands, and ends when the socket is closed. */
  readonly behave: (socket: Socket, rng: Rng) => void
  /** ms from the end of one connection to the next; `lying`: from its beginning, whatever becomes of it. */
  readonly pauseMs: readonly [from: number, to: number]
  readonly lying?: number // connections at a time
}

const DRIP_MS = 200
const HELLO_BYTES = 103 // the prefix and as much as a HELLO has

const bytes = (rng: Rng, n: number): Uint8Array => Uint8Array.from({ length: n }, () => rng.below(256))

/** The beginning of something that looks like a HELLO. */
const half = (rng: Rng): Uint8Array => {
  const whole = bytes(rng, HELLO_BYTES)
  whole.set([frame.OPCODE.hello, rng.between(1, 255), 0, 0, 0, 0, frame.TO_SERVER])
  return frame.withPrefix(whole).subarray(0, rng.between(1, HELLO_BYTES))
}

const SHORT = [500, 1_500] as const

/** A kind that says something at once, and nothing more. */
const saying = (name: string, said: (rng: Rng) => Uint8Array): Kind => ({
  name,
  behave: (socket, rng) => void socket.write(said(rng)),
  pauseMs: SHORT,
})

const tooLong = (rng: Rng): number =>
  rng.oneIn(2) ? frame.MAX_FRAME + 1 : rng.between(frame.MAX_FRAME + 1, 0xffff_ffff)

const KINDS: readonly Kind[] = [
  saying('half frame', half),
  saying('garbage', (rng) => bytes(rng, rng.between(1, 8_192))),
  saying('giant prefix', (rng) => concat(u32(tooLong(rng)), new Uint8Array(16_384))),
  saying('zero prefix', (rng) => u32(rng.oneIn(2) ? 0 : rng.below(71))),
  /** Opens connection after connection and says nothing. */
  { name: 'connection flood', behave: () => {}, pauseMs: [250, 750], lying: 10 },
  {
    name: 'slowloris',
    behave: (socket, rng) => {
      const whole = frame.withPrefix(bytes(rng, HELLO_BYTES))
      let at = 0
      const drip = setInterval(() => socket.write(whole.subarray(at, ++at)), DRIP_MS)
      socket.on('close', () => clearInterval(drip))
    },
    pauseMs: SHORT,
  },
  {
    name: 'reset',
    behave: (socket, rng) => void socket.write(half(rng), () => socket.resetAndDestroy()),
    pauseMs: SHORT,
  },
]

const GREEDY = 1 // that pipeline at a time: a flood from each would measure how much CPU the peers have
const AT_ONCE = 32 // frames in one write
const QUEUED = 64 * 1024 // bytes: what it leaves unsent while the server does not read
const PIPELINE_MS = 8_000 // of pipelining: more than what the buffers of both systems hold
const HOLD_MS = 1_000

let greedy = 0

interface Identity {
  readonly id: number
  readonly own: boolean // nobody else uses it
  readonly seed: number
  readonly mode: Mode
}

/**
 * A hostile peer that holds a key. With an id of its own it submits round after round without ever reading an answer.
 * An id whose client is connected it can use up to its first DATA only, since that would rightly supersede the client
 * (PROTOCOL §7): it opens sessions, the dearest thing a peer can ask for, and breaks them with sealed nonsense.
 */
const insider =
  ({ id, own, seed, mode }: Identity) =>
  (socket: Socket, rng: Rng): void => {
    const goOn = ({ state }: ClientSession): void => {
      if (state.phase !== 'ACTIVE') return void socket.destroy()
      const values = (round: number): readonly number[] => (own ? valuesOf(seed, id, round) : [])
      const next = ahead(state, nodeRng, values)
      if (own) return void pipeline(socket, next)
      socket.write(next()) // its tag is right and its payload is not: no values
      socket.resume()
    }
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
          setTimeout(() => goOn(session), rng.below(HOLD_MS))
        },
      },
    )
    socket.on('data', (chunk) => session.receive(chunk))
    session.start(0)
  }

const pipeline = (socket: Socket, next: () => Uint8Array): void => {
  if (greedy >= GREEDY) return void socket.destroy()
  greedy++
  const more = (): void => {
    while (!socket.destroyed && socket.writableLength < QUEUED) {
      socket.write(Buffer.concat(Array.from({ length: AT_ONCE }, next)))
      if (socket.writableLength === 0) break // let others have their turn
    }
  }
  const pump = setInterval(more, 5)
  const end = setTimeout(() => socket.destroy(), PIPELINE_MS)
  socket.on('close', () => {
    greedy--
    clearInterval(pump)
    clearTimeout(end)
  })
}
