/** A campaign of random or exhaustive schedules: played in several processes, then its figures and its problems. */
import { relative } from 'node:path'
import { z } from 'zod'
import { MODES, type Mode, type Schedule } from '../../../spec/language.ts'
import { explanationSchema } from '../explain/text.ts'
import { CHECKS, isExpected } from '../judging/examine.ts'
import { typed } from '../parties/typed.ts'
import type { Case, Outcome, Problem } from '../report/outcome.ts'
import { scheduleField } from '../schedules/schedule-file.ts'
import { invocationWith } from '../terminal/invocation.ts'
import { n, wordsOf } from '../terminal/text.ts'
import type { Chunk } from './campaign.ts'
import { kindOf } from './causes.ts'
import { explained } from './explained.ts'
import { dropEarly, fileOf, hunt, keepEarly, save } from './minimal.ts'
import { askSystem, type Cryptography, type Found, type Means, type Work } from './players.ts'
import { caseName, lostProblem, problemOf } from './problems.ts'
import { folderOf, type Setting } from './setting.ts'
import {
  type Distribution,
  emptyResult,
  isRed,
  merge,
  type Result,
  type Row,
  rows,
  VERDICTS,
  withFound,
} from './tally.ts'

const counts = z.record(z.string(), z.int())

const judged = z.strictObject({ schedules: z.int(), witnesses: z.int(), verdict: z.enum(VERDICTS) })

export const campaignSchema = z.strictObject({
  modes: z.array(z.enum(MODES)),
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
      mode: z.enum(MODES),
      why: z.string(),
      /** What else breaks by it, of the same cause as far as can be told. */
      also: z.array(z.strictObject({ invariant: z.string(), why: z.string() })),
      expected: z.boolean(),
      diagram: z.string().describe('Mermaid'),
      ladder: z.array(z.string()),
      /** Why it breaks; null: not asked for, or nobody could say. */
      explanation: explanationSchema.nullable(),
      replay: z.string(),
      schedule: scheduleField,
    }),
  ),
  /** By bias of the generator, or by scope. */
  distribution: z.record(
    z.string(),
    z.strictObject({ schedules: z.int(), accepted: z.int(), lengths: counts, rounds: counts, reasons: counts }),
  ),
})
export type Campaign = z.infer<typeof campaignSchema>

/** What a check may use. */
type Resources = Omit<Means, 'party'> & {
  readonly out: string
  /** Of the terminal that counterexamples are drawn for; undefined: there is none. */
  readonly columns?: number | undefined
  progress(done: number, total: number, what: string): void
  /** Called when something is found. */
  found?(): void
}

/** What a campaign came to; `whole`: every schedule was played. */
interface Campaigned extends Outcome<Campaign> {
  readonly result: Result
  readonly whole: boolean
}

const schedulesOf = (r: Result): number => Object.values(r.distribution).reduce((sum, d) => sum + d.schedules, 0)

/** What schedules came to that have been played and not judged yet; plain data. */
export interface Gathered {
  readonly result: Result
  /** Chunks that were lost, and that it was stopped. */
  readonly problems: readonly Problem[]
}

/**
 * Every schedule of these chunks; the result does not depend on the number of processes. What a process was lost over
 * is a problem of kind error, and the signal ends it with what was found so far.
 */
export const gather = async (chunks: readonly Chunk[], s: Setting, c: Resources): Promise<Gathered> => {
  const total = chunks.reduce((sum, chunk) => sum + chunk.runs, 0)
  const problems: Problem[] = []
  let result = emptyResult(s.system)
  let played = 0
  const early = new Map<Chunk, Found[]>() // of chunks that have not answered
  c.progress(0, total, 'schedules')
  const lose = (chunk: Chunk, why: string, at: number | null): void =>
    void problems.push(lostProblem(chunk, why, at, s, folderOf(s, c)))
  await askSystem(
    'chunk',
    chunks.map((chunk) => ({ chunk, only: s.only, crypto: s.crypto })),
    { ...c, party: s.party },
    (answer, { chunk }) => {
      if (answer.kind === 'bad') return lose(chunk, answer.why, null)
      if (answer.kind === 'lost') return lose(chunk, answer.why, answer.at)
      const schedules = schedulesOf(answer.value)
      if (s.only === null && schedules !== chunk.runs) return lose(chunk, `it played ${schedules}`, null)
      early.delete(chunk)
      result = merge(result, answer.value)
      played += chunk.runs
      c.progress(played, total, 'schedules')
    },
    (found, { chunk }) => {
      early.set(chunk, [...(early.get(chunk) ?? []), found])
      if (!isExpected(found.id, chunk.mode)) keepEarly(found.id, found.schedule, folderOf(s, c))
      c.found?.()
    },
  )
  for (const [{ index }, all] of early)
    for (const { id, schedule } of all) result = withFound(result, id, index, schedule)
  if (c.signal.aborted)
    problems.push({ kind: 'interrupted', text: `stopped after ${n(played)} of ${n(total)} schedules` })
  return { result, problems }
}

/** The verdict on what was gathered in shares, after the last of which `dropEarly` is due; throws where there is none. */
export const conclude = async (shares: readonly Gathered[], s: Setting, c: Resources): Promise<Campaigned> => {
  const result = shares.map((share) => share.result).reduce(merge)
  const problems = shares.flatMap((share) => share.problems)
  const whole = problems.length === 0
  const judged = await judge(result, { ...s, floors: s.floors && whole }, c)
  return { ...judged, result, whole, problems: [...judged.problems, ...problems] }
}

/** Both at once. */
export const campaign = async (chunks: readonly Chunk[], s: Setting, c: Resources): Promise<Campaigned> => {
  const done = await conclude([await gather(chunks, s, c)], s, c)
  dropEarly()
  return done
}

/** A case for each invariant and mode that was played. */
export const campaignCases = (f: Campaign): readonly Case[] =>
  f.invariants.flatMap((i) =>
    f.modes.flatMap((mode) => {
      const { verdict } = i[mode]
      const by = f.counterexamples.find((c) => c.mode === mode && c.also.some((a) => a.invariant === i.id))
      const why = by === undefined ? '' : `: by the schedule that breaks ${by.invariant}, ${by.replay}`
      return verdict === 'not run' ? [] : [{ name: caseName(i.id, mode), red: isRed(verdict) ? verdict + why : null }]
    }),
  )

const NOT_RUN = { schedules: 0, witnesses: 0, verdict: 'not run' } as const

const judgedOf = (r: Row | undefined): z.infer<typeof judged> =>
  r === undefined ? NOT_RUN : { schedules: r.tally.judged, witnesses: r.tally.witnesses, verdict: r.verdict }

const distributionOf = (d: Distribution): Campaign['distribution'][string] => ({
  schedules: d.schedules,
  accepted: d.accepted,
  lengths: { ...d.lengths },
  rounds: { ...d.rounds },
  reasons: { ...d.reasons },
})

const INDENT = 2 // of a drawing in what a person sees

type Counterexample = Work['minimal'][1] & { readonly row: Row }

/** The minimal counterexamples of what broke: one for each cause. */
const minimised = async (broken: readonly Row[], s: Setting, c: Resources): Promise<readonly Counterexample[]> => {
  // A run that was stopped still says what it found.
  const means = { ...c, party: s.party, signal: new AbortController().signal }
  const columns = c.columns === undefined ? undefined : c.columns - INDENT
  const unchanged = (invariant: string, schedule: Schedule, why: string): Work['minimal'][1] => ({
    invariant,
    schedule,
    why: `not made smaller: ${why}`,
    crypto: s.crypto,
    also: [],
    ladder: [],
    diagram: '',
    missed: [],
    shows: [],
  })
  const lost = new Map<Row, string>() // what broke with something that could not be made small
  const small = await hunt(broken, async (asked) => {
    const found: (Work['minimal'][1] | undefined)[] = asked.map(() => undefined)
    const all = asked.map(({ row: _, ...of }): Work['minimal'][0] => ({ ...of, columns, crypto: s.crypto }))
    await askSystem('minimal', all, means, (answer, of) => {
      const nth = all.indexOf(of)
      const [first, ...others] = of.broken
      found[nth] ??= answer.kind === 'ok' ? answer.value : unchanged(first.invariant, of.schedules[0]!, answer.why)
      if (answer.kind === 'ok') return
      const { mode } = asked[nth]!.row
      const beside = broken.filter((r) => r.mode === mode && others.some((b) => b.invariant === r.invariant.id))
      for (const r of beside) lost.set(r, answer.why)
    })
    return found.map((f) => f!)
  })
  const isTold = ({ mode, invariant: { id } }: Row): boolean =>
    small.some((f) => f.row.mode === mode && [f, ...f.also].some((x) => x.invariant === id))
  // Not asked for again: what a system is lost over may take all patience each time.
  const untold = [...lost].filter(([row]) => !isTold(row))
  return [
    ...small,
    ...untold.map(([row, why]) => ({ ...unchanged(row.invariant.id, row.tally.first!.schedule, why), row })),
  ]
}

/** As it is typed, with a space before it; nothing for real cryptography. */
export const typedCrypto = (crypto: Cryptography): string => (crypto === 'real' ? '' : ` --crypto ${crypto}`)

/** What a run under model cryptography cannot see, and how to read what it found. */
const modelText = (found: readonly Cryptography[]): string => {
  const unseen = CHECKS.filter((c) => c.asks?.includes('bytes')).map((c) => c.id)
  const only = found.filter((crypto) => crypto === 'model').length
  const shown = `of ${found.length} counterexamples real cryptography shows ${found.length - only}`
  return `model cryptography: ${unseen.join(', ')} ask about bytes and were not observable; ${shown}`
}

/** Shrinks what broke, and leaves it in the folder of findings. */
const judge = async (result: Result, s: Setting, c: Resources): Promise<Outcome<Campaign>> => {
  const all = rows(result, s.modes, s.only, s.floors)
  const folder = folderOf(s, c)
  const problems: Problem[] = []
  const notes: string[] = []
  const counterexamples: Campaign['counterexamples'] = []
  const found = await minimised(
    all.filter((r) => r.tally.first !== null),
    s,
    c,
  )
  if (s.crypto === 'model') notes.push(modelText(found.map((f) => f.crypto)))
  const real = found.filter((f) => f.crypto === 'real') // what model cryptography alone shows breaks nothing elsewhere
  const explanations = s.explain ? await explained(real, { ...c, party: s.party }) : null
  const left = (small: Counterexample): string | undefined => {
    try {
      return `${invocationWith('prop')}${typed(s.party)}${typedCrypto(small.crypto)} --replay ${relative('.', save(small, folder))}`
    } catch (e) {
      const { invariant, row } = small
      notes.push(`${invariant} in ${row.mode} could not be saved (${wordsOf(e)}); this is its file:`, fileOf(small))
      return undefined
    }
  }
  for (const r of all) {
    const mine = found.filter((f) => f.row === r).sort((a, b) => (kindOf(a.why) < kindOf(b.why) ? -1 : 1))
    for (const small of mine) {
      const { schedule, ladder, diagram, why, also } = small
      const replay = left(small)
      counterexamples.push({
        invariant: r.invariant.id,
        mode: r.mode,
        why,
        also: [...also],
        expected: !isRed(r.verdict),
        diagram,
        ladder: [...ladder],
        explanation: explanations?.get(small) ?? null,
        replay: replay ?? 'not saved',
        schedule,
      })
      const problem = problemOf(r, replay, small)
      if (problem !== null) problems.push(problem)
    }
    const problem = r.tally.first === null ? problemOf(r, undefined, null) : null
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
    notes,
  }
}
