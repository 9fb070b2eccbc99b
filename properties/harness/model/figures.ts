/** The model exhausted in the scopes that are asked for, in processes of their own; and what came of it, as plain data. */
import { z } from 'zod'
import type { Limits } from '../../../spec/checker/explore.ts'
import type { Scope } from '../../../spec/checker/scope.ts'
import { CLAIM_SCOPES } from '../../../spec/claims.ts'
import { MODES, type Mode } from '../../../spec/language.ts'
import { assumptions } from '../../../spec/proof/tie.ts'
import { runPool } from '../process/pool.ts'
import { scheduleField } from '../schedules/schedule-file.ts'
import { n } from '../terminal/text.ts'

const mode = z.enum(MODES)

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
  /** The same on bytes. */
  schedule: scheduleField,
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
  /** How far it came where the signal stopped it; what is above is then of the scopes that were done. */
  readonly stopped?: string
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
  /** Judged as for claims, whose attacks are looked for as well. */
  readonly attacks?: boolean
  /** That drawings fit into. */
  readonly columns?: number | undefined
}

/** How far a job is: scopes done, and the search of the next one. */
export interface Note {
  readonly done: number
  readonly states: number
  readonly depth: number
  /** What came of the scope that was just done. */
  readonly explored?: ExploredFigures
  readonly tied?: TiedFigures
}

interface Means {
  readonly processes: number
  readonly signal: AbortSignal
  /** Of the terminal that drawings are for. */
  readonly columns?: number | undefined
  progress(done: number, total: number, what: string): void
}

const WORKER = new URL('./worker.ts', import.meta.url)
const NOTHING: Answer = { explored: [], verdicts: [], drawn: [], tied: [], seconds: 0 }

/** All that these came to, in their order. */
const joined = (told: readonly Answer[]): Answer => {
  const stopped = told.find((a) => a.stopped !== undefined)?.stopped
  return {
    explored: told.flatMap((a) => a.explored),
    verdicts: told.flatMap((a) => a.verdicts),
    drawn: told.flatMap((a) => a.drawn),
    tied: told.flatMap((a) => a.tied),
    seconds: told.reduce((sum, a) => sum + a.seconds, 0),
    ...(stopped !== undefined && { stopped }),
  }
}

/** In one pool. Answers come in the order of the jobs. The signal ends it with what is done by then. */
const answersTo = async (all: readonly Job[], c: Means): Promise<readonly Answer[]> => {
  const jobs = all.map((job) => ({ ...job, columns: c.columns }))
  const total = jobs.reduce((sum, j) => sum + j.scopes.length, 0)
  const notes = new Map<Job, Note>()
  const answers = new Map<Job, Answer>(jobs.map((j) => [j, NOTHING]))
  const sum = (of: (n: Note) => number): number => [...notes.values()].reduce((x, n) => x + of(n), 0)
  const next = (): string => `${n(sum((n) => n.states))} states in the next, depth ${sum((n) => n.depth)}`
  const playing = runPool<Job, Answer>(
    jobs,
    { worker: WORKER, processes: c.processes, signal: c.signal },
    {
      note(noted, job) {
        const note = noted as Note
        notes.set(job, note)
        const { explored, tied, ...so } = answers.get(job)!
        const more = <T>(all: readonly T[], one: T | undefined): readonly T[] =>
          one === undefined ? all : [...all, one]
        answers.set(job, { ...so, explored: more(explored, note.explored), tied: more(tied, note.tied) })
        c.progress(
          sum((n) => n.done),
          total,
          `scopes, ${next()}`,
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
  try {
    await playing
  } catch (e) {
    if (!c.signal.aborted) throw e
  }
  const stopped = `stopped after ${sum((n) => n.done)} of ${total} scopes, ${next()}`
  return [...answers.values()].map((a) => (c.signal.aborted ? { ...a, stopped } : a))
}

export const exploreAll = async (jobs: readonly Job[], c: Means): Promise<Answer> => joined(await answersTo(jobs, c))

/** By run, which has a signal of its own, and by question. */
const runs = new WeakMap<AbortSignal, Map<string, Promise<readonly Answer[]>>>()

/** `more`: what else this one wants to know; while the question is new, in the same pool. */
const once = async (question: string, jobs: readonly Job[], c: Means, more: readonly Job[] = []): Promise<Answer> => {
  const run = runs.get(c.signal) ?? new Map<string, Promise<readonly Answer[]>>()
  runs.set(c.signal, run)
  const known = run.get(question)
  if (known !== undefined) return joined([...(await known).slice(0, jobs.length), ...(await answersTo(more, c))])
  const answers = answersTo([...jobs, ...more], c)
  run.set(question, answers)
  return joined(await answers)
}

/** The scopes of the claims of these modes, and `more`. Asked by two checks, explored once a run. */
export const exploreClaims = (
  modes: readonly Mode[],
  limits: Limits,
  c: Means,
  more: readonly Job[] = [],
): Promise<Answer> => {
  const jobs = modes.map((mode) => ({ scopes: CLAIM_SCOPES[mode], limits, claims: mode }))
  return once(JSON.stringify([modes, limits]), jobs, c, more)
}

/** Scopes compared with the proof. Those of the gate are asked for by two checks, explored once a run. */
export const tieAll = (scopes: readonly Scope[], limits: Limits, c: Means): Promise<Answer> => {
  const jobs = scopes.map((s): Job => ({ scopes: [s], limits, claims: null, tied: true }))
  return once(JSON.stringify([scopes, limits]), jobs, c)
}
