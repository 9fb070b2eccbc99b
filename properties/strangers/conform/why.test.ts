import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { RULE_IDS, RULES } from '../../harness/explain/rules.ts'
import { type Card, cardJunit, cardOf, cardText, page, whyText } from './card.ts'
import { CASES, CLIENT_CASES } from './cases/index.ts'
import { OMITTED, whyOf } from './why.ts'

const ACCEPTED = 'it is accepted: answers 40 of 71 bytes'

describe('why a case failed', () => {
  it.each([
    ['altered/tag-last', 'C1', ACCEPTED, 'alike', ['tag']],
    ['insider/padding-inconsistent', 'C3', ACCEPTED, 'alike', ['padding']],
    ['payload/nan', 'G5', ACCEPTED, 'otherwise', ['data']], // the reference does not survive it
    [
      'replay/session',
      'A2',
      'the HELLO is answered, the DATA too: answers 40 of 71 bytes',
      'alike',
      ['bind-step', 'hello-step'],
    ],
    ['altered/ciphertext-last', 'C1', ACCEPTED, 'rests', ['tag']], // the padding fails where the tag does not
    ['word/hello+data', 'A2', 'x', 'rests', ['bind-step']],
  ])('%s, %s: %s', (id, invariant, observed, shown, rules) => {
    const [likely, ...others] = whyOf('server', { id, invariant, observed })
    expect(likely).toMatchObject({ shown, rules: rules.map((rule) => ({ rule, ...RULES[rule as 'tag'] })) })
    expect(others.length).toBeLessThan(3)
  })

  it('is told of a client by what it was seen to do', () => {
    const [likely] = whyOf('client', {
      id: 'answer/tag-last',
      invariant: 'C1',
      observed: 'it is accepted: goes on with a DATA',
    })
    expect(likely).toMatchObject({ shown: 'alike', rules: [{ rule: 'tag' }] })
  })

  it('quotes the clause, says how it is known, and names the others that would do', () => {
    const why = whyOf('server', {
      id: 'stream/prefix-1-mib',
      invariant: 'F4',
      observed: 'it is accepted: the connection stays open for a frame of that length (silence)',
    })
    const [first, quote, advice, others] = whyText(why, 1_000)
    expect(first).toBe(
      'missing rule: PROTOCOL §2 length-prefix (without it the reference fails this case in the same way)',
    )
    expect(quote).toContain(RULES['length-prefix'].quote)
    expect(advice).toContain(RULES['length-prefix'].advice)
    expect(others).toMatch(/^ {2}or: §6 rejection-ends and §/)
    expect(whyText(whyOf('server', { id: 'altered/opcode', invariant: 'C1', observed: ACCEPTED }), 1_000)[0]).toMatch(
      /^missing rule: not shown/,
    )
    expect(whyText([])).toEqual([])
  })

  const card = (explain: boolean): Card => {
    const row = {
      id: 'altered/tag-last',
      verdict: 'failed',
      class: 'K',
      observed: ACCEPTED,
      exchange: [],
      difference: null,
      closing: null,
    } as const
    const found = { side: 'server', sums: 'shared', waits: false, company: false } as const
    const of = { name: 'x', dialect: 'bound', seed: 1, found }
    return cardOf(
      { rows: [row], stopped: null },
      [CASES.find((c) => c.id === row.id)!],
      of,
      () => 'x',
      explain ? whyOf : null,
    )
  }

  it.each([true, false])('stands in print, page, JUnit and JSON, unless it is not asked for: %s', (explain) => {
    const told = { card: card(explain), standings: ['unexpected'] as const }
    const all = [
      cardText(told, 'assigned', (t) => t, 80),
      page([told.card]),
      cardJunit(told),
      JSON.stringify(told.card),
    ]
    for (const text of all) expect(text.replace(/\s+/g, ' ').includes(RULES.tag.advice)).toBe(explain)
    expect(all[0]!.split('\n').filter((l) => l.length > 80)).toEqual([])
  })
})

describe('the table of what the reference does without a rule', () => {
  it('is of cases and rules that there are', () => {
    for (const [side, cases] of [
      ['server', CASES],
      ['client', CLIENT_CASES],
    ] as const) {
      expect(cases.map((c) => c.id)).toEqual(expect.arrayContaining([...OMITTED[side].keys()]))
      const rows = [...OMITTED[side].values()].flat()
      expect(RULE_IDS).toEqual(expect.arrayContaining(rows.flatMap((r) => r.rules)))
      expect(rows.length).toBeGreaterThan(20)
    }
  })

  it('says what is seen when a case of each kind is played without every rule', async () => {
    const make = fileURLToPath(new URL('./omitted/make.ts', import.meta.url))
    const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', make, '--check', '73'])
    expect(stdout).toContain('4 cases: as the table says')
  }, 600_000)
})
