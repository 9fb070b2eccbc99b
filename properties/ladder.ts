/** A counterexample as a sequence diagram in text: clients on the left, the adversary's network, the server's connections. */
import type { Event, FrameId, Header } from '../spec/events.ts'
import { endName } from '../spec/events.ts'
import type { Action, Edit, End, Schedule } from '../spec/language.ts'
import { OPCODE_NAMES } from '../spec/opcodes.ts'
import type { Finding } from './judge.ts'
import { play } from './play.ts'
import type { System } from './system.ts'
import { regionOf } from './wire.ts'

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

const editText = (e: Edit): string => {
  switch (e.do) {
    case 'flip': {
      const [start] = e.at === 'length' ? [0] : regionOf(e.at, 71)
      const where = e.at === 'length' ? `length prefix[${e.pos}]` : `${e.at}[${e.pos}] (from byte ${start})`
      return `${where} ^= ${(e.xor & 0xff).toString(16).padStart(2, '0')}`
    }
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
    case 'connect':
      return id === null ? 'a client run starts' : `a run of client ${id} starts`
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

/** Lines without colour, deterministic; the last one says what broke where `found` is given. */
export const ladder = (schedule: Schedule, system: System, found?: Finding): readonly string[] => {
  const lines: string[] = []
  const see = (e: Event): void => {
    switch (e.on) {
      case 'step': {
        const id = e.action.do === 'connect' ? (schedule.setup.clients[e.action.client] ?? null) : null
        const text = caption(e.action, id)
        if (text !== null) lines.push(`· ${text}`)
        return
      }
      case 'sent':
        lines.push(
          row(
            e.at,
            false,
            name(e.header),
            e.frame,
            e.body.kind === 'aggregate' ? `sum ${e.body.sum} of ${e.body.count}` : '',
          ),
        )
        return
      case 'accepted':
        lines.push(row(e.at, true, name(e.header), e.frame, 'accepted'))
        return
      case 'rejected':
        lines.push(
          row(
            e.at,
            true,
            e.header === null ? 'illegal length' : name(e.header),
            e.frame,
            `rejected${e.reason ? `: ${e.reason}` : ''}`,
          ),
        )
        return
      case 'ended':
        lines.push(`${e.at.side === 'server' ? ' '.repeat(WIDTH * 2 + 4) : ''}${endName(e.at)} ended (${e.by})`)
        return
      case 'fault':
        lines.push(`! exception at ${endName(e.at)}: ${e.error}`)
        return
      default:
        return
    }
  }
  play(schedule, system, see)
  if (found) lines.push(`✗ ${found.invariant}: ${found.why}`)
  return lines
}
