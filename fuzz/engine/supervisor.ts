/** The parent's side: fuzzing processes are started, listened to, and started again where an input did not end. */
import { type ChildProcess, fork } from 'node:child_process'
import { existsSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Replacement } from '../../properties/harness/variants.ts'
import { targetNamed } from '../targets/index.ts'
import type { Edge } from './edges.ts'
import type { Fault } from './fault.ts'
import { findingOf, publishFinding } from './finding.ts'
import {
  type Found,
  type FromChild,
  HANG_RECORD,
  type Start,
  type Status,
  type ToChild,
  type Verdict,
} from './messages.ts'
import { makeFolder, readInput, StoreError } from './store.ts'

const CHILD = fileURLToPath(new URL('./child.ts', import.meta.url))
const MAX_KILLS = 3 // of one job: an input found again and again leaves no time for others

/** Not without its kind: no stack can be had from a process that is stuck outside an instrumented loop. */
export const STUCK: Fault = { kind: 'hang', reason: 'does not end', frames: [] }

/** Executions leave much garbage, soon: room for it, and no helpers of the collector on cores that have work. */
const SEARCHING = ['--single-threaded-gc', '--max-semi-space-size=32'] // MiB
/** What is measured is memory: nothing is collected or compiled aside, at a time that depends on other work. */
const MEASURING = ['--single-threaded', '--max-semi-space-size=32']

const startChild = (flags: readonly string[]): ChildProcess =>
  fork(CHILD, { execArgv: [...flags, '--import', 'tsx'], serialization: 'advanced' })

/** A process that is gone takes no orders; its end is told by its exit. */
const order = (child: ChildProcess, message: ToChild): void => {
  if (child.connected) child.send(message, () => {})
}

export type Outcome =
  | {
      readonly kind: 'done'
      readonly status: Status
      readonly edges: readonly Edge[]
      readonly taken: readonly number[]
      readonly cells: readonly string[] | null
      readonly corpus: string
      readonly kills: number
    }
  /** Given up: inputs that hang were found again and again. */
  | { readonly kind: 'hanging'; readonly status: Status }
  /** Ended by the terminal's signal before it could take orders. */
  | { readonly kind: 'interrupted'; readonly status: Status }
  | { readonly kind: 'trouble'; readonly why: string }

export interface Listener {
  status(status: Status): void
  found(found: Found): void
}

export type JobStart = Omit<Start, 'kind' | 'known' | 'before'>

/** One process of a run, with those that replace it. */
export class Job {
  readonly #start: JobStart
  readonly #listener: Listener
  readonly #known = new Set<string>()
  #child: ChildProcess | null = null
  #stopping = false
  #before = 0
  #status: Status = { executions: 0, corpus: 0, features: 0, sinceNew: 0 }

  constructor(start: JobStart, listener: Listener) {
    this.#start = start
    this.#listener = listener
  }

  stop(): void {
    if (this.#stopping) return
    this.#stopping = true
    if (this.#child !== null) order(this.#child, { kind: 'stop' })
  }

  async run(): Promise<Outcome> {
    try {
      return await this.#processes()
    } catch (e) {
      if (e instanceof StoreError) return { kind: 'trouble', why: e.message }
      throw e
    }
  }

  async #processes(): Promise<Outcome> {
    makeFolder(dirname(this.#start.hangFile))
    for (let kills = 0; kills < MAX_KILLS; kills++) {
      rmSync(this.#start.hangFile, { force: true })
      const end = await this.#once(kills)
      if (end === 'interrupted') return { kind: end, status: this.#status }
      if (end !== 'killed') return end.kind === 'done' ? { ...end, status: this.#total(end.status), kills } : end
      this.#reportHang()
      const { runs } = this.#start
      if (this.#stopping || (runs !== null && this.#before >= runs)) break
    }
    return { kind: 'hanging', status: this.#status }
  }

  /** Counted over all processes of the job. */
  #total(status: Status): Status {
    return { ...status, executions: this.#before + status.executions }
  }

  #once(
    kills: number,
  ): Promise<Exclude<FromChild, { kind: 'status' | 'found' | 'probed' }> | 'killed' | 'interrupted'> {
    const child = startChild(SEARCHING)
    this.#child = child
    const { runs, stream, hangFile } = this.#start
    const message: Start = {
      ...this.#start,
      kind: 'start',
      runs: runs === null ? null : runs - this.#before,
      stream: stream + 0x1_0000 * kills, // another stream, or it would walk into the same input at once
      known: [...this.#known],
      before: this.#before,
    }
    order(child, message)
    return new Promise((resolve) => {
      let last: FromChild | null = null
      child.on('message', (said: FromChild) => {
        last = said
        switch (said.kind) {
          case 'status':
            this.#status = this.#total(said.status)
            return this.#listener.status(this.#status)
          case 'found':
            this.#known.add(said.found.signature)
            return this.#listener.found(said.found)
          case 'done':
          case 'trouble':
          case 'probed':
            return
        }
      })
      child.on('exit', (code, signal) => {
        if (existsSync(hangFile)) return resolve('killed')
        if (last !== null && (last.kind === 'done' || last.kind === 'trouble')) return resolve(last)
        if (signal === 'SIGINT') return resolve('interrupted')
        const why = `the fuzzing process of ${this.#start.target} died (${signal ?? `exit code ${code}`}) after ${this.#status.executions} executions with seed ${this.#start.seed}`
        resolve({ kind: 'trouble', why })
      })
    })
  }

  #reportHang(): void {
    const record = HANG_RECORD.parse(JSON.parse(new TextDecoder().decode(readInput(this.#start.hangFile))))
    this.#before = record.execution
    const target = targetNamed(this.#start.target)
    const data = new Uint8Array(Buffer.from(record.data, 'base64'))
    const finding = findingOf(target, STUCK, {
      detail: `an execution did not end within its limit of ${this.#start.limitMs} ms; not minimised`,
      data,
      foundBytes: data.length,
      seed: this.#start.seed,
      execution: record.execution,
    })
    if (this.#known.has(finding.signature)) return
    this.#known.add(finding.signature)
    const { signature } = finding
    publishFinding(target, finding, this.#start.findings, (lines, path) =>
      this.#listener.found({ signature, path, lines }),
    )
  }
}

let probes = 0

/**
 * One input in a process of its own, so that whatever it does, there is an answer. `limitMs`: of processor time, or a
 * tenth of the time it may wait; measuring whether memory grows is not counted.
 */
export const probe = (
  target: string,
  data: Uint8Array,
  limitMs: number,
  replacements: readonly Replacement[] = [],
): Promise<Verdict> => {
  const child = startChild(MEASURING)
  const base64 = Buffer.from(data).toString('base64')
  const hangFile = join(tmpdir(), `gauntlet-probe-${process.pid}-${probes++}.json`)
  order(child, { kind: 'probe', target, base64, limitMs, hangFile, replacements })
  return new Promise((resolve) => {
    let verdict: Verdict | null = null
    child.on('message', (said: FromChild) => {
      if (said.kind === 'probed') verdict = said.verdict
    })
    child.on('exit', (code, signal) => {
      if (existsSync(hangFile)) {
        rmSync(hangFile)
        verdict = { fault: STUCK, detail: `it did not end within ${limitMs} ms of processor time` }
      }
      const died = { kind: 'crash', reason: 'the process died', frames: [] } as const
      resolve(verdict ?? { fault: died, detail: `the process died: ${signal ?? `exit code ${code}`}` })
    })
  })
}
