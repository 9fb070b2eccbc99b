/** What one play of a case has: two client ids, honest sessions, reactions in words, and the arithmetic of the answers. */
import { setTimeout as pause } from 'node:timers/promises'
import { type Follower, sealedUnder, type Under } from '../../../spec/dialects/follower.ts'
import { opcodeIn } from '../../../spec/dialects/opcodes.ts'
import { writeData, writeHello } from '../../../spec/dialects/payload.ts'
import type { Body, Header } from '../../../spec/events.ts'
import { OP } from '../../../spec/opcodes.ts'
import { type Peer, Unreachable } from '../../harness/target/peer.ts'
import type { Target } from '../../harness/target/target.ts'
import { countedBy, isAbout, type Manners, numbersText, type Sums } from './arithmetic.ts'
import { type Closing, closingOf, Exchange, frameText, type Keyed, unfitText, unframedText } from './exchange.ts'

const LEAVING_MS = 40
const FORGETTING_MS = 5
const EVERYBODY = 6
const COMPANY: readonly number[] = [4] // what clients submit of whom nothing is asked

/** A case cannot be judged, since an honest part of it went wrong. */
export class Prerequisite extends Error {}

/** An honest client in its session. */
export interface Session {
  readonly id: number
  readonly peer: Peer
  readonly hello: Uint8Array
  position: Follower
  /** Before its last DATA. */
  previous: Follower
  /** Its client frames so far, in order: what somebody on the network has recorded. */
  readonly sent: Uint8Array[]
  /** Frames of the server so far. */
  readonly got: Uint8Array[]
  /** What was answered, by round. */
  readonly values: Map<number, readonly number[]>
  /** Its last DATA is not answered yet. */
  pending: boolean
  /** The same for those who submitted at once. */
  batch: number
  gone: boolean
}

/** What followed a strike. `accepted`: only an answer that opens as 20 or 40 under the right keys shows that. */
export interface Reaction {
  readonly accepted: boolean
  /** The first frame that came, where one came. */
  readonly frame: Uint8Array | null
  /** How its tag verifies. */
  readonly under: Under | null
  readonly open: boolean
  readonly text: string
}

export interface Round {
  readonly answered: boolean
  readonly body: Body | null
  readonly text: string
  /** Whether the numbers are those that the arithmetic of the dialect gives; null: that is not known. */
  readonly right: boolean | null
}

export class Trial extends Exchange {
  manners: Manners
  readonly x: number
  readonly y: number
  readonly #target: Target
  readonly #peers: Peer[] = []
  readonly #sessions: Session[] = []
  #batches = 0
  /** Where the frame of the case differs from its twin that is accepted; null: it has none. */
  difference: string | null = null
  /** The last DATA that an honest client could send. */
  honest: Uint8Array | null = null
  /** What became of the connection that was last asked how it takes a frame. */
  closing: Closing | null = null
  /** How many honest rounds come before what a case does. */
  rounds = 1
  /** False once an honest round of this trial was about something else: then numbers show nothing. */
  judgesNumbers = true

  /** `ids`: two of the keyring. */
  constructor(
    target: Target,
    keyed: Keyed,
    manners: Manners,
    ids: readonly [number, number],
    random: (bytes: number) => Uint8Array,
  ) {
    super(keyed, random)
    this.manners = manners
    ;[this.x, this.y] = ids
    this.#target = target
  }

  get maxConnections(): number {
    return this.#target.maxConnections
  }
  /** X, Y, then others that have keys: at most six. */
  get everybody(): readonly number[] {
    return [...new Set([this.x, this.y, ...this.keyring.keys()])].slice(0, EVERYBODY)
  }
  /** An id that the keyring does not hold. */
  get stranger(): number {
    for (let id = 200; ; id--) if (!this.keyring.has(id)) return id
  }
  /** How the program of the target ended, where it did. */
  get exit(): string | null {
    return this.#target.exit
  }
  alive(): Promise<boolean> {
    return this.#target.alive()
  }
  /** Whether an honest client gets in. A process that ends may still accept a connection, but answers no HELLO on it. */
  async serves(): Promise<boolean> {
    try {
      await this.login(this.x)
      return true
    } catch (e) {
      if (!(e instanceof Prerequisite || e instanceof Unreachable)) throw e
      await this.#target.settled()
      return this.#target.alive()
    }
  }

  async open(): Promise<Peer> {
    const n = this.#peers.length
    const peer = await this.#target.open((c) => this.crosses({ ...c, n }))
    this.#peers.push(peer)
    return peer
  }

  /** A frame of a client under its current keys, true to the protocol unless `change` or `rawPad` say otherwise. */
  seal(at: Follower, opcode: number, plaintext: Uint8Array, change: Partial<Header> = {}, rawPad?: Uint8Array) {
    return at.sealNext('c2s', opcode, plaintext, (bytes) => this.bytes(bytes), change, rawPad)
  }

  helloOf(id: number): Uint8Array {
    return this.seal(this.start(id), OP.HELLO, writeHello(this.dialect, id))
  }

  dataOf(s: Session, values: readonly number[]): Uint8Array {
    this.honest = this.seal(s.position, OP.DATA, writeData(this.dialect, values))
    return this.honest
  }

  /** Throws Prerequisite where the handshake does not come about. `peer`: an open connection, else a new one. */
  async login(id: number, peer?: Peer): Promise<Session> {
    const at = this.start(id)
    const hello = this.helloOf(id)
    const s = await this.greet(at, hello, peer ?? (await this.open()))
    if (typeof s === 'string') throw new Prerequisite(`the HELLO of an honest client: ${s}`)
    return s
  }

  /** Sends a HELLO; a session, or what came instead of a CHALLENGE. */
  async greet(at: Follower, hello: Uint8Array, peer: Peer): Promise<Session | string> {
    peer.send(hello)
    const position = at.after(hello)
    const heard = await peer.hear(this.manners.patienceMs)
    if (heard.kind !== 'frame') return unframedText(heard)
    const active = position.after(heard.bytes)
    if (active === position) return frameText(heard.bytes, position, at) + unfitText(heard.bytes, position)
    const s: Session = {
      ...{ id: at.id, peer, hello, position: active, previous: position, sent: [hello], got: [heard.bytes] },
      ...{ values: new Map(), pending: false, batch: 0, gone: false },
    }
    this.#sessions.push(s)
    return s
  }

  /** One honest exchange, or one with a frame that is as good as honest. */
  async round(s: Session, values: readonly number[], frame = this.dataOf(s, values)): Promise<Round> {
    this.submit(s, values, frame)
    return this.answer(s)
  }

  /** `values`: what the frame says, so that answers can be judged. */
  submit(s: Session, values: readonly number[], frame = this.dataOf(s, values)): void {
    s.values.set(s.position.round, values)
    s.sent.push(frame)
    s.peer.send(frame)
    s.previous = s.position
    s.position = s.position.after(frame)
    s.pending = true
    s.batch = ++this.#batches
  }

  /** The answer to what was submitted last. */
  async answer(s: Session): Promise<Round> {
    const round = Buffer.from(s.sent.at(-1)!).readUInt32BE(2)
    const before = s.position
    const heard = await s.peer.hear(this.manners.patienceMs)
    const none = (text: string): Round => {
      s.gone ||= heard.kind === 'closed'
      s.values.delete(round)
      return { answered: false, body: null, text, right: null }
    }
    if (heard.kind !== 'frame') return none(unframedText(heard))
    const { body } = before.opens(heard.bytes, 's2c')
    const after = before.after(heard.bytes)
    if (opcodeIn(this.dialect, heard.bytes) !== OP.RESPONSE || after === before)
      return none(frameText(heard.bytes, before, this.start(s.id)) + unfitText(heard.bytes, before))
    s.position = after
    s.pending = false
    s.got.push(heard.bytes)
    const text = numbersText(this.dialect, body)
    return { answered: true, body, text, right: this.#right(s, round, body) }
  }

  /** Each submits its values, then all are answered: whatever the server waits for, it has. */
  async together(all: readonly Session[], ...values: readonly (readonly number[])[]): Promise<readonly Round[]> {
    const { waits, atOnce, clients = 2 } = this.manners
    if (!waits && !atOnce) {
      const rounds: Round[] = []
      for (const [i, s] of all.entries()) rounds.push(await this.round(s, values[i]!))
      return rounds
    }
    for (const [i, s] of all.entries()) await this.#submitted(s, values[i]!)
    for (const s of all) s.batch = this.#batches
    const company = waits ? await this.#company(clients - all.length, (s) => !all.includes(s)) : []
    const rounds = await Promise.all([...all, ...company].map((s) => this.answer(s)))
    return rounds.slice(0, all.length)
  }

  /**
   * For a server that waits: all that a round takes submit, but for one on this connection (`places`: or several), so that
   * what is accepted there is answered.
   */
  async surround(peer: Peer, places = 1): Promise<void> {
    const { waits, clients = 2 } = this.manners
    if (waits) await this.#company(clients - places, (s) => s.peer !== peer)
  }

  /** So many who have submitted and are not answered yet: of the sessions that `may`, else of clients that come in. */
  async #company(count: number, may: (s: Session) => boolean): Promise<readonly Session[]> {
    const live = this.#sessions.filter((s) => !s.gone && !s.peer.closed)
    const those = live.filter(may).slice(0, Math.max(0, count))
    const free = [this.y, ...this.keyring.keys()].filter((id) => id !== this.x && !live.some((s) => s.id === id))
    for (const id of new Set(free)) if (those.length < count) those.push(await this.login(id))
    if (those.length < count)
      throw new Prerequisite(`a round takes ${this.manners.clients} clients: more than have keys`)
    for (const s of those) await this.#submitted(s, COMPANY)
    return those
  }

  /** Submits, unless what it has submitted is still to be answered. */
  async #submitted(s: Session, values: readonly number[]): Promise<void> {
    if (s.pending && s.peer.hasCome) await this.answer(s)
    if (!s.pending) this.submit(s, values)
  }

  /** Whether an answer to `s` is about what answers are about if `sums` says so; null: that is not known. */
  fits(sums: Sums, s: Session, round: number, body: Body): boolean | null {
    const live = this.#sessions.filter((o) => !o.gone)
    const counted = countedBy(sums, s, live, round)
    return counted === null || body.kind !== 'aggregate' ? null : isAbout(this.dialect, body, counted)
  }

  #right(s: Session, round: number, body: Body): boolean | null {
    return this.judgesNumbers ? this.fits(this.manners.sums, s, round, body) : null
  }

  /** What comes after a strike on this connection, judged at the position of the client before it. */
  async reaction(peer: Peer, at: Follower, patienceMs = this.manners.patienceMs): Promise<Reaction> {
    const start = this.start(at.id)
    const first = await peer.hear(patienceMs)
    this.closing = closingOf(first)
    if (first.kind !== 'frame')
      return { accepted: false, frame: null, under: null, open: first.kind === 'silence', text: unframedText(first) }
    const under = sealedUnder(first.bytes, at, start)
    const opcode = opcodeIn(this.dialect, first.bytes)
    const opens = at.opens(first.bytes, 's2c').padOk
    const begun = opcode === OP.CHALLENGE && under === 'initial' // a session begins anew
    const accepted = begun || ((opcode === OP.CHALLENGE || opcode === OP.RESPONSE) && opens)
    const what = `answers ${frameText(first.bytes, at, start)}`
    if (accepted) return { accepted, frame: first.bytes, under, open: true, text: what }
    this.closing = closingOf(await peer.hear(patienceMs))
    const open = this.closing === 'open'
    return { accepted, frame: first.bytes, under, open, text: `${what}, ${open ? 'stays open' : 'closes'}` }
  }

  /** A session that its client leaves, silently. */
  leave(s: Session): void {
    s.gone = true
    s.peer.leave()
  }

  /** Whatever is open is closed; resolves when the server has closed it too, or has had its time. */
  async end(): Promise<void> {
    for (const p of this.#peers) p.leave()
    await Promise.race([Promise.all(this.#peers.map((p) => p.gone)), pause(LEAVING_MS)])
    await pause(FORGETTING_MS)
  }
}
