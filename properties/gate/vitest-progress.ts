/** A vitest reporter that tells the parent process how far the tests are. */
import type { Reporter } from 'vitest/node'

export interface TestProgress {
  readonly files: number
  readonly of: number
}

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

  #tell(): void {
    process.send?.({ files: this.#files, of: this.#of } satisfies TestProgress)
  }
}
