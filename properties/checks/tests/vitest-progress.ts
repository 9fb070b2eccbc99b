/** A vitest reporter that tells the parent process how far the tests are, and at the end which were skipped and why. */
import type { Reporter, TestModule } from 'vitest/node'
import { z } from 'zod'

export interface TestProgress {
  readonly files: number
  readonly of: number
}

export const skippedSchema = z.object({
  skipped: z.array(
    z.object({
      file: z.string(), // absolute
      title: z.string(), // of the test alone
      note: z.string().nullable(), // what `context.skip` was told
    }),
  ),
})
export type Skipped = z.infer<typeof skippedSchema>['skipped'][number]

const skippedIn = (m: TestModule): readonly Skipped[] =>
  [...m.children.allTests('skipped')].map((t) => {
    const result = t.result()
    return { file: m.moduleId, title: t.name, note: result.state === 'skipped' ? (result.note ?? null) : null }
  })

export default class implements Reporter {
  #files = 0
  #of = 0

  onTestRunStart(specifications: readonly unknown[]): void {
    this.#of = specifications.length
    this.#tell()
  }

  onTestModuleEnd(): void {
    this.#files++
    this.#tell()
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    process.send?.({ skipped: modules.flatMap(skippedIn) })
  }

  #tell(): void {
    process.send?.({ files: this.#files, of: this.#of } satisfies TestProgress)
  }
}
