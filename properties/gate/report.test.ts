import { describe, expect, it } from 'vitest'
import { fuzz } from '../../fuzz/check.ts'
import { explore } from '../checks/explore/check.ts'
import { campaignSections } from '../checks/prop/sections.ts'
import type { Problem } from '../harness/report/outcome.ts'
import { PROFILES } from './profiles.ts'
import { report } from './report.ts'
import type { Ran, Run } from './runner.ts'
import { ownSubject, REPORT_ORDER, STAGES } from './stages.ts'

const ran = (name: string, problems: readonly Problem[] = []): Ran => ({
  name,
  asks: 'ignored',
  status: problems.length === 0 ? 'pass' : 'red',
  answer: {
    figures: null,
    problems,
    measured: {},
    notes: [],
    summary: `summary of ${name}`,
    sections: [{ title: `Section of ${name}`, body: 'text' }],
  },
  problems,
  seconds: 12.5,
})
const made = (run: Partial<Run>): string =>
  report({ subject: ownSubject('pr'), profile: PROFILES.pr, seed: 7, run: { ran: [], partial: false, ...run } })

describe('REPORT.md', () => {
  it('says first whether to believe', () => {
    expect(made({}).split('\n')[2]).toBe('**PASS: everything is as expected.**')
    const red = made({ ran: [ran('prop', [{ kind: 'violation', text: 'A2 broke' }])] })
    expect(red.split('\n')[2]).toBe('**FAIL (exit code 1): something is not as the specification says.**')
    const partial = made({ ran: [ran('prop')], partial: true })
    expect(partial.split('\n')[2]).toMatch(/^\*\*PARTIAL/)
  })

  it('lists problems with where and how to see them again, and says how many it leaves out', () => {
    const problem: Problem = { kind: 'coverage', text: 'x | y', at: 'src/a.ts:3', replay: 'npx x' }
    const text = made({
      ran: [
        ran(
          'tests',
          Array.from({ length: 25 }, () => problem),
        ),
      ],
    })
    expect(text).toContain('- **coverage**: x \\| y (`src/a.ts:3`): `npx x`')
    expect(text).toContain('… and 5 more, in report.json')
  })

  it('has a row for every stage, run or not, and the sections in the order of readers', () => {
    const text = made({ ran: [ran('stored'), ran('prop')] })
    for (const s of STAGES) expect(text).toContain(`| \`${s.name}\` | ${s.asks}? |`)
    expect(text).toContain('| ✓&nbsp;pass | summary of prop |')
    expect(text.indexOf('## Section of prop')).toBeLessThan(text.indexOf('## Section of stored'))
    expect(text).toContain('[Section of prop](#section-of-prop)')
    expect(text).toContain('## What is not covered')
  })

  it('shows no time', () => {
    expect(made({ ran: [ran('prop')] })).not.toContain('12.5')
  })

  it('has behind folds what a first reader does not need', () => {
    const played = {
      distribution: { tamper: { schedules: 1, lengths: { 3: 1 }, rounds: { 1: 1 }, accepted: 1, reasons: {} } },
    }
    const bodies = [
      fuzz.sections({ targets: [] })[0]!.body,
      explore.sections({ scopes: [], tied: [], walks: null })[0]!.body,
      campaignSections({ ...played, invariants: [], counterexamples: [] } as never).at(-2)!.body,
    ]
    const read = bodies.map((b) => b.replace(/<details>[\s\S]*?<\/details>/g, ''))
    expect(read.filter((b) => /^(?:\||```)/m.test(b))).toEqual([])
    expect(read[2]).toMatch(/^Both modes together. A schedule has 3 actions/)
  })

  it('forgets no stage', () => {
    expect([...REPORT_ORDER].sort()).toEqual(STAGES.map((s) => s.name).sort())
  })
})
