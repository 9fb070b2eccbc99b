import { expect, it } from 'vitest'
import { planScopes, runChunk } from '../../harness/campaign/campaign.ts'
import { REACHABLE } from '../../harness/campaign/reach.ts'
import { emptyResult, merge } from '../../harness/campaign/tally.ts'
import { SCALE_SCOPE } from '../../harness/generate/scopes/scopes.ts'
import { srcSystem } from '../../harness/parties/party-file.ts'
import { reachedOf, reachProblems, reachSection, reachText } from './reach.ts'

it('a run that reached nothing is red for every cell of every mode', () => {
  const reached = reachedOf(emptyResult(srcSystem), ['bound', 'literal'])
  const problems = reachProblems(reached)
  expect(problems).toHaveLength(2 * REACHABLE.length)
  expect(problems[0]).toMatchObject({ kind: 'cell', text: 'bound: round: 2^0: expected it reached, got never' })
  expect(reachText(reached)).toContain(`0 of ${2 * REACHABLE.length}`)
})

it('the scope of scale alone reaches every cell, and without its largest schedules some are red', () => {
  const chunks = planScopes([SCALE_SCOPE], ['bound'])
  const results = chunks.map((c) => runChunk(c, srcSystem, new Set(['G1'])))
  const all = results.reduce(merge, emptyResult(srcSystem))
  const reached = reachedOf(all, ['bound'])
  expect(reachProblems(reached)).toEqual([])
  expect(reachSection(reached)[0]!.body).toContain('| values of an aggregate | 2^0 | 2^16 | 1 |')
  const less = reachProblems(reachedOf(results.slice(0, -1).reduce(merge, emptyResult(srcSystem)), ['bound']))
  expect(less.map((p) => p.text)).toContain('bound: values of an aggregate: 2^16: expected it reached, got never')
})
