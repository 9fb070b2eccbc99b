/** What the adversary has used up on the way to a state. Equal values are the same object. */
import type { Keys } from './context.ts'

export interface Taken {
  readonly n: number
  readonly faults: number
  readonly forgeries: number // frames accepted that were sealed under stolen keys
  readonly leaked: Keys | null // the stolen four keys (power L), as long as they may be used again
  /** Powers used beyond N and F, in their order: a monitor promises nothing against those it does not name. */
  readonly powers: '' | 'I' | 'L' | 'IL'
}
