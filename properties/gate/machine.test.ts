import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { Problem } from '../harness/report/outcome.ts'
import { annotation, junit, reportJsonSchema } from './machine.ts'
import type { Ran } from './runner.ts'
import { STAGES } from './stages.ts'

const problem: Problem = {
  kind: 'violation',
  text: 'A2 in bound: "x" < 100 %\nand more',
  at: 'src/server.ts:12',
  replay: 'npm run prop -- --replay f.json',
}
const ran = (status: Ran['status'], problems: readonly Problem[]): Ran => ({
  name: 'prop',
  asks: 'Does it hold',
  status,
  answer: null,
  problems,
  seconds: 1.5,
})

describe('annotations', () => {
  it('carry place, kind, text and replay in one escaped line', () => {
    expect(annotation(problem)).toBe(
      '::error file=src/server.ts,line=12,title=violation::A2 in bound: "x" < 100 %25%0Aand more%0Areplay: npm run prop -- --replay f.json',
    )
  })
})

describe('JUnit', () => {
  it('has a failure a problem, and a case for a stage without', () => {
    const xml = junit([ran('red', [problem]), ran('pass', []), ran('not run', [])])
    expect(xml).toContain('tests="1" failures="1" errors="0" skipped="0" time="1.500"')
    expect(xml).toContain('<failure type="violation" message="A2 in bound: &quot;x&quot; &lt; 100 %')
    expect(xml).toContain('<testcase classname="gate.prop" name="Does it hold" time="1.500"></testcase>')
    expect(xml).toContain('<skipped/>')
  })

  it('has a case for each question of a check, red by a problem about it or by what it says itself', () => {
    const cases = [
      { name: 'A2 in bound', red: 'violated' },
      { name: 'S4 in bound', red: 'violated: by the schedule that breaks A2' },
      { name: 'S4 in literal', red: null },
    ]
    const answer = { figures: null, problems: [], measured: {}, notes: [], summary: '', sections: [], cases }
    const about = { ...problem, text: 'what broke', about: 'A2 in bound' }
    const another = { ...about, text: 'what broke otherwise' }
    const xml = junit([{ ...ran('red', [about, another, problem]), answer }])
    expect(xml).toContain('tests="5" failures="4" errors="0"')
    expect(xml).toContain('name="A2 in bound"><failure type="violation" message="what broke">')
    expect(xml).toContain('name="S4 in bound"><failure type="failed" message="violated: by the schedule')
    expect(xml).toContain('name="S4 in literal"></testcase>')
    expect(xml).toContain('name="what broke otherwise"><failure')
  })

  it('lets no control character through', () => {
    expect(junit([ran('red', [{ ...problem, text: 'a\x1b[31mb' }])])).toContain('a�[31mb')
  })
})

describe('the JSON Schema of report.json', () => {
  it('refuses what is no report', () => {
    expect(
      z.fromJSONSchema(reportJsonSchema(STAGES) as z.core.JSONSchema.JSONSchema).safeParse({ version: 1 }).success,
    ).toBe(false)
  })
})
