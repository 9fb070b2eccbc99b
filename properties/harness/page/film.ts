/**
 * A played schedule as a film: the steps that are worth drawing, what each changed of every session, and the bytes of
 * every frame with what a reader cannot see in them: what an edit changed, the keys that sealed it, the plaintext.
 * No Node: the playground films in the browser.
 */
import type { Dialect, Direction } from '../../../spec/dialects/dialect.ts'
import type { Follower } from '../../../spec/dialects/follower.ts'
import { encIndex, macIndex } from '../../../spec/dialects/keys.ts'
import { frameIn, headerIn } from '../../../spec/dialects/opcodes.ts'
import { decodeBody } from '../../../spec/dialects/payload.ts'
import { decrypt, tagVerifies } from '../../../spec/dialects/sealing.ts'
import { frameLabel } from '../../../spec/event-text.ts'
import type { Body, Event, FrameId, Phase } from '../../../spec/events.ts'
import { endName, sameEnd } from '../../../spec/events.ts'
import type { Action, Mode, Pick as Named, Schedule } from '../../../spec/language.ts'
import { toHex } from '../../../spec/reference/bytes.ts'
import { sha256 } from '../../../spec/reference/primitives.ts'
import { type Finding, Monitors } from '../judging/monitors.ts'
import { type TraceStep, traceStep } from '../trace/trace.ts'
import type { Endpoint, PlayLedger } from '../world/ledger.ts'
import { monitorSetFor, Player } from '../world/play.ts'
import type { System } from '../world/system.ts'
import { type NameTable, newNames } from '../world/wire.ts'

/** What one endpoint is in: as it shows itself, or, where it shows nothing, as PROTOCOL §4 has it. */
export interface Session {
  readonly end: string
  readonly id: number | null
  readonly phase: Phase | 'none'
  readonly round: number
  readonly confirmed: boolean
  readonly outstanding: boolean
  /** Indices into `keys` of the film, in the order C2S-ENC, C2S-MAC, S2C-ENC, S2C-MAC; null: none, or overwritten. */
  readonly keys: readonly number[] | null
  /** Of a connection: how many values of it count (PROTOCOL §8). */
  readonly values: number
  readonly ended: boolean
}

/** Bytes that crossed the network. */
export interface FilmFrame {
  readonly label: string
  /** The endpoint that sent these bytes first; null: the adversary made them. */
  readonly by: string | null
  readonly hex: string
  /** The frame that was edited into this one, and the ranges of bytes in which they differ, end excluded. */
  readonly base: string | null
  readonly changed: readonly (readonly [number, number])[]
  /** The keys whose tag verifies: of which client and round, and their fingerprints; null: none that was ever derived. */
  readonly sealed: {
    readonly direction: Direction
    readonly id: number
    readonly round: number
    readonly enc: number
    readonly mac: number
  } | null
  /** Decoded; '' where nothing opens it. */
  readonly body: string
}

export type FilmStep = TraceStep & {
  /** Sessions that are other than before. */
  readonly sessions: readonly Session[]
  /** Of a step of kind `broken`. */
  readonly invariant?: string
}

export interface Film {
  readonly mode: Mode
  readonly clients: readonly string[]
  readonly servers: readonly string[]
  readonly steps: readonly FilmStep[]
  readonly frames: Readonly<Record<string, FilmFrame>>
  /** Fingerprints: the first 8 hexadecimal digits of SHA-256 of the key. */
  readonly keys: readonly string[]
}

const LISTED = 12

const bodyText = (b: Body): string => {
  switch (b.kind) {
    case 'hello':
    case 'challenge':
      return `text ${JSON.stringify(b.text)}`
    case 'data': {
      const more = b.values.length > LISTED ? `, … ${b.values.length} in all` : ''
      return `values ${b.values.slice(0, LISTED).join(', ')}${more}`
    }
    case 'aggregate':
      return `sum ${b.sum} of ${b.count}, average ${b.average}`
    case 'control':
      return 'status, no data'
    case 'opaque':
      return `no valid payload: ${b.hex}`
    case 'sealed':
      return ''
  }
}

/** Ranges of `b` that differ from `a`, what it has beyond the end of `a` included; what was cut off its end is in none. */
const differing = (a: Uint8Array, b: Uint8Array): readonly (readonly [number, number])[] => {
  const ranges: [number, number][] = []
  for (let i = 0; i < b.length; i++) {
    if (a[i] === b[i]) continue
    const last = ranges.at(-1)
    if (last !== undefined && last[1] === i) last[1]++
    else ranges.push([i, i + 1])
  }
  return ranges
}

interface Keys {
  readonly id: number
  readonly round: number
  readonly bytes: readonly Uint8Array[]
}

/** Follows a world from its events; the ledger and the names are those of the world. */
export class Filming {
  readonly #names: NameTable
  readonly #schedule: Schedule
  readonly #steps: (TraceStep & { sessions: Session[]; invariant?: string })[] = []
  readonly #frames: Record<string, FilmFrame> = {}
  readonly #shown = new Map<string, string>()
  readonly #sent = new Map<string, FrameId[]>()
  readonly #keys: string[] = []
  readonly #sealing: Keys[] = []
  readonly #known = new Set<string>()
  readonly #followed = new Set<Follower>()
  /** Of each endpoint what its session was last told from, as long as that is the same. */
  readonly #looked = new Map<Endpoint, readonly unknown[]>()
  readonly #ends: { readonly client: string[]; readonly server: string[] } = { client: [], server: [] }
  readonly #told = new Set<string>()
  readonly #indices = new Map<string, number>()
  #action = 0
  #doing: Action | null = null

  constructor(schedule: Schedule, names: NameTable) {
    this.#schedule = schedule
    this.#names = names
  }

  /** Every event, after the monitors. */
  see(e: Event, ledger: PlayLedger): void {
    if (e.on === 'step') [this.#action, this.#doing] = [e.step, e.action]
    if (e.on === 'opened') {
      this.#ends[e.at.side].push(endName(e.at))
      this.#told.add(endName(e.at))
    }
    this.#learnKeys(ledger)
    if (e.on === 'sent') {
      const by = endName(e.at)
      this.#sent.set(by, [...(this.#sent.get(by) ?? []), e.frame])
      this.#frame(e.frame, ledger.dialect, by)
    }
    if ((e.on === 'delivered' || e.on === 'accepted' || e.on === 'rejected') && e.frame !== null)
      this.#frame(e.frame, ledger.dialect, null)
    // That a run of a client starts is what the action before it says.
    const step = e.on === 'opened' && e.id !== null ? null : traceStep(e, this.#action, this.#schedule.setup.clients)
    if (step !== null) this.#steps.push({ ...step, sessions: [] })
    this.#look(ledger)
  }

  /** An invariant broke by what was last seen. */
  broke(f: Pick<Finding, 'invariant' | 'why'>): void {
    const text = `${f.invariant}: ${f.why}`
    this.#steps.push({ action: this.#action, kind: 'broken', text, invariant: f.invariant, sessions: [] })
  }

  get film(): Film {
    const { client: clients, server: servers } = this.#ends
    return {
      mode: this.#schedule.mode,
      clients: [...clients],
      servers: [...servers],
      steps: [...this.#steps],
      frames: { ...this.#frames },
      keys: [...this.#keys],
    }
  }

  #key(bytes: Uint8Array): number {
    const print = toHex(sha256(bytes)).slice(0, 8)
    const index = this.#indices.get(print) ?? this.#keys.push(print) - 1
    this.#indices.set(print, index)
    return index
  }

  /** Keys that any position of the tracker has had, newest last. */
  #learnKeys(ledger: PlayLedger): void {
    for (const e of [...ledger.clients, ...ledger.servers]) {
      if (e.node === null || this.#followed.has(e.node)) continue
      this.#followed.add(e.node)
      const bytes = e.node.keys
      const name = `${e.node.id} ${bytes.map((k) => this.#key(k)).join(' ')}`
      if (this.#known.has(name)) continue
      this.#known.add(name)
      this.#sealing.push({ id: e.node.id, round: e.node.round, bytes })
    }
  }

  #frame(id: FrameId, dialect: Dialect, by: string | null): void {
    if (this.#frames[id] !== undefined) return
    const bytes = this.#names.frames.bytes(id)
    const base = by === null ? this.#editedFrom(id) : null
    this.#frames[id] = {
      label: frameLabel(headerIn(dialect, bytes)),
      by,
      hex: toHex(bytes),
      base,
      changed: base === null ? [] : differing(this.#names.frames.bytes(base), bytes),
      ...this.#opened(bytes, dialect),
    }
  }

  #editedFrom(id: FrameId): FrameId | null {
    const a = this.#doing
    if (a?.do !== 'deliver') return null
    const of = (p: Named): FrameId | undefined =>
      typeof p === 'object' && 'by' in p ? this.#sent.get(endName(p.by))?.[p.nth] : undefined
    const base = of(a.frame)
    return base === undefined || base === id || a.edit === undefined ? null : base
  }

  /** By the newest keys that open it; in literal two sessions may share a tag key alone. */
  #opened(bytes: Uint8Array, dialect: Dialect): Pick<FilmFrame, 'sealed' | 'body'> {
    const frame = frameIn(dialect, bytes)
    let found: Pick<FilmFrame, 'sealed' | 'body'> = { sealed: null, body: '' }
    for (const { id, round, bytes: keys } of frame === null ? [] : this.#sealing.toReversed())
      for (const direction of ['c2s', 's2c'] as const) {
        const [enc, mac] = [keys[encIndex(direction)]!, keys[macIndex(direction)]!]
        if (!tagVerifies(dialect, mac, bytes)) continue
        const sealed = { direction, id, round, enc: this.#key(enc), mac: this.#key(mac) }
        const plaintext = decrypt(enc, frame!)
        if (plaintext !== null) return { sealed, body: bodyText(decodeBody(dialect, frame!.header.opcode, plaintext)) }
        found = { sealed, body: 'wrong padding' }
      }
    return found
  }

  /** What the last step changed of the sessions. */
  #look(ledger: PlayLedger): void {
    const last = this.#steps.findLast((s) => s.kind !== 'broken')
    if (last === undefined) return
    const all = ledger.submissions()
    const live = all.reduce((n, s) => n + (s.live ? 1 : 0), 0)
    for (const e of [...ledger.clients, ...ledger.servers]) {
      if (!this.#told.has(endName(e.at))) continue
      const from = [e.view, e.node, e.ended, e.id, all.length, live]
      if (this.#looked.get(e)?.every((x, i) => x === from[i])) continue
      this.#looked.set(e, from)
      const session = this.#session(e, ledger)
      const text = JSON.stringify(session)
      if (this.#shown.get(session.end) === text) continue
      this.#shown.set(session.end, text)
      last.sessions = [...last.sessions.filter((s) => s.end !== session.end), session]
    }
  }

  #session(e: Endpoint, ledger: PlayLedger): Session {
    const view = e.view ?? e.expected
    const keys = view?.keys?.map((k) => this.#key(this.#names.keys.bytes(k))) ?? null
    const mine = ledger.submissions().filter((s) => sameEnd(s.at, e.at))
    return {
      end: endName(e.at),
      id: e.id,
      phase: view?.phase ?? 'none',
      round: view?.round ?? 0,
      confirmed: view?.confirmed ?? false,
      outstanding: view?.outstanding ?? false,
      keys,
      values: mine.reduce((n, s) => n + (s.live ? s.values.length : 0), 0),
      ended: e.ended,
    }
  }
}

/** Plays a schedule in memory and films it, judged. `found`: what no monitor sees; it is the last step. */
export const filmOf = (schedule: Schedule, system: System, found?: Pick<Finding, 'invariant' | 'why'>): Film => {
  const names = newNames()
  const filming = new Filming(schedule, names)
  const monitors = new Monitors(monitorSetFor(schedule.powers, system))
  let told = 0
  const player: Player = new Player(
    schedule,
    system,
    (e) => {
      monitors.observe(e, player.world.ledger)
      filming.see(e, player.world.ledger)
      for (; told < monitors.findings.length; told++) filming.broke(monitors.findings[told]!)
    },
    names,
  )
  for (const _ of player.play());
  if (found !== undefined && !monitors.findings.some((f) => f.invariant === found.invariant)) filming.broke(found)
  return filming.film
}

/** A schedule and what it breaks; `invariant` '': nothing that is not seen by a monitor. */
export interface Told {
  readonly schedule: Schedule
  readonly invariant: string
  readonly why: string
}

/** In its own mode, and in `bound`; null where it is that already, or cannot be played. */
export interface Films {
  readonly film: Film | null
  readonly bound: Film | null
}

/** Throws what the party throws. */
export const filmsOf = ({ schedule, ...found }: Told, system: System): Films => ({
  film: filmOf(schedule, system, found.invariant === '' ? undefined : found),
  bound: schedule.mode === 'bound' ? null : filmOf({ ...schedule, mode: 'bound' }, system),
})
