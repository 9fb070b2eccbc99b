/** The server in C++, compiled where that can be done: right as it stands, and not with a mistake planted into it. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, it } from 'vitest'
import { plan, runChunk } from '../harness/campaign/campaign.ts'
import { emptyResult, merge, type Result } from '../harness/campaign/tally.ts'
import { needs } from '../harness/needs.ts'
import { stopAdapters } from '../harness/parties/child.ts'
import { partyNamed, systemFor } from '../harness/parties/party-file.ts'
import type { System } from '../harness/system.ts'

const SOURCE = readFileSync(fileURLToPath(new URL('./server.cpp', import.meta.url)), 'utf8')
const started: string[] = []
afterAll(() => {
  for (const command of started) stopAdapters(command)
})

const compiled = async (source: string): Promise<System> => {
  const folder = mkdtempSync(join(tmpdir(), 'gauntlet-cpp-'))
  const [file, program] = [join(folder, 'server.cpp'), join(folder, 'server')]
  writeFileSync(file, source)
  execFileSync('g++', ['-std=c++17', '-O1', '-Wall', '-Wextra', '-Werror', '-o', program, file, '-lcrypto'])
  started.push(program)
  const system = await systemFor(partyNamed({ party: null, 'party-cmd': program, side: 'server' }))
  if (system.kind === 'bad') throw new Error(system.why)
  return system.value
}

const played = (system: System, runs: number, biases: readonly string[]): Result =>
  plan(7, runs, ['bound', 'literal'], biases).reduce((r, c) => merge(r, runChunk(c, system)), emptyResult(system))
const broken = ({ tallies }: Result): readonly string[] =>
  Object.entries(tallies.bound).flatMap(([id, t]) => (t.broken > 0 ? [id] : []))

const PATIENCE = { timeout: 120_000 }

it(
  'breaks no invariant, and shows nearly all of itself',
  PATIENCE,
  needs('g++', async () => {
    const system = await compiled(SOURCE)
    expect([...system.lacks]).toEqual(['fork'])
    const result = played(system, 80, ['replay', 'tamper', 'rounds', 'contents', 'flood', 'time', 'faults', 'leak'])
    expect(broken(result)).toEqual([])
    for (const id of ['A2', 'C1', 'G7', 'S4', 'B5', 'KAT', 'R1'])
      expect(result.tallies.bound[id]!.witnesses).toBeGreaterThan(0)
  }),
)

it(
  'is red, and for C1, where it compares one byte of the tag',
  PATIENCE,
  needs('g++', async () => {
    const all = 'data(), &f[body], 32)'
    expect(SOURCE.split(all).length).toBe(2)
    const system = await compiled(SOURCE.replace(all, 'data(), &f[body], 1)'))
    expect(broken(played(system, 40, ['tamper']))).toContain('C1')
  }),
)

it('is as short as it says: at most 150 lines of protocol, and 45 of the adapter', () => {
  const [, , server, adapter] = SOURCE.split(/^\/\/ --- .*$/m)
  const lines = (text: string): number => text.split('\n').filter((l) => !/^\s*(\/\/.*)?$/.test(l)).length
  expect(lines(server!)).toBeLessThanOrEqual(150)
  expect(lines(adapter!)).toBeLessThanOrEqual(45)
})
