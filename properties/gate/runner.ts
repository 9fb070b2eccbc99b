/** Runs stages one after another; a stage that throws is a problem of its own and does not keep the others from running. */
import type { Context } from '../checks/check.ts'
import type { Problem } from '../harness/outcome.ts'
import { unpainted } from '../harness/terminal/text.ts'
import type { Profile } from './profiles.ts'
import type { Answer, Stage } from './stage.ts'

export type Status = 'pass' | 'red' | 'error' | 'not run'

export interface Ran {
  readonly name: string
  readonly asks: string
  readonly status: Status
  readonly answer: Answer | null
  readonly problems: readonly Problem[]
  readonly seconds: number
}

export interface Watcher {
  begin(stage: Stage): void
  progress(stage: Stage, done: number, total: number, what: string): void
  end(stage: Stage, ran: Ran): void
}

/** What a run does, and what it may use. */
export type Plan = Pick<Context, 'out' | 'processes' | 'signal'> & {
  readonly profile: Profile
  readonly seed: number
}

export interface Run {
  readonly ran: readonly Ran[]
  /** Stopped by the user before every stage was done. */
  readonly partial: boolean
}

class Interrupted extends Error {}

/** Rejects when the user stops the run, whatever the stage is doing. */
const stopped = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    const stop = (): void => reject(new Interrupted())
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true })
  })

const message = (e: unknown): string => (e instanceof Error ? e.message : String(e)).split('\n')[0]!

const notRun = (s: Stage): Ran => ({
  name: s.name,
  asks: s.asks,
  status: 'not run',
  answer: null,
  problems: [],
  seconds: 0,
})

const one = async (s: Stage, plan: Plan, watch: Watcher): Promise<Ran> => {
  const c: Context = {
    ...plan,
    progress: (done, total, what) => watch.progress(s, done, total, what),
    say() {},
    paint: unpainted,
  }
  const started = performance.now()
  const seconds = (): number => (performance.now() - started) / 1000
  const base = { name: s.name, asks: s.asks }
  try {
    const answer = await Promise.race([s.run(plan.profile, plan.seed, c), stopped(c.signal)])
    const { problems } = answer
    return { ...base, status: problems.length === 0 ? 'pass' : 'red', answer, problems, seconds: seconds() }
  } catch (e) {
    // Whatever a stage dies of once the user has stopped the run, the user is the cause.
    if (c.signal.aborted)
      return {
        ...notRun(s),
        problems: [{ kind: 'interrupted', text: `stopped in stage ${s.name}` }],
        seconds: seconds(),
      }
    const problem: Problem = { kind: 'error', text: `stage ${s.name} failed: ${message(e)}` }
    return { ...base, status: 'error', answer: null, problems: [problem], seconds: seconds() }
  }
}

export const runStages = async (stages: readonly Stage[], plan: Plan, watch: Watcher): Promise<Run> => {
  const ran: Ran[] = []
  for (const s of stages) {
    if (plan.signal.aborted) {
      ran.push(notRun(s))
      continue
    }
    watch.begin(s)
    const r = await one(s, plan, watch)
    watch.end(s, r)
    ran.push(r)
  }
  return { ran, partial: plan.signal.aborted }
}
