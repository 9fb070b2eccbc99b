/** Events in words, for people. */
import { type Event, endName, type FrameId, type Header } from './events.ts'
import type { End } from './language.ts'
import { opcodeName } from './opcodes.ts'

/** What a frame is called. */
export const frameLabel = (h: Header | null): string =>
  h === null ? 'illegal length' : `${opcodeName(h.opcode)} r${h.round}`

const frame = (header: Header | null, id: FrameId | null): string =>
  header === null ? frameLabel(header) : `${frameLabel(header)} ${id}`

/** An event in a few words; undefined: there is none. */
export const eventText = (e: Event | undefined): string => {
  if (e === undefined) return '(nothing more)'
  switch (e.on) {
    case 'step':
      return `— action ${e.step}: ${e.action.do}`
    case 'sent':
    case 'accepted':
    case 'delivered':
      return `${endName(e.at)} ${e.on} ${frame(e.header, e.frame)}`
    case 'rejected':
      return `${endName(e.at)} rejected ${frame(e.header, e.frame)}: ${e.reason ?? '(not told)'}`
    case 'committed':
      return `${endName(e.at)} is ${e.view.phase} r${e.view.round}${e.view.confirmed ? ' confirmed' : ''}`
    case 'ended':
      return `${endName(e.at)} ended (${e.by})`
    case 'fault':
      return `${endName(e.at)} threw ${e.error}`
    default:
      return 'at' in e ? `${endName(e.at)} ${e.on}` : e.on
  }
}

const isEnd = (v: object): v is End => 'side' in v && 'n' in v

const valueText = (v: unknown): string => {
  if (Array.isArray(v)) return `[${v.map(valueText).join(', ')}]`
  if (typeof v !== 'object') return String(v)
  return v === null ? 'none' : isEnd(v) ? endName(v) : `(${fieldsText(v)})`
}

/** What an object holds, in words that a line can be broken between. */
export const fieldsText = (of: object): string =>
  Object.entries(of)
    .map(([name, v]) => `${name} ${valueText(v)}`)
    .join(', ')

const differences = (a: unknown, b: unknown, path = ''): readonly string[] => {
  if (Object.is(a, b)) return []
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null)
    return [`${path}: ${JSON.stringify(a) ?? 'absent'} | ${JSON.stringify(b) ?? 'absent'}`]
  const keys = new Set([...Object.keys(a), ...Object.keys(b)])
  return [...keys].flatMap((k) => differences(Reflect.get(a, k), Reflect.get(b, k), path === '' ? k : `${path}.${k}`))
}

/** The innermost fields in which two events of one kind differ. */
export const fieldsOf = (a: Event | undefined, b: Event | undefined): readonly string[] =>
  a === undefined || b === undefined || a.on !== b.on ? [] : differences(a, b)

/** What happens yet of an action. */
const within = (e: Event | undefined): Event | undefined => (e?.on === 'step' || e?.on === 'settled' ? undefined : e)

/** What two plays do where they first differ, each by its name. An IV is no text; the frame with it has another name. */
export const differText = (left: string, a: Event | undefined, right: string, b: Event | undefined): string => {
  const fields = fieldsOf(a, b).filter((field) => !field.startsWith('iv.value: '))
  return [`${left}: ${eventText(within(a))}`, `${right}: ${eventText(within(b))}`, ...fields].join('; ')
}
