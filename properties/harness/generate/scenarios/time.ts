/** Endpoints left waiting. */
import fc, { type Arbitrary } from 'fast-check'
import type { Action, End, Side } from '../../../../spec/language.ts'
import { int, NEW, one } from '../arbitraries.ts'
import { type Scenario, upTo } from './scenario.ts'

/** The time until just before, at or after one of these deadlines (ms), and the same in two parts. */
const pauses = (...limits: readonly number[]) =>
  fc.tuple(one(...limits), one(1, 2, 3), one(-1, 0, 0, 1)).map(([limit, part, off]) => {
    const first = part === 1 ? 1 : part === 2 ? limit / 2 : limit - 1
    const pause = (ms: number): Action => ({ do: 'advance', ms })
    return { whole: pause(limit + off), first: pause(first), rest: pause(limit + off - first) }
  })

/** An endpoint is left waiting, hears something that may or may not count as life, and is left waiting again. */
export const waiting = (rounds: number): Scenario => {
  const at = (side: Side): End => ({ side, n: -1 })
  const opened = fc.record({
    do: one('inject'),
    to: one<End>({ side: 'server', n: NEW }),
    hex: one('', '00', '00000047'),
  })
  const conversed = fc.record({ do: one('converse'), client: int(0, 2), rounds: int(0, rounds) })
  const noise = (to: End): Arbitrary<Action> =>
    fc.record({ do: one('inject'), to: one(to), hex: one('', '00', '0000') })
  const arrival = (to: End): Arbitrary<Action> => fc.record({ do: one('deliver'), frame: one(-1), to: one(to) })
  const left = (state: Arbitrary<Action>, side: Side, ...limits: readonly number[]): Scenario => {
    const sign = fc.oneof(
      { weight: 3, arbitrary: noise(at(side)) },
      { weight: 2, arbitrary: arrival(at(side)) },
      { weight: 2, arbitrary: conversed },
      { weight: 1, arbitrary: opened },
    )
    const once = fc.tuple(state, pauses(...limits)).map(([a, p]) => [a, p.whole])
    const twice = fc.tuple(state, pauses(...limits), sign).map(([a, p, b]) => [a, p.first, b, p.rest])
    return fc.oneof({ weight: 1, arbitrary: once }, { weight: 2, arbitrary: twice })
  }
  // a connection that greets some time after it was opened: the time of its session counts from the HELLO
  const late = fc
    .tuple(pauses(120_000), int(0, 2), one(1, 2_500, 4_999))
    .map(([p, client, ms]): readonly Action[] => [
      { do: 'inject', to: { side: 'server', n: NEW }, hex: '' },
      { do: 'advance', ms },
      { do: 'connect', client },
      { do: 'deliver', frame: -1, to: at('server') },
      { do: 'advance', ms: 120_000 - ms },
      p.first,
      p.rest,
    ])
  return fc.oneof(
    late,
    left(opened, 'server', 5_000),
    left(upTo('hello', 0), 'client', 5_000),
    left(upTo('challenge', 0), 'client', 5_000),
    left(upTo('challenge', 0), 'server', 120_000),
    left(upTo('data', rounds), 'client', 10_000),
    left(upTo('data', rounds), 'server', 120_000, 600_000),
    left(upTo('response', rounds), 'client', 10_000),
    left(conversed, 'server', 60_000, 600_000),
  )
}
