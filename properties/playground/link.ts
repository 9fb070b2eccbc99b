/** Schedules from outside: a file, or the part of an address behind `#`. Both are foreign text. */
import type { Schedule } from '../../spec/language.ts'
import { type Parsed, parseStored, printStored, type Stored, writable } from '../harness/schedules/schedule-file.ts'
import { EXERCISES } from './exercises.ts'
import type { Game } from './game.ts'

const MOST = { characters: 200_000, actions: 200, rounds: 30 } // a play of it takes a tab a second or two

/** As `npm run prop -- --replay` reads it, as long as a tab can play it. */
export const readSchedule = (name: string, text: string): Parsed<Stored> => {
  const bad = (why: string): Parsed<Stored> => ({ kind: 'bad', why: `${name}: ${why}` })
  if (text.length > MOST.characters)
    return bad(`expected at most ${MOST.characters} characters here, got ${text.length}`)
  const parsed = parseStored(name, text)
  if (parsed.kind === 'bad') return parsed
  const { actions } = parsed.value.schedule
  const rounds = actions.reduce((sum, a) => sum + (a.do === 'converse' ? a.rounds : 0), 0)
  if (actions.length > MOST.actions) return bad(`expected at most ${MOST.actions} actions here, got ${actions.length}`)
  if (rounds > MOST.rounds) return bad(`expected at most ${MOST.rounds} rounds of conversation here, got ${rounds}`)
  return parsed
}

/** As `--replay` and the corpus have it; the game is one of src/, whose violations a file names. */
export const fileOf = (says: string, { schedule, judged }: Game): string =>
  printStored({ says, violates: judged.flatMap((j) => (j.broken === null ? [] : [j.id])), schedule })

const toBase64Url = (text: string): string => {
  const bytes = new TextEncoder().encode(text)
  return btoa(Array.from(bytes, (b) => String.fromCharCode(b)).join(''))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
}
const fromBase64Url = (text: string): string => {
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
  return new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from(binary, (c) => c.charCodeAt(0)))
}

/** `exercise`: its server plays; null: src/ does. */
export interface Shared {
  readonly exercise: string | null
  readonly schedule: Schedule
}

export const hashOf = ({ exercise, schedule }: Shared): string => {
  const text = toBase64Url(JSON.stringify({ ...schedule, actions: schedule.actions.map(writable) }))
  return `#${exercise === null ? '' : `exercise=${exercise}&`}schedule=${text}`
}

/** Null: the address carries nothing. */
export const sharedIn = (hash: string): Parsed<Shared> | null => {
  if (hash.length <= 1) return null
  const bad = (why: string): Parsed<Shared> => ({ kind: 'bad', why: `link: ${why}` })
  if (hash.length > 2 * MOST.characters) return bad('it is too long')
  const fields = new URLSearchParams(hash.slice(1))
  const exercise = fields.get('exercise')
  if (exercise !== null && !EXERCISES.some((x) => x.mutant === exercise)) return bad('expected a known exercise')
  const text = fields.get('schedule')
  if (text === null) return bad('expected a schedule in it, got none')
  try {
    const parsed = readSchedule('link', fromBase64Url(text))
    return parsed.kind === 'bad' ? parsed : { kind: 'ok', value: { exercise, schedule: parsed.value.schedule } }
  } catch {
    return bad('expected base64url of UTF-8')
  }
}
