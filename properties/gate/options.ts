/** The options of `gate`. */
import { z } from 'zod'
import { DEFAULT_SEED } from '../harness/campaign/campaign.ts'
import { oneParty } from '../harness/parties/party-options.ts'
import { SHARD_SHAPE } from '../harness/process/shards.ts'
import { flag, oneOf, seedOption, someOf, text, type Usage } from '../harness/terminal/options.ts'
import { PARTY_GATE_SHAPE, PARTY_NOTES, SINCE } from './party.ts'
import { PROFILES, type Profile } from './profiles.ts'
import { STAGES } from './stages.ts'

const NAMES = STAGES.map((s) => s.name)

const options = z
  .strictObject({
    profile: oneOf(Object.keys(PROFILES) as Profile['name'][], {
      value: 'NAME',
      says: Object.values(PROFILES)
        .map((p) => `${p.name}: ${p.says}`)
        .join('\n'),
      default: 'pr',
    }),
    seed: seedOption(DEFAULT_SEED),
    only: someOf(NAMES, { value: 'A,B', says: `these stages only: ${NAMES.join(', ')}`, default: null }),
    update: flag('write REPORT.md instead of comparing it'),
    out: text({ value: 'DIR', says: 'where the run leaves its files (default reports)', default: null }),
    ...SHARD_SHAPE,
    merge: text({
      value: 'DIR',
      says: 'run nothing: the report of the pieces that all shares of a run left below DIR',
      default: null,
    }),
    since: SINCE,
    ...PARTY_GATE_SHAPE,
  })
  .superRefine((o, ctx) => {
    const odd = (name: keyof typeof o, message: string) => ctx.addIssue({ code: 'custom', path: [name], message })
    oneParty(o, ctx)
    const foreign = o.party !== null || o['party-cmd'] !== null
    if (o.mode !== null && !foreign) odd('mode', `expected --party or --party-cmd with it, got ${o.mode} alone`)
    if (o.merge !== null && o.shard !== null) odd('merge', `expected none beside --shard, got ${o.merge}`)
    for (const name of ['shard', 'merge'] as const)
      if (o[name] !== null && foreign) odd(name, 'expected none beside --party and --party-cmd')
    if (o.update && o.shard !== null) odd('update', 'expected none beside --shard, whose piece is no report')
    if (o.update && (foreign || !(o.profile === 'pr' && o.seed === DEFAULT_SEED && o.only === null)))
      odd('update', 'expected profile pr with its own seed and all stages')
  })
export type Options = z.output<typeof options>

export const USAGE: Usage<typeof options> = {
  name: 'gate',
  options,
  notes: `Exit codes: 0 pass, 1 something is not as specified, 2 usage, 3 a budget, floor or coverage not met, 4 harness error.
With --party or --party-cmd it judges that implementation instead, and leaves reports/party/REPORT.md about it.
${PARTY_NOTES}`,
}
