/**
 * Mutants of what the harness replaces (generator, sockets, clock, commands), which no schedule can show: hunted with
 * the tests of src, on a changed copy of it, and with a short soak of that copy where every test passes.
 */
import { spawn } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { z } from 'zod'
import { type Mutant, SOAK } from '../../harness/mutants/mutant.ts'
import { atMost } from '../../harness/process/pool.ts'
import { endGroup, ROOT } from '../../harness/process/programs.ts'
import { replaceOnce, VariantError } from '../../harness/process/variants.ts'

/** What became of a mutant. `by`: the test file that noticed it, or soak; null where nothing did. */
export type Tested =
  | { readonly kind: 'tested'; readonly by: string | null; readonly test: string | null }
  | { readonly kind: 'inapplicable'; readonly why: string } // a text does not occur exactly once
  | { readonly kind: 'broken'; readonly why: string } // the tests do not begin, or do not end

const REPLACED = /^src\/(net|cli)\/|^src\/crypto\.ts$/ // the harness plays with others in their place

/** Asked one after the other: what starts processes takes longest. */
const PROGRAMS = ['src/cli/e2e.test.ts', 'src/cli/lives.test.ts']
const WITHOUT_PROGRAMS = PROGRAMS.map((file) => `--exclude=${file}`)
const ASKED = [['src/node-rng.test.ts', 'src/crypto.test.ts', 'src/net', 'src/cli', ...WITHOUT_PROGRAMS], PROGRAMS]

/** Half of the rounds under attack; how long an answer takes is no matter, since the machine may be busy. */
const SOAKING = '--clients 16 --rounds 256 --hostile 60 --answer-ms 600000'.split(' ')

/** Whether tests are what notices a mutant: `expect` is a test file or soak, or no invariant and no schedule gets there. */
export const isForTests = (m: Mutant): boolean =>
  m.expect === null
    ? m.replacements.every((r) => REPLACED.test(r.file))
    : m.expect === SOAK || m.expect.endsWith('.test.ts')

const PATIENCE_MS = 600_000 // for all of them; only an endless loop takes so long, however loaded the machine
const FAREWELL_MS = 500 // for what a program that ended has still in its pipes
const CONFIG = `export default {
  test: { include: ['src/**/*.test.ts'], testTimeout: 60_000, maxWorkers: 1, bail: 1, reporters: ['json'], outputFile: 'tests.json' },
}
`
const results = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      message: z.string(),
      assertionResults: z.array(z.object({ fullName: z.string(), status: z.string() })),
    }),
  ),
})

/** Runs a program in `folder` and judges how it ended, by its code (null: a signal) and the end of its output. */
const run = (
  folder: string,
  args: readonly string[],
  signal: AbortSignal,
  judge: (code: number | null, output: string) => Tested,
): Promise<Tested> =>
  new Promise((resolve, reject) => {
    // A process group, which is ended as a whole: tests start programs, and a mutant may loop for ever.
    const child = spawn(process.execPath, args, { cwd: folder, detached: true, stdio: 'pipe' })
    const kill = (): unknown => endGroup(child.pid)
    let output = ''
    let late = false
    const timer = setTimeout(() => {
      late = true
      kill()
    }, PATIENCE_MS)
    signal.addEventListener('abort', kill, { once: true })
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (text) => {
        output = `${output}${text}`.slice(-2_000)
      })
    const end = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', kill)
      kill()
    }
    child.on('error', (e) => {
      end()
      reject(e)
    })
    const told = (code: number | null): void => {
      if (signal.aborted) reject(new Error('stopped'))
      else resolve(late ? { kind: 'broken', why: 'the tests did not end' } : judge(code, output))
    }
    child.on('exit', () => {
      end()
      setTimeout(() => {
        for (const stream of [child.stdout, child.stderr]) stream.destroy() // somebody else may hold it
      }, FAREWELL_MS)
    })
    child.on('close', told) // its last words may come after its exit
  })

/** Tests, as vitest is told by `args`: the first that fails. */
const test = (folder: string, args: readonly string[], signal: AbortSignal): Promise<Tested> => {
  const vitest = join(folder, 'node_modules/vitest/vitest.mjs')
  return run(folder, [vitest, 'run', ...args], signal, (code, output) => testedIn(folder, code, output))
}

const testedIn = (folder: string, code: number | null, output: string): Tested => {
  let text: string
  try {
    text = readFileSync(join(folder, 'tests.json'), 'utf8')
  } catch {
    return { kind: 'broken', why: `vitest ended with code ${code}: ${output.trim().split('\n').at(-1)}` }
  }
  const { testResults } = results.parse(JSON.parse(text))
  for (const { name, assertionResults } of testResults) {
    const failed = assertionResults.find((a) => a.status === 'failed')
    if (failed) return { kind: 'tested', by: name.slice(name.indexOf('/src/') + 1), test: failed.fullName }
  }
  if (code === 0) return { kind: 'tested', by: null, test: null }
  return {
    kind: 'broken',
    why:
      testResults
        .map((t) => t.message)
        .join(' ')
        .split('\n')[0] || output,
  }
}

/** Under load: the first thing that did not hold. */
const soak = (folder: string, signal: AbortSignal): Promise<Tested> => {
  for (const name of ['properties', 'spec']) cpSync(ROOT + name, join(folder, name), { recursive: true })
  const program = ['--import', './properties/harness/start.mjs', 'properties/checks/soak/run.ts']
  return run(folder, [...program, ...SOAKING], signal, (code, output) => {
    if (code === 0) return { kind: 'tested', by: null, test: null }
    const said = stripVTControlCharacters(output).trim().split('\n')
    const violation = said.find((line) => line.startsWith('violation: '))
    const hasBegun = !said.some((line) => /^honest rounds +0 answered/.test(line))
    if (violation !== undefined && hasBegun) return { kind: 'tested', by: SOAK, test: violation }
    return { kind: 'broken', why: `the soak ended with code ${code}: ${violation ?? said.at(-1)}` }
  })
}

/** One mutant: what is there for it first, then all other tests of that code, and soak. Rejects when `signal` stops it. */
const hunt = async (m: Mutant, signal: AbortSignal): Promise<Tested> => {
  signal.throwIfAborted()
  const folder = mkdtempSync(join(tmpdir(), 'gauntlet-mutant-'))
  try {
    for (const name of ['src', 'package.json', 'tsconfig.json'])
      cpSync(ROOT + name, join(folder, name), { recursive: true })
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'junction')
    writeFileSync(join(folder, 'vitest.config.ts'), CONFIG)
    for (const r of m.replacements) {
      const file = join(folder, r.file)
      writeFileSync(file, replaceOnce(readFileSync(file, 'utf8'), r))
    }
    const own = m.expect === null || m.expect === SOAK ? [] : [[m.expect]]
    const tests = [...own, ...ASKED].map((files) => () => test(folder, files, signal))
    const load = () => soak(folder, signal)
    for (const asked of m.expect === SOAK ? [load, ...tests] : [...tests, load]) {
      const outcome = await asked()
      if (outcome.kind !== 'tested' || outcome.by !== null) return outcome
    }
    return { kind: 'tested', by: null, test: null }
  } catch (e) {
    if (e instanceof VariantError) return { kind: 'inapplicable', why: e.message }
    throw e
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * `lanes` at a time, each one after another; calls `done` with what became of each. Rejects when `signal` stops it, or one
 * cannot be hunted, and then all lanes have ended.
 */
export const huntByTests = async (
  mutants: readonly Mutant[],
  lanes: number,
  signal: AbortSignal,
  done: (m: Mutant, t: Tested) => void,
): Promise<void> => {
  await atMost(lanes, mutants, async (m) => done(m, await hunt(m, signal)))
}
