/** What the server of a dialect answers to a bad frame (DIALECTS, "reaction to a bad frame"). */
import type { Header, Reason } from '../events.ts'
import type { Side } from '../language.ts'
import { isControl, OP } from '../opcodes.ts'
import { ascii, concat, EMPTY, utf8 } from '../reference/bytes.ts'
import { isAligned, parseFrame, parseHeader } from '../reference/frame.ts'
import { bad, headerFault, isLegal as isLegalInProtocol, type Judgement, OPCODES } from '../reference/judging.ts'
import { CONTROL } from '../reference/payload.ts'
import type { ByClass, Dialect } from './dialect.ts'
import type { Follower } from './follower.ts'
import { frameIn, headerBytes, opcodeIn } from './opcodes.ts'
import { seal } from './sealing.ts'

/** The frame to send, if any, and whether the connection stays open after it. */
export interface Answer {
  readonly frame: Uint8Array | null
  readonly stays: boolean
}

export const SILENT: Answer = { frame: null, stays: false }

/** The frame in clear that dialect A sends to an id it does not know: header and text, no IV, no tag. */
export function unknownClient(d: Dialect, id: number): Uint8Array {
  return concat(
    headerBytes(d, { opcode: 57, id, round: 0, direction: d.directions.s2c }),
    ascii(`Client ${id} not authorized`),
  )
}

const underZero = (d: Dialect, header: Header, text: Uint8Array, iv: Uint8Array): Uint8Array =>
  seal(d, { enc: new Uint8Array(d.encKeyBytes), mac: new Uint8Array(d.macKeyBytes) }, header, text, iv)

/** `bad`: null for a length prefix that no frame can have. `at`: the server's position before it. */
export function react(
  bad: Uint8Array | null,
  reason: Reason,
  at: Follower,
  random: (bytes: number) => Uint8Array,
): Answer {
  const d = at.dialect
  const header = { opcode: 0, id: at.id, round: at.round, direction: d.directions.s2c }
  const sealed = (opcode: number, text: Uint8Array): Uint8Array =>
    at.seal('s2c', { ...header, opcode }, text, random(16))
  if (typeof d.reaction === 'object') return reactByClass(d.reaction, classOf(bad, reason, at), at, random)
  switch (d.reaction) {
    case 'silent':
      return SILENT
    case 'uniform':
      // PROTOCOL §6: no frame before the session, nor in answer to a frame whose first byte is 50 or 60.
      if (at.phase === 'INIT' || (bad !== null && isControl(opcodeIn(d, bad)))) return SILENT
      return { frame: sealed(OP.DESYNC, CONTROL), stays: false }
    case 'zero-key':
      return { frame: underZero(d, { ...header, opcode: OP.DESYNC }, EMPTY, random(16)), stays: false }
    case 'telling': {
      if (bad === null) return SILENT
      const told = telling(bad, reason, at)
      // Recorded: an id that is not the session's is passed over, and before its HELLO a connection survives an error.
      if (told === null) return { frame: null, stays: true }
      return { frame: sealed(told.opcode, ascii(told.text)), stays: at.phase === 'INIT' }
    }
  }
}

const CLASS_OF: Readonly<Record<Reason, keyof ByClass>> = {
  malformed: 'length',
  'unknown-opcode': 'header',
  'wrong-client': 'header',
  'wrong-direction': 'header',
  'out-of-phase': 'header',
  'stale-round': 'round',
  'future-round': 'round',
  'bad-tag': 'tag',
  'bad-padding': 'padding',
  'bad-payload': 'payload',
  superseded: 'payload',
}

const classOf = (bad: Uint8Array | null, reason: Reason, at: Follower): keyof ByClass => {
  if (at.phase === 'INIT') return 'handshake'
  return bad !== null && isControl(opcodeIn(at.dialect, bad)) ? 'control' : CLASS_OF[reason]
}

function reactByClass(all: ByClass, as: keyof ByClass, at: Follower, random: (bytes: number) => Uint8Array): Answer {
  const { answer, stays } = all[as] ?? { answer: null, stays: false }
  if (answer === null) return { frame: null, stays }
  const { dialect: d } = at
  const header = { opcode: answer.opcode, id: at.id, round: at.round, direction: d.directions.s2c }
  switch (answer.under) {
    case 'clear':
      return { frame: headerBytes(d, header), stays }
    case 'zero':
      return { frame: underZero(d, header, CONTROL, random(16)), stays }
    case 'current':
      return { frame: at.seal('s2c', header, CONTROL, random(16)), stays }
  }
}

/** The words of dialect A, as recorded. */
function telling(bad: Uint8Array, reason: Reason, at: Follower): { opcode: number; text: string } | null {
  const got = parseHeader(bad)
  switch (reason) {
    case 'bad-tag':
      return { opcode: 51, text: 'HMAC verification failed - message authentication error (tampering or key mismatch)' }
    case 'stale-round': {
      const text = `Replay attack detected - received old message from round ${got?.round}, expected ${at.round}`
      return { opcode: 52, text }
    }
    case 'future-round':
      return { opcode: 53, text: `Message reordering detected - expected round ${at.round}, got ${got?.round}` }
    case 'malformed': {
      const frame = parseFrame(bad)
      if (frame === null || isAligned(frame)) return { opcode: OP.TERMINATE, text: 'Error: Message too short' }
      return { opcode: 54, text: `Key desynchronization detected for client ${at.id} at round ${at.round}` }
    }
    case 'wrong-direction': {
      const text = `Invalid direction - expected CLIENT_TO_SERVER, got ${got?.direction} (possible reflection attack)`
      return { opcode: 55, text }
    }
    case 'unknown-opcode':
    case 'out-of-phase':
      return { opcode: OP.TERMINATE, text: 'Invalid opcode' }
    case 'bad-padding': {
      const empty = parseFrame(bad)?.ciphertext.length === 0
      const why = empty ? 'Cannot remove padding from empty data' : 'Invalid padding length'
      return { opcode: OP.TERMINATE, text: `Error: Padding removal failed - possible tampering: ${why}` }
    }
    case 'bad-payload': {
      const plaintext = at.opens(bad, 'c2s').plaintext ?? EMPTY
      return { opcode: OP.TERMINATE, text: `Error: could not convert string to float: '${utf8(plaintext)}'` }
    }
    case 'wrong-client':
    case 'superseded':
      return null
  }
}

/** Whether the rules are those of PROTOCOL §6; the implementations of DIALECTS are laxer. */
const isStrict = (at: Follower | null): boolean => at === null || at.dialect.reaction === 'uniform'

const EXCHANGES: readonly number[] = [OP.HELLO, OP.CHALLENGE, OP.DATA, OP.RESPONSE]

function isLegal(opcode: number, receiver: Side, at: Follower): boolean {
  const { phase, hello, outstanding } = at
  const request = phase === 'INIT' ? hello : outstanding
  if (isStrict(at)) return isLegalInProtocol(opcode, receiver, { phase, request, round: at.round })
  if (EXCHANGES.includes(opcode)) return isLegalInProtocol(opcode, receiver, { phase, request, round: 0 }) // any round
  // Whatever opcode tells the cause of an error. DIALECTS A: its server knows no TERMINATE.
  return receiver === 'client' || (opcode === OP.TERMINATE && at.dialect.reaction !== 'telling')
}

/**
 * Checking a frame in any dialect: header before tag, tag before padding (PROTOCOL §6, DIALECTS). `bytes` null: a
 * length that no frame can have. `at`: the receiver's position; null at a server that does not know the id in the header.
 */
export function judge(bytes: Uint8Array | null, receiver: Side, at: Follower | null, d: Dialect): Judgement {
  const strict = isStrict(at)
  const frame = bytes && frameIn(d, bytes)
  if (bytes === null || frame === null || (strict && !isAligned(frame))) return bad('malformed')
  const { header } = frame
  if (strict && !OPCODES.includes(header.opcode)) return bad('unknown-opcode')
  if (at === null) return bad('wrong-client')
  const direction = receiver === 'server' ? 'c2s' : 's2c'
  const fault = headerFault(header, at, d.directions[direction])
  if (fault !== null) return bad(fault)
  if (!isLegal(header.opcode, receiver, at)) return bad('out-of-phase')
  const { tagOk, plaintext, body } = at.opens(bytes, direction)
  if (!tagOk) return bad('bad-tag')
  if (!isAligned(frame)) return bad('malformed')
  const mayBeEmpty = d.emptyOpcodes.includes(header.opcode)
  if (plaintext === null || (frame.ciphertext.length === 0 && !mayBeEmpty)) return bad('bad-padding')
  if (body.kind === 'opaque' && (strict || header.opcode <= OP.RESPONSE)) return bad('bad-payload')
  return { kind: 'fine', frame: bytes, header, plaintext, body }
}
