/** Every schedule that ever mattered, replayed before anything random: corpus/schedules. */
import { readdirSync } from 'node:fs'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Schedule } from '../../../spec/language.ts'
import { examine, isExpected } from '../judging/examine.ts'
import type { Finding } from '../judging/monitors.ts'
import { typed } from '../parties/typed.ts'
import { readText } from '../process/files.ts'
import { invocationWith } from '../terminal/invocation.ts'
import { wordsOf } from '../terminal/text.ts'
import type { System } from '../world/system.ts'
import { type Parsed, parseStored, type Stored } from './schedule-file.ts'

/** Where they are. */
export const CORPUS = new URL('../../../corpus/schedules/', import.meta.url)

export const readStored = (name: string, file: URL | string): Parsed<Stored> => {
  try {
    return parseStored(name, readText(file))
  } catch (e) {
    return { kind: 'bad', why: `${name}: expected a readable file, got ${wordsOf(e)}` }
  }
}

/** The command that plays one of them (`name`: relative to CORPUS) on a system. */
export const replayOf = (name: string, party: string | null): string =>
  `${invocationWith('prop')}${typed(party)} --replay ${pathOf(name)}`

/** One of them, as a path from where the command was started. */
export const pathOf = (name: string): string => relative('.', fileURLToPath(new URL(name, CORPUS)))

/** Relative to CORPUS, folders below it included. */
export const storedNames = (): readonly string[] =>
  readdirSync(CORPUS, { recursive: true, encoding: 'utf8' })
    .filter((f) => f.endsWith('.json'))
    .sort()

/** What playing it showed (`findings`) against what it must show; null: exactly that. */
export const difference = (s: Stored, findings: readonly Finding[]): string | null => {
  const found = new Set(findings.map((f) => f.invariant))
  const missing = s.violates.filter((id) => !found.has(id))
  const tolerated = (id: string): boolean => s.violates.includes(id) || isExpected(id, s.schedule.mode)
  const extra = [...found].filter((id) => !tolerated(id))
  if (missing.length > 0) return `no longer violates ${missing.join(', ')}`
  if (extra.length === 0) return null
  return `violates ${extra.join(', ')}${s.violates.length === 0 ? '' : `, beside ${s.violates.join(', ')} as stored`}`
}

/** What breaks `literal` must be defended in `bound`: the same schedule there violates nothing. */
export const defended = (s: Stored, system: System): string | null => {
  const bound: Schedule = { ...s.schedule, mode: 'bound' }
  const found = examine(bound, system).map((f) => f.invariant)
  return found.length === 0 ? null : `violates ${found.join(', ')} in bound`
}
