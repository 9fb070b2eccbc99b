/** A stage: the place of a check in a run of the gate, with the options that a profile gives it. */
import type { z } from 'zod'
import type { Check, Context } from '../checks/check.ts'
import type { Problem, Section } from '../harness/outcome.ts'
import { defaultsOf } from '../harness/terminal/options.ts'
import type { Profile } from './profiles.ts'

/** A check's answer with everything the reports need of it. */
export interface Answer {
  readonly figures: unknown
  readonly problems: readonly Problem[]
  readonly measured: Readonly<Record<string, number>>
  readonly notes: readonly string[]
  readonly summary: string
  readonly sections: readonly Section[]
}

/** Options and figures are closed over, so that different ones stand in one list. */
export interface Stage {
  readonly name: string
  readonly asks: string
  readonly schema: z.ZodType
  run(p: Profile, seed: number, c: Context): Promise<Answer>
}

/** `plan`: the options that differ from the defaults of the check. */
export const stage = <S extends z.ZodObject, F>(
  c: Check<S, F>,
  plan: (p: Profile, seed: number) => Partial<z.output<S>> = () => ({}),
): Stage => ({
  name: c.name,
  asks: c.asks,
  schema: c.schema,
  async run(p, seed, context) {
    const {
      figures,
      problems,
      measured = {},
      notes = [],
    } = await c.run({ ...defaultsOf(c), ...plan(p, seed) }, context)
    return { figures, problems, measured, notes, summary: c.summary(figures), sections: c.sections(figures) }
  },
})
