/** The one progress line: lives on a terminal, comes as a plain line now and then where there is none. */
import { clock, cut, n } from './text.ts'

export interface ProgressLine {
  /** Shows the text if a new one is due; it is made only then. `columns`: of the terminal. */
  show(text: (columns?: number) => string): void
  /** Takes the line off a terminal, so that something else can be printed. */
  clear(): void
}

interface ProgressOut {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

/** Milliseconds between two texts. */
export interface Pace {
  readonly liveMs?: number
  readonly plainMs?: number
}

export const progressLine = (
  out: ProgressOut = process.stderr,
  { liveMs = 200, plainMs = 10_000 }: Pace = {},
): ProgressLine => {
  const every = out.isTTY ? liveMs : plainMs
  let last = performance.now()
  return {
    show(text) {
      const now = performance.now()
      if (now - last < every) return
      last = now
      out.write(out.isTTY ? `\r\x1b[K${text(out.columns).slice(0, out.columns)}` : `${text()}\n`)
    },
    clear() {
      if (out.isTTY) out.write('\r\x1b[K')
    },
  }
}

export interface Done {
  readonly done: number
  /** 0: not known. */
  readonly total: number
  /** What is counted, such as `schedules`. */
  readonly what: string
}

/** Done, elapsed, and left at the pace so far. Where that does not fit into `columns`, what is counted gives way. */
export const progressText = ({ done, total, what }: Done, elapsedSeconds: number, columns?: number): string => {
  const count = total > 0 ? `${n(done)} of ${n(total)} ` : done > 0 ? `${n(done)} ` : ''
  const left = done > 0 && total > 0 ? `, about ${clock((elapsedSeconds / done) * Math.max(0, total - done))} left` : ''
  const times = `${clock(elapsedSeconds)}${left}`
  if (count === '') return times
  const room = columns === undefined ? undefined : Math.max(1, columns - count.length - times.length - 2)
  return `${count}${cut(what, room)}, ${times}`
}

/** Counts on this line from now on. */
export const counting = (line: ProgressLine): ((done: number, total: number, what: string) => void) => {
  const started = performance.now()
  return (done, total, what) =>
    line.show((columns) => progressText({ done, total, what }, (performance.now() - started) / 1000, columns))
}
