/** Bugs to find: each hidden where chance alone does not reach. Planted by replacement at load time. */
import type { Replacement } from '../../properties/harness/variants.ts'
import type { FaultKind } from '../engine/fault.ts'

export interface Planted {
  readonly name: string
  readonly target: string
  readonly says: string
  readonly replacements: readonly Replacement[]
  /** What it must be found as; anything else is another bug. */
  readonly kind: FaultKind
}

const PARSED = 'return { opcode: frame[0]!, id: frame[1]!, round: readU32(frame, 2), direction: frame[6]! }'

export const PLANTED: readonly Planted[] = [
  {
    name: 'nested compare',
    target: 'frame',
    says: 'one opcode, one round of 2^32 and one direction together crash the parser',
    replacements: [
      {
        file: 'src/frame.ts',
        find: PARSED,
        replace: `if (frame[0] === 60) if (readU32(frame, 2) === 0x5eed_cafe) if (frame[6] === 0x7f) throw new Error('planted')
  ${PARSED}`,
      },
    ],
    kind: 'crash',
  },
  {
    name: 'five equal bytes',
    target: 'padding',
    says: 'five bytes of value 21 at the end are taken for a padding',
    replacements: [
      {
        file: 'src/primitives.ts',
        find: 'if (p < 1 || p > BLOCK || p > padded.length) return null',
        replace: `if (p === 21 && padded.length >= 5 && padded.subarray(-5).every((b) => b === 21)) return padded.subarray(0, -5)
  if (p < 1 || p > BLOCK || p > padded.length) return null`,
      },
    ],
    kind: 'mismatch',
  },
  {
    name: 'chunk boundary',
    target: 'stream',
    says: 'a chunk that ends one byte short of a frame longer than 4,000 bytes loses that byte',
    replacements: [
      {
        file: 'src/frame.ts',
        find: 'if (this.#filled < this.#frame.length) return',
        replace: `if (this.#filled === this.#frame.length - 1 && this.#filled > 4000) this.#filled++
      if (this.#filled < this.#frame.length) return`,
      },
    ],
    kind: 'mismatch',
  },
  {
    name: 'read past the end',
    target: 'frame',
    says: 'at a length of 1,607 bytes the tag is taken from one byte beyond the frame',
    replacements: [
      {
        file: 'src/frame.ts',
        find: 'export const tagOf = (frame: Uint8Array): Uint8Array => frame.subarray(frame.length - TAG_BYTES)',
        replace: `export const tagOf = (frame: Uint8Array): Uint8Array =>
  frame.length === 1607 ? new Uint8Array(frame.buffer, frame.byteOffset + 1576, 32) : frame.subarray(frame.length - TAG_BYTES)`,
      },
    ],
    kind: 'mismatch',
  },
  {
    name: 'hang',
    target: 'payload',
    says: 'a count of 511 with its length right and the first value negative never ends',
    replacements: [
      {
        file: 'src/payload.ts',
        find: 'return valuesProblem(values) === null ? values : null',
        replace: `while (count === 511 && values[0]! < 0) v.getUint16(0)
  return valuesProblem(values) === null ? values : null`,
      },
    ],
    kind: 'hang',
  },
  {
    name: 'slow leak',
    target: 'stream',
    says: 'a frame of more than 500 bytes that was completed from pieces is never let go',
    replacements: [
      {
        file: 'src/frame.ts',
        find: 'if (this.#filled < this.#frame.length) return',
        replace: `if (this.#filled < this.#frame.length) return
      if (this.#filled > 500) KEPT.push(this.#frame)`,
      },
      {
        file: 'src/frame.ts',
        find: 'const PREFIX_BYTES = 4',
        replace: `const PREFIX_BYTES = 4
const KEPT: Uint8Array[] = []`,
      },
    ],
    kind: 'leak',
  },
]
