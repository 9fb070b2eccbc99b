/** What has to be shown, as texts for the prover: each is unsatisfiable exactly if what it names holds. */
import { type Action, actionsIn, after, BOUND, guardOf, type Schedule } from './actions.ts'
import { invariantsOf } from './invariants.ts'
import { and, eq, type Formula, forall, implies, int, not, or, type Sort, type Term, variable } from './logic.ts'
import { propertiesOf } from './properties.ts'
import { insider, type Name, owner, STATE, type State } from './vocabulary.ts'

export interface Obligation {
  readonly kind: 'initiation' | 'preservation' | 'property'
  readonly action: string // empty for initiation
  readonly claim: string
  readonly text: string // declarations of constants and assertions, to follow the preamble
}

/** What is left out of the system; nothing: `bound`. */
export interface Experiment {
  readonly schedule?: Schedule
  /** An action, and the rule among its guards that is not asked for. */
  readonly without?: readonly [action: string, rule: string]
  /** An action, and the part of the state that it no longer changes. */
  readonly keeps?: readonly [action: string, of: Name]
}

/** Nothing has happened; the adversary knows what the master keys of its insiders give (power I). */
export const initially = (w: State, insiderOf: (key: Term) => Formula): Formula =>
  and(
    forall(['Run'], (c) => and(...([w.started, w.active, w.ended, w.waiting] as const).map((p) => not(p(c))))),
    forall(['Session'], (s) => and(...([w.open, w.closed, w.confirmed] as const).map((p) => not(p(s))))),
    forall(['Frame', 'Run'], (f, c) => not(or(w.sentBy(f, c), w.taken(f, c)))),
    forall(['Frame', 'Session'], (f, s) => not(or(w.sentFrom(f, s), w.accepted(f, s)))),
    forall(['Frame'], (f) => not(or(w.used(f), w.leakedInit(f)))),
    forall(['Frame', 'Frame'], (f, g) => not(w.leaked(f, g))),
    forall(['Key'], (k) => implies(w.known(k), insiderOf(k))),
    eq(w.counter(), int(0)),
  )

const asserted = (fs: readonly Formula[]): string => fs.map((f) => `(assert ${f.smt})`).join('\n')
const denied = (f: Formula): string => `(assert (not ${f.smt}))`

/** Every obligation; the assumptions of each are all invariants and the guard of its action. */
export const obligations = ({ schedule = BOUND, without, keeps }: Experiment = {}): readonly Obligation[] => {
  const constants: Term[] = []
  const constant = (sort: Sort): Term => {
    const v = variable(sort)
    constants.push(v)
    return v
  }
  const w: State = STATE
  const changed = (a: Action): Action => ({
    ...a,
    guards: Object.fromEntries(
      Object.entries(a.guards).filter(([rule]) => !(without?.[0] === a.name && without[1] === rule)),
    ),
    updates: a.updates.filter((u) => !(keeps?.[0] === a.name && keeps[1] === u.of)),
  })
  const all = actionsIn(w, constant, schedule).map(changed)
  const [c, s, f] = [constant('Run'), constant('Session'), constant('Frame')]
  const properties = propertiesOf(w, all, c, s, f)
  const declared = constants.map((v) => `(declare-const ${v.smt} ${v.sort})`).join('\n')
  const before = invariantsOf(w)
  const assumed = asserted(Object.values(before).map((i) => i.holds))
  const start = `${declared}\n${asserted([initially(w, (k) => insider(owner(k)))])}`
  return [
    ...Object.entries(before).map(
      ([claim, i]): Obligation => ({ kind: 'initiation', action: '', claim, text: `${start}\n${denied(i.holds)}` }),
    ),
    ...all.flatMap((a) =>
      Object.entries(invariantsOf(after(w, a))).map(
        ([claim, i]): Obligation => ({
          kind: 'preservation',
          action: a.name,
          claim,
          text: `${declared}\n${assumed}\n${asserted([guardOf(a)])}\n${denied(i.holds)}`,
        }),
      ),
    ),
    ...Object.entries(properties).map(
      ([claim, p]): Obligation => ({
        kind: 'property',
        action: p.on?.name ?? '',
        claim,
        text: `${declared}\n${assumed}\n${p.on === null ? '' : asserted([guardOf(changed(p.on))])}\n${denied(p.holds)}`,
      }),
    ),
  ]
}
