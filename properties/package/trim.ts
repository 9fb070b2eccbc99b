/**
 * Keeps of `dist` what the package can use: of the declarations, those that a door leads to, since `tsc` writes one for every
 * file that it reads, with the comments and the indentation of doors and of what they name; of the programs, what an entry
 * leads to, without the explanations, which vary the sources themselves; of the corpus all but the space between values.
 */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import config from './tsconfig.json' with { type: 'json' }

const DIST = resolve('dist')
const DOORS = ['properties/harness/parties/index.d.ts', 'properties/package/vitest.d.ts']
const ENTRIES = config.files.map((file) => join('properties/package', file).replace(/\.ts$/, '.js'))

/** Where they are asked for, nothing is explained and that is said (harness/schedules/replay.ts, strangers/conform/run.ts). */
const explains = (file: string): boolean => /harness\Wexplain\W(?!text\.)|conform\Wwhy\./.test(file)

/** The files that this one names, by the modules that `pattern` finds in it. */
const named = (file: string, pattern: RegExp, suffix: string): readonly string[] =>
  [...readFileSync(file, 'utf8').matchAll(pattern)].map(([, module]) => join(dirname(file), `${module}${suffix}`))

/** The files that one of `from` names, or one of those. */
const reached = (from: readonly string[], pattern: RegExp, suffix: string): ReadonlySet<string> => {
  const kept = new Set(from.map((file) => join(DIST, file)))
  for (const file of kept) // which grows as it is walked
    for (const other of named(file, pattern, suffix)) if (!explains(other)) kept.add(other)
  return kept
}

const TYPES = /(?:from|import\()\s*['"](\.[^'"]+)\.[jt]s['"]/g
const kept = [
  reached(DOORS, TYPES, '.d.ts'),
  reached(ENTRIES, /(?:from|import|import\()\s*['"](\.[^'"]+)\.js['"]/g, '.js'),
]
const doors = DOORS.map((door) => join(DIST, door))
const explained = new Set([...doors, ...doors.flatMap((door) => named(door, TYPES, '.d.ts'))])
for (const name of readdirSync(DIST, { recursive: true, encoding: 'utf8' })) {
  const file = join(DIST, name)
  if (file.endsWith('.json')) writeFileSync(file, JSON.stringify(JSON.parse(readFileSync(file, 'utf8'))))
  if (!/\.(js|d\.ts)$/.test(file)) continue
  if (!kept.some((all) => all.has(file))) rmSync(file)
  else if (file.endsWith('.d.ts') && !explained.has(file))
    writeFileSync(file, readFileSync(file, 'utf8').replace(/^ *\/\*\*(?:(?!\*\/)[\s\S])*\*\/\n|^ +/gm, ''))
}
