import { describe, expect, it } from 'vitest'
import { parseOptions } from './options.ts'

describe('the options of gate', () => {
  it.each([
    [['--profile', 'huge'], '--profile: expected one of pr, full, tiny, got huge'],
    [['--seed', 'x'], '--seed: expected an integer 0..4294967295, got x'],
    [['--seed', '4294967296'], '--seed: expected an integer 0..4294967295, got 4294967296'],
    [['--only', 'nothing'], '--only: expected one of check, '],
    [['--profile', 'tiny', '--update'], '--update: expected profile pr with its own seed and all stages'],
    [['--seed', '1', '--update'], '--update: expected profile pr'],
    [['--only', 'prop', '--update'], '--update: expected profile pr'],
    [['--frobnicate'], "Unknown option '--frobnicate'"],
    [['extra'], "Unexpected argument 'extra'"],
  ])('%j is refused in one line', (args, why) => {
    const parsed = parseOptions(args)
    expect(parsed.kind).toBe('bad')
    if (parsed.kind === 'bad') expect(parsed.why.startsWith(why)).toBe(true)
  })

  it('default to profile pr with its own seed, compared and not written', () => {
    const parsed = parseOptions([])
    expect(parsed).toMatchObject({
      kind: 'ok',
      value: { profile: { name: 'pr' }, only: null, update: false, out: 'reports' },
    })
  })
})
