/** One live line on a terminal, nothing elsewhere. */
import type { Progress } from '../../spec/checker/explore.ts'

const EVERY_MS = 200

export const progressLine = (): { show(p: Progress): void; clear(): void } => {
  if (!process.stderr.isTTY) return { show: () => undefined, clear: () => undefined }
  const started = performance.now()
  let last = started
  return {
    show: ({ states, transitions, depth }) => {
      const now = performance.now()
      if (now - last < EVERY_MS) return
      last = now
      const rate = Math.round(states / ((now - started) / 1000))
      process.stderr.write(`\r\x1b[K${states} states, ${transitions} transitions, depth ${depth}, ${rate} states/s`)
    },
    clear: () => void process.stderr.write('\r\x1b[K'),
  }
}
