import { describe, expect, it } from 'vitest'
import { concat, EMPTY, fromHex, toHex, u32 } from '../reference/bytes.ts'
import type { Piece } from '../reference/frame.ts'
import { PROTOCOL } from './dialect.ts'
import { enframe, lengthBytes, Reassembler } from './stream.ts'

const framing = PROTOCOL.bound.framing
const frameOf = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => i)
const collect = (chunks: readonly Uint8Array[]): Piece[] => {
  const stream = new Reassembler(framing)
  return chunks.flatMap((chunk) => stream.push(chunk))
}

describe('a stream with length prefixes', () => {
  const two = concat(enframe(framing, frameOf(71)), enframe(framing, frameOf(87)))
  const whole: Piece[] = [
    { kind: 'frame', frame: frameOf(71) },
    { kind: 'frame', frame: frameOf(87) },
  ]

  it('yields the same frames for every cut into two chunks', () => {
    for (let cut = 0; cut <= two.length; cut++) {
      expect(collect([two.subarray(0, cut), two.subarray(cut)])).toEqual(whole)
    }
  })
  it('keeps copies: what was pushed may be overwritten, a Buffer of a socket included', () => {
    const stream = new Reassembler(framing)
    const pieces = [two.subarray(0, 100), two.subarray(100)].flatMap((part) => {
      const chunk = Buffer.from(part)
      const cut = stream.push(chunk)
      chunk.fill(0)
      return cut
    })
    expect(pieces).toEqual(whole)
  })
  it('yields the same frames byte by byte', () => {
    expect(collect(Array.from(two, (byte) => Uint8Array.of(byte)))).toEqual(whole)
  })

  it.each([0, 70, 4168, 0xffffffff])('a prefix of %i ends the stream at once and buffers nothing', (length) => {
    const stream = new Reassembler(framing)
    expect(stream.push(concat(enframe(framing, frameOf(71)), u32(length), frameOf(9)))).toEqual([
      { kind: 'frame', frame: frameOf(71) },
      { kind: 'illegal-length', length },
    ])
    expect(stream.buffered).toBe(0)
    expect(stream.push(two)).toEqual([])
  })
  it.each([71, 72, 4167])('a prefix of %i is legal', (length) => {
    expect(collect([enframe(framing, frameOf(length))])).toEqual([{ kind: 'frame', frame: frameOf(length) }])
  })
  it('never holds more than the largest frame and its prefix', () => {
    const stream = new Reassembler(framing)
    stream.push(concat(u32(4167), frameOf(4166)))
    expect(stream.buffered).toBe(4 + 4166)
  })
  it('a frame does not share memory with the chunk it came in', () => {
    const chunk = enframe(framing, frameOf(71))
    const [piece] = collect([chunk])
    chunk.fill(0)
    expect(piece).toEqual({ kind: 'frame', frame: frameOf(71) })
  })
})

describe('streams of other dialects', () => {
  it.each(['u32be', 'recv', 'recv23'] as const)('%s: a banner is passed over, in whatever chunks', (kind) => {
    const framing = kind === 'u32be' ? { kind, min: 71, max: 4167 } : { kind }
    const banner = fromHex('53525631')
    const whole = concat(banner, enframe(framing, frameOf(71)))
    const frames = (...chunks: readonly Uint8Array[]) => {
      const stream = new Reassembler(framing, banner)
      return chunks.flatMap((c) => stream.copy().push(EMPTY).concat(stream.push(c)))
    }
    const one = [{ kind: 'frame', frame: frameOf(71) }]
    expect(frames(whole)).toEqual(one)
    expect(frames(whole.subarray(0, 3), whole.subarray(3))).toEqual(one)
    expect(frames(banner, whole.subarray(4))).toEqual(one)
    expect(frames(fromHex('5352'), fromHex('56'), fromHex('32'), whole)).toEqual([
      { kind: 'illegal-length', length: 1 },
    ])
  })
  it.each([
    ['u32le', '47000000'],
    ['u16be', '0047'],
    ['u16le', '4700'],
    ['u32be-whole', '0000004b'],
  ] as const)('%s: the length before a frame of 71 bytes is %s, in whatever chunks', (kind, prefix) => {
    const framing = { kind, min: 71, max: 4167 }
    const bytes = enframe(framing, frameOf(71))
    expect(bytes).toEqual(concat(fromHex(prefix), frameOf(71)))
    const stream = new Reassembler(framing)
    const two = concat(bytes, bytes)
    expect(
      Array.from(two, (byte) =>
        stream
          .copy()
          .push(Uint8Array.of())
          .concat(stream.push(Uint8Array.of(byte))),
      ).flat(),
    ).toEqual([
      { kind: 'frame', frame: frameOf(71) },
      { kind: 'frame', frame: frameOf(71) },
    ])
    expect(stream.push(lengthBytes(framing, 70)!)).toEqual([{ kind: 'illegal-length', length: 70 }])
    const most = lengthBytes(framing, 'most')!
    expect(toHex(most)).toMatch(/^(ff)+$/)
    expect(lengthBytes(framing, 0x1_0000)?.length).toBe(kind.startsWith('u16') ? undefined : 4)
  })
  it('recv: one chunk, one frame', () => {
    const stream = new Reassembler({ kind: 'recv' })
    expect([frameOf(5), frameOf(0), frameOf(80)].flatMap((c) => stream.push(c))).toEqual([
      { kind: 'frame', frame: frameOf(5) },
      { kind: 'frame', frame: frameOf(80) },
    ])
  })
  it('recv23: 23 bytes in any chunks, then one more read', () => {
    const stream = new Reassembler({ kind: 'recv23' })
    expect(stream.push(frameOf(20))).toEqual([])
    expect(stream.push(frameOf(3))).toEqual([])
    expect(stream.push(frameOf(48))).toEqual([{ kind: 'frame', frame: concat(frameOf(20), frameOf(3), frameOf(48)) }])
    expect(stream.push(frameOf(71))).toEqual([{ kind: 'frame', frame: frameOf(71) }])
  })
})
