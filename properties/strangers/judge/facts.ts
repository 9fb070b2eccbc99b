/**
 * Who hears of the numbers of a capture: each server by itself; and what one thread knows of them, for one that sees those
 * of all.
 */
import { Endpoint } from './ledger.ts'
import { type Answer, type Counts, Sums, type SumsTold } from './sums.ts'

/** `n`: the frame of the capture before which it happened. */
export type Fact =
  | { readonly kind: 'asked'; readonly n: number; readonly conn: number; readonly id: number; readonly round: number }
  | ({ readonly kind: 'answered' } & Answer)
  | { readonly kind: 'leaving' | 'unfollowed'; readonly n: number; readonly conn: number }
  | { readonly kind: 'left'; readonly n: number; readonly conn: number; readonly now: number }

/** Keeps them until they are taken. */
export class Noted implements Counts {
  readonly hits = {}
  readonly waiting = false
  #facts: Fact[] = []
  readonly #n: () => number

  /** `n`: of the frame that is being judged. */
  constructor(n: () => number) {
    this.#n = n
  }

  take(): readonly Fact[] {
    const facts = this.#facts
    this.#facts = []
    return facts
  }

  asked({ at }: Endpoint, id: number, round: number): void {
    this.#facts.push({ kind: 'asked', n: this.#n(), conn: at.n, id, round })
  }

  answered(_: Endpoint, answer: Answer): void {
    this.#facts.push({ kind: 'answered', ...answer })
  }

  leaving({ at }: Endpoint): void {
    this.#facts.push({ kind: 'leaving', n: this.#n(), conn: at.n })
  }

  left({ at }: Endpoint, now: number): void {
    this.#facts.push({ kind: 'left', n: this.#n(), conn: at.n, now })
  }

  unfollowed({ at }: Endpoint): void {
    this.#facts.push({ kind: 'unfollowed', n: this.#n(), conn: at.n })
  }

  look(): void {}
  end(): void {}
}

/** Tells the numbers what several threads noted, in the order of the capture. */
export class Told {
  readonly #sums: Counts
  readonly #ends = new Map<number, Endpoint>()

  constructor(sums: Counts) {
    this.#sums = sums
  }

  /** Before anything is told of it. */
  opened(conn: number, server: string): void {
    this.#ends.set(conn, new Endpoint({ side: 'server', n: conn }, server))
  }

  tell(facts: readonly Fact[]): void {
    for (const f of facts) {
      const at = this.#ends.get(f.conn)
      if (at === undefined) continue // it has left
      switch (f.kind) {
        case 'asked':
          this.#sums.asked(at, f.id, f.round)
          break
        case 'answered':
          this.#sums.answered(at, f)
          this.#sums.look(f.at)
          break
        case 'leaving':
          this.#sums.leaving(at)
          break
        case 'unfollowed':
          this.#sums.unfollowed(at)
          break
        case 'left':
          this.#sums.left(at, f.now)
          this.#ends.delete(f.conn)
      }
    }
  }
}

/** The numbers of each server of a capture by themselves: what one counts, another does not. */
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
  answered(at: Endpoint, answer: Answer): void {
    this.#answering.add(at.server)
    this.#of(at).answered(at, answer)
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
