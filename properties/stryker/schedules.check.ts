/** The runner of `prop` as one of Stryker's tests; one test a profile, because the first that fails is the last to run. */
import { expect, it } from 'vitest'
import type { Mode } from '../../spec/language.ts'
import { runChunk } from '../campaign.ts'
import { isExpected } from '../examine.ts'
import { PROFILES } from '../profiles.ts'
import { srcSystem } from '../systems.ts'

const SEED = 7

const broken = (profile: string, mode: Mode, runs: number): string[] => {
  const { tallies } = runChunk({ index: 0, mode, profile, seed: SEED, runs }, srcSystem)
  return Object.entries(tallies[mode]).flatMap(([id, t]) => (t.broken > 0 ? [id] : []))
}

it.each(Object.keys(PROFILES))('%s, in bound', (profile) => {
  expect(broken(profile, 'bound', 24)).toEqual([])
})

it.each(Object.keys(PROFILES))('%s, in literal', (profile) => {
  expect(broken(profile, 'literal', 8).filter((id) => !isExpected(id, 'literal'))).toEqual([])
})
