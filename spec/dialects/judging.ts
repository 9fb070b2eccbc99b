/** Checking a frame in any dialect: header before tag, tag before padding (PROTOCOL §6, DIALECTS). */

import type { Body, Header, Reason } from '../events.ts'
import type { Side } from '../language.ts'
import { MAX_ROUND, OP } from '../opcodes.ts'
import { isAligned, parseFrame } from '../reference/frame.ts'
import type { Follower } from './follower.ts'

export type Judgement =
  | { readonly kind: 'fine'; readonly header: Header; readonly body: Body }
  | { readonly kind: 'bad'; readonly reason: Reason }

const bad = (reason: Reason): Judgement => ({ kind: 'bad', reason })

const OPCODES: readonly number[] = Object.values(OP)

/** Whether the rules are those of PROTOCOL §6; the implementations of DIALECTS are laxer. */
const isStrict = (at: Follower | null): boolean => at === null || at.dialect.reaction === 'uniform'

function isLegal(opcode: number, receiver: Side, at: Follower): boolean {
  const active = at.phase === 'ACTIVE'
  switch (opcode) {
    case OP.HELLO:
      return receiver === 'server' && !active
    case OP.CHALLENGE:
      return receiver === 'client' && !active && at.hello !== null
    case OP.DATA:
      return receiver === 'server' && active
    case OP.RESPONSE:
      return receiver === 'client' && at.outstanding !== null && !(isStrict(at) && at.round === MAX_ROUND)
    case OP.TERMINATE:
      if (isStrict(at)) return active
      return receiver === 'client' || at.dialect.reaction !== 'telling' // DIALECTS A: its server knows no TERMINATE
    default:
      return receiver === 'client' && (active || !isStrict(at)) // whatever opcode tells the cause of an error
  }
}

/** `at`: the receiver's position; null at a server that does not know the id in the header. */
export function judge(bytes: Uint8Array, receiver: Side, at: Follower | null): Judgement {
  const strict = isStrict(at)
  const frame = parseFrame(bytes)
  if (frame === null || (strict && !isAligned(frame))) return bad('malformed')
  const { header } = frame
  if (strict && !OPCODES.includes(header.opcode)) return bad('unknown-opcode')
  if (at === null || header.id !== at.id) return bad('wrong-client')
  const direction = receiver === 'server' ? 'c2s' : 's2c'
  if (header.direction !== at.dialect.directions[direction]) return bad('wrong-direction')
  if (header.round < at.round) return bad('stale-round')
  if (header.round > at.round) return bad('future-round')
  if (!isLegal(header.opcode, receiver, at)) return bad('out-of-phase')
  const { tagOk, padOk, body } = at.opens(bytes, direction)
  if (!tagOk) return bad('bad-tag')
  if (!isAligned(frame)) return bad('malformed')
  const mayBeEmpty = at.dialect.emptyOpcodes.includes(header.opcode)
  if (!padOk || (frame.ciphertext.length === 0 && !mayBeEmpty)) return bad('bad-padding')
  if (body.kind === 'opaque' && (strict || header.opcode <= OP.RESPONSE)) return bad('bad-payload')
  return { kind: 'fine', header, body }
}
