/** What clients submit in a soak: a function of the seed, so that whoever knows who was counted knows the aggregate. */
import { masterKey, Rng } from '../../harness/rng.ts'

/** Every id PROTOCOL §1 allows. */
export const MOST_CLIENTS = 255

export const KEYRING: ReadonlyMap<number, Uint8Array> = new Map(
  Array.from({ length: MOST_CLIENTS }, (_, i) => [i + 1, masterKey(i + 1)]),
)

/**
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
