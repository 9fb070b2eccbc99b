/** The endpoints of one side by how recently they were used: schedules may name them so, with negative numbers. */
import type { Endpoint } from './ledger.ts'
import { wrap } from './wire.ts'

export class Recent {
  /** The most recently used last. */
  readonly all: Endpoint[] = []

  /** -1 is the most recently used; numbers wrap. */
  at(n: number): Endpoint | null {
    return this.all.at(wrap(n, this.all.length) ?? 0) ?? null
  }

  /** `e` is now the most recently used. */
  touch(e: Endpoint): void {
    const i = this.all.lastIndexOf(e)
    if (i === this.all.length - 1 && i >= 0) return
    if (i >= 0) this.all.splice(i, 1)
    this.all.push(e)
  }
}
