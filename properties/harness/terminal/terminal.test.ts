import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { command, perform } from './command.ts'
import { flag, integer, integers, modeOption, oneOf, someOf, text } from './options.ts'
import { progressLine, progressText } from './progress.ts'
import { recordedScreen } from './testkit.ts'
import { clock, cut, fitted, median, medianOf, painter, plain, printable, printableLines, table, wrap } from './text.ts'

const options = z
  .strictObject({
    runs: integer({ says: 'schedules', min: 1, max: 99, default: 5 }),
    states: integer({ says: 'stop here', min: 1, default: null }),
    seeds: integers({ says: 'seeds', min: 0, max: 9, default: [1] }),
    mode: modeOption(),
    only: someOf(['A1', 'A2'], { value: 'A,B', says: 'these', default: null }),
    pick: oneOf(['x', 'y'], { value: 'P', says: 'x\nor y', default: null }),
    out: text({ value: 'DIR', says: 'folder', default: 'reports' }),
    'dry-run': flag('nothing is done'),
  })
  .superRefine((o, ctx) => {
    if (o.states !== null && o.pick === 'x')
      ctx.addIssue({ code: 'custom', path: ['states'], message: 'expected without --pick x, got both' })
  })

const run = async (...argv: string[]) => {
  const { screen, out, err } = recordedScreen()
  let given: unknown
  const c = command({
    name: 'thing',
    options,
    rest: { value: 'FILE ...', says: 'files' },
    notes: 'Exit codes: 0, 2.',
    run: (o, _, rest) => {
      given = { ...o, rest }
      return 7
    },
  })
  const code = await perform(c, argv, screen)
  return { code, given, out: out(), err: err() }
}

describe('a command', () => {
  it('has defaults', async () => {
    expect(await run()).toMatchObject({
      code: 7,
      given: {
        runs: 5,
        states: null,
        seeds: [1],
        mode: 'bound',
        only: null,
        pick: null,
        out: 'reports',
        'dry-run': false,
        rest: [],
      },
    })
  })

  it('takes what it is given', async () => {
    const argv = '--runs 7 --states 8 --seeds 3,4 --mode literal --only A2,A1 --pick y --out o --dry-run a b'
    expect(await run(...argv.split(' '))).toMatchObject({
      given: {
        runs: 7,
        states: 8,
        seeds: [3, 4],
        mode: 'literal',
        only: ['A2', 'A1'],
        pick: 'y',
        out: 'o',
        'dry-run': true,
        rest: ['a', 'b'],
      },
    })
  })

  it.each(['--help', '-h'])('shows its options on %s', async (help) => {
    const { code, out } = await run(help)
    expect(code).toBe(0)
    expect(out.split('\n')).toEqual([
      'npm run thing -- [options] [FILE ...]',
      '  FILE ...     files',
      '  --runs N     schedules (default 5)',
      '  --states N   stop here',
      '  --seeds A,B  seeds (default 1)',
      '  --mode M     bound or literal (default bound)',
      '  --only A,B   these',
      '  --pick P     x',
      '               or y',
      '  --out DIR    folder (default reports)',
      '  --dry-run    nothing is done',
      'Exit codes: 0, 2.',
    ])
  })

  it.each([
    [['--runs', '0'], '--runs: expected an integer 1..99, got 0'],
    [['--states', 'x'], '--states: expected an integer from 1, got x'],
    [['--seeds', '1,10'], '--seeds: expected an integer 0..9, got 10'],
    [['--mode', 'loose'], '--mode: expected one of bound, literal, got loose'],
    [['--only', 'A1,B'], '--only: expected one of A1, A2, got B'],
    [['--states', '1', '--pick', 'x'], '--states: expected without --pick x, got both'],
    [['--what'], "Unknown option '--what'"],
    [['--runs', '-1'], "Option '--runs' expects a value, after = if it starts with a dash"],
  ])('%j is refused in one line with exit code 2', async (argv, why) => {
    const { code, out, err } = await run(...argv)
    expect([code, out]).toEqual([2, ''])
    expect(err.startsWith(why)).toBe(true)
    expect(err).toMatch(/^[^\n]* \(npm run thing -- --help lists the options\)$/)
  })
})

describe('foreign text', () => {
  it.each([
    ['plain: ümläut, 漢字, 😀, \\u0041', 'plain: ümläut, 漢字, 😀, \\u0041'],
    ['\u001b[2J\u0007', '\\u001b[2J\\u0007'],
    ['a\nb\r\tc', 'a\\u000ab\\u000d\\u0009c'],
    ['\u009b31m\u007f', '\\u009b31m\\u007f'],
    ['\u202egnp.\u2066x\u200f', '\\u202egnp.\\u2066x\\u200f'],
    ['\ufeffx\u200bx\u2028x\u2029', '\\ufeffx\\u200bx\\u2028x\\u2029'],
    ['\ud800x\udc00', '\\ud800x\\udc00'],
    ['\u{e0041}', '\\u{e0041}'],
  ])('%j is printed as one line without controls', (text, shown) => {
    expect(printable(text)).toBe(shown)
    const painted = `\u001b[31m${text.replaceAll('\n', ' ')}\u001b[39m\nmore`
    expect(printableLines(painted, true)).toBe(`\u001b[31m${printable(text.replaceAll('\n', ' '))}\u001b[39m\nmore`)
    expect(printableLines(painted, false)).not.toContain('\u001b')
  })

  it('that a complaint cites is printed so', async () => {
    const { code, err } = await run('--mode', 'a\u202e\n\u001b[2Jb')
    expect([code, err]).toEqual([
      2,
      '--mode: expected one of bound, literal, got a\\u202e\\u000a\\u001b[2Jb (npm run thing -- --help lists the options)',
    ])
  })
})

describe('a line in a terminal', () => {
  it('is cut, and says so', () => {
    expect([cut('abcdef', 6), cut('abcdef', 5), cut('abcdef')]).toEqual(['abcdef', 'abcd…', 'abcdef'])
  })

  it.each([
    ['one two three', 9, 'one two\n  three'],
    ['  one two three', 12, '  one two\n    three'],
    ['  --on X  one two three', 18, '  --on X  one two\n          three'],
    ['      one two three', 13, '      one two\n      three'],
    ['incomprehensibilities', 9, 'incomprehensibilities'],
    ['an incomprehensibility or two', 9, 'an\n  incomprehensibility\n  or two'],
    ['one two', 7, 'one two'],
  ])('is wrapped between words, under its text: %j', (line, columns, wrapped) => {
    expect(wrap(line, columns)).toBe(wrapped)
    expect(wrap(line)).toBe(line)
  })
})

describe('what is printed', () => {
  const red = painter({}, { FORCE_COLOR: '1' })

  it('is wrapped by what shows, colours apart, and commands are kept whole', () => {
    expect(fitted(`${red('one', 'red')} two\nthree four`, 7)).toBe(`${red('one', 'red')} two\nthree\n  four`)
    expect(fitted(red('one two three', 'red'), 9).split('\n').map(plain)).toEqual(['one two', '  three'])
    expect(fitted('what is next: npm run gate -- --update', 30)).toBe('what is next:\n  npm run gate -- --update')
    expect(fitted('next: npm run gate -- --update', 12)).toBe('next: npm run gate -- --update')
    expect(fitted('see `npm run gate` and so on', 18)).toBe('see `npm run gate`\n  and so on')
  })

  it('is left alone where a program reads it', () => {
    const json = JSON.stringify({ event: 'one two three' }, null, 1)
    expect([fitted(json, 9), fitted('::error::one two three', 9)]).toEqual([json, '::error::one two three'])
    expect(fitted('[one two] three', 9)).toBe('[one two]\n  three')
  })

  it.each([
    [true, {}, true],
    [false, {}, false],
    [true, { NO_COLOR: '1' }, false],
    [true, { NO_COLOR: '' }, true],
    [false, { FORCE_COLOR: '1' }, true],
    [false, { FORCE_COLOR: '1', NO_COLOR: '1' }, true],
    [true, { FORCE_COLOR: '0' }, false],
    [false, { FORCE_COLOR: '' }, false],
  ])('is painted: terminal %j, %j: %j', (isTTY, env, painted) => {
    expect(painter({ isTTY }, env)('x', 'red')).toBe(painted ? '\x1b[31mx\x1b[39m' : 'x')
  })
})

describe('a progress line', () => {
  const written = (isTTY: boolean) => {
    const all: string[] = []
    const line = progressLine({ isTTY, columns: 5, write: (t) => all.push(t) }, { liveMs: 0, plainMs: 0 })
    line.show(() => 'one two')
    line.clear()
    return all
  }

  it('replaces itself on a terminal, as wide as that', () => {
    expect(written(true)).toEqual(['\r\x1b[Kone t', '\r\x1b[K'])
  })

  it('is a plain line elsewhere', () => {
    expect(written(false)).toEqual(['one two\n'])
  })

  it('makes no text before it is due', () => {
    progressLine({ write: () => {} }, { plainMs: 10_000 }).show(() => {
      throw new Error('made')
    })
  })
})

it('a table has no lines, and numbers on the right', () => {
  const t = table(
    [{ head: 'name' }, { head: 'count', right: true }],
    [
      ['a', '1'],
      ['bcd ef', '1,000'],
    ],
  )
  expect(t.split('\n').map((l) => l.trimEnd())).toEqual(['name    count', 'a           1', 'bcd ef  1,000'])
})

it('medians', () => {
  expect([median([]), median([3, 1, 2]), median([1, 2])]).toEqual([0, 2, 2])
  expect([medianOf({}), medianOf({ 1: 2, 10: 1 }), medianOf({ 1: 1, 10: 1 })]).toEqual([0, 1, 1])
})

describe('progress', () => {
  it('says what is done, how long it took, and how long it will take at that pace', () => {
    expect(progressText({ done: 1_000, total: 4_000, what: 'schedules' }, 10)).toBe(
      '1,000 of 4,000 schedules, 0:10, about 0:30 left',
    )
  })

  it('promises nothing before there is a pace, and invents no total', () => {
    expect(progressText({ done: 0, total: 4, what: 'files' }, 61)).toBe('0 of 4 files, 1:01')
    expect(progressText({ done: 3, total: 0, what: 'files' }, 5)).toBe('3 files, 0:05')
  })

  it('counts minutes beyond an hour', () => {
    expect(clock(3_725)).toBe('62:05')
  })
})
