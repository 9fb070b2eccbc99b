import { readdirSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** What takes more than eight seconds, the longest first: begun last, one core would wait for the other. */
const LONGEST = [
  'properties/gate/readme.test.ts',
  'properties/checks/prop/run.test.ts',
  'properties/strangers/infer/infer.test.ts',
  'properties/gate/commands.test.ts',
  'properties/gate/gate.test.ts',
  'properties/strangers/conform/judge.test.ts',
  'properties/checks/mutants/mutants.test.ts',
  'properties/gate/party.test.ts',
  'properties/harness/campaign/figures.test.ts',
  'properties/package/package.test.ts',
  'properties/checks/attacks/sockets.test.ts',
  'properties/strangers/conform/waits.test.ts',
  'properties/tools/search.test.ts',
  'properties/harness/campaign/causes.test.ts',
  'properties/harness/judging/pair.test.ts',
  'properties/checks/prop/prop.test.ts',
  'properties/strangers/conform/run.test.ts',
  'properties/strangers/conform/clients/clients.test.ts',
  'properties/harness/parties/adapters.test.ts',
  'properties/harness/parties/stdio.test.ts',
  'properties/harness/judging/ablations.test.ts',
  'properties/harness/parties/less.test.ts',
  'src/cli/e2e.test.ts',
  'properties/playground/app/page.test.ts',
  'properties/harness/parties/party-file.test.ts',
  'fuzz/engine/campaign.test.ts',
  'properties/checks/attacks/stranger.test.ts',
  'properties/strangers/infer/run.test.ts',
  'properties/harness/generate/scopes/scopes.test.ts',
  'properties/harness/world/determinism.test.ts',
  'properties/harness/model/tie.test.ts',
  'properties/tools/console/attack/attack.test.ts',
  'properties/strangers/learn/run.test.ts',
  'properties/harness/judging/probing.test.ts',
  'properties/harness/process/pool.test.ts',
  'properties/examples/server.test.ts',
  'properties/gate/hidden.test.ts',
  'fuzz/files.test.ts',
  'properties/gate/exits.test.ts',
  'fuzz/engine/hunt.test.ts',
  'properties/strangers/judge/judge.test.ts',
  'properties/strangers/judge/run.test.ts',
  'properties/checks/soak/check.test.ts',
  'properties/harness/explain/explain.test.ts',
  'properties/gate/columns.test.ts',
  'properties/harness/page/page.test.ts',
  'fuzz/engine/leak.test.ts',
  'fuzz/targets/sequence.test.ts',
  'properties/strangers/learn/learn.test.ts',
  'src/cli/lives.test.ts',
]

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number => {
      const i = LONGEST.findIndex((file) => moduleId.endsWith(file))
      return i < 0 ? LONGEST.length : i
    }
    return (await super.sort(files)).sort((a, b) => place(a) - place(b))
  }
}

const ALL = '{src,spec,properties,fuzz}/**/*.test.ts'
/** What of a test changes its process for the next, or is undone by hooks that a shared module would set once. */
const CHANGES = /\bvi\b|\bprocess\.|globalThis|after(Each|All)|programs\.ts|(net|console)\/testkit/
/** Quick tests of pure modules share a process: starting one and loading the modules takes longer than the tests. */
const SHARED = ['spec', 'src', 'properties/harness']
  .flatMap((folder) => readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => `${folder}/${file}`))
  .filter(
    (f) =>
      f.endsWith('.test.ts') &&
      !f.startsWith('src/net/') &&
      !LONGEST.includes(f) &&
      !CHANGES.test(readFileSync(f, 'utf8')),
  )

// A schedule runner in a test may take a while on a loaded 2-core machine; nothing here is timed.
const testTimeout = 180_000
// By default one core is kept free for vitest itself, which is half of a small machine; and many tests wait for sockets,
// processes and timers.
const maxWorkers = availableParallelism() + 1

export default defineConfig({
  test: {
    projects: [
      { test: { name: 'shared', include: SHARED, isolate: false, testTimeout, maxWorkers } },
      { test: { name: 'own', include: [ALL], exclude: SHARED, testTimeout, maxWorkers } },
    ],
    sequence: { sequencer: LongestFirst },
    globalSetup: 'properties/harness/process/needs.ts',
    maxWorkers,
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      // Tests, and what only tests use.
      exclude: ['**/*.test.ts', 'src/**/*testkit.ts', 'src/net/simulated.ts'],
      reporter: ['text-summary', 'json', 'lcovonly', 'html'],
      reportsDirectory: 'reports/coverage',
      reportOnFailure: true,
    },
  },
})
