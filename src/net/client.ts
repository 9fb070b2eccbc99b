/** One run of a client on a socket. */
import { connect } from 'node:net'
import { type ClientOptions, ClientSession, nodeRng, type Outcome, type Requested } from '../index.ts'
import { Channel, closingTime, type Socket } from './channel.ts'
import { now, ticking } from './clock.ts'

export interface RunOptions extends Omit<ClientOptions, 'rng'> {
  readonly closingMs?: number // default CLOSING_MS
}

/**
 * A run on one socket. Starts at once: the HELLO waits in the socket for the connection, so the time for the CHALLENGE
 * covers both.
 */
export class Run {
  readonly #session: ClientSession
  readonly #stopTicking: () => void
  #error: Error | null = null

  /** Throws a RangeError on settings PROTOCOL does not allow, before it opens a socket. `gone` is the last call. */
  constructor(
    options: RunOptions,
    open: () => Socket,
    report: (outcome: Outcome) => void,
    gone: () => void = () => {},
  ) {
    const closingMs = closingTime(options.closingMs)
    const session = new ClientSession(
      { ...options, rng: nodeRng },
      {
        send: (frame) => channel.send(frame),
        report: (outcome) => {
          report(outcome)
          if (outcome.kind === 'ended') {
            this.#stopTicking()
            channel.close()
          }
        },
      },
    )
    const channel: Channel = new Channel(
      open(),
      {
        received: (bytes) => session.receive(bytes),
        lost: (error) => {
          this.#error = error
          session.close()
        },
        closed: gone,
      },
      closingMs,
    )
    this.#session = session
    this.#stopTicking = ticking((at) => session.tick(at))
    session.start(now())
  }

  /** What broke the connection, if something did. */
  get error(): Error | null {
    return this.#error
  }

  /** Submits 1..511 finite values of magnitude at most 1e300 for the current round. */
  submit(values: readonly number[]): Requested {
    return this.#session.submit(values, now())
  }

  /** PROTOCOL §6: ends with TERMINATE when no request is outstanding, else by closing. */
  finish(): void {
    this.#session.finish()
  }
}

export interface DialOptions extends RunOptions {
  readonly host: string
  readonly port: number
}

/**
 * ```ts
 * const run = dial({ id: 1, masterKey, mode: 'bound', crypto: nodeCrypto, host: '127.0.0.1', port: 9999 }, (outcome) => {
 *   if (outcome.kind === 'accepted' && outcome.content.kind === 'challenge') run.submit([1.5, 2])
 * })
 * ```
 * A run over TCP. Throws a RangeError on settings PROTOCOL does not allow; whatever happens to the connection is
 * reported. `report` is never called before this returns; `gone`, when the socket is closed, is the last call.
 */
export const dial = (options: DialOptions, report: (outcome: Outcome) => void, gone?: () => void): Run => {
  const { host, port } = options
  return new Run(options, () => connect({ host, port, allowHalfOpen: true, noDelay: true }), report, gone)
}
