/**
 * Histories told by hand, for the monitors' own tests. A `Story` is a ledger that is written while its events are told.
 * Its verbs are single events, or whole steps as the protocol wants them: a test tells a faithful beginning by the
 * latter and what matters by the former.
 */
import type { EndedBy, Event, FrameId, Header, KeyId, Ledger, Reason, Told, View } from '../events.ts'
import { endName, sameEnd } from '../events.ts'
import type { Action, End } from '../language.ts'
import { isControl } from '../opcodes.ts'
import { HandLedger, type Kind, kindOf, nameOf, type Oddly } from './testkit-ledger.ts'

const client = (n: number): End => ({ side: 'client', n })
const server = (n: number): End => ({ side: 'server', n })
/** Client runs and connections, in the order in which they are opened. */
export const [c0, c1, c2] = [client(0), client(1), client(2)]
export const [s0, s1, s2] = [server(0), server(1), server(2)]

export const keys = (a: string, b: string, c: string, d: string): NonNullable<View['keys']> => [
  a as KeyId,
  b as KeyId,
  c as KeyId,
  d as KeyId,
]

const NO_TIME: Action = { do: 'advance', ms: 0 }
const bytesFor = (to: End): Action => ({ do: 'inject', to, hex: '' })

export class Story extends HandLedger {
  readonly #hear: (e: Event, l: Ledger) => void
  /** Whether the parties show their sessions and reasons; a stranger over TCP does not (spec/events.ts). */
  readonly #seen: boolean
  #begun = false
  #forged = 0

  constructor(hear: (e: Event, l: Ledger) => void, seen = true) {
    super()
    this.#hear = hear
    this.#seen = seen
  }

  // whole steps, as they should go

  /** A run of client `id` starts and sends its HELLO. */
  connects(id: number): FrameId {
    const at = client(this.lives('client').length)
    this.begins(null, { do: 'connect', client: 0 })
    this.opens(at, id)
    const hello = this.sends(at, 'HELLO')
    this.commits(at)
    return hello
  }

  /** A new run of client `id` and a new connection become ACTIVE. */
  handshake(id: number): void {
    const run = client(this.lives('client').length)
    const connection = server(this.lives('server').length)
    this.reaches(connection, this.connects(id))
    this.reaches(run, this.of(connection, 'CHALLENGE'))
  }

  /** The application submits and the DATA is sent. */
  submits(at: End, ...values: readonly number[]): FrameId {
    this.begins(at, { do: 'submit', run: at.n, values })
    this.tells({ on: 'submitted', at, values, refused: false })
    const data = this.sends(at, 'DATA', { body: { kind: 'data', values } })
    this.commits(at)
    return data
  }

  /** The application ends the run. */
  finishes(at: End): FrameId {
    this.begins(at, { do: 'finish', run: at.n })
    const terminate = this.sends(at, 'TERMINATE')
    this.ends(at, 'finish')
    return terminate
  }

  /** Faithful rounds of a client run and its connection, each with these values. */
  rounds(run: End, connection: End, ...each: readonly (readonly number[])[]): void {
    for (const values of each) {
      this.reaches(connection, this.submits(run, ...values))
      this.reaches(run, this.newest(connection))
    }
  }

  /** A frame arrives, is accepted, and its receiver does what it has to. */
  reaches(at: End, frame: FrameId): void {
    this.takes(at, frame)
    const kind = kindOf(this.header(frame))
    if (kind === 'DESYNC' || kind === 'TERMINATE') {
      this.ends(at, 'peer')
      return
    }
    if (kind === 'HELLO') this.sends(at, 'CHALLENGE')
    if (kind === 'DATA') this.sends(at, 'RESPONSE')
    const superseded = kind === 'DATA' ? this.#superseded(at) : []
    for (const x of superseded) this.sends(x, 'TERMINATE')
    this.commits(at)
    for (const x of superseded) this.ends(x, 'supersede')
  }

  /** A frame arrives and is accepted; what its receiver does then is yet to be told. */
  takes(at: End, frame: FrameId): void {
    this.begins(at)
    this.delivers(at, frame)
    this.decrypts(at, frame)
    this.accepts(at, frame)
  }

  /** A frame arrives and is rejected as PROTOCOL §6 wants it. */
  refuses(at: End, frame: FrameId, reason: Reason): void {
    this.begins(at)
    this.delivers(at, frame)
    if (reason === 'bad-padding' || reason === 'bad-payload' || reason === 'superseded') this.decrypts(at, frame)
    this.rejects(at, frame, reason)
    const active = at.side === 'server' && this.facts(at)?.expected?.phase === 'ACTIVE'
    if (active && !isControl(this.header(frame).opcode))
      this.sends(at, reason === 'superseded' ? 'TERMINATE' : 'DESYNC')
    this.ends(at, 'rejection')
  }

  /** PROTOCOL §7: the confirmed session of the same id gives way. */
  #superseded(at: End): readonly End[] {
    const { id } = this.life(at)
    const others = this.lives('server').filter((x) => x.id === id && x.confirmed && !x.ended)
    return others.map((x) => x.at).filter((x) => !sameEnd(x, at))
  }

  // single events

  /** The step before is settled. A connection that is not there yet is opened. */
  begins(target: End | null, action = target === null ? NO_TIME : bytesFor(target)): void {
    this.settles()
    this.step++
    this.#begun = true
    this.tells({ on: 'step', step: this.step, action, target })
    if (target !== null && this.facts(target) === undefined) this.opens(target, null)
  }

  settles(): void {
    if (this.#begun) this.tells({ on: 'settled', step: this.step })
    this.#begun = false
  }

  opens(at: End, id: number | null): void {
    this.born(at, id)
    this.tells({ on: 'opened', at, id })
  }

  delivers(at: End, frame: FrameId): void {
    const senders = this.senders(frame)
    const origin = senders.length === 0 ? 'altered' : senders.some((x) => x.by !== null) ? 'genuine' : 'sealed'
    this.tells({ on: 'delivered', at, frame, header: this.header(frame), origin })
  }

  accepts(at: End, frame: FrameId): void {
    const me = this.life(at)
    this.tells({ on: 'accepted', at, frame, header: this.header(frame), before: me.view })
    this.took(me, frame)
  }

  rejects(at: End, frame: FrameId, reason: Reason): void {
    this.tells({ on: 'rejected', at, frame, header: this.header(frame), reason: this.#seen ? reason : null })
  }

  sends(at: End, kind: Kind, oddly: Oddly = {}): FrameId {
    const me = this.life(at)
    const name = oddly.again ?? nameOf(at, me.sent++, kind)
    const { frame, header, body } = this.made(name, me, me, at, kind, at.side === 'client' ? 1 : 2, oddly)
    const bytes = oddly.bytes ?? (isControl(header.opcode) ? 71 : 87)
    const iv = oddly.iv && { iv: oddly.iv }
    const exposes = oddly.exposes === undefined ? {} : { exposes: oddly.exposes }
    this.tells({ on: 'sent', at, frame, header, body, bytes, ...iv, ...exposes })
    return frame
  }

  /** The session becomes what PROTOCOL makes of its transcript, save for `oddly`. */
  commits(at: End, oddly: Partial<View> = {}): void {
    const me = this.life(at)
    const due = this.expected(me)
    if (!this.#seen || due === null) return
    const before = me.view
    const view = { ...due, confirmed: me.confirmed, outstanding: at.side === 'client' && due.outstanding, ...oddly }
    const same = before?.keys && view.keys?.every((k, i) => k === before.keys?.[i])
    me.view = same ? { ...view, keys: before.keys } : view // equal keys are the same object, as long as they stay
    this.tells({ on: 'committed', at, before, view: me.view })
  }

  /** An endpoint ends; its session, if it has one and the party still shows it, is overwritten and TERMINATED first. */
  ends(at: End, by: EndedBy, shown = true): void {
    const me = this.life(at)
    if (shown) this.erases(at, me.view?.keys ?? [])
    if (me.view !== null && shown) this.commits(at, { phase: 'TERMINATED', outstanding: false, keys: null })
    me.ended = true
    this.withdraws((x) => sameEnd(x.at, at))
    this.tells({ on: 'ended', at, by })
  }

  /** AES runs at `at` on the ciphertext of a frame. */
  decrypts(at: End, during: FrameId | null): void {
    if (!this.#seen) return
    this.tells({ on: 'primitive', at, op: 'decrypt', key: 'k' as KeyId, during })
  }

  erases(at: End, keys: readonly KeyId[]): void {
    for (const key of keys) this.tells({ on: 'primitive', at, op: 'erase', key, during: null })
  }

  /** The application of `at` is told of an accepted frame what is in it, save for `oddly`. */
  informs(at: End, frame: FrameId, oddly: Partial<Told> = {}): void {
    const header = this.header(frame)
    const { body } = this.senders(frame)[0]!
    const { opcode, id, round } = header
    this.tells({ on: 'told', at, frame, header, told: { opcode, id, round, body, answer: null, ...oddly } })
  }

  /** Any other event. */
  tells(e: Event): void {
    this.#hear(e, this)
  }

  // frames

  /** The nth frame of a kind that an endpoint sent. */
  of(at: End, kind: Kind, nth = 0): FrameId {
    return this.frames().filter((f) => f.startsWith(`${endName(at)}.`) && f.endsWith(kind))[nth]!
  }

  newest(at: End): FrameId {
    return this.frames().findLast((f) => f.startsWith(`${endName(at)}.`))!
  }

  /** A frame that nobody sent: one of theirs with other bytes, and this in its header. */
  altered(frame: FrameId, header: Partial<Header> = {}): FrameId {
    return this.frame(`altered ${this.#forged++} ${frame}`, { ...this.header(frame), ...header })
  }

  /** An insider seals a frame for `to` under keys of session `as`, before it is delivered. */
  seals(to: End, kind: Kind, as: End, under: 'current' | 'previous' | 'initial', oddly: Oddly = {}): FrameId {
    const me = this.life(as)
    this.begins(null)
    this.powers = 'NI'
    this.insiders.add(me.id!)
    const kept = { current: me.exchanges.length, previous: me.exchanges.length - 1, initial: 0 }[under]
    const keyed = { ...me, exchanges: me.exchanges.slice(0, kept), hello: under === 'initial' ? null : me.hello }
    const name = `sealed ${this.#forged++} ${kind}`
    const { frame, header, body } = this.made(name, me, keyed, null, kind, to.side === 'server' ? 1 : 2, oddly)
    this.tells({ on: 'sealed', to, frame, header, body })
    return frame
  }

  /** The same with padding that is not PKCS#7, so that nobody who opens it finds a payload. */
  unpadded(to: End, kind: Kind, as: End): FrameId {
    return this.seals(to, kind, as, 'current', { body: { kind: 'sealed' } })
  }
}
