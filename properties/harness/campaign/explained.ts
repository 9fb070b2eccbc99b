/** Why each counterexample of a campaign breaks what it breaks, as far as anybody can say. */
import { type Explanation, lostExplanation } from '../explain/text.ts'
import type { Counterexample } from './minimal.ts'
import { askSystem, type Means } from './players.ts'

/**
 * Asked apart, in processes of their own, so that no counterexample is lost over it; of a stopped run too. None where
 * nobody can say here; where a process was lost over it, that is said.
 */
export const explained = async <C extends Pick<Counterexample, 'invariant' | 'schedule'>>(
  found: readonly C[],
  means: Means,
): Promise<ReadonlyMap<C, Explanation>> => {
  const of = new Map(found.map((f) => [{ invariant: f.invariant, schedule: f.schedule }, f]))
  const all = new Map<C, Explanation>()
  const asking = { ...means, signal: new AbortController().signal }
  await askSystem('explanation', [...of.keys()], asking, (answer, asked) => {
    const c = of.get(asked)!
    const value = answer.kind === 'ok' ? answer.value : lostExplanation(answer.why)
    if (value !== null && !all.has(c)) all.set(c, value)
  })
  return all
}
