/**
 * The property TWIN at the price of one play: what the reference on both sides shows of a schedule is the same for every
 * mutant, so it is played once a process and kept as a digest.
 */
import { createHash } from 'node:crypto'
import type { Event } from '../../../spec/events.ts'
import type { Schedule } from '../../../spec/language.ts'
import { referenceParty } from '../../harness/parties/reference.ts'
import { Player } from '../../harness/play.ts'
import { systemOf } from '../../harness/system.ts'
import { comparable } from '../../harness/twin.ts'

const reference = systemOf('reference', referenceParty, referenceParty)

/** JSON writes NaN, the infinities and -0 like other values. */
const unusual = (v: unknown): boolean => typeof v === 'number' && (!Number.isFinite(v) || Object.is(v, -0))
const numbers = (e: Event): string => {
  const values: readonly unknown[] =
    e.on === 'submitted' ? e.values : e.on === 'sent' || e.on === 'sealed' ? Object.values(e.body).flat() : []
  return values.some(unusual) ? values.map((v) => (Object.is(v, -0) ? '-0' : String(v))).join() : ''
}

export const digestOf = (events: readonly Event[]): string => {
  const hash = createHash('sha1')
  for (const e of comparable(events)) hash.update(JSON.stringify(e)).update(numbers(e))
  return hash.digest('base64')
}

/** What the reference shows of it. */
export const expectedOf = (s: Schedule): string => {
  const events: Event[] = []
  for (const _ of new Player(s, reference, (e) => events.push(e)).play());
  return digestOf(events)
}
