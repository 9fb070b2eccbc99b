/** Zod schemas for JSON files, whose complaints are one line: the field, the expectation, and what was there. */
import { z } from 'zod'

const pairs = (word: string): readonly string[] => Array.from(word, (_, i) => `^${word}$`.toLowerCase().slice(i, i + 2))

/** How alike two words are, 0 to 1: the pairs of letters that they share. */
const likeness = (a: string, b: string): number => {
  const left = [...pairs(b)]
  const shared = pairs(a).filter((p) => left.includes(p) && left.splice(left.indexOf(p), 1)).length
  return (2 * shared) / Math.max(1, a.length + b.length)
}

/** The names that somebody who wrote `wanted` may have meant, the likeliest first. */
export const nearest = (wanted: string, names: readonly string[]): readonly string[] =>
  [...names].sort((a, b) => likeness(wanted, b) - likeness(wanted, a))

/** After an expectation: the name that is nearest to what was there, if one is like it at all. */
const hint = (got: unknown, names: readonly string[]): string => {
  const [name] = typeof got === 'string' ? nearest(got, names) : []
  return name !== undefined && likeness(String(got), name) > 0 ? ` (nearest: ${name})` : ''
}

const quoted = (names: readonly string[]): string => names.map((name) => JSON.stringify(name)).join(', ')

export const text = z.string('a string')
export const flag = z.boolean('true or false')
export const list = <T extends z.ZodType>(of: T) => z.array(of, 'an array')

export const integer = (from: number, to: number) => {
  const expectation = `an integer from ${from} to ${to}`
  return z.int(expectation).min(from, expectation).max(to, expectation)
}

/** One of the names of `choices`; gives what it stands for. */
export const choice = <T>(choices: Readonly<Record<string, T>>) => {
  const names = Object.keys(choices)
  return z
    .enum(names, { error: ({ input }) => `one of ${quoted(names)}${hint(input, names)}` })
    .transform((name) => choices[name]!)
}

/** One of the names, or what `parse` makes of a text; null: complain of it. `others`: what else it may be, in words. */
export const parsed = <T extends object | string>(
  names: Readonly<Record<string, T>>,
  parse: (text: string) => T | null,
  others: string,
) => {
  const known = Object.keys(names)
  const expectation = known.length === 0 ? others : `${quoted(known)} or ${others}`
  return text.meta({ description: expectation }).transform((said, ctx) => {
    const value = (Object.hasOwn(names, said) ? names[said] : undefined) ?? parse(said)
    if (value !== null) return value
    ctx.addIssue(`${expectation}${hint(said, known)}`)
    return z.NEVER
  })
}

/** With no other fields: one that nobody asked for is a misspelt one. */
export const object = <T extends z.ZodRawShape>(shape: T) =>
  z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys' ? `no such field${hint(issue.keys?.[0], Object.keys(shape))}` : 'an object',
  })

/** With whatever other fields. */
export const openObject = <T extends z.ZodRawShape>(shape: T) => z.object(shape, 'an object')

type Checked<T> = { readonly kind: 'ok'; readonly value: T } | { readonly kind: 'bad'; readonly problem: string }

const shortened = (said: string, most: number): string => (said.length > most ? `${said.slice(0, most - 3)}...` : said)

type Issue = z.core.$ZodIssue

const depthOf = (issue: Issue): number => issue.path.length + (issue.code === 'unrecognized_keys' ? 1 : 0)

/** Of alternatives that say nothing together, the complaint of the one that fits furthest. */
const plain = (issue: Issue): Issue => {
  if (issue.code !== 'invalid_union' || issue.message !== 'Invalid input') return issue
  const inner = issue.errors.map(([first]) => plain(first!))
  const furthest = inner.reduce((a, b) => (depthOf(b) > depthOf(a) ? b : a))
  return { ...furthest, path: [...issue.path, ...furthest.path] }
}

/** Parsed JSON against a schema. `path`: what it is called in the complaint, the first of all. */
export function check<T>(schema: z.ZodType<T>, json: unknown, path: string): Checked<T> {
  const { success, data, error } = schema.safeParse(json)
  if (success) return { kind: 'ok', value: data }
  const issue = plain(error.issues[0]!)
  const names = issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0]!] : issue.path
  const got = names.reduce<unknown>((value, name) => Object(value)[name], json)
  const said = names.map((name) => shortened(String(name), 40).replace(/\p{C}/gu, ' '))
  const field = [path, ...said].filter((part) => part !== '').join('.')
  const shown = shortened(JSON.stringify(got) ?? 'nothing', 60)
  return { kind: 'bad', problem: `${field && `${field}: `}expected ${issue.message}, got ${shown}` }
}
