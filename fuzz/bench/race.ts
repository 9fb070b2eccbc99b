/** How long it takes to find one planted bug, guided and blind. */
import { Hunt } from '../engine/hunt.ts'
import type { Loaded } from '../engine/loaded.ts'
import { targetNamed } from '../targets/index.ts'
import type { Planted } from './planted.ts'

export interface Heat {
  readonly found: boolean
  /** Of processor time, so that other work on the machine does not count; up to the limit where it was not found. */
  readonly ms: number
  readonly executions: number
}

const STEP = 64 // executions between two looks at the clock

export const cpuMs = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}

/** From the seeds of the target alone: no corpus helps. */
export const race = (
  { target, kind }: Planted,
  loaded: Loaded,
  seed: number,
  blind: boolean,
  limitMs: number,
): Heat => {
  const started = cpuMs()
  let found = false
  const hooks = {
    before: () => {},
    idle: () => {},
    kept: () => {},
    found: (finding: { readonly fault: { readonly kind: string } }) => {
      found ||= finding.fault.kind === kind
    },
  }
  const hunt = new Hunt(targetNamed(target), loaded, hooks, { seed, blind, minimise: false })
  hunt.engine.load(targetNamed(target).seeds())
  while (!found && cpuMs() - started < limitMs) hunt.run(STEP)
  return { found, ms: cpuMs() - started, executions: hunt.engine.executions }
}
