/** A thread that judges what it is fed (brief.ts). */
import { constants, setPriority } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import { withPrimitives } from '../../../spec/reference/primitives.ts'
import { type Brief, benchOf, type Heard, type Said, spokenOf } from './brief.ts'
import { Noted } from './facts.ts'
import { replay } from './feed.ts'
import { type Bench, FAST } from './source.ts'

const say = (said: Said, given: readonly ArrayBuffer[] = []): void => parentPort?.postMessage(said, given)

const brief = workerData as Brief
try {
  if (brief.beside) setPriority(constants.priority.PRIORITY_LOW) // where priorities are those of threads (Linux), of this one
} catch {} // not allowed here: then it takes its share
const { threads, keys } = brief
const noted = new Noted(() => bench.frames)
const heard: Heard = {
  found: (finding) => say({ kind: 'found', finding }),
  trouble: (trouble) => say({ kind: 'trouble', trouble }),
}
const bench: Bench = benchOf(spokenOf(brief), keys, heard, threads > 1 ? { threads, sums: noted } : undefined)

parentPort?.on('message', ({ batch, bytes }: { readonly batch: ArrayBuffer; readonly bytes: number }) => {
  const last = withPrimitives(FAST, () => replay(batch, bytes, bench))
  say({ kind: 'done', bytes, facts: noted.take(), batch }, [batch])
  if (last) say({ kind: 'tally', tally: bench.tally() })
})
