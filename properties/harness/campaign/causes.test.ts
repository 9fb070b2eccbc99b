import { describe, expect, it } from 'vitest'
import type { Schedule } from '../../../spec/language.ts'
import { BIASES } from '../generate/biases.ts'
import { violation } from '../judging/examine.ts'
import { MUTANTS } from '../mutants/catalogue.ts'
import { partyOf } from '../parties/src.ts'
import { loadVariant } from '../process/variants.ts'
import { type System, systemOf } from '../world/system.ts'
import { plan, runChunk } from './campaign.ts'
import { type Breach, causes, KindCounter, type Kinds, kindOf, mergeKinds, telling } from './causes.ts'
import { hunt, minimalOf } from './minimal.ts'
import { emptyResult, merge, type Row, rows } from './tally.ts'

const b = (id: string, at: number, why: string | null = null): Breach => ({ id, at, why })
const schedule = {} as Schedule
const JUDGED = ['A', 'B', 'C']

/** What these schedules broke, a list of breaches each, as chunks of one schedule. */
const kindsOf = (id: string, history: readonly (readonly Breach[])[]): readonly Kinds[] =>
  history.map((breaches, chunk) => {
    const counter = new KindCounter()
    counter.broken(breaches, JUDGED, { chunk, nth: 0, schedule })
    return counter.of(id)
  })

/** The groups of symptoms, by id. */
const grouped = (...history: readonly (readonly Breach[])[]): readonly (readonly string[])[] => {
  const symptoms = JUDGED.flatMap((id) => {
    const kinds = kindsOf(id, history).reduce(mergeKinds, {})
    return Object.entries(kinds).map(([kind, counts]) => ({ of: null, id, kind, counts }))
  })
  return causes(symptoms).map((group) => group.map((s) => s.id))
}
const times = <T>(count: number, what: T): readonly T[] => Array.from({ length: count }, () => what)

describe('causes', () => {
  it('are one where two always break at the same action', () => {
    expect(grouped([b('A', 3), b('B', 3)], [b('A', 5), b('B', 5)])).toEqual([['A', 'B']])
    expect(grouped([b('A', 3)], ...times(9, [b('A', 1)]), [b('A', 3), b('B', 3)])).toEqual([['A', 'B']])
  })

  it('are one where what breaks later seldom stays out, and what breaks first comes first', () => {
    const both = [b('B', 2), b('A', 4), b('C', 9)]
    expect(grouped(both, both, [b('B', 2)], [b('B', 2)])).toEqual([['B', 'A', 'C']])
  })

  it('differ where one breaks without the other', () => {
    expect(grouped([b('A', 3), b('B', 3)], [b('A', 3)], [b('B', 1)])).toEqual([['A'], ['B']])
  })

  it('differ where one breaks in everything, which explains nothing', () => {
    expect(grouped(...times(9, [b('A', 1)]), [b('A', 1), b('B', 6)])).toEqual([['A'], ['B']])
  })

  it('differ by what a violation says, so that an invariant broken in two ways is found twice', () => {
    const [long, odd] = [b('C', 4, 's0 sent 70 bytes'), b('C', 4, 'c1 sent no frame')]
    expect(grouped([long], [odd], [{ ...long, why: 's12 sent 4 bytes' }])).toEqual([['C'], ['C']])
    expect(kindOf('f12 of s0: 00ff12cd')).toBe('f# of s#: #')
    expect(kindOf('sum 2.5 of 2, were [-1, 5e-324, 1e+21]')).toBe('sum # of #, were [#]')
    expect(kindOf('sum 2.5 of 99, were [-1, 5e-324, … 97 more]')).toBe('sum # of #, were [#]')
  })

  it('differ by what the model allows that was not seen', () => {
    const refused = 'saw c0 out-of-phase; c0 ends; s1 ACTIVE r1; the model allows c0 stale-round; c0 ends; s1 ACTIVE r1'
    expect(kindOf(refused)).toBe('not c# stale-round')
    expect(kindOf('saw s0 accepted; s0 sends 40; the model allows s0 accepted or s0 bad-tag')).toBe(
      's# sends #, not nothing',
    )
    expect(telling('SPEC', refused)).toBe(refused)
    expect(telling('TWIN', refused)).toBeNull()
  })

  it('do not depend on the order in which chunks arrive', () => {
    const history = [0, 1, 2, 3, 4, 5, 6, 7, 8].map((k) => [b('A', 1, `way ${'abcdefghi'[k]}`), b('B', 1)])
    const [all, forth] = [kindsOf('A', history), kindsOf('A', history).reduce(mergeKinds)]
    expect(JSON.stringify(all.toReversed().reduce(mergeKinds))).toBe(JSON.stringify(forth))
    expect(Object.keys(forth)).toEqual([...'abcdefgh'].map((w) => `way ${w}`))
    const halves = [all.slice(4).reduce(mergeKinds), all.slice(0, 4).reduce(mergeKinds)] as const
    expect(JSON.stringify(mergeKinds(...halves))).toBe(JSON.stringify(forth))
  })
})

describe('the hunt', () => {
  const history = [
    [b('A', 1), b('B', 1, 'one way')],
    [b('A', 1), b('B', 1, 'another way')],
    [b('A', 1), b('B', 1, 'a third way')],
  ]
  const row = (id: string): Row => {
    const kinds = kindsOf(id, history).reduce(mergeKinds, {})
    const tally = { kinds, notObservable: false, first: { chunk: 0, schedule } }
    return { invariant: { id }, mode: 'bound', verdict: 'violated', tally } as unknown as Row
  }

  it('asks again for a way in which one breaks, until some counterexample shows it', async () => {
    const asked: string[][] = []
    const found = await hunt([row('A'), row('B')], async (all) =>
      all.map(({ broken: [first, ...missed] }) => {
        asked.push([first, ...missed].map((x) => `${x.invariant} ${x.kind}`))
        const shows = ['one way', 'a third way'].map((kind) => ({ invariant: 'B', kind, why: kind }))
        const { invariant } = first
        return { invariant, schedule, why: '', ladder: [], diagram: '', also: [], missed, shows }
      }),
    )
    expect(asked).toEqual([['A null', 'B one way', 'B another way', 'B a third way'], ['B another way']])
    expect(found.map((f) => [f.invariant, f.row.invariant.id, f.also])).toEqual([
      ['A', 'A', [{ invariant: 'B', why: 'one way' }]],
      ['B', 'B', []],
    ])
  })
})

it('tells a schedule to which two ways shrink once', async () => {
  const ways = [[b('B', 1, 'one way')], [b('B', 1, 'another')]]
  const kinds = kindsOf('B', ways).reduce(mergeKinds, {})
  const tally = { kinds, notObservable: false, first: { chunk: 0, schedule } }
  const row = { invariant: { id: 'B' }, mode: 'bound', verdict: 'violated', tally } as unknown as Row
  const same = { invariant: 'B', schedule, why: '', ladder: [], diagram: '', missed: [], shows: [] }
  const found = await hunt([row], async (all) =>
    all.map((_, i) => ({ ...same, also: i === 0 ? [] : [{ invariant: 'C', why: 'too' }] })),
  )
  expect(found.map((f) => f.also)).toEqual([[{ invariant: 'C', why: 'too' }]])
})

/** src with these faults of the catalogue at once. */
const withFaults = async (ids: readonly string[]): Promise<System> => {
  const faults = ids.map((id) => MUTANTS.find((m) => m.id === id)!.replacements)
  const party = partyOf(await loadVariant(faults.flat()))
  return systemOf(ids.join(' and '), party, party)
}

const RUNS = 108

const findings = async (system: System) => {
  const chunks = plan(7, RUNS, ['bound'], Object.keys(BIASES))
  const result = chunks.reduce((r, c) => merge(r, runChunk(c, system)), emptyResult(system))
  const broken = rows(result, ['bound'], null, false).filter((r) => r.tally.first !== null)
  const small = await hunt(broken, async (asked) => asked.map((s) => minimalOf(s, system)))
  return { broken, small }
}

describe('one cause, one finding', { timeout: 60_000 }, () => {
  it.each([
    ['own-missing', 3, 2], // the last: what is a finding of its own, at most
    ['no-binding', 12, 8],
  ])('%s: at least %i invariants, at most %i findings', async (id, least, most) => {
    const { broken, small } = await findings(await withFaults([id]))
    expect(broken.length).toBeGreaterThanOrEqual(least)
    expect(small.length).toBeLessThanOrEqual(most)
    expect(small[0]!.also.length).toBeGreaterThan(0)
    for (const { schedule, invariant, also } of small)
      for (const shown of [invariant, ...also.map((a) => a.invariant)])
        expect(violation(shown, schedule, await withFaults([id])), shown).toBeDefined()
  })

  it.each([[['own-missing', 'resent-frame-accepted']], [['short-frame-crashes', 'desync-resets-keys']]])(
    'both faults of %j have a schedule that shows them alone',
    async (ids) => {
      const { small } = await findings(await withFaults(ids))
      for (const id of ids) {
        const alone = await withFaults([id])
        const shown = small.filter((m) => violation(m.invariant, m.schedule, alone) !== undefined)
        expect(
          shown.map((m) => m.invariant),
          id,
        ).not.toEqual([])
      }
    },
  )
})
