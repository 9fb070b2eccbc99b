/**
 * For tests: node:crypto with a generator that remembers what it gave, and how random bytes look. A test file begins with
 *
 *     vi.mock('node:crypto', async () => (await import('./csprng.testkit.ts')).watched)
 */
/** node:crypto itself, whatever stands for it in a test. */
export const library = process.getBuiltinModule('node:crypto')

/** What one call of the system's generator filled: the array itself, and what was in it then. */
export interface Fill {
  readonly target: Uint8Array
  readonly bytes: Buffer
}

/** Everything that the generator of the system gave to this test file, in order. */
export const fills: Fill[] = []

const keep = <T extends Uint8Array>(target: T, at = 0, length = target.length - at): T => {
  fills.push({ target, bytes: Buffer.from(target.subarray(at, at + length)) })
  return target
}

/** The three ways to ask the system for random bytes; everything else as it is. */
export const watched = {
  ...library,
  randomFillSync: (target: Uint8Array, ...range: number[]) => keep(library.randomFillSync(target, ...range), ...range),
  randomBytes: (bytes: number) => keep(library.randomBytes(bytes)),
  getRandomValues: (target: Uint8Array) => keep(library.getRandomValues(target)),
}

/** Finds bytes among those that the system gave, each byte of which may be found once. */
export class Source {
  readonly #used = new Map<Fill, Uint8Array>()

  /** Whether `bytes` stand in one fill, in a place none of which was found before. Marks the place. */
  take(bytes: Uint8Array): boolean {
    for (const fill of fills) {
      const used = this.#used.get(fill) ?? new Uint8Array(fill.bytes.length)
      this.#used.set(fill, used)
      for (let at = fill.bytes.indexOf(bytes); at >= 0; at = fill.bytes.indexOf(bytes, at + 1)) {
        const place = used.subarray(at, at + bytes.length)
        if (place.includes(1)) continue
        place.fill(1)
        return true
      }
    }
    return false
  }
}

/**
 * What is not random about draws of one length, empty when nothing is. A true generator is accused with a probability
 * below 1e-8: every bit position counts its ones (Hoeffding: 8 * length * 2 * exp(-24.5), 6e-9 for 16 bytes), the
 * bytes of all draws their values (chi-square of 255 degrees of freedom, Laurent and Massart: 2 * 1e-9), and halves of
 * 8 bytes and more must differ (birthday: 5e-10 for 65,536 draws).
 */
export const oddities = (draws: readonly Uint8Array[]): string[] => {
  const odd: string[] = []
  const length = draws[0]!.length
  const half = Math.max(8, length >> 1)
  const halves = draws.flatMap((d) => [d.subarray(0, half), d.subarray(half)]).filter((h) => h.length >= 8)
  const distinct = new Set(halves.map((h) => Buffer.from(h).toString('latin1'))).size
  if (distinct < halves.length) odd.push(`${halves.length - distinct} of ${halves.length} halves were there before`)

  const ones = new Uint32Array(8 * length)
  const values = new Uint32Array(256)
  for (const draw of draws)
    for (let i = 0; i < length; i++) {
      const byte = draw[i]!
      values[byte]!++
      for (let bit = 0; bit < 8; bit++) ones[8 * i + bit]! += (byte >> bit) & 1
    }
  const most = 3.5 * Math.sqrt(draws.length) // 7 standard deviations
  const biased = Array.from(ones.keys()).filter((i) => Math.abs(ones[i]! - draws.length / 2) > most)
  if (biased.length > 0) odd.push(`bits ${biased.join()} are not 1 in half of ${draws.length} draws`)

  const expected = (draws.length * length) / 256
  const chiSquare = values.reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0)
  if (chiSquare < 109 || chiSquare > 442) odd.push(`chi-square of the bytes is ${Math.round(chiSquare)}`)
  return odd
}
