/** A campaign of random or exhaustive schedules: played in several processes, then its figures and its problems. */

import { mkdirSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { z } from 'zod'
import type { Mode, Schedule } from '../../../spec/language.ts'
import { violation } from '../examine.ts'
import { actions } from '../generate/arbitraries.ts'
import { EVERYTHING } from '../generate/biases.ts'
import type { Outcome, Problem } from '../outcome.ts'
import { srcSystem } from '../parties/party-file.ts'
import { play } from '../play.ts'
import { runPool } from '../pool.ts'
import { breathe, ROOT } from '../programs.ts'
import { printStored, scheduleSchema } from '../schedule-file.ts'
import { shrink } from '../shrink.ts'
import type { System } from '../system.ts'
import { ladder } from '../trace/ladder.ts'
import { mermaid } from '../trace/mermaid.ts'
import { sideBySide } from '../trace/side-by-side.ts'
import { trace } from '../trace/trace.ts'
import { TWIN } from '../twin.ts'
import type { Chunk } from './campaign.ts'
import { type Distribution, emptyResult, isRed, merge, type Result, type Row, rows, VERDICTS } from './tally.ts'
import type { Job } from './worker.ts'

const counts = z.record(z.string(), z.int())

const judged = z.strictObject({
  schedules: z.int(),
  witnesses: z.int(),
  verdict: z.enum(VERDICTS),
})

export const campaignSchema = z.strictObject({
  modes: z.array(z.enum(['bound', 'literal'])),
  invariants: z.array(
    z.strictObject({
      id: z.string(),
      says: z.string(),
      powers: z.string(),
      witness: z.string(),
      floor: z.int(),
      bound: judged,
      literal: judged,
    }),
  ),
  counterexamples: z.array(
    z.strictObject({
      invariant: z.string(),
      mode: z.enum(['bound', 'literal']),
      why: z.string(),
      expected: z.boolean(),
      diagram: z.string().describe('Mermaid'),
      ladder: z.array(z.string()),
      replay: z.string(),
      schedule: scheduleSchema as unknown as z.ZodType<Schedule>, // the same, with readonly fields
    }),
  ),
  /** By bias of the generator, or by scope. */
  distribution: z.record(
    z.string(),
    z.strictObject({ schedules: z.int(), accepted: z.int(), lengths: counts, rounds: counts, reasons: counts }),
  ),
})
export type Campaign = z.infer<typeof campaignSchema>

/** What is played against what, and what of it is judged. */
export interface Setting {
  readonly modes: readonly Mode[]
  /** The ids of what is judged; null: everything. */
  readonly only: ReadonlySet<string> | null
  /** Whether this is the budget that floors and expected violations were set for. */
  readonly floors: boolean
  readonly system: System
  /** The file that the system comes from; null: src. */
  readonly party: string | null
}

/** The whole of src, judged by everything. */
export const ownSetting = (modes: readonly Mode[], floors: boolean): Setting => ({
  modes,
  only: null,
  floors,
  system: srcSystem,
  party: null,
})

interface Means {
  readonly out: string
  readonly processes: number
  readonly signal: AbortSignal
  progress(done: number, total: number, what: string): void
}

const WORKER = new URL('./worker.ts', import.meta.url)

/** Every schedule of these chunks; the result does not depend on the number of processes. */
export const playChunks = async (chunks: readonly Chunk[], s: Setting, c: Means): Promise<Result> => {
  const total = chunks.reduce((sum, chunk) => sum + chunk.runs, 0)
  let result = emptyResult(s.system)
  let played = 0
  c.progress(0, total, 'schedules')
  const jobs = chunks.map((chunk): Job => ({ chunk, only: s.only }))
  const args = s.party === null ? [] : [s.party]
  await runPool<Job, Result>(
    jobs,
    { worker: WORKER, args, processes: c.processes, signal: c.signal },
    {
      done(fate, { chunk }) {
        if (fate.kind === 'failed') throw new Error(fate.why)
        if (fate.kind !== 'done') throw new Error('a process playing schedules ended')
        result = merge(result, fate.result)
        played += chunk.runs
        c.progress(played, total, 'schedules')
      },
    },
  )
  return result
}

const problemOf = (r: Row, replay: string | undefined, why: string): Problem | null => {
  const { id, says, witness } = r.invariant
  const extra = replay === undefined ? {} : { replay }
  switch (r.verdict) {
    case 'violated':
      return { kind: 'violation', text: `${id} in ${r.mode}: ${says}; expected to hold, got: ${why}`, ...extra }
    case 'not violated':
      return {
        kind: 'expectation-missing',
        text: `${id} in ${r.mode}: expected to be violated (PROTOCOL §9), and no counterexample was found`,
      }
    case 'unreached':
      return {
        kind: 'floor',
        text: `${id} in ${r.mode}: ${witness.says}: expected at least ${witness.floor} times, got ${r.tally.witnesses}`,
      }
    case 'holds':
    case 'violated as expected':
    case 'not observable':
    case 'not reached':
    case 'not run':
      return null
  }
}

const NOT_RUN = { schedules: 0, witnesses: 0, verdict: 'not run' } as const

const judgedOf = (r: Row | undefined): z.infer<typeof judged> =>
  r === undefined
    ? NOT_RUN
    : {
        schedules: r.tally.judged,
        witnesses: r.tally.witnesses,
        verdict: r.verdict,
      }

const distributionOf = (d: Distribution): Campaign['distribution'][string] => ({
  schedules: d.schedules,
  accepted: d.accepted,
  lengths: { ...d.lengths },
  rounds: { ...d.rounds },
  reasons: { ...d.reasons },
})

/** Shrinks what broke, and leaves it in the folder of findings. */
export const judgeCampaign = async (result: Result, s: Setting, c: Means): Promise<Outcome<Campaign>> => {
  const all = rows(result, s.modes, s.only, s.floors)
  const own = s.party === null
  const folder = join(c.out, 'findings', ...(own ? [] : [s.system.name]))
  const problems: Problem[] = []
  const counterexamples: Campaign['counterexamples'] = []
  for (const r of all) {
    const { id } = r.invariant
    let replay: string | undefined
    let why = ''
    if (r.tally.first !== null) {
      await breathe() // shrinking takes its time
      const found = minimal(id, r.tally.first.schedule, s.system)
      const { schedule, ladder } = found
      const expected = !isRed(r.verdict)
      replay = `npm run prop --${own ? '' : ` --party ${s.party}`} --replay ${relative(ROOT, save(found, folder))}`
      why = found.why
      const diagram = mermaid(trace(schedule, s.system, found))
      counterexamples.push({
        invariant: id,
        mode: r.mode,
        why,
        expected,
        diagram,
        ladder: [...ladder],
        replay,
        schedule,
      })
    }
    const problem = problemOf(r, replay, why)
    if (problem !== null) problems.push(problem)
  }
  const invariants = [...new Set(all.map((r) => r.invariant))].map((i) => {
    const of = (mode: Mode): Row | undefined => all.find((r) => r.invariant === i && r.mode === mode)
    return {
      id: i.id,
      says: i.says,
      powers: i.powers,
      witness: i.witness.says,
      floor: i.witness.floor,
      bound: judgedOf(of('bound')),
      literal: judgedOf(of('literal')),
    }
  })
  const distribution = Object.entries(result.distribution).map(([name, d]) => [name, distributionOf(d)])
  return {
    figures: { modes: [...s.modes], invariants, counterexamples, distribution: Object.fromEntries(distribution) },
    problems,
  }
}

/** From the first schedule that broke an invariant to a minimal one in a file, with its ladder and replay command. */
export interface Counterexample {
  readonly invariant: string
  readonly schedule: Schedule
  readonly why: string
  readonly ladder: readonly string[]
}

/** Shrinks; system, power, mode and invariant stay what they were. `found`: in normal form. */
export const minimal = (invariant: string, found: Schedule, system: System): Counterexample => {
  const breaks = (s: Schedule) => violation(invariant, s, system)
  const small = shrink(found, (s) => breaks(s) !== undefined, actions(EVERYTHING))
  const schedule = { ...small, actions: play(small, system).executed }
  const finding = breaks(schedule)
  const why = finding?.why ?? 'not reproducible after normalising'
  const others = invariant === TWIN.id ? sideBySide(schedule, system) : []
  return { invariant, schedule, why, ladder: [...ladder(schedule, system, finding), ...others] }
}

/** Writes it under `folder` and returns the path. */
export const save = (c: Counterexample, folder: string): string => {
  mkdirSync(folder, { recursive: true })
  const file = join(folder, `${c.invariant}-${c.schedule.mode}.json`)
  writeFileSync(file, printStored({ says: `${c.invariant}: ${c.why}`, violates: [c.invariant], schedule: c.schedule }))
  return file
}
