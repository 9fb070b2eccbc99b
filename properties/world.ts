/**
 * The interpreter: plays a schedule against two parties over an in-memory network and emits events in one canonical
 * order: a delivered frame, its acceptance or rejection, the frames it caused, the committed change, the ends.
 */
import type { EndedBy, Event, FrameId, Header, View } from '../spec/events.ts'
import { sameEnd } from '../spec/events.ts'
import type { Action, End, Num, Pick, Schedule, Side } from '../spec/language.ts'
import { parseFrame, parseHeader } from '../spec/reference/frame.ts'
import { type Endpoint, PlayLedger } from './ledger.ts'
import type { Host, Party, Report } from './parties/party.ts'
import { KEYRING_IDS, masterKey, stream } from './random.ts'
import { forge } from './seal.ts'
import type { System } from './system.ts'
import { edited, framed, fromHex, Wire, type WireFrame, wrap } from './wire.ts'

/** A piece of the byte stream that the reference saw complete, waiting for the party's verdict. */
interface Piece {
  readonly frame: FrameId | null
  readonly header: Header | null
  readonly ciphertext: Uint8Array
}

/** Both ends of one faithful session. */
interface Pair {
  readonly run: Endpoint
  readonly connection: Endpoint
}

/** A primitive action with its names resolved, ready to be applied. */
interface Prepared {
  readonly action: Action
  readonly apply: () => void
  readonly target?: Endpoint
}

const number = (v: Num): number => (v === '-0' ? -0 : Number(v))

export class World implements Host {
  readonly wire = new Wire()
  readonly ledger: PlayLedger
  /** The primitive actions that had an effect, macros expanded, frames named by origin. */
  readonly executed: Action[] = []
  readonly #schedule: Schedule
  readonly #observe: (e: Event) => void
  readonly #parties: Readonly<Record<Side, Party>>
  readonly #rngs = new Map<string, (bytes: number) => Uint8Array>()
  readonly #rawViews = new Map<Endpoint, View<Uint8Array> | null>()
  /** Frames sent, and ends of other sessions, that wait for the verdict on the frame that caused them. */
  #held: { readonly e: Endpoint; readonly what: WireFrame | EndedBy }[] = []
  #receiving: Endpoint | null = null
  #pieces: Piece[] = []
  /** Endpoints of each side, the most recently used last. */
  readonly #recent: Readonly<Record<Side, Endpoint[]>> = { client: [], server: [] }
  #now = 0
  #epoch = { name: '', firstConnection: 0 }

  constructor(schedule: Schedule, system: System, observe: (e: Event) => void) {
    this.#schedule = schedule
    this.#observe = observe
    this.ledger = new PlayLedger(schedule, this.wire)
    const { mode, setup } = schedule
    const ids = new Set([...KEYRING_IDS, ...setup.clients, ...setup.insiders])
    const keyring = new Map([...ids].map((id) => [id, masterKey(id)]))
    const common = { mode, keyring, limits: this.ledger.limits, challenge: setup.challenge }
    this.#parties = {
      client: system.client(this, { ...common, side: 'client' }),
      server: system.server(this, { ...common, side: 'server' }),
    }
  }

  /** Yields after each action, so that a driver over real sockets can wait for quiet; in memory there is nothing to wait for. */
  *play(): Generator<'settle', void> {
    for (const [i, action] of this.#schedule.actions.entries()) {
      this.ledger.step = i
      if (action.do === 'converse') yield* this.#converse(action)
      else yield* this.#act(action)
    }
  }

  // Host, called by the parties

  send(at: End, bytes: Uint8Array): boolean {
    const e = this.ledger.endpoint(at)
    if (e === undefined || e.closed) return false
    if (e.failSend) {
      e.failSend = false
      this.#emit({ on: 'unsent', at: e.at })
      return false
    }
    this.#held.push({ e, what: this.wire.add(e.at, bytes) })
    return true
  }

  rng(at: End): (bytes: number) => Uint8Array {
    // After a restart a server counts its connections anew; with generator state reused its streams start again too.
    const n = at.side === 'server' ? at.n - this.#epoch.firstConnection : at.n
    const name = `${at.side === 'server' ? this.#epoch.name : ''}${at.side}${n}`
    const known = this.#rngs.get(`${at.side}${at.n}`)
    const rng = known ?? stream(this.#schedule.seed, name)
    this.#rngs.set(`${at.side}${at.n}`, rng)
    return rng
  }

  report(r: Report): void {
    const e = this.ledger.endpoint(r.at)
    if (e === undefined) return
    switch (r.on) {
      case 'accepted':
        return this.#accepted(e, this.wire.frameNames.of(r.frame), r.frame)
      case 'rejected': {
        const frame = r.frame === null ? null : this.wire.frameNames.of(r.frame)
        this.#delivered(e, frame)
        const header = r.frame === null ? null : parseHeader(r.frame)
        this.#emit({ on: 'rejected', at: e.at, frame, header, reason: r.reason })
        return
      }
      case 'ended':
        if (this.#receiving !== null && this.#receiving !== e) {
          this.#held.push({ e, what: r.by })
          return
        }
        this.#flush()
        return this.#end(e, r.by)
      case 'primitive': {
        if (r.op === 'hmac') return // no monitor asks, and there are many
        const during = r.op === 'decrypt' ? this.#holding(r.data) : null
        return this.#emit({ on: 'primitive', at: e.at, op: r.op, key: this.wire.keyNames.of(r.key), during })
      }
    }
  }

  // events

  #emit(e: Event): void {
    this.#observe(e)
  }

  /** The delivered frame whose ciphertext this is. */
  #holding(data: Uint8Array): FrameId | null {
    return this.#pieces.find((p) => Buffer.compare(p.ciphertext, data) === 0)?.frame ?? null
  }

  /** Announces the pieces up to the one that the party has judged. */
  #delivered(e: Endpoint, judged: FrameId | null): void {
    const upTo = this.#pieces.findIndex((p) => p.frame === judged)
    for (const p of this.#pieces.splice(0, upTo + 1)) this.#announce(e, p)
  }

  #announce(e: Endpoint, p: Piece): void {
    const senders = p.frame === null ? [] : this.ledger.senders(p.frame)
    const origin = senders.length === 0 ? 'altered' : senders.some((s) => s.by !== null) ? 'genuine' : 'sealed'
    this.#emit({ on: 'delivered', at: e.at, frame: p.frame, header: p.header, origin })
  }

  #accepted(e: Endpoint, frame: FrameId, bytes: Uint8Array): void {
    this.#delivered(e, frame)
    const header = parseHeader(bytes) ?? { opcode: -1, id: -1, round: -1, direction: -1 }
    this.#emit({ on: 'accepted', at: e.at, frame, header, before: e.view })
    this.ledger.acceptedBy(e, frame, header)
    this.#flush()
    this.#commit(e)
  }

  #end(e: Endpoint, by: EndedBy): void {
    this.#commit(e)
    this.ledger.end(e)
    this.#emit({ on: 'ended', at: e.at, by })
  }

  #flush(): void {
    const held = this.#held
    this.#held = []
    for (const { e, what } of held) {
      if (typeof what === 'string') {
        this.#end(e, what)
        continue
      }
      const header = parseHeader(what.bytes) ?? { opcode: -1, id: -1, round: -1, direction: -1 }
      const body = this.ledger.sent(e, what.id, header)
      this.#emit({ on: 'sent', at: e.at, frame: what.id, header, body, bytes: what.bytes.length })
    }
  }

  #commit(e: Endpoint): void {
    const party = this.#parties[e.at.side]
    let raw = party.view(e.at)
    if (raw === null || raw === (this.#rawViews.get(e) ?? null)) return
    const { startRound } = this.#schedule.setup
    if (raw.phase === 'ACTIVE' && e.view?.phase !== 'ACTIVE' && startRound !== 1 && party.setRound) {
      party.setRound(e.at, startRound)
      e.setRound(startRound)
      raw = party.view(e.at)
      if (raw === null) return
    }
    this.#rawViews.set(e, raw)
    const names = raw.keys?.map((k) => this.wire.keyNames.of(k))
    const keys = names ? ([names[0]!, names[1]!, names[2]!, names[3]!] as const) : null
    const before = e.view
    e.view = { ...raw, keys: before?.keys && keys?.every((k, i) => k === before.keys?.[i]) ? before.keys : keys }
    this.#emit({ on: 'committed', at: e.at, before, view: e.view })
  }

  // actions

  /** Plays one primitive action and emits its events, from `step` to `settled`. */
  *#act(action: Action): Generator<'settle', void> {
    const run = this.#prepare(action)
    if (run === null) return
    const target = run.target ?? null
    if (target !== null) this.#touch(target)
    this.executed.push(run.action)
    this.#emit({ on: 'step', step: this.ledger.step, action: run.action, target: target?.at ?? null })
    try {
      run.apply()
    } catch (error) {
      const at = target?.at ?? { side: 'server', n: 0 }
      this.#emit({ on: 'fault', at, error: error instanceof Error ? `${error.name}: ${error.message}` : String(error) })
    }
    yield 'settle'
    this.#flush()
    for (const e of this.ledger.clients) this.#commit(e)
    for (const e of this.ledger.servers) this.#commit(e)
    this.#emit({ on: 'settled', step: this.ledger.step })
  }

  /** Resolves names; null where there is nothing to act on. */
  #prepare(a: Action): Prepared | null {
    const { clients } = this.#schedule.setup
    switch (a.do) {
      case 'converse':
        return null // expanded before
      case 'connect': {
        const client = wrap(a.client, clients.length)
        if (client === null) return null
        return { action: { ...a, client }, apply: () => this.#open('client', clients[client]!) }
      }
      case 'submit': {
        const e = this.#client(a.run)
        if (e === null) return null
        const values = a.values.map(number)
        const submit = (): void => {
          const sent = this.#parties.client.submit?.(e.at, values, this.#now) ?? false
          this.#emit({ on: 'submitted', at: e.at, values, refused: !sent })
        }
        return { action: { ...a, run: e.at.n }, apply: submit, target: e }
      }
      case 'finish': {
        const e = this.#client(a.run)
        if (e === null) return null
        return { action: { ...a, run: e.at.n }, apply: () => this.#parties.client.finish?.(e.at, this.#now), target: e }
      }
      case 'deliver':
        return this.#deliver(a)
      case 'inject':
        return this.#feed(a, a.to, (to) => ({ action: { ...a, to }, chunks: [fromHex(a.hex)] }))
      case 'seal':
        return this.#feed(a, a.to, (to) => {
          const made = forge(this.ledger, this.wire, this.#schedule.seed, {
            ...a,
            as: this.#find(a.as)?.at ?? a.as,
            to,
          })
          return made && { action: made.action, chunks: [framed(made.bytes)], before: () => this.#emit(made.event) }
        })
      case 'close':
      case 'failSend':
      case 'leak':
        return this.#disturb(a.do, a.at)
      case 'advance':
        return { action: a, apply: () => this.#advance(Math.max(0, a.ms)) }
      case 'restart':
        return { action: a, apply: () => this.#restart(a.sameRng === true) }
    }
  }

  #deliver(a: Extract<Action, { do: 'deliver' }>): Prepared | null {
    const { side } = a.to
    const frame = this.wire.pick(a.frame, side)
    if (frame === undefined) return null
    return this.#feed(a, a.to, (to) => {
      const more = (a.with ?? []).flatMap((p) => this.wire.pick(p, side) ?? [])
      const name = (p: Pick): Pick => this.wire.pick(p, side)?.ref ?? p
      const edit = a.edit?.do === 'splice' ? { ...a.edit, from: name(a.edit.from) } : a.edit
      const bytes = Buffer.concat([edited(this.wire, frame.bytes, side, edit), ...more.map((f) => framed(f.bytes))])
      const action: Action = {
        do: 'deliver',
        frame: frame.ref,
        to,
        ...(edit && { edit }),
        ...(a.cuts && { cuts: a.cuts }),
        ...(more.length > 0 && { with: more.map((f) => f.ref) }),
      }
      return { action, chunks: chunksOf(bytes, a.cuts ?? []) }
    })
  }

  /** Bytes for an endpoint; one past the last connection opens it. */
  #feed(
    a: Action,
    to: End,
    make: (to: End) => { action: Action; chunks: Uint8Array[]; before?: () => void } | null,
  ): Prepared | null {
    const opens = to.side === 'server' && (to.n >= this.ledger.servers.length || this.ledger.servers.length === 0)
    const known = opens ? null : this.#find(to)
    if (!opens && known === null) return null
    const end = opens ? { side: 'server' as const, n: this.ledger.servers.length } : known!.at
    const made = make(end)
    if (made === null) return null
    // The new endpoint exists before the step begins, so that the step can name it; it is opened within the step.
    const e = known ?? this.ledger.open(end, null)
    const apply = (): void => {
      if (opens) this.#opened(e, 0)
      made.before?.()
      for (const chunk of made.chunks) this.#receive(e, chunk)
    }
    return { action: made.action ?? a, apply, target: e }
  }

  #receive(e: Endpoint, chunk: Uint8Array): void {
    const pieces = e.ended ? [] : e.stream.push(chunk)
    this.#pieces = pieces.map((p) => {
      if (p.kind === 'illegal-length') return { frame: null, header: null, ciphertext: new Uint8Array(0) }
      const frame = parseFrame(p.frame)
      return {
        frame: this.wire.frameNames.of(p.frame),
        header: frame?.header ?? null,
        ciphertext: frame?.ciphertext ?? new Uint8Array(0),
      }
    })
    this.#receiving = e
    try {
      this.#parties[e.at.side].receive(e.at, chunk, this.#now)
    } finally {
      this.#receiving = null
      this.#flush()
      this.#commit(e)
      // what the party passed over in silence was delivered all the same, unless its session had ended
      for (const p of e.ended ? [] : this.#pieces) this.#announce(e, p)
      this.#pieces = []
    }
  }

  #open(side: Side, id: number): Endpoint {
    const n = side === 'client' ? this.ledger.clients.length : this.ledger.servers.length
    const e = this.ledger.open({ side, n }, side === 'client' ? id : null)
    this.#touch(e)
    this.#opened(e, id)
    return e
  }

  #opened(e: Endpoint, id: number): void {
    this.#emit({ on: 'opened', at: e.at, id: e.id })
    this.#parties[e.at.side].open(e.at, id, this.#now)
    this.#flush()
    this.#commit(e)
  }

  #disturb(what: 'close' | 'failSend' | 'leak', at: End): Prepared | null {
    const e = this.#find(at)
    if (e === null || e.ended) return null
    const apply = (): void => {
      switch (what) {
        case 'close':
          e.closed = true
          return this.#parties[e.at.side].close(e.at, this.#now)
        case 'failSend':
          e.failSend = true
          return
        case 'leak':
          e.leaked ??= e.node
          return
      }
    }
    return { action: { do: what, at: e.at }, apply, target: e }
  }

  #advance(ms: number): void {
    this.#now += ms
    this.#parties.client.tick(this.#now)
    this.#parties.server.tick(this.#now)
  }

  #restart(sameRng: boolean): void {
    this.#epoch = {
      name: sameRng ? this.#epoch.name : `restart ${this.ledger.servers.length} `,
      firstConnection: this.ledger.servers.length,
    }
    if (sameRng) this.ledger.rngRepeats = true
    this.#parties.server.restart?.(this.#now)
    for (const e of this.ledger.servers) {
      if (e.ended) continue
      e.closed = true
      e.view = null // a dead process has no state to show
      this.ledger.end(e)
      this.#emit({ on: 'ended', at: e.at, by: 'fault' })
    }
  }

  /** By number, or by how recently it was used; numbers wrap. */
  #find(at: End): Endpoint | null {
    const all = at.side === 'client' ? this.ledger.clients : this.ledger.servers
    if (at.n >= 0) return all[wrap(at.n, all.length) ?? 0] ?? null
    const recent = this.#recent[at.side]
    return recent.at(wrap(at.n, recent.length) ?? 0) ?? null
  }

  #client(n: number): Endpoint | null {
    return this.#find({ side: 'client', n })
  }

  #touch(e: Endpoint): void {
    const recent = this.#recent[e.at.side]
    const i = recent.lastIndexOf(e)
    if (i === recent.length - 1 && i >= 0) return
    if (i >= 0) recent.splice(i, 1)
    recent.push(e)
  }

  // the faithful macro

  *#converse(a: Extract<Action, { do: 'converse' }>): Generator<'settle', void> {
    const { clients } = this.#schedule.setup
    const client = wrap(a.client, clients.length)
    if (client === null) return
    if (a.until === 'hello' || a.until === 'challenge') {
      yield* this.#handshake(client, a.until)
      return
    }
    const start = this.executed.length
    const pair = this.#livePair(clients[client]!) ?? (yield* this.#handshake(client))
    if (pair === undefined) return
    const { run, connection } = pair
    const left = 0xffffffff - (run.node?.round ?? 0) // PROTOCOL §4: the last round cannot be left
    const asked = Math.min(a.rounds, left)
    let done = 0
    for (; done < asked; done++) {
      if (!(yield* this.#submit(run)) || !(yield* this.#pass(run, connection)) || !(yield* this.#pass(connection, run)))
        break
    }
    this.#emit({ on: 'conversed', run: run.at, asked, done })
    if (done < asked) {
      // a failed conversation is itself the finding, so it is kept whole
      this.executed.splice(start, Number.POSITIVE_INFINITY, { do: 'converse', client, rounds: asked })
      return
    }
    if (a.until !== undefined && (yield* this.#submit(run)) && a.until === 'response')
      yield* this.#pass(run, connection)
  }

  /** A run and a connection in step with each other, with nothing pending on either and not about to be superseded. */
  #livePair(id: number): Pair | null {
    const idle = (e: Endpoint): boolean =>
      e.id === id &&
      !e.ended &&
      !e.closed &&
      !e.failSend &&
      e.node?.phase === 'ACTIVE' &&
      e.node.outstanding === null &&
      e.stream.buffered === 0
    // PROTOCOL §7: the DATA of a session whose HELLO is older than that of the confirmed one is rejected
    const confirmed = this.ledger.submissions().filter((x) => x.live && x.id === id)
    const newest = Math.max(-1, ...confirmed.map((x) => this.ledger.endpoint(x.at)?.order ?? -1))
    for (const run of this.ledger.clients) {
      if (!idle(run)) continue
      const connection = this.ledger.servers.find((c) => idle(c) && c.node === run.node && (c.order ?? -1) >= newest)
      if (connection) return { run, connection }
    }
    return null
  }

  /** A new run on a new connection; undefined where it was to stop before the CHALLENGE arrives. */
  *#handshake(client: number, until?: 'hello' | 'challenge'): Generator<'settle', Pair | undefined> {
    yield* this.#act({ do: 'connect', client })
    const run = this.ledger.clients.at(-1)!
    const hello = this.wire.sentBy(run.at).at(-1)
    if (until === 'hello' || hello === undefined) return undefined
    const to: End = { side: 'server', n: this.ledger.servers.length }
    yield* this.#act({ do: 'deliver', frame: hello.ref, to })
    const connection = this.ledger.servers[to.n]
    if (until === 'challenge' || connection === undefined) return undefined
    yield* this.#pass(connection, run)
    return { run, connection }
  }

  /** The client submits something that shows its id and round; false where it sent nothing. */
  *#submit(run: Endpoint): Generator<'settle', boolean> {
    const before = this.wire.sentBy(run.at).length
    yield* this.#act({ do: 'submit', run: run.at.n, values: [run.id ?? 0, (run.node?.round ?? 0) + 0.5] })
    return this.wire.sentBy(run.at).length > before
  }

  /** Delivers the newest frame of one endpoint to another; false where that was not accepted. */
  *#pass(from: Endpoint, to: Endpoint): Generator<'settle', boolean> {
    const frame = this.wire.sentBy(from.at).at(-1)
    if (frame === undefined) return false
    const before = this.ledger.accepted(frame.id)
    yield* this.#act({ do: 'deliver', frame: frame.ref, to: to.at })
    return this.ledger.accepted(frame.id) > before && !to.ended && sameEnd(frame.ref.by, from.at)
  }
}

/** Splits at the given positions, taken modulo the length. */
export const chunksOf = (bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] => {
  const at = [...new Set(cuts.map((c) => wrap(c, bytes.length) ?? 0))].filter((c) => c > 0).sort((a, b) => a - b)
  return [0, ...at].map((start, i) => bytes.subarray(start, at[i] ?? bytes.length))
}
