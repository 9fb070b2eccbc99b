import { describe, expect, it } from 'vitest'
import { parseOptions } from '../properties/harness/terminal/options.ts'
import { recordedScreen } from '../properties/harness/terminal/testkit.ts'
import { displayOf } from './display.ts'
import type { Result } from './engine/campaign.ts'
import type { Found } from './engine/finding.ts'
import { FUZZ_USAGE, optionsOf } from './options.ts'

const FOUND: Found = { signature: 'x', alone: true, path: '/x/padding-x.bin', lines: ['padding crash: x', '  more'] }
const result = (target: string, findings: readonly Found[] = []): Result => ({
  ...{ target, executions: 1_000, corpus: 2, features: 3, findings, coverage: [], cells: null },
  ...{ digest: '', kills: 0, troubles: [], curve: [] },
})

/** What is said of a search of which so much has come to an end. */
const said = (argv: readonly string[], results: readonly Result[], interrupted = false): readonly string[] => {
  const parsed = parseOptions(FUZZ_USAGE, argv)
  if (parsed === 'help') throw new Error('expected options, got --help')
  const { screen, out } = recordedScreen()
  const display = displayOf(optionsOf(parsed.options), screen)
  for (const r of results) {
    display.begin()
    for (const found of r.findings) display.found(found)
    display.end(r)
  }
  display.close(interrupted)
  return out().split('\n')
}

describe('displayOf', () => {
  const both = ['--target', 'frame,padding', '--time', '20']

  it('says how long several targets take, and sums up what each came to', () => {
    const lines = said(both, [result('frame'), result('padding')])
    expect(lines[0]).toBe('2 targets, 20 s each, 0:40 together')
    expect(lines.at(-1)).toBe('2 targets, 2,000 executions in 0:00: nothing found')
    expect(lines.slice(-4, -1).map((line) => line.trim().split(/ {2,}/))).toEqual([
      ['target', 'executions', 'features', 'findings'],
      ['frame', '1,000', '3', 'no findings'],
      ['padding', '1,000', '3', 'no findings'],
    ])
  })

  it('says what was found by a search that was interrupted, and how to see it again', () => {
    const lines = said(['--target', 'frame,padding', '--runs', '7'], [result('frame', [FOUND])], true)
    expect(lines[0]).toBe('2 targets, 7 executions each')
    expect(lines.slice(-3)).toEqual([
      'padding crash: x',
      '  npm run fuzz -- --replay /x/padding-x.bin',
      'interrupted at 1 of 2 targets, 1,000 executions in 0:00: 1 finding, on disk',
    ])
  })

  it('has no more to say of a single target, and one object each for a program', () => {
    expect(said(['--target', 'frame'], [result('frame')])).toHaveLength(1)
    const objects = said([...both, '--json'], [result('frame', [FOUND])], true).map((line) => JSON.parse(line))
    expect(objects.map((o) => o.event)).toEqual(['finding', 'result', 'summary'])
    expect(objects.at(-1)).toMatchObject({ targets: 2, searched: 1, interrupted: true, executions: 1_000, findings: 1 })
  })
})
