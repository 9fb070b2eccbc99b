import { describe, expect, it } from 'vitest'
import { parseOptions } from './options.ts'
import { TARGET_NAMES } from './targets/index.ts'

const bad = (...argv: string[]): string => {
  const parsed = parseOptions(argv)
  return parsed.kind === 'bad' ? parsed.why : parsed.kind
}

describe('parseOptions', () => {
  it('has a default for everything', () => {
    expect(parseOptions([])).toEqual({
      kind: 'ok',
      options: {
        do: 'search',
        targets: TARGET_NAMES,
        budget: { kind: 'time', seconds: 30 },
        seed: 1,
        jobs: 1,
        limitMs: 1_000,
        json: false,
      },
    })
  })

  it('takes what it is given', () => {
    const argv = ['--target', 'stream,frame', '--runs', '7', '--seed', '9', '--jobs', '2', '--limit', '300', '--json']
    expect(parseOptions(argv)).toMatchObject({
      options: { targets: ['stream', 'frame'], budget: { kind: 'runs', executions: 7 }, seed: 9, jobs: 2, json: true },
    })
    expect(parseOptions(['--replay', 'x'])).toMatchObject({ options: { do: { replay: 'x' } } })
    expect(parseOptions(['--minimize'])).toMatchObject({ options: { do: 'minimize' } })
    expect(parseOptions(['--help'])).toEqual({ kind: 'help' })
  })

  it('names the option, the expectation and what it got', () => {
    expect(bad('--target', 'frames')).toBe(`--target: expected one of ${TARGET_NAMES.join(', ')}, got frames`)
    expect(bad('--runs', '0')).toBe('--runs: expected an integer 1..1000000000, got 0')
    expect(bad('--jobs', 'two')).toBe('--jobs: expected an integer 1..64, got two')
    expect(bad('--runs', '1', '--time', '1')).toBe('--runs: expected without --time, got both')
    expect(bad('--regress', '--minimize')).toBe('--minimize, --regress, --replay: expected one of them, got more')
    expect(bad('--nope')).toMatch(/nope/)
  })
})
