/** The `gate` command: whether this commit may be merged, or what can be believed of somebody else's implementation. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DEFAULT_SEED } from '../harness/campaign/campaign.ts'
import { writeWhole } from '../harness/process/files.ts'
import { ROOT } from '../harness/process/programs.ts'
import type { Problem } from '../harness/report/outcome.ts'
import { perform, processScreen, type Screen } from '../harness/terminal/command.ts'
import { answering, endWithoutReader } from '../harness/terminal/ending.ts'
import { carryOut } from './carry-out.ts'
import { type Options, USAGE } from './options.ts'
import { partyGate, partyOptions } from './party.ts'
import { PROFILES } from './profiles.ts'
import { readEarlier } from './since.ts'
import { ownSubject } from './stages.ts'

const COMMITTED = join(ROOT, 'REPORT.md')

/** Whether this run makes the bytes that REPORT.md must have; elsewhere other figures are no news. */
const isTheReport = (o: Options): boolean =>
  o.profile === 'pr' && o.only === null && o.seed === DEFAULT_SEED && process.version.startsWith('v20.')

/** REPORT.md against the text that this run made of it. */
const staleness = (text: string): readonly Problem[] => {
  const committed = existsSync(COMMITTED) ? readFileSync(COMMITTED, 'utf8') : null
  if (committed === text) return []
  const got =
    committed === null ? 'none' : 'another; `git diff --no-index REPORT.md reports/REPORT.md` shows what moved'
  return [
    {
      kind: 'stale-report',
      text: `REPORT.md: expected what this commit produces, got ${got}`,
      at: 'REPORT.md',
      replay: 'npm run gate -- --update',
    },
  ]
}

const gate = async (o: Options, screen: Screen): Promise<number> => {
  if (o.party !== null || o['party-cmd'] !== null) return await partyGate(partyOptions(o), screen)
  const settle = (text: string): readonly Problem[] => {
    if (o.update) writeWhole(COMMITTED, text)
    return staleness(text)
  }
  const since = o.since === null ? null : readEarlier(o.since)
  const job = {
    profile: PROFILES[o.profile],
    seed: o.seed,
    only: o.only,
    explain: !o['no-explain'],
    out: o.out ?? 'reports',
    shard: o.shard,
    merge: o.merge,
    since,
  }
  return await carryOut({ ...job, subject: ownSubject(o.profile), ...(isTheReport(o) ? { settle } : {}) }, screen)
}

endWithoutReader()
await answering(() => perform({ ...USAGE, run: gate }, process.argv.slice(2), processScreen()))
