/** What a capture shows, as events for the monitors; and what of it no monitor needs to hear. */
import type { Dialect } from '../../../spec/dialects/dialect.ts'
import type { Body, EndedBy, Event, FrameId, Ledger } from '../../../spec/events.ts'
import { type Invariant, isViolated } from '../../../spec/invariants/index.ts'
import type { Action, End } from '../../../spec/language.ts'
import { isControl, OP } from '../../../spec/opcodes.ts'
import { viewOf } from '../../../spec/reference/bytes.ts'
import { HEADER_BYTES, IV_BYTES } from '../../../spec/reference/frame.ts'
import { type Endpoint, type Frame, type Known, type Sent, WireLedger, whatOf } from './ledger.ts'
import { wireInvariants } from './observable.ts'
import { HOLDS, MADE } from './seen.ts'
import { JUDGED_HERE } from './sums.ts'

/** Invariants over a capture: unlike in a schedule, one that broke goes on, since more may break it. */
class CaptureMonitors {
  readonly invariants: readonly Invariant[]
  /** Witness hits, by position. */
  readonly hits: number[]
  readonly #states: unknown[]
  readonly #dispatch = new Map<Event['on'], number[]>()
  readonly #broke: (i: Invariant, why: string) => void

  constructor(invariants: readonly Invariant[], broke: (i: Invariant, why: string) => void) {
    this.invariants = invariants
    this.#states = invariants.map((i) => i.start)
    this.hits = invariants.map(() => 0)
    this.#broke = broke
    for (const [n, i] of invariants.entries())
      for (const on of i.needs) this.#dispatch.set(on, [...(this.#dispatch.get(on) ?? []), n])
  }

  observe(e: Event, l: Ledger): void {
    for (const n of this.#dispatch.get(e.on) ?? []) {
      const i = this.invariants[n]!
      if (i.witness.hit(e, l)) this.hits[n]!++
      const after = i.step(this.#states[n], e, l)
      this.#states[n] = isViolated(after) ? i.start : after
      if (isViolated(after)) this.#broke(i, after.violated)
    }
  }
}

const PASSED: Action = { do: 'inject', to: { side: 'server', n: 0 }, hex: '' } // what a step is called here
const MOST_VALUES = 8 // of a frame that are searched for in clear
const CLEAR = HEADER_BYTES + IV_BYTES

/** A frame that a finding names. */
export interface Named {
  readonly n: number
  readonly packet: number
  readonly conn: number
  readonly what: string
}

export interface Finding {
  readonly invariant: string
  readonly why: string
  /** The frames that it is about; the last one showed it. */
  readonly frames: readonly Named[]
}

export interface TellingOptions {
  readonly dialect: Dialect
  /** Whether it is PROTOCOL. */
  readonly own: boolean
  /** Everything is told, also what no invariant can object to; slower, and what the fast form is compared with. */
  readonly plain?: boolean
  /** How many frames are remembered, a power of 2; default: as many as can be. */
  readonly remembered?: number
  readonly found: (f: Finding) => void
}

export class Telling {
  readonly ledger: WireLedger
  readonly monitors: CaptureMonitors
  /** Invariants that are judged, those of the numbers included. */
  readonly judged: ReadonlySet<string>
  readonly #o: TellingOptions
  readonly #hits: Readonly<Record<'A1' | 'A9' | 'C4', number>>
  #about: readonly Frame[] = []
  #ivSeen = false
  #values: readonly number[] = [] // that were submitted last, as words

  constructor(o: TellingOptions, known: Known) {
    this.#o = o
    this.ledger = new WireLedger(o.dialect, known, o.remembered)
    const remembered = { accepted: (f: string) => this.ledger.accepted(f as FrameId) > 0, ivSeen: () => this.#ivSeen }
    const all = wireInvariants(o.own ? null : o.dialect, remembered)
    this.judged = new Set(all.map((i) => i.id))
    this.monitors = new CaptureMonitors(
      all.filter((i) => !JUDGED_HERE.has(i.id)),
      (i, why) => this.broke(i.id, why, this.named(this.#about)),
    )
    const at = (id: string): number => this.monitors.invariants.findIndex((i) => i.id === id)
    this.#hits = { A1: at('A1'), A9: at('A9'), C4: at('C4') }
  }

  broke(invariant: string, why: string, frames: readonly Named[]): void {
    if (this.judged.has(invariant)) this.#o.found({ invariant, why, frames })
  }

  // events

  begin(target: End | null, about: readonly Frame[], step: number): void {
    this.#about = about
    this.ledger.step = step
    this.ledger.play(about)
    this.#emit({ on: 'step', step, action: PASSED, target })
  }

  settled(): void {
    this.#emit({ on: 'settled', step: this.ledger.step })
  }

  connected(at: End): void {
    this.#emit({ on: 'opened', at, id: null })
  }

  delivered(e: Endpoint, p: Frame): void {
    const made = p.index < 0 ? MADE.nobody : this.ledger.seen.get(p.index, 'made')
    const origin = made === MADE.nobody ? 'altered' : made === MADE.holder ? 'sealed' : 'genuine'
    this.#emit({ on: 'delivered', at: e.at, frame: p.index < 0 ? null : p.name, header: p.header, origin })
  }

  /** Before it takes effect. */
  accepted(e: Endpoint, p: Frame): void {
    this.#emit({ on: 'accepted', at: e.at, frame: p.name, header: p.header!, before: null })
    this.#count(p)
  }

  rejected(e: Endpoint, p: Frame): void {
    this.delivered(e, p)
    this.#emit({ on: 'rejected', at: e.at, frame: p.index < 0 ? null : p.name, header: p.header, reason: null })
  }

  ended(e: Endpoint, by: EndedBy): void {
    e.ended = true
    this.#emit({ on: 'ended', at: e.at, by })
  }

  sends(e: Endpoint, { frame, body, ivSeen, exposes }: Sent): void {
    this.#ivSeen = ivSeen
    const iv = { value: frame.name, drawn: true } // whence it was drawn nobody can see
    const header = frame.header!
    this.#emit({ on: 'sent', at: e.at, frame: frame.name, header, body, bytes: frame.bytes.length, iv, exposes })
  }

  #emit(e: Event): void {
    this.monitors.observe(e, this.ledger)
  }

  #count(p: Frame): void {
    const { seen } = this.ledger
    seen.set(p.index, 'accepted', Math.min(255, seen.get(p.index, 'accepted') + 1))
  }

  // who made what

  /** Takes note of a frame that an end of its connection made. To be called before another frame is looked for. */
  made(e: Endpoint, frame: Frame, body: Body, made: number): Sent {
    const { opcode } = frame.header!
    if (opcode === OP.CHALLENGE && made === MADE.server) e.challenge ??= frame.name
    this.sighted(e, frame, body, made)
    if (body.kind === 'data') this.#values = wordsOf(body.values)
    // a frame that the dialect sends empty has no IV
    const empty = this.#o.dialect.emptyOpcodes.includes(opcode)
    const opens = body.kind !== 'sealed' && body.kind !== 'opaque'
    const exposes = stands(this.#values, opens ? frame.bytes.subarray(0, CLEAR) : frame.bytes)
    return { frame, body, ivSeen: !empty && this.ledger.seen.sameIv() >= 0, exposes }
  }

  sighted(e: Endpoint, { index, header }: Frame, body: Body, made: number): void {
    const { seen } = this.ledger
    const holds = body.kind === 'sealed' ? HOLDS.sealed : body.kind === 'opaque' ? HOLDS.opaque : HOLDS.valid
    seen.set(index, 'made', made)
    seen.set(index, 'holds', holds)
    seen.set(index, 'id', e.id ?? header?.id ?? 0)
    seen.set(index, 'hello', numberOf(e.hello))
    seen.set(index, 'challenge', numberOf(e.challenge))
    seen.set(index, 'answers', numberOf(e.lastAccepted?.name ?? null))
  }

  // what no invariant can object to: told only where everything is

  /** A frame of a sender that follows PROTOCOL: true, and counted. */
  plainlySent({ body, ivSeen, exposes, frame }: Sent): boolean {
    if (this.#o.plain || ivSeen || exposes || body.kind === 'opaque' || body.kind === 'sealed') return false
    const { opcode } = frame.header!
    if (isControl(opcode)) return false
    if (body.kind === 'aggregate' && !(Number.isFinite(body.sum) && Number.isFinite(body.average) && body.count >= 1))
      return false
    const { hits } = this.monitors
    if (this.#hits.C4 >= 0) hits[this.#hits.C4]!++
    if (this.#hits.A9 >= 0 && (opcode === OP.DATA || opcode === OP.RESPONSE)) hits[this.#hits.A9]!++
    return true
  }

  /** A frame that passes every check of PROTOCOL at its receiver, accepted for the first time, of the other end of its session. */
  plainlyAccepted(e: Endpoint, p: Frame): boolean {
    const { seen } = this.ledger
    const server = e.at.side === 'server'
    const { opcode } = p.header!
    const mine =
      !this.#o.plain &&
      seen.get(p.index, 'accepted') === 0 &&
      seen.get(p.index, 'holds') === HOLDS.valid &&
      seen.get(p.index, 'made') === (server ? MADE.client : MADE.server) &&
      (opcode === OP.HELLO || seen.get(p.index, 'hello') === numberOf(e.hello)) &&
      (opcode === OP.HELLO || opcode === OP.CHALLENGE || seen.get(p.index, 'challenge') === numberOf(e.challenge)) &&
      (opcode !== OP.RESPONSE || seen.get(p.index, 'answers') === e.asked)
    if (!mine) return false
    if (server && opcode === OP.DATA && this.#hits.A1 >= 0) this.monitors.hits[this.#hits.A1]!++
    this.#count(p)
    return true
  }

  /** Frames for people: each with its first sighting before it. */
  named(about: readonly Frame[]): readonly Named[] {
    const { seen } = this.ledger
    return about.flatMap((f) => {
      const { header, n, packet, conn } = f
      const what = whatOf(header)
      if (!f.copy) return [{ n, packet, conn, what }]
      const [first, at, on] = [seen.get(f.index, 'n'), seen.get(f.index, 'packet'), seen.get(f.index, 'conn')]
      const again = { n, packet, conn, what: `${what}, again` }
      return first < n ? [{ n: first, packet: at, conn: on, what }, again] : [again]
    })
  }
}

const numberOf = (name: FrameId | null): number => (name === null ? -1 : Number(name.slice(1)))

const wordsOf = (values: readonly number[]): readonly number[] => {
  const words: number[] = []
  const view = new DataView(new ArrayBuffer(8))
  for (const v of values.slice(0, MOST_VALUES)) {
    if (v === 0) continue // it has no bytes of its own
    view.setFloat64(0, v)
    words.push(view.getUint32(0), view.getUint32(4))
  }
  return words
}

/** Whether one of these values stands in the bytes. */
const stands = (words: readonly number[], bytes: Uint8Array): boolean => {
  if (words.length === 0) return false
  const view = viewOf(bytes)
  for (let at = 0; at + 8 <= bytes.length; at++) {
    const high = view.getUint32(at)
    for (let i = 0; i < words.length; i += 2)
      if (words[i] === high && words[i + 1] === view.getUint32(at + 4)) return true
  }
  return false
}
