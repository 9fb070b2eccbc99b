/** Keeps of the declarations in `dist` those that a door leads to: `tsc` writes one for every file that it reads. */
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

const DIST = resolve('dist')
const DOORS = ['properties/harness/parties/index.d.ts', 'properties/package/vitest.d.ts']

const named = (file: string): readonly string[] =>
  [...readFileSync(file, 'utf8').matchAll(/(?:from|import\()\s*['"](\.[^'"]+)\.[jt]s['"]/g)].map((m) =>
    join(dirname(file), `${m[1]}.d.ts`),
  )

const kept = new Set(DOORS.map((d) => join(DIST, d)))
for (const file of kept) for (const other of named(file)) kept.add(other) // which grows as it is walked

for (const name of readdirSync(DIST, { recursive: true, encoding: 'utf8' })) {
  const file = join(DIST, name)
  if (file.endsWith('.d.ts') && !kept.has(file)) rmSync(file)
}
