import { expect, test } from 'vitest'
import { Context } from '../checker/context.ts'
import { explore } from '../checker/explore.ts'
import { type Scope, scope, setupOf, sizeOf } from '../checker/scope.ts'
import { leads } from './adversary.ts'
import { actions, format, initStates, next, type State, withinBoundary } from './model.ts'

/** A state by its content; a frame by its name, which determines the rest of it. */
const nameOf = (s: State): string => JSON.stringify(s, (_, v) => (v !== null && v?.ciphertext !== undefined ? v.id : v))

/** Breadth first, with nothing remembered but the states seen. */
const search = (b: Scope) => {
  const symbols = new Context(setupOf(b))
  const seen = new Set(initStates().map(nameOf))
  let [level, transitions, depth] = [initStates(), 0, -1]
  for (; level.length > 0; depth++) {
    const found: State[] = []
    for (const s of level)
      for (const c of actions(symbols, b, s))
        for (const { after } of next(symbols, b, s, c)) {
          transitions++
          const name = nameOf(after)
          if (!leads(c) || !withinBoundary(after) || seen.has(name)) continue
          seen.add(name)
          found.push(after)
        }
    level = found
  }
  return { states: seen.size, transitions, depth }
}

const SCOPES = [
  scope('1x1x2x1'),
  scope('1x2x2x1'),
  scope('1x1x2x2', { powers: 'NF' }),
  scope('1x2x2x1', { mode: 'literal' }),
  scope('1x1x3x1', { unconfirmedPerId: 2 }),
  scope('2x1x1x1', { powers: 'NI' }),
  scope('1x1x2x1', { powers: 'NLF' }),
  scope('1x1x1x2', { powers: 'NLF', idle: true }),
  scope('2x1x1x2', { powers: 'NILF' }),
  scope('1x1x1x3', { powers: 'NL', forgeries: 2 }),
  scope('1x3x1x1', { powers: 'NF' }),
  scope('1x2x1x1', { powers: 'NLF', concurrent: true }),
]

test.each(SCOPES.map((s) => [`${s.mode} ${sizeOf(s)} ${s.powers}`, s] as const))(
  'the checker finds the states and transitions of the plain model (%s)',
  (_, s) => {
    const { states, transitions, depth } = explore({ ...s, everyFrame: true }, { monitors: [] })
    expect(search(s)).toEqual({ states, transitions, depth })
  },
  60_000,
)

test('a state on one line', () => {
  const smallest = scope('1x1x1x1')
  const symbols = new Context(setupOf(smallest))
  const [start] = initStates()
  const [begun] = next(symbols, smallest, start!, { do: 'connect', id: 1 })
  expect([format(start!), format(begun!.after)]).toEqual(['nothing yet', 'c0 INIT r0'])
})
