/** A forked process that learns a party, or a mutant of src, beside the reference: only here does its code run. */

import { PROTOCOL } from '../../../spec/dialects/dialect.ts'
import type { Mode } from '../../../spec/language.ts'
import { systemFor } from '../../harness/parties/party-file.ts'
import { partyOf } from '../../harness/parties/src.ts'
import { serve } from '../../harness/pool.ts'
import { sealRealm } from '../../harness/realm.ts'
import { loadVariant, type Replacement } from '../../harness/variants.ts'
import type { Machine } from './machine.ts'
import type { Learned, Plan } from './study.ts'
import { learnParty, modelMachine } from './within.ts'

const TOLD = 50 // words between two notes

export interface Asked {
  /** A party as it is named on a command line, null for src; or src with these replacements. */
  readonly server: { readonly party: string | null } | { readonly replacements: readonly Replacement[] }
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

const serverOf = async ({ server }: Asked) => {
  if ('replacements' in server) {
    const src = (await loadVariant(server.replacements, 'src/index.ts')) as unknown as Parameters<typeof partyOf>[0]
    return { make: partyOf(src), showsEnds: true }
  }
  const system = await systemFor(server.party)
  if (system.kind === 'bad') throw new Error(system.why)
  return { make: system.value.server, showsEnds: system.value.emits.has('ended') }
}

serve<Asked, Answered>(async (asked, beat) => {
  const { mode, plan } = asked
  const limits = {
    until: performance.now() + asked.budgetMs,
    progress: (words: number) => beat(words % TOLD === 0 ? words : undefined),
  }
  const { make, showsEnds } = await serverOf(asked)
  const expected = asked.expected ?? (await modelMachine(PROTOCOL[mode], false, plan, limits, showsEnds))
  return { expected, learned: await learnParty(make, mode, showsEnds, { ...plan, expected }, limits) }
})
sealRealm() // before anybody's party is loaded, which the first question does
