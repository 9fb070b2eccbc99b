/** The options that name an implementation on trial, for every command that takes one. */
import type { z } from 'zod'
import { oneOf, text } from '../terminal/options.ts'
import type { PartyOptions } from './party-file.ts'

export const PARTY_SHAPE = {
  party: text({
    value: 'FILE',
    says: 'your own implementation: a TypeScript or JavaScript file (properties/examples/toy.ts shows how), src or reference',
    default: null,
  }),
  'party-cmd': text({
    value: 'COMMAND',
    says: 'your own implementation: a program in any language that speaks spec/ADAPTER.md',
    default: null,
  }),
  side: oneOf(['server', 'client', 'both'], {
    value: 'S',
    says: 'what --party-cmd and --twin-cmd play: server, client or both (default all that they can)',
    default: null,
  }),
}

/** Refuses two of them, and a side without a program (`other`: a second one that --side is for). */
export const oneParty = (o: PartyOptions, ctx: z.core.$RefinementCtx, other: string | null = null): void => {
  const odd = (name: string, message: string) => ctx.addIssue({ code: 'custom', path: [name], message })
  const command = o['party-cmd']
  if (o.party !== null && command !== null) odd('party-cmd', `expected none beside --party, got ${command}`)
  if (o.side !== null && command === null && other === null)
    odd('side', `expected --party-cmd with it, got ${o.side} alone`)
}
