/** Random schedules in a scope of the model, and how much of the exhausted scope they reach. */
import type { State } from './endpoints.ts'
import { explore } from './explore.ts'
import { Model } from './model.ts'
import type { Scope } from './scope.ts'

/** Distinct states and transitions that the first so many schedules came to. */
interface Walked {
  readonly schedules: number
  readonly states: number
  readonly transitions: number
}

interface Walks {
  /** Of the exhausted scope, the states of the protocol and the adversary alone, without those of monitors. */
  readonly states: number
  readonly transitions: number
  /** Each next thing drawn evenly from all that can happen, and from what was taken least often there. */
  readonly even: readonly Walked[]
  readonly rare: readonly Walked[]
}

interface Step {
  readonly to: State | null // null: judged, and the walk stays
  taken: number
}

/** Numbers below `n`, the same for the same seed (xorshift). */
const below = (seed: number) => {
  let x = seed | 1
  return (n: number): number => {
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    return (x >>> 0) % n
  }
}

const walk = (scope: Scope, counts: readonly number[], moves: number, rare: boolean): readonly Walked[] => {
  const model = new Model(scope)
  const known = new Map<string, readonly Step[]>()
  const draw = below(0x9e3779b9)
  const walked: Walked[] = []
  let transitions = 0
  const stepsOf = (s: State): readonly Step[] => {
    const name = `${s.clients.n} ${s.conns.n} ${s.taken.n}`
    const steps = known.get(name)
    if (steps !== undefined) return steps
    const made = model.actions(s).flatMap((m) =>
      model.play(m.side === 'client' ? s.clients : s.conns, m).map((o): Step => {
        const goesOn = m.leads && model.continues(o.after)
        return { to: goesOn ? model.apply(s, m, o) : null, taken: 0 }
      }),
    )
    known.set(name, made)
    return made
  }
  for (let done = 1; done <= Math.max(...counts); done++) {
    let s = model.initStates()[0]!
    for (let i = 0; i < moves; i++) {
      const all = stepsOf(s)
      const least = Math.min(...all.map((step) => step.taken))
      const some = rare ? all.filter((step) => step.taken === least) : all
      if (some.length === 0) break
      const step = some[draw(some.length)]!
      if (step.taken++ === 0) transitions++
      s = step.to ?? s
    }
    stepsOf(s)
    if (counts.includes(done)) walked.push({ schedules: done, states: known.size, transitions })
  }
  return walked
}

/** `counts`: of schedules, ascending; `moves`: of each. Throws a RangeError where the scope cannot be exhausted. */
export const walks = (scope: Scope, counts: readonly number[], moves: number): Walks => {
  const { states, transitions, stopped } = explore(scope, { monitors: [] })
  if (stopped !== null) throw new RangeError(`walks: expected a scope that can be exhausted, got stopped by ${stopped}`)
  const of = (rare: boolean): readonly Walked[] => walk(scope, counts, moves, rare)
  return { states, transitions, even: of(false), rare: of(true) }
}
