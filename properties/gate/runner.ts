/** Runs stages one after another; a stage that throws is a problem of its own and does not keep the others from running. */

import type { z } from 'zod'
import type { Check, Context } from '../checks/check.ts'
import type { Case, Problem, Section } from '../harness/outcome.ts'
import { hasViews } from '../harness/page/html.ts'
import type { Parts } from '../harness/page/parts.ts'
import { defaultsOf } from '../harness/terminal/options.ts'
import { unpainted } from '../harness/terminal/text.ts'
import type { Profile } from './profiles.ts'

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

/** A check's answer with everything the reports need of it. */
export interface Answer {
  readonly figures: unknown
  readonly problems: readonly Problem[]
  readonly measured: Readonly<Record<string, number>>
  readonly notes: readonly string[]
  readonly summary: string
  readonly sections: readonly Section[]
  readonly page?: Parts
  /** None: the stage is one. */
  readonly cases?: readonly Case[]
}

/** Options and figures are closed over, so that different ones stand in one list. */
export interface Stage {
  readonly name: string
  readonly asks: string
  readonly schema: z.ZodType
  run(p: Profile, seed: number, c: Context): Promise<Answer>
}

/** `plan`: the options that differ from the defaults of the check. */
export const stage = <S extends z.ZodObject, F>(
  c: Check<S, F>,
  plan: (p: Profile, seed: number) => Partial<z.output<S>> = () => ({}),
): Stage => ({
  name: c.name,
  asks: c.asks,
  schema: c.schema,
  async run(p, seed, context) {
    const {
      figures,
      problems,
      measured = {},
      notes = [],
    } = await c.run({ ...defaultsOf(c), ...plan(p, seed) }, context)
    const told = { summary: c.summary(figures), sections: c.sections(figures), cases: c.cases?.(figures) ?? [] }
    return {
      figures,
      problems,
      measured,
      notes,
      ...told,
      page: (hasViews() && (await c.page?.(figures, context))) || {},
    }
  },
})
