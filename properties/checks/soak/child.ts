/** A forked process of this folder that is told and asked things, and the messages that the processes exchange. */
import { type ChildProcess, fork } from 'node:child_process'
import type { EndReason, Mode, payload } from '../../../src/index.ts'

const PATIENCE_MS = 20_000

/** A process that ended, or does not answer, before it should. */
export class ChildFailed extends Error {}

export class Child<Ask extends { ask: string }, Reply extends { kind: string }> {
  readonly #name: string
  readonly #process: ChildProcess
  #waiting: { kind: string; resolve(reply: Reply): void; reject(error: Error): void } | null = null
  #failure: ChildFailed | null = null
  #ending = false

  /** `hear` gets every reply. */
  constructor(name: string, module: string, hear: (reply: Reply) => void) {
    this.#name = name
    this.#process = fork(new URL(module, import.meta.url), {
      execArgv: ['--import', 'tsx'],
      serialization: 'advanced',
    })
    this.#process.on('message', (reply: Reply) => {
      hear(reply)
      if (this.#waiting?.kind === reply.kind) this.#settle().resolve(reply)
    })
    this.#process.on('error', (e) => this.#fail(e.message))
    this.#process.on('exit', (code, signal) => this.#fail(`ended with ${signal ?? `exit code ${code}`}`))
  }

  /** Why it is of no use any more; null: it is. */
  get failure(): ChildFailed | null {
    return this.#failure
  }

  tell(ask: Ask): void {
    if (this.#process.connected) this.#process.send(ask)
  }

  /** The next reply of that kind. Rejects with a ChildFailed. One question at a time. */
  ask<K extends Reply['kind']>(ask: Ask, kind: K): Promise<Extract<Reply, { kind: K }>> {
    if (this.#failure !== null) return Promise.reject(this.#failure)
    return new Promise((resolve, reject) => {
      const overdue = setTimeout(() => this.#fail(`did not answer within ${PATIENCE_MS / 1_000} s`), PATIENCE_MS)
      this.#waiting = {
        kind,
        resolve: (reply) => {
          clearTimeout(overdue)
          resolve(reply as Extract<Reply, { kind: K }>)
        },
        reject: (error) => {
          clearTimeout(overdue)
          reject(error)
        },
      }
      this.tell(ask)
    })
  }

  /** Ends it whatever it does. */
  end(): void {
    this.#ending = true
    this.#process.kill('SIGKILL')
  }

  #settle() {
    const waiting = this.#waiting!
    this.#waiting = null
    return waiting
  }

  #fail(why: string): void {
    if (this.#ending || this.#failure !== null) return
    this.#failure = new ChildFailed(`the process of ${this.#name} ${why}`)
    if (this.#waiting !== null) this.#settle().reject(this.#failure)
  }
}

/** To the process of the server. It ends when its parent is gone. */
export type ServerAsk = { readonly ask: 'start'; readonly mode: Mode } | { readonly ask: 'usage' }

export type ServerReply =
  | { readonly kind: 'listening'; readonly port: number; readonly echoPort: number; readonly rss: number }
  /** Triples port of the client, id, round in the order of acceptance; round 0: that session ended. */
  | { readonly kind: 'journal'; readonly entries: Uint32Array }
  /** After the journal of everything until now. */
  | Usage

export interface Usage {
  readonly kind: 'usage'
  readonly cpuUs: number // of the whole process, since it started
  readonly rss: number // bytes
  readonly peakRss: number // the most that any look, every 50 ms, has seen
  readonly ended: Readonly<Partial<Record<EndReason, number>>> // connections, by why
  readonly troubles: readonly string[] // connections that could not be accepted, since the last time
}

/** An answer that a client accepted. Times as `clock` has them. */
export interface Answer {
  readonly port: number // of the client
  readonly id: number
  readonly round: number
  readonly aggregate: payload.Aggregate
  readonly sentAt: number
  readonly gotAt: number
}

/** To the process of the newcomer, which has its own so that no other load delays it. It ends when its parent is gone. */
export type NewcomerAsk =
  | { readonly ask: 'start'; readonly port: number; readonly mode: Mode; readonly seed: number; readonly id: number }
  | { readonly ask: 'visits' }
  | { readonly ask: 'stop' } // and then report

export interface NewcomerReply {
  readonly kind: 'visits'
  readonly served: number // times, from the connection to the answer of a first round
  readonly turnedAway: number // times, before it had submitted anything
  readonly lost: number // submitted, and never answered
  readonly longestMs: number // that it waited, or is waiting, from the first knock to the answer
  readonly medianMs: number
  readonly lateMs: number // that its own timers were overdue: what the machine alone makes anybody wait
  readonly answers: readonly Answer[] // since the last time
}

/** To the process of the hostile peers. It ends when its parent is gone. */
export interface HostileAsk {
  readonly ask: 'start'
  readonly port: number
  readonly mode: Mode
  readonly seed: number
  readonly peers: number
  readonly insiders: readonly number[] // ids that nobody else uses
  readonly held: readonly number[] // ids whose clients are connected
}

/** Every half second: how often each kind has begun. */
export interface HostileReply {
  readonly kind: 'begun'
  readonly times: Readonly<Record<string, number>>
}
