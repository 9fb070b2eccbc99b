/** Zod schemas for JSON files, whose complaints are one line: the field, the expectation, and what was there. */
import { z } from 'zod'

export const text = z.string('a string')
export const flag = z.boolean('true or false')
export const list = <T extends z.ZodType>(of: T) => z.array(of, 'an array')

export const integer = (from: number, to: number) => {
  const expectation = `an integer from ${from} to ${to}`
  return z.number(expectation).refine((n) => Number.isInteger(n) && n >= from && n <= to, expectation)
}

/** One of the names of `choices`; gives what it stands for. */
export const choice = <T>(choices: Readonly<Record<string, T>>) => {
  const names = Object.keys(choices)
  const expectation = `one of ${names.map((name) => JSON.stringify(name)).join(', ')}`
  return z
    .string(expectation)
    .refine((name) => names.includes(name), expectation)
    .transform((name) => choices[name]!)
}

/** What `parse` makes of a text; null: complain of it. */
export const parsed = <T extends object | string>(parse: (text: string) => T | null, expectation: string) =>
  text.transform((said, ctx) => {
    const value = parse(said)
    if (value !== null) return value
    ctx.addIssue(expectation)
    return z.NEVER
  })

/** With no other fields: one that nobody asked for is a misspelt one. */
export const object = <T extends z.ZodRawShape>(shape: T) =>
  z.strictObject(shape, { error: ({ code }) => (code === 'unrecognized_keys' ? 'no such field' : 'an object') })

/** With whatever other fields. */
export const openObject = <T extends z.ZodRawShape>(shape: T) => z.object(shape, 'an object')

export type Checked<T> = { readonly kind: 'ok'; readonly value: T } | { readonly kind: 'bad'; readonly problem: string }

const shortened = (said: string, most: number): string => (said.length > most ? `${said.slice(0, most - 3)}...` : said)

/** Parsed JSON against a schema. `path`: what it is called in the complaint, the first of all. */
export function check<T>(schema: z.ZodType<T>, json: unknown, path: string): Checked<T> {
  const { success, data, error } = schema.safeParse(json)
  if (success) return { kind: 'ok', value: data }
  const issue = error.issues[0]!
  const names = issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0]!] : issue.path
  const got = names.reduce<unknown>((value, name) => Object(value)[name], json)
  const said = names.map((name) => shortened(String(name), 40).replace(/\p{C}/gu, ' '))
  const field = [path, ...said].filter((part) => part !== '').join('.')
  const shown = shortened(JSON.stringify(got) ?? 'nothing', 60)
  return { kind: 'bad', problem: `${field && `${field}: `}expected ${issue.message}, got ${shown}` }
}
