/** Mutants: small bugs planted in src at load time, and whether they are noticed. */
import { createHash } from 'node:crypto'
import { join, relative } from 'node:path'
import { z } from 'zod'
import { DEFAULT_SEED } from '../../harness/campaign/campaign.ts'
import { explanationSchema, explanationText } from '../../harness/explain/text.ts'
import { CHECK_IDS, CHECKS } from '../../harness/judging/examine.ts'
import type { Mutant } from '../../harness/mutants/mutant.ts'
import { WORLDS } from '../../harness/mutants/systems.ts'
import { writeWhole } from '../../harness/process/files.ts'
import { ROOT } from '../../harness/process/programs.ts'
import { shareOf } from '../../harness/process/shards.ts'
import { cell, details, fence, table } from '../../harness/report/markdown.ts'
import type { Outcome as Answer, Problem } from '../../harness/report/outcome.ts'
import { defaultsOf } from '../../harness/terminal/options.ts'
import { median, n, printable, right, unpainted, wordsOf, wrap } from '../../harness/terminal/text.ts'
import { type Context, check, inShares, standing } from '../check.ts'
import { huntByTests, isForTests } from './by-tests.ts'
import { ALL, chosen, FAMILY, type Options, options } from './options.ts'
import { huntEach, type Outcome } from './pool.ts'
import { complaints, curve, fitted, matrix } from './print.ts'
import { huntsOf, isRed, medianMs, type Row, resultText, toothless, verdictOf } from './verdict.ts'

const schema = z.strictObject({
  mutants: z.array(
    z.strictObject({
      id: z.string(),
      family: z.string(),
      bug: z.string(),
      expect: z.string().nullable(),
      verdict: z.string(),
      /** Schedules to the first kill, by world; null where it survived. */
      schedules: z.record(z.string(), z.int().nullable()),
      /** Invariants that fired, and those before which nothing did. */
      fired: z.array(z.string()),
      first: z.array(z.string()),
      /** Actions of the minimal counterexample. */
      actions: z.int().nullable(),
      equivalent: z.string().nullable(),
      /** Which rule its counterexample shows to be missing; null: not asked for. */
      explanation: explanationSchema.nullable(),
      /** Why others fire before the expected invariant. */
      instead: z.string().nullable(),
    }),
  ),
  /** How many mutants the catalogue has; fewer are hunted in the smaller profiles. */
  catalogue: z.int(),
  matrix: z.string(),
  toothless: z.array(z.string()),
})
export type Figures = z.infer<typeof schema>

const PATIENCE_MS = 120_000 // only an endless loop is silent for so long, however loaded the machine
const FEW = 8 // mutants: of more, nobody reads why each breaks what it breaks

const worldsOf = (o: Options) => (o.world === null ? WORLDS : [o.world])

/** What became of each mutant that was hunted to the end, by its id. */
type Share = Readonly<Record<string, Outcome>>

const gather = async (o: Options, c: Context): Promise<Share> => {
  const mutants = shareOf(chosen(o), o.shard)
  const outcomes = new Map<string, Outcome>()
  // That nothing tells an equivalent one apart has a proof in words; the hunt only refutes.
  const budgetOf = (m: Mutant): number => (m.equivalent === undefined ? o.budget : Math.ceil(o.budget / 10))
  const few = chosen(o).length <= FEW && !o['no-explain'] && c.explain !== false
  const planOf = (m: Mutant) => ({ worlds: worldsOf(o), budget: budgetOf(m), after: o.after, explain: few })
  const done = (m: Mutant, outcome: Outcome): void => {
    outcomes.set(m.id, outcome)
    c.progress(outcomes.size, mutants.length, 'mutants')
  }
  const jobs = mutants.filter((m) => !isForTests(m)).map((mutant) => ({ mutant, plan: planOf(mutant) }))
  const failing = new AbortController()
  const signal = AbortSignal.any([c.signal, failing.signal])
  const hunts = [
    huntEach(jobs, { processes: c.processes, seed: o.seed, patienceMs: PATIENCE_MS, signal }, done),
    huntByTests(mutants.filter(isForTests), c.processes, signal, done), // beside the others: tests wait more than they work
  ]
  try {
    await Promise.all(hunts)
  } catch (e) {
    failing.abort()
    await Promise.allSettled(hunts) // neither goes on without the other, nor leaves a process or a folder
    if (!c.signal.aborted) throw e
  }
  return Object.fromEntries(outcomes)
}

/** Every run has a file of its own, named after what it hunted and whether it was stopped: none overwrites another. */
const fileName = (o: Options, missing: number): string => {
  const standard = Object.entries(defaultsOf({ options })).every(([name, value]) => o[name as keyof Options] === value)
  const hash = createHash('sha256').update(JSON.stringify(o)).digest('hex').slice(0, 8)
  return `mutants${standard ? '' : `-${hash}`}${missing > 0 ? '.partial' : ''}.json`
}

/** Leaves the result in a file; what cannot be left is said. */
const leave = (rows: readonly Row[], o: Options, missing: number, c: Context): string => {
  const file = join(c.out, fileName(o, missing))
  try {
    writeWhole(file, resultText(rows, o))
    return `saved as ${relative(ROOT, file)}`
  } catch (e) {
    return `${relative(ROOT, file)} could not be saved: ${wordsOf(e)}`
  }
}

const BY_ID = new Map(ALL.map((m) => [m.id, m.replacements]))

const figureOf = ({ mutant, outcome, verdict }: Row): Figures['mutants'][number] => {
  const hunts = outcome.kind === 'hunted' ? Object.entries(outcome.hunts) : []
  const kill = huntsOf(outcome).find((h) => h.kill !== null && h.kill.minimal !== null)?.kill
  return {
    id: mutant.id,
    family: FAMILY.get(mutant.id) ?? '',
    bug: mutant.bug,
    expect: mutant.expect,
    verdict,
    fired: CHECK_IDS.filter((id) => huntsOf(outcome).some((h) => (h.fired[id] ?? 0) > 0)),
    first: CHECK_IDS.filter((id) => huntsOf(outcome).some((h) => (h.first[id] ?? 0) > 0)),
    schedules: Object.fromEntries(hunts.map(([world, h]) => [world, h.kill?.schedules ?? null])),
    actions: kill?.minimal?.schedule.actions.length ?? null,
    equivalent: mutant.equivalent ?? null,
    explanation: kill?.minimal?.explanation ?? null,
    instead: mutant.instead ?? null,
  }
}

/** `hunting`: the command up to the names of mutants. */
export const problemsOf = (rows: readonly Row[], hunting = 'npm run mutants --'): readonly Problem[] =>
  rows
    .filter((r) => isRed(r.verdict))
    .map((r) => ({
      kind: ['DOES NOT APPLY', 'PROCESS ENDED'].includes(r.verdict) ? ('failed' as const) : ('survivor' as const),
      text: complaints([r], unpainted).join(' '),
      replay: `${hunting} --only ${r.mutant.id}`,
      about: r.mutant.id,
    }))

const biteless = (ids: readonly string[]): readonly Problem[] =>
  ids.map((id) => ({
    kind: 'survivor',
    text: `${id}: expected at least one mutant that it is among the first to notice, got none`,
    replay: 'npm run mutants',
  }))

const killed = (f: Figures): number => f.mutants.filter((m) => m.verdict.startsWith('killed')).length
const equivalent = (f: Figures): number => f.mutants.filter((m) => m.verdict === 'equivalent').length

const families = (f: Figures): string => {
  const names = [...new Set(f.mutants.map((m) => m.family))]
  const rows = names.map((family) => {
    const mine = f.mutants.filter((m) => m.family === family)
    const first = [...new Set(mine.map((m) => m.expect).filter((id) => id !== null))]
    const of = { ...f, mutants: mine }
    return [family, n(mine.length), n(killed(of)), n(equivalent(of)), first.join(', ')]
  })
  const head = ['family', ...right('mutants', 'killed', 'equivalent'), 'expected to notice first']
  return table(head, rows)
}

const each = (f: Figures): string => {
  const rows = f.mutants.map((m) => [
    `\`${m.id}\``,
    cell(m.bug),
    m.expect ?? '',
    m.verdict,
    Object.values(m.schedules)
      .map((s) => (s === null ? '–' : n(s)))
      .join(' / '),
    m.actions === null ? '' : n(m.actions),
    cell(m.equivalent ?? m.instead ?? ''),
  ])
  const head = ['mutant', 'bug', 'first', '', ...right(`schedules to kill, ${WORLDS.join(' / ')}`, 'actions'), 'remark']
  return table(head, rows)
}

type MutantFigures = Figures['mutants'][number]

const remark = (m: MutantFigures): readonly string[] => {
  if (m.verdict === 'equivalent') return [printable(`equivalent: ${m.id}: ${m.equivalent}`)]
  return m.verdict === 'killed, others first' ? [printable(`others before ${m.expect}: ${m.id}: ${m.instead}`)] : []
}

/** Figures that depend on nothing but seed and sources. */
const totals = (f: Figures): readonly string[] => {
  const kills = f.mutants.flatMap((m) =>
    m.equivalent === null
      ? Object.values(m.schedules)
          .filter((s) => s !== null)
          .slice(0, 1)
      : [],
  )
  const lengths = f.mutants.flatMap((m) => (m.equivalent === null && m.actions !== null ? [m.actions] : []))
  const short = lengths.filter((x) => x <= 8).length
  const share = lengths.length === 0 ? 'none' : `${Math.round((100 * short) / lengths.length)} %`
  return [
    `schedules to the first kill: median ${median(kills)}, most ${Math.max(0, ...kills)}`,
    `minimal counterexamples of at most 8 actions: ${share}, longest ${Math.max(0, ...lengths)}`,
  ]
}

const conclude = async (o: Options, shares: readonly Share[], c: Context): Promise<Answer<Figures>> => {
  const outcomes: Share = Object.assign({}, ...shares)
  // Which invariant is among the first shows only in both worlds, and in what is played after the first kill.
  const told = o.world === null && o.after > 0
  const all = shareOf(chosen(o), o.shard)
  const rows = all.flatMap((mutant): readonly Row[] => {
    const outcome = outcomes[mutant.id]
    return outcome === undefined ? [] : [{ mutant, outcome, verdict: verdictOf(mutant, outcome, told) }]
  })
  const missing = all.length - rows.length
  const saved = leave(rows, o, missing, c)
  const complete = o.catalogue === null && told && rows.length === ALL.length
  const without = complete ? toothless(rows) : []
  const of = o.catalogue === null ? '' : ` --catalogue ${o.catalogue}`
  const hunting = `npm run mutants --${of}${o.seed === DEFAULT_SEED ? '' : ` --seed ${o.seed}`}`
  const text = `stopped after ${rows.length} of ${all.length} mutants`
  const stopped: readonly Problem[] =
    missing === 0 ? [] : [{ kind: 'interrupted', text, replay: hunting.replace(/ --$/, '') }]
  return {
    figures: {
      mutants: rows.map(figureOf),
      catalogue: ALL.length,
      matrix: matrix(rows, unpainted),
      toothless: [...without],
    },
    problems: [...problemsOf(rows, hunting), ...biteless(without), ...stopped],
    measured: { 'median ms to a kill': medianMs(rows) },
    notes: [saved],
  }
}

const summary = (f: Figures): string =>
  `${killed(f)} of ${f.mutants.length - equivalent(f)} mutants killed, ${equivalent(f)} declared equivalent`

export const mutants = check({
  name: 'mutants',
  asks: 'Is every planted bug noticed, by the invariant that is there for it',
  options,
  notes:
    'Exit codes: 0 as expected, 1 a survivor, a mutant that no longer applies or a missed expectation, 2 usage, 130 stopped (Ctrl-C), with what was hunted so far.',
  stoppable: true,
  schema,
  ...inShares<typeof options, Share, Figures>(gather, conclude),
  summary,
  text: (f, _, columns) =>
    [
      fitted(f.matrix, columns),
      '',
      ...f.mutants.flatMap(({ id, explanation: e }) =>
        e === null
          ? []
          : [`${id}:`, ...explanationText(e, columns && columns - 2).map((l) => `  ${l.replaceAll('\n', '\n  ')}`), ''],
      ),
      ...curve(f.mutants).map(([quantity, points]) => wrap(`beyond 2^k ${quantity}: ${points}`, columns)),
      ...[...totals(f), ...f.mutants.flatMap(remark)].map((line) => wrap(line, columns)),
    ].join('\n'),
  verdict(f, red, cut) {
    if (f.mutants.length === 0 && red === 0) return 'no mutant is in this share'
    return `${standing(red, cut)}: ${summary(f)}`
  },
  cases: (f) => f.mutants.map((m) => ({ name: m.id, red: isRed(m.verdict as Row['verdict']) ? m.verdict : null })),
  page: (f) => ({
    kills: {
      invariants: CHECK_IDS,
      catalogue: f.catalogue,
      mutants: f.mutants.map(({ equivalent, instead, ...m }) => ({
        ...m,
        remark: equivalent ?? instead ?? '',
        diff: BY_ID.get(m.id) ?? [],
      })),
    },
  }),
  sections(f) {
    const { length } = CHECKS
    const all = f.mutants.length === f.catalogue
    const share = all
      ? 'Here are all of the catalogue.'
      : `Here are ${n(f.mutants.length)} of the ${n(f.catalogue)} in the catalogue, of every family; profile full hunts all, and longer.`
    const worlds = new Set(f.mutants.flatMap((m) => Object.keys(m.schedules)))
    const where =
      worlds.size === 1
        ? `with ${worlds.has('both') ? 'client and server' : 'either side'} mutated (profile full: in two worlds)`
        : 'in two worlds: client and server mutated, and one of them against the reference'
    const intro =
      `A mutant is a small bug planted in \`src/\` at load time. Each is played ${where}. No stored schedule is used for killing. Those of family net are bugs of what the harness replaces (generator, sockets, clock, commands): instead of an invariant, a test file of \`src/\` must notice, or a short soak. ${share} ${all ? `Each of the ${length} invariants must be among the first to notice at least one.` : ''}`.trim()
    return [
      {
        title: 'Planted bugs',
        body: [
          intro,
          families(f),
          details('Every mutant', each(f)),
          details('Kill matrix', fence('text', f.matrix)),
        ].join('\n\n'),
      },
    ]
  },
})
