/** A trace as text: clients left of the adversary's network, the server's connections right of it. */

import type { Model } from '../../../spec/checker/model.ts'
import type { Move } from '../../../spec/checker/moves.ts'
import { eventsOf } from '../../../spec/checker/paths.ts'
import { setupOf } from '../../../spec/checker/scope.ts'
import { type Event, endName, type FrameId } from '../../../spec/events.ts'
import type { End, Schedule } from '../../../spec/language.ts'
import type { Finding } from '../monitors.ts'
import type { System } from '../system.ts'
import { type TraceStep, trace, traceStep, tracing } from './trace.ts'

const WIDTH = 34 // of each of the two halves

/** The arrow always touches the network's column in the middle. */
const row = (at: End, inbound: boolean, label: string, frame: FrameId | null, note: string): string => {
  const me = endName(at)
  const id = (frame ?? '').padStart(4).padEnd(5)
  const shaft = (text: string): string => ` ${text} `.padEnd(WIDTH - me.length - 4, '─')
  const line =
    at.side === 'client'
      ? `${inbound ? `${me} ◀─${shaft(label)}─` : `${me} ──${shaft(label)}▶`} ${id}`
      : `${' '.repeat(WIDTH)}${id} ${inbound ? `──${shaft(label)}▶ ${me}` : `◀─${shaft(label)}─ ${me}`}`
  return note === '' ? line.trimEnd() : `${line}  ${note}`
}

/** One line without colour; null: nothing to show. */
export const ladderLine = (s: TraceStep): string | null => {
  switch (s.kind) {
    case 'action':
      return `· ${s.text}`
    case 'opened':
      return null // the action that opens it, or the frame that does, is shown
    case 'sent':
      return row(s.at, false, s.label, s.frame, s.note)
    case 'accepted':
      return row(s.at, true, s.label, s.frame, 'accepted')
    case 'rejected':
      return row(s.at, true, s.label, s.frame, `rejected${s.reason ? `: ${s.reason}` : ''}`)
    case 'ended':
      return `${s.at.side === 'server' ? ' '.repeat(WIDTH * 2 + 4) : ''}${s.text}`
    case 'fault':
      return `! ${s.text}`
    case 'broken':
      return s.text
  }
}

/** A line of a drawing, and the action of the schedule that it belongs to. */
export interface Drawn {
  readonly step: number
  readonly text: string
}

const drawn = (s: TraceStep): readonly Drawn[] => {
  const text = ladderLine(s)
  return text === null ? [] : [{ step: s.action, text }]
}

/** Draws events as they come. */
export const drawing = (schedule: Schedule): { see(e: Event): void; readonly lines: readonly Drawn[] } => {
  const { see, steps } = tracing(schedule)
  return {
    see,
    get lines() {
      return steps.flatMap(drawn)
    },
  }
}

/** The drawing of a schedule played in memory; the last line says what broke where `found` is given. */
export const ladder = (schedule: Schedule, system: System, found?: Finding): readonly string[] =>
  trace(schedule, system, found)
    .flatMap(drawn)
    .map((l) => l.text)

/** Each move with its number; of several outcomes the first. */
export const modelLadder = (m: Model, path: readonly Move[]): readonly string[] => {
  const clients = setupOf(m.scope).keyring
  return eventsOf(m, path).flatMap((events, i) => {
    const steps = events.flatMap((e) => traceStep(e, i, clients) ?? [])
    const lines = steps.flatMap((s) => ladderLine(s) ?? [])
    return lines.map((line, k) => `${(k === 0 ? `${i + 1}` : '').padStart(3)}  ${line}`)
  })
}
