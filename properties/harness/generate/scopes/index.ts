/** The exhaustive scopes by name (ADVERSARY §4). */
import type { Mode, Schedule } from '../../../../spec/language.ts'
import { FIELDS, FLIPS, LENGTHS } from './altered.ts'
import { CELLS } from './cells.ts'
import { CHUNKING } from './chunking.ts'
import { ORDERS } from './orders.ts'
import type { Scope } from './scope.ts'
import { PADDINGS, PAYLOADS, SEALED_FIELDS } from './sealed.ts'

export const SCOPES: Readonly<Record<string, Scope>> = {
  flips: FLIPS,
  lengths: LENGTHS,
  fields: FIELDS,
  'sealed-fields': SEALED_FIELDS,
  paddings: PADDINGS,
  payloads: PAYLOADS,
  chunking: CHUNKING,
  orders: ORDERS,
  cells: CELLS,
}

/** Listed once a process: chunks of a scope are slices of this list. */
const lists = new Map<string, readonly Schedule[]>()

export const scopeSchedules = (name: string, mode: Mode): readonly Schedule[] => {
  const known = lists.get(`${name} ${mode}`)
  if (known !== undefined) return known
  const list = Array.from(SCOPES[name]!.schedules(mode), (s) => ({ ...s, mode }))
  lists.set(`${name} ${mode}`, list)
  return list
}
