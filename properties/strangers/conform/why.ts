/** Which rule a failed case shows to be missing: by what the reference does in the same case without it. */
import { z } from 'zod'
import { BY_INVARIANT } from '../../harness/explain/by-invariant.ts'
import { RULES, type RuleId } from '../../harness/explain/rules.ts'
import { wrap } from '../../harness/terminal/text.ts'
import { FAILED_WITHOUT } from './omitted/table.ts'

/**
 * Without the rule the reference fails the case too: in the same words, or in others; or it was not seen to fail it without
 * any one rule, and the invariant of the case rests on this one.
 */
export const SHOWN = ['alike', 'otherwise', 'rests'] as const

export const candidateSchema = z.strictObject({
  /** Several: they are missing together. */
  rules: z.array(z.strictObject({ rule: z.string(), clause: z.string(), quote: z.string(), advice: z.string() })),
  shown: z.enum(SHOWN),
})
export type Candidate = z.infer<typeof candidateSchema>

const MOST = 3

/** Numbers of opcodes and bytes are those of a dialect. */
export const alike = (observed: string): string => observed.replace(/\d+/g, '#')

interface Omitted {
  readonly rules: readonly string[]
  readonly seen: string
}

/** Of each case of a side: what was left out of the reference that failed it, and what was then observed. */
const parsed = (side: keyof typeof FAILED_WITHOUT): ReadonlyMap<string, readonly Omitted[]> => {
  const all = new Map<string, Omitted[]>()
  let rows: Omitted[] = []
  for (const line of FAILED_WITHOUT[side].trim().split('\n')) {
    const [rules, seen] = line.trim().split(': ', 2) as [string, string?]
    if (seen === undefined) {
      rows = []
      all.set(rules, rows)
    } else rows.push({ rules: rules.split('+'), seen: line.trim().slice(rules.length + 2) })
  }
  return all
}
const tables = { server: parsed('server'), client: parsed('client') }

/** The most likely first. `invariant`: what the case failed. */
export const whyOf = (
  side: keyof typeof tables,
  { id, invariant, observed }: { readonly id: string; readonly invariant: string; readonly observed: string },
): Candidate[] => {
  const rests = BY_INVARIANT[invariant] ?? []
  const known = tables[side].get(id) ?? []
  const place = ({ rules }: Omitted): number => {
    const at = rests.findIndex((r) => rules.includes(r))
    return at < 0 ? rests.length : at
  }
  const same = (o: Omitted): boolean => o.seen === alike(observed)
  const rows = [...known].sort((a, b) => Number(same(b)) - Number(same(a)) || place(a) - place(b))
  const candidate = (rules: readonly string[], shown: Candidate['shown']): Candidate => ({
    rules: rules.map((rule) => ({ rule, ...RULES[rule as RuleId] })),
    shown,
  })
  const found = new Map<string, Candidate>()
  for (const o of rows) {
    const name = o.rules.join('+')
    if (!found.has(name)) found.set(name, candidate(o.rules, same(o) ? 'alike' : 'otherwise'))
  }
  return (found.size > 0 ? [...found.values()] : rests.map((r) => candidate([r], 'rests'))).slice(0, MOST)
}

const named = ({ rules }: Candidate): string => rules.map((r) => `${r.clause} ${r.rule}`).join(' and ')

const HOW = {
  alike: (what: string) => `missing rule: PROTOCOL ${what} (without it the reference fails this case in the same way)`,
  otherwise: (what: string) =>
    `missing rule: perhaps PROTOCOL ${what} (without it the reference fails this case too, in another way)`,
  rests: (what: string) =>
    `missing rule: not shown, since the reference passes this case without any one of them; what it rests on first: PROTOCOL ${what}`,
} as const

/** Lines without colour, to stand under a failed case. */
export const whyText = (why: readonly Candidate[], columns?: number): readonly string[] => {
  const [likely, ...others] = why
  if (likely === undefined) return []
  return [
    HOW[likely.shown](named(likely)),
    ...likely.rules.flatMap((r) => [`  “${r.quote}”`, `  ${r.advice}`]),
    ...(others.length === 0
      ? []
      : [`  or: ${others.map((c) => `${named(c)}${c.shown === 'otherwise' ? ' (in another way)' : ''}`).join(', ')}`]),
  ].map((line) => wrap(line, columns, 4))
}
