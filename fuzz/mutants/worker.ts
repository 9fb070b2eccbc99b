/** A forked process that hunts the mutants it is sent. */
import { setImmediate } from 'node:timers/promises'
import { MUTANTS } from '../../properties/harness/mutants/catalogue.ts'
import { targetNamed } from '../targets/index.ts'
import { type Kill, killOne, type Race } from './kill.ts'

export interface Job {
  readonly mutant: string
  readonly target: string
  readonly race: Race
}
export type Reply =
  | { readonly kind: 'alive' }
  | { readonly kind: 'done'; readonly kill: Kill }
  | { readonly kind: 'broken'; readonly why: string }

const BEAT_MS = 1_000
let last = performance.now()
const reply = (r: Reply): unknown => process.send?.(r)

const beat = async (): Promise<void> => {
  if (performance.now() - last < BEAT_MS) return
  last = performance.now()
  reply({ kind: 'alive' })
  await setImmediate() // so that the message leaves
}

process.on('message', async ({ mutant, target, race }: Job) => {
  const m = MUTANTS.find((x) => x.id === mutant)!
  try {
    reply({ kind: 'done', kill: await killOne(m, targetNamed(target), race, beat) })
  } catch (e) {
    reply({ kind: 'broken', why: e instanceof Error ? e.message : String(e) })
  }
})
