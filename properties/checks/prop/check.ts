/** Random adversarial schedules in both modes, or exhaustive scopes of them. */
import { z } from 'zod'
import { MODES } from '../../../spec/language.ts'
import { brokenSections } from '../../harness/campaign/broken.ts'
import { type Chunk, DEFAULT_RUNS, DEFAULT_SEED, plan, planScopes } from '../../harness/campaign/campaign.ts'
import {
  campaignCases,
  campaignSchema,
  conclude,
  type Gathered,
  gather,
  typedCrypto,
} from '../../harness/campaign/figures.ts'
import { type Left, leftOf, leftSchema, leftText, tooSmall } from '../../harness/campaign/left.ts'
import { dropEarly } from '../../harness/campaign/minimal.ts'
import { askSystem, CRYPTOGRAPHIES } from '../../harness/campaign/players.ts'
import { type Setting, settingFor } from '../../harness/campaign/setting.ts'
import { answers, briefText, campaignText, heldText, labelled } from '../../harness/campaign/text.ts'
import { BIASES } from '../../harness/generate/biases.ts'
import { BESIDE_DRAWS, CELLS_SCOPE, SCALE_SCOPE, SCOPES } from '../../harness/generate/scopes/scopes.ts'
import { CHECK_IDS } from '../../harness/judging/examine.ts'
import { campaignInvariants, campaignStories } from '../../harness/page/stories.ts'
import { withoutBytes } from '../../harness/parties/model-crypto.ts'
import { partyNamed, twinNamed } from '../../harness/parties/party-file.ts'
import { oneParty, PARTY_SHAPE } from '../../harness/parties/party-options.ts'
import { typed } from '../../harness/parties/typed.ts'
import { SHARD_SHAPE, shareOf } from '../../harness/process/shards.ts'
import type { Outcome, Problem, Section } from '../../harness/report/outcome.ts'
import { replayOf } from '../../harness/schedules/stored.ts'
import { invocation, invocationWith } from '../../harness/terminal/invocation.ts'
import { flag, integer, noExplain, oneOf, someOf, text, UsageError } from '../../harness/terminal/options.ts'
import { n, type Paint, wrap } from '../../harness/terminal/text.ts'
import { type Context, check, inShares, standing } from '../check.ts'
import { reachedOf, reachProblems, reachSchema, reachSection, reachText } from './reach.ts'
import { campaignSections, cellProblems, cellSchema, cellSection, cellsOf, cellText, invariants } from './sections.ts'

const BIAS_NAMES = Object.keys(BIASES)
const SCOPE_NAMES = Object.keys(SCOPES)
const options = z
  .strictObject({
    runs: integer({
      says: `schedules over all modes and biases (default ${DEFAULT_RUNS})`,
      min: 1,
      max: 10_000_000,
      default: null,
    }),
    seed: integer({ says: `0..4294967295 (default ${DEFAULT_SEED})`, min: 0, max: 0xffffffff, default: null }),
    'extra-seeds': integer({
      says: 'as many further seeds, of which violations count',
      min: 0,
      max: 1_000,
      default: 0,
    }),
    only: someOf(CHECK_IDS, {
      value: 'A2,S4',
      says: 'judge these invariants only, and play what judges them',
      default: null,
    }),
    mode: someOf(MODES, { value: 'M', says: 'bound or literal (default both)', default: MODES }),
    profile: someOf(BIAS_NAMES, {
      value: 'NAME',
      says: `a bias of the generator, of ${BIAS_NAMES.join(', ')}`,
      default: null,
    }),
    chunk: integer({ says: 'only this chunk of what the other options say, to go on from', min: 0, default: null }),
    crypto: oneOf(CRYPTOGRAPHIES, {
      value: 'C',
      says: 'model: src without cryptography, to search faster; whatever asks about bytes is not observable',
      default: 'real',
    }),
    scopes: flag('every exhaustive scope instead of random schedules'),
    scope: someOf(SCOPE_NAMES, { value: 'NAME', says: `one of ${SCOPE_NAMES.join(', ')}`, default: null }),
    ...SHARD_SHAPE,
    ...PARTY_SHAPE,
    twin: text({
      value: 'FILE',
      says: 'a second one, named like --party: both play the same schedules with the same seeds, and what differs first is the finding; no invariant is judged. Either may be dialect:NAME or dialect:FILE, the server and clients of it',
      default: null,
    }),
    'twin-cmd': text({ value: 'COMMAND', says: 'a second one, named like --party-cmd', default: null }),
    replay: text({ value: 'FILE', says: 'play one stored schedule and draw it', default: null }),
    explain: someOf(CHECK_IDS, {
      value: 'A2',
      says: 'play nothing: say what these invariants are about',
      default: null,
    }),
    'no-explain': noExplain(),
    verbose: flag('all there is to tell: every invariant, what the schedules reached, every counterexample'),
  })
  .superRefine((o, ctx) => {
    const odd = (name: keyof typeof o, message: string) => ctx.addIssue({ code: 'custom', path: [name], message })
    oneParty(o, ctx, o['twin-cmd'])
    if (o.twin !== null && o['twin-cmd'] !== null) odd('twin-cmd', `expected none beside --twin, got ${o['twin-cmd']}`)
    if (o.twin !== null || o['twin-cmd'] !== null) {
      const message = (got: unknown) => `expected none beside a twin, where no invariant is judged, got ${got}`
      if (o.only !== null) odd('only', message(o.only))
      if (o['extra-seeds'] > 0) odd('extra-seeds', message(o['extra-seeds']))
    }
    if (o.crypto === 'model' && (partyNamed(o) ?? twinNamed(o)) !== null)
      odd('crypto', 'expected real beside --party and --twin, which bring their own cryptography, got model')
    if (o.chunk !== null && o.shard !== null) odd('chunk', `expected none beside --shard, got ${o.chunk}`)
    if (!o.scopes && o.scope === null) return
    for (const random of ['runs', 'seed', 'profile'] as const)
      if (o[random] !== null) odd(random, `expected none beside a scope, which is played whole, got ${o[random]}`)
  })

export type PropOptions = z.output<typeof options>

const schema = campaignSchema.extend({
  seed: z.int(),
  schedules: z.int(),
  cells: z.array(cellSchema),
  /** Cells of scale (harness/campaign/reach.ts); empty where they are not judged. */
  reached: reachSchema,
  /** What it says about what it has not shown; null where schedules are missing. */
  left: leftSchema.nullable(),
  crypto: z.enum(CRYPTOGRAPHIES),
  /** Further seeds, of which only the violations are reported. */
  extraSeeds: z.int(),
  /** Exhaustive ones, instead of random schedules; null: random ones. */
  scopes: z.array(z.string()).nullable(),
  /** Whether floors and expected violations were judged. */
  floors: z.boolean(),
  /** The file or program that was played (harness/parties/party-file.ts); null: src. */
  party: z.string().nullable(),
})
export type Figures = z.output<typeof schema>

/** What a person is told of a party that cannot be put in another round. */
const FROM_ROUND_1 =
  'sessions started in round 1 throughout: other start rounds need setRound (of an adapter: startRound) and its state, on both sides'
/** And of one that is asked for its state between frames. */
const FRAMEWISE =
  'no chunk brought more than one frame: that needs an adapter that reports committed instead of answering view'

/** Of a party that does not even converse hardly any invariant could break. */
const mute = async (s: Setting, c: Context): Promise<readonly Problem[]> => {
  const found: Problem[] = []
  const asked = s.modes.map((mode) => ({ mode }))
  await askSystem('converses', asked, { ...c, party: s.party }, (answer, { mode }) => {
    const got = answer.kind === 'ok' ? (answer.value ? null : 'too few frames') : answer.why
    if (got === null) return
    const expected = `${mode}: expected a faithful conversation of one round`
    found.push({ kind: 'failed', text: `${expected}, got ${got}: what holds of it says little` })
  })
  return found.sort((a, b) => (a.text < b.text ? -1 : 1))
}

const SEED_STEP = 1_000_003 // a prime: keeps the seeds of a run apart

/** The command that plays one chunk of this run. */
export const again = (o: PropOptions, chunk: Chunk): string => {
  const mode = o.mode.length === 1 ? o.mode.join() : null
  const given = { runs: o.runs, seed: o.seed, mode, profile: o.profile, scope: o.scope, only: o.only }
  const said = Object.entries(given).flatMap(([name, value]) => (value === null ? [] : [` --${name} ${value}`]))
  return `${invocationWith('prop')}${typed(partyNamed(o), twinNamed(o))}${typedCrypto(o.crypto)}${said.join('')}${o.scopes ? ' --scopes' : ''} --chunk ${chunk.index}`
}

const underText = (f: Pick<Figures, 'crypto'>): string => (f.crypto === 'real' ? '' : ', model cryptography')

const underSection = (f: Pick<Figures, 'crypto'>): readonly Section[] =>
  f.crypto === 'real'
    ? []
    : [{ title: 'Model cryptography', body: 'Played without cryptography: checks of bytes are not observable.' }]

/** What the schedules reached, in a few words each. */
const reachedText = (f: Figures): readonly string[] => [
  ...(f.cells.length === 0 ? [] : [cellText(f.cells)]),
  ...(Object.keys(f.reached).length === 0 ? [] : [reachText(f.reached)]),
  ...(f.floors ? [] : ['floors and expected violations are judged for the default seed and budget only']),
]

/** Problems that are none of an invariant, counted. */
const otherThanBroken = (problems: readonly Problem[]): readonly string[] => {
  const words = {
    failed: 'what failed, above',
    cell: 'cells that were not reached',
    error: 'schedules lost',
    interrupted: 'stopped',
  }
  const kinds = ['failed', 'cell', 'error', 'interrupted'] as const
  return kinds.flatMap((kind) => {
    const count = problems.filter((p) => p.kind === kind).length
    return count === 0 ? [] : [`${words[kind]} (${count})`]
  })
}

/** The command that draws what matters most: what is red, else the replay of a session in literal. */
const seeText = (f: Figures): string => {
  const red = f.counterexamples.find((c) => !c.expected)
  const known = f.counterexamples.find((c) => c.invariant === 'A2') ?? f.counterexamples[0]
  return (red ?? known)?.replay ?? replayOf('session-replay.json', f.party)
}

const nextText = (f: Figures, problems: readonly Problem[]): string => {
  if (problems.some((p) => p.kind === 'interrupted')) return 'run it again, to the end'
  if (f.counterexamples.some((c) => !c.expected))
    return 'mend the first that is red, replay it, then run this again: one fault can hide another'
  if (problems.length > 0) return 'what the problems above say, each with its command'
  if (f.party !== null) return `${invocationWith('gate')}${typed(f.party)}`
  return invocation('gate')
}

const settingOf = async (o: PropOptions, c: Context): Promise<Setting> => {
  const own = o.profile === null && o.scope === null && !o.scopes && partyNamed(o) === null && o.chunk === null
  const whole = own && o.crypto === 'real'
  const floors =
    whole && o.shard === null && (o.runs ?? DEFAULT_RUNS) >= DEFAULT_RUNS && (o.seed ?? DEFAULT_SEED) === DEFAULT_SEED
  const only = o.only === null ? null : new Set<string>(o.only)
  const setting = await settingFor(partyNamed(o), o.mode, !o['no-explain'] && c.explain !== false)
  return {
    ...(o.crypto === 'real' ? setting : { ...setting, system: withoutBytes(setting.system) }),
    crypto: o.crypto,
    only,
    floors,
    again: (chunk) => again(o, chunk),
  }
}

/** What is played: chunks of random schedules, and of the scopes that go with them. */
const planned = (o: PropOptions) => {
  const scopes = o.scope ?? (o.scopes ? SCOPE_NAMES : null)
  const [runs, seed] = [o.runs ?? DEFAULT_RUNS, o.seed ?? DEFAULT_SEED]
  const random = (from: number): readonly Chunk[] =>
    scopes === null ? plan(from, runs, o.mode, o.profile ?? BIAS_NAMES) : []
  // With a run of all biases go the cells of the model, and with a whole one the rest.
  const whole = scopes === null && o.profile === null
  const beside = runs >= DEFAULT_RUNS ? BESIDE_DRAWS : [CELLS_SCOPE]
  const exhaustive = scopes ?? (whole ? beside : [])
  const own = random(seed)
  const all = [...own, ...planScopes(exhaustive, o.mode, own.length)]
  const chunks = o.chunk === null ? all : all.filter((chunk) => chunk.index === o.chunk)
  if (chunks.length === 0) throw new UsageError(`--chunk: expected one of 0..${all.length - 1}, got ${o.chunk}`)
  const further = Array.from({ length: o['extra-seeds'] }, (_, i) => (seed + (i + 1) * SEED_STEP) >>> 0)
  return { scopes, runs, seed, whole, exhaustive, chunks, further, random }
}

/** Of the seed, then of each further one. */
type Share = readonly Gathered[]

const furtherSetting = (s: Setting, o: PropOptions, seed: number): Setting => ({
  ...s,
  floors: false,
  again: (chunk: Chunk) => again({ ...o, seed }, chunk),
})

const gatherShare = async (o: PropOptions, c: Context): Promise<Share> => {
  const s = await settingOf(o, c)
  const { chunks, further, random } = planned(o)
  const gathered = [await gather(shareOf(chunks, o.shard), s, c)]
  for (const seed of further)
    if (!c.signal.aborted) gathered.push(await gather(shareOf(random(seed), o.shard), furtherSetting(s, o, seed), c))
  return gathered
}

const concludeShares = async (o: PropOptions, shares: readonly Share[], c: Context): Promise<Outcome<Figures>> => {
  const s = await settingOf(o, c)
  const { scopes, runs, seed, whole, exhaustive, chunks, further } = planned(o)
  const of = (i: number): readonly Gathered[] => shares.flatMap((share) => share[i] ?? [])
  const { figures, problems, result, notes = [], ...done } = await conclude(of(0), s, c)
  const all = whole && o.chunk === null && o.shard === null
  const judged = all && done.whole && s.only === null && s.system.emits.has('rejected')
  const cells = judged ? cellsOf(result, o.mode) : []
  // a stranger may show less of itself, and begins where it wants
  const reached = judged && s.party === null && exhaustive.includes(SCALE_SCOPE) ? reachedOf(result, o.mode) : {}
  const left: Left | null = judged && s.party === null ? leftOf(result.shown, chunks) : null
  const more: Problem[] = []
  for (const [i, seed] of further.entries())
    if (of(i + 1).length > 0) more.push(...(await conclude(of(i + 1), furtherSetting(s, o, seed), c)).problems)
  dropEarly()
  const own = {
    cells: [...cells],
    reached,
    left,
    seed,
    schedules: runs,
    extraSeeds: o['extra-seeds'],
    crypto: o.crypto,
    floors: s.floors,
  }
  return {
    figures: { ...figures, ...own, scopes: scopes === null ? null : [...scopes], party: partyNamed(o) },
    problems: [
      ...problems,
      ...cellProblems(cells, s.party === null),
      ...reachProblems(reached),
      ...more,
      ...(problems.length === 0 && s.party !== null ? await mute(s, c) : []),
    ],
    notes: [
      ...notes,
      ...(s.party !== null && s.system.lacks.has('setRound') ? [FROM_ROUND_1] : []),
      ...(s.system.lacks.has('chunks') ? [FRAMEWISE] : []),
    ],
  }
}

export const prop = check({
  name: 'prop',
  asks: 'Does every invariant hold on random schedules, and does literal break where it must',
  options,
  notes:
    'Exit codes: 0 as expected, 1 a violation, a missing expectation or a difference, 2 usage, 4 schedules that the system does not survive or that were lost, 130 stopped (Ctrl-C): both show what was found.',
  stoppable: true,
  schema,
  ...inShares<typeof options, Share, Figures>(gatherShare, concludeShares),
  summary(f) {
    const broken = f.counterexamples.filter((x) => !x.expected).length
    const found = f.counterexamples.filter((x) => x.expected).length
    const unexpected = broken === 0 ? 'nothing unexpected broke' : `${broken} broke that should hold`
    if (f.party !== null)
      return `${n(f.schedules)} schedules; ${unexpected}; ${f.modes.map((m) => `in ${m} ${heldText(f, m)}`).join('; ')}`
    return `${n(f.schedules * (1 + f.extraSeeds))} schedules; ${unexpected}; ${found} expected counterexamples in literal${underText(f)}`
  },
  text: (f, paint, columns) => briefText(f, paint, columns),
  ending: (f, problems, paint, columns) => [
    ...answers(f, otherThanBroken(problems), paint, columns),
    labelled('reached', reachedText(f).join('; ') || 'not judged where schedules are missing', columns),
    ...(f.left !== null && tooSmall(f.left) ? [labelled('left', leftText(f.left), columns)] : []),
    labelled('see it', seeText(f), columns),
    labelled('more', `${invocationWith('prop')}${typed(f.party)} --verbose`, columns),
    labelled('next', nextText(f, problems), columns),
  ],
  verdict(f, red, cut) {
    const played = Object.values(f.distribution).reduce((sum, d) => sum + d.schedules, 0)
    if (played === 0 && red === 0) return 'no schedule is in this share'
    const of = f.scopes === null ? `seed ${f.seed}` : `scopes ${f.scopes.join(', ')}`
    const what = `${played} schedules, ${of}, ${f.modes.join(' and ')}${underText(f)}`
    return `${standing(red, cut)}: ${what}`
  },
  cases: (f) => campaignCases(f),
  leavesPage: true,
  page: async (f, c) => ({
    stories: await campaignStories(f, { ...c, party: f.party }),
    invariants: campaignInvariants(f, 'prop'),
    cells: f.cells,
  }),
  sections: (f) =>
    f.party === null
      ? [...underSection(f), ...campaignSections(f), cellSection(f.cells), ...reachSection(f.reached)]
      : [...brokenSections(f, 'on random schedules'), invariants(f, false)],
})

/** The same with everything there is to tell. */
export const propAtLength: typeof prop = {
  ...prop,
  text: (f: Figures, paint: Paint, columns?: number) =>
    [campaignText(f, paint, columns), '', ...reachedText(f).map((line) => wrap(line, columns))].join('\n'),
}
