/** What the report page shows, as plain data: checks give parts of it (`page` of properties/checks/check.ts). */
import type { Mode } from '../../../spec/language.ts'
import type { Explanation } from '../explain/text.ts'
import type { ProblemKind } from '../report/outcome.ts'
import type { Films } from './film.ts'

/** A schedule that shows something. */
export interface Story extends Films {
  readonly kind: 'counterexample' | 'attack' | 'model'
  readonly id: string
  readonly mode: Mode
  readonly says: string
  readonly clause: string
  /** What it came to, in a few words. */
  readonly outcome: string
  readonly red: boolean
  readonly replay: string | null
  /** Where there is no film. */
  readonly ladder?: readonly string[]
  readonly explanation?: Explanation
}

export interface Judged {
  readonly schedules: number
  readonly witnesses: number
  readonly verdict: string
}
export interface InvariantRow {
  readonly id: string
  readonly says: string
  readonly powers: string
  readonly clause: string
  readonly witness: string
  readonly floor: number
  readonly by: string // prop, scopes
  readonly bound: Judged
  readonly literal: Judged
}

export interface MutantRow {
  readonly id: string
  readonly family: string
  readonly bug: string
  readonly expect: string | null
  readonly verdict: string
  /** Invariants that fired, and those before which nothing did. */
  readonly fired: readonly string[]
  readonly first: readonly string[]
  readonly remark: string
  readonly diff: readonly { readonly file: string; readonly find: string; readonly replace: string }[]
}

export interface CellRow {
  readonly role: string
  readonly phase: string
  readonly opcode: string
  readonly verdict: string
  /** How often; null: the model cannot reach it in this mode. */
  readonly bound: number | null
  readonly literal: number | null
}

export interface CoverageRow {
  readonly file: string
  readonly lines: readonly [covered: number, total: number]
  readonly branches: readonly [covered: number, total: number]
  readonly missed: readonly { readonly line: number; readonly what: string; readonly reason: string | null }[]
}

export interface Curve {
  readonly name: string
  readonly says: string
  readonly executions: number
  readonly features: number
  readonly findings: number
  readonly points: readonly (readonly [executions: number, features: number])[]
}

/** One target, one run. */
export interface CardPart {
  readonly name: string
  readonly dialect: string
  readonly rows: readonly {
    readonly id: string
    readonly says: string
    readonly invariant: string
    readonly clause: string
    readonly verdict: string
    readonly class: string
    readonly observed: string
    readonly advice: string
    /** Which rule is missing, a line each. */
    readonly missing: readonly string[]
    readonly exchange: readonly string[]
    readonly replay: string
  }[]
}

/** `svg`: shown as an image, never as markup of the page. */
export interface MachinePart {
  readonly title: string
  readonly svg: string
  readonly rows: readonly (readonly [name: string, value: string])[]
}

export interface ScopeRow {
  readonly scope: string
  readonly states: number
  readonly transitions: number
  readonly depth: number
  /** The bound that stopped it; null: exhausted. */
  readonly stopped: string | null
  /** Invariants without a counterexample, and those of them that had a witness. */
  readonly holds: number
  readonly tested: number
  readonly broken: readonly { readonly id: string; readonly moves: number }[]
}

/** States by number; an edge is `from`, `to` and an index into `actions`. */
export interface StateGraph {
  readonly scope: string
  readonly depths: readonly number[]
  /** What each state is, in a few words. */
  readonly says: readonly string[]
  readonly actions: readonly string[]
  readonly edges: readonly (readonly [from: number, to: number, action: number])[]
  /** Shortest ways to a violation, as indices of edges. */
  readonly paths: readonly { readonly id: string; readonly why: string; readonly edges: readonly number[] }[]
}

export interface ClaimRow {
  readonly claim: number
  readonly says: string
  readonly mode: Mode
  readonly holds: boolean
  readonly evidence: string
}

/** Lists of several checks are put together; of anything else there is one. */
export interface Parts {
  readonly stories?: readonly Story[]
  readonly invariants?: readonly InvariantRow[]
  readonly claims?: readonly ClaimRow[]
  readonly kills?: {
    readonly invariants: readonly string[]
    readonly catalogue: number
    readonly mutants: readonly MutantRow[]
  }
  readonly cells?: readonly CellRow[]
  /** Names of cells that others than `prop` reached. */
  readonly fuzzCells?: readonly string[]
  readonly scopeCells?: readonly string[]
  readonly coverage?: readonly CoverageRow[]
  readonly curves?: readonly Curve[]
  readonly cards?: readonly CardPart[]
  readonly machines?: readonly MachinePart[]
  readonly scopes?: readonly ScopeRow[]
  readonly graph?: StateGraph
}

interface StageRow {
  readonly name: string
  readonly asks: string
  readonly status: string
  readonly summary: string
}

interface ProblemRow {
  readonly kind: ProblemKind
  readonly text: string
  readonly at?: string
  readonly replay?: string
}

export interface Page {
  readonly title: string
  readonly says: string
  readonly verdict: 'pass' | 'fail' | 'partial'
  /** The command that makes it. */
  readonly made: string
  readonly stages: readonly StageRow[]
  readonly problems: readonly ProblemRow[]
  /** What is other than in an earlier report; null: none was given. */
  readonly since: readonly string[] | null
  readonly notCovered: readonly string[]
  readonly parts: Parts
}

/** Those of several checks, in their order. */
export const together = (all: readonly Parts[]): Parts => ({
  ...Object.assign({}, ...all),
  ...Object.fromEntries(
    (['stories', 'invariants', 'scopes', 'cards', 'machines'] as const).flatMap((name) => {
      const lists = all.flatMap((p): readonly (readonly unknown[])[] => (p[name] === undefined ? [] : [p[name]]))
      return lists.length === 0 ? [] : [[name, lists.flat()]]
    }),
  ),
})
