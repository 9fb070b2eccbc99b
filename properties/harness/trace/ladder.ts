/** A counterexample as a sequence diagram in text: clients on the left, the adversary's network, the server's connections. */
import type { Event, FrameId, Header } from '../../../spec/events.ts'
import { endName } from '../../../spec/events.ts'
import type { Action, Edit, End, Schedule } from '../../../spec/language.ts'
import { OPCODE_NAMES } from '../../../spec/opcodes.ts'
import type { Finding } from '../monitors.ts'
import { play } from '../play.ts'
import type { System } from '../system.ts'
import { regionOf } from '../wire.ts'

const WIDTH = 34 // of each of the two halves

const name = (h: Header): string => `${OPCODE_NAMES[h.opcode] ?? `opcode ${h.opcode}`} r${h.round}`

/** `client` left of the network, `server` right of it; the arrow always touches the network column in the middle. */
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

/** What the adversary or the environment does in a step, where the arrows do not show it. */
export const caption = (a: Action, id: number | null): string | null => {
  switch (a.do) {
    case 'connect': {
      const run = id === null ? 'a client run starts' : `a run of client ${id} starts`
      return a.failSend ? `${run}, and its HELLO cannot be sent` : run
    }
    case 'submit':
      return `the user of c${a.run} submits [${a.values.join(', ')}]`
    case 'finish':
      return `the user of c${a.run} ends the run`
    case 'deliver':
      return a.edit === undefined ? null : `the adversary edits the frame: ${editText(a.edit)}`
    case 'seal':
      return `the adversary seals opcode ${a.opcode}, round ${a.round >= 0 ? '+' : ''}${a.round}, under the ${a.under} keys of ${endName(a.as)} (power ${a.power})`
    case 'inject':
      return `the adversary injects ${a.hex.length / 2} bytes: ${a.hex.slice(0, 48)}${a.hex.length > 48 ? '…' : ''}`
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

/** A line of a drawing, and the action of the schedule that it belongs to. */
export interface Drawn {
  readonly step: number
  readonly text: string
}

/** What there is to draw of one event; null: nothing. `clients`: the setup's, whose runs are started by index. */
const drawn = (e: Event, clients: readonly number[]): string | null => {
  switch (e.on) {
    case 'step': {
      const id = e.action.do === 'connect' ? (clients[e.action.client] ?? null) : null
      const text = caption(e.action, id)
      return text === null ? null : `· ${text}`
    }
    case 'sent': {
      const note = e.body.kind === 'aggregate' ? `sum ${e.body.sum} of ${e.body.count}` : ''
      return row(e.at, false, name(e.header), e.frame, note)
    }
    case 'accepted':
      return row(e.at, true, name(e.header), e.frame, 'accepted')
    case 'rejected': {
      const label = e.header === null ? 'illegal length' : name(e.header)
      return row(e.at, true, label, e.frame, `rejected${e.reason ? `: ${e.reason}` : ''}`)
    }
    case 'ended':
      return `${e.at.side === 'server' ? ' '.repeat(WIDTH * 2 + 4) : ''}${endName(e.at)} ended (${e.by})`
    case 'fault':
      return `! exception at ${endName(e.at)}: ${e.error}`
    default:
      return null
  }
}

/** Draws events as they come. Lines without colour, deterministic. */
export const drawing = (schedule: Schedule): { see(e: Event): void; readonly lines: readonly Drawn[] } => {
  const lines: Drawn[] = []
  let step = 0
  return {
    see(e) {
      if (e.on === 'step') step = e.step
      const text = drawn(e, schedule.setup.clients)
      if (text !== null) lines.push({ step, text })
    },
    lines,
  }
}

/** The drawing of a schedule played in memory; the last line says what broke where `found` is given. */
export const ladder = (schedule: Schedule, system: System, found?: Finding): readonly string[] => {
  const { see, lines } = drawing(schedule)
  play(schedule, system, see)
  const texts = lines.map((l) => l.text)
  return found ? [...texts, `✗ ${found.invariant}: ${found.why}`] : texts
}
