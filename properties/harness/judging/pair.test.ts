import { describe, expect, it } from 'vitest'
import type { Action, Mode, Schedule } from '../../../spec/language.ts'
import { plan } from '../campaign/campaign.ts'
import { type Differed, differ, smallest } from '../campaign/differ.ts'
import { BIASES } from '../generate/biases.ts'
import { dialectSystem } from '../parties/dialect.ts'
import { LESS } from '../parties/less.fixture.ts'
import { changed, type MakeParty } from '../parties/party.ts'
import { comparedFor, srcSystem, systemFor } from '../parties/party-file.ts'
import { referenceParty, referenceSystem } from '../parties/reference.ts'
import { partyOf, srcParty } from '../parties/src.ts'
import { loadVariant } from '../process/variants.ts'
import { inWorld } from '../world/foreign.ts'
import { type System, systemOf } from '../world/system.ts'
import { compare, type Pair, pairOf } from './pair.ts'

const pair = (left: System, right: System): Pair => {
  const made = pairOf(left, right)
  if (made.kind === 'bad') throw new Error(made.why)
  return made.value
}

const over = (p: Pair, runs: number, mode: Mode, biases = Object.keys(BIASES)): readonly Differed[] =>
  plan(11, runs, [mode], biases).map((chunk) => differ(chunk, p))
const sum = (all: readonly Differed[], what: 'differing' | 'verdicts' | 'schedules' | 'undecided'): number =>
  all.reduce((total, d) => total + d[what], 0)
const firstOf = (all: readonly Differed[]): Schedule => all.find((d) => d.first !== null)!.first!

/** A party with a generator of its own, which gives these bytes. */
const own =
  (make: MakeParty, bytes: (n: number) => Uint8Array): MakeParty =>
  (host, setup) =>
    changed(
      make({ send: (at, frame) => host.send(at, frame), report: (r) => host.report(r), rng: () => bytes }, setup),
      { ownRng: true, fork: undefined },
    )
const counting = () => {
  let drawn = 1
  return (n: number) =>
    new Uint8Array(n).map(() => {
      drawn = (Math.imul(drawn, 1_103_515_245) + 12_345) >>> 0
      return drawn >>> 16
    })
}

const mutant = async (file: string, find: string, replace: string): Promise<MakeParty> =>
  partyOf(await loadVariant([{ file, find, replace }]))
const HONEST: readonly Action[] = [{ do: 'converse', client: 0, rounds: 2 }]

const STALE = "if (header.round < expected.round) return 'stale-round'"

describe('two that do the same', () => {
  it.each(['bound', 'literal'] as const)('src and reference, in %s: no difference', (mode) => {
    const p = pair(srcSystem, referenceSystem)
    expect(p.notComparable).toEqual(['told (only src reports it)'])
    const all = over(p, 150, mode)
    expect(sum(all, 'schedules')).toBe(150)
    expect(sum(all, 'verdicts')).toBeGreaterThan(1_500)
    expect(sum(all, 'differing')).toBe(0)
  })

  it.each(Object.entries(LESS))('one that can or tells less, %s, and src: no difference', (name, less) => {
    const p = pair(systemOf(name, less(referenceParty), less(referenceParty)), srcSystem)
    expect(sum(over(p, 26, 'bound'), 'differing')).toBe(0)
  })

  it.each(['bound', 'literal'] as const)('one with a generator of its own, in %s: chance is no difference', (mode) => {
    const party = own(srcParty, counting())
    const p = pair(systemOf('own', party, party), srcSystem)
    expect(p.sameBytes).toBe(false)
    const all = over(p, 104, mode)
    expect(sum(all, 'differing')).toBe(0)
    expect(sum(all, 'undecided')).toBeLessThan(5)
  })
})

it('what leaked keys open by chance is no difference', () => {
  const party = own(srcParty, counting())
  const p = pair(systemOf('own', party, party), srcSystem)
  expect(sum(over(p, 120, 'literal', ['leak']), 'differing')).toBe(0)
})

describe('a difference', async () => {
  const stale = await mutant('src/checks.ts', STALE, STALE.replace('stale-round', 'future-round'))

  it('is found, made small, and drawn side by side', () => {
    const p = pair(systemOf('odd', stale, stale), srcSystem)
    const found = firstOf(over(p, 48, 'bound', ['replay']))
    const { schedule, why, drawing } = smallest(found, p)
    expect(schedule.actions.length).toBeLessThanOrEqual(4)
    expect(why).toMatch(/^odd: .*; src: .* rejected .*: stale-round/)
    expect(drawing.join('\n')).toMatch(/^ {2}odd +src$/m)
    expect(drawing.join('\n')).toMatch(/^≠ .*: future-round +.* rejected \w+ r0 f\d: stale-round$/m)
  })

  it('is found of one with a generator of its own, in what its frames say', async () => {
    const wrong = own(await mutant('src/aggregate.ts', 'rounded, count, ', 'rounded, count: count + 1, '), counting())
    const p = pair(systemOf('own', referenceParty, wrong), srcSystem)
    const { why, schedule } = smallest(firstOf(over(p, 32, 'bound', ['rounds'])), p)
    expect(schedule.actions.length).toBeLessThanOrEqual(6)
    expect(why).toMatch(/^own: s0 sent SERVER_AGGR_RESPONSE .*; body.count: \d+ \| \d+/)
    expect(why).not.toContain('frame:') // which are other bytes anyway
  })

  it('is found in the frames of one that tells nothing', async () => {
    const longer = await mutant('src/frame.ts', 'ciphertext.length + TAG_BYTES)', 'ciphertext.length + TAG_BYTES + 1)')
    const silent = LESS.accepted!(LESS.rejected!(LESS.ended!(LESS.view!(longer))))
    const p = pair(systemOf('silent', referenceParty, silent), srcSystem)
    expect([...p.compared]).not.toContain('accepted')
    expect([...p.compared]).toContain('sent')
    const { why, schedule } = smallest(firstOf(over(p, 16, 'literal', ['replay'])), p)
    expect(schedule.actions.length).toBeLessThanOrEqual(2)
    expect(why).toMatch(
      /^silent: s0 sent SERVER_CHALLENGE r0 f1; src: s0 sent SERVER_CHALLENGE r0 f\d; .*bytes: \d+ \| \d+/,
    )
  })
})

describe('servers of dialects', async () => {
  const named = async (name: string): Promise<System> => {
    const found = await comparedFor(name)
    if (found.kind === 'bad') throw new Error(found.why)
    return found.value
  }
  /** Somebody else's server, in TypeScript or behind an adapter: it is not said what it speaks. */
  const theirs = (s: System): System => systemOf('theirs', referenceParty, s.server)

  it.each(['a', 'b', 'c'])(
    '%s and somebody else’s do the same, with clients that speak it in both worlds',
    async (name) => {
      const dialect = await named(`dialect:${name}`)
      const p = pair(theirs(dialect), dialect)
      expect(p.sides).toEqual(['server'])
      expect(p.systems.map((s) => s.dialect)).toEqual([dialect.dialect, dialect.dialect])
      const all = over(p, 26, 'bound')
      expect(sum(all, 'differing')).toBe(0)
      expect(sum(all, 'verdicts')).toBeGreaterThan(200)
      const honest = compare({ ...firstOf(over(pair(srcSystem, dialect), 4, 'bound')), actions: HONEST }, p)
      expect(honest.worlds[0].flatMap((e) => (e.on === 'rejected' ? e.reason : []))).toEqual([])
      expect(honest.verdicts).toBe(6)
    },
  )

  it('differ where one takes what it must refuse, and from what speaks something else', async () => {
    const a = await named('dialect:a')
    const lax = { ...inWorld(a.dialect!), directions: { c2s: 9, s2c: 10 } }
    const odd = systemOf('odd', referenceParty, dialectSystem('', lax).server)
    const found = over(pair(odd, a), 13, 'bound')
    expect(smallest(firstOf(found), pair(odd, a)).schedule.actions.length).toBeLessThanOrEqual(2)
    expect(sum(over(pair(a, await named('dialect:b')), 13, 'bound'), 'differing')).toBeGreaterThan(5)
  })

  it('are named, and have no invariants of their own', async () => {
    expect(await comparedFor('dialect:none')).toMatchObject({
      why: expect.stringMatching(/^dialect:none: expected a dialect file \(JSON\) or one of a, b, c, got /),
    })
    expect(await systemFor('dialect:a')).toMatchObject({ why: expect.stringContaining('expected a twin beside it') })
  })
})

describe('what is compared', () => {
  it('is what both play: the reference plays the rest in both worlds', () => {
    const p = pair(systemOf('a', referenceParty, srcParty), srcSystem)
    expect(p.sides).toEqual(['server'])
    expect(p.systems.map((s) => s.client)).toEqual([referenceParty, referenceParty])
    expect(p.notComparable).toContain('the clients (the reference in both)')
  })

  it('must be something', () => {
    const [a, b] = [systemOf('a', srcParty, referenceParty), systemOf('b', referenceParty, srcParty)]
    expect(pairOf(a, b)).toEqual({
      kind: 'bad',
      why: 'expected two that play the same side, got a and b, which do not',
    })
  })

  it('ends where an edit that changes a frame in one world by chance changes nothing in the other', () => {
    const party = own(srcParty, (n) => new Uint8Array(n).fill(7)) // all bytes of an IV are equal
    const p = pair(srcSystem, systemOf('own', party, party))
    const schedule: Schedule = {
      version: 1,
      seed: 3,
      mode: 'bound',
      powers: 'N',
      setup: { clients: [1], insiders: [], challenge: 'fresh', startRound: 1, limits: {} },
      actions: [
        { do: 'connect', client: 0 },
        { do: 'deliver', frame: 0, to: { side: 'server', n: -1 }, edit: { do: 'exchange', at: 'iv', pos: 0, and: 1 } },
      ],
    }
    expect(compare(schedule, p)).toMatchObject({ difference: null, undecided: 1 })
  })
})
