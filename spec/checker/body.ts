/** PROTOCOL §5 in hex, for frames that the adversary seals. */
import type { Body } from '../events.ts'
import { OP } from '../opcodes.ts'

export const bytesOf = (hex: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(hex.match(/../g) ?? [], (x) => Number.parseInt(x, 16))

const text = (bytes: Uint8Array): string | null => {
  try {
    return bytes.length <= 255 ? new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) : null
  } catch {
    return null
  }
}

/** A number in so many bytes. */
export const hexNumber = (v: number, bytes: number): string => v.toString(16).padStart(2 * bytes, '0')

/** What a plaintext says under an opcode; `opaque` where it says nothing valid. */
export const bodyOf = (opcode: number, hex: string): Body => {
  const bytes = bytesOf(hex)
  const view = new DataView(bytes.buffer)
  const opaque: Body = { kind: 'opaque', hex }
  switch (opcode) {
    case OP.HELLO:
    case OP.CHALLENGE: {
      const said = text(bytes)
      return said === null ? opaque : { kind: opcode === OP.HELLO ? 'hello' : 'challenge', text: said }
    }
    case OP.DATA: {
      const count = bytes.length < 2 ? 0 : view.getUint16(0)
      if (count < 1 || count > 511 || bytes.length !== 2 + 8 * count) return opaque
      const values = Array.from({ length: count }, (_, i) => view.getFloat64(2 + 8 * i))
      return values.every((v) => Math.abs(v) <= 1e300) ? { kind: 'data', values } : opaque
    }
    case OP.RESPONSE: {
      if (bytes.length !== 21 || bytes[0] !== 0) return opaque
      const [sum, count, average] = [view.getFloat64(1), view.getUint32(9), view.getFloat64(13)]
      return count >= 1 && Number.isFinite(sum) && Number.isFinite(average)
        ? { kind: 'aggregate', sum, count, average }
        : opaque
    }
    default:
      return hex === '00' ? { kind: 'control' } : opaque
  }
}

/** The plaintext of a body. */
export const hexOf = (body: Body): string => {
  const hex = (bytes: number, fill: (v: DataView) => void): string => {
    const view = new DataView(new ArrayBuffer(bytes))
    fill(view)
    return Array.from({ length: bytes }, (_, i) => hexNumber(view.getUint8(i), 1)).join('')
  }
  switch (body.kind) {
    case 'hello':
    case 'challenge':
      return Array.from(new TextEncoder().encode(body.text), (b) => hexNumber(b, 1)).join('')
    case 'data':
      return hex(2 + 8 * body.values.length, (v) => {
        v.setUint16(0, body.values.length)
        for (const [i, x] of body.values.entries()) v.setFloat64(2 + 8 * i, x)
      })
    case 'aggregate':
      return hex(21, (v) => {
        v.setFloat64(1, body.sum)
        v.setUint32(9, body.count)
        v.setFloat64(13, body.average)
      })
    case 'control':
      return '00'
    case 'opaque':
      return body.hex
    case 'sealed':
      return ''
  }
}
