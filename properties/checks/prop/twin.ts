/** Two implementations on the same schedules with the same seeds: the first difference is the finding. */
import { join, relative } from 'node:path'
import { z } from 'zod'
import { MODES } from '../../../spec/language.ts'
import { type Chunk, DEFAULT_RUNS, DEFAULT_SEED, plan, planScopes } from '../../harness/campaign/campaign.ts'
import { type Differed, notComparable, type Smallest } from '../../harness/campaign/differ.ts'
import { saveStored } from '../../harness/campaign/minimal.ts'
import { askOnce, askSystem } from '../../harness/campaign/players.ts'
import { lostProblem } from '../../harness/campaign/problems.ts'
import { BIASES } from '../../harness/generate/biases.ts'
import { SCOPES } from '../../harness/generate/scopes/scopes.ts'
import { partyNamed, twinNamed } from '../../harness/parties/party-file.ts'
import { typed } from '../../harness/parties/typed.ts'
import type { Problem } from '../../harness/report/outcome.ts'
import { scheduleField } from '../../harness/schedules/schedule-file.ts'
import { invocationWith } from '../../harness/terminal/invocation.ts'
import { UsageError } from '../../harness/terminal/options.ts'
import { n, plural, printable, wrap } from '../../harness/terminal/text.ts'
import { check } from '../check.ts'
import { again, type PropOptions, prop } from './check.ts'

const schema = z.strictObject({
  names: z.array(z.string()),
  sides: z.array(z.enum(['client', 'server'])),
  notComparable: z.array(z.string()),
  schedules: z.int(),
  verdicts: z.int(),
  undecided: z.int(),
  differing: z.int(),
  differences: z.array(
    z.strictObject({
      mode: z.enum(MODES),
      why: z.string(),
      drawing: z.array(z.string()),
      replay: z.string(),
      schedule: scheduleField,
    }),
  ),
})

const planned = (o: PropOptions): readonly Chunk[] => {
  const scopes = o.scope ?? (o.scopes ? Object.keys(SCOPES) : null)
  if (scopes !== null) return planScopes(scopes, o.mode)
  return plan(o.seed ?? DEFAULT_SEED, o.runs ?? DEFAULT_RUNS, o.mode, o.profile ?? Object.keys(BIASES))
}

export const twins = check({
  name: prop.name,
  asks: 'Do two implementations do the same on the same schedules',
  options: prop.options,
  notes: prop.notes,
  stoppable: true,
  schema,
  async run(o, c) {
    const [party, twin] = [partyNamed(o), twinNamed(o)]
    const means = { ...c, party, twin }
    const facts = await askOnce('pair', null, means)
    if (facts.kind !== 'ok') throw new UsageError(facts.why)
    const { names, sides } = facts.value
    const all = planned(o)
    const chunks = o.chunk === null ? all : all.filter((chunk) => chunk.index === o.chunk)
    if (chunks.length === 0) throw new UsageError(`--chunk: expected one of 0..${all.length - 1}, got ${o.chunk}`)
    const folder = join(c.out, 'findings', names.join('-and-').replace(/[^\w.-]+/g, '_'))
    const lost = new Map<Chunk, Problem>()
    const done = new Map<number, Differed>()
    const total = chunks.reduce((sum, chunk) => sum + chunk.runs, 0)
    let played = 0
    await askSystem(
      'differ',
      chunks.map((chunk) => ({ chunk })),
      means,
      (answer, { chunk }) => {
        if (answer.kind === 'ok') {
          done.set(chunk.index, answer.value)
          played += answer.value.schedules
          c.progress(played, total, 'schedules')
        } else {
          const at = answer.kind === 'lost' ? answer.at : null
          lost.set(chunk, lostProblem(chunk, answer.why, at, { again: (x) => again(o, x) }, folder))
        }
      },
    )
    const results = chunks.flatMap((chunk) => done.get(chunk.index) ?? [])
    const problems: Problem[] = []
    const differences: z.infer<typeof schema>['differences'] = []
    for (const mode of o.mode) {
      const first = results.find((r) => r.mode === mode && r.first !== null)?.first
      if (first == null) continue
      const of = { schedule: first, columns: c.columns === undefined ? undefined : c.columns - 2 }
      // A run that was stopped still says what it found.
      const answer = await askOnce('smallest', of, { ...means, signal: new AbortController().signal })
      const small: Smallest =
        answer.kind === 'ok' ? answer.value : { schedule: first, why: `not made smaller: ${answer.why}`, drawing: [] }
      const stored = { says: `${names.join(' and ')} differ: ${small.why}`, violates: [], schedule: small.schedule }
      const file = relative('.', saveStored('twin', stored, folder))
      const replay = `${invocationWith('prop')}${typed(party, twin)} --replay ${file}`
      differences.push({ mode, why: small.why, drawing: [...small.drawing], replay, schedule: small.schedule })
      problems.push({ kind: 'violation', text: `${names.join(' and ')} differ in ${mode}: ${small.why}`, replay })
    }
    if (c.signal.aborted)
      problems.push({ kind: 'interrupted', text: `stopped after ${n(played)} of ${n(total)} schedules` })
    const sum = (of: (r: Differed) => number): number => results.reduce((s, r) => s + of(r), 0)
    return {
      figures: {
        names: [...names],
        sides: [...sides],
        notComparable: [...facts.value.notComparable],
        schedules: sum((r) => r.schedules),
        verdicts: sum((r) => r.verdicts),
        undecided: sum((r) => r.undecided),
        differing: sum((r) => r.differing),
        differences,
      },
      problems: [...problems, ...lost.values()],
    }
  },
  summary: (f) =>
    `${f.names.map(printable).join(' and ')}: ${f.differing === 0 ? 'no difference' : `${plural(f.differing, 'schedule')} on which they differ`}, of ${n(f.schedules)}`,
  text: (f, paint, columns) =>
    [
      wrap(
        `${f.names.map(printable).join(' and ')}, ${f.sides.join(' and ')}: ${n(f.schedules)} schedules on both, ${n(f.verdicts)} verdicts compared. No invariant is judged.`,
        columns,
      ),
      wrap(notComparable(f), columns),
      ...(f.undecided === 0
        ? []
        : [
            wrap(
              `in ${plural(f.undecided, 'schedule')} chance made an edit another one: compared up to there`,
              columns,
            ),
          ]),
      ...f.differences.flatMap((d) => [
        '',
        `they differ in ${d.mode}, minimal schedule of ${plural(d.schedule.actions.length, 'action')}`,
        ...d.drawing.map((line) => `  ${printable(line)}`),
        paint(`  replay: ${printable(d.replay)}`, 'dim'),
      ]),
    ].join('\n'),
  sections: () => [], // no stage of the gate
})
