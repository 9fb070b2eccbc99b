/** PROTOCOL §6: a complete frame is checked in this order; the first failure is its reason. */

import type { Follower } from '../dialects/follower.ts'
import type { Body, Header, Reason } from '../events.ts'
import type { Side } from '../language.ts'
import { MAX_ROUND, OP } from '../opcodes.ts'
import { parseHeader } from './frame.ts'

export type Judgement =
  | { readonly kind: 'fine'; readonly header: Header; readonly body: Body }
  | { readonly kind: 'bad'; readonly reason: Reason }

const bad = (reason: Reason): Judgement => ({ kind: 'bad', reason })

const OPCODES: readonly number[] = Object.values(OP)

/** PROTOCOL §2, last column of the table of opcodes. A position with a CHALLENGE is ACTIVE, one without is INIT. */
function isLegal(opcode: number, receiver: Side, at: Follower): boolean {
  switch (opcode) {
    case OP.HELLO:
      return receiver === 'server' && at.phase === 'INIT'
    case OP.CHALLENGE:
      return receiver === 'client' && at.phase === 'INIT' && at.hello !== null // INIT, HELLO sent
    case OP.DATA:
      return receiver === 'server' && at.phase === 'ACTIVE'
    case OP.RESPONSE:
      // DATA outstanding; and §4: round 0xFFFFFFFF cannot be left, so no response belongs there.
      return receiver === 'client' && at.outstanding !== null && at.round !== MAX_ROUND
    case OP.DESYNC:
      return receiver === 'client' && at.phase === 'ACTIVE'
    case OP.TERMINATE:
      return at.phase === 'ACTIVE'
    default:
      return false
  }
}

/** `at`: the receiver's position; null at a server that knows nobody of the id in the header. */
export function judge(bytes: Uint8Array, receiver: Side, at: Follower | null): Judgement {
  const header = parseHeader(bytes)
  // §2: 55 bytes and 16·n of ciphertext. The stream has already seen to 71..4,167.
  if (header === null || bytes.length % 16 !== 55 % 16) return bad('malformed')
  if (!OPCODES.includes(header.opcode)) return bad('unknown-opcode')
  if (at === null || header.id !== at.id) return bad('wrong-client')
  const direction = receiver === 'server' ? 'c2s' : 's2c'
  if (header.direction !== at.dialect.directions[direction]) return bad('wrong-direction')
  if (header.round < at.round) return bad('stale-round')
  if (header.round > at.round) return bad('future-round')
  if (!isLegal(header.opcode, receiver, at)) return bad('out-of-phase')
  const { tagOk, padOk, body } = at.opens(bytes, direction)
  if (!tagOk) return bad('bad-tag')
  if (!padOk) return bad('bad-padding')
  if (body.kind === 'opaque') return bad('bad-payload')
  return { kind: 'fine', header, body }
}
