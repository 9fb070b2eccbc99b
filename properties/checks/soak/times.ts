import { createHistogram } from 'node:perf_hooks'

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

/** Monotonic milliseconds, on one scale for all processes of this machine. */
export const clock = (): number => {
  const [seconds, nanoseconds] = process.hrtime()
  return seconds * 1_000 + nanoseconds / 1_000_000
}
