/**
 * The model played beside a system (property SPEC): it is fed what reached the system's endpoints, and after every step
 * what the system did must be among what the model may do. It reads events (spec/events.ts) and nothing else, so it
 * judges the implementation, the reference, a mutant or a stranger alike.
 */
import type { Body, Event, FrameId, Header, Phase, View } from '../events.ts'
import { endName, sameEnd, sameHeader } from '../events.ts'
import type { Action, End, Schedule } from '../language.ts'
import type { Frame } from '../model/state.ts'
import { type Branch, type Doings, Engine, type Judged } from './lockstep/engine.ts'

const MIN = 71 // PROTOCOL §2: the length of a frame
const MAX = 4167

/** The system was seen to do what the model does not allow. */
export interface Difference {
  readonly step: number
  readonly saw: string
  readonly allowed: readonly string[]
}

/** A frame that arrived. `header`: as far as it could be read; `frame` null: an illegal length prefix. */
interface Arrival {
  readonly at: End
  readonly frame: FrameId | null
  readonly header: Header | null
}

type Input =
  | { readonly do: 'opened'; readonly at: End; readonly id: number | null }
  | { readonly do: 'arrival'; readonly arrival: Arrival }

type ModelEnd = Branch['clients']['ends'][number] | Branch['conns']['ends'][number]

/** What the system was seen to do; a verdict is null where it rejected and did not say why. */
interface Saw {
  verdicts: { readonly at: End; readonly verdict: Judged['verdict'] | null }[]
  sent: Doings['sent'][number][]
  ended: Doings['ended'][number][]
}
type Told = { readonly [K in keyof Saw]: readonly Saw[K][number][] }

const byEnd = (x: { at: End }, y: { at: End }): number =>
  endName(x.at) < endName(y.at) ? -1 : endName(x.at) > endName(y.at) ? 1 : 0

const alike = <T, U>(a: readonly T[], b: readonly U[], same: (x: T, y: U) => boolean): boolean =>
  a.length === b.length && a.every((x, i) => same(x, b[i]!))

const judgedAlike = (model: Judged, saw: Saw['verdicts'][number]): boolean =>
  sameEnd(model.at, saw.at) && (saw.verdict === null ? model.verdict !== 'accepted' : model.verdict === saw.verdict)

/** Of an ended session its round is still shown, by some; what counts is that it ended. */
const stateOf = (view: View | null, phase: Phase): View | null =>
  view === null || view.phase === 'TERMINATED' || phase === 'TERMINATED' ? null : view

export class Lockstep {
  readonly #engine: Engine
  readonly #schedule: Schedule
  readonly #bytes: (frame: FrameId) => number
  /** Bytes by name -> the model's frame. */
  readonly #frames: Map<FrameId, Frame>
  readonly #views: Map<string, View>
  #action: Action | null = null
  #inputs: Input[] = []
  #saw: Saw = { verdicts: [], sent: [], ended: [] }
  #names: { readonly at: End; readonly frame: FrameId }[] = []
  #lost = false

  /**
   * `ids`: whom the server knows beside the clients and insiders of the schedule. `bytes`: the length of a frame, the
   * one thing about junk that its header does not tell.
   */
  constructor(
    schedule: Schedule,
    ids: readonly number[],
    bytes: (frame: FrameId) => number,
    base: Lockstep | null = null,
  ) {
    this.#schedule = schedule
    this.#bytes = bytes
    this.#engine = base === null ? new Engine(schedule, ids) : base.#engine.fork()
    this.#frames = new Map(base === null ? null : base.#frames)
    this.#views = new Map(base === null ? null : base.#views)
    this.#lost = base === null ? false : base.#lost
  }

  /** Goes on from here, between two steps; this one must not be fed any more. */
  fork(bytes: (frame: FrameId) => number): Lockstep {
    return new Lockstep(this.#schedule, [], bytes, this)
  }

  /** Feeds one event; null as long as the model agrees. After a difference, or once randomness repeats, it is silent. */
  observe(e: Event): Difference | null {
    if (this.#lost) return null
    switch (e.on) {
      case 'step':
        this.#action = e.action
        if (e.action.do === 'restart' && e.action.sameRng) this.#lost = true // fresh names are all the model knows
        return null
      case 'opened':
        this.#inputs.push({ do: 'opened', at: e.at, id: e.id })
        return null
      case 'sealed': {
        const made = this.#action?.do === 'seal' ? this.#engine.forged(this.#action, e.header, e.body) : null
        if (made !== null) this.#frames.set(e.frame, made)
        return null
      }
      case 'delivered': {
        const { at, frame, header } = e
        this.#inputs.push({ do: 'arrival', arrival: { at, frame, header } })
        return null
      }
      case 'accepted':
        this.#saw.verdicts.push({ at: e.at, verdict: 'accepted' })
        return null
      case 'rejected':
        this.#saw.verdicts.push({ at: e.at, verdict: e.reason })
        return null
      case 'sent':
        this.#saw.sent.push({ at: e.at, header: e.header, body: e.body })
        this.#names.push({ at: e.at, frame: e.frame })
        return null
      case 'committed':
        this.#views.set(endName(e.at), e.view)
        return null
      case 'ended':
        this.#saw.ended.push({ at: e.at, by: e.by })
        return null
      case 'settled':
        return this.#settle(e.step)
      default:
        return null
    }
  }

  /** The state that the model is in after the last step. */
  get branch(): Branch {
    return this.#engine.branches[0]!
  }

  #settle(step: number): Difference | null {
    const engine = this.#engine
    // Connections and runs exist before anything reaches them; wishes and disturbances are the whole of their actions.
    for (const input of this.#inputs)
      if (input.do === 'opened')
        engine.opened(input.at, input.id, this.#action?.do === 'connect' && this.#action.failSend)
      else engine.receive(input.arrival.at, this.#frameOf(input.arrival))
    if (this.#action !== null) engine.act(this.#action)
    const chosen = engine.branches.find((b) => this.#matches(b))
    if (chosen === undefined) {
      this.#lost = true
      return { step, saw: this.#told(this.#saw, null), allowed: engine.branches.map((b) => this.#told(b.did, b)) }
    }
    engine.settle(chosen)
    this.#learnNames()
    this.#action = null
    this.#inputs = []
    this.#saw = { verdicts: [], sent: [], ended: [] }
    return null
  }

  /** Bytes equal to a known frame are that frame; all else is known by its header and its length alone. */
  #frameOf({ frame, header }: Arrival): Frame {
    if (frame === null || header === null) return this.#engine.altered(null)
    const n = this.#bytes(frame)
    if (n < MIN || n > MAX || n % 16 !== 7) return this.#engine.malformed(header) // PROTOCOL §2
    return this.#frames.get(frame) ?? this.#engine.altered(header)
  }

  /** The frames just sent, under the names that bytes have in this play. */
  #learnNames(): void {
    const fresh = new Map<string, number>()
    for (const { at } of this.#names) fresh.set(endName(at), (fresh.get(endName(at)) ?? 0) + 1)
    for (const { at, frame } of this.#names) {
      const left = fresh.get(endName(at))!
      const sent = this.#engine.end(at)!.sent
      this.#frames.set(frame, sent[sent.length - left]!)
      fresh.set(endName(at), left - 1)
    }
    this.#names = []
  }

  /** Whether the two would be told alike; texts are for differences only, since this runs after every step. */
  #matches(b: Branch): boolean {
    const { verdicts, sent, ended } = this.#saw
    const sends = (x: Doings['sent'][number], y: Doings['sent'][number]): boolean =>
      sameEnd(x.at, y.at) && sameHeader(x.header, y.header) && this.#bodyText(x.body) === this.#bodyText(y.body)
    return (
      alike(b.did.verdicts, verdicts, judgedAlike) &&
      alike([...b.did.sent].sort(byEnd), [...sent].sort(byEnd), sends) &&
      alike([...b.did.ended].sort(byEnd), [...ended].sort(byEnd), (x, y) => sameEnd(x.at, y.at)) &&
      this.#shows(b.clients.ends, this.branch.clients.ends) &&
      this.#shows(b.conns.ends, this.branch.conns.ends)
    )
  }

  /** Whether the system shows the states that these endpoints are in; of `known` is which of them have ended. */
  #shows(mine: readonly ModelEnd[], known: readonly ModelEnd[]): boolean {
    return mine.every((e, i) => {
      const expected = stateOf(e.view, e.phase)
      const shown = stateOf(this.#views.get(endName(e.at)) ?? null, known[i]!.phase)
      if (expected === null || shown === null) return expected === shown
      return (
        expected.phase === shown.phase &&
        expected.round === shown.round &&
        expected.confirmed === shown.confirmed &&
        expected.outstanding === shown.outstanding
      )
    })
  }

  /** Doings and the public states that follow from them, as text that can be compared. `b` null: as the system showed it. */
  #told(d: Told, b: Branch | null): string {
    const ends = [...this.branch.clients.ends, ...this.branch.conns.ends]
    const mine = b === null ? ends : [...b.clients.ends, ...b.conns.ends]
    const states = mine.flatMap((e) => {
      const view = stateOf(b === null ? (this.#views.get(endName(e.at)) ?? null) : e.view, e.phase)
      if (view === null) return []
      const { phase, round, confirmed, outstanding } = view
      return [`${endName(e.at)} ${phase} r${round}${confirmed ? ' confirmed' : ''}${outstanding ? ' waiting' : ''}`]
    })
    return [
      ...d.verdicts.map((v) => `${endName(v.at)} ${v.verdict ?? 'rejected'}`),
      ...[...d.sent].sort(byEnd).map((s) => `${endName(s.at)} sends ${this.#frameText(s.header, s.body)}`),
      ...[...d.ended].sort(byEnd).map((e) => `${endName(e.at)} ends`),
      ...states,
    ].join('; ')
  }

  #frameText(h: Header, body: Body): string {
    return `${h.opcode} id ${h.id} r${h.round} d${h.direction} ${this.#bodyText(body)}`
  }

  #bodyText(body: Body): string {
    switch (body.kind) {
      case 'challenge':
        return this.#schedule.setup.challenge === 'fresh' ? 'challenge' : `challenge "${body.text}"` // fresh: unpredictable
      case 'hello':
        return `hello "${body.text}"`
      case 'data':
        return `data [${body.values.map((v) => (Object.is(v, -0) ? '-0' : v)).join(', ')}]`
      case 'aggregate':
        return `aggregate sum ${body.sum}, count ${body.count}, average ${body.average}`
      case 'control':
      case 'opaque':
      case 'sealed':
        return body.kind
    }
  }
}
