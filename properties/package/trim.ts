/**
 * Keeps of `dist` what the package can use: of the declarations, those that a door leads to, since `tsc` writes one for every
 * file that it reads; of the programs, what an entry leads to, without the explanations, which vary the sources themselves.
 */
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import config from './tsconfig.json' with { type: 'json' }

const DIST = resolve('dist')
const DOORS = ['properties/harness/parties/index.d.ts', 'properties/package/vitest.d.ts']
const ENTRIES = config.files.map((file) => join('properties/package', file).replace(/\.ts$/, '.js'))

/** Where they are asked for, nothing is explained and that is said (harness/replay.ts, strangers/conform/run.ts). */
const explains = (file: string): boolean => /harness\Wexplain\W(?!text\.)|conform\Wwhy\./.test(file)

/** The files that one of `from` names, or one of those, by the modules that `pattern` finds in a text. */
const reached = (from: readonly string[], pattern: RegExp, suffix: string): ReadonlySet<string> => {
  const kept = new Set(from.map((file) => join(DIST, file)))
  for (const file of kept) // which grows as it is walked
    for (const [, module] of readFileSync(file, 'utf8').matchAll(pattern)) {
      const other = join(dirname(file), `${module}${suffix}`)
      if (!explains(other)) kept.add(other)
    }
  return kept
}

const kept = [
  reached(DOORS, /(?:from|import\()\s*['"](\.[^'"]+)\.[jt]s['"]/g, '.d.ts'),
  reached(ENTRIES, /(?:from|import|import\()\s*['"](\.[^'"]+)\.js['"]/g, '.js'),
]
for (const name of readdirSync(DIST, { recursive: true, encoding: 'utf8' })) {
  const file = join(DIST, name)
  if (/\.(js|d\.ts)$/.test(file) && !kept.some((all) => all.has(file))) rmSync(file)
}
