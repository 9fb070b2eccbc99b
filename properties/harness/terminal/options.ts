/**
 * The one option parser. A command declares its options as a zod object made of the builders below; from it come
 * parsing, defaults, `--help` and error messages that name the option, what was expected and what was got.
 */
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { MODES } from '../../../spec/language.ts'
import { invocation, invocationWith } from './invocation.ts'
import { wordsOf } from './text.ts'

/** Somebody asked for what cannot be: one line for them, and exit code 2. */
export class UsageError extends Error {}

/** It is about an option, and `--help` would help. */
export class OptionError extends UsageError {}

/** What `act` comes to; a UsageError that says what was `expected` where it throws. */
export const expecting = <T>(expected: string, act: () => T): T => {
  try {
    return act()
  } catch (e) {
    throw new UsageError(`${expected}, got ${wordsOf(e)}`)
  }
}

/** What `--help` says of an option; `value`: the name of what it takes, null for a flag. */
interface Shown {
  readonly value: string | null
  readonly says: string
}
const SHOWN = z.registry<Shown>()

interface Refused {
  readonly expected: string
  readonly got?: string
}
type Read<T> = { readonly value: T } | Refused

type Option<T> = z.ZodType<T, string | undefined>

const option = <T, D>(shown: Shown, fallback: D, read: (text: string) => Read<T>): Option<T | D> =>
  z
    .string()
    .optional()
    .transform((text, ctx): T | D => {
      if (text === undefined) return fallback
      const r = read(text)
      if ('value' in r) return r.value
      ctx.addIssue({ code: 'custom', message: `expected ${r.expected}, got ${r.got ?? text}` })
      return z.NEVER
    })
    .register(SHOWN, shown)

const defaultText = (fallback: unknown): string =>
  typeof fallback === 'string' || typeof fallback === 'number' ? ` (default ${fallback})` : ''

interface Numbers<D> {
  readonly says: string
  readonly min: number
  /** Default: no bound but the largest safe integer. */
  readonly max?: number
  /** Null: there is none, and the option is null without. */
  readonly default: D
  readonly value?: string
}

const readInteger = (text: string, min: number, max: number | undefined): Read<number> => {
  const most = max ?? Number.MAX_SAFE_INTEGER
  if (/^\d+$/.test(text) && Number(text) >= min && Number(text) <= most) return { value: Number(text) }
  return { expected: max === undefined ? `an integer from ${min}` : `an integer ${min}..${max}`, got: text }
}

export const integer = <D extends number | null>(o: Numbers<D>): Option<number | D> =>
  option({ value: o.value ?? 'N', says: o.says + defaultText(o.default) }, o.default, (text) =>
    readInteger(text, o.min, o.max),
  )

/** Several of them, separated by commas. */
export const integers = (o: Omit<Numbers<never>, 'default'> & { readonly default: readonly number[] }) =>
  option({ value: o.value ?? 'A,B', says: `${o.says} (default ${o.default.join(',')})` }, o.default, (text) => {
    const all: number[] = []
    for (const part of text.split(',')) {
      const r = readInteger(part, o.min, o.max)
      if (!('value' in r)) return r
      all.push(r.value)
    }
    return { value: all as readonly number[] }
  })

interface Choice<D> {
  readonly value: string
  readonly says: string
  readonly default: D
}

/** Exactly one of these words. */
export const oneOf = <const T extends string, D extends T | null>(all: readonly T[], o: Choice<D>): Option<T | D> =>
  option({ value: o.value, says: o.says + defaultText(o.default) }, o.default, (text) => {
    const found = all.find((x) => x === text)
    return found === undefined ? { expected: `one of ${all.join(', ')}` } : { value: found }
  })

/** Some of these words, separated by commas. */
export const someOf = <const T extends string, D extends readonly T[] | null>(
  all: readonly T[],
  o: Choice<D>,
): Option<readonly T[] | D> =>
  option({ value: o.value, says: o.says }, o.default, (text): Read<readonly T[]> => {
    const given = text.split(',')
    const odd = given.find((g) => !all.some((x) => x === g))
    if (odd !== undefined) return { expected: `one of ${all.join(', ')}`, got: odd }
    return { value: given.flatMap((g) => all.filter((x) => x === g)) }
  })

/** Any text: a file, a folder, names that are looked up later. */
export const text = <D extends string | null>(o: Choice<D>): Option<string | D> =>
  option(
    { value: o.value, says: o.says + defaultText(o.default) },
    o.default,
    (given): Read<string> => ({ value: given }),
  )

/** Any text that `read` understands. */
export const custom = <T, D>(o: Choice<D>, read: (text: string) => Read<T>): Option<T | D> =>
  option({ value: o.value, says: o.says }, o.default, read)

export const flag = (says: string): z.ZodType<boolean, boolean | undefined> =>
  z
    .boolean()
    .optional()
    .transform((given) => given ?? false)
    .register(SHOWN, { value: null, says })

/** Bound or literal; the default is bound. */
export const modeOption = (says = 'bound or literal') => oneOf(MODES, { value: 'M', says, default: 'bound' })

/** Of every command that draws. */
export const seedOption = (fallback: number) =>
  integer({ says: '0..4294967295', min: 0, max: 0xffffffff, default: fallback })

/** Of every command that explains what it finds. */
export const noExplain = () => flag('do not say which rule is missing where something breaks')

export interface Usage<S extends z.ZodObject> {
  /** As it is typed. */
  readonly name: string
  readonly options: S
  /** What may stand beside the options: one, or several such as `FILE ...`; without it nothing may. */
  readonly rest?: { readonly value: string; readonly says: string; readonly needed?: true }
  /** Lines under the options: what it does, exit codes. */
  readonly notes: string
}

/** What `--help` prints. */
export const helpText = (u: Usage<z.ZodObject>): string => {
  const shown = Object.entries(u.options.shape).map(([name, schema]): readonly [string, string] => {
    const s = SHOWN.get(schema as z.ZodType)
    return [`--${name}${s?.value ? ` ${s.value}` : ''}`, s?.says ?? '']
  })
  const lines = [...(u.rest === undefined ? [] : [[u.rest.value, u.rest.says] as const]), ...shown]
  const width = Math.max(...lines.map(([left]) => left.length)) + 2
  const told = lines.map(
    ([left, says]) => `  ${left.padEnd(width)}${says.replaceAll('\n', `\n${' '.repeat(width + 2)}`)}`,
  )
  const may = Object.keys(u.options.shape).length === 0 ? '' : ' [options]'
  const rest = u.rest === undefined ? '' : u.rest.needed ? ` ${u.rest.value}` : ` [${u.rest.value}]`
  const form = may + rest === '' ? invocation(u.name) : `${invocationWith(u.name)}${may}${rest}`
  return [form, ...told, u.notes].join('\n')
}

const split = (u: Usage<z.ZodObject>, argv: readonly string[]) => {
  const types = Object.entries(u.options.shape).map(
    ([name, s]) => [name, { type: SHOWN.get(s as z.ZodType)?.value == null ? 'boolean' : 'string' }] as const,
  )
  const options: Record<string, { type: 'string' | 'boolean'; short?: string }> = Object.fromEntries(types)
  options.help = { type: 'boolean', short: 'h' }
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: u.rest !== undefined })
  } catch (e) {
    if (!(e instanceof TypeError && 'code' in e)) throw e
    const [says] = e.message.split(/\n|\. To specify /)
    throw new OptionError(
      says!
        .replace(/ argument is ambiguous\.?$/, ' expects a value, after = if it starts with a dash')
        .replace(/\.$/, ''),
    )
  }
}

/** What the options are where none is given. */
export const defaultsOf = <S extends z.ZodObject>({ options }: Pick<Usage<S>, 'options'>): z.output<S> =>
  options.parse(Object.fromEntries(Object.keys(options.shape).map((name) => [name, undefined])))

export interface Given<S extends z.ZodObject> {
  readonly options: z.output<S>
  readonly rest: readonly string[]
}

/** Throws an OptionError. */
export const parseOptions = <S extends z.ZodObject>(u: Usage<S>, argv: readonly string[]): Given<S> | 'help' => {
  const { values, positionals } = split(u, argv)
  if (values.help) return 'help'
  const [first, second] = positionals
  if (u.rest?.needed && first === undefined) throw new OptionError(`${u.rest.value}: expected ${u.rest.says}, got none`)
  if (second !== undefined && !u.rest?.value.endsWith('...'))
    throw new OptionError(`arguments: expected one ${u.rest?.value}, got also ${second}`)
  const parsed = u.options.safeParse(Object.fromEntries(Object.keys(u.options.shape).map((k) => [k, values[k]])))
  if (parsed.success) return { options: parsed.data, rest: positionals }
  const [issue] = parsed.error.issues
  throw new OptionError(`${issue!.path.map((name) => `--${String(name)}: `).join('')}${issue!.message}`)
}
