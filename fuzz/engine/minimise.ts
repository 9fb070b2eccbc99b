/** The smallest and dullest input for which something still holds: pieces go, then bytes become zero. */

/** `holds` is asked at most `budget` times, and never about the input itself. Deterministic. */
export const minimise = (data: Uint8Array, holds: (data: Uint8Array) => boolean, budget: number): Uint8Array => {
  let best = data
  let left = budget
  const attempt = (smaller: Uint8Array): boolean => {
    if (left-- <= 0 || !holds(smaller)) return false
    best = smaller
    return true
  }

  for (let size = 1 << Math.floor(Math.log2(Math.max(1, data.length))); size >= 1 && left > 0; size >>= 1) {
    // From the end: what an input is made of tends to be decided by its beginning.
    for (let at = best.length - size; at > -size && left > 0; at -= size) attempt(without(best, Math.max(0, at), size))
  }
  for (let size = Math.max(1, best.length >> 2); size >= 1 && left > 0; size >>= 1) {
    for (let at = 0; at < best.length && left > 0; at += size) {
      const zeroed = best.slice().fill(0, at, at + size)
      if (best.subarray(at, at + size).some((b) => b !== 0)) attempt(zeroed)
    }
  }
  return best
}

const without = (data: Uint8Array, at: number, length: number): Uint8Array => {
  const end = Math.min(at + length, data.length)
  const rest = new Uint8Array(data.length - (end - at))
  rest.set(data.subarray(0, at))
  rest.set(data.subarray(end), at)
  return rest
}
