/** The symbolic model, exhausted in the scopes that the claims are judged in, or in others. */
import { z } from 'zod'
import { notCarried } from '../../../spec/checker/judge.ts'
import { type Scope, scope } from '../../../spec/checker/scope.ts'
import { walks } from '../../../spec/checker/walks.ts'
import { CLAIM_SCOPES } from '../../../spec/claims.ts'
import { INVARIANTS } from '../../../spec/invariants/index.ts'
import type { Mode } from '../../../spec/language.ts'
import {
  type Answer,
  type ExploredFigures,
  exploreAll,
  exploreClaims,
  exploredSchema,
  type Job,
  type TiedFigures,
  tieAll,
  tiedSchema,
} from '../../harness/model/figures.ts'
import { stateGraph } from '../../harness/page/graph.ts'
import { shareOf } from '../../harness/process/shards.ts'
import { details, table } from '../../harness/report/markdown.ts'
import type { Outcome, Problem } from '../../harness/report/outcome.ts'
import { n, type Paint, right, wrap } from '../../harness/terminal/text.ts'
import { type Context, check, inShares } from '../check.ts'
import { CLAIMED, limitsOf, moreScopesOf, type Options, options, scopesOf, tiedScopesOf } from './options.ts'

const walked = z.array(z.strictObject({ schedules: z.int(), states: z.int(), transitions: z.int() }))
const schema = z.strictObject({
  scopes: z.array(exploredSchema),
  tied: z.array(tiedSchema),
  /** How much of an exhausted scope random schedules reach (spec/checker/walks.ts); null where no claims are judged. */
  walks: z
    .strictObject({ scope: z.string(), states: z.int(), transitions: z.int(), even: walked, rare: walked })
    .nullable(),
})
export type Figures = z.infer<typeof schema>
type Explored = ExploredFigures

const REPLAY = 'npm run explore'

const countsMoved = (s: Explored): readonly Problem[] => {
  const frozen = FROZEN[s.scope]
  const got = `${n(s.states)} states, ${n(s.transitions)} transitions, depth ${s.depth}`
  if (frozen === undefined)
    return [
      {
        kind: 'counts-moved',
        text: `${s.scope}: expected counts in properties/checks/explore/check.ts, got none: ${got}`,
      },
    ]
  const same = frozen.states === s.states && frozen.transitions === s.transitions && frozen.depth === s.depth
  if (same) return []
  const was = `${n(frozen.states)} states, ${n(frozen.transitions)} transitions, depth ${frozen.depth}`
  return [
    { kind: 'counts-moved', text: `${s.scope}: expected ${was} (properties/checks/explore/check.ts), got ${got}` },
  ]
}

const judgedProblem = (j: Explored['judged'][number], scope: string): Problem | null => {
  const where = `${j.id} in the model, ${scope}`
  switch (j.standing) {
    case 'as expected':
      return null
    case 'unexpected':
      return { kind: 'violation', text: `${where}: ${j.says}; expected to hold, got: ${j.why}`, replay: REPLAY }
    case 'missing':
      return { kind: 'expectation-missing', text: `${where}: expected to be violated, and is not`, replay: REPLAY }
    case 'unwitnessed':
      return { kind: 'floor', text: `${where}: expected a witness, got none`, replay: REPLAY }
  }
}

/** `frozen`: whether its counts must be known. */
export const problemsOf = (s: Explored, frozen = true): readonly Problem[] => {
  const stopped: Problem = {
    kind: 'floor',
    text: `${s.scope}: expected to be exhausted, was stopped by its bound on ${s.stopped}`,
    replay: REPLAY,
  }
  const judged = s.judged.map((j) => judgedProblem(j, s.scope)).filter((p) => p !== null)
  return [...(s.stopped !== null ? [stopped] : frozen ? countsMoved(s) : []), ...judged]
}

/** Differences between the model and the proof. */
export const tiedProblems = (t: TiedFigures): readonly Problem[] => [
  ...(t.stopped === null
    ? []
    : [
        {
          kind: 'floor',
          text: `${t.scope}: expected to be exhausted, was stopped by its bound on ${t.stopped}`,
        } as const,
      ]),
  ...t.differences.map(
    ({ what, why, moves }): Problem => ({
      kind: 'violation',
      text: `${what} of the proof differs from the model, ${t.scope}, after ${moves} moves: ${why}`,
      replay: 'npm run explore -- --profile tied',
    }),
  ),
]

const tiedText = (t: TiedFigures, paint: Paint, columns?: number): string => {
  const found = t.differences.length
  const says = found === 0 ? 'as the proof says' : `${found} differences from the proof`
  return [
    wrap(
      `${paint(t.scope, 'bold')}, compared with the proof: ${n(t.states)} states, ${n(t.transitions)} transitions, ${paint(says, found === 0 ? 'green' : 'red')}`,
      columns,
    ),
    ...t.differences.flatMap((d) => ['', wrap(`${d.what}: ${d.why}`, columns), ...d.ladder]),
  ].join('\n')
}

const VERDICT = 24 // columns

const row = (j: Explored['judged'][number], stopped: boolean, paint: Paint, columns?: number): string => {
  const how = j.standing
  const red = how === 'unexpected' || how === 'missing' || (how === 'unwitnessed' && !stopped)
  const held = j.witnessed ? 'holds' : 'not put to the test'
  const verdict = j.moves === null ? held : `violated in ${j.moves} moves`
  const text = how === 'missing' ? 'holds, but should be violated' : verdict
  const told = wrap(`${j.id.padEnd(5)} ${text.padEnd(VERDICT)} ${j.says}`, columns, VERDICT + 7)
  const hue = j.moves !== null ? 'yellow' : j.witnessed ? 'green' : 'dim'
  const coloured = told.replace(text, paint(text, red ? 'red' : hue))
  return `${coloured.replace(j.id, paint(j.id, 'bold'))}\n${paint(wrap(`      ${j.witness}`, columns, 6), 'dim')}`
}

const exploredText = (s: Explored, paint: Paint, columns?: number): string => {
  const stop = s.stopped === null ? 'exhausted' : `stopped: bound on ${s.stopped} reached, what follows is partial`
  return [
    paint(s.scope, 'bold'),
    wrap(`${n(s.states)} states, ${n(s.transitions)} transitions, depth ${s.depth}, ${stop}`, columns),
    ...s.judged.map((j) => row(j, s.stopped !== null, paint, columns)),
    ...s.judged.flatMap((j) => (j.moves === null ? [] : ['', wrap(`${j.id}: ${j.why}`, columns), ...j.ladder])),
    '',
  ].join('\n')
}

/** Which invariants no scope judges by its monitor, and why. */
const notCarriedText = (): readonly string[] =>
  INVARIANTS.flatMap((i) => {
    const why = notCarried(i)
    return why === null ? [] : [`not carried: ${i.id}, ${why}`]
  })

const isStopped = (f: Figures): boolean => [...f.scopes, ...f.tied].some((s) => s.stopped !== null)
/** Apart from scopes that were stopped: what a stopped scope did not reach is no verdict. */
const isRed = (f: Figures): boolean =>
  f.tied.some((t) => t.differences.length > 0) ||
  f.scopes.some((s) =>
    s.judged.some((j) => j.standing === 'unexpected' || (s.stopped === null && j.standing !== 'as expected')),
  )

interface Share {
  readonly explored: Answer
  readonly tied: Answer
}

const claimedOf = (o: Options): readonly Mode[] | undefined =>
  o.scope === null ? CLAIMED[o.profile ?? 'gate'] : undefined

/** A share has whole scopes. */
const gather = async (o: Options, c: Context): Promise<Share> => {
  const [claimed, limits] = [claimedOf(o), limitsOf(o)]
  const tied = shareOf(tiedScopesOf(o), o.shard)
  const jobsOf = (all: readonly Scope[]): readonly Job[] =>
    shareOf(all, o.shard).map((s) => ({ scopes: [s], limits, claims: null, attacks: claimed !== undefined }))
  if (claimed !== undefined && o.shard === null) {
    const explored = await exploreClaims(claimed, limits, c, jobsOf(moreScopesOf(o)))
    return { explored, tied: await tieAll(tied, limits, c) }
  }
  const claims = claimed?.flatMap((mode) => CLAIM_SCOPES[mode])
  const jobs = jobsOf(claims === undefined ? scopesOf(o) : [...claims, ...moreScopesOf(o)])
  // A scope of one's own may take all the memory there is, so one at a time.
  const explored = await exploreAll(jobs, claimed === undefined ? { ...c, processes: 1 } : c)
  return { explored, tied: await tieAll(tied, limits, c) }
}

/** Of shares in their order: whatever was dealt out to them, in the order that it was dealt from. */
const dealt = <T>(shares: readonly (readonly T[])[]): readonly T[] =>
  Array.from({ length: Math.max(0, ...shares.map((s) => s.length)) }, (_, i) =>
    shares.flatMap((s) => s[i] ?? []),
  ).flat()

const WALKED = { size: '1x2x2x2', powers: 'NF', concurrent: true } as const
const SCHEDULES = [1, 10, 100, 1_000, 10_000]
const MOVES = 24 // a third more than the depth of the scope

const walksOf = (): NonNullable<Figures['walks']> => {
  const { size, ...rest } = WALKED
  const { even, rare, ...whole } = walks(scope(size, rest), SCHEDULES, MOVES)
  const name = `bound, ${size}, powers N,F, concurrent runs`
  return { scope: name, ...whole, even: [...even], rare: [...rare] }
}

const conclude = (o: Options, shares: readonly Share[]): Outcome<Figures> => {
  const explored = dealt(shares.map((s) => s.explored.explored))
  const tied = dealt(shares.map((s) => s.tied.tied))
  const stopped = shares.flatMap((s) => s.explored.stopped ?? s.tied.stopped ?? [])
  const seconds = shares.reduce((sum, s) => sum + s.explored.seconds, 0)
  const states = explored.reduce((sum, s) => sum + s.states, 0)
  const walks = claimedOf(o) === undefined || o.shard !== null || stopped.length > 0 ? null : walksOf()
  return {
    figures: { scopes: [...explored], tied: [...tied], walks },
    problems: [
      ...explored.flatMap((s) => problemsOf(s, claimedOf(o) !== undefined)),
      ...tied.flatMap(tiedProblems),
      ...stopped.map((text) => ({ kind: 'interrupted' as const, text })),
    ],
    measured: seconds === 0 ? {} : { 'states a second': states / seconds },
  }
}

export const explore = check({
  name: 'explore',
  asks: 'Does every invariant hold in all states of the model, in the scopes of the claims',
  options,
  notes:
    'Exit codes: 0 as expected, 1 a violation, or an expected one that was not found, or a witness not reached, 2 usage, 3 stopped at a bound, 130 stopped (Ctrl-C), with the scopes that were done.',
  stoppable: true,
  schema,
  ...inShares<typeof options, Share, Figures>(gather, async (o, shares) => conclude(o, shares)),
  text: (f, paint, columns) =>
    [
      ...f.scopes.map((s) => exploredText(s, paint, columns)),
      ...f.tied.map((t) => tiedText(t, paint, columns)),
      ...notCarriedText().map((line) => wrap(line, columns)),
    ].join('\n'),
  verdict(f, red, cut) {
    if (cut)
      return red === 1
        ? 'interrupted; nothing unexpected so far'
        : `interrupted; ${red - 1} verdicts are not as expected`
    if (f.scopes.length + f.tied.length === 0) return 'no scope is in this share'
    if (isStopped(f) && !isRed(f)) return 'not every scope was exhausted; raise --states or --memory'
    return red === 0
      ? 'every verdict is as expected, every witness within reach was reached'
      : `${red} verdicts are not as expected`
  },
  exit: ({ figures, problems }) =>
    isStopped(figures) && !isRed(figures) && !problems.some((p) => p.kind === 'interrupted') ? 3 : undefined,
  summary(f) {
    const states = f.scopes.reduce((sum, s) => sum + s.states, 0)
    const tied = f.tied.reduce((sum, t) => sum + t.states, 0)
    const compared = f.tied.length === 0 ? '' : `; ${n(tied)} compared with the proof`
    const how = isStopped(f) ? 'not all exhausted' : 'exhausted'
    return `${n(states)} states in ${f.scopes.length} scopes, ${how}${compared}`
  },
  leavesPage: true,
  page: (f) => ({
    scopes: f.scopes.map(({ judged, ...s }) => ({
      ...s,
      holds: judged.filter((j) => j.moves === null).length,
      tested: judged.filter((j) => j.moves === null && j.witnessed).length,
      broken: judged.flatMap(({ id, moves }) => (moves === null ? [] : [{ id, moves }])),
    })),
    graph: stateGraph(),
  }),
  sections(f) {
    const rows = f.scopes.map((s) => {
      const broken = s.judged.filter((j) => j.moves !== null).map((j) => `${j.id} (${j.moves})`)
      const held = s.judged.filter((j) => j.moves === null)
      const witnessed = held.filter((j) => j.witnessed).length
      return [
        s.scope,
        n(s.states),
        n(s.transitions),
        n(s.depth),
        `${held.length}, ${witnessed} of them put to the test`,
        broken.length === 0 ? 'none' : broken.join(', '),
      ]
    })
    const head = [
      'scope: clients × runs × connections × rounds',
      ...right('states', 'transitions', 'depth'),
      'invariants that hold',
      'violated (in moves)',
    ]
    const intro =
      'Every state that an adversary with these powers can reach in the symbolic model, with every monitor carried through it. The counts are frozen: a changed model changes them in the diff.'
    const tied = f.tied.map((t) => [t.scope, n(t.states), n(t.transitions), n(t.differences.length)])
    const tiedTable = table([head[0]!, head[1]!, head[2]!, ...right('differences')], tied)
    const says =
      'Compared with the proof ([spec/proof](spec/proof)): its invariants hold in every state, with the keys of any end leaked or none, and every transition is what its actions make of the state before.'
    const more = f.tied.length === 0 ? [] : [says, details('Scopes that were compared', tiedTable)]
    return [
      { title: 'The model, exhausted', body: [intro, details('Every scope', table(head, rows)), ...more].join('\n\n') },
    ]
  },
})

/** What the model's scopes come to, frozen: a changed model changes these numbers in the diff, or the gate is red. */
export interface Counts {
  readonly states: number
  readonly transitions: number
  readonly depth: number
}

export const FROZEN: Readonly<Record<string, Counts>> = {
  'literal, 1x2x2x1, powers N, concurrent runs': { states: 14_640, transitions: 133_544, depth: 14 },
  'literal, 1x2x2x1, powers N,F, sequential runs': { states: 10_101, transitions: 73_615, depth: 14 },
  'literal, 1x1x3x1, powers N, sequential runs, 2 half-open': { states: 3_203, transitions: 25_937, depth: 13 },
  'literal, 2x1x2x2, powers N,I, sequential runs': { states: 2_839, transitions: 22_222, depth: 13 },
  'bound, 1x2x3x2, powers N,L,F, sequential runs': { states: 422_072, transitions: 4_633_703, depth: 21 },
  'bound, 1x2x2x2, powers N,F, concurrent runs': { states: 14_422, transitions: 139_592, depth: 18 },
  'bound, 1x1x3x1, powers N, sequential runs, 2 half-open': { states: 1_038, transitions: 8_654, depth: 11 },
  'bound, 2x1x2x2, powers N,I, sequential runs': { states: 2_442, transitions: 19_869, depth: 13 },
  'bound, 1x2x2x2, powers N,L,F, sequential runs, idle clients': { states: 40_212, transitions: 342_662, depth: 22 },
  'bound, 2x2x2x1, powers N,I,L,F, sequential runs': { states: 26_935, transitions: 240_075, depth: 14 },
  'bound, 2x2x3x1, powers N,I,L,F, sequential runs': { states: 1_050_089, transitions: 11_870_778, depth: 17 },
  'bound, 1x2x2x2, powers N,L,F, concurrent runs': { states: 66_480, transitions: 752_099, depth: 18 },
  'bound, 2x1x3x2, powers N,I,F, sequential runs': { states: 220_206, transitions: 2_326_115, depth: 17 },
  'bound, 1x3x3x1, powers N,F, sequential runs': { states: 180_218, transitions: 1_763_608, depth: 21 },
}
