/** What is believed of `bound` for any number of clients, sessions and rounds: proved by induction. */
import { z } from 'zod'
import { LIMITS } from '../../../spec/checker/explore.ts'
import { actionsIn } from '../../../spec/proof/actions.ts'
import { EXPERIMENTS } from '../../../spec/proof/experiments.ts'
import { invariantsOf } from '../../../spec/proof/invariants.ts'
import { variable } from '../../../spec/proof/logic.ts'
import { type Obligation, obligations, propertiesOf } from '../../../spec/proof/obligations.ts'
import { TIED } from '../../../spec/proof/tie.ts'
import { STATE } from '../../../spec/proof/vocabulary.ts'
import { possibleOf, tieAll } from '../../harness/model/figures.ts'
import { atMost, runPool } from '../../harness/process/pool.ts'
import { details, table } from '../../harness/report/markdown.ts'
import type { Problem } from '../../harness/report/outcome.ts'
import { oneOf } from '../../harness/terminal/options.ts'
import { n, right } from '../../harness/terminal/text.ts'
import { type Context, check } from '../check.ts'
import { proverifVersion, QUERIES, type Query, RUNS, type Run, runProverif } from './proverif.ts'
import type { Answer, Job } from './worker.ts'

const PROVERIF = Object.keys(RUNS) as Run[]
const WORKER = new URL('./worker.ts', import.meta.url)
/** In the prover's unit. 200,000 prove everything of `bound`, so an experiment that fails in five times that needs its rule. */
const RESOURCES = { proof: 20_000_000, experiment: 1_000_000 }
/** Obligations handed to a process at once. */
const BATCH = 20
/** A prover that says nothing for so long, in milliseconds, hangs. */
const PATIENCE_MS = 60_000

const count = z.strictObject({ proved: z.int(), of: z.int() })
const schema = z.strictObject({
  /** What the proof assumes → how often the model was seen to be so. */
  possible: z.record(z.string(), z.int()),
  initiation: count,
  preservation: count,
  property: count,
  experiments: z.array(z.strictObject({ name: z.string(), says: z.string(), fails: z.array(z.string()) })),
})
type Figures = z.infer<typeof schema>

/** From a contradiction everything follows: so whatever is assumed somewhere must be seen to be so somewhere. */
export const contradictions = (possible: Readonly<Record<string, number>>): readonly Problem[] =>
  Object.entries(possible).flatMap(([name, seen]): readonly Problem[] =>
    seen > 0
      ? []
      : [{ kind: 'failed', text: `${name}: expected to be possible in the model, never was`, replay: 'npm run prove' }],
  )

const nameOf = (o: Obligation): string => (o.action === '' ? `${o.kind}: ${o.claim}` : `${o.action}: ${o.claim}`)

interface Decided {
  readonly o: Obligation
  readonly answer: Answer
}

/** Every obligation of the jobs with its answer, or a problem for each process that did not give one. */
const decide = async (
  jobs: readonly Job[],
  of: (job: Job) => readonly Obligation[],
  c: Context,
): Promise<{
  readonly decided: ReadonlyMap<string | null, readonly Decided[]>
  readonly problems: readonly Problem[]
}> => {
  const decided = new Map<string | null, Decided[]>()
  const problems: Problem[] = []
  const total = jobs.reduce((sum, j) => sum + j.numbers.length, 0)
  let done = 0
  c.progress(0, total, 'obligations')
  const lost: Job[] = []
  const put = (due: readonly Job[], again: boolean): Promise<void> =>
    runPool<Job, readonly Answer[]>(
      due,
      { worker: WORKER, processes: c.processes, patienceMs: PATIENCE_MS, signal: c.signal },
      {
        done(fate, job) {
          if (fate.kind !== 'done' && !again) {
            lost.push(job)
            return
          }
          done += job.numbers.length
          c.progress(done, total, 'obligations')
          if (fate.kind === 'done') {
            const list = decided.get(job.experiment) ?? []
            decided.set(job.experiment, list)
            for (const [i, number] of job.numbers.entries()) list.push({ o: of(job)[number]!, answer: fate.result[i]! })
          } else
            problems.push({
              kind: 'failed',
              text: `the prover ${fate.kind === 'failed' ? `failed: ${fate.why}` : fate.kind}`,
              replay: 'npm run prove',
            })
        },
      },
    ).catch((e: unknown) => {
      if (!c.signal.aborted) throw e
    })
  await put(jobs, false)
  // The prover, WebAssembly with threads, was seen to hang and to fail on a quiet machine; what is wrong fails twice.
  if (lost.length > 0) await put(lost, true)
  return { decided, problems }
}

const batches = (experiment: string | null, numbers: readonly number[], resources: number): readonly Job[] =>
  Array.from({ length: Math.ceil(numbers.length / BATCH) }, (_, i) => ({
    experiment,
    numbers: numbers.slice(i * BATCH, (i + 1) * BATCH),
    resources,
  }))

/** Every run of ProVerif, in a sentence, and what differs. */
const tryProverif = async (
  c: Context,
  asked: boolean,
): Promise<{ readonly note: string; readonly problems: readonly Problem[] }> => {
  const version = proverifVersion()
  if (version === null)
    return {
      note: 'ProVerif is not installed here: its verdicts were not obtained by this run',
      problems: asked ? [{ kind: 'failed', text: 'ProVerif: expected on the PATH, not found' }] : [],
    }
  c.progress(0, PROVERIF.length, 'runs of ProVerif')
  const problems = (await atMost(c.processes, PROVERIF, (r) => runProverif(r, c.signal))).flat()
  return {
    note: `ProVerif ${version}: ${PROVERIF.length * QUERIES.length} verdicts obtained, ${problems.length === 0 ? 'none' : problems.length} not as expected`,
    problems,
  }
}

/** In brackets: no run has obtained it yet. */
const verdictText = (q: Query, run: Run): string =>
  q.recorded.includes(run) ? q.expected[run] : `(${q.expected[run]})`

/** The explorer's counterexample to the same rule, or why it has none. */
const foundText = (experiment: string): string => {
  const found = EXPERIMENTS[experiment]!.explorer
  return typeof found === 'string' ? `nothing: ${found}` : `${found.breaks}: ${found.moves}`
}

const seen = (f: Figures): number => Object.values(f.possible).filter((times) => times > 0).length

export const prove = check({
  name: 'prove',
  asks: 'Does what is claimed of bound hold for any number of clients, sessions and rounds',
  options: z.strictObject({
    only: oneOf(['z3', 'proverif'], {
      value: 'PROVER',
      says: 'One of the provers, z3 or proverif, instead of both (ProVerif where it is installed)',
      default: null,
    }),
  }),
  notes: 'Exit codes: 0 proved, and every experiment fails where it must; 1 not so; 2 usage; 130 stopped (Ctrl-C).',
  stoppable: true,
  schema,
  async run({ only }, c) {
    const all = only === 'proverif' ? [] : obligations()
    const systems = new Map<string | null, readonly Obligation[]>([[null, all]])
    const tried = only === 'proverif' ? [] : Object.entries(EXPERIMENTS)
    for (const [name, e] of tried) systems.set(name, obligations(e))
    const of = (job: Job): readonly Obligation[] => systems.get(job.experiment)!
    const jobs = [
      ...batches(null, [...all.keys()], RESOURCES.proof),
      ...tried.flatMap(([name, e]) => {
        const numbers = systems.get(name)!.flatMap((o, i) => (e.fails.includes(nameOf(o)) ? [i] : []))
        return batches(name, numbers, RESOURCES.experiment)
      }),
    ]
    const { decided, problems } = await decide(jobs, of, c)
    const own = decided.get(null) ?? []
    const possible =
      only === 'proverif' || c.signal.aborted ? {} : possibleOf((await tieAll(TIED.gate, LIMITS, c)).tied)
    const counted = (kind: Obligation['kind']) => ({
      proved: own.filter((d) => d.o.kind === kind && d.answer === 'proved').length,
      of: all.filter((o) => o.kind === kind).length,
    })
    const figures: Figures = {
      possible,
      initiation: counted('initiation'),
      preservation: counted('preservation'),
      property: counted('property'),
      experiments: tried.map(([name, e]) => ({
        name,
        says: e.says,
        fails: (decided.get(name) ?? [])
          .filter((d) => d.answer !== 'proved')
          .map((d) => nameOf(d.o))
          .toSorted(),
      })),
    }
    const open: readonly Problem[] = own
      .filter((d) => d.answer !== 'proved')
      .map((d) => ({
        kind: 'failed',
        text: `${nameOf(d.o)}: expected to be proved, was ${d.answer}`,
        replay: 'npm run prove',
      }))
    if (c.signal.aborted) {
      const done = [...decided.values()].reduce((sum, d) => sum + d.length, 0)
      const total = jobs.reduce((sum, j) => sum + j.numbers.length, 0)
      const text = `stopped after ${n(done)} of ${n(total)} obligations`
      return { figures, problems: [...problems, ...open, { kind: 'interrupted', text }] }
    }
    const missing = tried.flatMap(([name, e]) =>
      e.fails
        .filter((f) => !figures.experiments.find((x) => x.name === name)?.fails.includes(f))
        .map(
          (f): Problem => ({
            kind: 'failed',
            text: `experiment ${name}: expected "${f}" not to be proved, it was, or does not exist`,
          }),
        ),
    )
    const other = only === 'z3' ? null : await tryProverif(c, only === 'proverif')
    return {
      figures,
      notes: other === null ? [] : [other.note],
      problems: [...problems, ...contradictions(possible), ...(other?.problems ?? []), ...open, ...missing],
    }
  },
  summary(f) {
    const sum = (k: 'proved' | 'of'): number => f.initiation[k] + f.preservation[k] + f.property[k]
    return `${n(sum('proved'))} of ${n(sum('of'))} obligations proved, ${seen(f)} of ${Object.keys(f.possible).length} assumptions seen to be possible, ${f.experiments.filter((e) => e.fails.length > 0).length} rules shown to be needed`
  },
  sections(f) {
    const actions = actionsIn(STATE, variable)
    const invariants = Object.entries(invariantsOf(STATE))
    const properties = Object.entries(
      propertiesOf(STATE, actions, variable('Run'), variable('Session'), variable('Frame')),
    )
    const rows = (of: readonly (readonly [string, { readonly says: string }])[]) =>
      of.map(([name, { says }]) => [`\`${name}\``, says])
    return [
      {
        title: 'Proved for any number of sessions and rounds',
        body: [
          `${f.initiation.proved} of ${f.initiation.of} invariants hold at the start, ${f.preservation.proved} of ${f.preservation.of} pairs of an action and an invariant preserve it, ${f.property.proved} of ${f.property.of} properties follow (\`npm run prove\`, z3; [spec/proof](spec/proof)). Insiders, leaked keys of any moment, faults, supersession and the last round are part of it; cryptography is ideal, and the server is one. ${seen(f)} of ${Object.keys(f.possible).length} assumptions (guards of actions, left sides of invariants and properties, laws of the keys) were seen to be possible in states of the model: nothing follows from a contradiction.`,
          details(
            'Recorded verdicts of ProVerif',
            [
              'Not obtained by this run. Recorded with ProVerif 2.05, of [spec/proverif](spec/proverif) before aggregates depended on other clients and keys could leak; those in brackets are expected, and were obtained by no run yet. `npm run prove` obtains all of them where the prover is installed.',
              table(
                ['query', ...PROVERIF],
                QUERIES.map((q) => [q.says, ...PROVERIF.map((r) => verdictText(q, r))]),
              ),
            ].join('\n\n'),
          ),
          details('Properties', table(['property', 'says'], rows(properties))),
          details('Invariants', table(['invariant', 'says'], rows(invariants))),
          details(
            'Assumptions seen to be possible',
            table(
              ['assumption', ...right('times')],
              Object.entries(f.possible).map(([a, times]) => [a, n(times)]),
            ),
          ),
          details(
            'Rules shown to be needed',
            table(
              ['without', 'says', 'no longer proved', 'what the explorer finds'],
              f.experiments.map((e) => [`\`${e.name}\``, e.says, e.fails.join('; '), foundText(e.name)]),
            ),
          ),
        ].join('\n\n'),
      },
    ]
  },
})
