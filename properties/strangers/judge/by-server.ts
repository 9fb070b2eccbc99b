/** The numbers of each server of a capture by themselves: what one counts, another does not. */
import type { Endpoint, Frame } from './ledger.ts'
import { type Answer, type Counts, Sums, type SumsTold } from './sums.ts'

export class ByServer implements Counts {
  readonly hits: Record<string, number> = { G1: 0, G3: 0, G4: 0, G7: 0 }
  readonly #told: SumsTold
  readonly #sums = new Map<string, Sums>()
  /** Addresses that have answered: where they are several, they may also be those of one server. */
  readonly #answering = new Set<string>()

  constructor(told: SumsTold) {
    this.#told = {
      broke: (id, why, answer) => {
        if (this.#answering.size < 2) told.broke(id, why, answer)
        else told.open(answer, `${why}; several addresses answer, which may be one server`)
      },
      open: (answer, why) => told.open(answer, why),
    }
  }

  #of({ server }: Endpoint): Sums {
    const known = this.#sums.get(server) ?? new Sums(this.#told, this.hits)
    this.#sums.set(server, known)
    return known
  }

  get waiting(): boolean {
    for (const s of this.#sums.values()) if (s.waiting) return true
    return false
  }

  asked(at: Endpoint, id: number, round: number): void {
    this.#of(at).asked(at, id, round)
  }
  answered(at: Endpoint, id: number, values: readonly number[], event: Answer, frame: Frame): void {
    this.#answering.add(at.server)
    this.#of(at).answered(at, id, values, event, frame)
  }
  leaving(at: Endpoint): void {
    this.#of(at).leaving(at)
  }
  left(at: Endpoint, now: number): void {
    this.#of(at).left(at, now)
  }
  unfollowed(at: Endpoint): void {
    this.#of(at).unfollowed()
  }
  look(now: number): void {
    for (const s of this.#sums.values()) s.look(now)
  }
  end(): void {
    for (const s of this.#sums.values()) s.end()
  }
}
