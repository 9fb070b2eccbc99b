import { describe, expect, it } from 'vitest'
import { OptionError, parseOptions } from '../harness/terminal/options.ts'
import { USAGE } from './options.ts'

describe('the options of gate', () => {
  it.each([
    [['--profile', 'huge'], '--profile: expected one of pr, full, tiny, got huge'],
    [['--seed', 'x'], '--seed: expected an integer 0..4294967295, got x'],
    [['--seed', '4294967296'], '--seed: expected an integer 0..4294967295, got 4294967296'],
    [['--only', 'nothing'], '--only: expected one of check, '],
    [['--profile', 'tiny', '--update'], '--update: expected profile pr with its own seed and all stages'],
    [['--seed', '1', '--update'], '--update: expected profile pr'],
    [['--only', 'prop', '--update'], '--update: expected profile pr'],
    [['--shard', '5/4'], '--shard: expected I/N with I from 1 to N and N at most 64, got 5/4'],
    [['--shard', '0/4'], '--shard: expected I/N'],
    [['--shard', '1/4', '--merge', 'x'], '--merge: expected none beside --shard, got x'],
    [['--shard', '1/4', '--update'], '--update: expected none beside --shard'],
    [['--merge', 'x', '--party', 'y'], '--merge: expected none beside --party'],
    [['--frobnicate'], "Unknown option '--frobnicate'"],
    [['extra'], "Unexpected argument 'extra'"],
  ])('%j is refused in one line', (args, why) => {
    expect(() => parseOptions(USAGE, args)).toThrow(OptionError)
    expect(() => parseOptions(USAGE, args)).toThrow(new RegExp(`^${why}`))
  })

  it('default to profile pr with its own seed, compared and not written', () => {
    expect(parseOptions(USAGE, [])).toMatchObject({
      options: { profile: 'pr', only: null, update: false, out: null },
    })
  })
})
