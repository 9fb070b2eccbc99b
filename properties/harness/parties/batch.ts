/** Several schedules at one program: their calls go to it together, in one line (spec/ADAPTER.md, `batch`). */
import type { Call } from '../../../spec/adapter.ts'
import type { System, Wait } from '../world/system.ts'
import { AdapterError, adapterLimits, type Child, programFor } from './child.ts'

/** Calls that were told are answered in their order, so whoever told one reads it next. */
export class Batch {
  readonly child: Child
  readonly #begun: (() => void)[] = []
  #told: string[] = []
  #owed = 0
  #worlds = 0

  constructor(child: Child) {
    this.child = child
  }

  /** A number for the calls of one party. */
  world(): number {
    return this.#worlds++
  }

  tell(call: Call): void {
    this.#told.push(JSON.stringify(call))
  }

  /** Writes what was told. */
  send(patience = adapterLimits.callMs): void {
    if (this.#told.length === 0) return
    this.child.begin(`a line of ${this.#told.length} calls`, patience)
    this.child.write(`[${this.#told.join(',')}]`)
    this.#owed = this.#told.length
    this.#told = []
  }

  /** Whether answers are on the way. */
  get busy(): boolean {
    return this.#owed > 0
  }

  /** A call was closed. */
  closed(): void {
    if (--this.#owed === 0) this.child.end()
  }

  /** A schedule begins for a party; `hear` reads the answer. */
  init(call: Call, hear: () => void): void {
    this.tell(call)
    this.#begun.push(hear)
  }

  /** All have been made. */
  begin(): void {
    this.send(adapterLimits.startMs)
    for (const hear of this.#begun) {
      hear()
      this.closed()
    }
  }
}

/** What the parties that are being made belong to. */
let joined: Batch | null = null
export const batchOf = (): Batch | null => joined

/** Plays each until it waits; whoever waits for a call that was told is served first, since its answer is on the way. */
const proceed = (players: readonly Iterator<Wait>[], batch: Batch) => {
  const [told, untold]: [Iterator<Wait>[], Iterator<Wait>[]] = [[], []]
  for (const p of players) {
    let wait = p.next()
    while (!wait.done && wait.value === 'settle') wait = p.next()
    if (!batch.child.alive) throw new AdapterError(batch.child.failure)
    if (!wait.done) (wait.value === 'told' ? told : untold).push(p)
  }
  return { told, untold }
}

/** Of a program that takes lines of several calls. One that fails at this once is not asked again. */
export const together = (command: string): NonNullable<System['together']> => {
  let failed: string | null = null
  return (make) => {
    if (failed !== null) return failed
    try {
      const batch = new Batch(programFor('batch', command))
      joined = batch
      let waiting = make.map((one) => one())
      joined = null
      batch.begin()
      let late: Iterator<Wait>[] = []
      while (waiting.length + late.length > 0) {
        batch.send()
        const first = proceed(waiting, batch)
        const then = proceed(late, batch)
        waiting = [...first.told, ...then.told]
        late = [...first.untold, ...then.untold]
      }
      return null
    } catch (e) {
      if (!(e instanceof AdapterError)) throw e
      failed = e.message
      return failed
    } finally {
      joined = null
    }
  }
}
