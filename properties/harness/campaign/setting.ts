/** What is on trial in a campaign, how it is judged, and where what is found of it is left. */
import { join, relative } from 'node:path'
import type { Mode } from '../../../spec/language.ts'
import { typed } from '../parties/typed.ts'
import type { Stored } from '../schedules/schedule-file.ts'
import { invocationWith } from '../terminal/invocation.ts'
import { UsageError } from '../terminal/options.ts'
import type { Chunk } from './campaign.ts'
import { saveStored } from './minimal.ts'
import { type Cryptography, type Facts, factsOf } from './players.ts'

/** What is played against what, and what of it is judged. */
export interface Setting {
  readonly modes: readonly Mode[]
  /** The ids of what is judged; null: everything. */
  readonly only: ReadonlySet<string> | null
  /** Whether this is the budget that floors and expected violations were set for. */
  readonly floors: boolean
  readonly system: Facts
  /** The file or program that the system comes from (parties/party-file.ts); null: src. */
  readonly party: string | null
  readonly crypto: Cryptography
  /** Whether it is said why something breaks. */
  readonly explain: boolean
  /** How to play one chunk of it again, where there is a command for that. */
  again?(chunk: Chunk): string
}

/** The whole of a system (null: src), judged by everything but floors. Throws a UsageError where there is no such system. */
export const settingFor = async (party: string | null, modes: readonly Mode[], explain = true): Promise<Setting> => {
  const loaded = await factsOf(party)
  if (loaded.kind === 'bad') throw new UsageError(loaded.why)
  return { modes, only: null, floors: false, system: loaded.value, party, crypto: 'real', explain }
}

/** Where findings of this system are left. */
export const folderOf = (s: Pick<Setting, 'party' | 'system'>, c: { readonly out: string }): string =>
  join(c.out, 'findings', ...(s.party === null ? [] : [s.system.name.replace(/[^\w.-]/g, '_')]))

/** A stored schedule as a finding of another system in this mode; the command that plays it there. */
export const keepIn = (
  mode: Mode,
  name: string,
  { says, schedule }: Pick<Stored, 'says' | 'schedule'>,
  s: Pick<Setting, 'party' | 'system'>,
  c: { readonly out: string },
): string => {
  const file = saveStored(name, { says, violates: [], schedule: { ...schedule, mode } }, folderOf(s, c))
  return `${invocationWith('prop')}${typed(s.party)} --replay ${relative('.', file)}`
}
