/**
 * What each schedule showed, thing by thing: how one endpoint judged two frames in a row, as cells of the model. From
 * how often each thing was seen comes the chance that the next schedule shows one that was never seen (Good and Turing).
 */
import type { Mode } from '../../../spec/language.ts'

/** Thing -> schedules that showed it, and the first of them: its chunk and its place there. */
export type Shown = Readonly<Record<string, readonly [schedules: number, chunk: number, nth: number]>>

export const mergeShown = (a: Shown = {}, b: Shown = {}): Shown => {
  if (Object.keys(a).length === 0) return b // most chunks are of another bias
  if (Object.keys(b).length === 0) return a
  const all: Record<string, Shown[string]> = { ...a }
  for (const [thing, [n, chunk, nth]] of Object.entries(b)) {
    const known = all[thing]
    if (known === undefined) all[thing] = [n, chunk, nth]
    else {
      const earlier = known[1] < chunk || (known[1] === chunk && known[2] < nth)
      all[thing] = [known[0] + n, ...(earlier ? ([known[1], known[2]] as const) : ([chunk, nth] as const))]
    }
  }
  return Object.fromEntries(Object.entries(all).sort(([x], [y]) => (x < y ? -1 : 1))) // whatever came first
}

/** Collects while the schedules of one chunk are played. */
export class Novelty {
  readonly #shown = new Map<string, { n: number; readonly first: number }>()
  readonly #now = new Set<string>()
  readonly #last = new Map<string, string>() // by endpoint, of the schedule being played
  #nth = 0

  /** An endpoint judged a frame so. */
  see(end: string, cell: string): void {
    this.#now.add(`${this.#last.get(end) ?? 'first'} > ${cell}`)
    this.#last.set(end, cell)
  }

  /** The schedule ended. */
  ended(): void {
    for (const thing of this.#now) {
      const known = this.#shown.get(thing)
      if (known === undefined) this.#shown.set(thing, { n: 1, first: this.#nth })
      else known.n++
    }
    this.#now.clear()
    this.#last.clear()
    this.#nth++
  }

  shown(mode: Mode, chunk: number): Shown {
    return Object.fromEntries([...this.#shown].map(([thing, { n, first }]) => [`${mode}: ${thing}`, [n, chunk, first]]))
  }
}
