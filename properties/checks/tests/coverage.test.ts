import { describe, expect, it } from 'vitest'
import { BUDGET, type Exclusion, istanbulSchema, judgeCoverage } from './coverage.ts'

const SOURCE = ['const a = 1', 'if (a) b()', 'throw new Error()'].join('\n')
const at = (line: number) => ({ start: { line } })
/** Three lines, one two-way branch on the second. */
const file = (lines: readonly [number, number, number], branch: readonly [number, number]) => ({
  statementMap: { 0: at(1), 1: at(2), 2: at(3) },
  s: { 0: lines[0], 1: lines[1], 2: lines[2] },
  branchMap: { 0: { loc: at(2), locations: [at(2), at(2)] } },
  b: { 0: [...branch] },
})
const judge = (data: Parameters<typeof judgeCoverage>[0], exclusions: readonly Exclusion[] = [], source = SOURCE) =>
  judgeCoverage(data, () => source, exclusions)

describe('coverage', () => {
  it('is fine when every line and branch ran', () => {
    const { figures, problems } = judge({ 'src/a.ts': file([1, 1, 1], [1, 1]) })
    expect(problems).toEqual([])
    expect(figures.lines).toEqual({ covered: 3, total: 3 })
    expect(figures.branches).toEqual({ covered: 2, total: 2 })
  })

  it('names each line that no test runs', () => {
    const { problems } = judge({ 'src/a.ts': file([1, 1, 0], [1, 1]) })
    expect(problems.map((p) => [p.kind, p.at, p.text])).toEqual([
      ['coverage', 'src/a.ts:3', 'no test runs this line: throw new Error()'],
    ])
  })

  it('is red below 98 % of the branches, and names them', () => {
    const { problems } = judge({ 'src/a.ts': file([1, 1, 1], [1, 0]) })
    expect(problems.map((p) => p.text)).toEqual([
      'branches of src: expected at least 98 %, got 50.00 %',
      'no test takes this branch: if (a) b()',
    ])
  })

  it('puts a branch without a place of its own where its statement begins', () => {
    const whole = file([1, 1, 1], [1, 0])
    const unwritten = { ...whole, branchMap: { 0: { loc: at(2), locations: [at(2), { start: {} }] } } }
    const { figures } = judge(istanbulSchema.parse({ 'src/a.ts': unwritten }))
    expect(figures.files[0]!.missed.map((m) => m.line)).toEqual([2])
  })

  it('does not count what is excluded with a reason, and shows it', () => {
    const reason = 'cannot happen'
    const { figures, problems } = judge({ 'src/a.ts': file([1, 1, 0], [1, 1]) }, [
      { file: 'src/a.ts', line: 'throw new Error()', reason },
    ])
    expect(problems).toEqual([])
    expect(figures.files[0]!.missed).toEqual([{ line: 3, what: 'line', text: 'throw new Error()', reason }])
    expect(figures.lines).toEqual({ covered: 2, total: 2 })
  })

  it('leaves a whole folder out', () => {
    const { figures } = judge({ 'src/a.ts': file([1, 1, 1], [1, 1]), 'src/x/b.ts': file([0, 0, 0], [0, 0]) }, [
      { file: 'src/x/', line: null, reason: 'r' },
    ])
    expect(figures.files.map((f) => f.file)).toEqual(['src/a.ts'])
  })

  it('is red on an exclusion that is about nothing, on too many, and on a comment that excludes', () => {
    const data = { 'src/a.ts': file([1, 1, 1], [1, 1]) }
    const gone = { file: 'src/a.ts', line: 'gone()', reason: 'r' }
    expect(judge(data, [gone]).problems.map((p) => p.text)).toEqual([
      'an exclusion is about src/a.ts "gone()", which does not exist',
    ])
    const many = Array.from({ length: BUDGET + 1 }, () => ({ file: 'src/a.ts', line: 'if (a) b()', reason: 'r' }))
    expect(judge(data, many).problems[0]!.text).toBe(`${BUDGET + 1} exclusions, expected at most ${BUDGET}`)
    const commented = judge(data, [], `/* v8 ${'ignore'} next */\n${SOURCE}`)
    expect(commented.problems.map((p) => p.at)).toEqual(['src/a.ts'])
  })
})
