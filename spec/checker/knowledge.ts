/** What the adversary knows, and what is worth sealing for an endpoint under keys it has (powers I and L). */

import type { Body } from '../events.ts'
import type { ClientRun, Connection, Keys, Term } from '../model/state.ts'
import { OP } from '../opcodes.ts'
import type { Context } from './context.ts'

/**
 * Whether the adversary, who has the insiders' master keys and at most one stolen quadruple, has a key. The formulas of
 * PROTOCOL §4 mix only public things into a key (IVs, ciphertexts, handshake frames, the status), save for the aggregate
 * that S2C-ENC absorbs: and who knows S2C-ENC of a round reads the aggregate of that round before any endpoint can have
 * absorbed it. So a key is known when some key that it was derived from is.
 */
export const knows = (c: Context, stolen: Keys | null, key: Term): boolean => {
  if (stolen?.includes(key)) return true
  const { kind, parts } = c.node(key)
  switch (kind) {
    case 'initial':
      return c.setup.insiders.includes(Number(c.node(parts[0] as Term).parts[0]))
    case 'hello':
    case 'bind':
    case 'evolve':
      return knows(c, stolen, parts[0] as Term)
    default:
      return false
  }
}

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
const legal = (e: ClientRun | Connection): readonly [Content, ...Content[]] => {
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
export const simple = (e: ClientRun | Connection): Content => legal(e)[0]

/** The legal frames, and one for each check that only a valid tag can show to be made. */
export const contents = (e: ClientRun | Connection): readonly Content[] => {
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
