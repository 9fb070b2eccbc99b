import { describe, expect, test } from 'vitest'
import { ciphertextOf, encodeUntagged, ivOf, parseHeader, Reassembler, taggedOf, tagOf, withPrefix } from './frame.ts'

const header = { opcode: 30, id: 200, round: 0xfedc_ba98, direction: 1 }
const iv = new Uint8Array(16).fill(7)
const frame = encodeUntagged(header, iv, new Uint8Array(32).fill(9))

test('a frame is laid out as in PROTOCOL §2 and parses back', () => {
  expect([...frame.subarray(0, 7)]).toEqual([30, 200, 0xfe, 0xdc, 0xba, 0x98, 1])
  expect(frame.length).toBe(23 + 32 + 32)
  expect(ivOf(frame)).toEqual(iv)
  expect(ciphertextOf(frame)).toEqual(new Uint8Array(32).fill(9))
  expect(tagOf(frame)).toEqual(new Uint8Array(32))
  expect(taggedOf(frame).length).toBe(55)
  expect(parseHeader(frame)).toEqual(header)
})

test.each([
  [0, false],
  [55, false],
  [70, false],
  [71, true],
  [72, false],
  [87, true],
  [4167, true],
  [4183, false],
])('%i bytes are a frame: %s', (length, valid) => {
  expect(parseHeader(new Uint8Array(length)) !== null).toBe(valid)
})

describe('reassembly', () => {
  const sizes = [71, 4167, 71, 87, 80] // 80: a legal prefix, although no frame has that length
  const stream = Uint8Array.from(sizes.flatMap((n, i) => [...withPrefix(new Uint8Array(n).fill(i + 1))]))
  const framesOf = (chunks: readonly Uint8Array[]) => {
    const r = new Reassembler()
    const frames: number[][] = []
    for (const chunk of chunks)
      r.push(chunk, (f) => {
        frames.push([f!.length, f![0]!, f!.at(-1)!])
        return true
      })
    expect(r.held).toBe(r.buffered().length)
    return { frames, left: r.buffered() }
  }
  const whole = sizes.map((n, i) => [n, i + 1, i + 1])

  test.each([1, 2, 3, 5, 70, 75, 76, 4170, 4171, stream.length])('chunks of %i bytes give the same frames', (size) => {
    const chunks = Array.from({ length: Math.ceil(stream.length / size) }, (_, i) =>
      stream.subarray(i * size, (i + 1) * size),
    )
    expect(framesOf(chunks)).toEqual({ frames: whole, left: new Uint8Array(0) })
  })

  test.each([1, 3, 4, 5, 74])('what is buffered after %i bytes restores the rest', (at) => {
    const { frames, left } = framesOf([stream.subarray(0, at)])
    expect(frames).toEqual([])
    expect(left).toEqual(stream.subarray(0, at))
    expect(framesOf([left, stream.subarray(at)]).frames).toEqual(whole)
  })

  test('a frame that lies whole inside a chunk is a view of it, up to its last byte', () => {
    const views: boolean[] = []
    new Reassembler().push(stream, (f) => views.push(f!.buffer === stream.buffer) > 0)
    expect(views).toEqual(sizes.map(() => true))
  })

  test.each([[0], [70], [4168], [0x8000_0047]])('prefix %i is malformed at once and buffers nothing', (length) => {
    const prefix = new Uint8Array(4)
    new DataView(prefix.buffer).setUint32(0, length)
    const r = new Reassembler()
    const seen: unknown[] = []
    r.push(prefix.subarray(0, 3), () => expect.unreachable())
    r.push(prefix.subarray(3), (f) => {
      seen.push(f)
      return true
    })
    expect(seen).toEqual([null])
    expect(r.buffered().length).toBe(0)
  })

  test.each([
    ['whole', [stream]],
    ['split', [stream.subarray(0, 10), stream.subarray(10)]],
    ['after an illegal prefix', [Uint8Array.from([0, 0, 0, 1, ...stream])]],
  ])('nothing follows once the receiver has had enough: %s', (_, chunks) => {
    const r = new Reassembler()
    let calls = 0
    for (const chunk of chunks)
      r.push(chunk, () => {
        calls++
        return false
      })
    expect(calls).toBe(1)
    expect(r.buffered().length).toBe(0)
  })
})
