import { expect, test } from 'vitest'
import { closingMsFrom, given, type LimitOption, limitsFrom, orComplain, portFrom, UserError } from './options.ts'
import type { Terminal } from './terminal.ts'

const read = (...argv: string[]) => given(argv, ['port', 'mode', 'hello-ms', 'idle-ms', 'connections'], ['json'])

test('what was given, and defaults for the rest', () => {
  const options = read('1', '--port', '0', '--json', '--hello-ms=7', 'x')
  expect(options.positionals).toEqual(['1', 'x'])
  expect([options.help, options.flag('json'), options.text('mode'), options.mode()]).toEqual([
    false,
    true,
    undefined,
    'bound',
  ])
  expect([portFrom(options, 0), options.integer('idle-ms', 5, 1, 9)]).toEqual([0, 5])
  expect(limitsFrom(options, ['hello-ms', 'idle-ms', 'connections'])).toEqual({ helloMs: 7 })
  expect(read('--mode', 'literal', '--help')).toMatchObject({ help: true })
  expect(read('-h')).toMatchObject({ help: true })
  expect(read('--mode', 'literal').mode()).toBe('literal')
})

test.each([
  [['--prot', '1'], "Unknown option '--prot'; --help lists the options"],
  [['--port'], "Option '--port <value>' argument missing; --help lists the options"],
  [['--port', '-1'], "Option '--port' expects a value, after = if it starts with a dash; --help lists the options"],
  [['--json=1'], "Option '--json' does not take an argument; --help lists the options"],
  [['--port=-1'], '--port: expected an integer 0..65535, got -1'],
  [['--port', '65536'], '--port: expected an integer 0..65535, got 65536'],
  [['--port', '1e3'], '--port: expected an integer 0..65535, got 1e3'],
  [['--port', ''], '--port: expected an integer 0..65535, got '],
  [['--mode', 'Bound'], '--mode: expected bound or literal, got Bound'],
  [['--hello-ms', '0'], '--hello-ms: expected an integer 1..2147483647, got 0'],
  [['--connections', 'many'], '--connections: expected an integer 1..2147483647, got many'],
])('%j: %s', (argv, message) => {
  expect(() => {
    const options = read(...argv)
    portFrom(options, 0)
    options.mode()
    limitsFrom(options, ['hello-ms', 'connections'])
  }).toThrow(new UserError(message))
})

test('a complaint is one line and exit code 2; a bug stays a bug', async () => {
  const errors: string[] = []
  const plain = (_: unknown, text: string) => text
  const terminal: Terminal = { out: () => {}, err: (line) => errors.push(line), paintOut: plain, paintErr: plain }
  expect(await orComplain(terminal, () => Promise.reject(new UserError('--x: no')))).toBe(2)
  expect(await orComplain(terminal, () => Promise.reject(new UserError('--x: got \u001b[2J\n')))).toBe(2)
  expect(errors).toEqual(['error: --x: no', 'error: --x: got \\u{1b}[2J\\u{a}'])
  expect(await orComplain(terminal, () => Promise.resolve(1))).toBe(1)
  await expect(orComplain(terminal, () => Promise.reject(new TypeError('bug')))).rejects.toThrow('bug')
})

test('every limit has its own option, from 1 to the longest that a timer waits', () => {
  const limits = {
    'unconfirmed-per-id': 'unconfirmedPerId',
    connections: 'connections',
    'retained-rounds': 'retainedRounds',
    'hello-ms': 'helloMs',
    'unconfirmed-ms': 'unconfirmedMs',
    'idle-ms': 'idleMs',
    'challenge-ms': 'challengeMs',
    'response-ms': 'responseMs',
  }
  const names = Object.keys(limits) as LimitOption[]
  const all = (value: (i: number) => number) =>
    given(
      names.flatMap((name, i) => [`--${name}`, String(value(i))]),
      names,
    )
  expect(
    limitsFrom(
      all((i) => 100 + i),
      names,
    ),
  ).toEqual(Object.fromEntries(names.map((name, i) => [limits[name], 100 + i])))
  expect(
    new Set(
      Object.values(
        limitsFrom(
          all(() => 2_147_483_647),
          names,
        ),
      ),
    ),
  ).toEqual(new Set([2_147_483_647]))
  for (const name of names)
    for (const value of ['0', '2147483648', '-0', '1.5', 'NaN', '0x10', ' 1', '+1', '1e3', '\u0661'])
      expect(() => limitsFrom(given([`--${name}=${value}`], names), [name])).toThrow(
        new UserError(`--${name}: expected an integer 1..2147483647, got ${value}`),
      )
})

test('port and closing time have defaults and bounds of their own', () => {
  const of = (...argv: string[]) => given(argv, ['port', 'closing-ms'])
  expect([portFrom(of(), 0), portFrom(of('--port', '1'), 1), portFrom(of('--port', '65535'), 1)]).toEqual([
    9999, 1, 65_535,
  ])
  expect(() => portFrom(of('--port', '0'), 1)).toThrow(new UserError('--port: expected an integer 1..65535, got 0'))
  expect([closingMsFrom(of(), 7), closingMsFrom(of('--closing-ms', '2147483647'), 7)]).toEqual([7, 2_147_483_647])
  for (const value of ['0', '2147483648'])
    expect(() => closingMsFrom(of('--closing-ms', value), 7)).toThrow(
      new UserError(`--closing-ms: expected an integer 1..2147483647, got ${value}`),
    )
})
