import { writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { explanationText, shortText } from '../explain/text.ts'
import { CORPUS, readStored } from '../schedules/stored.ts'
import { explained } from './explained.ts'

it('says of a counterexample over which a process was lost that it is not explained, and why', async () => {
  const name = 'model/A8.json'
  const stored = readStored(name, new URL(name, CORPUS))
  if (stored.kind === 'bad') throw new Error(stored.why)
  const party = join(tmpdir(), `leaves-${process.pid}.mjs`)
  writeFileSync(party, 'export const server = () => ({ emits: [], open: () => process.exit(3) })\n')
  const found = { invariant: 'A8', schedule: stored.value.schedule }
  const signal = new AbortController().signal
  const why = (await explained([found], { party, processes: 1, signal })).get(found)
  expect(why).toMatchObject({ rules: [], lost: expect.stringMatching(/exit|ended|code 3/) })
  expect(explanationText(why!)[0]).toMatch(/^not explained: /)
  expect(shortText(why!)).toMatch(/^not explained: /)
}, 60_000)
