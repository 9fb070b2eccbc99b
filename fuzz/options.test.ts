import { describe, expect, it } from 'vitest'
import { parseOptions, UsageError } from '../properties/harness/terminal/options.ts'
import { FUZZ_USAGE, type Options, optionsOf } from './options.ts'
import { TARGET_NAMES } from './targets/index.ts'

const read = (...argv: readonly string[]): Options | 'help' => {
  const given = parseOptions(FUZZ_USAGE, argv)
  return given === 'help' ? given : optionsOf(given.options)
}

const bad = (...argv: readonly string[]): string => {
  try {
    read(...argv)
    return 'ok'
  } catch (e) {
    if (!(e instanceof UsageError)) throw e
    return e.message
  }
}

describe('optionsOf', () => {
  it('has a default for everything', () => {
    expect(read()).toEqual({
      do: 'search',
      targets: TARGET_NAMES,
      budget: { kind: 'time', seconds: 30 },
      seed: 1,
      jobs: 1,
      limitMs: 1_000,
      json: false,
    })
  })

  it('takes what it is given', () => {
    const argv = ['--target', 'stream,frame', '--runs', '7', '--seed', '9', '--jobs', '2', '--limit', '300', '--json']
    expect(read(...argv)).toEqual({
      do: 'search',
      targets: ['stream', 'frame'],
      budget: { kind: 'runs', executions: 7 },
      seed: 9,
      jobs: 2,
      limitMs: 300,
      json: true,
    })
    expect(read('--replay', 'x')).toMatchObject({ do: { replay: 'x' } })
    expect(read('--minimize')).toMatchObject({ do: 'minimize' })
    expect(read('--help')).toBe('help')
  })

  it('names the option, the expectation and what it got', () => {
    expect(bad('--target', 'frames')).toBe(`--target: expected one of ${TARGET_NAMES.join(', ')}, got frames`)
    expect(bad('--runs', '0')).toBe('--runs: expected an integer 1..1000000000, got 0')
    expect(bad('--jobs', 'two')).toBe('--jobs: expected an integer 1..64, got two')
    expect(bad('--runs', '1', '--time', '1')).toBe('--runs: expected without --time, got both')
    expect(bad('--regress', '--minimize')).toBe(
      '--minimize, --regress, --replay, --import: expected one of them, got more',
    )
    expect(bad('--nope')).toMatch(/nope/)
  })
})
