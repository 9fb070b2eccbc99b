import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ABLATIONS } from '../../spec/checker/ablations.ts'
import { scheduleOf } from '../../spec/checker/paths.ts'
import { scope } from '../../spec/checker/scope.ts'
import type { Schedule } from '../../spec/language.ts'
import type { MakeParty } from '../harness/parties/party.ts'
import { srcParty } from '../harness/parties/src.ts'
import { loadVariant } from '../harness/process/variants.ts'
import { play } from '../harness/world/play.ts'
import { systemOf } from '../harness/world/system.ts'
import { playground } from './build.ts'
import { EXERCISES, type Exercise } from './exercises.ts'
import { write } from './run.ts'

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

const folder = mkdtempSync(join(tmpdir(), 'gauntlet-'))
beforeAll(async () => {
  const files = await playground()
  write(new Map([...files, ['package.json', new TextEncoder().encode('{ "type": "module" }')]]), folder)
})
afterAll(() => rmSync(folder, { recursive: true }))

/** As the page loads it. */
const serverOf = async (x: Exercise): Promise<MakeParty> => {
  const file = join(folder, `exercises/${x.mutant}.js`)
  return ((await import(/* @vite-ignore */ file)) as { readonly server: MakeParty }).server
}

const brokenBy = (schedule: Schedule, server: typeof srcParty): readonly string[] =>
  play(schedule, systemOf('a server', srcParty, server)).findings.map((f) => f.invariant)

it.each(EXERCISES)('$title: $mutant', async (x) => {
  const way = (await shortestOf(x))!
  expect(way.actions).toHaveLength(x.shortest)
  expect(brokenBy(way, await serverOf(x))).toContain(x.goal)
  expect(brokenBy(way, srcParty)).toEqual([])
})

it('there are twelve, and each is another server', () => {
  expect(new Set(EXERCISES.map((x) => x.mutant)).size).toBe(12)
})
