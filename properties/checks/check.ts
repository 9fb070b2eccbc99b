/**
 * The interface of checks: one question asked of a system, programmed once. The terminal shows its `text`, the gate its
 * `summary` and `sections`, both of the same figures.
 */
import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import type { z } from 'zod'
import { hasViews, pageLine } from '../harness/page/html.ts'
import type { Page, Parts } from '../harness/page/parts.ts'
import type { Case, Outcome, Problem, Section } from '../harness/report/outcome.ts'
import type { Command, Screen } from '../harness/terminal/command.ts'
import { invocation } from '../harness/terminal/invocation.ts'
import type { Usage } from '../harness/terminal/options.ts'
import { counting } from '../harness/terminal/progress.ts'
import { type Paint, printable, wrap } from '../harness/terminal/text.ts'

/** What a run may use, whoever started it. */
export interface Context {
  /** Where it leaves its files; an absolute path. */
  readonly out: string
  /** How many processes it may start. */
  readonly processes: number
  readonly signal: AbortSignal
  /** `total` 0: not known. */
  progress(done: number, total: number, what: string): void
  /** What a person reads while it runs; the gate shows nothing of it. */
  say(text: string): void
  readonly paint: Paint
  /** False: nobody wants to know why something breaks. */
  readonly explain?: boolean
  /** Of the terminal that drawings are for; undefined: there is none. */
  readonly columns?: number | undefined
}

/** How the work of a check is done on several machines; what one machine gathers is concluded from in the same way. */
export interface Shares<S extends z.ZodObject, F> {
  /** What the share `shard` of the options comes to, without a verdict: plain data. */
  gather(options: z.output<S>, c: Context): Promise<unknown>
  /** The answer to what all shares came to, in their order; `shard` is null where they are all. */
  conclude(options: z.output<S>, pieces: readonly unknown[], c: Context): Promise<Outcome<F>>
}

/** `S`: its options, from which come parsing, defaults and `--help`. `F`: its figures. */
export interface Check<S extends z.ZodObject, F> extends Usage<S> {
  /** The question, as a sentence without a question mark. */
  readonly asks: string
  /** Of the figures, for report.json. */
  readonly schema: z.ZodType<F>
  run(options: z.output<S>, c: Context): Promise<Outcome<F>>
  /** Default: one machine does all of it. */
  readonly shares?: Shares<S, F>
  /** The answer in one line. */
  summary(f: F): string
  /** The answer on a terminal. Default: nothing but the verdict. */
  text?(f: F, paint: Paint, columns?: number): string
  /** Lines before the last: what a reader of nothing else must know. */
  ending?(f: F, problems: readonly Problem[], paint: Paint, columns?: number): readonly string[]
  /** The last line on a terminal; `red` problems, `cut`: one of them is that it was stopped. Default: the summary. */
  verdict?(f: F, red: number, cut?: boolean): string
  /** The answer to each of its questions, for JUnit. Default: one for all. */
  cases?(f: F): readonly Case[]
  /** The answer in REPORT.md. */
  sections(f: F): readonly Section[]
  /** What it has for the report page; `signal`: of its run. */
  page?(f: F, c: Pick<Context, 'processes' | 'signal'>): Parts | Promise<Parts>
  /** Whether its command leaves that part as a page of its own. */
  readonly leavesPage?: true
  /** Whether it answers with what it has where its signal stops it. */
  readonly stoppable?: true
  /** The exit code of its command. Default, for undefined too: 1 where there are problems, unless they are of the machinery. */
  exit?(o: Outcome<F>): number | undefined
}

/** For inference only. */
export const check = <S extends z.ZodObject, F>(c: Check<S, F>): Check<S, F> => c

/** `P`: what a share comes to. */
export const inShares = <S extends z.ZodObject, P, F>(
  gather: (options: z.output<S>, c: Context) => Promise<P>,
  conclude: (options: z.output<S>, pieces: readonly P[], c: Context) => Promise<Outcome<F>>,
): Pick<Check<S, F>, 'run' | 'shares'> => ({
  run: async (options, c) => await conclude(options, [await gather(options, c)], c),
  // A piece is read back as it was written, or refused (harness/process/shards.ts).
  shares: { gather, conclude: (options, pieces, c) => conclude(options, pieces as readonly P[], c) },
})

const problemText = (p: Problem, paint: Paint, columns?: number): string => {
  const at = p.at === undefined ? '' : ` (${printable(p.at)})`
  const replay = p.replay === undefined ? '' : `\n${paint(`  replay: ${printable(p.replay)}`, 'dim')}`
  return `${wrap(`${p.kind}: ${printable(p.text)}${at}`, columns, 2).replace(p.kind, paint(p.kind, 'red'))}${replay}`
}

const isCut = (p: Problem): boolean => p.kind === 'interrupted'

/** The exit code of what was stopped (Ctrl-C). */
export const STOPPED = 130

/** What was stopped or lost is neither as expected nor a violation, whatever else was found. */
const exitOf = (problems: readonly Problem[]): number => {
  if (problems.some(isCut)) return STOPPED
  if (problems.some((p) => p.kind === 'error')) return 4
  return problems.length === 0 ? 0 : 1
}

const ONE_SIGNAL_MS = 1_000 // sent to the process and to its group, as npm and timeout(1) do, it is still one

/** How a verdict begins: what was stopped is no answer, and is not red for that. */
export const standing = (red: number, cut = false): string => {
  if (cut) return red === 1 ? 'interrupted, as expected so far' : `interrupted, NOT as expected so far (${red - 1})`
  return red === 0 ? 'as expected' : `NOT as expected (${red})`
}

/** Runs until it has an answer; the first SIGINT or SIGTERM asks for what it has, the next one ends the process. */
export const stopping = async <T>(run: (signal: AbortSignal) => Promise<T>): Promise<T> => {
  const stop = new AbortController()
  const off = (): void => {
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.off(name, end)
  }
  const end = (): void => {
    if (!stop.signal.aborted) setTimeout(off, ONE_SIGNAL_MS).unref()
    stop.abort()
  }
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, end)
  try {
    return await run(stop.signal)
  } finally {
    if (!stop.signal.aborted) off() // else the same signal may come once more
  }
}

/** What a check has for the report page; nothing where no page can be made. */
export const partsOf = async <S extends z.ZodObject, F>(
  c: Check<S, F>,
  figures: F,
  means: Pick<Context, 'processes' | 'signal'>,
): Promise<Parts> => (hasViews() && (await c.page?.(figures, means))) || {}

/** Leaves the part of a check as a page of its own, and says where. */
const pageOf = async <S extends z.ZodObject, F>(
  c: Check<S, F>,
  { figures, problems }: Outcome<F>,
  signal: AbortSignal,
): Promise<readonly string[]> => {
  const page: Page = {
    title: `Gauntlet: ${c.name}`,
    says: `${c.asks}? ${c.summary(figures)}`,
    verdict: problems.some(isCut) ? 'partial' : problems.length === 0 ? 'pass' : 'fail',
    made: invocation(c.name),
    stages: [],
    problems,
    since: null,
    notCovered: [],
    parts: await partsOf(c, figures, { processes: availableParallelism(), signal }),
  }
  return [await pageLine(resolve('reports'), page)]
}

/** Runs a check for a person: progress, figures, problems, verdict. Resolves with the exit code. `signal`: of its caller, who listens. */
export const runForPerson = async <S extends z.ZodObject, F>(
  c: Check<S, F>,
  options: z.output<S>,
  { say, complain, paint, progress, columns }: Screen,
  signal?: AbortSignal,
): Promise<number> => {
  const line = progress()
  const run = (stop: AbortSignal): Promise<Outcome<F>> =>
    c.run(options, {
      out: resolve('reports'),
      processes: availableParallelism(),
      signal: stop,
      progress: counting(line),
      say(text) {
        line.clear()
        say(text)
      },
      paint,
      columns,
    })
  const outcome = await (c.stoppable && signal === undefined
    ? stopping(run)
    : run(signal ?? new AbortController().signal))
  line.clear()
  const { figures, problems, measured = {}, notes = [] } = outcome
  const text = c.text?.(figures, paint, columns) ?? ''
  if (text !== '') say(text)
  for (const p of problems) say(problemText(p, paint, columns))
  const page = c.leavesPage ? await pageOf(c, outcome, new AbortController().signal) : []
  for (const note of [...notes, ...page]) say(note.includes('\n') ? note : wrap(note, columns)) // else it is a file
  for (const [what, value] of Object.entries(measured)) complain(`${what}: ${Math.round(value)}`)
  const red = problems.length
  for (const line of c.ending?.(figures, problems, paint, columns) ?? []) say(line)
  const verdict =
    c.verdict?.(figures, red, problems.some(isCut)) ?? `${standing(red, problems.some(isCut))}: ${c.summary(figures)}`
  say(paint(wrap(verdict, columns), red === 0 ? 'green' : 'red'))
  return c.exit?.(outcome) ?? exitOf(problems)
}

/** The check as a command of its own. */
export const commandOf = <S extends z.ZodObject, F>(c: Check<S, F>): Command<S> => ({
  ...c,
  run: (options, screen) => runForPerson(c, options, screen),
})
