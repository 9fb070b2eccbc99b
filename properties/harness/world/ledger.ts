/** The history of one played schedule, as monitors may ask about it; keeps the passive tracker of every endpoint. */
import { type Dialect, isPrefixed, PROTOCOL } from '../../../spec/dialects/dialect.ts'
import { type Follower, Followers, type Opened } from '../../../spec/dialects/follower.ts'
import { Reassembler } from '../../../spec/dialects/stream.ts'
import type { Facts, FrameId, Header, Ledger, Sent, Submission, View } from '../../../spec/events.ts'
import { endName } from '../../../spec/events.ts'
import type { End, LimitName, Schedule } from '../../../spec/language.ts'
import { LIMITS } from '../../../spec/language.ts'
import { isControl, MAX_ROUND, OP } from '../../../spec/opcodes.ts'
import type { Wire } from './wire.ts'

/** Kept for the process: they cache initial keys per master key. */
const FOLLOWERS = { bound: new Followers(PROTOCOL.bound), literal: new Followers(PROTOCOL.literal) }

/** One endpoint: what it sent and accepted, and what PROTOCOL §4 makes of that. Facts, kept up to date in place. */
export class Endpoint implements Facts {
  readonly at: End
  id: number | null
  hello: FrameId | null = null
  challenge: FrameId | null = null
  view: View | null = null
  order: number | null = null
  ended = false
  /** Position in the transcript; null for a connection without an accepted HELLO. */
  node: Follower | null
  /** The node of the last committed exchange, and the one before it. */
  committed: Follower | null
  previous: Follower | null = null
  leaked: Follower | null = null
  failSend = false
  closed = false
  /** Bytes of a delivery that the adversary holds back. */
  rest = new Uint8Array(0)
  lastAccepted: FrameId | null = null
  /** The reference's own view of the byte stream towards this endpoint. */
  readonly stream: Reassembler
  readonly #ledger: PlayLedger

  constructor(ledger: PlayLedger, at: End, id: number | null, stream = new Reassembler(ledger.dialect.framing)) {
    this.#ledger = ledger
    this.at = at
    this.id = id
    this.node = id === null ? null : ledger.start(id)
    this.committed = this.node
    this.stream = stream
  }

  /** Whether the network takes the next frame that it sends. */
  get takes(): boolean {
    return !this.closed && !this.failSend
  }

  /** The same in another ledger; `moved` finds its nodes there. */
  copy(ledger: PlayLedger, moved: (node: Follower) => Follower): Endpoint {
    const e = new Endpoint(ledger, this.at, null, this.stream.copy())
    const { id, hello, challenge, view, order, ended, failSend, closed, rest, lastAccepted } = this
    const at = (node: Follower | null): Follower | null => (node === null ? null : moved(node))
    const nodes = { node: at(this.node), committed: at(this.committed), previous: at(this.previous) }
    const leaked = at(this.leaked)
    return Object.assign(e, nodes, {
      id,
      hello,
      challenge,
      view,
      order,
      ended,
      failSend,
      closed,
      rest,
      lastAccepted,
      leaked,
    })
  }

  get transcript(): string {
    return this.committed === null ? '' : this.#ledger.transcriptName(this.committed)
  }

  get expected(): View | null {
    return this.node === null ? null : this.#ledger.viewOf(this.node)
  }

  /** The keys and round that this endpoint's next outgoing or incoming frame is judged by. */
  direction(incoming: boolean): 'c2s' | 's2c' {
    return (this.at.side === 'server') === incoming ? 'c2s' : 's2c'
  }

  move(next: Follower): void {
    if (next === this.node) return
    this.node = next
    if (next.outstanding !== null) return
    this.previous = this.committed
    this.committed = next
  }

  /** A session restored from its public state in another round. */
  setRound(round: number): void {
    if (this.node === null) return
    const moved = this.#ledger.inRound(this.node, round)
    this.node = moved
    this.committed = moved
  }
}

export class PlayLedger implements Ledger {
  readonly mode
  readonly dialect: Dialect
  readonly powers
  readonly limits: Readonly<Record<LimitName, number>>
  readonly insiders: ReadonlySet<number>
  step = 0
  rngRepeats = false
  hasLeaked = false
  readonly clients: Endpoint[] = []
  readonly servers: Endpoint[] = []
  readonly #followers: Followers
  readonly #wire: Wire
  readonly #masterKey: (id: number) => Uint8Array
  readonly #senders = new Map<FrameId, Sent[]>()
  readonly #accepted = new Map<FrameId, number>()
  readonly #submissions: { -readonly [K in keyof Submission]: Submission[K] }[] = []
  readonly #starts = new Map<number, Follower>()
  readonly #rounds = new Map<Follower, Follower>()
  readonly #transcripts = new Map<Follower, string>()
  readonly #views = new Map<Follower, View>()
  #hellos = 0

  /**
   * `masterKey`: of any id; one that nobody knows has one too, to judge by. `base`: a history that this one goes on from
   * and leaves as it is, the tracker's nodes included.
   */
  constructor(
    s: Schedule,
    wire: Wire,
    masterKey: (id: number) => Uint8Array,
    base: PlayLedger | null = null,
    dialect: Dialect = PROTOCOL[s.mode],
  ) {
    this.#masterKey = masterKey
    this.mode = s.mode
    this.dialect = dialect
    this.#followers = dialect === PROTOCOL[s.mode] ? FOLLOWERS[s.mode] : new Followers(dialect)
    this.powers = s.powers
    this.limits = { ...LIMITS, ...s.setup.limits }
    this.insiders = new Set(s.setup.insiders)
    this.#wire = wire
    if (base !== null) this.#continue(base)
  }

  #continue(base: PlayLedger): void {
    const copies = new Map<Follower, Follower>()
    const moved = (node: Follower): Follower => node.copy(copies)
    for (const [id, node] of base.#starts) this.#starts.set(id, moved(node))
    for (const [node, other] of base.#rounds) this.#rounds.set(moved(node), moved(other))
    for (const e of base.clients) this.clients.push(e.copy(this, moved))
    for (const e of base.servers) this.servers.push(e.copy(this, moved))
    for (const [node, name] of base.#transcripts) this.#transcripts.set(moved(node), name)
    for (const [node, view] of base.#views) this.#views.set(moved(node), view)
    for (const [frame, sent] of base.#senders) this.#senders.set(frame, [...sent])
    for (const [frame, times] of base.#accepted) this.#accepted.set(frame, times)
    for (const s of base.#submissions) this.#submissions.push({ ...s })
    this.#hellos = base.#hellos
    this.step = base.step
    this.rngRepeats = base.rngRepeats
    this.hasLeaked = base.hasLeaked
  }

  open(at: End, id: number | null): Endpoint {
    const e = new Endpoint(this, at, id)
    const side = at.side === 'client' ? this.clients : this.servers
    side.push(e)
    return e
  }

  endpoint(at: End): Endpoint | undefined {
    return at.side === 'client' ? this.clients[at.n] : this.servers[at.n]
  }

  /** One node per client and schedule, so that all who share a transcript share its nodes. */
  start(id: number): Follower {
    let node = this.#starts.get(id)
    if (node === undefined) {
      node = this.#followers.start(id, this.#masterKey(id))
      this.#starts.set(id, node)
      // Named now: in `bound` no view shows the C2S keys, and a name must not depend on what a party tells of its inside.
      this.viewOf(node)
    }
    return node
  }

  inRound(node: Follower, round: number): Follower {
    let moved = this.#rounds.get(node)
    if (moved === undefined) {
      moved = node.withRound(round)
      this.#rounds.set(node, moved)
    }
    return moved
  }

  transcriptName(node: Follower): string {
    let name = this.#transcripts.get(node)
    if (name === undefined) {
      name = `t${this.#transcripts.size}`
      this.#transcripts.set(node, name)
    }
    return name
  }

  viewOf(node: Follower): View {
    let view = this.#views.get(node)
    if (view === undefined) {
      const [a, b, c, d] = node.keys.map((k) => this.#wire.keyNames.of(k))
      view = {
        id: node.id,
        phase: node.phase,
        round: node.round,
        confirmed: false,
        outstanding: node.outstanding !== null,
        keys: [a!, b!, c!, d!],
      }
      this.#views.set(node, view)
    }
    return view
  }

  /** Decodes a frame that `e` sends with the keys it should hold, and moves its tracker on. */
  sent(e: Endpoint, frame: FrameId, header: Header): Opened['body'] {
    const bytes = this.#wire.frameNames.bytes(frame)
    const body = e.node?.opens(bytes, e.direction(false)).body ?? { kind: 'sealed' as const }
    if (header.opcode === OP.HELLO && e.at.side === 'client') e.hello ??= frame
    if (header.opcode === OP.CHALLENGE && e.at.side === 'server') e.challenge ??= frame
    if (!isControl(header.opcode) && e.node !== null) e.move(e.node.after(bytes))
    const { hello, challenge } = e
    const answers = e.lastAccepted
    this.addSender({ by: e.at, id: e.id ?? 0, frame, header, body, hello, challenge, answers, step: this.step })
    return body
  }

  addSender(s: Sent): void {
    const known = this.#senders.get(s.frame)
    if (known) known.push(s)
    else this.#senders.set(s.frame, [s])
  }

  /** To be called after the monitors have seen the acceptance. */
  acceptedBy(e: Endpoint, frame: FrameId, header: Header): void {
    this.#accepted.set(frame, (this.#accepted.get(frame) ?? 0) + 1)
    const bytes = this.#wire.frameNames.bytes(frame)
    e.lastAccepted = frame
    if (e.at.side === 'server' && header.opcode === OP.HELLO && e.hello === null) {
      e.id = header.id
      e.hello = frame
      e.order = this.#hellos++
      e.node = this.start(header.id)
      e.committed = e.node
    }
    if (e.at.side === 'client' && header.opcode === OP.CHALLENGE) e.challenge ??= frame
    if (header.opcode === OP.DATA && e.at.side === 'server') this.#submit(e, bytes, header.round)
    if (!isControl(header.opcode) && e.node !== null) e.move(e.node.after(bytes))
  }

  #submit(e: Endpoint, bytes: Uint8Array, round: number): void {
    const id = e.id ?? 0
    const body = e.node?.opens(bytes, 'c2s').body
    // PROTOCOL §7: a first accepted DATA supersedes the confirmed session of the same id
    for (const s of this.#submissions) if (s.id === id && endName(s.at) !== endName(e.at)) s.live = false
    this.#submissions.push({ at: e.at, id, round, values: body?.kind === 'data' ? body.values : [], live: true })
  }

  end(e: Endpoint): void {
    e.ended = true
    for (const s of this.#submissions) if (endName(s.at) === endName(e.at)) s.live = false
  }

  senders(frame: FrameId): readonly Sent[] {
    return this.#senders.get(frame) ?? []
  }
  accepted(frame: FrameId): number {
    return this.#accepted.get(frame) ?? 0
  }
  facts(at: End): Facts | undefined {
    return this.endpoint(at)
  }
  connections(): readonly Facts[] {
    return this.servers
  }
  submissions(): readonly Submission[] {
    return this.#submissions
  }

  /** Of a frame, bytes. */
  get #least(): number {
    const { framing } = this.dialect
    return isPrefixed(framing) ? framing.min : 0
  }

  /** Whether it is the DATA of the round that cannot be left, which passes every check (PROTOCOL §4). */
  isLast(e: Endpoint, frame: FrameId, { opcode, round }: Header): boolean {
    const isOfRound = e.at.side === 'server' && opcode === OP.DATA && round === MAX_ROUND && e.expected?.round === round
    return isOfRound && this.verifies(frame, e.at)
  }

  /** Before its HELLO a connection judges by the initial keys of the client that the frame names. */
  verifies(frame: FrameId, at: End): boolean {
    const bytes = this.#wire.frameNames.bytes(frame)
    const e = this.endpoint(at)
    if (e === undefined || bytes.length < this.#least) return false
    const node = e.node ?? (bytes[1]! > 0 ? this.start(bytes[1]!) : null)
    return node?.verifies(bytes, e.direction(true)) ?? false
  }
}
