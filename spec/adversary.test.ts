import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { INVARIANTS } from './invariants/index.ts'
import { PROBES } from './probes/probes.ts'

const page = readFileSync(new URL('ADVERSARY.md', import.meta.url), 'utf8')

test('ADVERSARY §3 has every invariant in the words of the code, with its powers, and no other', () => {
  const rows = [...page.matchAll(/^\| (\w+) \| ([NIL]+) \| (.*?)(†?) \|$/gm)].map(([, ...row]) => row.join(' | '))
  const inCode = INVARIANTS.map((i) => [i.id, i.powers, i.says, i.literal === 'violated' ? '†' : ''].join(' | '))
  expect(rows.sort()).toEqual(inCode.sort())
})

test('and every probe', () => {
  for (const probe of PROBES) expect(page).toContain(`**${probe.id}**`)
})
