/** Every attack over real sockets, in both modes. */
import { z } from 'zod'
import type { Mode } from '../../../spec/language.ts'
import { type AttackResult, disagreement, readAttacks, runAttacks } from '../../checks/attacks/index.ts'
import { MODES } from '../campaign.ts'
import { cell, table } from '../report/markdown.ts'
import { type Problem, stage } from '../stage.ts'

const outcome = z.enum(['BLOCKED', 'SUCCEEDED', 'UNTRIED'])
const schema = z.strictObject({
  attacks: z.array(
    z.strictObject({
      n: z.int(),
      name: z.string(),
      says: z.string(),
      claim: z.int(),
      bound: outcome,
      literal: outcome,
      why: z.string(), // of both outcomes, PROTOCOL with its paragraph
    }),
  ),
})

const problemOf = (r: AttackResult): readonly Problem[] => {
  const odd = disagreement(r)
  if (odd === null) return []
  const replay = `npm run attacks -- --mode ${r.mode} --only ${r.name}`
  return [{ kind: 'failed', text: `attack over TCP: ${odd}`, at: `corpus/schedules/attacks/${r.name}.json`, replay }]
}

export const attacks = stage({
  name: 'attacks',
  asks: 'Does every attack over real sockets end as its mode predicts',
  schema,
  async run(c) {
    const read = readAttacks()
    if (read.kind === 'bad') throw new Error(read.why)
    const chosen = read.value.slice(0, c.profile.attacks)
    let done = 0
    const results = new Map<Mode, readonly AttackResult[]>()
    for (const mode of MODES)
      results.set(
        mode,
        await runAttacks(mode, chosen, () => c.progress(++done, chosen.length * MODES.length, 'attacks')),
      )
    const of = (mode: Mode, name: string): AttackResult => results.get(mode)!.find((r) => r.name === name)!
    const figures = chosen.map(({ name }) => {
      const [bound, literal] = [of('bound', name), of('literal', name)]
      const { n, says, claim, why } = bound
      return { n, name, says, claim, bound: bound.outcome, literal: literal.outcome, why }
    })
    return { figures: { attacks: figures }, problems: [...results.values()].flat().flatMap(problemOf) }
  },
  summary(f) {
    const count = (mode: Mode, how: z.infer<typeof outcome>): number => f.attacks.filter((a) => a[mode] === how).length
    return `${f.attacks.length} attacks: ${count('bound', 'BLOCKED')} blocked in bound, ${count('literal', 'SUCCEEDED')} succeed in literal`
  },
  sections(f) {
    const head = [
      { head: '#', right: true },
      { head: 'attack' },
      { head: 'the attacker' },
      { head: 'literal' },
      { head: 'bound' },
      { head: 'in bound, because' },
    ]
    const rows = f.attacks.map((a) => [
      String(a.n),
      `[${a.name}](corpus/schedules/attacks/${a.name}.json)`,
      cell(a.says),
      a.literal === 'SUCCEEDED' ? '**succeeds**' : a.literal.toLowerCase(),
      a.bound === 'SUCCEEDED' ? '**succeeds**' : a.bound.toLowerCase(),
      cell(a.why),
    ])
    const intro =
      'Played against a real server by real clients on the loopback interface, and judged by the same monitors as in memory.'
    return [{ title: 'Attacks over real sockets', body: `${intro}\n\n${table(head, rows)}` }]
  },
})
