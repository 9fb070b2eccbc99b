/** F3: parse and encode are inverse, and nothing trails; src against itself and against the reference's codec. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PROTOCOL } from '../../../spec/dialects/dialect.ts'
import { decodeBody } from '../../../spec/dialects/payload.ts'
import * as reference from '../../../spec/reference/frame.ts'
import { frame, payload } from '../../../src/index.ts'

const RUNS = { numRuns: 1_000, seed: 31 }
const bytes = (constraints: { minLength: number; maxLength: number }) => fc.uint8Array({ ...constraints, size: 'max' })
const byte = fc.integer({ min: 0, max: 255 })
const header = fc.record({ opcode: byte, id: byte, round: fc.integer({ min: 0, max: 0xffffffff }), direction: byte })
const blocks = fc.integer({ min: 1, max: 257 }).chain((n) => bytes({ minLength: 16 * n, maxLength: 16 * n }))
const iv = bytes({ minLength: 16, maxLength: 16 })
const tag = bytes({ minLength: 32, maxLength: 32 })

const encode = (h: frame.Header, vector: Uint8Array, ciphertext: Uint8Array, mac: Uint8Array): Uint8Array => {
  const out = frame.encodeUntagged(h, vector, ciphertext)
  frame.tagOf(out).set(mac)
  return out
}

describe('frames', () => {
  it('parse to what they were made of, and to nothing else', () => {
    const made = fc.property(header, iv, blocks, tag, (h, vector, ciphertext, mac) => {
      const out = encode(h, vector, ciphertext, mac)
      expect(frame.parseHeader(out)).toEqual(h)
      expect(frame.ivOf(out)).toEqual(vector)
      expect(frame.ciphertextOf(out)).toEqual(ciphertext)
      expect(frame.tagOf(out)).toEqual(mac)
      expect(out.length).toBe(55 + ciphertext.length)
      expect(out).toEqual(reference.encodeFrame({ header: h, iv: vector, ciphertext, tag: mac }))
    })
    fc.assert(made, { ...RUNS, numRuns: 200 })
  })

  it('encode to the bytes they were parsed from, for every legal length; every other length is none', () => {
    for (let length = 0; length <= 4_200; length++) {
      const raw = Uint8Array.from({ length }, (_, i) => (i * 37 + length) & 0xff)
      const parsed = frame.parseHeader(raw)
      const legal = length >= 71 && length <= 4_167 && length % 16 === 7 // PROTOCOL §2
      expect(parsed !== null, `${length} bytes`).toBe(legal)
      if (parsed === null) continue
      expect(encode(parsed, frame.ivOf(raw), frame.ciphertextOf(raw), frame.tagOf(raw))).toEqual(raw)
      expect(reference.parseFrame(raw)?.header).toEqual(parsed)
    }
  })

  it('come out of the stream as they went in, with nothing left over', () => {
    const some = fc.array(fc.tuple(header, iv, blocks, tag), { minLength: 1, maxLength: 3 })
    const whole = fc.property(some, (parts) => {
      const frames = parts.map((p) => encode(...p))
      const stream = new frame.Reassembler()
      const out: (Uint8Array | null)[] = []
      stream.push(Buffer.concat(frames.map(frame.withPrefix)), (f) => out.push(f) > 0)
      expect(out.map((f) => f && Uint8Array.from(f))).toEqual(frames)
      expect(stream.buffered()).toHaveLength(0)
    })
    fc.assert(whole, { ...RUNS, numRuns: 50 })
  })
})

const NOTHING = new Uint8Array(0)
const extended = (plain: Uint8Array, more: Uint8Array): Uint8Array => Uint8Array.from([...plain, ...more])
const trailing = fc.oneof(fc.constant(NOTHING), bytes({ minLength: 1, maxLength: 9 }))
const value = fc.oneof(
  fc.double({ min: -1e300, max: 1e300, noNaN: true }),
  fc.constantFrom(0, -0, 5e-324, 1e300, -1e300),
)
const aggregate = fc.record({
  sum: fc.double({ noNaN: true, noDefaultInfinity: true }),
  count: fc.integer({ min: 1, max: 0xffffffff }),
  average: fc.double({ noNaN: true, noDefaultInfinity: true }),
})
/** A valid payload, or one with a byte of it changed. */
const nearly = fc
  .tuple(
    fc.oneof(
      fc.array(value, { minLength: 1, maxLength: 4 }).map(payload.encodeValues),
      aggregate.map(payload.encodeAggregate),
      fc.constant(payload.CONTROL),
    ),
    fc.nat(40),
    fc.oneof(fc.constant(0), byte),
  )
  .map(([plain, at, xor]) => plain.map((b, i) => (i === at % plain.length ? b ^ xor : b)))
const opened = (opcode: number, plain: Uint8Array) => decodeBody(PROTOCOL.bound, opcode, plain)

describe('payloads', () => {
  it('values: 1 to 511 come back bit for bit; any byte more or less is no DATA', () => {
    const property = fc.property(
      fc.array(value, { minLength: 1, maxLength: 511, size: 'max' }),
      trailing,
      (vs, more) => {
        const plain = payload.encodeValues(vs)
        expect(plain).toHaveLength(2 + 8 * vs.length)
        expect(payload.decodeValues(plain)).toEqual(vs) // toEqual tells -0 from 0
        expect(opened(30, plain)).toEqual({ kind: 'data', values: vs })
        if (more.length === 0) return
        expect(payload.decodeValues(extended(plain, more))).toBeNull()
        expect(payload.decodeValues(plain.subarray(0, plain.length - more.length))).toBeNull()
      },
    )
    fc.assert(property, { ...RUNS, numRuns: 200 })
  })

  it('text: 0 to 255 bytes of UTF-8 come back', () => {
    const property = fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), (text) => {
      const bytesOf = Buffer.byteLength(text)
      fc.pre(bytesOf <= 255)
      const plain = payload.encodeText(text)
      expect(plain).toHaveLength(bytesOf)
      expect(payload.decodeText(plain)).toBe(text)
      expect(opened(10, plain)).toEqual({ kind: 'hello', text })
    })
    fc.assert(property, RUNS)
  })

  it('an aggregate comes back; any byte more or less is no response', () => {
    const property = fc.property(aggregate, trailing, (a, more) => {
      const plain = payload.encodeAggregate(a)
      expect(plain).toHaveLength(21)
      expect(payload.decodeAggregate(plain)).toEqual(a)
      expect(opened(40, plain)).toEqual({ kind: 'aggregate', ...a })
      if (more.length === 0) return
      expect(payload.decodeAggregate(extended(plain, more))).toBeNull()
      expect(payload.decodeAggregate(plain.subarray(0, 21 - more.length))).toBeNull()
    })
    fc.assert(property, RUNS)
  })

  it('what src takes for a payload of any bytes, the reference takes for the same, and it encodes back to them', () => {
    const property = fc.property(fc.oneof(nearly, bytes({ minLength: 0, maxLength: 40 })), (plain) => {
      const values = payload.decodeValues(plain)
      expect(opened(30, plain).kind).toBe(values === null ? 'opaque' : 'data')
      if (values !== null) expect(payload.encodeValues(values)).toEqual(plain)
      const text = payload.decodeText(plain)
      expect(opened(20, plain).kind).toBe(text === null ? 'opaque' : 'challenge')
      if (text !== null) expect(payload.encodeText(text)).toEqual(plain)
      const answer = payload.decodeAggregate(plain)
      expect(opened(40, plain).kind).toBe(answer === null ? 'opaque' : 'aggregate')
      if (answer !== null) expect(payload.encodeAggregate(answer)).toEqual(plain)
      expect(opened(60, plain).kind).toBe(payload.isControlPayload(plain) ? 'control' : 'opaque')
    })
    fc.assert(property, RUNS)
  })
})
