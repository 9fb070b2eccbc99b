/** Steps of a film in words, for whoever hears instead of sees them. */
import { endName } from '../../../../spec/events.ts'
import type { Film, FilmStep, Session } from '../film.ts'

export const sayStep = (s: FilmStep): string => {
  switch (s.kind) {
    case 'action':
    case 'ended':
    case 'fault':
      return s.text
    case 'opened':
      return s.id === null ? `connection ${endName(s.at)} opens` : `${endName(s.at)} starts, for client ${s.id}`
    case 'sent':
      return `${endName(s.at)} sends ${s.frame}, ${s.label}${s.note === '' ? '' : ` (${s.note})`}`
    case 'accepted':
      return `${endName(s.at)} accepts ${s.frame}, ${s.label}`
    case 'rejected':
      return `${endName(s.at)} rejects ${s.frame ?? 'bytes'}, ${s.label}: ${s.reason ?? 'no reason told'}`
    case 'broken':
      return `violated: ${s.text}`
  }
}

/** The frame that a step moves; null: none. */
export const frameOf = (s: FilmStep | undefined): string | null => (s !== undefined && 'frame' in s ? s.frame : null)

/** Every session after the first `count` steps. */
export const sessionsAfter = (film: Film, count: number): ReadonlyMap<string, Session> =>
  new Map(film.steps.slice(0, count).flatMap((s) => s.sessions.map((x) => [x.end, x] as const)))
