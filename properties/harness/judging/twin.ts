/** TWIN: two implementations that never met do the same on every schedule, to the byte. */
import { isDeepStrictEqual } from 'node:util'
import { differText } from '../../../spec/event-text.ts'
import type { Event } from '../../../spec/events.ts'
import type { Pairing, Probe } from '../../../spec/probes/probes.ts'

/** What a party does inside, not what it does; the reference does not tell either. */
const INSIDE: ReadonlySet<Event['on']> = new Set(['primitive', 'memory', 'told'])

/** The worlds that are compared with the system playing both sides. */
export const TWINS: readonly (Pairing & { readonly name: string })[] = [
  { name: 'system client, reference server', client: 'system', server: 'reference' },
  { name: 'reference client, system server', client: 'reference', server: 'system' },
  { name: 'reference on both sides', client: 'reference', server: 'reference' },
]

/** The events that must agree, in the one order in which the world emits them. */
export const comparable = (events: readonly Event[]): readonly Event[] => events.filter((e) => !INSIDE.has(e.on))

/** Two events, but for a reason that one of the two does not tell. */
const alike = (a: Event, b: Event | undefined): boolean =>
  a.on === 'rejected' && b?.on === 'rejected' && (a.reason === null || b.reason === null)
    ? isDeepStrictEqual({ ...a, reason: null }, { ...b, reason: null })
    : isDeepStrictEqual(a, b)

/** Index of the first event that differs; null where the traces agree. */
export const firstDifference = (a: readonly Event[], b: readonly Event[]): number | null => {
  const at = a.findIndex((e, i) => !alike(e, b[i]))
  if (at >= 0) return at
  return b.length > a.length ? a.length : null
}

/** The action an event belongs to. */
export const stepOf = (events: readonly Event[], at: number): number => {
  const step = events.slice(0, at + 1).findLast((e) => e.on === 'step')
  return step?.on === 'step' ? step.step : 0
}

export const TWIN: Probe = {
  id: 'TWIN',
  says: 'system and reference, each with itself and with the other, make the same frames, verdicts, views and ends',
  powers: 'NIL',
  needs: ['accepted', 'rejected', 'committed', 'ended'],
  asks: ['order', 'bytes', 'rng'],
  literal: 'holds',
  witness: { says: 'a verdict on a frame was compared between four worlds', floor: 5_000 },
  check(s, first, play) {
    const own = comparable(first)
    const reached = own.filter((e) => e.on === 'accepted' || e.on === 'rejected').length
    for (const { name, ...pairing } of TWINS) {
      const other = comparable(play(s, pairing))
      const at = firstDifference(own, other)
      if (at === null) continue
      const why = differText('system', own[at], name, other[at])
      return { reached, violated: { step: stepOf(own, at), why } }
    }
    return { reached, violated: null }
  },
}
