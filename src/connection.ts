/** What the server keeps per connection. */
import type { Rng } from './crypto.ts'
import { Reassembler } from './frame.ts'
import type { Port } from './outcome.ts'
import type { Active, ServerState } from './server-session.ts'

/** One connection; `state` is a new object after every change, and TERMINATED for ever once the connection ended. */
export interface Connection {
  readonly state: ServerState
  readonly held: number // bytes of an incomplete frame
}

/** A server at rest, as plain data: its connections in the order in which they were opened. For harnesses. */
export interface ServerSnapshot {
  readonly hellos: number
  readonly connections: readonly { readonly state: ServerState; readonly buffered: Uint8Array }[]
}

/** The server's own view of a connection. */
export class Line implements Connection {
  readonly port: Port
  readonly rng: Rng
  readonly stream = new Reassembler()
  state: ServerState // assigned where the server commits, and nowhere else

  constructor(port: Port, rng: Rng, state: ServerState) {
    this.port = port
    this.rng = rng
    this.state = state
  }

  get held(): number {
    return this.stream.held
  }
}
/** One with a session. */
export type Held = Line & { state: Active }
