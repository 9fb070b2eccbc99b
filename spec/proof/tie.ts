/**
 * The proof tied to the model: every state that the explorer visits satisfies the invariants, with any keys leaked or
 * none; every transition is one of the proof's actions, several of them, or nothing. What is never seen to be possible
 * would be a contradiction.
 */
import type { Clients, Conns, State as ModelState } from '../checker/endpoints.ts'
import { explore, type Limits, type Progress } from '../checker/explore.ts'
import type { Model, Segment } from '../checker/model.ts'
import type { Move } from '../checker/moves.ts'
import type { Difference, Observer } from '../checker/observer.ts'
import { type Scope, scope } from '../checker/scope.ts'
import type { Frame } from '../model/state.ts'
import { Abstraction, Rigid } from './abstraction.ts'
import { actionsIn } from './actions.ts'
import { invariantsOf } from './invariants.ts'
import { assign, type Formula, type Sort, type Structure, type Term, variable } from './logic.ts'
import { initially, propertiesOf } from './obligations.ts'
import { Prepared, stepsBetween, within, withKeys } from './steps.ts'
import { AXIOMS, type Claim, insider, type Name, owner, STATE } from './vocabulary.ts'

/** Where the gate compares, and where else it is worth it. */
export const TIED: Readonly<Record<'gate' | 'more', readonly Scope[]>> = {
  gate: [
    scope('1x2x2x1'),
    scope('1x1x2x2', { powers: 'NLF' }),
    scope('2x1x2x1', { powers: 'NI' }),
    scope('1x1x3x1', { unconfirmedPerId: 2 }),
    scope('1x1x1x2', { powers: 'NLF', idle: true }),
  ],
  more: [
    scope('2x1x2x2', { powers: 'NI' }),
    scope('2x1x2x1'),
    scope('1x2x2x1', { powers: 'NLF' }),
    scope('2x1x2x1', { powers: 'NILF' }),
    scope('1x2x2x1', { powers: 'NLF', idle: true }),
    scope('1x2x2x2', { powers: 'NF', concurrent: true }),
  ],
}

export interface Tied {
  readonly scope: Scope
  readonly model: Model
  readonly states: number
  readonly transitions: number
  readonly stopped: 'states' | 'memory' | null
  /** Action, law, start or assumption of a claim → how often it was true; of an assumption, whether (1). */
  readonly possible: Readonly<Record<string, number>>
  readonly differences: readonly (Difference & { readonly path: readonly Move[] })[]
}

/** The antecedents of an invariant or a property, by name. */
const antecedents = (kind: string, claims: Readonly<Record<string, Claim>>): readonly (readonly [string, Formula])[] =>
  Object.entries(claims).flatMap(([name, { holds }]) =>
    (holds.assumes ?? []).map((a, i): readonly [string, Formula] => [`${kind} ${name}, assumption ${i + 1}`, a]),
  )

/** What is assumed somewhere in the proof, by name: each must be seen to be possible. */
export const assumptions = (): readonly string[] => {
  const actions = actionsIn(STATE, variable)
  const properties = propertiesOf(STATE, actions, variable('Run'), variable('Session'), variable('Frame'))
  return [
    'laws',
    'start',
    'invariants',
    ...actions.map((a) => a.name),
    ...Object.values(properties).flatMap((p) => (p.on === null || actions.includes(p.on) ? [] : [p.on.name])),
    ...antecedents('invariant', invariantsOf(STATE)).map(([name]) => name),
    ...antecedents('property', properties).map(([name]) => name),
  ]
}

export const tie = (
  s: Scope,
  { limits, progress }: { readonly limits?: Limits; progress?(p: Progress): void } = {},
): Tied => {
  const possible: Record<string, number> = Object.fromEntries(assumptions().map((name) => [name, 0]))
  const explored = explore(s, {
    monitors: [],
    observer: (model) => new Tie(new Rigid(model.context), possible),
    ...(limits === undefined ? {} : { limits }),
    ...(progress === undefined ? {} : { progress }),
  })
  const { model, states, transitions, stopped, observed } = explored
  return { scope: s, model, states, transitions, stopped, possible, differences: observed }
}

const LEAKS: Readonly<Record<string, Sort>> = { LeakWaiting: 'Run', LeakRun: 'Run', LeakSession: 'Session' }
const ALL = Object.entries(STATE)
/** An adversary that knows a key derives from it whenever it likes; so `known` is compared up to Derive. */
const KNOWN = STATE.known.symbol

class Tie implements Observer {
  readonly #rigid: Rigid
  readonly #possible: Record<string, number>
  readonly #claims = invariantsOf(STATE)
  readonly #invariants = Object.entries(this.#claims)
  readonly #waiting: Map<Formula, string> // assumptions that were not true yet, by name
  readonly #reached = new Set<Formula>()
  readonly #actions: ReadonlyMap<string, Prepared>
  readonly #onActions = new Map<string, (readonly [string, Formula])[]>() // properties, by their action
  readonly #anywhere: (readonly [name: string, guard: Prepared | null, holds: Formula, over: readonly Term[]])[] = []
  readonly #start = initially(STATE, (k) => insider(owner(k)))
  readonly #states = new Map<string, Abstraction>()
  readonly #judged = new Set<string>()
  readonly #at: unknown[] = []
  #frames = -1 // of the largest state in which the laws were judged

  constructor(rigid: Rigid, possible: Record<string, number>) {
    this.#rigid = rigid
    this.#possible = possible
    const actions = actionsIn(STATE, variable)
    this.#actions = new Map(actions.map((a) => [a.name, new Prepared(a)]))
    const free = [variable('Run'), variable('Session'), variable('Frame')] as const
    const properties = propertiesOf(STATE, actions, ...free)
    this.#waiting = new Map(
      [...antecedents('invariant', this.#claims), ...antecedents('property', properties)].map(([name, f]) => [f, name]),
    )
    for (const [name, { on, holds }] of Object.entries(properties)) {
      if (on !== null && actions.includes(on))
        this.#onActions.set(on.name, [...(this.#onActions.get(on.name) ?? []), [name, holds]])
      else {
        const over = free.filter((v) => new RegExp(`\\b${v.smt}\\b`).test(holds.smt) || on?.parameters.includes(v))
        this.#anywhere.push([name, on === null ? null : new Prepared(on), holds, over])
      }
    }
  }

  state({ clients, conns }: ModelState): readonly Difference[] {
    if (this.#seen(`${clients.n} ${conns.n}`)) return []
    const s = this.#abstract(clients, conns)
    const found: Difference[] = []
    if (clients.ends.length === 0 && conns.ends.length === 0)
      found.push(...this.#assumed('start', this.#start, s, 'the initial state'))
    const frames = s.elements('Frame').length
    if (frames > this.#frames) {
      this.#frames = frames
      for (const law of AXIOMS) found.push(...this.#assumed('laws', law, s, 'a law of the key formulas'))
    }
    found.push(...this.#keeps(s, null, ''), ...this.#properties(s))
    if (found.length === 0) this.#count('invariants')
    found.push(...this.#leaks(s))
    for (const [f, name] of this.#waiting)
      if (this.#reached.has(f)) {
        this.#count(name)
        this.#waiting.delete(f)
      }
    return found
  }

  step(
    { clients, conns }: ModelState,
    after: Clients | Conns,
    segments: () => readonly Segment[],
  ): readonly Difference[] {
    if (this.#seen(`${clients.n} ${conns.n} ${after.kind} ${after.n}`)) return []
    const found: Difference[] = []
    let [c, s] = [clients, conns]
    for (const { after: side } of segments()) {
      const before = [c, s] as const
      if (side.kind === 'client') c = side
      else s = side
      found.push(...this.#explain(before, [c, s]))
    }
    return found
  }

  #count(name: string): void {
    this.#possible[name] = (this.#possible[name] ?? 0) + 1
  }

  #seen(name: string): boolean {
    if (this.#judged.has(name)) return true
    this.#judged.add(name)
    return false
  }

  #abstract(clients: Clients, conns: Conns): Abstraction {
    const name = `${clients.n} ${conns.n}`
    let s = this.#states.get(name)
    if (s === undefined) {
      if (this.#states.size > 20_000) this.#states.clear() // to be made again
      s = new Abstraction(this.#rigid, clients.ends, conns.ends, this.#reached)
      this.#states.set(name, s)
    }
    return s
  }

  #assumed(name: string, f: Formula, s: Structure, says: string): readonly Difference[] {
    if (f.value(s, this.#at) !== true) return [{ what: name, why: `${says}: expected to hold in the model, does not` }]
    this.#count(name)
    return []
  }

  /** The invariants, or those that speak of what has `changed`. */
  #keeps(s: Structure, changed: readonly string[] | null, where: string): readonly Difference[] {
    return this.#invariants
      .filter(([, i]) => changed === null || changed.some((x) => i.holds.smt.includes(`(${x} `)))
      .filter(([, i]) => i.holds.value(s, this.#at) !== true)
      .map(([name, i]) => ({ what: `invariant ${name}`, why: `${i.says} Not so${where}` }))
  }

  /** Properties of states, and of control frames that would be accepted. */
  #properties(s: Structure): readonly Difference[] {
    const found: Difference[] = []
    for (const [name, on, holds, over] of this.#anywhere) {
      const judge = (from: number): void => {
        const v = over[from]
        if (v !== undefined)
          for (const x of s.elements(v.sort)) {
            assign(v, x, this.#at)
            judge(from + 1)
          }
        else if (on === null || on.guard.value(s, this.#at) === true) {
          if (on !== null) this.#count(on.action.name)
          if (holds.value(s, this.#at) !== true)
            found.push({ what: `property ${name}`, why: 'does not hold in the model' })
        }
      }
      judge(0)
    }
    return found
  }

  /** Every end loses its keys, and its thief goes on deriving. */
  #leaks(s: Structure): readonly Difference[] {
    const found: Difference[] = []
    const [f, g] = [s.elements('Frame')[0], s.elements('Frame').at(-1)]
    for (const [name, sort] of Object.entries(LEAKS)) {
      const leak = this.#actions.get(name)!
      for (const e of s.elements(sort)) {
        leak.assign([e], this.#at)
        if (leak.guard.value(s, this.#at) !== true) continue
        this.#count(name)
        const lost = leak.after(s, this.#at)
        found.push(...this.#keeps(lost, leak.changes, `, after ${name}(${e})`), ...this.#properties(lost))
        const derive = this.#actions.get('Derive')!
        const x = s.apply('iv', [g])
        for (const k of s.elements('Key').filter((key) => lost.apply(KNOWN, [key]) && !s.apply(KNOWN, [key]))) {
          derive.assign([k, x, f, g], this.#at)
          if (derive.guard.value(lost, this.#at) !== true) continue
          this.#count('Derive')
          const made = [s.apply('evolve', [k, x]), s.apply('helloStep', [k, f]), s.apply('bindStep', [k, f, g])]
          const derived = withKeys(derive.after(lost, this.#at), made)
          found.push(...this.#keeps(derived, derive.changes, `, after ${name}(${e}) and Derive`))
        }
      }
    }
    return found
  }

  /** A transition of one side, as steps of the proof: each possible where it happens, and together with this result. */
  #explain(from: readonly [Clients, Conns], to: readonly [Clients, Conns]): readonly Difference[] {
    const now = this.#abstract(...to)
    const start = within(this.#abstract(...from), now)
    const ends = ([c, s]: readonly [Clients, Conns]) => [c.ends, s.ends] as const
    const steps = stepsBetween(ends(from), ends(to), this.#rigid.context.setup.insiders)
    const story = steps.length === 0 ? 'nothing' : steps.map(([name, n]) => `${name}(${n})`).join(', ')
    const what = `transition ${steps.map(([name]) => name).join(', ') || 'nothing'}`
    let s = start
    for (const [name, ...args] of steps) {
      const action = this.#actions.get(name)!
      action.assign(args, this.#at)
      // What a DATA supersedes ends first (steps.ts); but the order of HELLOs is to be right while it lives.
      const forged = args.some((f) => (f as Frame).origin === 'sealed')
      for (const where of name === 'ServerData' && !forged && s !== start ? [start, s] : [s]) {
        for (const [rule, guard] of Object.entries(action.action.guards))
          if (guard.value(where, this.#at) !== true)
            return [{ what, why: `${name}(${args[0]}): expected its rule "${rule}" to hold where the model does it` }]
        for (const [property, holds] of this.#onActions.get(name) ?? [])
          if (holds.value(where, this.#at) !== true)
            return [{ what: `property ${property}`, why: `does not hold where ${name}(${args[0]}) happens` }]
      }
      this.#count(name)
      s = action.after(s, this.#at)
    }
    const differs = this.#compare(s, now)
    return differs === null ? [] : [{ what, why: `after ${story}: ${differs}` }]
  }

  /** The first place where two structures differ. */
  #compare(got: Structure, want: Structure): string | null {
    const knows = (k: unknown): boolean => {
      const { from } = this.#rigid.key(k as never)
      return got.apply(KNOWN, [k]) === true || (from !== null && knows(from))
    }
    const show = (x: unknown): string => (typeof x === 'object' && x !== null ? (x as Frame).id : String(x))
    for (const [name, f] of ALL as (readonly [Name, (typeof STATE)[Name]])[]) {
      const tuples = f.takes.reduce<readonly (readonly unknown[])[]>(
        (so, sort) => so.flatMap((xs) => want.elements(sort).map((x) => [...xs, x])),
        [[]],
      )
      for (const args of tuples) {
        const [is, should] = [name === 'known' ? knows(args[0]) : got.apply(f.symbol, args), want.apply(f.symbol, args)]
        if (is !== should) return `${name}(${args.map(show)}) is ${show(is)}, in the model ${show(should)}`
      }
    }
    return null
  }
}
