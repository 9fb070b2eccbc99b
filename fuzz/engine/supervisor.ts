/**
 * Fuzzing processes and what they and their parent tell each other; and the parent's side: they are started, listened to,
 * and started again where an input did not end.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { existsSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { loader } from '../../properties/harness/process/programs.ts'
import type { Replacement } from '../../properties/harness/process/variants.ts'
import { targetNamed } from '../targets/index.ts'
import type { Edge } from './edges.ts'
import { type Fault, type Found, findingOf, publishFinding } from './finding.ts'
import type { Verdict } from './judge.ts'
import { makeFolder, readInput, StoreError } from './store.ts'

export interface Start {
  readonly kind: 'start'
  readonly target: string
  readonly seed: number
  /** Of this process among those of the run; each starts of a process is another. */
  readonly stream: number
  /** Executions still to make; null: until told to stop. */
  readonly runs: number | null
  /** Folders to begin from, in this order. */
  readonly from: readonly string[]
  /** Where inputs go that show something new, and where those of other processes come from. */
  readonly found: string
  readonly exchange: boolean
  readonly findings: string
  readonly limitMs: number
  readonly hangFile: string
  /** Signatures found by this run before. */
  readonly known: readonly string[]
  /** Executions made by processes of this job that were killed. */
  readonly before: number
  /** For the tests of this machinery: planted bugs. */
  readonly replacements: readonly Replacement[]
}

/** One input, once; then often, to see whether memory grows. */
export interface Probe {
  readonly kind: 'probe'
  readonly target: string
  readonly base64: string
  readonly limitMs: number
  readonly hangFile: string
  readonly replacements: readonly Replacement[]
}

export type ToChild = Start | Probe | { readonly kind: 'stop' }

export interface Status {
  readonly executions: number
  readonly corpus: number
  readonly features: number
  /** Executions since something new was shown. */
  readonly sinceNew: number
}

/** What a process has reached when it ends in order. */
interface Reached {
  readonly edges: readonly Edge[]
  /** Indices into `edges`. */
  readonly taken: readonly number[]
  /** How many features this process knew after how many executions. */
  readonly curve: readonly (readonly [executions: number, features: number])[]
  /** Of the model; null where the target has none. */
  readonly cells: readonly string[] | null
  /** Digest of the inputs it kept. */
  readonly corpus: string
}

export type FromChild =
  | { readonly kind: 'status'; readonly status: Status }
  | { readonly kind: 'found'; readonly found: Found }
  | { readonly kind: 'done'; readonly status: Status; readonly reached: Reached }
  /** What the input of a probe showed. */
  | { readonly kind: 'probed'; readonly verdict: Verdict }
  /** A folder or file cannot be used; nothing more is coming. */
  | { readonly kind: 'trouble'; readonly why: string }

/** What the recorder left behind. */
const HANG_RECORD = z.object({ execution: z.number(), data: z.base64() })

const CHILD = fileURLToPath(new URL('./child.ts', import.meta.url))
const MAX_KILLS = 3 // of one job: an input found again and again leaves no time for others

/** Not without its kind: no stack can be had from a process that is stuck outside an instrumented loop. */
const STUCK: Fault = { kind: 'hang', reason: 'does not end', frames: [] }

/** Executions leave much garbage, soon: room for it, and no helpers of the collector on cores that have work. */
const SEARCHING = ['--single-threaded-gc', '--max-semi-space-size=32'] // MiB
/** What is measured is memory: nothing is collected or compiled aside, at a time that depends on other work. */
const MEASURING = ['--single-threaded', '--max-semi-space-size=32']

const startChild = (flags: readonly string[]): ChildProcess =>
  fork(CHILD, { execArgv: [...flags, ...loader([])], serialization: 'advanced' })

/** A process that is gone takes no orders; its end is told by its exit. */
const order = (child: ChildProcess, message: ToChild): void => {
  if (child.connected) child.send(message, () => {})
}

/** How the processes of one job ended. */
export interface Outcome {
  /** Counted over all of them. */
  readonly status: Status
  /** What the last one reached; null where it could not say. */
  readonly reached: Reached | null
  /** Processes that ended because an execution did not. */
  readonly kills: number
  /** What went wrong with the search itself. */
  readonly trouble: string | null
}

export interface Listener {
  status(status: Status): void
  found(found: Found): void
}

export type JobStart = Omit<Start, 'kind' | 'known' | 'before'>

type End = 'hanging' | Pick<Outcome, 'reached' | 'trouble'>

/** One process of a run, with those that replace it. */
export class Job {
  readonly #start: JobStart
  readonly #listener: Listener
  readonly #known = new Set<string>()
  #child: ChildProcess | null = null
  #stopping = false
  #before = 0
  #kills = 0
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
    const end = await this.#processes().catch((e: unknown) => {
      if (e instanceof StoreError) return { reached: null, trouble: e.message }
      throw e
    })
    return { status: this.#status, kills: this.#kills, ...end }
  }

  async #processes(): Promise<Exclude<End, 'hanging'>> {
    const { hangFile, runs } = this.#start
    makeFolder(dirname(hangFile))
    for (;;) {
      rmSync(hangFile, { force: true })
      const end = await this.#once()
      if (end !== 'hanging') return end
      this.#reportHang()
      this.#kills++
      if (this.#stopping || (runs !== null && this.#before >= runs)) return { reached: null, trouble: null }
      if (this.#kills === MAX_KILLS) return { reached: null, trouble: 'given up: one input after another did not end' }
    }
  }

  #once(): Promise<End> {
    const child = startChild(SEARCHING)
    this.#child = child
    const { target, seed, runs, stream, hangFile } = this.#start
    order(child, {
      ...this.#start,
      kind: 'start',
      runs: runs === null ? null : runs - this.#before,
      stream: stream + 0x1_0000 * this.#kills, // another stream, or it would walk into the same input at once
      known: [...this.#known],
      before: this.#before,
    })
    if (this.#stopping) order(child, { kind: 'stop' }) // told before there was anybody to tell
    return new Promise((resolve) => {
      let last: FromChild | null = null
      child.on('message', (said: FromChild) => {
        last = said
        if (said.kind === 'found') {
          if (said.found.alone) this.#known.add(said.found.signature)
          this.#listener.found(said.found)
        } else if (said.kind === 'status' || said.kind === 'done') {
          this.#status = { ...said.status, executions: this.#before + said.status.executions }
          this.#listener.status(this.#status)
        }
      })
      child.on('exit', (code, signal) => {
        if (existsSync(hangFile)) return resolve('hanging')
        if (last?.kind === 'done') return resolve({ reached: last.reached, trouble: null })
        if (last?.kind === 'trouble') return resolve({ reached: null, trouble: last.why })
        // The terminal's signal may come before the process can take orders.
        if (signal === 'SIGINT') return resolve({ reached: null, trouble: null })
        const how = `${signal ?? `exit code ${code}`}) after ${this.#status.executions} executions with seed ${seed}`
        resolve({ reached: null, trouble: `the fuzzing process of ${target} died (${how}` })
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
      alone: true,
    })
    if (this.#known.has(finding.signature)) return
    this.#known.add(finding.signature)
    publishFinding(target, finding, this.#start.findings, (found) => this.#listener.found(found))
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
