/** The servers in C++, compiled where that can be done, and in Python: right as they stand, and not with a mistake planted into them. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { plan, runChunk } from '../harness/campaign/campaign.ts'
import { emptyResult, merge, type Result } from '../harness/campaign/tally.ts'
import { stopAdapters } from '../harness/parties/child.ts'
import { partyNamed, systemFor } from '../harness/parties/party-file.ts'
import { needs } from '../harness/process/needs.ts'
import type { System } from '../harness/world/system.ts'

const source = (name: string): string => readFileSync(fileURLToPath(new URL(`./${name}`, import.meta.url)), 'utf8')
const started: string[] = []
afterAll(() => {
  for (const command of started) stopAdapters(command)
})

const compiled = (file: string): string => {
  execFileSync('g++', ['-std=c++17', '-O1', '-Wall', '-Wextra', '-Werror', '-o', `${file}.out`, file, '-lcrypto'])
  return `${file}.out`
}
/** `tag`: how it compares a tag, and how a careless one does. */
const SERVERS = {
  'server.cpp': { tool: 'g++', start: compiled, tag: ['data(), &f[body], 32)', 'data(), &f[body], 1)'] },
  'server.py': {
    tool: 'python3',
    start: (file: string) => `python3 ${file}`,
    tag: [', frame[-32:])', '[:1], frame[-32:-31])'],
  },
} as const
type Name = keyof typeof SERVERS

const systemOf = async (name: Name, text: string): Promise<System> => {
  const file = join(mkdtempSync(join(tmpdir(), 'gauntlet-server-')), name)
  writeFileSync(file, text)
  const command = SERVERS[name].start(file)
  started.push(command)
  const system = await systemFor(partyNamed({ party: null, 'party-cmd': command, side: 'server' }))
  if (system.kind === 'bad') throw new Error(system.why)
  return system.value
}

const played = (system: System, runs: number, biases: readonly string[]): Result =>
  plan(7, runs, ['bound', 'literal'], biases).reduce((r, c) => merge(r, runChunk(c, system)), emptyResult(system))
const broken = ({ tallies }: Result): readonly string[] =>
  Object.entries(tallies.bound).flatMap(([id, t]) => (t.broken > 0 ? [id] : []))

const PATIENCE = { timeout: 120_000 }

describe.each(Object.keys(SERVERS) as Name[])('%s', (name) => {
  const { tool, tag } = SERVERS[name]
  it(
    'breaks no invariant, and shows nearly all of itself',
    PATIENCE,
    needs(tool, async () => {
      const system = await systemOf(name, source(name))
      expect([...system.lacks]).toEqual(['fork'])
      const result = played(system, 80, ['replay', 'tamper', 'rounds', 'contents', 'flood', 'time', 'faults', 'leak'])
      expect(broken(result)).toEqual([])
      for (const id of ['A2', 'C1', 'G7', 'S4', 'B5', 'KAT', ...(system.emits.has('memory') ? ['R1'] : [])])
        expect(result.tallies.bound[id]!.witnesses).toBeGreaterThan(0)
    }),
  )

  it(
    'is red, and for C1, where it compares one byte of the tag',
    PATIENCE,
    needs(tool, async () => {
      expect(source(name).split(tag[0]).length).toBe(2)
      const system = await systemOf(name, source(name).replace(tag[0], tag[1]))
      expect(broken(played(system, 40, ['tamper']))).toContain('C1')
    }),
  )
})

/** Lines that say something, of the section whose head has this word. */
const linesOf = (name: string, head: string): number => {
  const sections = source(name).split(/^(?:\/\/|#) --- /m)
  const section = sections.find((s) => s.slice(0, s.indexOf('\n')).includes(head))!
  return section.split('\n').filter((l, i) => i > 0 && !/^\s*((\/\/|#).*)?$/.test(l)).length
}
it.each([
  ['server.cpp', 'the server'],
  ['server.py', 'the server'],
  ['adapter.mjs', 'one side'],
])('%s is as short as the page says: at most 150 lines, and 45 of the adapter', (name, own) => {
  expect(linesOf(name, own)).toBeLessThanOrEqual(150)
  expect(linesOf(name, 'the adapter')).toBeLessThanOrEqual(45)
  expect(linesOf(name, own)).toBeGreaterThan(40) // it is there
})
