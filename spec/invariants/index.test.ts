import { readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { Event } from '../events.ts'
import { INVARIANTS, type Invariant, isViolated, judges, violated } from './index.ts'
import { c0, c1, type Story, s0, s1 } from './testkit.ts'
import { hear } from './testkit-judging.ts'

/** Something of everything that a system may report. */
const everything = (s: Story): void => {
  s.handshake(1)
  s.rounds(c0, s0, [1])
  s.handshake(2)
  s.refuses(s1, s.seals(s1, 'DATA', c1, 'previous'), 'bad-tag')
  s.tells({ on: 'exposed', at: s0, round: 2, frame: s.submits(c0, 2) })
  s.tells({ on: 'memory', at: s0, buffered: 1, retained: 1, connections: 1 })
  s.informs(s0, s.of(c0, 'DATA'))
  s.tells({ on: 'unsent', at: s0 })
  s.tells({ on: 'fault', at: s0, error: 'Error' })
  s.tells({ on: 'conversed', run: c0, asked: 2, done: 1 })
}

const KINDS: Readonly<Record<Event['on'], true>> = {
  step: true,
  settled: true,
  opened: true,
  submitted: true,
  delivered: true,
  sealed: true,
  sent: true,
  unsent: true,
  accepted: true,
  told: true,
  rejected: true,
  committed: true,
  ended: true,
  fault: true,
  primitive: true,
  exposed: true,
  memory: true,
  conversed: true,
}

const POWERS = ['', 'N', 'I', 'L', 'F', 'NI', 'NL', 'NF', 'NIL', 'NILF']

/** Needs nothing, so it may react to nothing. */
const BLANK: Invariant = {
  id: 'X',
  says: '',
  powers: 'NIL',
  needs: [],
  literal: 'holds',
  witness: { says: '', floor: 0, hit: () => false },
  start: null,
  step: (s) => s,
}

describe('the list of invariants', () => {
  test('has each id once', () => {
    expect([...new Set(INVARIANTS.map((i) => i.id))]).toEqual(INVARIANTS.map((i) => i.id))
  })

  test('has every monitor of every file here, and every file has its own tests', async () => {
    const files = readdirSync(import.meta.dirname)
    const monitors = files.filter((f) => !/test|^index|^invariant\.ts/.test(f))
    for (const file of monitors) {
      expect(files).toContain(file.replace('.ts', '.test.ts'))
      const exported: Record<string, Invariant> = await import(`./${file}`)
      for (const [name, i] of Object.entries(exported)) {
        expect(name).toBe(i.id)
        expect(INVARIANTS).toContain(i)
      }
    }
    expect(monitors.length).toBeGreaterThan(8)
  })

  test.each(INVARIANTS.map((i) => [i.id, i] as const))('%s says what it is about', (_, i) => {
    for (const sentence of [i.says, i.witness.says]) expect(sentence).toMatch(/^\S.{10,}[^.\s]$/)
    expect(i.powers).toMatch(/^NI?L?$/)
    expect(i.witness.floor).toBeGreaterThan(0)
    expect(i.needs.length).toBeGreaterThan(0)
    expect(new Set(i.needs).size).toBe(i.needs.length)
    expect(Object.keys(KINDS)).toEqual(expect.arrayContaining([...i.needs]))
    expect(isViolated(i.start)).toBe(false)
  })
})

describe('which powers an invariant is judged against', () => {
  test.each([
    ['N', ['', 'N', 'F', 'NF']],
    ['NI', ['', 'N', 'I', 'F', 'NI', 'NF']],
    ['NL', ['', 'N', 'L', 'F', 'NL', 'NF']],
    ['NIL', POWERS],
  ])('%s', (powers, judged) => {
    expect(POWERS.filter((p) => judges({ ...BLANK, powers }, p))).toEqual(judged)
  })
})

describe('witnesses', () => {
  const reached = (tell: (s: Story) => void): string[] =>
    [...hear(tell).hearings].filter(([, h]) => h.hits > 0).map(([i]) => i.id)

  test('an undisturbed conversation reaches those that ask for no more', () => {
    const undisturbed = (s: Story): void => {
      s.handshake(1)
      s.rounds(c0, s0, [1])
      s.tells({ on: 'conversed', run: c0, asked: 0, done: 0 })
      s.tells({ on: 'memory', at: s0, buffered: 0, retained: 1, connections: 1 })
      s.begins(null)
      s.ends(s0, 'close')
    }
    expect(reached(undisturbed)).toEqual(['C5', 'KAT', 'S6', 'R2', 'A1', 'B2'])
  })

  test('a frame rejected for its header reaches those about altered frames, rejections and other sessions', () => {
    const rejected = (s: Story): void => {
      s.handshake(1)
      s.handshake(2)
      s.refuses(s0, s.altered(s.submits(c0, 1), { round: 0 }), 'stale-round')
    }
    expect(reached(rejected)).toEqual(['F1', 'C1', 'C5', 'KAT', 'S4', 'R4', 'I4', 'B2', 'O1', 'O3'])
  })
})

describe('what every monitor is held to', () => {
  test('the history that is told to all has every kind of event', () => {
    const told = new Set<string>()
    const listener: Invariant = { ...BLANK, witness: { ...BLANK.witness, hit: (e) => told.add(e.on) && false } }
    hear(everything, { monitors: [listener] })
    expect(told).toEqual(new Set(Object.keys(KINDS)))
  })

  test.each(INVARIANTS.map((i) => [i.id, i] as const))('%s: pure, and reacts to what it needs alone', (_, i) => {
    expect(() => hear(everything, { monitors: [i] })).not.toThrow()
  })

  const count = { ...BLANK, step: (n: unknown) => Number(n) + 1 }
  const once = (e: Event): boolean => e.on === 'ended'
  const set = { ...BLANK, start: new Set(['x']) }
  const mutable =
    <S>(change: (s: S) => void) =>
    (s: unknown) => {
      change(s as S)
      return s
    }
  test.each<readonly [string, Invariant, RegExp]>([
    ['a state that changes', count, /X reacts to 'step', which it does not need/],
    ['a witness that is hit', { ...BLANK, witness: { ...BLANK.witness, hit: once } }, /X reacts to 'ended'/],
    ['a violation', { ...BLANK, step: (s, e) => (e.on === 'settled' ? violated('') : s) }, /X reacts to 'settled'/],
    ['a set that grows', { ...set, step: mutable<Set<string>>((s) => s.add('y')) }, /changed its state in place/],
    ['a set that shrinks', { ...set, step: mutable<Set<string>>((s) => s.delete('x')) }, /changed its state in place/],
    [
      'a map deep inside',
      {
        ...BLANK,
        start: { a: new Map<string, number>() },
        step: mutable<{ a: Map<string, number> }>((s) => s.a.set('y', 1)),
      },
      /changed its state in place/,
    ],
    ['a list', { ...BLANK, start: [0], step: mutable<number[]>((s) => s.push(1)) }, /not extensible/],
    ['a field', { ...BLANK, start: { n: 0 }, step: mutable<{ n: number }>((s) => s.n++) }, /read only/],
  ])('it is noticed: %s', (_, monitor, why) => {
    expect(() => hear(everything, { monitors: [monitor] })).toThrow(why)
  })
})
