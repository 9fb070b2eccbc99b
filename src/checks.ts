/** The checks that precede all cryptography, and those on settings. */
import { type Direction, type Header, OPCODE, parseHeader } from './frame.ts'
import { DEFAULT_LIMITS, type Limits, type Reason } from './outcome.ts'

/** What a receiver accepts next; `id` null: the frame names nobody it knows. */
export interface Expected {
  readonly id: number | null
  readonly direction: Direction
  readonly round: number
  readonly legal: readonly number[] // opcodes, by role and phase (§2)
}

/** Client id 1..255 -> master key of 16..64 bytes, no two alike. */
export type Keyring = ReadonlyMap<number, Uint8Array>

/** A frame that failed a check. */
export type Rejected = { readonly kind: 'rejected'; readonly reason: Reason }
export const rejected = (reason: Reason): Rejected => ({ kind: 'rejected', reason })

const KNOWN: readonly number[] = Object.values(OPCODE)

/** PROTOCOL §6: the header checks in their order; the first failure is the reason. */
export const checkHeader = (frame: Uint8Array, expected: Expected): Header | Reason => {
  const header = parseHeader(frame)
  if (header === null) return 'malformed'
  if (!KNOWN.includes(header.opcode)) return 'unknown-opcode'
  if (header.id !== expected.id) return 'wrong-client'
  if (header.direction !== expected.direction) return 'wrong-direction'
  if (header.round < expected.round) return 'stale-round'
  if (header.round > expected.round) return 'future-round'
  if (!expected.legal.includes(header.opcode)) return 'out-of-phase'
  return header
}

/** Throws a RangeError unless `id` and its master key are what PROTOCOL §1 allows. */
export const checkMaster = (id: number, master: Uint8Array): void => {
  if (!Number.isInteger(id) || id < 1 || id > 255) throw new RangeError(`client id: expected 1..255, got ${id}`)
  if (master.length < 16 || master.length > 64)
    throw new RangeError(`master key of client ${id}: expected 16..64 bytes, got ${master.length}`)
}

/** Throws a RangeError unless every entry is allowed and no two master keys are alike (PROTOCOL §1). */
export const checkKeyring = (keyring: Keyring): void => {
  const seen: Uint8Array[] = []
  for (const [id, master] of keyring) {
    checkMaster(id, master)
    if (seen.some((other) => other.length === master.length && other.every((b, i) => b === master[i])))
      throw new RangeError(`master key of client ${id}: expected no two alike, got that of another client`)
    seen.push(master)
  }
}

/** The defaults, overridden; throws a RangeError on a setting that is not a positive number. */
export const limitsWith = (settings: Partial<Limits>): Limits => {
  const limits = { ...DEFAULT_LIMITS, ...settings }
  for (const [name, value] of Object.entries(limits))
    if (!(value > 0)) throw new RangeError(`limit ${name}: expected a positive number, got ${value}`)
  return limits
}
