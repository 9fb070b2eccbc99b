/** A forked process that learns a party beside the reference: only here does its code run. */
import { PROTOCOL } from '../../../spec/dialects/dialect.ts'
import type { Mode } from '../../../spec/language.ts'
import { serve } from '../../harness/process/pool.ts'
import { sealRealm } from '../../harness/process/realm.ts'
import type { Machine } from './machine.ts'
import type { Learned, Plan } from './study.ts'

const TOLD = 50 // words between two notes

export interface Asked {
  /** A party as it is named on a command line; null: src. */
  readonly party: string | null
  readonly mode: Mode
  readonly plan: Omit<Plan, 'expected'>
  /** Null: that of the model, learnt too. */
  readonly expected: Machine | null
  readonly budgetMs: number
}

export interface Answered {
  readonly learned: Learned
  readonly expected: Machine
}

serve<Asked, Answered>(async (asked, beat) => {
  const { systemFor } = await import('../../harness/parties/party-file.ts')
  const { learnParty, modelMachine } = await import('./within.ts')
  const { party, mode, plan } = asked
  const limits = {
    until: performance.now() + asked.budgetMs,
    progress: (words: number) => beat(words % TOLD === 0 ? words : undefined),
  }
  const system = await systemFor(party)
  if (system.kind === 'bad') throw new Error(system.why)
  const showsEnds = system.value.emits.has('ended')
  const expected = asked.expected ?? (await modelMachine(PROTOCOL[mode], false, plan, limits, showsEnds))
  return { expected, learned: await learnParty(system.value.server, mode, showsEnds, { ...plan, expected }, limits) }
})
sealRealm() // before any code under test is loaded, which the first question does
