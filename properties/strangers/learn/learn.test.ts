import { describe, expect, it } from 'vitest'
import { PROTOCOL } from '../../../spec/dialects/dialect.ts'
import { MUTANTS } from '../../harness/mutants/catalogue.ts'
import { srcSystem } from '../../harness/parties/party-file.ts'
import { partyOf, srcParty } from '../../harness/parties/src.ts'
import { loadVariant } from '../../harness/process/variants.ts'
import { patienceFor } from '../../harness/target/peer.ts'
import { play } from '../../harness/world/play.ts'
import { alphabetOf } from './alphabet.ts'
import { Asking, Ended, NONDETERMINISTIC } from './asking.ts'
import { differences } from './card.ts'
import { mermaid, svg } from './drawing.ts'
import { outputsOf, separates, type Word } from './machine.ts'
import { INERT } from './say.ts'
import { scheduleOf } from './schedule.ts'
import { type Plan, study } from './study.ts'
import { CLIENT, learnParty, modelMachine } from './within.ts'

const FOREVER = { until: Number.POSITIVE_INFINITY }
const plan = (connections: 1 | 2, seed: number, alphabet = alphabetOf(connections)): Omit<Plan, 'expected'> => ({
  alphabet,
  connections,
  extra: 1,
  walks: 50,
  seed,
})
const REPLAYS = ['a.hello', 'a.data', 'b.hello-of-other', 'b.data-of-other', 'b.data']

describe('our server', { timeout: 60_000 }, () => {
  it('has the machine of the reference in both modes, whatever the seed', async () => {
    for (const mode of ['bound', 'literal'] as const)
      for (let seed = 1; seed <= 5; seed++)
        for (const p of seed > 1 ? [plan(1, seed)] : [plan(1, seed), plan(2, seed, REPLAYS)]) {
          const expected = await modelMachine(PROTOCOL[mode], false, p, FOREVER)
          const learned = await learnParty(srcParty, mode, true, { ...p, expected }, FOREVER)
          expect(learned).toMatchObject({ ended: null, unsteady: [], open: [] })
          expect(separates(expected, learned.machine)).toBe(null)
          expect(learned.machine.states.length).toBe(expected.states.length)
          if (p.connections === 1) expect(learned.machine.states.length).toBe(4)
        }
  })

  it('has in literal the edge on which a recorded session replays, and states that are one in bound', async () => {
    const p = plan(2, 1, REPLAYS)
    const expected = await modelMachine(PROTOCOL.bound, false, p, FOREVER)
    const learned = await learnParty(srcParty, 'literal', true, { ...p, expected }, FOREVER)
    const { edges, states } = differences(expected, learned)
    expect(edges.map((e) => [e.kind, e.word.join(' '), e.expected, e.got])).toContainEqual([
      'extra',
      'a.hello a.data b.hello-of-other b.data-of-other',
      '50, closes',
      '40',
    ])
    expect(states.filter((s) => s.kind === 'split').length).toBeGreaterThan(0)
  })

  it('is seen to be another where it differs, by a word that shows it, and equal where it does not', async () => {
    const p = plan(1, 1)
    const expected = await modelMachine(PROTOCOL.bound, false, p, FOREVER)
    const shown = async (id: string) => {
      const { replacements } = MUTANTS.find((m) => m.id === id)!
      const src = (await loadVariant(replacements, 'src/index.ts')) as unknown as Parameters<typeof partyOf>[0]
      return differences(expected, await learnParty(partyOf(src), 'bound', true, { ...p, expected }, FOREVER))
    }
    expect((await shown('tag-half')).edges.slice(0, 1)).toMatchObject([
      { kind: 'extra', word: ['hello', 'data-bad-tag'], got: '40' },
    ])
    expect((await shown('desync-answered')).edges[0]).toMatchObject({ kind: 'other', word: ['hello', 'error'] })
    expect((await shown('newest-8-rounds')).edges).toEqual([])
  })

  it('is not blamed where it does not show how sessions end', async () => {
    const p = plan(1, 1)
    const expected = await modelMachine(PROTOCOL.bound, false, p, FOREVER, false)
    const learned = await learnParty(srcParty, 'bound', false, { ...p, expected }, FOREVER)
    expect(differences(expected, learned).edges).toEqual([])
    expect(learned.machine.states.some((s) => Object.values(s.next).some((e) => e.output.includes('closes')))).toBe(
      false,
    )
  })
})

/** The opcodes that were heard, by connection, in the order in which connections were opened. */
const heardOn = (word: Word, outputs: readonly string[]): readonly string[][] => {
  const heard = new Map<string, string[]>()
  for (const [i, symbol] of word.entries()) {
    if (outputs[i] === INERT.nothing) continue
    const on = symbol.startsWith('b.') ? 'b' : 'a'
    heard.set(on, [...(heard.get(on) ?? []), ...outputs[i]!.split(', ').filter((o) => /^\d+$/.test(o))])
  }
  return [...heard.values()]
}

it('writes words as schedules, on which a server sends what it sent when it was learned', {
  timeout: 60_000,
}, async () => {
  let [written, all] = [0, 0]
  for (const p of [plan(1, 1), plan(2, 1, REPLAYS)]) {
    const machine = await modelMachine(PROTOCOL.literal, false, p, FOREVER)
    for (const { access } of machine.states)
      for (const symbol of p.alphabet) {
        const word = [...access, symbol]
        const outputs = outputsOf(machine, word)
        if (outputs.at(-1) === INERT.closed || outputs.at(-1) === INERT.nothing) continue
        all++
        const schedule = scheduleOf(word, outputs, CLIENT, 'literal', 1)
        if (schedule === null) continue
        written++
        const sent: string[][] = []
        play(schedule, srcSystem, (e) => {
          if (e.on === 'opened' && e.at.side === 'server') sent[e.at.n] = []
          if (e.on === 'sent' && e.at?.side === 'server') sent[e.at.n]!.push(String(e.header.opcode))
        })
        const heard = heardOn(word, outputs)
        expect(sent.length, word.join(' ')).toBe(heard.length)
        for (const [n, opcodes] of heard.entries()) {
          expect(sent[n]!.slice(0, opcodes.length), word.join(' ')).toEqual(opcodes)
          expect(sent[n]!.slice(opcodes.length).filter((o) => o !== '60')).toEqual([]) // a TERMINATE that nobody looked for
        }
      }
  }
  expect(written / all).toBeGreaterThan(0.9)
})

describe('whoever answers differently', () => {
  const asked = (answer: (word: readonly string[], client: number, times: number) => string) => {
    let times = 0
    return study(
      { ...plan(1, 1, ['hello', 'data']), expected: null },
      async (word, client) => {
        times++
        return word.map((_, i) => answer(word.slice(0, i + 1), client, times))
      },
      3,
    )
  }

  it('by chance is told, and the word is not followed', async () => {
    let n = 0
    const learned = await asked((word) => (word.join() === 'hello,data' && ++n % 2 === 0 ? '50, closes' : '20'))
    expect(learned.unsteady[0]).toMatchObject({ word: ['hello', 'data'], survives: false })
    expect(
      Object.values(learned.machine.states)
        .flatMap((s) => Object.values(s.next))
        .some((e) => e.output === NONDETERMINISTIC),
    ).toBe(true)
  })

  it('since something is remembered is told so', async () => {
    const learned = await asked((word, client, times) =>
      word.length === 1 && client === 0 && times > 3 ? 'closes' : '20',
    )
    expect(learned.unsteady).toContainEqual({ word: ['hello'], answers: ['20', 'closes'], survives: true })
  })

  it('once, as on a busy machine, is asked again', async () => {
    const learned = await asked((word, _, times) => (word.length === 2 && times === 5 ? 'silence' : '20'))
    expect(learned).toMatchObject({ unsteady: [], ended: null })
    expect(learned.machine.states.length).toBe(1)
  })
})

it('waits for ten times the slowest answer, however slow that is, and not ten times over for who is late on purpose', () => {
  expect([patienceFor(1, 60), patienceFor(900, 60), patienceFor(2_000, 60, true)]).toEqual([60, 9_000, 2_560])
})

it('says what it does not know where it is ended', async () => {
  const learned = await study(
    { ...plan(1, 1, ['hello', 'data']), expected: null },
    async (word) => {
      if (word.length > 2) throw new Ended('the time was up')
      return word.map((s, i) => (s === 'hello' ? '20' : i === 0 ? 'silence' : '40'))
    },
    1,
  )
  expect(learned.ended).toBe('the time was up')
  expect(learned.open.length).toBeGreaterThan(0)
})

it('asks nobody where nothing is sent', async () => {
  const said: string[] = []
  const asking = new Asking(async (word) => {
    said.push(word.join(' '))
    return word.map((s) => (s === 'terminate' ? 'closes' : '20'))
  }, 1)
  await asking.ask(['hello', 'terminate'])
  const { nothing, closed } = INERT
  expect(await asking.ask(['data-again', 'hello', 'terminate', 'hello'])).toEqual([nothing, '20', 'closes', closed])
  expect(said).toEqual(['hello terminate'])
})

it('draws: the same bytes each time, and whatever a stranger is called as text', async () => {
  const p = plan(1, 1)
  const machine = await modelMachine(PROTOCOL.bound, false, p, FOREVER)
  expect(mermaid(machine)).toContain('s1 --> s3: data / 40')
  const [one, other] = [
    await svg(machine, '<script>alert(1)</script>"'),
    await svg(machine, '<script>alert(1)</script>"'),
  ]
  expect(one).toBe(other)
  expect(one).not.toContain('<script')
  expect(await svg(machine, 'x', new Set(['0 hello']))).toContain('#c00000')
})
