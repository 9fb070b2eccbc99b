/** The machine-readable result. The only place that holds times. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Options } from './options.ts'
import type { Row } from './verdict.ts'

export const save = (rows: readonly Row[], { seed, budget, after }: Options, file: string): void => {
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
export const medianMs = (rows: readonly Row[]): number => {
  const times = rows
    .flatMap((r) => (r.outcome.kind === 'hunted' ? Object.values(r.outcome.hunts) : []))
    .flatMap((h) => (h.kill === null ? [] : [h.ms]))
    .sort((a, b) => a - b)
  return times[Math.floor(times.length / 2)] ?? 0
}
