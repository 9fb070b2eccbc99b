/**
 * The in-memory network between two parties, and the one canonical order in which it emits what happens on it: a
 * delivered frame, its acceptance or rejection, the frames it caused, the receiver's committed change, the ends of
 * other sessions. Parties may report these in another order; the trace is the same (property TWIN).
 */
import type { EndedBy, Event, FrameId, Told, View } from '../../../spec/events.ts'
import type { End, Schedule, Side } from '../../../spec/language.ts'
import { isControl, OP } from '../../../spec/opcodes.ts'
import { forkOf, type Host, LateFork, type Party, type Report } from '../parties/party.ts'
import { thrown } from '../terminal/text.ts'
import { answeredBy, headerOf, ownHeader, spokenBy } from './foreign.ts'
import { type Endpoint, PlayLedger } from './ledger.ts'
import { type Piece, Pieces } from './pieces.ts'
import { Recent } from './recent.ts'
import { Draws, keyringOf, masterKey } from './rng.ts'
import { playable, type System } from './system.ts'
import { changedView, toldOf, viewOf } from './views.ts'
import { Watch } from './watch.ts'
import { type NameTable, Wire, type WireFrame, wrap } from './wire.ts'

type Aside = NonNullable<System['aside']>

export class World implements Host {
  readonly wire: Wire
  readonly ledger: PlayLedger
  readonly watch: Watch
  readonly schedule: Schedule
  /** Actions that this system cannot carry out: they do nothing, to whichever side. */
  readonly lacks: ReadonlySet<string>
  readonly #observe: (e: Event) => void
  readonly parties: Readonly<Record<Side, Party>>
  readonly #draws: Draws
  readonly #rawViews = new Map<Endpoint, View<Uint8Array> | null>()
  /** Sends that failed, frames sent, and ends of other sessions that wait for the verdict on the frame that caused them. */
  readonly #refused: End[] = []
  readonly #unsaid: { readonly e: Endpoint; readonly frame: WireFrame }[] = []
  readonly #leaving: { readonly e: Endpoint; readonly by: EndedBy }[] = []
  #opening: Endpoint | null = null
  readonly #pieces: Pieces
  readonly #recent: Readonly<Record<Side, Recent>> = { client: new Recent(), server: new Recent() }
  /** ms since the start of the schedule. */
  now = 0

  /**
   * `names`: shared by worlds whose events are compared, so that equal bytes have equal names in all of them. `base`: a
   * world at rest, of the same system, that this one goes on from and leaves as it is; its `names` are then its own.
   */
  constructor(
    schedule: Schedule,
    system: System,
    observe: (e: Event) => void,
    names: NameTable,
    base: World | null = null,
  ) {
    this.schedule = playable(schedule, system)
    this.lacks = system.lacks
    this.wire = new Wire(names, base?.wire)
    this.watch = new Watch(base?.watch)
    this.#draws = new Draws(schedule.seed, (at, raw) => this.watch.drawn(at, raw), base === null ? null : base.#draws)
    this.#observe = observe
    const { challenge, startHello: hellos = 0, startRound, clients, insiders } = this.schedule.setup
    const keyring = system.keyring ?? keyringOf(clients, insiders)
    const master = (id: number): Uint8Array => keyring.get(id) ?? masterKey(id)
    this.ledger = new PlayLedger(schedule, this.wire, master, base?.ledger, spokenBy(system, schedule))
    this.#pieces = new Pieces(this.ledger.dialect)
    const common = { mode: schedule.mode, keyring, limits: this.ledger.limits, challenge, hellos, startRound }
    const made = (side: Side): Party => system[side](this, { ...common, side })
    this.parties =
      base === null
        ? { client: made('client'), server: made('server') }
        : this.#continue(base, system.aside ?? ((act) => act()))
  }

  /** Takes over everything but the ledger and the network; what endpoints show is no news. */
  #continue(base: World, aside: Aside): Readonly<Record<Side, Party>> {
    this.now = base.now
    for (const side of ['client', 'server'] as const)
      for (const e of base.#recent[side].all) this.#recent[side].touch(this.ledger.endpoint(e.at)!)
    return { client: this.#forked(base, 'client', aside), server: this.#forked(base, 'server', aside) }
  }

  #forked(base: World, side: Side, aside: Aside): Party {
    const known = (party: Party): Party => {
      for (const e of side === 'client' ? this.ledger.clients : this.ledger.servers)
        if (e.view !== null) this.#rawViews.set(e, party.view(e.at))
      return party
    }
    const shown = aside(() => known(base.parties[side]))
    return new LateFork(shown, (party) => aside(() => known(forkOf(party, this))))
  }

  // Host, called by the parties

  send(at: End, bytes: Uint8Array): boolean {
    const e = this.ledger.endpoint(at)
    if (e === undefined || e.closed) return false
    if (e.failSend) {
      e.failSend = false
      this.#refused.push(e.at)
      if (this.#pieces.receiver !== e || this.#pieces.judged) this.#say(true)
      return false
    }
    this.#unsaid.push({ e, frame: this.wire.add(e.at, bytes) })
    return true
  }

  rng(at: End): (bytes: number) => Uint8Array {
    return this.#draws.of(at)
  }

  ahead(at: End, draws: number): readonly Uint8Array[] | null {
    return (this.ledger.endpoint(at)?.takes ?? true) ? this.#draws.ahead(at, draws) : null
  }

  readonly answered: NonNullable<Host['answered']> = (at, frames, answer) =>
    answeredBy(answer, frames, (id) => this.ledger.endpoint(at)?.node ?? this.ledger.start(id))

  report(r: Report): void {
    const e = this.ledger.endpoint(r.at)
    if (e === undefined) return
    switch (r.on) {
      case 'accepted':
        this.#accepted(e, this.wire.frameNames.of(r.frame), r.frame, r.told ?? null)
        return
      case 'rejected': {
        const frame = r.frame === null ? null : this.wire.frameNames.of(r.frame)
        this.#delivered(e, frame)
        const header = r.frame === null ? null : ownHeader(this.ledger.dialect, r.frame)
        this.#pieces.verdict(e, 'rejection')
        this.emit({ on: 'rejected', at: e.at, frame, header, reason: r.reason })
        return
      }
      case 'ended':
        // Its party cannot show its state before it is open; or it ends by a frame whose verdict is still to come.
        if (
          (this.#opening === e && this.#pieces.receiver !== e) ||
          this.#pieces.awaited(e, r.by, this.#unsaid.length > 0)
        ) {
          this.#leaving.push({ e, by: r.by })
          return
        }
        this.#say(true)
        // PROTOCOL §4: where the answer cannot be sent, or the round cannot be left, the frame gets no verdict.
        if (this.#pieces.receiver === e && (r.by === 'fault' || r.by === 'finish'))
          for (const p of this.#pieces.take(1)) this.#announce(e, p)
        this.flush()
        this.#end(e, r.by)
        return
      case 'primitive': {
        if (r.op === 'hmac' || r.op === 'encrypt') return // no monitor asks for them, and there are many
        const during = r.op === 'decrypt' ? this.#pieces.holding(r.data) : null
        this.emit({ on: 'primitive', at: e.at, op: r.op, key: this.wire.keyNames.of(r.key), during })
        return
      }
    }
  }

  emit(e: Event): void {
    this.#observe(e)
  }

  #answers(): boolean {
    return this.#unsaid.some((u) => headerOf(this.ledger.dialect, u.frame.bytes).opcode === OP.RESPONSE)
  }

  /** Announces the pieces up to the one that the party has judged. */
  #delivered(e: Endpoint, judged: FrameId | null): void {
    for (const p of this.#pieces.upTo(judged)) this.#announce(e, p)
  }

  #announce(e: Endpoint, p: Piece): void {
    const senders = p.frame === null ? [] : this.ledger.senders(p.frame)
    const origin = senders.length === 0 ? 'altered' : senders.some((s) => s.by !== null) ? 'genuine' : 'sealed'
    this.emit({ on: 'delivered', at: e.at, frame: p.frame, header: p.header, origin })
  }

  #accepted(e: Endpoint, frame: FrameId, bytes: Uint8Array, told: Told | null): void {
    const header = headerOf(this.ledger.dialect, bytes)
    if (this.ledger.isLast(e, frame, header) && !this.#answers()) return // it has no effect, so it is no acceptance
    this.#delivered(e, frame)
    this.#pieces.verdict(e, isControl(header.opcode) ? 'peer' : null)
    this.emit({ on: 'accepted', at: e.at, frame, header, before: e.view })
    this.ledger.acceptedBy(e, frame, header)
    this.#say()
    if (told !== null) this.emit({ on: 'told', at: e.at, frame, header, told: toldOf(told) })
    this.commit(e) // before the sessions that it supersedes end
    this.flush()
  }

  #end(e: Endpoint, by: EndedBy): void {
    this.commit(e)
    this.ledger.end(e)
    this.emit({ on: 'ended', at: e.at, by })
  }

  /** Emits what was held back. */
  flush(): void {
    this.#say()
    for (const { e, by } of this.#leaving.splice(0)) this.#end(e, by)
  }

  /** Emits what waited for the verdict. `refused`: nothing but sends that failed. */
  #say(refused = false): void {
    for (const at of this.#refused.splice(0)) this.emit({ on: 'unsent', at })
    for (const { e, frame } of refused ? [] : this.#unsaid.splice(0)) {
      const header = headerOf(this.ledger.dialect, frame.bytes)
      const body = this.ledger.sent(e, frame.id, header)
      const exposes = this.watch.exposes(frame.bytes)
      const { at } = e
      const { id, bytes } = frame
      const iv = this.watch.iv(at, bytes, this.parties[at.side].ownRng === true)
      this.emit({ on: 'sent', at, frame: id, header, body, bytes: bytes.length, iv, exposes })
      for (const x of this.watch.exposed([frame])) this.emit({ on: 'exposed', ...x })
    }
  }

  /** Emits the change of an endpoint's public state, if there is one. */
  commit(e: Endpoint): void {
    const shown = this.#view(e)
    if (shown === null) return
    const { startRound } = this.schedule.setup
    const moves = startRound !== 1 && shown.view.phase === 'ACTIVE' && e.view?.phase !== 'ACTIVE'
    if (moves) {
      this.ask(e.at, () => this.parties[e.at.side].setRound?.(e.at, startRound), undefined)
      e.setRound(startRound)
    }
    const now = moves ? this.#view(e) : shown
    if (now === null) return
    this.#rawViews.set(e, now.raw)
    const before = e.view
    const view = changedView(now.view, (k) => this.wire.keyNames.of(k), before)
    if (view === null) return // shown anew, and nothing changed
    e.view = view
    this.emit({ on: 'committed', at: e.at, before, view })
  }

  /** As `ask`, without a function: every endpoint is asked after every action. Null: nothing, or what was shown before. */
  #view(e: Endpoint): { readonly raw: View<Uint8Array>; readonly view: View<Uint8Array> } | null {
    try {
      const raw = this.parties[e.at.side].view(e.at) ?? null
      return raw === null || raw === this.#rawViews.get(e) ? null : { raw, view: viewOf(raw) }
    } catch (error) {
      this.fault(e.at, error)
      return null
    }
  }

  /** An exception escaped from the party of this endpoint. */
  fault(at: End, error: unknown): void {
    this.emit({ on: 'fault', at, error: thrown(error) })
  }

  /** What a party answers; where it throws, a fault and `otherwise`. */
  ask<T>(at: End, act: () => T, otherwise: T): T {
    try {
      return act()
    } catch (error) {
      this.fault(at, error)
      return otherwise
    }
  }

  /** Stream bytes reach an endpoint. */
  receive(e: Endpoint, chunk: Uint8Array): void {
    for (const p of e.ended ? [] : e.stream.push(chunk)) this.#pieces.push(p, (frame) => this.wire.frameNames.of(frame))
    this.#pieces.feed(e)
    const party = this.parties[e.at.side]
    try {
      party.receive(e.at, chunk, this.now)
    } finally {
      if (party.poll === undefined) this.#received(e)
    }
  }

  /** The party has judged what it was fed. */
  #received(e: Endpoint): void {
    this.#pieces.feed(null)
    this.flush()
    this.commit(e)
    // what the party passed over in silence was delivered all the same, unless its session had ended
    const silent = this.#pieces.take()
    for (const p of e.ended ? [] : silent) this.#announce(e, p)
  }

  /** Takes over what parties elsewhere have done since they were last asked; nothing where there are none. */
  poll(): void {
    for (const side of ['client', 'server'] as const)
      this.ask({ side, n: 0 }, () => this.parties[side].poll?.(this.now), undefined)
    this.#opening = null
    if (this.#pieces.receiver !== null) this.#received(this.#pieces.receiver)
  }

  /** Starts a client run for `id`, or accepts a connection; `failSend`: the first thing it sends is refused. */
  open(side: Side, id: number, failSend = false): Endpoint {
    const n = side === 'client' ? this.ledger.clients.length : this.ledger.servers.length
    const e = this.ledger.open({ side, n }, side === 'client' ? id : null)
    e.failSend = failSend
    this.touch(e)
    this.opened(e, id)
    return e
  }

  /** Tells the party about an endpoint that the ledger has. */
  opened(e: Endpoint, id: number): void {
    this.emit({ on: 'opened', at: e.at, id: e.id })
    this.#opening = e
    try {
      this.parties[e.at.side].open(e.at, id, this.now)
    } finally {
      if (this.parties[e.at.side].poll === undefined) this.#opening = null
    }
    this.flush()
    this.commit(e)
  }

  /** Time passes; every timer of both sides may fire. */
  advance(ms: number): void {
    this.now += ms
    for (const side of ['client', 'server'] as const)
      this.ask({ side, n: 0 }, () => this.parties[side].tick(this.now), undefined)
  }

  /** A new server process; every connection is gone. */
  restart(sameRng: boolean): void {
    this.#draws.restart(this.ledger.servers.length, sameRng)
    if (sameRng) this.ledger.rngRepeats = true
    this.ask({ side: 'server', n: 0 }, () => this.parties.server.restart?.(this.now), undefined)
    for (const e of this.ledger.servers) {
      if (e.ended) continue
      e.closed = true
      e.view = null // a dead process has no state to show
      this.ledger.end(e)
      this.emit({ on: 'ended', at: e.at, by: 'fault' })
    }
  }

  /** By number, or by how recently it was used; numbers wrap. */
  find(at: End): Endpoint | null {
    const all = at.side === 'client' ? this.ledger.clients : this.ledger.servers
    if (at.n >= 0) return all[wrap(at.n, all.length) ?? 0] ?? null
    return this.#recent[at.side].at(at.n)
  }

  /** `e` is now the most recently used endpoint of its side. */
  touch(e: Endpoint): void {
    this.#recent[e.at.side].touch(e)
  }
}
