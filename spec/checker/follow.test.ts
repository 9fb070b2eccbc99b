import { expect, test } from 'vitest'
import type { Action } from '../language.ts'
import { explore } from './explore.ts'
import { follow, pending } from './follow.ts'
import { Model } from './model.ts'
import { scheduleOf } from './paths.ts'
import { scope } from './scope.ts'

const LITERAL = scope('1x2x2x1', { mode: 'literal' })
const ALL = explore(LITERAL)
const attack = (size = LITERAL, from: readonly Action[] = []) =>
  explore(size, { until: 'A2', from: (m) => follow(m, from).moves }).judged.find((j) => j.invariant.id === 'A2')!

const c0 = { side: 'client', n: 0 } as const
const s0 = { side: 'server', n: 0 } as const
const hello: Action = { do: 'deliver', frame: { by: c0, nth: 0 }, to: s0 }
const challenge: Action = { do: 'deliver', frame: { by: s0, nth: 0 }, to: c0 }
const connect: Action = { do: 'connect', client: 0 }

test('every counterexample is followed to where it breaks, and printed as it was', () => {
  for (const { invariant, counterexample } of ALL.judged) {
    if (counterexample === null) continue
    const { actions } = scheduleOf(LITERAL, counterexample)
    const model = new Model(LITERAL)
    const followed = follow(model, actions)
    if (followed.missing !== null) {
      expect(actions[followed.missing.action]!.do, invariant.id).toBe('inject') // junk is no frame of anybody
      continue
    }
    expect(scheduleOf(LITERAL, followed.moves).actions).toEqual(actions)
  }
})

test('a search that goes on from a prefix finds the rest of the shortest path', () => {
  const whole = scheduleOf(LITERAL, attack().counterexample!).actions
  for (const length of [2, 5]) {
    const rest = scheduleOf(LITERAL, attack(LITERAL, whole.slice(0, length)).counterexample!).actions
    expect(rest).toHaveLength(whole.length - length)
  }
  expect(attack(scope('1x2x2x1'), whole.slice(0, 4)).verdict).toBe('holds')
})

test('a search that ends with what it looks for sees less than all', () => {
  const some = explore(LITERAL, { until: 'A2' })
  expect(some.states).toBeLessThan(ALL.states)
  const lengths = [ALL, some].map((r) => r.judged.find((j) => j.invariant.id === 'A2')!.counterexample!.length)
  expect(lengths[0]).toBe(lengths[1])
})

test('altered frames are refused as in the system, and what the model has no move for is named', () => {
  const of = (...actions: readonly Action[]) => follow(new Model(LITERAL), [connect, ...actions])
  const altered = of({ ...hello, edit: { do: 'flip', at: 'tag', pos: 0, xor: 1 } })
  expect(altered.missing).toBeNull()
  expect(altered.state.conns.ends[0]!.phase).toBe('TERMINATED')
  const missing = (a: Action): string | undefined => of(hello, a).missing?.why
  expect(missing({ ...challenge, edit: { do: 'truncate', bytes: 9 } })).toContain('length')
  expect(missing({ ...challenge, upTo: 3 })).toContain('whole frames')
  expect(missing({ do: 'advance', ms: 1 })).toContain('time')
  expect(missing({ do: 'inject', to: s0, hex: '00' })).toContain('inject')
  expect(missing({ ...challenge, frame: { by: s0, nth: 7 } })).toContain('not sent')
  expect(missing({ ...challenge, to: { side: 'client', n: 9 } })).toContain('no such endpoint')
})

test('idle clients submit before a search', () => {
  const { state } = follow(new Model(LITERAL), [connect, hello, challenge])
  expect(pending(state)).toEqual([{ do: 'submit', run: 0, values: [16] }])
  expect(pending(follow(new Model(LITERAL), [connect, hello]).state)).toEqual([])
})
