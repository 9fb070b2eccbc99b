/** One mutant of the catalogue, hunted by a fuzz target alone. */

import type { Mutant } from '../../properties/harness/mutants/mutant.ts'
import { mutantSystems } from '../../properties/harness/mutants/systems.ts'
import { srcSystem } from '../../properties/harness/parties/party-file.ts'
import { cpuMs } from '../bench/race.ts'
import type { Finding } from '../engine/finding.ts'
import { Hunt } from '../engine/hunt.ts'
import { loadGuided } from '../engine/loaded.ts'
import { shownBy } from '../engine/shown.ts'
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

export interface Race {
  readonly seed: number
  readonly limitMs: number
}

const STEP = 32 // executions between two looks at the clock

/** From the seeds of the target alone: no corpus helps. Called now and then while it runs. */
export const killOne = async (m: Mutant, target: Target, race: Race, beat: () => Promise<void>): Promise<Kill> => {
  const found: Finding[] = []
  const hooks = { before: () => {}, idle: () => {}, kept: () => {}, found: (f: Finding) => found.push(f) }
  const loaded = await loadGuided(target, m.replacements)
  const started = cpuMs()
  const hunt = new Hunt(target, loaded, hooks, { seed: race.seed, minimise: false })
  hunt.engine.load(target.seeds())
  while (!found.some((f) => f.alone) && cpuMs() - started < race.limitMs) {
    hunt.run(STEP)
    await beat()
  }
  const ms = cpuMs() - started
  const first = found.at(-1) // the one that its schedule shows, where one does
  return {
    mutant: m.id,
    reason: first === undefined ? null : first.fault.reason,
    replays: first === undefined ? null : await replaysOf(m, target, first),
    ms,
    executions: hunt.engine.executions,
  }
}

const replaysOf = async (m: Mutant, target: Target, { data }: Finding): Promise<readonly string[] | null> => {
  if (target.schedule === undefined) return null
  const schedule = target.schedule(data)
  const system = (await mutantSystems(m)).both[0]!
  const shown = shownBy(schedule, system)
  return shown.length === 0 || shownBy(schedule, srcSystem).length > 0 ? null : shown
}
