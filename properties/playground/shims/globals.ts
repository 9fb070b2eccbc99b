/**
 * What stands in the place of Node's globals, of which the parts of the playground use little; esbuild puts it into every module
 * that uses them.
 */
const fromHex = (text: string): Uint8Array =>
  Uint8Array.from(text.match(/[\da-f]{2}/gi) ?? [], (byte) => Number.parseInt(byte, 16))

const AT_ONCE = 8_192 // arguments of one call

const latin1 = (bytes: Uint8Array): string => {
  let text = ''
  for (let at = 0; at < bytes.length; at += AT_ONCE) text += String.fromCharCode(...bytes.subarray(at, at + AT_ONCE))
  return text
}

class Bytes extends Uint8Array {
  override toString(as: 'hex' | 'latin1' | 'utf8' = 'utf8', from = 0, to = this.length): string {
    const bytes = new Uint8Array(this.buffer, this.byteOffset + from, to - from)
    if (as === 'latin1') return latin1(bytes)
    if (as === 'hex') return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
    return new TextDecoder().decode(bytes)
  }
  writeDoubleBE(value: number): void {
    new DataView(this.buffer, this.byteOffset).setFloat64(0, value)
  }
  override includes(part: Uint8Array | number): boolean {
    return typeof part === 'number' ? super.includes(part) : latin1(this).includes(latin1(part))
  }
}

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

/** On a plain Uint8Array. */
export const Buffer = {
  /** Text and arrays are copied; memory is shared. */
  from(data: string | Uint8Array | ArrayBuffer, as?: 'hex' | number, length?: number): Bytes {
    if (data instanceof ArrayBuffer && typeof as !== 'string') return new Bytes(data, as, length)
    const source = typeof data === 'object' ? new Uint8Array(data) : as === 'hex' ? fromHex(data) : utf8(data)
    const bytes = new Bytes(source.length)
    bytes.set(source)
    return bytes
  },
  alloc: (bytes: number): Bytes => new Bytes(bytes),
  byteLength: (text: string): number => utf8(text).length,
  /** Negative, 0 or positive: byte by byte, then by length. */
  compare(a: Uint8Array, b: Uint8Array): number {
    for (let i = 0; i < a.length && i < b.length; i++) if (a[i] !== b[i]) return a[i]! - b[i]!
    return a.length - b.length
  },
}

/** A tab does not tell how much memory it takes; the bound on states is there. */
export const process = { memoryUsage: { rss: () => 0 }, env: {}, argv: [] }
