/** One mutant of the catalogue, hunted by a fuzz target alone. */
import type { Mutant } from '../../properties/harness/mutants/mutant.ts'
import { mutantSystems } from '../../properties/harness/mutants/systems.ts'
import { srcSystem } from '../../properties/harness/parties/party-file.ts'
import type { Finding } from '../engine/finding.ts'
import { raceFor, shownBy } from '../engine/hunt.ts'
import { loadGuided } from '../engine/judge.ts'
import type { Target } from '../engine/target.ts'

export interface Kill {
  readonly mutant: string
  /** Why it was found out, null where it was not. */
  readonly reason: string | null
  /** What `npm run prop -- --replay` shows of the finding's schedule; null where it has none, or shows nothing. */
  readonly replays: readonly string[] | null
  /** Of processor time, so that other work on the machine does not count; loading is not counted. */
  readonly ms: number
  readonly executions: number
}

export interface Limits {
  readonly seed: number
  readonly limitMs: number
}

/** Until a schedule shows the bug, where the target has schedules. `beat`: called now and then. */
export const killOne = async (m: Mutant, target: Target, limits: Limits, beat: () => Promise<void>): Promise<Kill> => {
  const loaded = await loadGuided(target, m.replacements)
  const { finding, ms, executions } = await raceFor(target, loaded, limits, (f) => f.alone, beat)
  return {
    mutant: m.id,
    reason: finding?.fault.reason ?? null,
    replays: finding === null ? null : await replaysOf(m, target, finding),
    ms,
    executions,
  }
}

const replaysOf = async (m: Mutant, target: Target, { data }: Finding): Promise<readonly string[] | null> => {
  if (target.schedule === undefined) return null
  const schedule = target.schedule(data)
  const system = (await mutantSystems(m)).both[0]!
  const shown = shownBy(schedule, system)
  return shown.length === 0 || shownBy(schedule, srcSystem).length > 0 ? null : shown
}
