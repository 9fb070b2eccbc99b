/** Cases of conform on the reference, whole or without a rule: a party of the harness over TCP, in this process (still.ts). */
import { randomBytes } from 'node:crypto'
import { connect, createServer, type Socket } from 'node:net'
import { PROTOCOL } from '../../../../spec/dialects/dialect.ts'
import { Followers } from '../../../../spec/dialects/follower.ts'
import { enframe } from '../../../../spec/dialects/stream.ts'
import { type End, LIMITS, type Mode } from '../../../../spec/language.ts'
import type { Host, MakeParty, Party } from '../../../harness/parties/party.ts'
import { Target } from '../../../harness/target/target.ts'
import { keyringOf } from '../../../harness/world/rng.ts'
import { CASES, CLIENT_CASES } from '../cases/index.ts'
import type { Launch } from '../clients/host.ts'
import { judgeClient } from '../clients/judge.ts'
import { judge } from '../judge.ts'
import type { Row } from '../repeat.ts'

export const KEYRING = keyringOf()

const TICK_MS = 20
const LOCAL = '127.0.0.1'

/** One party with its sockets. An exception that escapes it is the end of the process that it would be. */
class Driven {
  readonly #sockets = new Map<number, Socket>()
  readonly #party: Party
  readonly #timer: NodeJS.Timeout
  readonly #died: () => void
  readonly accepted: (at: End) => void

  constructor(
    make: MakeParty,
    side: End['side'],
    mode: Mode,
    died: () => void,
    accepted: (at: End) => void = () => {},
  ) {
    const host: Host = {
      send: (at, frame) => {
        const socket = this.#sockets.get(at.n)
        if (socket === undefined || socket.destroyed || socket.writableEnded) return false
        socket.write(enframe(PROTOCOL[mode].framing, frame))
        return true
      },
      report: (r) => {
        if (r.on === 'accepted') this.accepted(r.at)
        if (r.on === 'ended') this.#sockets.get(r.at.n)?.end()
      },
      rng: () => (bytes) => randomBytes(bytes),
    }
    this.#died = died
    this.accepted = accepted
    this.#party = make(host, { side, mode, keyring: KEYRING, limits: LIMITS, challenge: 'fresh' })
    this.#timer = setInterval(() => this.act((p) => p.tick(performance.now())), TICK_MS)
  }

  act(on: (p: Party) => void): void {
    try {
      on(this.#party)
    } catch {
      this.stop()
      this.#died()
    }
  }

  meet(at: End, id: number, socket: Socket): void {
    this.#sockets.set(at.n, socket)
    this.act((p) => p.open(at, id, performance.now()))
    socket.on('error', () => {}) // whoever asks may go away at any time
    socket.on('data', (chunk: Buffer) => this.act((p) => p.receive(at, chunk, performance.now())))
    socket.on('end', () => socket.end())
    socket.on('close', () => this.act((p) => p.close(at, performance.now())))
  }

  stop(): void {
    clearInterval(this.#timer)
    for (const s of this.#sockets.values()) s.destroy()
  }
}

/** A server on a port of its own. */
export const served = (make: MakeParty, mode: Mode): Promise<{ readonly port: number; stop(): void }> =>
  new Promise((resolve) => {
    let n = 0
    const driven = new Driven(make, 'server', mode, () => server.close())
    const server = createServer({ noDelay: true, allowHalfOpen: true }, (socket) =>
      driven.meet({ side: 'server', n: n++ }, 0, socket),
    )
    const stop = (): void => {
      driven.stop()
      server.close()
    }
    server.listen(0, LOCAL, () => resolve({ port: (server.address() as { port: number }).port, stop }))
  })

/** A client that submits its lines one after the other. */
export const launched =
  (make: MakeParty, mode: Mode): Launch =>
  (port, id, lines) => {
    const at: End = { side: 'client', n: 0 }
    const left = [...lines]
    let how = 'exit code 0'
    const next = (): void =>
      driven.act((p) => {
        const line = left.shift()
        if (line === undefined) p.finish?.(at, performance.now())
        else p.submit?.(at, line.split(',').map(Number), performance.now())
      })
    const socket = connect({ host: LOCAL, port, noDelay: true, allowHalfOpen: true })
    const died = (): void => {
      how = 'exit code 1'
    }
    const driven: Driven = new Driven(make, 'client', mode, died, () => queueMicrotask(next))
    socket.on('error', () => {})
    socket.once('connect', () => driven.meet(at, id, socket))
    const ended = new Promise<string>((resolve) => {
      socket.on('close', () => {
        driven.stop()
        resolve(how)
      })
    })
    return { ended, printed: () => [], stop: () => driven.stop() }
  }

export const SIDES = ['server', 'client'] as const
export type Side = (typeof SIDES)[number]

/** Ids of the cases of a side, in the order in which they are played. */
export const casesOf = (side: Side): readonly string[] => (side === 'server' ? CASES : CLIENT_CASES).map((c) => c.id)

/** Throws NotJudged. */
export const played = async (side: Side, id: string, make: MakeParty, mode: Mode): Promise<Row> => {
  const dialect = PROTOCOL[mode]
  const { signal } = new AbortController()
  const common = { followers: new Followers(dialect), keyring: KEYRING, seed: 1, signal, progress() {} }
  if (side === 'client') {
    const setting = { ...common, launch: launched(make, mode), lines: ['5', '7', '9'], givesUpMs: 12_000 }
    return (await judgeClient([CLIENT_CASES.find((c) => c.id === id)!], setting)).rows[0]!
  }
  const { port, stop } = await served(make, mode)
  const reach = { start: null, address: { host: '127.0.0.1', port }, rate: null, maxConnections: 32 }
  try {
    const c = CASES.find((x) => x.id === id)!
    return (await judge([c], { ...common, target: new Target(reach, dialect) })).rows[0]!
  } finally {
    stop()
  }
}
