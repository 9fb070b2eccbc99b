import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['{src,spec,properties,fuzz}/**/*.test.ts'],
    // A schedule runner in a test may take a while on a loaded 2-core machine; nothing here is timed.
    testTimeout: 180_000,
    globalSetup: 'properties/harness/needs.ts',
    // By default one core is kept free for vitest itself, which is half of a small machine; and many tests wait for sockets,
    // processes and timers.
    maxWorkers: availableParallelism() + 1,
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
