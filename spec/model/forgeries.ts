/** What is worth sealing for an endpoint under keys that the adversary has (powers I and L). */

import type { Client, Conn } from '../checker/endpoints.ts'
import type { Body } from '../events.ts'
import { OP } from '../opcodes.ts'

export interface Content {
  readonly opcode: number
  readonly round: number // relative to the right one
  readonly wrong: 'id' | 'direction' | null // a field of the header that is not the right one
  readonly body: Body
  readonly padded: boolean
}

const control: Body = { kind: 'control' }
const LIE = 2 ** 20 // no sum of honest values

/** The legal frames first. */
const legal = (e: Client | Conn): readonly [Content, ...Content[]] => {
  if (e.at.side === 'client')
    return [
      {
        opcode: OP.RESPONSE,
        round: 0,
        body: { kind: 'aggregate', sum: LIE, count: 1, average: LIE },
        wrong: null,
        padded: true,
      },
      { opcode: OP.DESYNC, round: 0, body: control, wrong: null, padded: true },
    ]
  if (e.phase === 'INIT')
    return [{ opcode: OP.HELLO, round: 0, body: { kind: 'hello', text: '' }, wrong: null, padded: true }]
  return [
    { opcode: OP.DATA, round: 0, body: { kind: 'data', values: [LIE] }, wrong: null, padded: true },
    { opcode: OP.TERMINATE, round: 0, body: control, wrong: null, padded: true },
  ]
}

/** What the endpoint may accept. */
export const simple = (e: Client | Conn): Content => legal(e)[0]

/** The legal frames, and one for each check that only a valid tag can show to be made. */
export const contents = (e: Client | Conn): readonly Content[] => {
  const first = simple(e)
  return [
    ...legal(e),
    { ...first, padded: false },
    { ...first, body: { kind: 'opaque', hex: 'ff' } },
    { ...first, round: 1 },
    ...(e.round > 0 ? [{ ...first, round: -1 }] : []),
    { ...first, wrong: 'id' },
    { ...first, wrong: 'direction' },
    { ...first, opcode: e.at.side === 'server' ? OP.CHALLENGE : OP.HELLO },
  ]
}
