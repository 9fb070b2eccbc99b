/** A trace as a Mermaid sequence diagram: clients left, the adversary's network in the middle, connections right. */
import { endName, type FrameId } from '../../../spec/events.ts'
import type { Side } from '../../../spec/language.ts'
import type { TraceStep } from './trace.ts'

const NETWORK = 'net'

/** `#` begins an entity and `;` ends a statement in Mermaid. */
const escaped = (text: string): string => text.replace(/[#;]/g, (c) => `#${c.charCodeAt(0)};`).replaceAll('\n', ' ')

const note = (over: string, text: string): string => `Note over ${over}: ${escaped(text)}`
const arrow = (from: string, shaft: '->>' | '-x', to: string, text: string): string =>
  `${from}${shaft}${to}: ${escaped(text)}`
const named = (label: string, frame: FrameId | null): string => (frame === null ? label : `${label} · ${frame}`)

const line = (s: TraceStep): string | null => {
  switch (s.kind) {
    case 'action':
      return s.do === 'connect' ? null : note(s.by === null ? NETWORK : endName(s.by), s.text) // its HELLO says so
    case 'opened':
      return null // a participant
    case 'sent':
      return arrow(endName(s.at), '->>', NETWORK, named(s.label, s.frame))
    case 'accepted':
      return arrow(NETWORK, '->>', endName(s.at), `${named(s.label, s.frame)}, accepted`)
    case 'rejected': // the crossed arrow says that much
      return arrow(NETWORK, '-x', endName(s.at), `${named(s.label, s.frame)}, ${s.reason ?? 'rejected'}`)
    case 'ended':
    case 'fault':
      return note(endName(s.at), s.text)
    case 'broken':
      return note(NETWORK, s.text)
  }
}

/** Mermaid source, deterministic. */
export const mermaid = (steps: readonly TraceStep[]): string => {
  const opened = steps.flatMap((s) => (s.kind === 'opened' ? [s] : [])).sort((a, b) => a.at.n - b.at.n)
  const ends = (side: Side): readonly string[] =>
    opened
      .filter((s) => s.at.side === side)
      .map(({ at, id }) => `participant ${endName(at)}${id === null ? '' : ` as ${endName(at)} (client ${id})`}`)
  const participants = [...ends('client'), `participant ${NETWORK} as adversary`, ...ends('server')]
  const lines = steps.flatMap((s) => line(s) ?? [])
  return ['sequenceDiagram', ...[...participants, ...lines].map((l) => `  ${l}`)].join('\n')
}
