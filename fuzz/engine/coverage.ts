/** Which branches of the target's modules were taken, and the lines that were never reached. */
import type { Edge } from './edges.ts'

export interface ModuleCoverage {
  readonly file: string
  readonly taken: number
  readonly branches: number
  /** Lines on which a branch begins that was never taken, ascending. */
  readonly missed: readonly number[]
}

/** `taken`: indices into `edges`, repetitions allowed. */
export const coverage = (edges: readonly Edge[], taken: Iterable<number>): readonly ModuleCoverage[] => {
  const reached = new Set(taken)
  const files = [...new Set(edges.map((e) => e.file))].sort()
  return files.map((file) => {
    const own = edges.flatMap((edge, i) => (edge.file === file ? [{ line: edge.line, reached: reached.has(i) }] : []))
    const missed = new Set(own.filter((e) => !e.reached).map((e) => e.line))
    return {
      file,
      taken: own.filter((e) => e.reached).length,
      branches: own.length,
      missed: [...missed].sort((a, b) => a - b),
    }
  })
}

export const printCoverage = (all: readonly ModuleCoverage[]): readonly string[] =>
  all.map(({ file, taken, branches, missed }) => {
    const rest = missed.length === 0 ? '' : `; never reached: lines ${missed.join(', ')}`
    return `  ${file.padEnd(20)} ${taken} of ${branches} branches${rest}`
  })
