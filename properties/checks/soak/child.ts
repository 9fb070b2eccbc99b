/** A forked process of this folder that is told and asked things. */
import { type ChildProcess, fork } from 'node:child_process'

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
