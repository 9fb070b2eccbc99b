/** A counterexample as a Mermaid sequence diagram: clients left, the adversary's network in the middle, connections right. */
import { type Event, endName, type FrameId, type Header } from '../../../spec/events.ts'
import type { Action, End, Schedule } from '../../../spec/language.ts'
import { OPCODE_NAMES } from '../../../spec/opcodes.ts'
import type { Finding } from '../monitors.ts'
import { play } from '../play.ts'
import type { System } from '../system.ts'
import { caption } from './ladder.ts'

const NETWORK = 'net'

/** `#` begins an entity and `;` ends a statement in Mermaid. */
const escaped = (text: string): string => text.replace(/[#;]/g, (c) => `#${c.charCodeAt(0)};`).replaceAll('\n', ' ')

const frameName = (h: Header | null, frame: FrameId | null): string =>
  h === null ? 'illegal length' : `${OPCODE_NAMES[h.opcode] ?? `opcode ${h.opcode}`} r${h.round} · ${frame}`

class Diagram {
  readonly #seen = new Map<string, { readonly at: End; readonly id: number | null }>()
  readonly #lines: string[] = []

  opened(at: End, id: number | null): void {
    this.#seen.set(endName(at), { at, id })
  }

  arrow(from: string, to: string, lost: boolean, text: string): void {
    this.#lines.push(`${from}${lost ? '-x' : '->>'}${to}: ${escaped(text)}`)
  }

  note(over: string, text: string): void {
    this.#lines.push(`Note over ${over}: ${escaped(text)}`)
  }

  text(): string {
    const ends = [...this.#seen.values()]
    const side = (s: End['side']): readonly string[] =>
      ends
        .filter((e) => e.at.side === s)
        .sort((a, b) => a.at.n - b.at.n)
        .map((e) => `participant ${endName(e.at)}${e.id === null ? '' : ` as ${endName(e.at)} (client ${e.id})`}`)
    const participants = [...side('client'), `participant ${NETWORK} as adversary`, ...side('server')]
    return ['sequenceDiagram', ...[...participants, ...this.#lines].map((l) => `  ${l}`)].join('\n')
  }
}

/** Users act at their own run, everybody else is the adversary or the environment. */
const placeOf = (a: Action): string =>
  a.do === 'submit' || a.do === 'finish' ? endName({ side: 'client', n: a.run }) : NETWORK

const draw = (d: Diagram, e: Event): void => {
  switch (e.on) {
    case 'step': {
      if (e.action.do === 'connect') return // its HELLO says so
      const text = caption(e.action, null)
      if (text !== null) d.note(placeOf(e.action), text)
      return
    }
    case 'opened':
      d.opened(e.at, e.id)
      return
    case 'sent':
      d.arrow(endName(e.at), NETWORK, false, frameName(e.header, e.frame))
      return
    case 'accepted':
      d.arrow(NETWORK, endName(e.at), false, `${frameName(e.header, e.frame)}, accepted`)
      return
    case 'rejected':
      d.arrow(NETWORK, endName(e.at), true, `${frameName(e.header, e.frame)}, ${e.reason ?? 'rejected'}`)
      return
    case 'ended':
      d.note(endName(e.at), `${endName(e.at)} is over (${e.by})`)
      return
    case 'fault':
      d.note(endName(e.at), `exception: ${e.error}`)
      return
    case 'settled':
    case 'submitted':
    case 'delivered':
    case 'sealed':
    case 'unsent':
    case 'committed':
    case 'primitive':
    case 'exposed':
    case 'memory':
    case 'conversed':
      return
  }
}

/** Mermaid source, deterministic; the last note says what broke. */
export const sequence = (schedule: Schedule, system: System, found: Pick<Finding, 'invariant' | 'why'>): string => {
  const d = new Diagram()
  play(schedule, system, (e) => draw(d, e))
  d.note(NETWORK, `✗ ${found.invariant}: ${found.why}`)
  return d.text()
}
