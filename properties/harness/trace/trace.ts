/**
 * A played schedule as the list of steps that are worth drawing. Events become steps here, once, and here are the words
 * for them; text (ladder.ts) and Mermaid (mermaid.ts) only place them.
 */
import { frameLabel } from '../../../spec/event-text.ts'
import type { Event, FrameId, Reason } from '../../../spec/events.ts'
import { endName } from '../../../spec/events.ts'
import type { Action, Edit, End, Num, Schedule } from '../../../spec/language.ts'
import type { Finding } from '../judging/monitors.ts'
import { play } from '../world/play.ts'
import type { System } from '../world/system.ts'
import { regionOf } from '../world/wire.ts'

/** A label, or the name of an opcode, where there is little room: DATA r1, DESYNC r2. */
export const brief = (label: string): string => label.replace(/^(?:CLIENT|SERVER)_(?:AGGR_)?|^KEY_(DESYNC)_ERROR/, '$1')

/** `action`: the index of the action in the schedule, or of the move in a path of the model. */
export type TraceStep = {
  readonly action: number
} /** The adversary, the environment or, where `by` is a run, its user does something. `edits`: it alters a frame. */ & (
  | {
      readonly kind: 'action'
      readonly do: Action['do']
      readonly by: End | null
      readonly text: string
      readonly edits: boolean
    }
  /** `id`: of the client; null for a connection. */
  | { readonly kind: 'opened'; readonly at: End; readonly id: number | null }
  /** A frame leaves an endpoint for the network. `note`: what of its payload belongs into the drawing, or ''. */
  | { readonly kind: 'sent'; readonly at: End; readonly frame: FrameId; readonly label: string; readonly note: string }
  | { readonly kind: 'accepted'; readonly at: End; readonly frame: FrameId; readonly label: string }
  /** `frame` null: an illegal length prefix. `reason` null: the party does not tell. */
  | {
      readonly kind: 'rejected'
      readonly at: End
      readonly frame: FrameId | null
      readonly label: string
      readonly reason: Reason | null
    }
  | { readonly kind: 'ended' | 'fault'; readonly at: End; readonly text: string }
  /** Which invariant broke, and why: the last step. */
  | { readonly kind: 'broken'; readonly text: string }
)

export const editText = (e: Edit): string => {
  switch (e.do) {
    case 'flip': {
      const [start] = e.at === 'length' ? [0] : regionOf(e.at, 71)
      const where = e.at === 'length' ? `length prefix[${e.pos}]` : `${e.at}[${e.pos}] (from byte ${start})`
      return `${where} ^= ${(e.xor & 0xff).toString(16).padStart(2, '0')}`
    }
    case 'exchange':
      return `${e.at} bytes ${e.pos} and ${e.and} exchanged`
    case 'fill':
      return `every ${e.at} byte becomes ${e.value}`
    case 'set':
      return `${e.field} := ${e.value}`
    case 'truncate':
      return `cut to ${e.bytes} bytes`
    case 'extend':
      return `extended by ${e.hex}`
    case 'splice':
      return `${e.part} replaced by that of another frame`
  }
}

const LISTED = 16
const list = (values: readonly Num[]): string =>
  values.length <= LISTED
    ? `[${values.join(', ')}]`
    : `${values.length} values: [${values.slice(0, LISTED).join(', ')}, …]`

const user = (run: number): End => ({ side: 'client', n: run })

/** What an action does where arrows do not show it; null: they do. `id`: of the client that a `connect` starts. */
export const caption = (a: Action, id: number | null): string | null => {
  switch (a.do) {
    case 'connect': {
      const run = id === null ? 'a client run starts' : `a run of client ${id} starts`
      return a.failSend ? `${run}, and its HELLO cannot be sent` : run
    }
    case 'submit':
      return `the user of ${endName(user(a.run))} submits ${list(a.values)}`
    case 'finish':
      return `the user of ${endName(user(a.run))} ends the run`
    case 'deliver': {
      const edits = a.edit === undefined ? [] : [`edits the frame: ${editText(a.edit)}`]
      const parts = a.upTo === undefined ? [] : [`delivers its first ${a.upTo} bytes to ${endName(a.to)}`]
      return edits.length + parts.length === 0 ? null : `the adversary ${[...edits, ...parts].join(', and ')}`
    }
    case 'continue':
      return `the adversary delivers ${a.upTo === undefined ? 'the rest' : `${a.upTo} bytes more`} to ${endName(a.to)}`
    case 'seal':
      return `the adversary seals opcode ${a.opcode}, round ${a.round >= 0 ? '+' : ''}${a.round}, under the ${a.under} keys of ${endName(a.as)} (power ${a.power})`
    case 'inject':
      return a.hex === ''
        ? `the adversary injects 0 bytes into ${endName(a.to)}`
        : `the adversary injects ${a.hex.length / 2} bytes: ${a.hex.slice(0, 48)}${a.hex.length > 48 ? '…' : ''}`
    case 'close':
      return `the connection of ${endName(a.at)} dies`
    case 'failSend':
      return `the next send of ${endName(a.at)} will fail`
    case 'leak':
      return `the keys of ${endName(a.at)} leak`
    case 'advance':
      return `${a.ms} ms pass`
    case 'restart':
      return `the server restarts${a.sameRng ? ' with the same generator state' : ''}`
    case 'converse':
      return `client ${a.client} converses`
  }
}

/** The step that an event of action `action` makes; null: there is nothing to draw. `clients`: those of the setup. */
export const traceStep = (e: Event, action: number, clients: readonly number[]): TraceStep | null => {
  switch (e.on) {
    case 'step': {
      const a = e.action
      const text = caption(a, a.do === 'connect' ? (clients[a.client] ?? null) : null)
      const by = a.do === 'submit' || a.do === 'finish' ? user(a.run) : null
      const edits = a.do === 'deliver' && a.edit !== undefined
      return text === null ? null : { action, kind: 'action', do: a.do, by, text, edits }
    }
    case 'opened':
      return { action, kind: 'opened', at: e.at, id: e.id }
    case 'sent': {
      const note = e.body.kind === 'aggregate' ? `sum ${e.body.sum} of ${e.body.count}` : ''
      return { action, kind: 'sent', at: e.at, frame: e.frame, label: frameLabel(e.header), note }
    }
    case 'accepted':
      return { action, kind: 'accepted', at: e.at, frame: e.frame, label: frameLabel(e.header) }
    case 'rejected':
      return { action, kind: 'rejected', at: e.at, frame: e.frame, label: frameLabel(e.header), reason: e.reason }
    case 'ended':
      return { action, kind: 'ended', at: e.at, text: `${endName(e.at)} ended (${e.by})` }
    case 'fault':
      return { action, kind: 'fault', at: e.at, text: `exception at ${endName(e.at)}: ${e.error}` }
    case 'settled':
    case 'submitted':
    case 'delivered':
    case 'sealed':
    case 'told':
    case 'unsent':
    case 'committed':
    case 'primitive':
    case 'exposed':
    case 'memory':
    case 'conversed':
      return null
  }
}

/** Collects the steps of a world's events as they come. */
export const tracing = (schedule: Schedule): { see(e: Event): void; readonly steps: readonly TraceStep[] } => {
  const steps: TraceStep[] = []
  let action = 0
  return {
    see(e) {
      if (e.on === 'step') action = e.step
      const step = traceStep(e, action, schedule.setup.clients)
      if (step !== null) steps.push(step)
    },
    steps,
  }
}

/** Plays a schedule in memory; `found`, where something broke, is the last step. Deterministic. */
export const trace = (
  schedule: Schedule,
  system: System,
  found?: Pick<Finding, 'invariant' | 'why'>,
): readonly TraceStep[] => {
  const { see, steps } = tracing(schedule)
  play(schedule, system, see)
  if (found === undefined) return steps
  const action = schedule.actions.length - 1
  return [...steps, { action, kind: 'broken', text: `✗ ${found.invariant}: ${found.why}` }]
}
