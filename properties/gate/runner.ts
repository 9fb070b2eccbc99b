/** Runs stages one after another; a stage that throws is a problem of its own and does not keep the others from running. */
import type { z } from 'zod'
import { type Check, type Context, partsOf } from '../checks/check.ts'
import type { Parts } from '../harness/page/parts.ts'
import { type Gathered, type Shard, shareOf } from '../harness/process/shards.ts'
import type { Case, Outcome, Problem, Section } from '../harness/report/outcome.ts'
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
export type Plan = Pick<Context, 'out' | 'processes' | 'signal' | 'explain'> & {
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

/** What a stage came to: `value`, or null and what it died of. */
interface Did<T> {
  readonly value: T | null
  readonly problems: readonly Problem[]
  readonly seconds: number
}

const one = async <T>(s: Stage, plan: Plan, watch: Watcher, work: Work<T>): Promise<Did<T>> => {
  const c: Context = {
    ...plan,
    progress: (done, total, what) => watch.progress(s, done, total, what),
    say() {},
    paint: unpainted,
  }
  const started = performance.now()
  const seconds = (): number => (performance.now() - started) / 1000
  try {
    const value = await Promise.race([work(s, c), stopped(c.signal)])
    return { value, problems: [], seconds: seconds() }
  } catch (e) {
    // Whatever a stage dies of once the user has stopped the run, the user is the cause.
    const problem: Problem = c.signal.aborted
      ? { kind: 'interrupted', text: `stopped in stage ${s.name}` }
      : { kind: 'error', text: `stage ${s.name} failed: ${message(e)}` }
    return { value: null, problems: [problem], seconds: seconds() }
  }
}

type Work<T> = (s: Stage, c: Context) => Promise<T>

const ranOf = (s: Stage, { value: answer, problems, seconds }: Did<Answer>): Ran => {
  const base = { name: s.name, asks: s.asks, answer, seconds }
  if (answer === null)
    return { ...base, status: problems.some((p) => p.kind === 'error') ? 'error' : 'not run', problems }
  return { ...base, status: answer.problems.length === 0 ? 'pass' : 'red', problems: answer.problems }
}

/** `work`: what is done of each stage; default: all of it. */
export const runStages = async (
  stages: readonly Stage[],
  plan: Plan,
  watch: Watcher,
  work: Work<Answer> = (s, c) => s.run(plan.profile, plan.seed, c),
): Promise<Run> => {
  const ran: Ran[] = []
  for (const s of stages) {
    if (plan.signal.aborted) {
      ran.push(notRun(s))
      continue
    }
    watch.begin(s)
    const r = ranOf(s, await one(s, plan, watch, work))
    watch.end(s, r)
    ran.push(r)
  }
  return { ran, partial: plan.signal.aborted }
}

/** A stage that cannot be shared out is done whole by one of the shares, each by another. */
export const gatherStages = async (
  stages: readonly Stage[],
  shard: Shard,
  plan: Plan,
  watch: Watcher,
): Promise<readonly Gathered[]> => {
  const all: Gathered[] = []
  const mine = shareOf(
    stages.filter((s) => !s.shared),
    shard,
  )
  for (const s of stages) {
    if (plan.signal.aborted || !(s.shared || mine.includes(s))) continue
    watch.begin(s)
    const did = await one(s, plan, watch, (x, c) => x.gather(plan.profile, plan.seed, shard, c))
    all.push({ name: s.name, ...did })
    const status = did.value === null ? ('error' as const) : ('pass' as const)
    watch.end(s, { ...notRun(s), ...did, status, answer: null })
  }
  return all
}

/** From what all shares of a stage came to, in their order; a share that did not get to the end is a problem. */
export const concluding =
  (pieces: readonly (readonly Gathered[])[], { profile, seed }: Plan): Work<Answer> =>
  async (s, c) => {
    const mine = pieces.flatMap((all) => all.filter((g) => g.name === s.name))
    const [lost] = mine.flatMap((g) => g.problems)
    if (lost !== undefined) throw new Error(lost.text.replace(`stage ${s.name} failed: `, ''))
    const expected = s.shared ? pieces.length : 1
    if (mine.length !== expected) throw new Error(`expected ${expected} pieces of it, got ${mine.length}`)
    return await s.conclude(
      profile,
      seed,
      mine.map((g) => g.value),
      c,
    )
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
  /** Whether every share has a part of it. */
  readonly shared: boolean
  /** What a share of it comes to, as plain data, for `conclude` on another machine. */
  gather(p: Profile, seed: number, shard: Shard, c: Context): Promise<unknown>
  conclude(p: Profile, seed: number, pieces: readonly unknown[], c: Context): Promise<Answer>
}

/** `plan`: the options that differ from the defaults of the check. */
export const stage = <S extends z.ZodObject, F>(
  c: Check<S, F>,
  plan: (p: Profile, seed: number) => Partial<z.output<S>> = () => ({}),
): Stage => {
  const options = (p: Profile, seed: number) => ({ ...defaultsOf(c), ...plan(p, seed) })
  const answerOf = async (
    { figures, problems, measured = {}, notes = [] }: Outcome<F>,
    context: Context,
  ): Promise<Answer> => {
    const told = { summary: c.summary(figures), sections: c.sections(figures), cases: c.cases?.(figures) ?? [] }
    return { figures, problems, measured, notes, ...told, page: await partsOf(c, figures, context) }
  }
  const { shares } = c
  return {
    name: c.name,
    asks: c.asks,
    schema: c.schema,
    shared: shares !== undefined,
    run: async (p, seed, context) => await answerOf(await c.run(options(p, seed), context), context),
    gather: async (p, seed, shard, context) =>
      shares === undefined
        ? await c.run(options(p, seed), context)
        : await shares.gather({ ...options(p, seed), shard }, context),
    conclude: async (p, seed, pieces, context) =>
      await answerOf(
        shares === undefined
          ? (pieces[0] as Outcome<F>) // of the one share that has done it
          : await shares.conclude(options(p, seed), pieces, context),
        context,
      ),
  }
}
