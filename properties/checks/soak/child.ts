/** A forked process of this folder that is told and asked things, and the messages that the processes exchange. */
import { type ChildProcess, fork } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import type { EndReason, Mode, payload } from '../../../src/index.ts'
import { loader } from '../../harness/process/programs.ts'
import type { Figures } from './figures.ts'

const PATIENCE_MS = 20_000

/** A process that ended, or does not answer, before it should. */
export class ChildFailed extends Error {}

/** Not one of a pool's: it works on one thing as long as it lives, and is asked about it. */
export class Child<Ask extends { ask: string }, Reply extends { kind: string }> {
  readonly #name: string
  readonly #process: ChildProcess
  readonly #replies = new EventEmitter()
  readonly #gone = new AbortController()

  /** `hear` gets every reply. */
  constructor(name: string, module: string, hear: (reply: Reply) => void) {
    this.#name = name
    this.#process = fork(new URL(module, import.meta.url), {
      execArgv: [...loader([])],
      serialization: 'advanced',
    })
    this.#process.on('message', (reply: Reply) => {
      hear(reply)
      this.#replies.emit(reply.kind, reply)
    })
    this.#process.on('error', (e) => this.#fail(e.message))
    this.#process.on('exit', (code, signal) => this.#fail(`ended with ${signal ?? `exit code ${code}`}`))
  }

  /** Throws a ChildFailed if it is of no use any more. */
  check(): void {
    this.#gone.signal.throwIfAborted()
  }

  tell(ask: Ask): void {
    if (this.#process.connected) this.#process.send(ask)
  }

  /** The next reply of that kind. Rejects with a ChildFailed. */
  async ask<K extends Reply['kind']>(ask: Ask, kind: K): Promise<Extract<Reply, { kind: K }>> {
    this.check()
    const overdue = setTimeout(() => this.#fail(`did not answer within ${PATIENCE_MS / 1_000} s`), PATIENCE_MS)
    const reply = once(this.#replies, kind, { signal: this.#gone.signal })
    this.tell(ask)
    try {
      return (await reply)[0]
    } catch {
      throw this.#gone.signal.reason
    } finally {
      clearTimeout(overdue)
    }
  }

  /** Ends it whatever it does. */
  end(): void {
    this.#process.removeAllListeners('exit').kill('SIGKILL')
  }

  #fail(why: string): void {
    this.#gone.abort(new ChildFailed(`the process of ${this.#name} ${why}`))
  }
}

/** In a child: hears what the parent asks. It ends when its parent is gone. */
export const onAsk = <Ask>(hear: (ask: Ask) => unknown): void => {
  process.on('message', hear)
  process.on('SIGINT', () => {}) // a terminal sends Ctrl-C to every process; the parent decides
  process.on('disconnect', () => process.exit())
}

export type ServerAsk =
  | { readonly ask: 'start'; readonly mode: Mode }
  | { readonly ask: 'usage' }
  | { readonly ask: 'crypto' }

export type ServerReply =
  | { readonly kind: 'listening'; readonly port: number; readonly echoPort: number; readonly rss: number }
  /** Triples port of the client, id, round in the order of acceptance; round 0: that session ended. */
  | { readonly kind: 'journal'; readonly entries: Uint32Array }
  /** After the journal of everything until now. */
  | Usage
  /** Processor time of the cryptographic calls of a round by themselves. */
  | { readonly kind: 'crypto'; readonly cpuUs: number }

export interface Usage {
  readonly kind: 'usage'
  readonly cpuUs: number // of the whole process, since it started
  readonly peakRss: number // bytes: the most that any look, every 50 ms, has seen
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

/** What the processes of peers need to know of the server. */
interface Start {
  readonly ask: 'start'
  readonly port: number
  readonly mode: Mode
  readonly seed: number
}

/** The newcomer has a process of its own so that no other load delays it. `stop`: and then report. */
export type NewcomerAsk = (Start & { readonly id: number }) | { readonly ask: 'visits' } | { readonly ask: 'stop' }

export interface NewcomerReply {
  readonly kind: 'visits'
  readonly figures: Figures['newcomer']
  readonly answers: readonly Answer[] // since the last time
}

export interface HostileAsk extends Start {
  readonly peers: number
  readonly insiders: readonly number[] // ids that nobody else uses
  readonly held: readonly number[] // ids whose clients are connected
}

/** Every half second: how often each kind has begun. */
export interface HostileReply {
  readonly kind: 'begun'
  readonly times: Readonly<Record<string, number>>
}
