import { describe, expect, it } from 'vitest'
import { parseRecords } from './records.ts'

describe('parseRecords', () => {
  it('reads every field, several replacements, and texts of several lines with and without a last line break', () => {
    const text = `# a comment

two-places C3 a bug
covers one
covers another
breaks padding tag
instead others come first
in src/frame.ts
-  a
-  b
-
+  c
-d
in src/keys.ts
-e

gone - another bug
equivalent nobody can tell
in src/keys.ts
-f
`
    expect(parseRecords(text)).toEqual([
      {
        id: 'two-places',
        bug: 'a bug',
        expect: 'C3',
        covers: ['one', 'another'],
        breaks: ['padding', 'tag'],
        instead: 'others come first',
        replacements: [
          { file: 'src/frame.ts', find: '  a\n  b\n', replace: '  c' },
          { file: 'src/frame.ts', find: 'd', replace: '' },
          { file: 'src/keys.ts', find: 'e', replace: '' },
        ],
      },
      {
        id: 'gone',
        bug: 'another bug',
        expect: null,
        equivalent: 'nobody can tell',
        replacements: [{ file: 'src/keys.ts', find: 'f', replace: '' }],
      },
    ])
  })

  it('makes a mutant for each power of a series', () => {
    const text = 'many C1 beyond 2^k\nfor k 2 6 2\nin src/frame.ts\n-a\n+a > 2^k\n'
    expect(parseRecords(text).map((m) => [m.id, m.bug, m.replacements[0]!.replace])).toEqual([
      ['many:2^2', 'beyond 4', 'a > 4'],
      ['many:2^4', 'beyond 16', 'a > 16'],
      ['many:2^6', 'beyond 64', 'a > 64'],
    ])
  })

  it.each([
    ['alone', 'mutant: expected "ID INVARIANT BUG", got "alone"'],
    ['x C1 bug\n-a', 'mutant x: expected "in FILE" first, got "-a"'],
    ['x C1 bug\nin src/frame.ts\n a', 'mutant x: expected covers, breaks, equivalent, instead, in, - or +, got " a"'],
    ['x C1 bug\nin src/frame.ts\n+a', 'mutant x: expected a text to find before "+a"'],
    ['x C1 bug', 'mutant x: expected a replacement'],
  ])('%j is refused in words', (text, why) => {
    expect(() => parseRecords(text)).toThrow(why)
  })
})
