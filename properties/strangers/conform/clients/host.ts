/** What one play of a case has: a server's port of our own, the clients that come to it, and their reactions in words. */
import { createServer, type Server } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import type { Dialect } from '../../../../spec/dialects/dialect.ts'
import type { Follower, Followers } from '../../../../spec/dialects/follower.ts'
import { opcodeIn } from '../../../../spec/dialects/opcodes.ts'
import { writeChallenge, writeResponse } from '../../../../spec/dialects/payload.ts'
import type { Header } from '../../../../spec/events.ts'
import { OP, opcodeName } from '../../../../spec/opcodes.ts'
import { same } from '../../../../spec/reference/bytes.ts'
import { type Crossing, Peer } from '../../../harness/peer.ts'
import { type Crossed, drawn, randomBytes } from '../exchange.ts'
import { Prerequisite } from '../trial.ts'
import type { Launch, Launched } from './launch.ts'

/** What every play of a run of conform has. */
export interface Stage {
  readonly followers: Followers
  readonly keyring: ReadonlyMap<number, Uint8Array>
  readonly launch: Launch
  /** What the client is to submit, a line each. */
  readonly lines: readonly string[]
  /** How long it may wait for what does not come. */
  readonly givesUpMs: number
}

/** What an honest conversation has told of the client. */
export interface Habits {
  /** Silence means something only after so many milliseconds. */
  readonly patienceMs: number
  /** How many of the lines it submits in one run. */
  readonly rounds: number
}

/** One run of the client, as its server sees it. */
export interface Guest {
  readonly id: number
  readonly peer: Peer
  readonly process: Launched
  position: Follower
  /** Frames of the client, in order; the last is what awaits an answer. */
  readonly got: Uint8Array[]
  /** Of its last DATA. */
  values: readonly number[]
}

/** What a client does after a frame. `accepted`: a DATA follows, which an honest client sends only when it took the frame. */
export interface Reaction {
  readonly accepted: boolean
  readonly frame: Uint8Array | null
  readonly open: boolean
  readonly text: string
}

const START_MS = 15_000
const SETTLE_MS = 1_000
const TELLS_MS = 2_000

/** A DATA came where one was due, and is none here: no habit of a client, and nothing that follows is read. */
export class Unread extends Prerequisite {}

export class Host {
  readonly dialect: Dialect
  readonly habits: Habits
  readonly givesUpMs: number
  /** Of which DATA a case takes the place of the answer. */
  round = 1
  readonly #lines: readonly string[]
  readonly #followers: Followers
  readonly #keyring: ReadonlyMap<number, Uint8Array>
  readonly #launch: Launch
  readonly #random: (bytes: number) => Uint8Array
  readonly #id: number
  readonly #server: Server
  readonly #guests: Guest[] = []
  readonly #processes: Launched[] = []
  readonly #waiting: Peer[] = []
  #wake: (() => void) | null = null
  readonly #crossed: Crossed[] = []
  readonly #printed: string[] = []
  #peers = 0
  #challenges = 0

  /** `random`: up to 32 bytes a call, from the seed of the run and the name of the case. Listens once `open` resolved. */
  constructor(of: Stage, habits: Habits, id: number, random: (bytes: number) => Uint8Array) {
    this.dialect = of.followers.dialect
    this.#followers = of.followers
    this.#keyring = of.keyring
    this.#launch = of.launch
    this.#lines = of.lines
    this.givesUpMs = of.givesUpMs
    this.habits = habits
    this.#id = id
    this.#random = random
    this.#server = createServer({ noDelay: true, allowHalfOpen: true }, (socket) => {
      const n = this.#peers++
      // Drawn as everywhere: from the client to the server is outward.
      const log = (c: Crossing): void => void this.#crossed.push({ ...c, inbound: !c.inbound, n })
      this.#waiting.push(Peer.over(socket, this.dialect, log))
      this.#wake?.()
    })
  }

  async open(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(0, '127.0.0.1', resolve)
    })
  }

  /** What crossed, in order, drawn; then what the client printed, once its runs are ended. */
  get exchange(): readonly string[] {
    return [...drawn(this.#crossed, this.#followers, this.#keyring), ...this.#printed]
  }

  /** A frame under another opcode, and nothing else changed: `change` is of numbers of PROTOCOL. */
  withOpcode(frame: Uint8Array, change: (opcode: number) => number): Uint8Array {
    return frame.with(0, this.dialect.opcodes.theirs[change(opcodeIn(this.dialect, frame))]!)
  }

  /** Random bytes, any number. */
  bytes(count: number): Uint8Array {
    return randomBytes(this.#random, count)
  }

  /** A run of the client up to its HELLO. Throws Prerequisite where that does not come. */
  async welcome(): Promise<Guest> {
    const port = (this.#server.address() as { port: number }).port
    const process = this.#launch(port, this.#id, this.#lines)
    this.#processes.push(process)
    const peer = await this.#connection(process)
    const heard = await peer.hear(START_MS)
    const start = this.#followers.start(this.#id, this.#keyring.get(this.#id)!)
    if (heard.kind !== 'frame')
      throw new Prerequisite(`no HELLO: ${heard.kind === 'closed' ? 'it closes' : heard.kind}`)
    const position = start.after(heard.bytes)
    if (opcodeIn(this.dialect, heard.bytes) !== OP.HELLO || position === start)
      throw new Prerequisite(
        `its first frame is no HELLO of client ${this.#id} under this key and dialect (${opcodeIn(this.dialect, heard.bytes)} of ${heard.bytes.length} bytes)`,
      )
    const guest: Guest = { id: this.#id, peer, process, position, got: [heard.bytes], values: [] }
    this.#guests.push(guest)
    return guest
  }

  async #connection(process: Launched): Promise<Peer> {
    let ended: string | null = null
    void process.ended.then((how) => {
      ended = how
      this.#wake?.()
    })
    const until = performance.now() + START_MS
    for (;;) {
      const peer = this.#waiting.shift()
      if (peer !== undefined) return peer
      const left = until - performance.now()
      const last = process.printed().at(-1)
      const words = last === undefined ? 'it printed nothing' : `it printed: ${last.slice(0, 200)}`
      if (ended !== null) throw new Prerequisite(`it ended before it connected (${ended}); ${words}`)
      if (left <= 0) throw new Prerequisite(`it does not connect within ${START_MS / 1_000} s; ${words}`)
      await Promise.race([setTimeout(left), new Promise<void>((resolve) => (this.#wake = resolve))])
    }
  }

  /** Whether a further connection comes; null: none. */
  async comesAgain(ms: number): Promise<string | null> {
    for (const until = performance.now() + ms; performance.now() < until; await setTimeout(20))
      if (this.#waiting.length > 0) return 'connects again'
    return null
  }

  /** A frame of the server under its current keys, true to the protocol unless `change` or `rawPad` say otherwise. */
  seal(g: Guest, opcode: number, plaintext: Uint8Array, change: Partial<Header> = {}, rawPad?: Uint8Array): Uint8Array {
    const { position } = g
    const header = { opcode, id: g.id, round: position.round, direction: this.dialect.directions.s2c, ...change }
    const iv = this.dialect.emptyOpcodes.includes(opcode) ? new Uint8Array(16) : this.bytes(16)
    return position.seal('s2c', header, plaintext, iv, rawPad)
  }

  challengeText(): Uint8Array {
    // Dialects that tell the time tell another one in each CHALLENGE, however fast they are made.
    const seconds = Date.now() / 1_000 + this.#challenges++
    return writeChallenge(this.dialect, seconds, (count) => this.bytes(count))
  }
  challengeFor(g: Guest): Uint8Array {
    return this.seal(g, OP.CHALLENGE, this.challengeText())
  }

  /** What the last DATA of a run adds up to, as if the client were alone. */
  answerText(g: Guest): Uint8Array {
    return writeResponse(this.dialect, g.values, 1)
  }
  answerFor(g: Guest): Uint8Array {
    return this.seal(g, OP.RESPONSE, this.answerText(g))
  }

  /** An honest frame of the server, after which an honest client submits; throws Prerequisite where it does not. */
  async exchangeWith(g: Guest, frame: Uint8Array): Promise<void> {
    g.peer.send(frame)
    g.position = g.position.after(frame)
    const heard = await g.peer.hear(this.habits.patienceMs)
    if (heard.kind !== 'frame')
      throw new Prerequisite(`after an honest ${opcodeName(opcodeIn(this.dialect, frame))}: ${heard.kind}`)
    const next = g.position.after(heard.bytes)
    if (opcodeIn(this.dialect, heard.bytes) !== OP.DATA || next === g.position) {
      const after = `after an honest ${opcodeName(opcodeIn(this.dialect, frame))}`
      const came = `${after}: ${opcodeIn(this.dialect, heard.bytes)} of ${heard.bytes.length} bytes`
      if (opcodeIn(this.dialect, heard.bytes) !== OP.DATA) throw new Prerequisite(came)
      throw new Unread(`${came}, a DATA that does not open under the keys and with the round that are due`)
    }
    const { body } = g.position.opens(heard.bytes, 'c2s')
    g.values = body.kind === 'data' ? body.values : []
    g.position = next
    g.got.push(heard.bytes)
  }

  /** A run in which `rounds` DATA have come, the last of them without its answer. */
  async session(rounds = 1): Promise<Guest> {
    const g = await this.welcome()
    await this.exchangeWith(g, this.challengeFor(g))
    for (let i = 1; i < rounds; i++) await this.exchangeWith(g, this.answerFor(g))
    return g
  }

  /** What comes after a strike. */
  async reaction(g: Guest, patienceMs = this.habits.patienceMs): Promise<Reaction> {
    const heard = await g.peer.hear(patienceMs)
    switch (heard.kind) {
      case 'closed':
        return { accepted: false, frame: null, open: false, text: heard.how === 'clean' ? 'closes' : 'resets' }
      case 'silence':
        return { accepted: false, frame: null, open: true, text: 'silence' }
      case 'nonsense':
        return { accepted: false, frame: null, open: true, text: 'answers what no frame begins with' }
      case 'frame': {
        const frame = heard.bytes
        const opcode = opcodeIn(this.dialect, frame)
        if (opcode === OP.DATA && g.got.some((f) => same(f, frame)))
          return { accepted: false, frame: null, open: true, text: 'sends the same DATA again' }
        const text = opcode === OP.DATA ? 'goes on with a DATA' : `answers ${opcode} of ${frame.length} bytes`
        return { accepted: opcode === OP.DATA, frame, open: true, text }
      }
    }
  }

  /** How a run ended, in the words of its program; numbers are left out, which differ from run to run. */
  async told({ peer, process }: Guest): Promise<string> {
    peer.leave() // it may wait for that
    const how = await Promise.race([process.ended, setTimeout(TELLS_MS, 'it runs on')])
    return [how, ...process.printed()].join('\n').replace(/(?<!code )\d+/g, '#')
  }

  /** A signal that ended a run, and that nobody here sent; null: none, as far as a moment shows. */
  async endedBySignal(): Promise<string | null> {
    for (const { peer, process } of this.#guests) {
      if (!peer.closed) continue
      peer.leave() // it may wait for that
      const how = await Promise.race([process.ended, setTimeout(SETTLE_MS, null)])
      if (how?.startsWith('SIG')) return how
    }
    return null
  }

  /** Whatever runs is ended. What it printed is part of the exchange. */
  end(): void {
    for (const p of this.#processes) {
      for (const line of p.printed()) this.#printed.push(`prints: ${line}`)
      p.stop()
    }
    for (const g of this.#guests) g.peer.leave()
    for (const p of this.#waiting) p.leave()
    this.#server.close()
  }
}
