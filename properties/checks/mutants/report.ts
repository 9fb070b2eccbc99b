/** The machine-readable result. The only place that holds times. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { median } from '../../harness/terminal/text.ts'
import type { Row } from './verdict.ts'

interface Budget {
  readonly seed: number
  readonly budget: number
  readonly after: number
}

export const save = (rows: readonly Row[], { seed, budget, after }: Budget, file: string): void => {
  const mutants = rows.map(({ mutant, outcome, verdict }) => ({
    id: mutant.id,
    bug: mutant.bug,
    expect: mutant.expect,
    verdict,
    ...(mutant.equivalent !== undefined && { equivalent: mutant.equivalent }),
    ...(mutant.instead !== undefined && { instead: mutant.instead }),
    ...outcome,
  }))
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, `${JSON.stringify({ seed, budget, after, mutants }, null, 1)}\n`)
}

/** ms until half of the killed were, over all worlds. */
export const medianMs = (rows: readonly Row[]): number =>
  median(
    rows
      .flatMap((r) => (r.outcome.kind === 'hunted' ? Object.values(r.outcome.hunts) : []))
      .flatMap((h) => (h.kill === null ? [] : [h.ms])),
  )
