/** Where words are said: over TCP, or to a server within this process. Every word has connections of its own. */
import { setTimeout as pause } from 'node:timers/promises'
import type { Followers } from '../../../spec/dialects/follower.ts'
import { DialectServer } from '../../../spec/dialects/server.ts'
import { enframe } from '../../../spec/dialects/stream.ts'
import { endName } from '../../../spec/events.ts'
import { LIMITS, type Mode } from '../../../spec/language.ts'
import type { MakeParty } from '../../harness/parties/party.ts'
import type { Heard, Peer } from '../../harness/target/peer.ts'
import type { Target } from '../../harness/target/target.ts'
import { stream } from '../../harness/world/rng.ts'
import { framed } from '../../harness/world/wire.ts'

/** `fault`: an exception came out of a server within this process. */
export type Answer = Heard | { readonly kind: 'fault' }

export interface Line {
  send(frame: Uint8Array): void
  /** What comes next, when the patience of the door has passed at the latest. */
  hear(): Promise<Answer>
}

/** For the length of one word. */
export interface Visit {
  /** A new connection. Throws Unreachable. */
  open(): Promise<Line>
  /** All connections are closed, and the server may forget them. */
  end(): Promise<void>
}

export interface Door {
  visit(): Visit
}

const LINGER_MS = 100

export class TcpDoor implements Door {
  readonly #target: Target
  /** Silence means something only after so many milliseconds. */
  patienceMs: number
  /** The longest that anything but silence took. */
  slowestMs = 0

  constructor(target: Target, patienceMs: number) {
    this.#target = target
    this.patienceMs = patienceMs
  }

  async #hear(peer: Peer): Promise<Heard> {
    const from = performance.now()
    const heard = await peer.hear(this.patienceMs)
    if (heard.kind !== 'silence') this.slowestMs = Math.max(this.slowestMs, performance.now() - from)
    return heard
  }

  visit(): Visit {
    const peers: Peer[] = []
    return {
      open: async () => {
        const peer = await this.#target.open()
        peers.push(peer)
        return { send: (frame) => peer.send(frame), hear: () => this.#hear(peer) }
      },
      async end() {
        for (const p of peers) p.leave()
        await Promise.all(peers.map((p) => Promise.race([p.gone, pause(LINGER_MS)])))
      },
    }
  }
}

/** What a server within this process has sent on a connection, and whether it has ended it. */
class Queue implements Line {
  readonly heard: Uint8Array[] = []
  closed = false
  #fault = false
  readonly #give: (frame: Uint8Array) => void

  constructor(give: (frame: Uint8Array) => void) {
    this.#give = give
  }

  send(frame: Uint8Array): void {
    if (this.closed) return
    try {
      this.#give(frame)
    } catch {
      this.#fault = true
    }
  }
  async hear(): Promise<Answer> {
    const bytes = this.heard.shift()
    if (bytes !== undefined) return { kind: 'frame', bytes }
    if (this.#fault) return { kind: 'fault' }
    return this.closed ? { kind: 'closed', how: 'clean' } : { kind: 'silence' }
  }
}

export interface Within {
  readonly keyring: ReadonlyMap<number, Uint8Array>
  readonly seed: number
  /** Of a party that does not report how sessions end nobody can tell; then it is not asked of others either. */
  readonly showsEnds: boolean
}

/** A server as a party, made anew for every word, with the same random bytes each time. */
export const toParty = (make: MakeParty, mode: Mode, { keyring, seed, showsEnds }: Within): Door => ({
  visit() {
    const lines: Queue[] = []
    const party = make(
      {
        send(at, frame) {
          const line = lines[at.n]
          if (line === undefined || line.closed) return false
          line.heard.push(frame.slice())
          return true
        },
        report(r) {
          const line = lines[r.at.n]
          if (showsEnds && r.on === 'ended' && line !== undefined) line.closed = true
        },
        rng: (at) => stream(seed, endName(at)),
      },
      { side: 'server', mode, keyring, limits: LIMITS, challenge: 'fresh' },
    )
    return {
      async open() {
        const at = { side: 'server', n: lines.length } as const
        const line = new Queue((frame) => party.receive(at, framed(frame), 0))
        lines.push(line)
        party.open(at, 0, 0)
        return line
      },
      async end() {},
    }
  },
})

const LATER_S = 3_600

/**
 * A server as DIALECTS records it. `expects`: how many submissions it waits for, where it waits for all; null: it answers
 * whoever is alone, so whatever it waits for beside clients has passed when somebody listens.
 */
export const toDialect = (
  followers: Followers,
  expects: number | null,
  { keyring, seed }: Omit<Within, 'showsEnds'>,
): Door => ({
  visit() {
    const server = new DialectServer({ followers, keyring, expects: expects ?? 1 })
    let opened = 0
    let seconds = 0
    return {
      async open() {
        const line = server.accept({
          send(frame) {
            queue.heard.push(frame)
            return true
          },
          random: stream(seed, `s${opened++}`),
          accepted() {},
          rejected() {},
          ended() {
            queue.closed = true
          },
        })
        const queue = new Queue((frame) => {
          server.receive(line, enframe(followers.dialect.framing, frame), seconds)
          if (expects !== null) return
          seconds += LATER_S
          server.tick(seconds)
        })
        return queue
      },
      async end() {},
    }
  },
})
