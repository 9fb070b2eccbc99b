/** The options of `stryker`, and what Stryker is told: one run a file, so that results come early. */
import type { Stryker } from '@stryker-mutator/core'
import { z } from 'zod'
import { SHARD_SHAPE } from '../../harness/process/shards.ts'
import { custom, flag, integer, text } from '../../harness/terminal/options.ts'

type Options = ConstructorParameters<typeof Stryker>[0]

/** The files that hold the rules of PROTOCOL, the quickest first. crypto.ts and hmac.ts are the seam to a library, index.ts a list. */
export const FILES = [
  'src/primitives.ts',
  'src/keys.ts',
  'src/payload.ts',
  'src/checks.ts',
  'src/client-state.ts',
  'src/outcome.ts',
  'src/aggregate.ts',
  'src/frame.ts',
  'src/server-session.ts',
  'src/client-session.ts',
  'src/server.ts',
] as const

/** Some of FILES in the order of FILES, named with or without their folder. */
const readFiles = (given: string) => {
  const names = given.split(',').map((name) => ({ name, file: FILES.find((f) => f === name || f === `src/${name}`) }))
  const unknown = names.find(({ file }) => file === undefined)
  if (unknown !== undefined) return { expected: `files of ${FILES.join(', ')}`, got: unknown.name }
  return { value: FILES.filter((f) => names.some(({ file }) => file === f)) }
}

export const OPTIONS = z
  .strictObject({
    only: custom<readonly string[], readonly string[]>(
      { value: 'A,B', says: `these files only: ${FILES.map((f) => f.replace('src/', '')).join(', ')}`, default: FILES },
      readFiles,
    ),
    concurrency: integer({ says: 'test processes at a time', min: 1, default: 1 }),
    ...SHARD_SHAPE,
    merge: text({
      value: 'DIR',
      says: 'put the pieces of all shares below DIR together, without running',
      default: null,
    }),
    again: flag('judge the reports of the last run, without running'),
  })
  .superRefine((o, ctx) => {
    const beside = o.shard !== null ? '--shard' : o.again ? '--again' : null
    if (o.merge !== null && beside !== null)
      ctx.addIssue({ code: 'custom', path: ['merge'], message: `expected none beside ${beside}, got ${o.merge}` })
  })

export const FOLDER = 'reports/stryker'
export const reportOf = (file: string): string => `${FOLDER}/${file.replaceAll('/', '-').replace(/\.ts$/, '.json')}`

export const configOf = (file: string, concurrency: number, terminal: boolean): Options => ({
  mutate: [file],
  testRunner: 'vitest',
  plugins: ['@stryker-mutator/vitest-runner'],
  vitest: { configFile: 'properties/tools/stryker/vitest.config.ts' },
  coverageAnalysis: 'perTest',
  // Its preprocessing of a tsconfig needs the classic compiler API, which TypeScript 7 has not: let it find none.
  tsconfigFile: 'none.json',
  ignorePatterns: ['corpus/frame', 'corpus/padding', 'corpus/payload', 'corpus/stream', 'reports'],
  concurrency,
  // A mutant that loops for ever is noticed so; one that a busy machine is slow on must not be.
  timeoutMS: 60_000,
  timeoutFactor: 3,
  reporters: terminal ? ['json', 'progress'] : ['json'],
  jsonReporter: { fileName: reportOf(file) },
  tempDirName: `${FOLDER}/tmp`,
  logLevel: 'warn' as NonNullable<Options['logLevel']>,
})
