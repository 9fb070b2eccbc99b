/** Schedules as files: reading, checking, writing. Every complaint names the field, what it expects and what it got. */
import { z } from 'zod'
import {
  type Action,
  type Covers,
  type LimitName,
  MODES,
  SCHEDULE_VERSION,
  type Schedule,
} from '../../../spec/language.ts'
import { CHECK_IDS } from '../judging/examine.ts'
import { printable, wordsOf } from '../terminal/text.ts'

const MOST_ROUNDS = 1_000 // of all conversations together: half a minute, and the time grows with the square
const nat = z.int().min(0)
const end = z.strictObject({ side: z.enum(['client', 'server']), n: z.int() })
const frameRef = z.strictObject({ by: end, nth: nat })
const pick = z.union([z.int(), frameRef, z.strictObject({ any: z.int() })])
const region = z.enum(['header', 'iv', 'ciphertext', 'tag'])
const hex = z
  .string()
  .refine((t) => t.length % 2 === 0 && /^[0-9a-f]*$/.test(t), 'expected lower-case hex of whole bytes')
const num = z.union([z.number(), z.literal(['NaN', 'Infinity', '-Infinity', '-0'])])

const edit = z.discriminatedUnion('do', [
  z.strictObject({ do: z.literal('flip'), at: z.enum([...region.options, 'length']), pos: z.int(), xor: z.int() }),
  z.strictObject({ do: z.literal('exchange'), at: region, pos: z.int(), and: z.int() }),
  z.strictObject({ do: z.literal('fill'), at: region, value: z.int() }),
  z.strictObject({ do: z.literal('set'), field: z.enum(['opcode', 'id', 'round', 'direction']), value: z.int() }),
  z.strictObject({ do: z.literal('truncate'), bytes: z.int() }),
  z.strictObject({ do: z.literal('extend'), hex }),
  z.strictObject({ do: z.literal('splice'), part: region, from: pick }),
])

const action = z.discriminatedUnion('do', [
  z.strictObject({
    do: z.literal('converse'),
    client: z.int(),
    rounds: nat,
    until: z.enum(['hello', 'challenge', 'data', 'response']).exactOptional(),
  }),
  z.strictObject({ do: z.literal('connect'), client: z.int(), failSend: z.literal(true).exactOptional() }),
  z.strictObject({ do: z.literal('submit'), run: z.int(), values: z.array(num) }),
  z.strictObject({ do: z.literal('finish'), run: z.int() }),
  z.strictObject({
    do: z.literal('deliver'),
    frame: pick,
    to: end,
    edit: edit.exactOptional(),
    cuts: z.array(z.int()).exactOptional(),
    with: z.array(pick).exactOptional(),
    upTo: z.int().exactOptional(),
  }),
  z.strictObject({ do: z.literal('continue'), to: end, upTo: z.int().exactOptional() }),
  z.strictObject({ do: z.literal('inject'), to: end, hex }),
  z.strictObject({
    do: z.literal('seal'),
    power: z.enum(['I', 'L']),
    as: end,
    under: z.enum(['current', 'previous', 'initial']),
    to: end,
    opcode: z.int(),
    id: z.int(),
    round: z.int(),
    direction: z.int(),
    body: hex,
    pad: hex.exactOptional(),
    tail: hex.exactOptional(),
  }),
  z.strictObject({ do: z.enum(['close', 'failSend', 'leak']), at: end }),
  z.strictObject({ do: z.literal('advance'), ms: nat }),
  z.strictObject({ do: z.literal('restart'), sameRng: z.boolean().exactOptional() }),
])

const limit = z.int().min(1).exactOptional() // as the implementation wants them
const limits = {
  unconfirmedPerId: limit,
  connections: limit,
  retainedRounds: limit,
  helloMs: limit,
  unconfirmedMs: limit,
  idleMs: limit,
  challengeMs: limit,
  responseMs: limit,
} satisfies Record<LimitName, typeof limit>
const id = z.int().min(1).max(255)

export const scheduleSchema = z.strictObject({
  version: z.literal(SCHEDULE_VERSION),
  seed: nat.max(0xffffffff),
  mode: z.enum(MODES),
  powers: z.string().regex(/^NI?L?F?$/, 'expected N, then any of I, L, F in this order'),
  setup: z.strictObject({
    clients: z.array(id).min(1),
    insiders: z.array(id),
    challenge: z.enum(['fresh', 'constant']),
    startRound: z.int().min(1).max(0xffffffff),
    startHello: nat.exactOptional(),
    limits: z.strictObject(limits),
  }),
  actions: z
    .array(action)
    .refine(
      (all) => all.reduce((sum, a) => sum + (a.do === 'converse' ? a.rounds : 0), 0) <= MOST_ROUNDS,
      `expected at most ${MOST_ROUNDS} rounds of all conversations together`,
    ),
})

/** The same with every field readonly, as the language has them. */
type Fixed<T> = T extends readonly (infer E)[] ? readonly Fixed<E>[] : { readonly [K in keyof T]: Fixed<T[K]> }
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : { readonly extra: B }) : { readonly extra: A }

// The schema and the type are one language: neither compiles with a form, a field or an action that the other lacks.
true satisfies Same<Fixed<z.output<typeof scheduleSchema>>, Schedule>
/** Of figures. */
export const scheduleField = scheduleSchema as unknown as z.ZodType<Schedule>
true satisfies Same<keyof z.output<typeof action>, keyof Action>
true satisfies Covers<Action['do'], z.output<typeof action>['do']>

const outcome = z.strictObject({ outcome: z.enum(['BLOCKED', 'SUCCEEDED']), why: z.string() })

/** A stored schedule that is told as an attack; `says` is then what the attacker does. */
const attackSchema = z.strictObject({
  n: nat.min(1), // where it stands in lists
  title: z.string(),
  /** Whether it is one of the ten that everybody tries. */
  known: z.enum(['classic', 'overlooked']),
  claim: nat.min(1).max(10), // of PROTOCOL §9
  /** The actions, by index, that are the attacker's doing. */
  strikes: z.array(nat).min(1),
  /** Monitors (properties/harness/attack/goals.ts): the attacker succeeds where one of them is violated. */
  goals: z.array(z.string()).min(1),
  /** By mode; `why` in one line, with the paragraph of PROTOCOL. */
  expect: z.strictObject({ bound: outcome, literal: outcome }),
})
export type Attack = Fixed<z.output<typeof attackSchema>>

/** A schedule that is kept, and what playing it must show. */
const storedSchema = z.strictObject({
  says: z.string(),
  /** The invariants it violates in its own mode; empty: everything holds. */
  violates: z.array(z.enum(CHECK_IDS)),
  attack: attackSchema.exactOptional(),
  schedule: scheduleSchema,
})

export interface Stored {
  readonly says: string
  readonly violates: readonly string[]
  readonly attack?: Attack | undefined
  readonly schedule: Schedule
}

export type Parsed<T> = { readonly kind: 'ok'; readonly value: T } | { readonly kind: 'bad'; readonly why: string }

const at = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>((v, key) => (typeof v === 'object' && v !== null ? Reflect.get(v, key) : undefined), value)

const shown = (value: unknown): string => {
  // JSON has no word for what it makes of a number that is too large.
  const text = typeof value === 'number' ? String(value) : JSON.stringify(value)
  return text === undefined ? 'nothing' : text.length > 60 ? `${text.slice(0, 57)}…` : text
}

/** What was expected, in zod's words where it has any. */
const expectation = (issue: z.core.$ZodIssue): string => {
  switch (issue.code) {
    case 'unrecognized_keys':
      return 'expected no other fields'
    case 'invalid_union':
      return issue.discriminator === undefined
        ? 'expected one of its forms'
        : `expected a known "${issue.discriminator}"`
    default:
      return issue.message.replace(/^Invalid input: /, '').replace(/, received .*$/s, '')
  }
}

/** One line for the first complaint of a zod schema. */
const complaint = (name: string, value: unknown, error: z.ZodError): string => {
  const issue = error.issues[0]!
  const field = issue.path
    .map((p) => (typeof p === 'number' ? `[${p}]` : `.${String(p)}`))
    .join('')
    .replace(/^\./, '')
  const got =
    issue.code === 'unrecognized_keys' ? `the unknown ${shown(issue.keys.join(', '))}` : shown(at(value, issue.path))
  return printable(`${name}: ${field || 'the file'}: ${expectation(issue)}, got ${got}`)
}

const DEEPEST = 64

/** What JSON.parse passes over in silence or in a stack overflow: a key said twice, nesting without end. Null: neither. */
const oddity = (text: string): string | null => {
  const open: (Set<string> | null)[] = [] // the keys of each object; null: an array
  for (let i = 0; i < text.length; i++) {
    const c = text[i]
    if (c === '{' || c === '[') open.push(c === '{' ? new Set() : null)
    else if (c === '}' || c === ']') open.pop()
    if (open.length > DEEPEST) return `more than ${DEEPEST} levels of nesting`
    if (c !== '"') continue
    const from = i
    for (i++; i < text.length && text[i] !== '"'; i++) if (text[i] === '\\') i++
    let next = i + 1
    while (/\s/.test(text[next] ?? '')) next++
    const keys = open.at(-1)
    if (text[next] !== ':' || !keys) continue
    const key = text.slice(from, i + 1)
    const known = key.includes('\\') ? JSON.stringify(JSON.parse(key)) : key
    if (keys.has(known)) return `${known} twice in one object`
    keys.add(known)
  }
  return null
}

const BYTE_ORDER_MARK = /^\ufeff/

export const parseWith = <T>(schema: z.ZodType<T>, name: string, text: string): Parsed<T> => {
  const bad = (got: string): Parsed<T> => ({ kind: 'bad', why: printable(`${name}: expected JSON, got ${got}`) })
  let value: unknown
  try {
    const odd = oddity(text)
    if (odd !== null) return bad(odd)
    value = JSON.parse(text.replace(BYTE_ORDER_MARK, ''))
  } catch (e) {
    return bad(wordsOf(e))
  }
  const parsed = schema.safeParse(value)
  return parsed.success
    ? { kind: 'ok', value: parsed.data }
    : { kind: 'bad', why: complaint(name, value, parsed.error) }
}

/** A stored schedule, or a bare one, which is taken as one that must hold. */
export const parseStored = (name: string, text: string): Parsed<Stored> => {
  const stale = /"version":\s*(\d+)/.exec(text)?.[1]
  if (stale !== undefined && Number(stale) !== SCHEDULE_VERSION)
    return { kind: 'bad', why: `${name}: schedule.version: expected ${SCHEDULE_VERSION}, got ${stale}` }
  const bare = /"schedule"\s*:/.test(text) ? null : parseWith<Schedule>(scheduleSchema, name, text)
  if (bare?.kind === 'bad') return bare
  return bare
    ? { kind: 'ok', value: { says: name, violates: [], schedule: bare.value } }
    : parseWith<Stored>(storedSchema, name, text)
}

/** JSON reads -0 and writes 0: as a value it is written in words. */
export const writable = (a: Action): Action =>
  a.do === 'submit' ? { ...a, values: a.values.map((v) => (Object.is(v, -0) ? '-0' : v)) } : a

/** One action a line, so that a diff shows what changed. */
export const printStored = (s: Stored): string => {
  const { actions, ...rest } = s.schedule
  const field = (key: string, value: unknown): string => `${JSON.stringify(key)}: ${JSON.stringify(value)}`
  const head = Object.entries(rest).map(([key, value]) => `  ${field(key, value)},\n`)
  const lines = actions.map((a) => `   ${JSON.stringify(writable(a))}`).join(',\n')
  const told = Object.entries(s.attack ?? {}).map(([key, value]) => `  ${field(key, value)}`)
  const attack = s.attack === undefined ? '' : ` "attack": {\n${told.join(',\n')}\n },\n`
  return `{
 ${field('says', s.says)},
 ${field('violates', s.violates)},
${attack} "schedule": {
${head.join('')}  "actions": [
${lines}
  ]
 }
}
`
}
