/** Who takes part in a soak, what they submit, how its rounds are divided, and how its processes tell time. */
import { createHistogram } from 'node:perf_hooks'
import { masterKey, Rng } from '../../harness/world/rng.ts'

export const HOST = '127.0.0.1'

/** Every id PROTOCOL §1 allows. */
export const MOST_CLIENTS = 255

export const KEYRING: ReadonlyMap<number, Uint8Array> = new Map(
  Array.from({ length: MOST_CLIENTS }, (_, i) => [i + 1, masterKey(i + 1)]),
)

interface Participants {
  readonly steady: readonly number[] // ids of the clients that stay
  readonly newcomer: number // id of the one that comes anew
  readonly insiders: readonly number[] // ids that are left, for hostile peers that hold a key
}

/** With all 255 ids in use, one of them is the newcomer; else it comes on top. */
export const participantsOf = (clients: number): Participants => {
  const ids = [...KEYRING.keys()]
  const newcomer = Math.min(clients + 1, MOST_CLIENTS)
  return { steady: ids.slice(0, newcomer - 1), newcomer, insiders: ids.slice(newcomer) }
}

export interface Phase {
  readonly kind: 'warm-up' | 'calm' | 'attack'
  readonly rounds: number
}

const LONGEST = 64 // rounds: an echo stands close to every burst that it is compared with

/** Half of the rounds in peace, the first burst of several to warm up, the other half under attack, if there is one. */
export const phasesOf = (rounds: number, hostile: number): readonly Phase[] => {
  const attacked = hostile === 0 ? 0 : Math.floor(rounds / 2)
  const calm = cut(rounds - attacked).map(
    (n, i, all): Phase => ({ kind: i === 0 && all.length > 1 ? 'warm-up' : 'calm', rounds: n }),
  )
  return [...calm, ...cut(attacked).map((n): Phase => ({ kind: 'attack', rounds: n }))]
}

/** As equal parts as can be. */
const cut = (rounds: number): readonly number[] => {
  const parts = Math.ceil(rounds / LONGEST)
  const until = (i: number): number => Math.floor((rounds * i) / parts)
  return Array.from({ length: parts }, (_, i) => until(i + 1) - until(i))
}

/**
 * What clients submit: a function of the seed, so that an aggregate follows from who was counted.
 * 1..4 numbers of magnitude 2^-60 to 2^61, of both signs. Their exact sums need far more bits than a double has, so a
 * sum that is rounded on the way, or that counts one value more or less, shows.
 */
export const valuesOf = (seed: number, id: number, round: number): number[] => {
  const rng = new Rng(seed, id * 0x100_0000 + round)
  return Array.from({ length: rng.between(1, 4) }, () => {
    const magnitude = (1 + rng.u32() / 0x1_0000_0000) * 2 ** rng.between(-60, 60)
    return rng.oneIn(2) ? -magnitude : magnitude
  })
}

/** Monotonic milliseconds, on one scale for all processes of this machine. */
export const clock = (): number => Number(process.hrtime.bigint()) / 1_000_000

/** Durations, in as much memory for a billion of them as for ten. */
export class Times {
  readonly #us = createHistogram({ figures: 3 })

  add(ms: number): void {
    this.#us.record(Math.max(1, Math.round(ms * 1_000))) // 1 is the least it takes
  }

  /** ms; 0 of none. */
  get longest(): number {
    return this.#us.count === 0 ? 0 : this.#us.max / 1_000
  }

  /** The ms that `share` per cent of them did not exceed, to three figures; 0 of none. */
  percentile(share: number): number {
    return this.#us.count === 0 ? 0 : this.#us.percentile(share) / 1_000
  }
}
