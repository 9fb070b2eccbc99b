/** What a stage of the gate is: one question with a budget, answered by figures and problems. One file each. */
import type { z } from 'zod'
import type { Profile } from './profiles.ts'

/** Why a run is red, grouped by who is to blame. */
export const PROBLEM_KINDS = [
  // the implementation, or the page it was written from
  'violation', // an invariant is violated where it should hold
  'expectation-missing', // `literal` was expected to break, and no counterexample was found
  'claim', // a claim is not what spec/claims.ts says
  'open-finding', // something found earlier still reproduces
  'failed', // a test, the types, the linter, a stored schedule, an attack
  // the harness: nothing is known to be wrong, but too little is known
  'floor', // a witness or a budget was not reached
  'cell', // a reachable cell of the model was not exercised
  'survivor', // a planted bug was not noticed
  'coverage', // of src by the tests
  'counts-moved', // the explorer's numbers changed and the frozen ones did not
  'stale-report', // REPORT.md is not what this commit produces
  'interrupted', // the user stopped the run
  // the machinery
  'error', // a stage could not do its work
] as const
export type ProblemKind = (typeof PROBLEM_KINDS)[number]

export interface Problem {
  readonly kind: ProblemKind
  /** One sentence that names what, what was expected and what was got. */
  readonly text: string
  /** The command that shows it again. */
  readonly replay?: string
  /** Path from the repository's root, with an optional `:line`. */
  readonly at?: string
}

export interface Context {
  readonly profile: Profile
  readonly seed: number
  /** Where a run leaves its files; absolute, exists. */
  readonly out: string
  readonly processes: number
  readonly signal: AbortSignal
  /** `total` 0: not known. */
  progress(done: number, total: number, what: string): void
}

/** A piece of REPORT.md. */
export interface Section {
  readonly title: string
  readonly body: string // Markdown
}

export interface Outcome<F> {
  /** Plain data, the same for the same commit, seed and profile: what the report shows. */
  readonly figures: F
  readonly problems: readonly Problem[]
  /** What differs from run to run, such as rates; for report.json alone. */
  readonly measured?: Readonly<Record<string, number>>
}

export interface Stage<F> {
  readonly name: string
  /** The question, as a sentence without a full stop. */
  readonly asks: string
  readonly schema: z.ZodType<F>
  run(c: Context): Promise<Outcome<F>>
  /** The answer in one line. */
  summary(f: F): string
  sections(f: F): readonly Section[]
}

/** A stage's answer with everything the reports need of it. */
export interface Answer {
  readonly figures: unknown
  readonly problems: readonly Problem[]
  readonly measured: Readonly<Record<string, number>>
  readonly summary: string
  readonly sections: readonly Section[]
}

/** A stage with its figures' type closed over, so that stages of different figures stand in one list. */
export interface AnyStage {
  readonly name: string
  readonly asks: string
  readonly schema: z.ZodType
  run(c: Context): Promise<Answer>
}

export const stage = <F>(s: Stage<F>): AnyStage => ({
  name: s.name,
  asks: s.asks,
  schema: s.schema,
  async run(c) {
    const { figures, problems, measured } = await s.run(c)
    return { figures, problems, measured: measured ?? {}, summary: s.summary(figures), sections: s.sections(figures) }
  },
})
