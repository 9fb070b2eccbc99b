/** A fork of a party that is made when something first happens to it: most worlds that go on from one touch one side. */
import type { Event } from '../../../spec/events.ts'
import type { End } from '../../../spec/language.ts'
import type { Host, Party } from './party.ts'

/** Throws where a party offers no forks. */
export const forkOf = (party: Party, host: Host): Party => {
  if (party.fork === undefined) throw new Error('a world can go on from another where both parties can be forked')
  return party.fork(host)
}

export class LateFork implements Party {
  readonly emits: readonly Event['on'][]
  readonly #base: Party
  readonly #make: (base: Party) => Party
  #own: Party | null = null

  /** `base` must not change any more. `make` is called when something is about to happen to the fork. */
  constructor(base: Party, make: (base: Party) => Party) {
    this.emits = base.emits
    this.#base = base instanceof LateFork ? base.#now : base
    this.#make = make
  }

  get #now(): Party {
    return this.#own ?? this.#base
  }

  #mine(): Party {
    this.#own ??= this.#make(this.#base)
    return this.#own
  }

  open(at: End, id: number, now: number): void {
    this.#mine().open(at, id, now)
  }
  receive(at: End, bytes: Uint8Array, now: number): void {
    this.#mine().receive(at, bytes, now)
  }
  submit(at: End, values: readonly number[], now: number): boolean {
    return this.#mine().submit?.(at, values, now) ?? false
  }
  finish(at: End, now: number): void {
    this.#mine().finish?.(at, now)
  }
  close(at: End, now: number): void {
    this.#mine().close(at, now)
  }
  tick(now: number): void {
    this.#mine().tick(now)
  }
  restart(now: number): void {
    this.#mine().restart?.(now)
  }
  setRound(at: End, round: number): void {
    this.#mine().setRound?.(at, round)
  }
  view(at: End): ReturnType<Party['view']> {
    return this.#now.view(at)
  }
  memory(at: End): ReturnType<NonNullable<Party['memory']>> {
    return this.#now.memory?.(at) ?? null
  }
  fork(host: Host): Party {
    return new LateFork(this, (base) => forkOf(base, host))
  }
}
