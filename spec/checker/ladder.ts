/** A path of the model as a sequence diagram in text: clients left of the network, the server's connections right of it. */
import type { Event, FrameId, Header } from '../events.ts'
import { endName } from '../events.ts'
import type { Action, End, Pick } from '../language.ts'
import { OPCODE_NAMES } from '../opcodes.ts'
import type { Model } from './model.ts'
import type { Move } from './moves.ts'
import type { State } from './state.ts'

const WIDTH = 34 // of each half

const arrow = (at: End, inbound: boolean, h: Header, frame: FrameId, note: string): string => {
  const me = endName(at)
  const shaft = ` ${OPCODE_NAMES[h.opcode] ?? `opcode ${h.opcode}`} r${h.round} `.padEnd(WIDTH - me.length - 4, '─')
  const id = frame.padStart(5).padEnd(6)
  const line =
    at.side === 'client'
      ? `${inbound ? `${me} ◀─${shaft}─` : `${me} ──${shaft}▶`} ${id}`
      : `${' '.repeat(WIDTH)}${id} ${inbound ? `──${shaft}▶ ${me}` : `◀─${shaft}─ ${me}`}`
  return `${line}  ${note}`.trimEnd()
}

/** What happens without a frame. */
const caption = (a: Action): string | null => {
  switch (a.do) {
    case 'connect':
      return `a run of client ${a.client + 1} starts`
    case 'submit':
      return `the user of c${a.run} submits ${a.values.join(', ')}`
    case 'finish':
      return `the user of c${a.run} ends the run`
    case 'inject':
      return a.hex === '' ? `a connection ${endName(a.to)} is opened` : 'a frame that nobody sealed'
    case 'seal':
      return `the adversary seals a frame (power ${a.power})`
    case 'close':
      return `the connection of ${endName(a.at)} dies`
    case 'failSend':
      return `the next send of ${endName(a.at)} fails`
    case 'leak':
      return `the keys of ${endName(a.at)} are stolen`
    case 'advance':
      return 'a timer fires'
    case 'restart':
      return 'the server restarts'
    case 'deliver':
    case 'converse':
      return null
  }
}

const lineOf = (e: Event): string | null => {
  switch (e.on) {
    case 'step':
      return caption(e.action)
    case 'sent': {
      const note = e.body.kind === 'aggregate' ? `sum ${e.body.sum} of ${e.body.count}` : ''
      return arrow(e.at, false, e.header, e.frame, note)
    }
    case 'accepted':
      return arrow(e.at, true, e.header, e.frame, 'accepted')
    case 'rejected':
      return arrow(e.at, true, e.header!, e.frame!, `rejected: ${e.reason}`)
    case 'ended':
      return `${e.at.side === 'server' ? ' '.repeat(2 * WIDTH + 5) : ''}${endName(e.at)} ended (${e.by})`
    default:
      return null
  }
}

/** Each move with its number; of several outcomes the first. */
export const ladder = (m: Model, path: readonly Move[]): readonly string[] => {
  let s: State = m.initStates()[0]!
  return path.flatMap((move, i) => {
    const outcome = m.play(move.side === 'client' ? s.clients : s.conns, move)[0]!
    s = m.apply(s, move, outcome)
    const lines = outcome.segments.flatMap((segment) => segment.events.map(lineOf)).filter((line) => line !== null)
    return lines.map((line, k) => `${(k === 0 ? `${i + 1}` : '').padStart(3)}  ${line}`)
  })
}

const originText = (p: Pick): string => (typeof p === 'object' && 'by' in p ? `${endName(p.by)}.${p.nth}` : 'a frame')

/** A move in a few characters: where a frame comes from and goes to, or what happens. */
const briefly = (a: Action): string => {
  switch (a.do) {
    case 'connect':
      return `client ${a.client + 1} starts`
    case 'submit':
      return `c${a.run} submits`
    case 'finish':
      return `c${a.run} finishes`
    case 'deliver':
      return `${originText(a.frame)}→${endName(a.to)}`
    case 'inject':
      return a.hex === '' ? `${endName(a.to)} opens` : `junk→${endName(a.to)}`
    case 'seal':
      return `forged→${endName(a.to)}`
    case 'close':
      return `${endName(a.at)} dies`
    case 'failSend':
      return `${endName(a.at)} cannot send`
    case 'leak':
      return `${endName(a.at)} leaks`
    case 'advance':
      return 'timer'
    case 'restart':
      return 'restart'
    case 'converse':
      return `client ${a.client + 1} converses`
  }
}

export const brief = (path: readonly Move[]): string =>
  path.map((m) => m.parts.map((d) => briefly(d.action)).join('+')).join(', ')
