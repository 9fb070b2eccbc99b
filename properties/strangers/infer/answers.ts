/** What answers hold, found by arithmetic: which number is the sum, the count or the average of what was submitted. */
import { exactSum } from '../../../spec/exact-sum.ts'
import {
  allSame,
  type Codec,
  codec,
  lengthsOf,
  namedAs,
  numbersOf,
  type Plain,
  rand,
  SIZE,
  skeletonOf,
  textGrammar,
  texts,
  typeOf,
  unread,
  withoutConstants,
} from './codecs.ts'
import { dataCodecs } from './payloads.ts'

export interface Submission {
  readonly n: number
  readonly conn: number
  readonly round: number
  readonly values: readonly number[]
}

/** When a client was there: its first frame and its last. */
interface Stay {
  readonly conn: number
  readonly from: number
  readonly to: number
}

const latest = (all: readonly Submission[]): readonly Submission[] => [...new Map(all.map((s) => [s.conn, s])).values()]

/** What an answer may be about, out of the submissions that may have been heard. */
const ABOUT: readonly ((all: readonly Submission[], own: Submission) => readonly Submission[])[] = [
  (all, own) => all.filter((s) => s.round === own.round), // every client of its round so far
  (_, own) => [own], // its own client
  (all) => latest(all), // every client, each with its last submission
  (all, own) => all.filter((s) => s.conn === own.conn), // its own client, from the beginning
  (all) => all, // everything so far
]

type Told = 'sum' | 'count' | 'average'

/** What submissions come to; several counts, since values may be counted, submissions or clients. */
type Figures = Readonly<Record<Told, readonly number[]>> & { readonly whole: boolean }

interface Answer {
  readonly bytes: Plain
  /** By the entries of ABOUT; several where frames crossed, or where a client may have left with its values. */
  readonly about: readonly (readonly Figures[])[]
}

const figuresOf = (of: readonly Submission[], present: readonly number[]): Figures => {
  const values = of.flatMap((s) => s.values)
  const sum = exactSum(values)
  const count = [values.length, of.length, ...present]
  return { sum: [sum], count, average: [sum / values.length], whole: values.every(Number.isInteger) }
}

const MOST_PENDING = 4 // of which each may have been overtaken

/** Which of those without an answer yet a later submission may have overtaken: connections have no order among them. */
const overtaken = (pending: readonly Submission[]): readonly (readonly Submission[])[] =>
  pending.length > MOST_PENDING
    ? [[], pending]
    : Array.from({ length: 2 ** pending.length }, (_, bits) => pending.filter((_, i) => (bits >> i) & 1))

const answersOf = (
  all: readonly Plain[],
  submissions: readonly Submission[],
  stays: readonly Stay[],
): readonly Answer[] =>
  all.flatMap((bytes) => {
    const before = submissions.filter((s) => s.n < bytes.n)
    const own = before.filter((s) => s.conn === bytes.conn).at(-1)
    if (own === undefined) return []
    const crossed = before.filter((s) => s.n >= own.n).map((s) => s.n)
    const isThere = (conn: number): boolean => stays.some((s) => s.conn === conn && s.to >= own.n)
    const answered = (s: Submission): number => all.find((p) => p.conn === s.conn && p.n > s.n)?.n ?? Infinity
    const pending = before.filter((s) => s.conn !== own.conn && s.n < own.n && answered(s) > own.n)
    const heard = crossed.flatMap((last) =>
      overtaken(pending).flatMap((behind) => {
        const until = before.filter((s) => s.n <= last && !behind.includes(s))
        return [until, until.filter((s) => isThere(s.conn))]
      }),
    )
    const begun = stays.filter((s) => s.from < bytes.n)
    const present = [begun.length, begun.filter((s) => s.to >= own.n).length]
    return [{ bytes, about: ABOUT.map((f) => heard.map((h) => figuresOf(f(h, own), present))) }]
  })

/** Whether a number in all answers is this, by one of the entries of ABOUT. `digits`: decimals it has. */
const isTold = (
  numbers: readonly number[],
  answers: readonly Answer[],
  role: Told,
  digits: number | null,
  single: boolean,
): boolean =>
  ABOUT.some((_, k) =>
    answers.every((a, i) =>
      a.about[k]!.some((of) =>
        of[role].some((t) => {
          const slack = digits !== null ? 0.51 * 10 ** -digits : single ? Math.abs(t) * 1e-6 : Math.abs(t) * 1e-12
          return Math.abs(t - numbers[i]!) <= slack
        }),
      ),
    ),
  )

interface Slot {
  readonly field: string // without its role
  readonly numbers: readonly number[]
  readonly from: number
  readonly to: number
}

const MAY_BE: Readonly<Record<Told, RegExp>> = { sum: /^(?!u8|u16)/, average: /^(f64|f32|float|int)/, count: /^(?!f)/ }
const TOLD: readonly Told[] = ['sum', 'average', 'count']
const WHOLE_TOLD: readonly Told[] = ['average', 'sum', 'count']

const rolesOf = (slots: readonly Slot[], answers: readonly Answer[]): ReadonlyMap<Slot, Told> => {
  const roles = new Map<Slot, Told>()
  const free = (s: Slot): boolean => [...roles.keys()].every((t) => s.to <= t.from || t.to <= s.from)
  // A number that changes is told from one that does not: where each submits one number, a count of 1 may be anything.
  const whole = answers.every((a) => a.about.flat().every((f) => f.whole))
  const varied = [...slots].sort((a, b) => Number(allSame(a.numbers)) - Number(allSame(b.numbers)))
  // Decimals of whole numbers are those of an average.
  const told = whole && slots.some((s) => s.field.startsWith('float')) ? WHOLE_TOLD : TOLD
  for (const role of told)
    for (const slot of varied) {
      if (!free(slot) || [...roles.values()].includes(role) || !MAY_BE[role].test(slot.field)) continue
      const digits = /^float:(\d)/.exec(slot.field)?.[1]
      const known = isTold(
        slot.numbers,
        answers,
        role,
        digits === undefined ? null : Number(digits),
        slot.field.startsWith('f32'),
      )
      if (known) roles.set(slot, role)
    }
  return [...roles.values()].some((r) => r !== 'count') ? roles : new Map()
}

const textResponse = (all: readonly Plain[], answers: readonly Answer[]): readonly string[] => {
  const said = texts(all)
  const whole = said && skeletonOf(said)
  if (whole == null) return []
  return [whole, withoutConstants(whole)].flatMap((s) => {
    const slots = s.slots.map(
      (words, i): Slot => ({ field: typeOf(words), numbers: words.map(Number), from: i, to: i + 1 }),
    )
    const roles = rolesOf(slots, answers)
    return roles.size === 0
      ? []
      : [
          textGrammar(
            s,
            slots.map((t) => `${t.field} ${roles.get(t) ?? 'other'}`),
          ),
        ]
  })
}

const GAPS = { 1: 'u8', 2: 'u16', 4: 'u32', 8: 'u64' } as const

const binaryResponse = (all: readonly Plain[], answers: readonly Answer[]): readonly string[] => {
  const [length, ...more] = lengthsOf(all)
  if (length === undefined || more.length > 0) return []
  return (['', 'le'] as const).flatMap((little) => {
    const slots: Slot[] = []
    for (const type of ['f64', 'i32', 'u32', 'f32', 'i64', 'u64', 'u16', 'u8'] as const)
      for (let from = 0; from + SIZE[type] <= length; from++) {
        const field = `${type}${type === 'u8' ? '' : little}`
        const numbers = numbersOf(
          [...rand(from), `${field} sum`, ...rand(length - from - SIZE[type])].join(' | '),
          all,
          'sum',
        )
        if (numbers !== null) slots.push({ field, numbers, from, to: from + SIZE[type] })
      }
    const roles = rolesOf(slots, answers)
    if (roles.size === 0) return []
    const fields: string[] = []
    const fill = (bytes: number): void => {
      if (bytes > 0)
        fields.push(bytes in GAPS ? `${GAPS[bytes as 4]}${bytes === 1 ? '' : little} other` : `rand:${bytes}`)
    }
    let at = 0
    for (const [slot, role] of [...roles].sort(([a], [b]) => a.from - b.from)) {
      fill(slot.from - at)
      fields.push(`${slot.field} ${role}`)
      at = slot.to
    }
    fill(length - at)
    return [fields.join(' | ')]
  })
}

/** How much of the answers agrees with the submissions; what never changes is little of a confirmation. */
const told = (text: string, all: readonly Plain[]): number =>
  TOLD.reduce((sum, role) => {
    if (!text.includes(` ${role}`)) return sum
    return sum + (allSame(numbersOf(text, all, role) ?? []) ? 0.3 : role === 'count' ? 0.6 : 1)
  }, 0)

/** The codec with its sum as an average, or the other way round, where that explains the answers as well. */
const swapped = (text: string, responses: readonly Plain[], answers: readonly Answer[]): readonly string[] => {
  const [, field, role] = /([^ ]+(?: each)?) (sum|average)/.exec(text) ?? []
  if (field === undefined || (text.includes(' sum') && text.includes(' average'))) return []
  const other = role === 'sum' ? 'average' : 'sum'
  const numbers = numbersOf(text, responses, role as Told)
  const digits = /^float:(\d)/.exec(field)?.[1]
  const fits = numbers !== null && MAY_BE[other].test(field)
  const both =
    fits && isTold(numbers, answers, other, digits === undefined ? null : Number(digits), field.startsWith('f32'))
  return both ? [text.replace(` ${role}`, ` ${other}`)] : []
}

const MORE_ROUNDS = 'rounds with one client alone, and --values with what it was given'
const MORE_VALUES = 'submit 1.5 and -2.25, and two values at once, as far as the client takes them'
const MOST_CANDIDATES = 40
const SURE = 0.4 // what agrees by so much less is no rival

/** Codecs of submissions and of answers that agree with each other, or those that leave them unread. */
export const exchangeCodecs = (
  data: readonly Plain[],
  responses: readonly Plain[],
  typed: readonly number[],
  stays: readonly Stay[],
): { readonly data: Codec; readonly response: Codec; readonly agree: number } => {
  const candidates = data.length === 0 ? [] : dataCodecs(data, typed)
  const asSubmissions = (values: readonly (readonly number[])[]): readonly Submission[] =>
    data.map((p, i) => ({ n: p.n, conn: p.conn, round: p.round, values: values[i]! }))
  const fitting = candidates.slice(0, MOST_CANDIDATES).flatMap((c) => {
    const answers = answersOf(responses, asSubmissions(c.values), stays)
    if (answers.length === 0 || answers.length < responses.length) return []
    const found = [...textResponse(responses, answers), ...binaryResponse(responses, answers)]
    const best = found.sort((a, b) => told(b, responses) - told(a, responses))[0]
    return best === undefined ? [] : [{ ...c, answers, response: best, told: told(best, responses) }]
  })
  const [best] = fitting.sort((a, b) => b.told + b.score - a.told - a.score)
  const chosen = best ?? candidates[0]
  const nothing = (all: readonly Plain[]): Codec =>
    codec(all.length === 0 ? 'any' : unread(all), 0, ['numbers that nobody could make out'], MORE_ROUNDS)
  if (chosen === undefined) return { data: nothing(data), response: nothing(responses), agree: 0 }
  const same = JSON.stringify(chosen.values)
  const agreeing = fitting.filter((c) => best !== undefined && c.told > best.told - SURE && c.score > best.score - SURE)
  const others = [...candidates.filter((c) => JSON.stringify(c.values) === same), ...agreeing].map((c) => c.text)
  const alike = [...new Set(others)].filter((text) => text !== chosen.text)
  const submitted = codec(namedAs(chosen.text), data.length, alike, MORE_VALUES)
  if (best === undefined) return { data: submitted, response: nothing(responses), agree: 0 }
  const either = swapped(best.response, responses, best.answers)
  const answered = codec(
    namedAs(best.response),
    responses.length,
    either,
    'several clients with different numbers in one round',
  )
  return { data: submitted, response: answered, agree: responses.length }
}
