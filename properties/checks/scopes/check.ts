/** Small scopes, each played to the last schedule. */
import { z } from 'zod'
import { MODES } from '../../../spec/language.ts'
import { brokenSections } from '../../harness/campaign/broken.ts'
import { planScopes } from '../../harness/campaign/campaign.ts'
import { campaignCases, campaignSchema, conclude, type Gathered, gather } from '../../harness/campaign/figures.ts'
import { dropEarly } from '../../harness/campaign/minimal.ts'
import { settingFor } from '../../harness/campaign/setting.ts'
import { coverage } from '../../harness/campaign/tally.ts'
import { campaignText } from '../../harness/campaign/text.ts'
import { BESIDE_DRAWS, SCOPES } from '../../harness/generate/scopes/scopes.ts'
import { campaignInvariants, campaignStories } from '../../harness/page/stories.ts'
import { partyNamed } from '../../harness/parties/party-file.ts'
import { PARTY_SHAPE } from '../../harness/parties/party-options.ts'
import { SHARD_SHAPE, shareOf } from '../../harness/process/shards.ts'
import { table } from '../../harness/report/markdown.ts'
import { noExplain, someOf } from '../../harness/terminal/options.ts'
import { n, right } from '../../harness/terminal/text.ts'
import { type Context, check, inShares } from '../check.ts'

/** The others go with `prop`. */
const NAMES = Object.keys(SCOPES).filter((name) => !BESIDE_DRAWS.includes(name))

const schema = campaignSchema.extend({
  scopes: z.array(z.strictObject({ name: z.string(), says: z.string() })),
  /** Ways in which the model can judge a frame that were seen, by name. */
  cells: z.array(z.string()),
  /** The file or program that was played; null: src. */
  party: z.string().nullable(),
})

const options = z.strictObject({
  scope: someOf(NAMES, { value: 'A,B', says: `of ${NAMES.join(', ')} (default all)`, default: NAMES }),
  mode: someOf(MODES, { value: 'M', says: 'bound or literal (default bound)', default: ['bound'] }),
  'no-explain': noExplain(),
  ...SHARD_SHAPE,
  ...PARTY_SHAPE,
})

const settingOf = async (o: z.output<typeof options>, c: Context) =>
  await settingFor(partyNamed(o), o.mode, !o['no-explain'] && c.explain !== false)

export const scopes = check({
  name: 'scopes',
  asks: 'Does every invariant hold on all of each small scope',
  options,
  notes: 'Exit codes: 0 as expected, 1 a violation, 2 usage.',
  schema,
  ...inShares<typeof options, Gathered, z.infer<typeof schema>>(
    async (o, c) => await gather(shareOf(planScopes(o.scope, o.mode), o.shard), await settingOf(o, c), c),
    async (o, shares, c) => {
      const { figures, result, ...rest } = await conclude(shares, await settingOf(o, c), c)
      dropEarly()
      const scopes = o.scope.map((name) => ({ name, says: SCOPES[name]!.says }))
      const seen = o.mode.flatMap((m) => coverage(result, m)).flatMap(({ cell, times }) => (times > 0 ? [cell] : []))
      return {
        figures: { ...figures, scopes, cells: [...new Set(seen)], party: partyNamed(o) },
        problems: rest.problems,
        notes: rest.notes ?? [],
      }
    },
  ),
  summary(f) {
    const played = Object.values(f.distribution).reduce((sum, d) => sum + d.schedules, 0)
    return `${n(played)} schedules in ${f.scopes.length} scopes, in ${f.modes.join(' and ')}`
  },
  text: (f, paint, columns) => campaignText(f, paint, columns),
  cases: (f) => campaignCases(f),
  page: async (f, c) => ({
    stories: await campaignStories(f, { ...c, party: f.party }),
    invariants: campaignInvariants(f, 'scopes'),
    scopeCells: f.cells,
  }),
  sections(f) {
    const rows = f.scopes.map((s) => {
      const d = f.distribution[s.name]
      return [`\`${s.name}\``, s.says, n(d?.schedules ?? 0), n(d?.accepted ?? 0)]
    })
    const head = ['scope', 'all of', ...right('schedules', 'frames accepted')]
    return [
      ...brokenSections(f, 'in small scopes'),
      {
        title: 'Exhaustive small scopes',
        body: `Every schedule of each, in ${f.modes.join(' and ')}.\n\n${table(head, rows)}`,
      },
    ]
  },
})
