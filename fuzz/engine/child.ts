/** A fuzzing process: searches until it has made its executions, or is told to stop. */
import { createHash } from 'node:crypto'
import { setTimeout as pause, setImmediate as turn } from 'node:timers/promises'
import { wordsOf } from '../../properties/harness/terminal/text.ts'
import { targetNamed } from '../targets/index.ts'
import { cellsShown } from './features.ts'
import { type Finding, publishFinding } from './finding.ts'
import { Hunt } from './hunt.ts'
import { judgeWith, loadGuided } from './judge.ts'
import { bytesPerExecution, LEAK, leakDetail } from './leak.ts'
import type { FromChild, Probe, Start, Status, ToChild } from './messages.ts'
import { Recorder } from './recorder.ts'
import { nameOf, readFolder, StoreError, saveInput } from './store.ts'
import type { Target } from './target.ts'

const SLICE_MS = 100 // between two signs of life
const STEP = 64 // executions between two looks at the clock
const EXCHANGE_MS = 1_000
const LEFT_MS = 20 // for what the last executions left to timers and promises, which is theirs

/** To nobody, where the parent is gone; what was found is on disk. */
const tell = (message: FromChild): void => {
  if (process.connected) process.send?.(message, () => {})
}

let stopped = false

class Child {
  readonly #start: Start
  readonly #target: Target
  readonly #hunt: Hunt
  readonly #recorder: Recorder
  readonly #names = new Set<string>() // inputs known, kept or not
  readonly #edges: Awaited<ReturnType<typeof loadGuided>>['edges']
  #searching = false

  constructor(start: Start, target: Target, loaded: Awaited<ReturnType<typeof loadGuided>>) {
    this.#start = start
    this.#target = target
    this.#edges = loaded.edges
    this.#recorder = new Recorder(target.maxBytes, start.limitMs, start.hangFile)
    const hooks = {
      before: (data: Uint8Array, execution: number) => this.#recorder.begin(data, start.before + execution),
      idle: () => this.#recorder.end(),
      kept: (data: Uint8Array) => this.#kept(data),
      found: (finding: Finding) => this.#found(finding),
    }
    this.#hunt = new Hunt(target, loaded, hooks, start, start.known)
  }

  get #status(): Status {
    const { executions, pool, features, lastNew } = this.#hunt.engine
    return { executions, corpus: pool.entries.length, features: features.distinct, sinceNew: executions - lastNew }
  }

  #kept(data: Uint8Array): void {
    const name = nameOf(data)
    if (this.#names.has(name)) return
    this.#names.add(name)
    // Seeds and what was read are on disk already, or can be made again.
    if (this.#searching) saveInput(this.#start.found, data)
  }

  #found(finding: Finding): void {
    const { signature, alone } = finding
    publishFinding(this.#target, finding, this.#start.findings, (lines, path) =>
      tell({ kind: 'found', found: { signature, alone, path, lines } }),
    )
  }

  /** Only names decide what is new: a file is its content. */
  #take(folder: string): void {
    const files = readFolder(folder, this.#names)
    for (const { path } of files) this.#names.add(path.split('/').at(-1)!)
    this.#hunt.engine.load(files.map((f) => f.data))
  }

  async run(): Promise<void> {
    try {
      await this.#search()
    } catch (e) {
      if (!(e instanceof StoreError)) throw e
      tell({ kind: 'status', status: this.#status })
      tell({ kind: 'trouble', why: e.message })
    }
  }

  async #search(): Promise<void> {
    const { runs, from, found, exchange } = this.#start
    this.#hunt.engine.load(this.#target.seeds())
    for (const folder of from) this.#take(folder)
    this.#searching = true
    let left = runs ?? Number.POSITIVE_INFINITY
    let exchanged = performance.now()
    while (left > 0 && !stopped) {
      const until = performance.now() + SLICE_MS
      while (left > 0 && performance.now() < until) {
        const n = Math.min(STEP, left)
        this.#hunt.run(n)
        left -= n
      }
      this.#recorder.end()
      tell({ kind: 'status', status: this.#status })
      await turn() // messages come in
      if (!exchange || performance.now() - exchanged < EXCHANGE_MS) continue
      this.#take(found)
      exchanged = performance.now()
    }
    await pause(LEFT_MS)
    const names = this.#hunt.engine.pool.entries.map((e) => nameOf(e.data)).sort()
    tell({
      kind: 'done',
      status: this.#status,
      reached: {
        edges: this.#edges,
        taken: this.#hunt.engine.features.takenEdges(),
        curve: this.#hunt.engine.curve,
        cells: cellsShown(this.#target, this.#hunt.engine.features),
        corpus: createHash('sha1').update(names.join()).digest('hex'),
      },
    })
  }
}

const begin = async (start: Start): Promise<void> => {
  const target = targetNamed(start.target)
  await new Child(start, target, await loadGuided(target, start.replacements)).run()
  process.disconnect?.()
}

const probe = async ({ target: name, base64, limitMs, hangFile, replacements }: Probe): Promise<void> => {
  const target = targetNamed(name)
  const run = await judgeWith(target, replacements)
  const data = new Uint8Array(Buffer.from(base64, 'base64'))
  const recorder = new Recorder(data.length, limitMs, hangFile)
  recorder.begin(data, 1)
  const verdict = run(data)
  recorder.end()
  const bytes = verdict.fault === null ? bytesPerExecution(run, data, target.cost) : 0
  tell({ kind: 'probed', verdict: bytes === 0 ? verdict : { fault: LEAK, detail: leakDetail(bytes) } })
  process.disconnect?.()
}

const giveUp = (why: string): void => {
  process.send?.({ kind: 'trouble', why } satisfies FromChild, () => process.exit(1))
}
/** Thrown where nobody waits for it: by a timer, or in a promise. */
const escaped = (e: unknown): void => giveUp(`an execution left something that threw later: ${wordsOf(e)}`)
process.on('uncaughtException', escaped)
process.on('unhandledRejection', escaped)

// The parent decides when to stop; a terminal sends the signal to both.
process.on('SIGINT', () => {})
process.on('disconnect', () => {
  stopped = true
})
process.on('message', (message: ToChild) => {
  switch (message.kind) {
    case 'start':
      begin(message).catch((e: unknown) => giveUp(`the fuzzing process of ${message.target} died: ${wordsOf(e)}`))
      return
    case 'probe':
      void probe(message)
      return
    case 'stop':
      stopped = true
  }
})
