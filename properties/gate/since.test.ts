import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { UsageError } from '../harness/terminal/options.ts'
import { changesSince, type Earlier, readEarlier } from './since.ts'

const report = (verdict: string, more: Partial<Earlier> = {}): Earlier => ({
  profile: 'pr',
  verdict: 'pass',
  problems: [],
  stages: [{ name: 'prop', status: 'pass', summary: '24 schedules' }],
  figures: { prop: { invariants: [{ id: 'A2', bound: { verdict }, literal: { verdict: 'holds' } }] } },
  ...more,
})

const figures = (verdict: string, mutants: Readonly<Record<string, string>>): Earlier['figures'] => ({
  ...report(verdict).figures,
  mutants: { mutants: Object.entries(mutants).map(([id, verdict]) => ({ id, verdict })) },
})

it('tells what moved, what is new and what is gone, and nothing of what stayed', () => {
  const before = report('holds', {
    problems: [{ kind: 'floor', text: 'too few' }],
    figures: figures('holds', { one: 'killed', two: 'killed' }),
  })
  const now = report('violated', {
    verdict: 'fail',
    problems: [{ kind: 'violation', text: 'A2 broke' }],
    stages: [
      { name: 'prop', status: 'red', summary: '24 schedules' },
      { name: 'fuzz', status: 'pass', summary: null },
    ],
    figures: figures('violated', { one: 'SURVIVED', three: 'killed' }),
  })
  expect(changesSince(before, now)).toEqual([
    'verdict: fail; was: pass',
    'new problem: violation: A2 broke',
    'no longer a problem: floor: too few',
    'stage prop: red, 24 schedules; was: pass, 24 schedules',
    '1 stages that were not in it: fuzz',
    'invariant A2: violated in bound, holds in literal; was: holds in bound, holds in literal',
    'mutant one: SURVIVED; was: killed',
    '1 mutants that were not in it: three',
    '1 mutants of it are not here: two',
  ])
  expect(changesSince(before, before)).toEqual([])
})

it('says what it got instead of a report', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gauntlet-since-'))
  const file = join(folder, 'x.json')
  expect(() => readEarlier(file)).toThrow(UsageError)
  writeFileSync(file, '{"verdict": 5}')
  expect(() => readEarlier(file)).toThrow(/^--since: expected a report.json of the gate, got .*x\.json: /)
})
