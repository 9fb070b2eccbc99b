import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { Model } from '../../../spec/checker/model.ts'
import type { Move } from '../../../spec/checker/moves.ts'
import { scope } from '../../../spec/checker/scope.ts'
import type { Mode } from '../../../spec/language.ts'
import type { Frame } from '../../../spec/model/state.ts'
import { modelLadder } from './ladder.ts'

const readme = readFileSync(new URL('../../../spec/README.md', import.meta.url), 'utf8')

/** The replay of a whole session, move by move. */
const replay = (mode: Mode): readonly string[] => {
  const m = new Model(scope('1x1x2x1', { mode }))
  let s = m.initStates()[0]!
  const path: Move[] = []
  const go = (move: Move): void => {
    path.push(move)
    s = m.next(s, move)[0]!
  }
  const run = () => s.clients.ends[0]!
  const deliver = (frame: Frame, n: number, opens: boolean): void =>
    go(m.moves.of({ do: 'deliver', frame, to: { side: 'server', n }, opens }))
  go(m.moves.of({ do: 'connect', id: 1 }))
  deliver(run().sent[0]!, 0, true)
  const reaction = { do: 'submit', run: 0, values: [1] } as const
  const frame = s.conns.ends[0]!.sent[0]!
  go(m.moves.of({ do: 'deliver', frame, to: { side: 'client', n: 0 }, opens: false, reaction }))
  deliver(run().sent[1]!, 0, false)
  deliver(run().sent[0]!, 1, true)
  deliver(run().sent[1]!, 1, false)
  return modelLadder(m, path, 100)
}

test('the ladders of spec/README.md are what the model prints', () => {
  const literal = replay('literal')
  expect(readme).toContain(literal.join('\n'))
  const bound = replay('bound')
  expect(readme).toContain(bound.slice(bound.findIndex((line) => line.startsWith('  6'))).join('\n'))
})
