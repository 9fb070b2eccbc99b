import { describe, expect, it } from 'vitest'
import { actionsIn, BOUND } from './actions.ts'
import { EXPERIMENTS } from './experiments.ts'
import { invariantsOf } from './invariants.ts'
import {
  and,
  assign,
  eq,
  exists,
  FALSE,
  fn,
  forall,
  implies,
  int,
  ite,
  lt,
  not,
  or,
  type Structure,
  TRUE,
  variable,
} from './logic.ts'
import { obligations } from './obligations.ts'
import { STATE } from './vocabulary.ts'

const red = fn('red', ['Run'], 'Bool')
const size = fn('size', ['Run'], 'Int')
/** Runs 1, 2 and 3; red are the odd ones; their size is their number. */
const three: Structure = {
  elements: () => [1, 2, 3],
  apply: (name, [x]) => (name === 'red' ? Number(x) % 2 === 1 : x),
}

describe('a formula', () => {
  it.each([
    ['forall, not of all', forall(['Run'], (x) => red(x!)), false],
    ['exists', exists(['Run'], (x) => and(red(x!), lt(int(2), size(x!)))), true],
    ['two variables', exists(['Run', 'Run'], (x, y) => and(not(eq(x!, y!)), red(x!), red(y!))), true],
    ['nested, the inner of the outer', forall(['Run'], (x) => exists(['Run'], (y) => not(eq(red(x!), red(y!))))), true],
    ['implication', forall(['Run'], (x) => implies(red(x!), not(eq(size(x!), int(2))))), true],
    ['choice', forall(['Run'], (x) => eq(ite(red(x!), int(1), int(0)), int(1))), false],
    ['nothing of or', or(), false],
    ['nothing of and', and(), true],
  ])('is evaluated: %s', (_, formula, holds) => expect(formula.value(three, [])).toBe(holds))

  it('takes the value that a variable was given', () => {
    const [x, at] = [variable('Run'), [] as unknown[]]
    assign(x, 2, at)
    expect(red(x).value(three, at)).toBe(false)
  })

  it('is printed as SMT-LIB, without what does not matter', () => {
    expect(and(TRUE, eq(int(1), int(2))).smt).toBe('(= 1 2)')
    expect(or(FALSE, TRUE, FALSE).smt).toBe('true')
    expect(forall(['Run'], (x) => red(x!)).smt).toMatch(/^\(forall \(\((run_\d+) Run\)\) \(red \1\)\)$/)
  })

  it('of the wrong sorts is refused by name', () => {
    expect(() => red(int(1))).toThrow(new TypeError('red: expected (Run), got (Int)'))
  })
})

describe('the proof', () => {
  const all = obligations()
  const count = (kind: string): number => all.filter((o) => o.kind === kind).length

  it('is of every invariant, at the start and after every action', () => {
    const invariants = Object.keys(invariantsOf(STATE)).length
    expect({
      initiation: count('initiation'),
      preservation: count('preservation'),
      property: count('property'),
    }).toEqual({
      initiation: invariants,
      preservation: invariants * actionsIn(STATE, variable).length,
      property: 13,
    })
    expect(invariants).toBe(27)
  })

  it.each(Object.entries(EXPERIMENTS))('experiment %s changes the system, and names obligations that exist', (_, e) => {
    const changed = obligations(e)
    const named = changed.filter((o) => e.fails.includes(`${o.action}: ${o.claim}`))
    expect(named.map((o) => `${o.action}: ${o.claim}`).toSorted()).toEqual([...e.fails].toSorted())
    // Variables are numbered anew in every system.
    const plain = (text: string): string => text.replaceAll(/_\d+/g, '_')
    for (const o of named) {
      const own = all.find((x) => x.action === o.action && x.claim === o.claim && x.kind === o.kind)!
      expect(plain(own.text)).not.toBe(plain(o.text))
    }
  })

  it('leaves no rule of the key schedule without an experiment', () => {
    const schedules = Object.values(EXPERIMENTS).flatMap((e) => (e.schedule === undefined ? [] : [e.schedule]))
    for (const rule of Object.keys(BOUND) as (keyof typeof BOUND)[])
      expect(schedules.filter((s) => !s[rule])).not.toEqual([])
  })
})
