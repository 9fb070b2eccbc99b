/** Small scopes, each played to the last schedule. */
import { z } from 'zod'
import { planScopes } from '../../harness/campaign/campaign.ts'
import { SCOPES } from '../../harness/generate/scopes/index.ts'
import { campaignSchema, judgeCampaign, playChunks } from '../campaign.ts'
import { n, table } from '../report/markdown.ts'
import { stage } from '../stage.ts'

const schema = campaignSchema.extend({
  modes: z.array(z.enum(['bound', 'literal'])),
  scopes: z.array(z.strictObject({ name: z.string(), says: z.string() })),
})

export const scopes = stage({
  name: 'scopes',
  asks: 'Does every invariant hold on all of each small scope',
  schema,
  async run(c) {
    const names = c.profile.scopes ?? Object.keys(SCOPES).filter((name) => name !== 'cells')
    const { figures, problems } = await judgeCampaign(
      await playChunks(planScopes(names, c.profile.scopeModes), c),
      false,
      c,
    )
    const modes = [...c.profile.scopeModes]
    return {
      figures: { ...figures, modes, scopes: names.map((name) => ({ name, says: SCOPES[name]!.says })) },
      problems,
    }
  },
  summary(f) {
    const played = Object.values(f.distribution).reduce((sum, d) => sum + d.schedules, 0)
    return `${n(played)} schedules in ${f.scopes.length} scopes, in ${f.modes.join(' and ')}`
  },
  sections(f) {
    const rows = f.scopes.map((s) => {
      const d = f.distribution[s.name]
      return [`\`${s.name}\``, s.says, n(d?.schedules ?? 0), n(d?.accepted ?? 0)]
    })
    const head = [
      { head: 'scope' },
      { head: 'all of' },
      { head: 'schedules', right: true },
      { head: 'frames accepted', right: true },
    ]
    return [
      {
        title: 'Exhaustive small scopes',
        body: `Every schedule of each, in ${f.modes.join(' and ')}.\n\n${table(head, rows)}`,
      },
    ]
  },
})
