/** Why a counterexample breaks, as data and as text. */
import { z } from 'zod'
import { wrap } from '../terminal/text.ts'

/** A rule of PROTOCOL that may be missing (rules.ts). */
export const ruleSchema = z.strictObject({
  rule: z.string(),
  clause: z.string(),
  quote: z.string(),
  advice: z.string(),
})

export const explanationSchema = z.strictObject({
  /** What of the schedule is essential; `step`: the index of the action, null: of the setup. */
  notes: z.array(z.strictObject({ step: z.int().nullable(), text: z.string() })),
  /** The action at which the reference first does otherwise; null: it does the same. */
  differs: z.int().nullable(),
  /** The rules that may be missing, the most likely first. */
  rules: z.array(
    ruleSchema.extend({
      /** Share of what the system did that the reference does too without this rule, 0..1; null: it does not help. */
      explained: z.number().nullable(),
    }),
  ),
  /** Functions of src/ that decided otherwise in the nearest schedule that breaks nothing. */
  where: z.array(z.string()),
  /** Why there is none of this. */
  lost: z.string().optional(),
})
export type Explanation = z.infer<typeof explanationSchema>

/** Where whoever was to explain did not come back. */
export const lostExplanation = (why: string): Explanation => ({
  ...{ notes: [], differs: null, rules: [], where: [] },
  lost: why,
})

/** What is said where nothing can be. */
export const UNEXPLAINED = 'why is not explained here: that takes the sources of the project (npm run explain)'

const percent = (share: number): string => `${Math.round(100 * share)} %`

const head = (r: Explanation['rules'][number]): string =>
  `PROTOCOL ${r.clause}, ${r.rule}${r.explained === null ? '' : ` (without it the reference does ${percent(r.explained)} of this too)`}`

/** What PROTOCOL says of it, and what to do. */
export const ruleLines = (r: z.infer<typeof ruleSchema>): readonly string[] => [`  “${r.quote}”`, `  ${r.advice}`]

/** Lines without colour, to stand under a drawing. */
export const explanationText = (e: Explanation, columns?: number): readonly string[] => {
  if (e.lost !== undefined) return [wrap(`not explained: ${e.lost}`, columns, 4)]
  const [likely, ...others] = e.rules
  const at = (step: number | null): string => (step === null ? 'setup' : `action ${step}`)
  const steps = [...new Set(e.notes.map((n) => n.step))]
  const noted = steps.map(
    (step) =>
      `  ${at(step)}: ${e.notes
        .filter((n) => n.step === step)
        .map((n) => n.text)
        .join('; ')}`,
  )
  return [
    ...(likely === undefined
      ? ['missing rule: none of PROTOCOL that is known']
      : [`missing rule: ${head(likely)}`, ...ruleLines(likely)]),
    ...(others.length === 0
      ? []
      : [
          `  or: ${others.map((r) => `${r.clause} ${r.rule}${r.explained === null ? '' : ` ${percent(r.explained)}`}`).join(', ')}`,
        ]),
    ...(e.where.length === 0 ? [] : [`decided in: ${e.where.join(', ')}`]),
    ...(noted.length === 0 ? [] : ['essential:', ...noted]),
  ].map((line) => wrap(line, columns, 4))
}

/** In one line. */
export const shortText = (e: Explanation): string => {
  const [likely] = e.rules
  if (e.lost !== undefined) return `not explained: ${e.lost}`
  return likely === undefined ? '' : `PROTOCOL ${likely.clause}, ${likely.rule}: ${likely.advice}`
}
