/** The runner of `prop` as one of Stryker's tests; one test a profile, because the first that fails is the last to run. */
import { expect, it } from 'vitest'
import type { Mode } from '../../../spec/language.ts'
import { runChunk } from '../../harness/campaign/campaign.ts'
import { BIASES } from '../../harness/generate/biases.ts'
import { isExpected } from '../../harness/judging/examine.ts'
import { srcSystem } from '../../harness/parties/party-file.ts'

const SEED = 7

const broken = (profile: string, mode: Mode, runs: number): string[] => {
  const { tallies } = runChunk({ index: 0, mode, profile, seed: SEED, runs }, srcSystem)
  return Object.entries(tallies[mode]).flatMap(([id, t]) => (t.broken > 0 ? [id] : []))
}

it.each(Object.keys(BIASES))('%s, in bound', (profile) => {
  expect(broken(profile, 'bound', 24)).toEqual([])
})

it.each(Object.keys(BIASES))('%s, in literal', (profile) => {
  expect(broken(profile, 'literal', 8).filter((id) => !isExpected(id, 'literal'))).toEqual([])
})
