/**
 * Actions played one by one against a server elsewhere, as they are thought of: the interpreter of `prop`, its clients
 * in this process, the server's connections over TCP. All that happened is kept as a schedule.
 */
import { type Dialect, PROTOCOL } from '../../../../spec/dialects/dialect.ts'
import { opcodeIn } from '../../../../spec/dialects/opcodes.ts'
import { judge } from '../../../../spec/dialects/reactions.ts'
import { Reassembler } from '../../../../spec/dialects/stream.ts'
import { type Event, type FrameId, type Reason, sameEnd } from '../../../../spec/events.ts'
import type { Action, End, Mode, Schedule } from '../../../../spec/language.ts'
import { OP } from '../../../../spec/opcodes.ts'
import { parseHeader } from '../../../../spec/reference/frame.ts'
import { type FrameLine, frameBook } from '../../../harness/attack/frames.ts'
import { GOALS, unjudged } from '../../../harness/attack/goals.ts'
import { type Finding, MonitorSet, Monitors } from '../../../harness/judging/monitors.ts'
import { dialectClients } from '../../../harness/parties/dialect.ts'
import { changed, type MakeParty } from '../../../harness/parties/party.ts'
import { srcParty } from '../../../harness/parties/src.ts'
import { tcpServer } from '../../../harness/parties/tcp-server.ts'
import { drawing } from '../../../harness/trace/ladder.ts'
import { inWorld } from '../../../harness/world/foreign.ts'
import type { Endpoint } from '../../../harness/world/ledger.ts'
import { Player } from '../../../harness/world/play.ts'
import { type System, systemOf } from '../../../harness/world/system.ts'

export interface Target {
  readonly host: string
  readonly port: number
  readonly mode: Mode
  /** What it speaks; null: PROTOCOL in this mode. */
  readonly dialect: Dialect | null
  readonly keyring: ReadonlyMap<number, Uint8Array>
  readonly seed: number // of the clients' random bytes
}

/** An action that was played. */
export interface Done {
  readonly action: Action
  /** The claim of PROTOCOL §9 that it attacks; null: what an honest party or network does. */
  readonly claim: number | null
}

/** A complete frame, judged by the reference; `frame` null: a length prefix that no frame can have. */
export interface Judged {
  readonly frame: Uint8Array | null
  readonly opcode: number // 0: there is no frame
  readonly reason: Reason | null // null: it passes every check
  readonly session: boolean // false: a server's connection before its HELLO
  readonly round: number // that the receiver is in
}

/** What reached an endpoint, judged at that moment, and what happened from then until the next primitive action. */
export interface Delivery {
  readonly at: End
  readonly gone: boolean // the endpoint had ended before: nobody reads it
  readonly first: Judged | null // null: no frame is complete
  readonly more: number // frames after it in the same chunk: what they meet depends on the answer to the first
  readonly held: number // bytes of a frame that is not complete yet
  /** Its server speaks a dialect, which sets how it reacts. */
  readonly stranger: boolean
  readonly events: readonly Event[]
}

/** What one action, or the time between two, has brought about. */
export interface Happened {
  readonly lines: readonly string[] // drawn
  readonly deliveries: readonly Delivery[]
  readonly events: readonly Event[]
  readonly findings: readonly Finding[] // invariants and goals that broke just now
}

export class RemotePlay {
  readonly target: Target
  readonly done: Done[] = []
  /** What both sides speak, as in a world (foreign.ts). */
  readonly spoken: Dialect
  readonly #player: Player
  readonly #server: ReturnType<typeof tcpServer>
  readonly #drawn: ReturnType<typeof drawing>
  /** Judges for an adversary without and with keys of clients. */
  readonly #judges: readonly [Monitors, Monitors]
  #events: Event[] = []
  #deliveries: (Omit<Delivery, 'events'> & { readonly from: number })[] = []
  #findingsShown = [0, 0]
  #linesShown = 0

  /** `columns`: what every drawn line, indented by 2, fits into. */
  constructor(target: Target, columns?: number) {
    this.target = target
    const clients = [...target.keyring.keys()]
    const schedule: Schedule = {
      version: 1,
      seed: target.seed,
      mode: target.mode,
      powers: 'NI',
      setup: { clients, insiders: clients, challenge: 'fresh', startRound: 1, limits: {} },
      actions: [],
    }
    const { dialect } = target
    this.spoken = dialect === null ? PROTOCOL[target.mode] : inWorld(dialect)
    this.#server = tcpServer(target, undefined, dialect ?? undefined)
    const clientParty = dialect === null ? srcParty : dialectClients(dialect)
    this.#drawn = drawing(schedule, columns && columns - 2)
    const system: System = {
      ...systemOf('a server over TCP', this.#watched(clientParty), this.#watched(this.#server.party)),
      keyring: target.keyring,
      ...(dialect !== null && { dialect }),
    }
    // C4 asks whether IVs were drawn, which nobody can tell of a server with a generator of its own
    const monitors = GOALS.filter((g) => g.id !== 'C4' && (dialect === null || unjudged(g.id, dialect) === null))
    this.#judges = [
      new Monitors(new MonitorSet(monitors, 'NF', system)),
      new Monitors(new MonitorSet(monitors, 'NIF', system)),
    ]
    this.#player = new Player(schedule, system, (e) => {
      for (const judge of this.#judges) {
        const known = judge.findings.length
        judge.observe(e, this.world.ledger)
        // what clients of a dialect do is our own doing
        if (dialect !== null && 'at' in e && e.at.side === 'client') judge.findings.splice(known)
      }
      this.#drawn.see(e)
      this.#events.push(e)
    })
  }

  get world() {
    return this.#player.world
  }

  /** The ids that there are keys of, as the actions count them. */
  get clients(): readonly number[] {
    return this.world.schedule.setup.clients
  }

  /** Frames that endpoints sent, decoded; without `ids` all, each once, in the order of sending. */
  frames = (ids: readonly FrameId[] = this.world.wire.frames.map((f) => f.id)): readonly FrameLine[] =>
    frameBook(this.world, new Set(ids))

  /** Plays one action and waits until the server is quiet. */
  async act(action: Action, claim: number | null): Promise<Happened> {
    const playing = this.#player.step(this.done.length, action)
    while (!playing.next().done) await this.#server.quiet()
    // without a step there was nothing to act on
    if (this.#events.some((e) => e.on === 'step')) this.done.push({ action, claim })
    return this.#happened()
  }

  /** What the server has done of its own accord since the last action. */
  async meanwhile(): Promise<Happened> {
    await this.#server.quiet()
    this.world.poll()
    this.world.flush()
    return this.#happened()
  }

  /** Breaks every connection. */
  leave(): void {
    this.#server.disconnect()
  }

  /** The other end of a session: the one with the same HELLO, rather a live one; null: there is none. */
  partner(at: End): Endpoint | null {
    const me = this.world.ledger.endpoint(at)
    const others = at.side === 'client' ? this.world.ledger.servers : this.world.ledger.clients
    const fitting = others.filter((e) => me?.hello != null && e.hello === me.hello)
    const same = fitting.filter((e) => e.challenge === me?.challenge)
    return same.find((e) => !e.ended) ?? fitting.find((e) => !e.ended) ?? same[0] ?? fitting[0] ?? null
  }

  /** The same party; every delivery is judged before it hears of it. */
  #watched(make: MakeParty): MakeParty {
    return (host, setup) => {
      const streams = new Map<number, Reassembler>()
      const party = make(host, setup)
      return changed(party, {
        receive: (at, bytes, now) => {
          const stream = streams.get(at.n) ?? new Reassembler(this.spoken.framing)
          streams.set(at.n, stream)
          const gone = this.world.ledger.endpoint(at)?.ended ?? true
          const [piece, ...more] = gone ? [] : stream.push(bytes)
          const first = piece === undefined ? null : this.#judged(at, piece.kind === 'frame' ? piece.frame : null)
          const held = gone ? 0 : stream.buffered
          this.#deliveries.push({
            at,
            gone,
            first,
            more: more.length,
            held,
            stranger: this.target.dialect !== null,
            from: this.#events.length,
          })
          party.receive(at, bytes, now)
        },
      })
    }
  }

  #judged(at: End, frame: Uint8Array | null): Judged {
    const { ledger } = this.world
    const node = ledger.endpoint(at)?.node ?? null
    const opcode = frame === null ? 0 : opcodeIn(this.spoken, frame)
    const about = { frame, opcode, session: node !== null, round: node?.round ?? 0 }
    if (frame === null) return { ...about, reason: 'malformed' }
    const id = parseHeader(frame)?.id ?? 0
    // before its HELLO a connection judges by the initial keys of the client that the frame names
    const verdict = judge(frame, at.side, node ?? (this.target.keyring.has(id) ? ledger.start(id) : null), this.spoken)
    if (verdict.kind === 'bad') return { ...about, reason: verdict.reason }
    return { ...about, reason: opcode === OP.DATA && this.#superseded(at) ? 'superseded' : null }
  }

  /** PROTOCOL §7: whether a DATA on this connection comes too late for its session, which is older than another. */
  #superseded(at: End): boolean {
    const { ledger } = this.world
    const orderOf = (end: End): number => ledger.endpoint(end)?.order ?? -1
    const id = ledger.endpoint(at)?.id
    return ledger.submissions().some((x) => x.live && x.id === id && !sameEnd(x.at, at) && orderOf(x.at) > orderOf(at))
  }

  #happened(): Happened {
    const events = this.#events
    const deliveries = this.#deliveries.map(({ from, ...delivery }) => {
      const next = events.findIndex((e, i) => i >= from && e.on === 'step')
      return { ...delivery, events: events.slice(from, next < 0 ? events.length : next) }
    })
    this.#events = []
    this.#deliveries = []
    const lines = this.#drawn.lines.slice(this.#linesShown).map((l) => l.text)
    this.#linesShown = this.#drawn.lines.length
    const insider = this.done.some((d) => d.action.do === 'seal')
    const findings = this.#judges.map((j, i) => j.findings.slice(this.#findingsShown[i]))
    this.#findingsShown = this.#judges.map((j) => j.findings.length)
    return { lines, deliveries, events, findings: findings[insider ? 1 : 0]! }
  }
}
