/** What a fuzzing process and its parent tell each other. */
import { z } from 'zod'
import type { Replacement } from '../../properties/harness/variants.ts'
import type { Edge } from './edges.ts'
import type { Fault } from './fault.ts'

export interface Start {
  readonly kind: 'start'
  readonly target: string
  readonly seed: number
  /** Of this process among those of the run; each starts of a process is another. */
  readonly stream: number
  /** Executions still to make; null: until told to stop. */
  readonly runs: number | null
  /** Folders to begin from, in this order. */
  readonly from: readonly string[]
  /** Where inputs go that show something new, and where those of other processes come from. */
  readonly found: string
  readonly exchange: boolean
  readonly findings: string
  readonly limitMs: number
  readonly hangFile: string
  /** Signatures found by this run before. */
  readonly known: readonly string[]
  /** Executions made by processes of this job that were killed. */
  readonly before: number
  /** For the tests of this machinery: planted bugs. */
  readonly replacements: readonly Replacement[]
}

/** One input, once; then often, to see whether memory grows. */
export interface Probe {
  readonly kind: 'probe'
  readonly target: string
  readonly base64: string
  readonly limitMs: number
  readonly hangFile: string
  readonly replacements: readonly Replacement[]
}

export type ToChild = Start | Probe | { readonly kind: 'stop' }

/** What one input showed. */
export interface Verdict {
  readonly fault: Fault | null
  readonly detail: string
}

export interface Status {
  readonly executions: number
  readonly corpus: number
  readonly features: number
  /** Executions since something new was shown. */
  readonly sinceNew: number
}

export interface Found {
  readonly signature: string
  /** False: another finding of this signature, which shows it alone, may follow. */
  readonly alone: boolean
  readonly path: string
  readonly lines: readonly string[]
}

/** What a process has reached when it ends in order. */
export interface Reached {
  readonly edges: readonly Edge[]
  /** Indices into `edges`. */
  readonly taken: readonly number[]
  /** How many features this process knew after how many executions. */
  readonly curve: readonly (readonly [executions: number, features: number])[]
  /** Of the model; null where the target has none. */
  readonly cells: readonly string[] | null
  /** Digest of the inputs it kept. */
  readonly corpus: string
}

export type FromChild =
  | { readonly kind: 'status'; readonly status: Status }
  | { readonly kind: 'found'; readonly found: Found }
  | { readonly kind: 'done'; readonly status: Status; readonly reached: Reached }
  /** What the input of a probe showed. */
  | { readonly kind: 'probed'; readonly verdict: Verdict }
  /** A folder or file cannot be used; nothing more is coming. */
  | { readonly kind: 'trouble'; readonly why: string }

/** What the recorder left behind. */
export const HANG_RECORD = z.object({ execution: z.number(), data: z.base64() })
