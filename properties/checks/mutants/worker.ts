/** A forked process that hunts the mutants it is sent. Argument: the seed of its schedules. */
import { setImmediate } from 'node:timers/promises'
import { VariantError } from '../../harness/variants.ts'
import { huntAll } from './hunt.ts'
import type { Job, Reply } from './pool.ts'
import { Stream } from './stream.ts'

const BEAT_MS = 1_000
const stream = new Stream(Number(process.argv[2]))
const reply = (r: Reply): unknown => process.send?.(r)

let last = performance.now()
const beat = async (): Promise<void> => {
  if (performance.now() - last < BEAT_MS) return
  last = performance.now()
  reply({ kind: 'alive' })
  await setImmediate() // so that the message leaves
}

process.on('message', async ({ mutant, plan }: Job) => {
  try {
    reply({ kind: 'hunted', hunts: await huntAll(mutant, stream, plan, beat) })
  } catch (e) {
    const why = e instanceof Error ? e.message : String(e)
    reply(e instanceof VariantError ? { kind: 'inapplicable', why } : { kind: 'broken', why })
  }
})
