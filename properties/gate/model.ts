/** The model exhausted in the scopes of the claims, a process a mode; asked by two stages, done once a run. */
import { z } from 'zod'
import { CLAIM_SCOPES } from '../../spec/claims.ts'
import type { Mode } from '../../spec/language.ts'
import { runForked } from './command.ts'
import type { Context } from './stage.ts'

export const mode = z.enum(['bound', 'literal'])

export const exploredSchema = z.strictObject({
  scope: z.string(),
  mode,
  states: z.int(),
  transitions: z.int(),
  depth: z.int(),
  stopped: z.enum(['states', 'memory']).nullable(),
  judged: z.array(
    z.strictObject({
      id: z.string(),
      says: z.string(),
      standing: z.enum(['as expected', 'unexpected', 'missing', 'unwitnessed']),
      /** Moves of the shortest counterexample. */
      moves: z.int().nullable(),
      why: z.string(),
      witnessed: z.boolean(),
    }),
  ),
})

export const verdictSchema = z.strictObject({
  claim: z.int(),
  says: z.string(),
  mode,
  holds: z.boolean(),
  evidence: z.string(),
  differs: z.array(z.string()),
  counterexamples: z.array(z.string()), // ids
})

export const drawnSchema = z.strictObject({
  invariant: z.string(),
  says: z.string(),
  moves: z.int(),
  why: z.string(),
  diagram: z.string().describe('Mermaid'),
  /** One of the attacks of PROTOCOL §9 by name, narrower than an invariant. */
  attack: z.boolean(),
})

export const answerSchema = z.strictObject({
  explored: z.array(exploredSchema),
  verdicts: z.array(verdictSchema),
  drawn: z.array(drawnSchema),
})
export type Answer = z.infer<typeof answerSchema>

const WORKER = new URL('./model-worker.ts', import.meta.url)

const explore = async (c: Context): Promise<Answer> => {
  const { modelModes: modes } = c.profile
  const total = modes.reduce((sum, m) => sum + CLAIM_SCOPES[m].length, 0)
  const done = new Map<Mode, number>()
  const progress = (m: Mode, n: number): void => {
    done.set(m, n)
    c.progress(
      [...done.values()].reduce((a, b) => a + b, 0),
      total,
      'scopes',
    )
  }
  const answers = await Promise.all(
    modes.map((m) => runForked(WORKER, [m], answerSchema, { signal: c.signal, progress: (n) => progress(m, n) })),
  )
  return {
    explored: answers.flatMap((a) => a.explored),
    verdicts: answers.flatMap((a) => a.verdicts),
    drawn: answers.flatMap((a) => a.drawn),
  }
}

/** By run, which has a signal of its own. */
const runs = new WeakMap<AbortSignal, Promise<Answer>>()

export const exploreOnce = (c: Context): Promise<Answer> => {
  const known = runs.get(c.signal) ?? explore(c)
  runs.set(c.signal, known)
  return known
}
