import { describe, expect, it } from 'vitest'
import { cellName, coverings } from '../../spec/checker/lockstep/cells.ts'
import * as reference from '../../spec/reference/primitives.ts'
import { withPrimitives } from '../../spec/reference/primitives.ts'
import { primitives } from '../../src/index.ts'
import { cellOfNote, Facts } from './state/facts.ts'
import { modelCrypto, modelPrimitives } from './state/model-crypto.ts'

const bytes = (n: number, first = 0): Uint8Array => Uint8Array.from({ length: n }, (_, i) => first + i)

describe('what takes the place of cryptography', () => {
  it('is the same to the implementation and to the reference', () => {
    withPrimitives(modelPrimitives, () => {
      expect(primitives.kdf(modelCrypto, bytes(32), bytes(9), 16)).toEqual(reference.hkdf(bytes(32), bytes(9), 16))
      expect(modelCrypto.hmac(bytes(16), bytes(80))).toEqual(reference.hmac(bytes(16), bytes(80)))
      expect(modelCrypto.sha256(bytes(80))).toEqual(reference.sha256(bytes(80)))
    })
    expect(reference.sha256(bytes(80))).not.toEqual(modelPrimitives.sha256(bytes(80)))
  })

  it('opens what it closed under the same key and IV alone, and tells any two inputs apart', () => {
    const { aesEncrypt, aesDecrypt, hmac } = modelCrypto
    const closed = aesEncrypt(bytes(16), bytes(16, 1), bytes(48))
    expect(aesDecrypt(bytes(16), bytes(16, 1), closed)).toEqual(bytes(48))
    for (const [key, iv] of [[bytes(16, 1), bytes(16, 1)] as const, [bytes(16), bytes(16)] as const])
      expect(aesDecrypt(key, iv, closed)).not.toEqual(bytes(48))
    const tags = new Set<string>()
    for (let length = 0; length < 60; length++)
      for (let bit = 0; bit < 8 * length; bit++) {
        const data = new Uint8Array(length)
        data[bit >> 3] = 1 << (bit & 7)
        tags.add(Buffer.from(hmac(bytes(32), data)).toString('hex'))
        tags.add(Buffer.from(hmac(data, bytes(32))).toString('hex'))
      }
    expect(tags.size).toBe(2 * 8 * ((59 * 60) / 2))
  })
})

describe('facts', () => {
  it('have a note for every cell of the model, from which its name can be had', () => {
    for (const { cell } of coverings('bound')) {
      const notes: (readonly [number, number])[] = []
      const at = { side: cell.role, n: 0 }
      const facts = new Facts((tag, value) => notes.push([tag, value]))
      facts.know(at, { phase: cell.phase, round: 7 })
      const header = { opcode: cell.opcode ?? 0, id: 1, round: 7, direction: 1 }
      const frame = 'f0' as never
      if (cell.verdict === 'accepted') facts.see({ on: 'accepted', at, frame, header, before: null })
      else facts.see({ on: 'rejected', at, frame, header: cell.opcode === null ? null : header, reason: cell.verdict })
      expect(cellOfNote(...notes[0]!)).toBe(cellName(cell))
      expect(notes.slice(1).map(([tag, value]) => cellOfNote(tag, value))).toEqual([null, null])
    }
  })
})
