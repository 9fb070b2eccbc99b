/** What is installed must not change what the tests say: the same files, with and without the programs they can use. */
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { hiddenPath, isThere } from '../harness/process/needs.ts'
import { ROOT } from '../harness/process/programs.ts'

const FILES = [
  'properties/harness/capture/capture.test.ts',
  'properties/checks/vectors/python.test.ts',
  'properties/strangers/judge/programs.test.ts',
  'properties/examples/skeletons.test.ts',
]
const USED = ['tshark', 'tcpdump', 'python3', 'go', 'rustc', 'javac'] as const
const TESTS_THAT_NEED_THEM = 7
const scratch = (): string => mkdtempSync(join(tmpdir(), 'gauntlet-hidden-'))
const counted = z.object({ success: z.boolean(), numTotalTests: z.int(), numPendingTests: z.int() })

const results = async (env: NodeJS.ProcessEnv) => {
  const file = join(scratch(), 'tests.json')
  const args = ['node_modules/vitest/vitest.mjs', 'run', ...FILES, '--reporter=json', `--outputFile=${file}`]
  await new Promise((resolve) => execFile(process.execPath, args, { cwd: ROOT, env }, resolve))
  return counted.parse(JSON.parse(readFileSync(file, 'utf8')))
}

it('counts what is declared: as many tests without the programs as with them, and none fails', {
  timeout: 300_000,
}, async () => {
  const bare = { ...process.env, PATH: hiddenPath(scratch()) }
  expect(USED.filter((program) => isThere(program, bare))).toEqual([])
  const without = await results(bare)
  const here = await results(process.env)
  expect([without.success, here.success]).toEqual([true, true])
  expect(without.numTotalTests).toBe(here.numTotalTests)
  expect(without.numPendingTests).toBe(TESTS_THAT_NEED_THEM)
})
