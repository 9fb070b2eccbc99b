/** What a target is: the code under test, a second opinion about it, and where to begin. */
import type { Schedule, Side } from '../../spec/language.ts'
import { same, toHex } from '../../spec/reference/bytes.ts'
import { Input, type Mutator } from './input.ts'

export type Implementation = typeof import('../../src/index.ts')

/** Reports one fact about an execution; facts never seen before make an input worth keeping. Both 0..255. */
export type Note = (tag: number, value: number) => void

/**
 * Judges one input: throws a Mismatch where the implementation and the second opinion differ. Whatever else it throws
 * is a crash. It must not keep `data`, nor change it.
 */
export type Oracle = (data: Uint8Array, note: Note) => void

export interface Target {
  readonly name: string
  /** One sentence: what is checked. */
  readonly says: string
  /** The files whose edges guide the search and are reported at the end. */
  readonly modules: readonly string[]
  /** False: the numbers that the code compares are not found in inputs, so nobody need look for them. */
  readonly compares?: false
  /** Longer inputs are never made. */
  readonly maxBytes: number
  /** Inputs of so many bytes are changed half as often as the shortest (default 512): where time goes by length. */
  readonly long?: number
  /** Deterministic. */
  seeds(): readonly Uint8Array[]
  /** Words with a meaning at this place of the protocol. */
  readonly dictionary: readonly Uint8Array[]
  /** Mutations that know the format. */
  readonly mutators: readonly Mutator[]
  /** Mutations that make an input anew, where there are many ways to begin. */
  readonly anew?: readonly Mutator[]
  /**
   * Called once per copy of the implementation. `counts`: the counters of its branches during this execution; one that
   * takes up where another left off puts them to what they were there.
   */
  oracle(src: Implementation, counts?: Uint32Array | null): Oracle
  /** What an input is, for people. */
  render(data: Uint8Array): readonly string[]
  /** The cell of the model (spec/checker/lockstep/cells.ts) that a note stands for; null for a note of another kind. */
  readonly cell?: (tag: number, value: number) => string | null
  /** The one side whose frames it decides, if it is one. */
  readonly feeds?: Side
  /** How many executions of an ordinary target one of this costs: budgets that are counts are divided by it. */
  readonly cost?: number
  /** Of inputs that are a head and steps, bytes each: the oracle plays once what two inputs in a row begin with. */
  readonly steps?: { readonly head: number; readonly step: number }
  /** The input as a schedule for `prop`, where there is one. */
  readonly schedule?: (data: Uint8Array) => Schedule
}

/** Two opinions about one input. `reason` is stable: it names the disagreement and carries no data. */
export class Mismatch extends Error {
  override readonly name = 'Mismatch'
  readonly reason: string

  constructor(reason: string, detail: string) {
    super(`${reason}: ${detail}`)
    this.reason = reason
  }
}

/** Throws unless both are the same bytes, or both null. */
export const expectSame = (reason: string, got: Uint8Array | null, expected: Uint8Array | null): void => {
  if (got === null || expected === null ? got === expected : same(got, expected)) return
  const said = (b: Uint8Array | null): string => (b === null ? 'nothing' : toHex(b).slice(0, 80))
  throw new Mismatch(reason, `expected ${said(expected)}, got ${said(got)}`)
}

/** 0, 1, 2, 3-4, 5-8, ... : few values for any number, fine where numbers are small. */
export const bucket = (n: number): number => (n <= 2 ? n : 34 - Math.clz32(n - 1))

/** An execution whose loops turned too often (edges.ts). */
export class Hang extends Error {
  override readonly name = 'Hang'
}

/** A target as other fuzzers call it: throws on a violation. */
export const entryOf = (target: Target, src: Implementation): ((data: Uint8Array) => void) => {
  const oracle = target.oracle(src)
  return (data) => oracle(Input.holding(data), () => {})
}
