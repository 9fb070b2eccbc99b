/** What the adversary has used up on the way to a state. Equal values are the same object. */
import type { Keys } from './context.ts'

export interface Taken {
  readonly n: number
  readonly faults: number
  readonly leaked: Keys | null // the four keys it was given (power L)
  /** Powers used beyond N and F, in their order: a monitor promises nothing against those it does not name. */
  readonly powers: '' | 'I' | 'L' | 'IL'
}
