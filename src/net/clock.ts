/** The only clock of the implementation. */

/** Monotonic milliseconds: what deadlines are measured in. Setting the machine's time moves no timer. */
export const now = (): number => performance.now()

/** How often sessions are asked whether something is overdue: the longest that a deadline is overrun. */
const TICK_MS = 50

/** Calls `tick` until the returned function is called. */
export const ticking = (tick: (now: number) => void): (() => void) => {
  const timer = setInterval(() => tick(now()), TICK_MS)
  return () => clearInterval(timer)
}

/** The time of day, for logs only. */
export const wallTime = (): Date => new Date()
