/** What a person sees while the gate runs: a live list on a terminal, plain lines elsewhere. */
import { clearScreenDown, moveCursor } from 'node:readline'
import { type Done, progressText } from '../harness/terminal/progress.ts'
import { clock, type Paint, plain, wrap } from '../harness/terminal/text.ts'
import type { Ran, Stage, Watcher } from './runner.ts'

const NAME = 10 // columns
const TEXT = 20 // the column in which the text of a stage begins
const REDRAW_MS = 250
const PLAIN_MS = 15_000

const MARK = { pass: '✓', red: '✗', error: '!', 'not run': '–' } as const
const COLOUR = { pass: 'green', red: 'red', error: 'red', 'not run': 'dim' } as const

interface Current {
  readonly stage: Stage
  readonly started: number
  progress: Done
}

const now = (): number => performance.now() / 1000

const ended = (r: Ran, paint: Paint): string => {
  const text = r.answer?.summary ?? r.problems[0]?.text ?? ''
  return `${paint(MARK[r.status], COLOUR[r.status])} ${r.name.padEnd(NAME)} ${clock(r.seconds).padStart(5)}  ${text}`
}

/** Redraws the whole list in place, each stage on one line; `stop` leaves a last picture standing that says all of it. */
export const liveOverview = (
  stages: readonly Stage[],
  out: Pick<NodeJS.WriteStream, 'write' | 'columns'>,
  paint: Paint,
): Watcher & { stop(): void } => {
  const done = new Map<string, Ran>()
  let current: Current | null = null
  let drawn = 0
  const started = now()
  const line = (s: Stage): string => {
    const r = done.get(s.name)
    if (r !== undefined) return ended(r, paint)
    if (current?.stage !== s) return paint(`  ${s.name}`, 'dim')
    return `${paint('▸', 'bold')} ${s.name.padEnd(TEXT - 2)}${progressText(current.progress, now() - current.started, columns() - TEXT)}`
  }
  const columns = (): number => (out.columns || 80) - 1
  // A line that wraps would spoil the count of lines to go back.
  const one = (l: string): string => {
    const room = columns() + (l.length - plain(l).length)
    return l.length <= room ? l : `${l.slice(0, room - 1)}…`
  }
  const draw = (within: (l: string) => string = one): void => {
    if (drawn > 0) {
      moveCursor(out as NodeJS.WriteStream, 0, -drawn)
      clearScreenDown(out as NodeJS.WriteStream)
    }
    const lines = [...stages.map(line), `  ${done.size} of ${stages.length} stages, ${clock(now() - started)}`]
    out.write(lines.map((l) => `${within(l)}\n`).join(''))
    drawn = lines.length
  }
  const timer = setInterval(draw, REDRAW_MS)
  return {
    begin(stage) {
      current = { stage, started: now(), progress: { done: 0, total: 0, what: '' } }
      draw()
    },
    progress(_, doneNow, total, what) {
      if (current !== null) current.progress = { done: doneNow, total, what }
    },
    end(stage, ran) {
      done.set(stage.name, ran)
      current = null
      draw()
    },
    stop() {
      clearInterval(timer)
      draw((l) => wrap(l, columns(), TEXT))
    },
  }
}

/** One line when a stage begins, one now and then, one when it ends. */
export const plainOverview = (say: (line: string) => void, paint: Paint): Watcher & { stop(): void } => {
  let started = 0
  let last = 0
  return {
    begin(stage) {
      started = now()
      last = started
      say(`  ${stage.name.padEnd(NAME)} ${stage.asks}?`)
    },
    progress(stage, done, total, what) {
      if ((now() - last) * 1000 < PLAIN_MS) return
      last = now()
      say(`  ${stage.name.padEnd(NAME)} ${progressText({ done, total, what }, now() - started)}`)
    },
    end(_, ran) {
      say(ended(ran, paint))
    },
    stop() {},
  }
}
