/** PROTOCOL §6: a complete frame is checked in this order; the first failure is its reason. */
import type { Body, Header, Reason } from '../events.ts'
import type { Side } from '../language.ts'
import { MAX_ROUND, OP } from '../opcodes.ts'
import { decrypt, isAligned, parseFrame, tagVerifies } from './frame.ts'
import { decodeBody } from './payload.ts'
import { directionFrom, keysFrom, type Position } from './position.ts'

interface Fine {
  readonly kind: 'fine'
  readonly frame: Uint8Array // all its bytes
  readonly header: Header
  readonly plaintext: Uint8Array
  readonly body: Body
}
export type Judgement = Fine | { readonly kind: 'bad'; readonly reason: Reason }

export const bad = (reason: Reason): Judgement => ({ kind: 'bad', reason })

export const OPCODES: readonly number[] = Object.values(OP)

/** Client id, direction and round against the receiver's position, in the order of §6; null where they are its own. */
export function headerFault(h: Header, at: { id: number; round: number } | null, direction: number): Reason | null {
  if (at === null || h.id !== at.id) return 'wrong-client'
  if (h.direction !== direction) return 'wrong-direction'
  return h.round < at.round ? 'stale-round' : h.round > at.round ? 'future-round' : null
}

/** §2, last column of the table of opcodes. */
export function isLegal(opcode: number, receiver: Side, at: Pick<Position, 'phase' | 'request' | 'round'>): boolean {
  const { phase, request, round } = at
  switch (opcode) {
    case OP.HELLO:
      return receiver === 'server' && phase === 'INIT'
    case OP.CHALLENGE:
      return receiver === 'client' && phase === 'INIT' && request !== null // INIT, HELLO sent
    case OP.DATA:
      return receiver === 'server' && phase === 'ACTIVE'
    case OP.RESPONSE:
      // DATA outstanding; and §4: round 0xFFFFFFFF cannot be left, so no response belongs there.
      return receiver === 'client' && phase === 'ACTIVE' && request !== null && round !== MAX_ROUND
    case OP.DESYNC:
      return receiver === 'client' && phase === 'ACTIVE'
    case OP.TERMINATE:
      return phase === 'ACTIVE'
    default:
      return false
  }
}

/**
 * `bytes` null: a length that no frame can have. `at`: the receiver's position; null at a server that does not know the id
 * in the header.
 */
export function judge(bytes: Uint8Array | null, receiver: Side, at: Position | null): Judgement {
  const frame = bytes && parseFrame(bytes)
  if (bytes === null || frame === null || !isAligned(frame)) return bad('malformed') // §2: 71..4,167 bytes, 16·n of them
  const { header } = frame
  if (!OPCODES.includes(header.opcode)) return bad('unknown-opcode')
  const sender = receiver === 'server' ? 'client' : 'server'
  const fault = headerFault(header, at, directionFrom(sender))
  if (at === null || fault !== null) return bad(fault ?? 'wrong-client')
  if (!isLegal(header.opcode, receiver, at)) return bad('out-of-phase')
  const { enc, mac } = keysFrom(at, sender)
  if (!tagVerifies(mac, bytes)) return bad('bad-tag')
  const plaintext = decrypt(enc, frame)
  if (plaintext === null) return bad('bad-padding')
  const body = decodeBody(header.opcode, plaintext)
  return body === null ? bad('bad-payload') : { kind: 'fine', frame: bytes, header, plaintext, body }
}
