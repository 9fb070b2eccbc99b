/** Sends that fail. */
import fc, { type Arbitrary } from 'fast-check'
import type { Action, End, Side } from '../../../../spec/language.ts'
import { int, NEW, one } from '../arbitraries.ts'
import { type Scenario, upTo } from './scenario.ts'

/** The transport refuses what an endpoint has to send: an answer, a request, a farewell. */
export const failing = (rounds: number): Scenario => {
  const server: End = { side: 'server', n: -1 }
  const client: End = { side: 'client', n: -1 }
  const fails = (at: End): Action => ({ do: 'failSend', at })
  const arrives: Action = { do: 'deliver', frame: -1, to: server }
  const after = (lead: Arbitrary<Action>, ...rest: readonly Action[]): Scenario => lead.map((first) => [first, ...rest])
  return fc.oneof(
    after(upTo('data', rounds), fails(server), arrives),
    // A connection that is open before its HELLO comes.
    after(upTo('hello', 0), { do: 'inject', to: { side: 'server', n: NEW }, hex: '' }, fails(server), arrives),
    after(fc.record({ do: one('converse'), client: int(0, 2), rounds: int(0, rounds) }), fails(client), {
      do: 'submit',
      run: -1,
      values: [1],
    }),
    after(upTo('response', rounds), fails(server), { do: 'deliver', frame: 0, to: server }),
    after(fc.record({ do: one('connect'), client: int(0, 2), failSend: one(true) }), arrives),
  )
}

/** A connection dies in the middle of a frame. */
export const severed = (rounds: number): Scenario =>
  fc
    .tuple(int(0, 2), int(0, rounds), one<Side>('server', 'client'), one('', '0000', '000000471e01'))
    .map(([client, depth, side, hex]): readonly Action[] => {
      const at: End = { side, n: -1 }
      return [
        { do: 'converse', client, rounds: depth },
        { do: 'inject', to: at, hex },
        { do: 'close', at },
      ]
    })
