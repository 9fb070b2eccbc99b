import { describe, expect, it } from 'vitest'
import { attacksOf } from '../checks/attacks/check.ts'
import { type Check, runForPerson } from '../checks/check.ts'
import { claims } from '../checks/claims/check.ts'
import { explore } from '../checks/explore/check.ts'
import { mutants } from '../checks/mutants/check.ts'
import { matrix } from '../checks/mutants/print.ts'
import { prop, propAtLength } from '../checks/prop/check.ts'
import { readAttacks } from '../harness/attack/attack-file.ts'
import { type Broken, minimalOf } from '../harness/campaign/minimal.ts'
import { CHECKS } from '../harness/judging/examine.ts'
import { MUTANTS } from '../harness/mutants/catalogue.ts'
import { srcSystem } from '../harness/parties/party-file.ts'
import type { Outcome } from '../harness/report/outcome.ts'
import { readStored } from '../harness/schedules/stored.ts'
import { defaultsOf } from '../harness/terminal/options.ts'
import { recordedScreen } from '../harness/terminal/testkit.ts'
import { unpainted } from '../harness/terminal/text.ts'

/** Lines that a terminal would break; commands, which are pasted, may be as long as they are. */
const tooLong = (text: string, columns: number): readonly string[] =>
  text.split('\n').filter((line) => line.length > columns && !/(?:^|\s)npm run /.test(line))

type Any = Check<never, never>

/** Everything that a person reads of this answer. */
const read = async (check: unknown, outcome: unknown, columns: number): Promise<string> => {
  const { screen, out } = recordedScreen()
  const answered = { ...(check as Any), run: async () => outcome as Outcome<never> }
  await runForPerson(answered, {} as never, { ...screen, columns })
  return out()
}

const [bound, literal] = ['holds', 'violated as expected'] as const
const long = 'and so on, in words that do not end before any terminal does '.repeat(4)

const campaignFigures = (columns: number) => {
  const file = readStored('session-replay.json', 'corpus/schedules/session-replay.json')
  if (file.kind === 'bad') throw new Error(file.why)
  const a2: Broken = { invariant: 'A2', kind: null }
  const small = minimalOf({ broken: [a2], schedules: [file.value.schedule] }, srcSystem, () => {}, columns - 2)
  const drawn = { ...small, mode: 'literal' as const, replay: `npm run prop -- --replay ${'x/'.repeat(99)}` }
  const explanation = {
    notes: [{ step: 0, text: long }],
    differs: 0,
    rules: [{ rule: 'tag', clause: '§3', quote: long, advice: long, explained: 1 }],
    where: ['checkHeader in src/checks.ts', long],
  }
  const { missed: _, ...known } = { ...drawn, explanation, also: [], expected: true }
  const red = { ...known, expected: false, mode: 'bound' as const, also: [{ invariant: 'S4', why: long }], why: long }
  const judged = { schedules: 12_000, witnesses: 1_234_567 }
  return {
    modes: ['bound', 'literal'],
    invariants: CHECKS.map(({ id, says, powers, witness }, i) => ({
      ...{ id, says, powers, witness: witness.says, floor: witness.floor },
      bound: { ...judged, verdict: i % 5 === 0 ? ('not observable' as const) : i % 7 === 0 ? 'unreached' : bound },
      literal: { ...judged, verdict: i % 6 === 0 ? ('not violated' as const) : literal },
    })),
    counterexamples: [known, red],
    distribution: {
      replay: {
        ...{ schedules: 12_000, accepted: 1_234_567, lengths: { 3: 12_000 }, rounds: { 3: 12_000 } },
        reasons: Object.fromEntries(['bad-tag', 'bad-padding', 'bad-round', 'bad-state'].map((r) => [r, 123_456])),
      },
    },
    ...{
      seed: 20_261_123,
      schedules: 24_000,
      cells: [],
      reached: {},
      left: { schedules: 9, alone: 2, low: 0.123456, high: 1, biases: [], curve: [] },
      extraSeeds: 0,
      scopes: null,
      floors: false,
    },
    party: null,
  }
}

/** Drawn for the first of the terminals, which is the narrow one. */
let explored: Awaited<ReturnType<typeof explore.run>> | undefined

describe.each([80, 200])('in %i columns', { timeout: 60_000 }, (columns) => {
  const fits = async (text: string | Promise<string>): Promise<void> => {
    const shown = await text
    expect(shown.length).toBeGreaterThan(500)
    expect(tooLong(shown, columns)).toEqual([])
  }
  const problems = [{ kind: 'violation', text: long, at: 'spec/claims.ts', replay: `npm run prop -- ${long}` }]

  it('prop fits', async () => {
    const answer = { figures: campaignFigures(columns), problems, notes: [long] }
    await fits(read(prop, answer, columns))
    await fits(read(propAtLength, answer, columns))
  })

  it('attacks fit', async () => {
    const attacks = Array.from({ length: 20 }, (_, n) => ({
      ...{ n, name: 'x', title: long, says: long, claim: 10, why: long, bound: 'BLOCKED', literal: 'SUCCEEDED' },
      expected: { bound: 'SUCCEEDED', literal: 'SUCCEEDED' },
    }))
    await fits(read(attacksOf(readAttacks()), { figures: { modes: ['bound', 'literal'], attacks }, problems }, columns))
  })

  it('the kill matrix fits', async () => {
    const rows = MUTANTS.map((mutant) => ({
      mutant,
      outcome: { kind: 'hunted', hunts: {} } as const,
      verdict: 'SURVIVED' as const,
    }))
    const equivalent = MUTANTS.filter((m) => m.equivalent !== undefined).map((m) => ({
      ...{ id: m.id, family: 'x', bug: m.bug, expect: m.expect, verdict: 'equivalent', schedules: {}, actions: null },
      ...{ equivalent: m.equivalent, explanation: null, instead: null },
    }))
    const figures = { mutants: equivalent, catalogue: rows.length, matrix: matrix(rows, unpainted), toothless: [] }
    await fits(read(mutants, { figures, problems }, columns))
  })

  it('the model and the claims fit', async () => {
    const o = { ...defaultsOf(explore), scope: '1x1x2x1', mode: 'literal' as const }
    const { signal } = new AbortController()
    const context = { out: '', processes: 1, signal, progress() {}, say() {}, paint: unpainted, columns }
    explored ??= await explore.run(o, context)
    await fits(read(explore, { ...explored, problems }, columns))
    const drawn = explored.figures.scopes.flatMap((s) => s.judged.filter((j) => j.ladder.length > 0))
    expect(drawn.length).toBeGreaterThan(0)
    const verdicts = [1, 2, 10].map((claim) => ({
      ...{ claim, says: long, mode: 'literal', holds: claim % 2 === 0, evidence: long, differs: [long] },
      counterexamples: drawn.map((d) => d.id),
    }))
    const shown = drawn.map((d) => ({
      ...{
        invariant: d.id,
        mode: 'literal',
        says: '',
        moves: 3,
        why: long,
        ladder: d.ladder,
        diagram: '',
        attack: false,
      },
    }))
    await fits(read(claims, { figures: { verdicts, drawn: shown }, problems }, columns))
  })
})

it('a line that is too long is noticed', async () => {
  const check = { ...prop, text: () => long, ending: () => [], verdict: () => 'as expected' }
  const shown = await read(check, { figures: campaignFigures(80), problems: [] }, 80)
  expect(tooLong(shown, 80)).toEqual([long])
})
