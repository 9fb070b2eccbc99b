/** Checking a frame as the implementations of DIALECTS do: header before tag, tag before padding. */

import type { Body, Header, Reason } from '../events.ts'
import type { Side } from '../language.ts'
import { OP } from '../opcodes.ts'
import { isAligned, parseFrame } from '../reference/frame.ts'
import type { Follower } from './follower.ts'

export type DialectJudgement =
  | { readonly kind: 'fine'; readonly header: Header; readonly body: Body }
  | { readonly kind: 'bad'; readonly reason: Reason }

const bad = (reason: Reason): DialectJudgement => ({ kind: 'bad', reason })

function isLegal(opcode: number, receiver: Side, at: Follower): boolean {
  const active = at.phase === 'ACTIVE'
  switch (opcode) {
    case OP.HELLO:
      return receiver === 'server' && !active
    case OP.CHALLENGE:
      return receiver === 'client' && !active
    case OP.DATA:
      return receiver === 'server' && active
    case OP.RESPONSE:
      return receiver === 'client' && at.outstanding !== null
    case OP.TERMINATE:
      return receiver === 'client' || at.dialect.reaction !== 'telling' // DIALECTS A: its server knows no TERMINATE
    default:
      return receiver === 'client' // whatever opcode tells the cause of an error
  }
}

export function judgeInDialect(bytes: Uint8Array, receiver: Side, at: Follower): DialectJudgement {
  const frame = parseFrame(bytes)
  if (frame === null) return bad('malformed')
  const { header } = frame
  const direction = receiver === 'server' ? 'c2s' : 's2c'
  if (header.id !== at.id) return bad('wrong-client')
  if (header.direction !== at.dialect.directions[direction]) return bad('wrong-direction')
  if (header.round < at.round) return bad('stale-round')
  if (header.round > at.round) return bad('future-round')
  if (!isLegal(header.opcode, receiver, at)) return bad('out-of-phase')
  const { tagOk, padOk, body } = at.opens(bytes, direction)
  if (!tagOk) return bad('bad-tag')
  if (!isAligned(frame)) return bad('malformed')
  const mayBeEmpty = at.dialect.emptyOpcodes.includes(header.opcode)
  if (!padOk || (frame.ciphertext.length === 0 && !mayBeEmpty)) return bad('bad-padding')
  if (body.kind === 'opaque' && header.opcode <= OP.RESPONSE) return bad('bad-payload')
  return { kind: 'fine', header, body }
}
