/** What inputs in a row begin with: how much of each is worth a stage to go on from (state/stage.ts). */
import { HEAD, RECORD } from './codec.ts'

/** How many records two inputs have in common from the beginning; none where their heads differ. */
const common = (a: Uint8Array, b: Uint8Array): number => {
  const most = Math.min(a.length, b.length)
  let n = 0
  while (n < most && a[n] === b[n]) n++
  return Math.max(0, Math.floor((n - HEAD) / RECORD))
}

export interface Beginning {
  /** Records that an earlier input began with too. */
  readonly same: number
  /** As many of them as the inputs began with that the stages kept are about. */
  readonly known: number
}

export class Beginnings {
  #of: Uint8Array = new Uint8Array(0) // begins as what is kept does
  #last: Uint8Array = new Uint8Array(0)

  /** Inputs that begin otherwise may come in between; two of them that begin alike are the new beginning. */
  next(data: Uint8Array): Beginning {
    const known = common(data, this.#of)
    const same = Math.max(known, common(data, this.#last))
    if (same > known) this.#of = this.#last
    this.#last = data.slice()
    return { same, known }
  }
}
