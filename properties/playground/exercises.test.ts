import { expect, it } from 'vitest'
import { ABLATIONS } from '../../spec/checker/ablations.ts'
import { scheduleOf } from '../../spec/checker/paths.ts'
import { scope } from '../../spec/checker/scope.ts'
import type { Schedule } from '../../spec/language.ts'
import { MUTANTS } from '../harness/mutants/catalogue.ts'
import { partyOf, srcParty } from '../harness/parties/src.ts'
import { play } from '../harness/play.ts'
import { systemOf } from '../harness/system.ts'
import { loadVariant } from '../harness/variants.ts'
import { EXERCISES, type Exercise } from './exercises.ts'

type Explorer = typeof import('../../spec/checker/explore.ts')

/** The model's shortest way to the goal, without the rule. */
const shortestOf = async (x: Exercise): Promise<Schedule | null> => {
  const cuts = typeof x.without === 'string' ? ABLATIONS[x.without].cuts : x.without
  const replacements = cuts.map((c) => ({ ...c, file: `spec/model/${c.file}` }))
  const variant: unknown = await loadVariant(replacements, 'spec/checker/explore.ts')
  const s = scope(x.size, { concurrent: true, ...x.scope })
  const { judged } = (variant as Explorer).explore(s, { until: x.goal })
  const path = judged.find((j) => j.invariant.id === x.goal)?.counterexample ?? null
  return path && scheduleOf(s, path)
}

const brokenBy = (schedule: Schedule, server: typeof srcParty): readonly string[] =>
  play(schedule, systemOf('a server', srcParty, server)).findings.map((f) => f.invariant)

it.each(EXERCISES)('$title: $mutant', async (x) => {
  const way = (await shortestOf(x))!
  expect(way.actions).toHaveLength(x.shortest)
  const { replacements } = MUTANTS.find((m) => m.id === x.mutant)!
  expect(brokenBy(way, partyOf(await loadVariant(replacements)))).toContain(x.goal)
  expect(brokenBy(way, srcParty)).toEqual([])
})

it('there are twelve, and each is another server', () => {
  expect(new Set(EXERCISES.map((x) => x.mutant)).size).toBe(12)
})
