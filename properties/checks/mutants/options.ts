/** What `npm run mutants` is told, and which mutants that means. */
import { z } from 'zod'
import { DEFAULT_SEED } from '../../harness/campaign/campaign.ts'
import { FAMILIES, MUTANTS, OUTER } from '../../harness/mutants/catalogue.ts'
import { readCatalogue } from '../../harness/mutants/catalogue-file.ts'
import type { Mutant } from '../../harness/mutants/mutant.ts'
import { WORLDS } from '../../harness/mutants/systems.ts'
import { SHARD_SHAPE } from '../../harness/process/shards.ts'
import { integer, noExplain, oneOf, seedOption, text, UsageError } from '../../harness/terminal/options.ts'
import { isForTests } from './by-tests.ts'

const NAMED: typeof FAMILIES = { ...FAMILIES, net: OUTER }
export const ALL: readonly Mutant[] = [...MUTANTS, ...OUTER]
export const FAMILY = new Map(Object.entries(NAMED).flatMap(([family, ms]) => ms.map((m) => [m.id, family] as const)))

export const options = z.strictObject({
  only: text({ value: 'A,B', says: 'these mutants or families only', default: null }),
  world: oneOf(WORLDS, {
    value: 'W',
    says: 'both: client and server mutated; one: either of them against the reference (default: both worlds)',
    default: null,
  }),
  catalogue: text({ value: 'FILE', says: 'mutants from a JSON file instead of our own', default: null }),
  'one-in': integer({
    says: 'one in so many of the catalogue, and a third of those that are for tests',
    min: 1,
    default: 1,
  }),
  seed: seedOption(DEFAULT_SEED),
  budget: integer({
    says: 'schedules a mutant may survive in each world; a tenth where it is declared equivalent; in the second world, once its verdict stands, ten times what that took, and 300 at least; then, before one survives, those of the scope rare',
    min: 1,
    max: 1_000_000,
    default: 3_000,
  }),
  'no-explain': noExplain(),
  after: integer({
    says: 'schedules after its first kill, to see what else fires, and on within the budget until the expected invariant was among the first; last come those of the scope rare',
    min: 0,
    max: 1_000_000,
    default: 200,
  }),
  ...SHARD_SHAPE,
})
export type Options = z.output<typeof options>

const known = (file: string | null): readonly Mutant[] => {
  if (file === null) return ALL
  const read = readCatalogue(file)
  if (read.kind === 'bad') throw new UsageError(read.why)
  return read.value
}

/** Throws a UsageError. */
export const chosen = (o: Options): readonly Mutant[] => {
  const all = known(o.catalogue)
  // One that is for tests takes a run of vitest, several times as long as most hunts.
  if (o.only === null) return all.filter((m, i) => i % (o['one-in'] * (isForTests(m) && o['one-in'] > 1 ? 3 : 1)) === 0)
  const families = o.catalogue === null ? NAMED : {}
  const wanted = new Set<string>()
  for (const name of o.only.split(',')) {
    const found = families[name] ?? all.filter((m) => m.id === name)
    if (found.length === 0) {
      const or = o.catalogue === null ? ` or families (${Object.keys(NAMED).join(', ')})` : ''
      throw new UsageError(`--only: expected mutants${or}, got ${name}`)
    }
    for (const m of found) wanted.add(m.id)
  }
  return all.filter((m) => wanted.has(m.id))
}
