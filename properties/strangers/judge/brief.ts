/** Who judges what: here, or in a thread of its own, which the reading need not wait for. */
import { Worker } from 'node:worker_threads'
import { type Dialect, PROTOCOL } from '../../../spec/dialects/dialect.ts'
import { parseDialect } from '../../../spec/dialects/file.ts'
import type { Mode } from '../../../spec/language.ts'
import { beside } from '../../harness/process/programs.ts'
import type { Fact } from './facts.ts'
import { Feed } from './feed.ts'
import { Judge, type Trouble } from './judge.ts'
import { Keyless } from './keyless.ts'
import { MOST_SEEN } from './seen.ts'
import type { Bench, Tally } from './source.ts'
import type { Counts } from './sums.ts'
import type { Finding } from './telling.ts'

/** In data that crosses from thread to thread. */
export interface Brief {
  readonly mode: Mode
  /** A dialect file; null: PROTOCOL in that mode. */
  readonly block: unknown
  /** Null: there are none. */
  readonly keys: ReadonlyMap<number, Uint8Array> | null
  /** Something real goes on beside it, which must not be slowed down. */
  readonly beside: boolean
  /** Among how many threads connections are divided. */
  readonly threads: number
}

export interface Heard {
  readonly found: (f: Finding) => void
  readonly trouble: (t: Trouble) => void
}

/** What is spoken. */
export interface Spoken {
  readonly dialect: Dialect
  readonly own: boolean // PROTOCOL
}

export const spokenOf = ({ block, mode }: Pick<Brief, 'block' | 'mode'>): Spoken => {
  if (block === null) return { dialect: PROTOCOL[mode], own: true }
  const read = parseDialect(block, 'the dialect')
  if (read.kind === 'bad') throw new Error(read.problem)
  return { dialect: read.dialect, own: false }
}

/** `part`: one of several; what it hears of the numbers it keeps for whoever hears all. */
export const benchOf = (
  spoken: Spoken,
  keys: Brief['keys'],
  heard: Heard,
  part?: { readonly threads: number; readonly sums: Counts },
): Bench => {
  const given = { ...spoken, ...heard, remembered: MOST_SEEN / (part?.threads ?? 1) }
  if (keys === null) return new Keyless(given)
  return new Judge({ ...given, keyring: keys, ...(part && { sums: part.sums }) })
}

/** From a thread that judges. */
export type Said =
  | { readonly kind: 'found'; readonly finding: Finding }
  | { readonly kind: 'trouble'; readonly trouble: Trouble }
  /** A batch was judged. */
  | { readonly kind: 'done'; readonly bytes: number; readonly facts: readonly Fact[]; readonly batch: ArrayBuffer }
  | { readonly kind: 'tally'; readonly tally: Tally }

const MEMORY = { maxYoungGenerationSizeMb: 64, maxOldGenerationSizeMb: 512 }

/** Threads do not inherit what makes a process understand TypeScript; a compiled one needs nothing. */
const threadOf = (brief: Brief): Worker => {
  const program = beside('thread', import.meta.url)
  if (!program.pathname.endsWith('.ts')) return new Worker(program, { workerData: brief, resourceLimits: MEMORY })
  const [tsx, main] = [import.meta.resolve('tsx/esm/api'), program.href].map((url) => JSON.stringify(url))
  const source = `import(${tsx}).then(({ register }) => { register(); return import(${main}) })`
  return new Worker(source, { eval: true, workerData: brief, resourceLimits: MEMORY })
}

/** What is told to `feed` is judged there. */
export class Thread {
  readonly feed: Feed
  /** Resolves when the feed has ended and all of it was judged. */
  readonly tally: Promise<Tally>
  /** Bytes that wait there. */
  waiting = 0
  readonly #worker: Worker
  #wake: (() => void) | null = null

  /** `full`: a batch is full; default: it is sent. `facts`: after each batch, what it has to say of the numbers. */
  constructor(brief: Brief, heard: Heard, full?: () => void, facts: (facts: readonly Fact[]) => void = () => {}) {
    const worker = threadOf(brief)
    this.#worker = worker
    this.feed = new Feed((batch, bytes) => {
      this.waiting += bytes
      worker.postMessage({ batch, bytes }, [batch])
    }, full)
    this.tally = new Promise((resolve, reject) => {
      worker.on('error', reject)
      worker.on('exit', () => reject(new Error('the judging thread ended before it had judged all')))
      worker.on('message', (said: Said) => {
        switch (said.kind) {
          case 'found':
            heard.found(said.finding)
            return
          case 'trouble':
            heard.trouble(said.trouble)
            return
          case 'done':
            this.waiting -= said.bytes
            this.feed.spare(said.batch)
            facts(said.facts)
            this.#wake?.()
            return
          case 'tally':
            resolve(said.tally)
            void worker.terminate()
        }
      })
    })
    this.tally.catch(() => this.#wake?.())
  }

  /** Resolves when fewer bytes than that wait. */
  async below(bytes: number): Promise<void> {
    while (this.waiting > bytes)
      await Promise.race([
        new Promise<void>((resolve) => {
          this.#wake = resolve
        }),
        this.tally,
      ])
  }

  stop(): void {
    void this.#worker.terminate()
  }
}
