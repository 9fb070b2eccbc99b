/** From problems to an exit code and the last line. */
import type { Problem, ProblemKind } from '../harness/report/outcome.ts'

/** 2 (usage) is decided before any stage runs. */
export type Exit = 0 | 1 | 3 | 4

const exitOf = (kind: ProblemKind): Exit => {
  switch (kind) {
    case 'violation':
    case 'expectation-missing':
    case 'claim':
    case 'open-finding':
    case 'failed':
      return 1
    case 'floor':
    case 'cell':
    case 'survivor':
    case 'coverage':
    case 'counts-moved':
    case 'stale-report':
    case 'interrupted':
      return 3
    case 'error':
      return 4
  }
}

/** What is wrong with the protocol comes before what is missing in the evidence; a broken harness proves neither. */
const PRECEDENCE: readonly Exit[] = [4, 1, 3]

interface Decision {
  readonly exit: Exit
  readonly says: string
  /** What to run next. */
  readonly next: string
}

export const SAYS: Readonly<Record<Exit, string>> = {
  0: 'everything is as expected',
  1: 'something is not as the specification says',
  3: 'nothing is known to be wrong, but the evidence falls short',
  4: 'the harness itself failed',
}

/** `again`: the command of this run; `report`: the path of what it has written; `says`: in the words of its subject. */
export const decide = (problems: readonly Problem[], again: string, report = 'REPORT.md', says = SAYS): Decision => {
  const exits = new Set(problems.map((p) => exitOf(p.kind)))
  const exit = PRECEDENCE.find((e) => exits.has(e)) ?? 0
  const first = problems.find((p) => exitOf(p.kind) === exit)
  const fallback = exit === 0 ? `less ${report}` : again
  return { exit, says: says[exit], next: first?.replay ?? fallback }
}
