import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** The unit tests first: most mutants die in them, in a hundredth of the time that schedules take. */
class SchedulesLast extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return files.toSorted((a, b) => Number(a.moduleId.includes('.check.')) - Number(b.moduleId.includes('.check.')))
  }
}

/** Quick tests that import src/ itself. Variants are bundled from the files, so no mutant of Stryker reaches those. */
export default defineConfig({
  test: {
    include: [
      'src/*.test.ts',
      'properties/checks/vectors/harness.test.ts',
      'properties/checks/vectors/src.test.ts',
      'properties/tools/stryker/*.check.ts',
    ],
    testTimeout: 60_000,
    maxWorkers: 1,
    sequence: { sequencer: SchedulesLast },
  },
})
