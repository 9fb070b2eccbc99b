/** The card of a stranger: what a terminal, a program and CI are told of it. */
import { z } from 'zod'
import { ruleLines, ruleSchema } from '../../harness/explain/text.ts'
import { cut, type Paint, plural, table, wrap } from '../../harness/terminal/text.ts'
import { xmlText } from '../../harness/xml.ts'
import { SUMS } from './arithmetic.ts'
import { CLOSINGS } from './exchange.ts'
import type { Standing } from './expect.ts'
import type { Row } from './repeat.ts'
import { type Case, CLASSES, VERDICTS } from './verdicts.ts'

/**
 * Without the rule the reference fails the case too: in the same words, or in others; or it was not seen to fail it without
 * any one rule, and the invariant of the case rests on this one.
 */
const SHOWN = ['alike', 'otherwise', 'rests'] as const

const candidateSchema = z.strictObject({
  /** Several: they are missing together. */
  rules: z.array(ruleSchema),
  shown: z.enum(SHOWN),
})
export type Candidate = z.infer<typeof candidateSchema>

/** Numbers of opcodes and bytes are those of a dialect. */
export const alike = (observed: string): string => observed.replace(/\d+/g, '#')

const named = ({ rules }: Candidate): string => rules.map((r) => `${r.clause} ${r.rule}`).join(' and ')

const HOW = {
  alike: (what: string) => `missing rule: PROTOCOL ${what} (without it the reference fails this case in the same way)`,
  otherwise: (what: string) =>
    `missing rule: perhaps PROTOCOL ${what} (without it the reference fails this case too, in another way)`,
  rests: (what: string) =>
    `missing rule: not shown, since the reference passes this case without any one of them; what it rests on first: PROTOCOL ${what}`,
} as const

/** Lines without colour, to stand under a failed case. */
export const whyText = (why: readonly Candidate[], columns?: number): readonly string[] => {
  const [likely, ...others] = why
  if (likely === undefined) return []
  return [
    HOW[likely.shown](named(likely)),
    ...likely.rules.flatMap(ruleLines),
    ...(others.length === 0
      ? []
      : [`  or: ${others.map((c) => `${named(c)}${c.shown === 'otherwise' ? ' (in another way)' : ''}`).join(', ')}`]),
  ].map((line) => wrap(line, columns, 4))
}

export const PROFILES = ['assigned', 'bound', 'audit'] as const
type ProfileName = (typeof PROFILES)[number]

export const cardSchema = z.strictObject({
  version: z.literal(1),
  name: z.string(),
  dialect: z.string(),
  seed: z.int(),
  /** What was on trial, and what the baseline found. */
  found: z.discriminatedUnion('side', [
    z.strictObject({
      side: z.literal('server'),
      /** What its answers are about. */
      sums: z.enum(SUMS),
      /** Rounds wait for everybody. */
      waits: z.boolean(),
      /** It ends with its last client, so that a connection was kept open beside every case. */
      company: z.boolean().default(false),
    }),
    z.strictObject({ side: z.literal('client'), rounds: z.int() }),
  ]),
  stopped: z.string().nullable(),
  rows: z.array(
    z.strictObject({
      id: z.string(),
      verdict: z.enum(VERDICTS),
      class: z.enum(['K', 'I', 'A', 'P']),
      invariant: z.string(),
      clause: z.string(),
      says: z.string(),
      observed: z.string(),
      advice: z.string(),
      /** The rules of PROTOCOL that may be missing where it failed, the most likely first. */
      why: z.array(candidateSchema).default([]),
      exchange: z.array(z.string()),
      difference: z.string().nullable(),
      /** Of the connection that was asked. */
      closing: z.enum(CLOSINGS).nullable().default(null),
      replay: z.string(),
    }),
  ),
})
export type Card = z.infer<typeof cardSchema>

export interface Judged {
  readonly card: Card
  readonly standings: readonly Standing[]
}

/** `why`: which rule is missing where a case failed; null: nothing is said of that. */
export const cardOf = (
  j: { readonly rows: readonly Row[]; readonly stopped: string | null },
  cases: readonly Pick<Case, 'invariant' | 'clause' | 'says' | 'advice'>[],
  of: Pick<Card, 'name' | 'dialect' | 'seed' | 'found'>,
  replay: (id: string) => string,
  why:
    | ((side: Card['found']['side'], row: Pick<Card['rows'][number], 'id' | 'invariant' | 'observed'>) => Candidate[])
    | null,
): Card => ({
  version: 1,
  ...of,
  stopped: j.stopped,
  rows: j.rows.map((r, i) => {
    const { invariant, clause, says, advice } = cases[i]!
    const row = { invariant, ...r, exchange: [...r.exchange], clause, says, advice, replay: replay(r.id) }
    return { ...row, why: why !== null && r.verdict === 'failed' ? why(of.found.side, row) : [] }
  }),
})

/** A flaw that every implementation of the dialect has is nobody's fault, unless the owner claims binding. */
export const charged =
  (profile: ProfileName) =>
  (r: Pick<Row, 'verdict' | 'class'>): boolean =>
    r.verdict === 'failed' && (r.class !== 'P' || profile === 'bound')

const MARKS = {
  ok: ['✓', 'green'],
  'non-strict': ['○', 'yellow'],
  informational: ['i', 'dim'],
  failed: ['✗', 'red'],
  inconclusive: ['?', 'yellow'],
  unsupported: ['–', 'dim'],
} as const
const MOST_LINES = 24 // of an exchange, on a terminal
const ORDER = ['K', 'I', 'A', 'P']

type Rows = Card['rows']

const detail = (r: Rows[number], standing: Standing, paint: Paint, columns: number): readonly string[] => [
  '',
  paint(
    cut(
      `✗ ${r.id}: ${CLASSES[r.class]}, ${r.invariant}, ${r.clause}${standing === 'expected' ? ', expected' : ''}`,
      columns,
    ),
    'bold',
  ),
  ...[`asked: ${r.says}`, `seen:  ${r.observed}`, `so:    ${r.advice}`].map((l) => wrap(`  ${l}`, columns, 9)),
  ...whyText(r.why, columns - 2).map((l) => l.replace(/^/gm, '  ')),
  ...(r.exchange.length > MOST_LINES ? [`  … ${r.exchange.length - MOST_LINES} lines before, in the card`] : []),
  ...r.exchange.slice(-MOST_LINES).map((l) => cut(`  ${l}`, columns)),
  `  replay: ${r.replay}`, // whole, so that it can be pasted
]

/** `columns`: of the terminal. */
export const cardText = ({ card, standings }: Judged, profile: ProfileName, paint: Paint, columns = 100): string => {
  const rows = card.rows.map((r, i) => [r, standings[i]!] as const)
  if (profile === 'audit') rows.sort(([a], [b]) => ORDER.indexOf(a.class) - ORDER.indexOf(b.class))
  const widths = [2, Math.max(...rows.map(([r]) => r.id.length)), 1, 5]
  const left = columns - widths.reduce((sum, w) => sum + w + 2, 0)
  const matrix = table(
    [{ head: '' }, { head: 'case' }, { head: '' }, { head: 'then' }, { head: 'seen' }],
    rows.map(([r]) => [
      paint(MARKS[r.verdict][0], MARKS[r.verdict][1]),
      r.id,
      r.class,
      r.closing ?? '',
      cut(r.observed, left),
    ]),
  )
  const failures = rows.filter(([r]) => r.verdict === 'failed')
  const own = failures.filter(([r]) => charged(profile)(r))
  const flaws = failures.filter(([r]) => !charged(profile)(r))
  return [
    matrix,
    ...own.flatMap(([r, s]) => detail(r, s, paint, columns)),
    ...(flaws.length === 0
      ? []
      : ['', paint('Flaws of the protocol in this dialect, which no implementation can avoid:', 'bold')]),
    ...flaws.flatMap(([r]) => [
      wrap(`  ${r.id}: ${r.observed}`, columns, 4),
      ...whyText(r.why, columns - 4).map((l) => l.replace(/^/gm, '    ')),
      `    replay: ${r.replay}`,
    ]),
    ...rows
      .filter(([, s]) => s === 'stale')
      .map(([r]) => `stale: ${r.id} is ${r.verdict}, and is expected to be worse`),
    '',
    wrap(summary(card), columns, 2),
  ].join('\n')
}

const ABOUT = {
  shared: 'about everybody',
  own: 'about the own values only',
  'shared-latest': 'about the latest values of everybody, of whatever round',
  'shared-all': 'about all values of everybody so far',
  'own-all': 'about all own values so far',
  gathered: 'about everybody who submits at once',
  unknown: 'about what is not clear',
  unread: 'not read, so no number is judged',
} as const

const foundText = (f: Card['found']): string =>
  f.side === 'client'
    ? `it submits ${plural(f.rounds, 'time')} in a run`
    : `answers are ${ABOUT[f.sums]}${f.waits ? '; rounds wait for everybody' : ''}${f.company ? '; it ends with its last client, so a connection was kept open' : ''}`

export const summary = (card: Card): string => {
  const of = (v: (typeof VERDICTS)[number]): number => card.rows.filter((r) => r.verdict === v).length
  const flaws = card.rows.filter((r) => r.verdict === 'failed' && r.class === 'P').length
  const counts = VERDICTS.flatMap((v) => (of(v) === 0 ? [] : [`${of(v)} ${v}`])).join(', ')
  const known = flaws === 0 ? '' : ` (${plural(flaws, 'flaw')} of the protocol among them)`
  return `${card.name}, dialect ${card.dialect}: ${plural(card.rows.length, 'case')}: ${counts}${known}; ${foundText(card.found)}${card.stopped === null ? '' : `; ${card.stopped}`}`
}

/** For other programs: what a card in JSON holds. */
export const cardJsonSchema = () => z.toJSONSchema(cardSchema)

/** What is other than on the last card of this name. */
export const changes = (now: Card, before: Card): readonly string[] => {
  const then = new Map(before.rows.map((r) => [r.id, r.verdict]))
  return now.rows.flatMap((r) => {
    const was = then.get(r.id)
    return was === undefined || was === r.verdict ? [] : [`${r.id}: was ${was}, is ${r.verdict}`]
  })
}

export const cardJunit = ({ card, standings }: Judged): string => {
  const cases = card.rows.map((r, i) => {
    const bad = standings[i] === 'unexpected' || standings[i] === 'stale'
    const said = bad
      ? `<failure message="${xmlText(r.observed)}">${xmlText(`${[r.says, r.advice, ...whyText(r.why)].join('\n')}\nreplay: ${r.replay}`)}</failure>`
      : ''
    const skipped = r.verdict === 'unsupported' ? `<skipped message="${xmlText(r.observed)}"/>` : ''
    return `  <testcase classname="conform" name="${xmlText(r.id)}">${said}${skipped}</testcase>`
  })
  const red = standings.filter((s) => s === 'unexpected' || s === 'stale').length
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuite name="${xmlText(card.name)}" tests="${cases.length}" failures="${red}">\n${cases.join('\n')}\n</testsuite>\n`
}
