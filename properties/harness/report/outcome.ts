/** What a check answers: figures, problems, and the pieces of a report. */

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
  'survivor', // a mutant was not noticed
  'coverage', // of src by the tests
  'counts-moved', // the explorer's numbers changed and the frozen ones did not
  'stale-report', // REPORT.md is not what this commit produces
  'interrupted', // the user stopped the run
  // the machinery
  'error', // a check could not do its work
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
  /** The name of the case that it is about. */
  readonly about?: string
}

/** One of the questions that a check asks, and its answer: `red` says why it is not as expected; null: it is. */
export interface Case {
  readonly name: string
  readonly red: string | null
}

export interface Outcome<F> {
  /** Plain data, the same for the same commit, seed and options: what report and terminal show. */
  readonly figures: F
  readonly problems: readonly Problem[]
  /** What differs from run to run, such as rates; for times.json and standard error. */
  readonly measured?: Readonly<Record<string, number>>
  /** What differs from machine to machine, a line each: said at the end of a run, and in no report. */
  readonly notes?: readonly string[]
}

/** A piece of REPORT.md. */
export interface Section {
  readonly title: string
  readonly body: string // Markdown
}
