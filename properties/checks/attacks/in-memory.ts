/** Every stored attack in memory, on any system: whoever blocks what a mode concedes is no worse for it. */
import { z } from 'zod'
import { MODES, type Mode } from '../../../spec/language.ts'
import type { AttackResult, NamedAttack } from '../../harness/attack/perform.ts'
import { askSystem } from '../../harness/campaign/players.ts'
import { keepIn, settingFor } from '../../harness/campaign/setting.ts'
import { attackStories } from '../../harness/page/stories.ts'
import { partyNamed } from '../../harness/parties/party-file.ts'
import { PARTY_SHAPE } from '../../harness/parties/party-options.ts'
import { cell, table } from '../../harness/report/markdown.ts'
import type { Problem } from '../../harness/report/outcome.ts'
import type { Parsed } from '../../harness/schedules/schedule-file.ts'
import { integer, someOf, UsageError } from '../../harness/terminal/options.ts'
import { right } from '../../harness/terminal/text.ts'
import { check } from '../check.ts'

const schema = z.strictObject({
  /** The file or program that was played; null: src. */
  party: z.string().nullable(),
  attacks: z.array(
    z.strictObject({
      n: z.int(),
      name: z.string(),
      says: z.string(),
      mode: z.enum(MODES),
      outcome: z.enum(['BLOCKED', 'SUCCEEDED', 'UNTRIED', 'LOST']),
      expected: z.enum(['BLOCKED', 'SUCCEEDED']),
      /** What must hold in this mode and did not; null: nothing. */
      red: z.string().nullable(),
    }),
  ),
})
type Row = z.infer<typeof schema>['attacks'][number]

const caseName = (a: Row): string => `${a.name} in ${a.mode}`

/** What is wrong with it: an attack that must be blocked was not, or an invariant broke on the way. */
const redOf = (r: AttackResult): string | null => {
  const broken = r.broken.map((f) => `${f.invariant}: ${f.why}`).join('; ')
  if (r.outcome === 'SUCCEEDED' && r.expected === 'BLOCKED')
    return `expected BLOCKED, got SUCCEEDED: ${r.reached.map((f) => `${f.invariant}: ${f.why}`).join('; ')}`
  return broken === '' ? null : `violates ${broken}`
}

export const attacksInMemory = (all: Parsed<readonly NamedAttack[]>) =>
  check({
    name: 'attacks',
    asks: 'Does every stored attack end blocked where its mode says so',
    options: z.strictObject({
      mode: someOf(MODES, { value: 'M', says: 'bound or literal (default both)', default: MODES }),
      first: integer({ says: 'so many of them only', min: 1, default: null }),
      ...PARTY_SHAPE,
    }),
    notes: 'Exit codes: 0 as the mode predicts, 1 not so, 2 usage.',
    schema,
    async run(o, c) {
      if (all.kind === 'bad') throw new UsageError(all.why)
      const party = partyNamed(o)
      const s = await settingFor(party, o.mode)
      const chosen = all.value.slice(0, o.first ?? undefined)
      const asked = chosen.flatMap((attack) => o.mode.map((mode) => ({ attack, mode })))
      const rows = new Map<(typeof asked)[number], Row>()
      const problems: Problem[] = []
      await askSystem('attack', asked, { ...c, party }, (answer, of) => {
        const { name, says, attack } = of.attack
        const known = { n: attack.n, name, says, mode: of.mode, expected: attack.expect[of.mode].outcome }
        if (answer.kind === 'ok') rows.set(of, { ...known, outcome: answer.value.outcome, red: redOf(answer.value) })
        else rows.set(of, { ...known, outcome: 'LOST', red: `the system does not survive it: ${answer.why}` })
        c.progress(rows.size, asked.length, 'attacks')
      })
      for (const of of asked) {
        const [{ attack, mode }, a] = [of, rows.get(of)]
        if (a === undefined || a.red === null) continue
        const kind = a.outcome === 'LOST' ? 'error' : 'violation'
        const replay = keepIn(mode, a.name, attack, s, c)
        problems.push({ kind, text: `attack ${caseName(a)}: ${a.red}`, replay, about: caseName(a) })
      }
      return { figures: { party, attacks: asked.flatMap((of) => rows.get(of) ?? []) }, problems }
    },
    summary(f) {
      const counts = MODES.flatMap((mode) => {
        const mine = f.attacks.filter((a) => a.mode === mode)
        const of = (outcome: Row['outcome']): number => mine.filter((a) => a.outcome === outcome).length
        const untried = of('UNTRIED') === 0 ? '' : `, ${of('UNTRIED')} cannot be judged`
        return mine.length === 0 ? [] : [`in ${mode} ${of('BLOCKED')} of ${mine.length} blocked${untried}`]
      })
      return counts.join('; ')
    },
    cases: (f) => f.attacks.map((a) => ({ name: caseName(a), red: a.red })),
    page: async (f, c) => {
      const names = [...new Set(f.attacks.map((a) => a.name))]
      const of = (name: string, mode: Mode) => f.attacks.find((a) => a.name === name && a.mode === mode)
      const came = names.map((name) => ({
        name,
        bound: of(name, 'bound')?.outcome ?? null,
        literal: of(name, 'literal')?.outcome ?? null,
        red: MODES.some((m) => (of(name, m)?.red ?? null) !== null),
      }))
      return { stories: await attackStories(all.kind === 'ok' ? all.value : [], came, { ...c, party: f.party }) }
    },
    sections(f) {
      const shown = (a: Row | undefined): string => {
        if (a === undefined) return 'not played'
        if (a.red !== null) return `**${a.outcome.toLowerCase()}**: ${cell(a.red)}`
        if (a.outcome === 'UNTRIED') return 'not observable'
        return a.outcome.toLowerCase() + (a.outcome === 'SUCCEEDED' ? ', as PROTOCOL concedes' : '')
      }
      const rows = [...new Set(f.attacks.map((a) => a.name))].map((name) => {
        const mine = f.attacks.filter((a) => a.name === name)
        const of = (mode: Mode): string => shown(mine.find((a) => a.mode === mode))
        return [String(mine[0]!.n), name, cell(mine[0]!.says), of('bound'), of('literal')]
      })
      const head = [...right('#'), 'attack', 'the attacker']
      const body = table([...head, 'bound', 'literal'], rows)
      const intro =
        'Played in memory, and judged by the monitors of its goals. Not observable: the implementation reports too little to tell whether it was blocked.'
      return [{ title: 'Attacks', body: `${intro}\n\n${body}` }]
    },
  })
