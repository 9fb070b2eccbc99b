/** Why a case failed, as data and as text. */
import { z } from 'zod'
import { ruleLines, ruleSchema } from '../../harness/explain/text.ts'
import { wrap } from '../../harness/terminal/text.ts'

/**
 * Without the rule the reference fails the case too: in the same words, or in others; or it was not seen to fail it without
 * any one rule, and the invariant of the case rests on this one.
 */
export const SHOWN = ['alike', 'otherwise', 'rests'] as const

export const candidateSchema = z.strictObject({
  /** Several: they are missing together. */
  rules: z.array(ruleSchema),
  shown: z.enum(SHOWN),
})
export type Candidate = z.infer<typeof candidateSchema>

/** Numbers of opcodes and bytes are those of a dialect. */
export const alike = (observed: string): string => observed.replace(/\d+/g, '#')

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
    ...likely.rules.flatMap(ruleLines),
    ...(others.length === 0
      ? []
      : [`  or: ${others.map((c) => `${named(c)}${c.shown === 'otherwise' ? ' (in another way)' : ''}`).join(', ')}`]),
  ].map((line) => wrap(line, columns, 4))
}
