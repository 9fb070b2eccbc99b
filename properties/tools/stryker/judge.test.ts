import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { OptionError, parseOptions } from '../../harness/terminal/options.ts'
import { FILES, OPTIONS } from './config.ts'
import { EQUIVALENTS } from './equivalents.ts'
import { type Equivalent, judge, type Mutation, parseReport } from './judge.ts'

const SOURCE = 'const a = 1\n  if (a < 1 || a > 16) return null\nconst b = [\n  2,\n]\n'
const at = (line: number, column: number) => ({ line, column })
const mutant = (status: string, start: object, end: object, replacement: string) => ({
  id: '0',
  mutatorName: 'Any',
  status,
  replacement,
  location: { start, end },
})
const MUTANTS = [
  mutant('Survived', at(2, 16), at(2, 22), 'false'),
  mutant('Killed', at(2, 7), at(2, 12), 'a <= 1'),
  mutant('Timeout', at(1, 11), at(1, 12), '2'),
  mutant('NoCoverage', at(3, 11), at(5, 2), '[]'),
  mutant('CompileError', at(1, 1), at(1, 12), ''),
]
const report = (mutants: unknown) => JSON.stringify({ files: { 'src/a.ts': { source: SOURCE, mutants } } })

const read = (): readonly Mutation[] => {
  const parsed = parseReport('r.json', report(MUTANTS))
  if (parsed.kind === 'bad') throw new Error(parsed.why)
  return parsed.value
}

const entry = (line: string, original: string, replacement: string): Equivalent => ({
  file: 'src/a.ts',
  line,
  original,
  replacement,
  why: 'because',
})
const LINE = 'if (a < 1 || a > 16) return null'

describe('a report of Stryker', () => {
  it('gives each mutant its own text and line', () => {
    expect(read().map((m) => [m.at, m.line, m.original, m.replacement])).toEqual([
      [2, LINE, 'a > 16', 'false'],
      [2, LINE, 'a < 1', 'a <= 1'],
      [1, 'const a = 1', '1', '2'],
      [3, 'const b = [', '[\n  2,\n]', '[]'],
      [1, 'const a = 1', 'const a = 1', ''],
    ])
  })

  it.each([
    ['no JSON', 'r.json: expected JSON, got '],
    ['{}', 'r.json: files: expected record, got nothing'],
    [report(MUTANTS.slice(-1)), 'r.json: expected mutants that ran, got 1 that did not'],
    [report([{ status: 'Killed' }]), 'r.json: files.src/a.ts.mutants[0].replacement: expected string, got nothing'],
  ])('that is none is named: %s', (text, why) => {
    expect(parseReport('r.json', text)).toMatchObject({ kind: 'bad', why: expect.stringContaining(why) })
  })
})

describe('the judgement', () => {
  it('tells what survived from what is known to be equivalent', () => {
    const { killed, overdue, equivalent, survivors, wrong } = judge(read(), [entry(LINE, 'a > 16', 'false')])
    expect([killed, overdue, equivalent, survivors.map((m) => m.replacement), wrong]).toEqual([2, 1, 1, ['[]'], []])
  })

  it('takes an equivalent mutant that ran too long for a sign of a busy machine', () => {
    expect(judge(read(), [entry('const a = 1', '1', '2')])).toMatchObject({
      killed: 1,
      overdue: 0,
      equivalent: 1,
      wrong: [],
    })
  })

  it('knows a mutant of several lines', () => {
    expect(judge(read(), [entry('const b = [', '[ 2, ]', '[]')]).survivors).toHaveLength(1)
  })

  it('finds entries that are wrong', () => {
    const killed = entry(LINE, 'a < 1', 'a <= 1')
    const none = entry(LINE, 'a < 1', 'a < 2')
    expect(judge(read(), [killed, none]).wrong).toEqual([
      { entry: killed, problem: 'killed' },
      { entry: none, problem: 'no such mutant' },
    ])
  })
})

it('the table speaks of lines that are in the source, each once, with a reason', () => {
  for (const { file, line, original, why } of EQUIVALENTS) {
    expect(FILES).toContain(file)
    const lines = readFileSync(file, 'utf8').split('\n')
    expect(
      lines.map((l) => l.trim()),
      `${file}: ${original}`,
    ).toContain(line)
    expect(why.length).toBeGreaterThan(10)
  }
  const names = EQUIVALENTS.map(({ why, ...rest }) => JSON.stringify(rest))
  expect(new Set(names).size).toBe(names.length)
})

describe('the options', () => {
  const parse = (argv: readonly string[]) => parseOptions({ name: 'stryker', options: OPTIONS, notes: '' }, argv)

  it('name files with or without their folder, in the order of the list', () => {
    expect(parse(['--only', 'server.ts,src/keys.ts', '--again'])).toMatchObject({
      options: { only: ['src/keys.ts', 'src/server.ts'], concurrency: 1, again: true },
    })
    expect(parse([])).toMatchObject({ options: { only: FILES, again: false } })
  })

  it.each([
    [['--only', 'crypto.ts'], /^--only: expected files of src\/primitives.ts, .*, got crypto.ts$/],
    [['--concurrency', '0'], /^--concurrency: expected an integer from 1, got 0$/],
    [['--fast'], /^Unknown option '--fast'/],
  ])('%j is refused in one line', (argv, why) => {
    expect(() => parse(argv)).toThrow(OptionError)
    expect(() => parse(argv)).toThrow(why)
  })
})
