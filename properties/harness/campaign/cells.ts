/** Model coverage: which of the ways in which a frame can be judged a run has exercised (spec/checker/lockstep/cells.ts). */

import { cellName, cellOf, coverings } from '../../../spec/checker/lockstep/cells.ts'
import type { Event, Phase } from '../../../spec/events.ts'
import { endName } from '../../../spec/events.ts'
import type { End, Mode } from '../../../spec/language.ts'
import type { Result } from './tally.ts'

/** Counts cells while schedules are played. */
export class CellCounter {
  readonly counts: Record<string, number> = {}
  readonly #phases = new Map<string, Phase>()

  see(e: Event): void {
    switch (e.on) {
      case 'committed':
        this.#phases.set(endName(e.at), e.view.phase)
        return
      case 'accepted':
        this.#count(e.at, e.header.opcode, 'accepted')
        return
      case 'rejected':
        if (e.reason !== null) this.#count(e.at, e.header?.opcode ?? null, e.reason)
        return
      default:
        return
    }
  }

  /** A schedule ended. */
  ended(): void {
    this.#phases.clear()
  }

  #count(at: End, opcode: number | null, verdict: Parameters<typeof cellOf>[0]['verdict']): void {
    const cell = cellName(cellOf({ at, phase: this.#phases.get(endName(at)) ?? 'INIT', opcode, verdict }))
    this.counts[cell] = (this.counts[cell] ?? 0) + 1
  }
}

/** The reachable cells of a mode, each with how often it was exercised. */
export const coverage = (r: Result, mode: Mode) =>
  coverings(mode).map(({ cell: at }) => ({ cell: cellName(at), at, times: r.cells[mode][cellName(at)] ?? 0 }))
