/** Two worlds that played one schedule, next to each other where they first differ. */
import { type Event, endName, type FrameId, type Header } from '../../../spec/events.ts'
import type { Schedule } from '../../../spec/language.ts'
import { Prober } from '../judging/probing.ts'
import { comparable, firstDifference, TWINS } from '../judging/twin.ts'
import type { System } from '../world/system.ts'
import { frameLabel } from './trace.ts'

const AROUND = 3 // events of context on either side
const WIDTH = 52

const frame = (header: Header | null, id: FrameId | null): string =>
  header === null ? frameLabel(header) : `${frameLabel(header)} ${id}`

/** An event in a few words; undefined: there is none. */
export const short = (e: Event | undefined): string => {
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

/** The innermost fields in which two events of one kind differ. */
export const fieldsOf = (a: Event | undefined, b: Event | undefined): readonly string[] =>
  a === undefined || b === undefined || a.on !== b.on ? [] : differences(a, b)

const differences = (a: unknown, b: unknown, path = ''): readonly string[] => {
  if (Object.is(a, b)) return []
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null)
    return [`${path}: ${JSON.stringify(a) ?? 'absent'} | ${JSON.stringify(b) ?? 'absent'}`]
  const keys = new Set([...Object.keys(a), ...Object.keys(b)])
  return [...keys].flatMap((k) => differences(Reflect.get(a, k), Reflect.get(b, k), path === '' ? k : `${path}.${k}`))
}

/** Lines without colour: two worlds by name next to each other around `at`, the index of the first difference. */
export const twoColumns = (
  [left, right]: readonly [string, string],
  [own, other]: readonly [readonly Event[], readonly Event[]],
  at: number,
): readonly string[] => {
  const lines = [`  ${left.padEnd(WIDTH)}  ${right}`]
  for (let i = Math.max(0, at - AROUND); i <= at + AROUND; i++) {
    if (i > at && own[i] === undefined && other[i] === undefined) break
    lines.push(`${i === at ? '≠' : ' '} ${short(own[i]).slice(0, WIDTH).padEnd(WIDTH)}  ${short(other[i])}`)
  }
  return [...lines, ...fieldsOf(own[at], other[at]).map((d) => `  ${d}`)]
}

/** The system on the left, the first other world that differs on the right; none where all agree. */
export const sideBySide = (schedule: Schedule, system: System): readonly string[] => {
  const { replay } = new Prober(system)
  const own = comparable(replay(schedule))
  for (const { name, ...pairing } of TWINS) {
    const other = comparable(replay(schedule, pairing))
    const at = firstDifference(own, other)
    if (at === null) continue
    return twoColumns([system.name, name], [own, other], at)
  }
  return []
}
