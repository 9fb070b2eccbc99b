/** Random adversarial schedules in both modes. */
import { z } from 'zod'
import { DEFAULT_RUNS, DEFAULT_SEED } from '../../checks/prop/options.ts'
import { type Chunk, plan, planScopes } from '../../harness/campaign/campaign.ts'
import { PROFILES } from '../../harness/generate/biases.ts'
import { campaignSchema, judgeCampaign, MODES, playChunks } from '../campaign.ts'
import { cellProblems, cellSchema, cellSection, cellsOf } from '../cells.ts'
import { campaignSections } from '../report/campaign.ts'
import { n } from '../report/markdown.ts'
import { type Context, type Problem, stage } from '../stage.ts'

const schema = campaignSchema.extend({
  seed: z.int(),
  schedules: z.int(),
  cells: z.array(cellSchema),
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
    const random = chunksFor(c.seed, c)
    // The model's own schedules guarantee its cells.
    const result = await playChunks([...random, ...planScopes(['cells'], MODES, random.length)], c)
    const { figures, problems } = await judgeCampaign(result, floors, c)
    const cells = cellsOf(result)
    const more: Problem[] = []
    for (let i = 1; i <= c.profile.extraSeeds; i++) {
      const seed = (c.seed + i * SEED_STEP) >>> 0
      more.push(...(await judgeCampaign(await playChunks(chunksFor(seed, c), c), false, c)).problems)
    }
    const own = { cells: [...cells], seed: c.seed, schedules: c.profile.schedules, extraSeeds: c.profile.extraSeeds }
    return { figures: { ...figures, ...own }, problems: [...problems, ...cellProblems(cells), ...more] }
  },
  summary(f) {
    const broken = f.counterexamples.filter((x) => !x.expected).length
    const found = f.counterexamples.filter((x) => x.expected).length
    const unexpected = broken === 0 ? 'nothing unexpected broke' : `${broken} broke that should hold`
    return `${n(f.schedules * (1 + f.extraSeeds))} schedules; ${unexpected}; ${found} expected counterexamples in literal`
  },
  sections: (f) => [...campaignSections(f), cellSection(f.cells)],
})
