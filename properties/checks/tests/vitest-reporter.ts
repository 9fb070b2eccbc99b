/**
 * A vitest reporter that tells the parent process how far the tests are, and at the end which were skipped and why; a
 * complete run without a failure leaves a record beside its results.
 */
import { dirname, resolve } from 'node:path'
import type { Reporter, TestModule, TestSpecification, Vitest } from 'vitest/node'
import { ROOT } from '../../harness/process/programs.ts'
import { forget, keyOf, remember, type Skipped } from './record.ts'

interface TestProgress {
  readonly files: number
  readonly of: number
}

const skippedIn = (m: TestModule): readonly Skipped[] =>
  [...m.children.allTests('skipped')].map((t) => {
    const result = t.result()
    return { file: m.moduleId, title: t.name, note: result.state === 'skipped' ? (result.note ?? null) : null }
  })

/** Where `--outputFile.json` goes, and the record with it. */
const folderOf = ({ config }: Vitest): string => {
  const out = typeof config.outputFile === 'object' ? config.outputFile.json : undefined
  return dirname(resolve(ROOT, out ?? 'reports/tests.json'))
}

export default class implements Reporter {
  #vitest: Vitest | undefined
  #files = 0
  #of = 0
  #key: string | null = null

  onInit(vitest: Vitest): void {
    this.#vitest = vitest
  }

  async onTestRunStart(specifications: readonly TestSpecification[]): Promise<void> {
    this.#of = specifications.length
    this.#tell()
    const vitest = this.#vitest!
    forget(folderOf(vitest))
    const all = await vitest.globTestSpecifications()
    const complete = all.length === this.#of && vitest.config.testNamePattern === undefined
    this.#key = complete ? keyOf() : null
  }

  onTestModuleEnd(): void {
    this.#files++
    this.#tell()
  }

  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[], reason: string): void {
    const skipped = modules.flatMap(skippedIn)
    process.send?.({ skipped })
    const key = this.#key
    if (reason === 'passed' && errors.length === 0 && key !== null && key === keyOf())
      remember(folderOf(this.#vitest!), { key, skipped })
  }

  #tell(): void {
    process.send?.({ files: this.#files, of: this.#of } satisfies TestProgress)
  }
}
