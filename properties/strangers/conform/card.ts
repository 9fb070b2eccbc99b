/** The card of a stranger: what a terminal, a program, CI and a browser are told of it. */
import { z } from 'zod'
import { ruleLines, ruleSchema } from '../../harness/explain/text.ts'
import { xmlText } from '../../harness/report/xml.ts'
import { cut, type Paint, plural, table, wrap } from '../../harness/terminal/text.ts'
import { SUMS } from './arithmetic.ts'
import { CLOSINGS } from './exchange.ts'
import type { Standing } from './expect.ts'
import type { Row, Rows } from './repeat.ts'
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
  j: Rows,
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

const detail = (r: Card['rows'][number], standing: Standing, paint: Paint, columns: number): readonly string[] => [
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

// As one page: cases × targets; each cell opens what was asked, seen and sent. No script, nothing from outside.

const STYLE = `:root{color-scheme:light dark;font:15px/1.5 system-ui,sans-serif}body{max-width:72rem;margin:1.5rem auto;padding:0 1rem}
table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.3rem .5rem;border-bottom:1px solid #8884}
summary{cursor:pointer}pre{overflow-x:auto;font-size:.85em}code{overflow-wrap:anywhere}
.failed{color:#c02020;font-weight:600}.ok{color:#1a7f37}.inconclusive,.non-strict{color:#9a6700}.unsupported,.informational{opacity:.7}
@media (prefers-color-scheme:dark){.failed{color:#ff7b72}.ok{color:#56d364}.inconclusive,.non-strict{color:#e3b341}}`

const cell = (r: Card['rows'][number] | undefined): string => {
  if (r === undefined) return '<td>not asked</td>'
  const name = `<span class="${r.verdict}">${r.verdict}</span>${r.verdict === 'failed' ? ` ${CLASSES[r.class]}` : ''}`
  const then = r.closing === null ? '' : `<br><small>connection: ${r.closing}</small>`
  if (r.verdict === 'ok') return `<td>${name}<br>${xmlText(r.observed)}${then}</td>`
  const exchange = r.exchange.length === 0 ? '' : `<pre>${xmlText(r.exchange.join('\n'))}</pre>`
  const why = r.why.length === 0 ? '' : `<p>${whyText(r.why).map(xmlText).join('<br>')}</p>`
  const difference =
    r.difference === null
      ? ''
      : `<p>First difference from a frame that is accepted: <code>${xmlText(r.difference)}</code></p>`
  return `<td><details><summary>${name}: ${xmlText(r.observed)}${then}</summary><p>${xmlText(r.advice)}</p>${why}${difference}${exchange}<p><code>${xmlText(r.replay)}</code></p></details></td>`
}

/** `cards`: the first is the one that was just made. */
export const page = (cards: readonly Card[]): string => {
  const [first] = cards as [Card]
  const rows = first.rows.map((r) => {
    const cells = cards.map((c) => cell(c.rows.find((o) => o.id === r.id))).join('')
    return `<tr><th scope="row"><code>${xmlText(r.id)}</code><br>${xmlText(r.says)}<br><small>${r.invariant}, ${xmlText(r.clause)}</small></th>${cells}</tr>`
  })
  const heads = cards
    .map((c) => `<th scope="col">${xmlText(c.name)}<br><small>dialect ${xmlText(c.dialect)}</small></th>`)
    .join('')
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Conformance: ${xmlText(first.name)}</title><style>${STYLE}</style></head>
<body><main><h1>Conformance: ${xmlText(first.name)}</h1>
<table><thead><tr><th scope="col">case</th>${heads}</tr></thead><tbody>
${rows.join('\n')}
</tbody></table></main></body></html>
`
}
