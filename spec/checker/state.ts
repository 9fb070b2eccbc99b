/** A state of the model, and what the adversary has used up on the way to it. Equal values are the same object. */
import type { Keys } from './context.ts'
import type { Clients, Conns } from './endpoints.ts'

export interface Taken {
  readonly n: number
  readonly faults: number
  readonly forgeries: number // frames accepted that were sealed under stolen keys
  readonly leaked: Keys | null // the stolen four keys (power L), as long as they may be used again
  /** Powers used beyond N and F, in their order: a monitor promises nothing against those it does not name. */
  readonly powers: '' | 'I' | 'L' | 'IL'
}

/** The network is not in it: it is the set of all frames that the endpoints ever sent. */
export interface State {
  readonly clients: Clients
  readonly conns: Conns
  /** What the adversary has used up so far: faults, its one leak, and the powers beyond N and F. */
  readonly taken: Taken
}
