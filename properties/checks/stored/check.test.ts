import { copyFileSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import type { Means } from '../../harness/campaign/players.ts'
import { replayCorpus } from '../../harness/schedules/replay.ts'
import { CORPUS } from '../../harness/schedules/stored.ts'
import { unpainted } from '../../harness/terminal/text.ts'
import { openFindings } from './check.ts'

const ATTACK = new URL('session-replay.json', CORPUS)
const scratch = (): string => mkdtempSync(join(tmpdir(), 'gauntlet-findings-'))
const means = (party: string | null = null): Means => ({ party, processes: 1, signal: new AbortController().signal })

it('open findings are none where there is no folder, and none for what literal is known for', async () => {
  const folder = scratch()
  copyFileSync(ATTACK, join(folder, 'A2-literal.json'))
  expect(await openFindings(join(folder, 'nowhere'), means())).toEqual([])
  expect(await openFindings(folder, means())).toEqual([])
})

it('open findings are what still breaks bound; gone once it is mended', async () => {
  const folder = scratch()
  writeFileSync(join(folder, 'A2-bound.json'), readFileSync(ATTACK, 'utf8').replace('"literal"', '"bound"'))
  const src = fileURLToPath(new URL('../../harness/parties/src.ts', import.meta.url))
  const unbound = join(folder, 'unbound.ts')
  const party =
    "export const party = (host: never, setup: object) => srcParty(host, { ...setup, mode: 'literal' } as never)"
  writeFileSync(unbound, `import { srcParty } from '${src}'\n${party}\n`)
  const open = await openFindings(folder, means(unbound))
  expect(open.map((p) => p.kind)).toEqual(['open-finding'])
  expect(open[0]!.text).toMatch(/A2-bound\.json: still violates .*A2/)
  expect(open[0]!.replay).toMatch(/^npm run prop -- --party \S+unbound\.ts --replay \S+A2-bound\.json$/)
  expect(await openFindings(folder, means())).toEqual([])
})

it.each([
  ['', 'expected JSON'],
  ['{"says": "cut', 'expected JSON'],
  ['{"says": "no schedule"}', 'version: expected 1, got nothing'],
])('a finding of which only %j is left is open, whatever it was', async (text, why) => {
  const folder = scratch()
  writeFileSync(join(folder, 'A2-bound-0123abcd.json'), text)
  const open = await openFindings(folder, means())
  expect(open.map((p) => p.kind)).toEqual(['open-finding'])
  expect(open[0]!.text).toContain(why)
})

it('the note of a fuzz finding is left to the check that judges its input', async () => {
  const folder = scratch()
  for (const name of ['frame-0123456789ab.json', 'frame-0123456789ab.bin']) writeFileSync(join(folder, name), '{}')
  expect(await openFindings(folder, means())).toEqual([])
})

it('schedules that differ in the same way are told of once, with a line that replays the first', async () => {
  const totals: number[] = []
  const toy = fileURLToPath(new URL('../../examples/toy.ts', import.meta.url))
  const count = (_: number, total: number): number => totals.push(total)
  const { code, lines } = await replayCorpus(means(toy), 'npm run prop --', unpainted, count)
  const [, all, differ] = /^(\d+) stored schedules replayed, (\d+) differ$/.exec(lines.at(-1)!)!
  expect([code, new Set(totals)]).toEqual([1, new Set([Number(all)])])
  const told = lines.filter((line) => line.startsWith('corpus/'))
  const more = told.map((line) => Number(/^\S+\.json and (\d+) more: violates /.exec(line)?.[1] ?? 0))
  expect(told.length + more.reduce((a, b) => a + b, 0)).toBe(Number(differ))
  expect(told.length).toBeLessThan(Number(differ) / 2)
  expect(lines.filter((line) => line.startsWith('  replay: npm run prop -- --replay corpus/')).length).toBe(told.length)
})
