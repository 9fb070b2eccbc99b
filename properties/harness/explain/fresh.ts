/** Another instance of the implementation, whose branches can be counted from the start. */
import { partyOf } from '../parties/src.ts'
import { type System, systemOf } from '../system.ts'
import { loadVariant } from '../variants.ts'

export const freshSrc = async (): Promise<System> => {
  const party = partyOf(await loadVariant([]))
  return systemOf('src', party, party)
}
