/**
 * Opcode numbers of a dialect. Whatever speaks of opcodes speaks of those of PROTOCOL §2; a frame's first byte is the
 * number that the dialect has in its place. The 256 numbers are permuted, so that an unknown one stays unknown.
 */
import type { Header } from '../events.ts'
import { OP } from '../opcodes.ts'
import { encodeHeader, type Frame, parseFrame, parseHeader } from '../reference/frame.ts'

export interface Opcodes {
  readonly theirs: Uint8Array // by the number of PROTOCOL
  readonly ours: Uint8Array // by the byte on the wire
  readonly usual: boolean // all are those of PROTOCOL
}

/** As dialect files call them. */
export const OPCODE_WORDS = {
  HELLO: OP.HELLO,
  CHALLENGE: OP.CHALLENGE,
  DATA: OP.DATA,
  RESPONSE: OP.RESPONSE,
  KEY_DESYNC_ERROR: OP.DESYNC,
  TERMINATE: OP.TERMINATE,
} as const
export type OpcodeWord = keyof typeof OPCODE_WORDS

/** `numbers`: on the wire, all different; what has none keeps that of PROTOCOL, unless another one took it. */
export const opcodesOf = (numbers: { readonly [W in OpcodeWord]?: number | undefined }): Opcodes => {
  const given = new Map<number, number>()
  for (const [word, ours] of Object.entries(OPCODE_WORDS)) {
    const theirs = numbers[word as OpcodeWord]
    if (theirs !== undefined) given.set(ours, theirs)
  }
  const taken = new Set(given.values())
  const left = [...given.keys()].filter((ours) => !taken.has(ours)) // numbers of PROTOCOL that nothing has any more
  const theirs = Uint8Array.from({ length: 256 }, (_, n) => {
    return given.get(n) ?? (taken.has(n) ? left.shift()! : n)
  })
  const ours = new Uint8Array(256)
  for (const [n, number] of theirs.entries()) ours[number] = n
  return { theirs, ours, usual: theirs.every((number, n) => number === n) }
}

interface Numbered {
  readonly opcodes: Opcodes
}

/** Of the bytes of a frame; 0 where there are none. */
export const opcodeIn = ({ opcodes }: Numbered, bytes: Uint8Array): number => opcodes.ours[bytes[0] ?? 0]!

const own = ({ opcodes }: Numbered, header: Header): Header =>
  opcodes.usual ? header : { ...header, opcode: opcodes.ours[header.opcode]! }

/** The header of anything that has one; null below 7 bytes. */
export const headerIn = (d: Numbered, bytes: Uint8Array): Header | null => {
  const header = parseHeader(bytes)
  return header && own(d, header)
}

/** Null where there is no room for header, IV and tag. */
export const frameIn = (d: Numbered, bytes: Uint8Array): Frame | null => {
  const frame = parseFrame(bytes)
  return frame === null || d.opcodes.usual ? frame : { ...frame, header: own(d, frame.header) }
}

export const headerBytes = ({ opcodes }: Numbered, header: Header): Uint8Array =>
  encodeHeader(opcodes.usual ? header : { ...header, opcode: opcodes.theirs[header.opcode]! })
