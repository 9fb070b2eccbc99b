/** A fuzzing process: searches until it has made its executions, or is told to stop. */
import { createHash } from 'node:crypto'
import { basename } from 'node:path'
import { setTimeout as pause, setImmediate as turn } from 'node:timers/promises'
import { wordsOf } from '../../properties/harness/terminal/text.ts'
import { targetNamed } from '../targets/index.ts'
import { cellsShown } from './features.ts'
import { type Finding, publishFinding } from './finding.ts'
import { Hunt } from './hunt.ts'
import { judgeWith, loadGuided } from './judge.ts'
import { bytesPerExecution, LEAK, leakDetail } from './leak.ts'
import { recorderOf } from './recorder.ts'
import { nameOf, readFolder, StoreError, saveInput } from './store.ts'
import type { FromChild, Probe, Start, Status, ToChild } from './supervisor.ts'

const SLICE_MS = 100 // between two signs of life
const STEP = 64 // executions between two looks at the clock
const EXCHANGE_MS = 1_000
const LEFT_MS = 20 // for what the last executions left to timers and promises, which is theirs

/** To nobody, where the parent is gone; what was found is on disk. */
const tell = (message: FromChild): void => {
  if (process.connected) process.send?.(message, () => {})
}

let stopped = false

const begin = async (start: Start): Promise<void> => {
  const { runs, from, found, findings, exchange, before, known } = start
  const target = targetNamed(start.target)
  const loaded = await loadGuided(target, start.replacements)
  const recorder = recorderOf(target.maxBytes, start.limitMs, start.hangFile)
  const names = new Set<string>() // inputs known, kept or not
  let searching = false
  const hooks = {
    before: (data: Uint8Array, execution: number) => recorder.begin(data, before + execution),
    idle: () => recorder.end(),
    kept: (data: Uint8Array): void => {
      const name = nameOf(data)
      if (names.has(name)) return
      names.add(name)
      // Seeds and what was read are on disk already, or can be made again.
      if (searching) saveInput(found, data)
    },
    found: (f: Finding) => publishFinding(target, f, findings, (told) => tell({ kind: 'found', found: told })),
  }
  const hunt = new Hunt(target, loaded, hooks, start, known)
  const { engine } = hunt
  const status = (): Status => {
    const { executions, pool, features, lastNew } = engine
    return { executions, corpus: pool.entries.length, features: features.distinct, sinceNew: executions - lastNew }
  }
  /** Only names decide what is new: a file is its content. */
  const take = (folder: string): void => {
    const files = readFolder(folder, names)
    for (const { path } of files) names.add(basename(path))
    engine.load(files.map((f) => f.data))
  }
  const search = async (): Promise<void> => {
    engine.load(target.seeds())
    for (const folder of from) take(folder)
    searching = true
    let left = runs ?? Number.POSITIVE_INFINITY
    let exchanged = performance.now()
    while (left > 0 && !stopped) {
      const until = performance.now() + SLICE_MS
      while (left > 0 && performance.now() < until) {
        const n = Math.min(STEP, left)
        hunt.run(n)
        left -= n
      }
      recorder.end()
      tell({ kind: 'status', status: status() })
      await turn() // messages come in
      if (!exchange || performance.now() - exchanged < EXCHANGE_MS) continue
      take(found)
      exchanged = performance.now()
    }
    await pause(LEFT_MS)
    const kept = engine.pool.entries.map((e) => nameOf(e.data)).sort()
    const corpus = createHash('sha1').update(kept.join()).digest('hex')
    const [taken, cells] = [engine.features.takenEdges(), cellsShown(target, engine.features)]
    const reached = { edges: loaded.edges, taken, curve: engine.curve, cells, corpus }
    tell({ kind: 'done', status: status(), reached })
  }
  try {
    await search()
  } catch (e) {
    if (!(e instanceof StoreError)) throw e
    tell({ kind: 'status', status: status() })
    tell({ kind: 'trouble', why: e.message })
  }
  process.disconnect?.()
}

const probe = async ({ target: name, base64, limitMs, hangFile, replacements }: Probe): Promise<void> => {
  const target = targetNamed(name)
  const run = await judgeWith(target, replacements)
  const data = new Uint8Array(Buffer.from(base64, 'base64'))
  const recorder = recorderOf(data.length, limitMs, hangFile)
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
