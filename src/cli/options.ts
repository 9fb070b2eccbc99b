/** What commands are told: options, checked one by one. Errors name the option, what it expects and what it got. */
import { parseArgs } from 'node:util'
import type { Limits, Mode } from '../index.ts'
import { harmless, type Terminal } from './terminal.ts'

/** A request that cannot be met; the message is one line for whoever made it. */
export class UserError extends Error {}

/** Exit code after a UserError. */
const USAGE_ERROR = 2

/** Runs a command; a UserError becomes one line and exit code 2. */
export const orComplain = async (terminal: Terminal, command: () => Promise<number>): Promise<number> => {
  try {
    return await command()
  } catch (e) {
    if (!(e instanceof UserError)) throw e
    terminal.err(`${terminal.paintErr('red', 'error:')} ${harmless(e.message)}`)
    return USAGE_ERROR
  }
}

export interface Given {
  readonly positionals: readonly string[]
  readonly help: boolean
  flag(name: string): boolean
  text(name: string): string | undefined
  integer(name: string, fallback: number, min: number, max: number): number
  mode(): Mode
}

/** Splits a command line; `texts` and `flags` are the options it may have beside --help, or -h. */
export const given = (argv: readonly string[], texts: readonly string[], flags: readonly string[] = []): Given => {
  const { values, positionals } = split(argv, texts, flags)
  const text = (name: string): string | undefined => {
    const value = values[name]
    return typeof value === 'string' ? value : undefined
  }
  return {
    positionals,
    help: values.help === true,
    flag: (name) => values[name] === true,
    text,
    integer: (name, fallback, min, max) => integer(`--${name}`, text(name), min, max) ?? fallback,
    mode: () => {
      const mode = text('mode') ?? 'bound'
      if (mode !== 'bound' && mode !== 'literal') throw new UserError(`--mode: expected bound or literal, got ${mode}`)
      return mode
    },
  }
}

const split = (argv: readonly string[], texts: readonly string[], flags: readonly string[]) => {
  const options = Object.fromEntries([
    ['help', { type: 'boolean', short: 'h' }],
    ...texts.map((name) => [name, { type: 'string' }]),
    ...flags.map((name) => [name, { type: 'boolean' }]),
  ]) as Record<string, { type: 'string' | 'boolean'; short?: string }>
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true })
  } catch (e) {
    if (!(e instanceof TypeError && 'code' in e)) throw e
    // node's first sentence says which option; what follows it is about quoting.
    const sentence = e.message.split(/\. |\n/)[0]!.replace(/\.$/, '')
    const clear = sentence.replace('argument is ambiguous', 'expects a value, after = if it starts with a dash')
    throw new UserError(`${clear}; --help lists the options`)
  }
}

export const integer = (name: string, text: string | undefined, min: number, max: number): number | undefined => {
  if (text === undefined) return undefined
  const n = Number(text)
  if (!/^\d+$/.test(text) || n < min || n > max)
    throw new UserError(`${name}: expected an integer ${min}..${max}, got ${text}`)
  return n
}

/** The options of PROTOCOL §6–§8 by name, with the limit they set; `closing-ms` belongs to the transport. */
const LIMITS = {
  'unconfirmed-per-id': 'unconfirmedPerId',
  connections: 'connections',
  'retained-rounds': 'retainedRounds',
  'hello-ms': 'helloMs',
  'unconfirmed-ms': 'unconfirmedMs',
  'idle-ms': 'idleMs',
  'challenge-ms': 'challengeMs',
  'response-ms': 'responseMs',
} as const satisfies Record<string, keyof Limits>
export type LimitOption = keyof typeof LIMITS

const MOST = 2_147_483_647 // the longest that timers wait, and more of anything than there will be

/** Those of the named limits that were given, and the closing time. */
export const limitsFrom = (options: Given, names: readonly LimitOption[]): Partial<Limits> =>
  Object.fromEntries(
    names.flatMap((name) => {
      const value = integer(`--${name}`, options.text(name), 1, MOST)
      return value === undefined ? [] : [[LIMITS[name], value]]
    }),
  )

/** `--port` and `--closing-ms` with their defaults, the same for both ends. */
export const portFrom = (options: Given, min: number): number => options.integer('port', 9999, min, 65_535)
export const closingMsFrom = (options: Given, fallback: number): number =>
  options.integer('closing-ms', fallback, 1, MOST)
