/** Random adversarial schedules in both modes. */
import { z } from 'zod'
import { type Chunk, plan } from '../../campaign.ts'
import { DEFAULT_RUNS, DEFAULT_SEED } from '../../options.ts'
import { PROFILES } from '../../profiles.ts'
import { campaignSchema, judgeCampaign, MODES, playChunks } from '../campaign.ts'
import { campaignSections } from '../report/campaign.ts'
import { n } from '../report/markdown.ts'
import { type Context, type Problem, stage } from '../stage.ts'

const schema = campaignSchema.extend({
  seed: z.int(),
  schedules: z.int(),
  /** Further seeds, of which only the violations are reported. */
  extraSeeds: z.int(),
})

const SEED_STEP = 1_000_003 // a prime: keeps the seeds of the full profile apart

const chunksFor = (seed: number, c: Context): readonly Chunk[] =>
  plan(seed, c.profile.schedules, MODES, Object.keys(PROFILES))

export const prop = stage({
  name: 'prop',
  asks: 'Does every invariant hold on random schedules, and does literal break where it must',
  schema,
  async run(c) {
    const floors = c.profile.schedules >= DEFAULT_RUNS && c.seed === DEFAULT_SEED
    const { figures, problems } = judgeCampaign(await playChunks(chunksFor(c.seed, c), c), floors, c)
    const more: Problem[] = []
    for (let i = 1; i <= c.profile.extraSeeds; i++) {
      const seed = (c.seed + i * SEED_STEP) >>> 0
      more.push(...judgeCampaign(await playChunks(chunksFor(seed, c), c), false, c).problems)
    }
    const own = { seed: c.seed, schedules: c.profile.schedules, extraSeeds: c.profile.extraSeeds }
    return { figures: { ...figures, ...own }, problems: [...problems, ...more] }
  },
  summary(f) {
    const broken = f.counterexamples.filter((x) => !x.expected).length
    const found = f.counterexamples.filter((x) => x.expected).length
    const unexpected = broken === 0 ? 'nothing unexpected broke' : `${broken} broke that should hold`
    return `${n(f.schedules * (1 + f.extraSeeds))} schedules; ${unexpected}; ${found} expected counterexamples in literal`
  },
  sections: (f) => campaignSections(f),
})
