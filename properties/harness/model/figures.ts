/** The model exhausted in the scopes that are asked for, in processes of their own; and what came of it, as plain data. */
import { z } from 'zod'
import type { Limits } from '../../../spec/checker/explore.ts'
import type { Scope } from '../../../spec/checker/scope.ts'
import { CLAIM_SCOPES } from '../../../spec/claims.ts'
import type { Mode } from '../../../spec/language.ts'
import { assumptions } from '../../../spec/proof/tie.ts'
import { runPool } from '../pool.ts'

const mode = z.enum(['bound', 'literal'])

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
      /** Against PROTOCOL §9, and against what the scope can reach. */
      standing: z.enum(['as expected', 'unexpected', 'missing', 'unwitnessed']),
      /** Moves of the shortest counterexample. */
      moves: z.int().nullable(),
      why: z.string(),
      witnessed: z.boolean(),
      /** The shortest witness in a few words, or why there is none. */
      witness: z.string(),
      /** The shortest counterexample, drawn; empty without one. */
      ladder: z.array(z.string()),
    }),
  ),
})
export type ExploredFigures = z.infer<typeof exploredSchema>

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
  mode,
  says: z.string(),
  moves: z.int(),
  why: z.string(),
  ladder: z.array(z.string()),
  diagram: z.string().describe('Mermaid'),
  /** One of the attacks of PROTOCOL §9 by name, narrower than an invariant. */
  attack: z.boolean(),
})

/** A scope of the model compared with the proof (spec/proof/tie.ts). */
export const tiedSchema = z.strictObject({
  scope: z.string(),
  states: z.int(),
  transitions: z.int(),
  stopped: z.enum(['states', 'memory']).nullable(),
  /** What the proof assumes → how often it was so. */
  possible: z.record(z.string(), z.int()),
  differences: z.array(
    z.strictObject({ what: z.string(), why: z.string(), moves: z.int(), ladder: z.array(z.string()) }),
  ),
})
export type TiedFigures = z.infer<typeof tiedSchema>

/** What the proof assumes → how often it was so, over all scopes together. */
export const possibleOf = (tied: readonly TiedFigures[]): Readonly<Record<string, number>> =>
  Object.fromEntries(assumptions().map((a) => [a, tied.reduce((sum, t) => sum + (t.possible[a] ?? 0), 0)]))

export interface Answer {
  readonly tied: readonly TiedFigures[]
  readonly explored: readonly ExploredFigures[]
  readonly verdicts: readonly z.infer<typeof verdictSchema>[]
  readonly drawn: readonly z.infer<typeof drawnSchema>[]
  /** Of the searches alone. */
  readonly seconds: number
}

/**
 * Scopes that one process explores one after another; `claims`: the mode whose claims are then judged in them; `tied`:
 * they are compared with the proof instead of judged.
 */
export interface Job {
  readonly tied?: true
  readonly scopes: readonly Scope[]
  readonly limits: Limits
  readonly claims: Mode | null
  /** That drawings fit into. */
  readonly columns?: number | undefined
}

/** How far a job is: scopes done, and the search of the next one. */
export interface Note {
  readonly done: number
  readonly states: number
  readonly depth: number
}

interface Means {
  readonly processes: number
  readonly signal: AbortSignal
  /** Of the terminal that drawings are for. */
  readonly columns?: number | undefined
  progress(done: number, total: number, what: string): void
}

const WORKER = new URL('./worker.ts', import.meta.url)

/** Answers come in the order of the jobs. */
export const exploreAll = async (all: readonly Job[], c: Means): Promise<Answer> => {
  const jobs = all.map((job) => ({ ...job, columns: c.columns }))
  const total = jobs.reduce((sum, j) => sum + j.scopes.length, 0)
  const notes = new Map<Job, Note>()
  const answers = new Map<Job, Answer>()
  await runPool<Job, Answer>(
    jobs,
    { worker: WORKER, processes: c.processes, signal: c.signal },
    {
      note(note, job) {
        notes.set(job, note as Note)
        const told = [...notes.values()]
        const sum = (of: (n: Note) => number): number => told.reduce((x, n) => x + of(n), 0)
        c.progress(
          sum((n) => n.done),
          total,
          `scopes, ${sum((n) => n.states)} states in the next, depth ${sum((n) => n.depth)}`,
        )
      },
      done(fate, job) {
        if (fate.kind === 'failed') throw new Error(fate.why)
        if (fate.kind !== 'done') throw new Error('a process exploring the model ended')
        answers.set(job, fate.result)
        notes.set(job, { done: job.scopes.length, states: 0, depth: 0 })
      },
    },
  )
  const told = jobs.map((j) => answers.get(j)!)
  return {
    explored: told.flatMap((a) => a.explored),
    verdicts: told.flatMap((a) => a.verdicts),
    drawn: told.flatMap((a) => a.drawn),
    tied: told.flatMap((a) => a.tied),
    seconds: told.reduce((sum, a) => sum + a.seconds, 0),
  }
}

/** By run, which has a signal of its own, and by question. */
const runs = new WeakMap<AbortSignal, Map<string, Promise<Answer>>>()

const once = (question: string, jobs: readonly Job[], c: Means): Promise<Answer> => {
  const known = runs.get(c.signal) ?? new Map<string, Promise<Answer>>()
  runs.set(c.signal, known)
  const answer = known.get(question) ?? exploreAll(jobs, c)
  known.set(question, answer)
  return answer
}

/** The scopes of the claims of these modes. Asked by two checks, explored once a run. */
export const exploreClaims = (modes: readonly Mode[], limits: Limits, c: Means): Promise<Answer> => {
  const jobs = modes.map((mode) => ({ scopes: CLAIM_SCOPES[mode], limits, claims: mode }))
  return once(JSON.stringify([modes, limits]), jobs, c)
}

/** Scopes compared with the proof. Those of the gate are asked for by two checks, explored once a run. */
export const tieAll = async (scopes: readonly Scope[], limits: Limits, c: Means): Promise<readonly TiedFigures[]> => {
  const jobs = scopes.map((s): Job => ({ scopes: [s], limits, claims: null, tied: true }))
  return (await once(JSON.stringify([scopes, limits]), jobs, c)).tied
}
