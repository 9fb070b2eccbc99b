/** The machine of our own server, learned in both modes, and compared with that of the reference. */
import { z } from 'zod'
import { MODES, type Mode } from '../../../spec/language.ts'
import { check } from '../../checks/check.ts'
import { cell, fence, table } from '../../harness/report/markdown.ts'
import type { Outcome, Problem } from '../../harness/report/outcome.ts'
import { someOf } from '../../harness/terminal/options.ts'
import { n, right } from '../../harness/terminal/text.ts'
import { alphabetOf } from './alphabet.ts'
import { learnAll } from './aside.ts'
import { differences, type EdgeDifference, wordText } from './card.ts'
import { mermaid, svg } from './drawing.ts'
import { type Machine, machineSchema } from './machine.ts'
import type { Answered, Asked } from './worker.ts'

const SEED = 1
const WALKS = 200
const EXTRA = 1
const BUDGET_MS = 600_000
const LISTED = 2

const row = z.strictObject({
  mode: z.enum(MODES),
  connections: z.union([z.literal(1), z.literal(2)]),
  symbols: z.int(),
  states: z.int(),
  words: z.int(),
  /** How it differs from the reference; null: not at all. */
  differs: z.string().nullable(),
})
const schema = z.strictObject({
  rows: z.array(row),
  /** Of src in bound, one connection. */
  drawn: z.string(),
  machine: machineSchema.nullable(),
  /** Edges that `literal` has and `bound` has not, with two connections. */
  replays: z.array(z.string()),
})
type Figures = z.infer<typeof schema>

export const asked = (mode: Mode, connections: 1 | 2): Asked => ({
  party: null,
  mode,
  plan: { alphabet: alphabetOf(connections), connections, extra: EXTRA, walks: WALKS, seed: SEED },
  expected: null,
  budgetMs: BUDGET_MS,
})

const edgeText = (e: EdgeDifference): string => `${wordText(e.word)}: ${e.got} instead of ${e.expected}`

const oddity = ({ learned, expected }: Answered): string | null => {
  const { ended, unsteady } = learned
  if (ended !== null) return `not certain: ${ended}`
  const [odd] = unsteady
  if (odd !== undefined) return `${wordText(odd.word)}: ${odd.answers.join(' and ')}`
  const { edges } = differences(expected, learned)
  return edges.length === 0 ? null : edges.slice(0, LISTED).map(edgeText).join('; ')
}

/** The extra edges of one machine. */
const extras = (expected: Machine, got: Machine): readonly string[] =>
  differences(expected, { machine: got, open: [] })
    .edges.filter((e) => e.kind === 'extra')
    .map(edgeText)

/** `answers`: in the order of the jobs, or in words why there is none. */
export const judged = (jobs: readonly Asked[], answers: readonly (Answered | string)[]): Outcome<Figures> => {
  const problems: Problem[] = []
  const machines = new Map<string, Machine>()
  const rows = jobs.flatMap(({ mode, plan: { connections, alphabet } }, i): Figures['rows'] => {
    const answer = answers[i]!
    const about = `${mode}, ${connections === 1 ? 'one connection' : 'two connections'}`
    const differs = typeof answer === 'string' ? answer : oddity(answer)
    if (differs !== null)
      problems.push({
        kind: typeof answer === 'string' ? 'error' : 'failed',
        text: `the machine of src in ${about}: ${differs}`,
        replay: `npm run learn -- --mode ${mode} --connections ${connections}`,
        about,
      })
    if (typeof answer === 'string') return []
    const { machine, words } = answer.learned
    machines.set(`${mode} ${connections}`, machine)
    return [{ mode, connections, symbols: alphabet.length, states: machine.states.length, words, differs }]
  })
  const [bound, literal] = [machines.get('bound 2'), machines.get('literal 2')]
  const replays = bound === undefined || literal === undefined ? [] : [...extras(bound, literal)]
  if (bound !== undefined && literal !== undefined && !replays.some((r) => r.includes('data-of-other: 40')))
    problems.push({
      kind: 'expectation-missing',
      text: 'literal: expected an edge on which a recorded DATA is taken on another connection (PROTOCOL §9), got none',
      replay: 'npm run learn -- --mode literal --connections 2 --against bound',
    })
  const one = machines.get('bound 1') ?? machines.get('literal 1')
  return { figures: { rows, drawn: one === undefined ? '' : mermaid(one), machine: one ?? null, replays }, problems }
}

export const learnCheck = check({
  name: 'learn',
  asks: 'Is the state machine of the server the one of the specification',
  options: z.strictObject({ mode: someOf(MODES, { value: 'M', says: 'bound or literal', default: MODES }) }),
  notes: 'Exit codes: 0 equal, 1 different, 2 usage.',
  schema,
  async run(o, c) {
    const jobs = o.mode.flatMap((mode) => [asked(mode, 2), asked(mode, 1)])
    const answers = await learnAll(jobs, c.processes, {
      signal: c.signal,
      progress: (words) => c.progress(words, 0, 'words'),
    })
    return judged(jobs, answers)
  },
  summary(f) {
    const sizes = f.rows.map((r) => r.states)
    const same = f.rows.filter((r) => r.differs === null).length
    return `${same} of ${f.rows.length} machines of src equal to the reference, ${Math.min(...sizes)} to ${Math.max(...sizes)} states`
  },
  cases: (f) => f.rows.map((r) => ({ name: `machine in ${r.mode}, connections: ${r.connections}`, red: r.differs })),
  page: async (f) => ({
    machines: [
      {
        title: 'The server of src, one connection',
        svg: f.machine === null ? '' : await svg(f.machine, 'src'),
        rows: [
          ...f.rows.map(
            (r) =>
              [
                `${r.mode}, ${r.connections === 1 ? 'one connection' : 'two connections'}`,
                `${r.states} states; the reference: ${r.differs ?? 'equal'}`,
              ] as const,
          ),
          ...f.replays.map((r) => ['literal has, bound has not', r] as const),
        ],
      },
    ],
  }),
  sections(f) {
    const head = ['mode', ...right('connections', 'symbols', 'states', 'words asked'), 'the reference']
    const rows = f.rows.map((r) => [
      r.mode,
      String(r.connections),
      String(r.symbols),
      n(r.states),
      n(r.words),
      r.differs === null ? 'equal' : `**differs**: ${cell(r.differs)}`,
    ])
    const replays =
      f.replays.length === 0
        ? []
        : [
            `What \`literal\` has and \`bound\` has not, with two connections of one client:`,
            f.replays.map((r) => `- ${cell(r)}`).join('\n'),
          ]
    const body = [
      'The state machine of `src/`, learned from its answers alone (L#), and compared with that of the reference, learned the same way.',
      fence('mermaid', f.drawn),
      table(head, rows),
      ...replays,
    ]
    return [{ title: 'The state machine of the server', body: body.join('\n\n') }]
  },
})
