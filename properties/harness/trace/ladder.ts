/** A trace as text: clients left of the adversary's network, the server's connections right of it. */
import type { Model } from '../../../spec/checker/model.ts'
import type { Move } from '../../../spec/checker/moves.ts'
import { eventsOf } from '../../../spec/checker/paths.ts'
import { setupOf } from '../../../spec/checker/scope.ts'
import { type Event, endName, type FrameId } from '../../../spec/events.ts'
import type { Schedule } from '../../../spec/language.ts'
import type { Finding } from '../judging/monitors.ts'
import { cut } from '../terminal/text.ts'
import type { System } from '../world/system.ts'
import { brief, type TraceStep, trace, traceStep, tracing } from './trace.ts'

/** How wide each of the two halves is, and what frames are called there. */
interface Layout {
  readonly half: number
  readonly name: (label: string) => string
}
const FULL: Layout = { half: 34, name: (label) => label }
const NARROW: Layout = { half: 22, name: brief }
const NO_NAME = '' as FrameId
const COLUMNS = 101 // of the longest usual line in full
const layoutFor = (columns: number): Layout => (columns < COLUMNS ? NARROW : FULL)

/** The arrow always touches the network's column in the middle. */
const row = ({ half, name }: Layout, s: Extract<TraceStep, { label: string }>, note: string): string => {
  const [me, inbound] = [endName(s.at), s.kind !== 'sent']
  const id = (s.frame ?? '').padStart(4).padEnd(5)
  const shaft = ` ${name(s.label)} `.padEnd(half - me.length - 4, '─')
  const line =
    s.at.side === 'client'
      ? `${inbound ? `${me} ◀─${shaft}─` : `${me} ──${shaft}▶`} ${id}`
      : `${' '.repeat(half)}${id} ${inbound ? `──${shaft}▶ ${me}` : `◀─${shaft}─ ${me}`}`
  return note === '' ? line.trimEnd() : `${line}  ${note}`
}

/** What crosses the connection of client `n`, where nobody stands between it and its server. */
export const hop = (n: number, inbound: boolean, label: string, note: string): string =>
  row(
    FULL,
    { action: 0, kind: inbound ? 'accepted' : 'sent', at: { side: 'client', n }, frame: NO_NAME, label, note },
    note,
  )

/** One line without colour, cut to `columns`; null: nothing to show. */
const ladderLine = (s: TraceStep, columns = Number.POSITIVE_INFINITY): string | null => {
  const layout = layoutFor(columns)
  const line = (): string | null => {
    switch (s.kind) {
      case 'action':
        return `· ${s.text}`
      case 'opened':
        return null // the action that opens it, or the frame that does, is shown
      case 'sent':
        return row(layout, s, s.note)
      case 'accepted':
        return row(layout, s, 'accepted')
      case 'rejected':
        return row(layout, s, `rejected${s.reason ? `: ${s.reason}` : ''}`)
      case 'ended':
        return `${s.at.side === 'server' ? ' '.repeat(layout.half * 2 + 4) : ''}${s.text}`
      case 'fault':
        return `! ${s.text}`
      case 'broken':
        return s.text
    }
  }
  const text = line()
  return text === null ? null : cut(text, columns)
}

/** A line of a drawing, and the action of the schedule that it belongs to. */
export interface Drawn {
  readonly step: number
  readonly text: string
}

const drawn = (s: TraceStep, columns?: number): readonly Drawn[] => {
  const text = ladderLine(s, columns)
  return text === null ? [] : [{ step: s.action, text }]
}

/** Draws events as they come. `columns`: what every line fits into. */
export const drawing = (
  schedule: Schedule,
  columns?: number,
): { see(e: Event): void; readonly lines: readonly Drawn[] } => {
  const { see, steps } = tracing(schedule)
  return {
    see,
    get lines() {
      return steps.flatMap((s) => drawn(s, columns))
    },
  }
}

/** The drawing of a schedule played in memory; the last line says what broke where `found` is given. */
export const ladder = (schedule: Schedule, system: System, found?: Finding, columns?: number): readonly string[] =>
  trace(schedule, system, found)
    .flatMap((s) => drawn(s, columns))
    .map((l) => l.text)

const NUMBER = 5 // columns before a move

/** Frames in the order in which they appear; the model numbers them by what they are. */
const renumbering = (): ((s: TraceStep) => TraceStep) => {
  const names = new Map<FrameId, FrameId>()
  return (s) => {
    if (!('frame' in s) || s.frame === null) return s
    if (!names.has(s.frame)) names.set(s.frame, `f${names.size}` as FrameId)
    return { ...s, frame: names.get(s.frame)! }
  }
}

/** Each move with its number; of several outcomes the first. `columns`: what every line fits into. */
export const modelLadder = (m: Model, path: readonly Move[], columns?: number): readonly string[] => {
  const clients = setupOf(m.scope).keyring
  const renumber = renumbering()
  return eventsOf(m, path).flatMap((events, i) => {
    const steps = events.flatMap((e) => traceStep(e, i, clients) ?? []).map(renumber)
    const lines = steps.flatMap((s) => ladderLine(s, columns && columns - NUMBER) ?? [])
    return lines.map((line, k) => `${(k === 0 ? `${i + 1}` : '').padStart(NUMBER - 2)}  ${line}`)
  })
}
