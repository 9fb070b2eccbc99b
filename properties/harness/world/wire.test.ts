import { describe, expect, it } from 'vitest'
import type { Edit, End } from '../../../spec/language.ts'
import { edited, newNames, regionOf, toHex, Wire } from './wire.ts'

const client: End = { side: 'client', n: 0 }
const server: End = { side: 'server', n: 0 }
const frame = (fill: number): Uint8Array => Uint8Array.from({ length: 71 }, (_, i) => (i < 7 ? i + 1 : fill))
const wireOf = (...sent: readonly [End, number][]): Wire => {
  const wire = new Wire(newNames())
  for (const [by, fill] of sent) wire.add(by, frame(fill))
  return wire
}

describe('naming frames', () => {
  const wire = wireOf([client, 1], [server, 2], [client, 3])

  it('counts among those sent towards the receiving side, negative numbers from the newest', () => {
    expect(wire.pick(0, 'server')?.ref).toEqual({ by: client, nth: 0 })
    expect(wire.pick(-1, 'server')?.ref).toEqual({ by: client, nth: 1 })
    expect(wire.pick(7, 'client')?.ref).toEqual({ by: server, nth: 0 })
  })

  it('counts among all for reflection, and finds by origin', () => {
    expect(wire.pick({ any: 1 }, 'server')?.ref).toEqual({ by: server, nth: 0 })
    expect(wire.pick({ by: client, nth: 1 }, 'client')?.bytes[20]).toBe(3)
    expect(wire.pick({ by: client, nth: 2 }, 'server')).toBeUndefined()
  })

  it('gives equal bytes equal names', () => {
    const same = wireOf([client, 1], [client, 1], [client, 2])
    expect(same.frames.map((f) => f.id)).toEqual(['f0', 'f0', 'f1'])
  })
})

describe('editing', () => {
  const wire = wireOf([client, 1], [client, 2])
  const original = frame(1)
  const edit = (e: Edit): Uint8Array => edited(wire, original, 'server', e)
  const changed = (bytes: Uint8Array): number[] =>
    [...bytes.subarray(4)].flatMap((b, i) => (b === original[i] ? [] : [i]))

  it('flips exactly one byte, within its region', () => {
    for (const at of ['header', 'iv', 'ciphertext', 'tag'] as const) {
      const [start, end] = regionOf(at, original.length)
      for (const pos of [0, 3, 500, -1]) {
        const where = changed(edit({ do: 'flip', at, pos, xor: 4 }))
        expect(where).toHaveLength(1)
        expect(where[0]).toBeGreaterThanOrEqual(start)
        expect(where[0]).toBeLessThan(end)
      }
    }
  })

  it('never leaves a flip without effect', () => {
    expect(changed(edit({ do: 'flip', at: 'tag', pos: 0, xor: 0 }))).toHaveLength(1)
    expect(changed(edit({ do: 'flip', at: 'tag', pos: 0, xor: 256 }))).toHaveLength(1)
  })

  it('flips the prefix without touching the frame', () => {
    const whole = edit({ do: 'flip', at: 'length', pos: 3, xor: 1 })
    expect(changed(whole)).toEqual([])
    expect(toHex(whole.subarray(0, 4))).toBe('00000046')
  })

  it('sets fields where PROTOCOL §2 puts them', () => {
    expect(changed(edit({ do: 'set', field: 'opcode', value: 60 }))).toEqual([0])
    expect(changed(edit({ do: 'set', field: 'id', value: 9 }))).toEqual([1])
    expect(toHex(edit({ do: 'set', field: 'round', value: 0xfffffffe }).subarray(6, 10))).toBe('fffffffe')
    expect(changed(edit({ do: 'set', field: 'direction', value: 2 }))).toEqual([6])
  })

  it('corrects the prefix of a longer or shorter frame', () => {
    expect(toHex(edit({ do: 'truncate', bytes: 70 }).subarray(0, 4))).toBe('00000046')
    expect(toHex(edit({ do: 'extend', hex: 'aabb' }).subarray(0, 4))).toBe('00000049')
  })

  it('splices a part of another frame in', () => {
    const [start, end] = regionOf('ciphertext', 71)
    const where = changed(edit({ do: 'splice', part: 'ciphertext', from: 1 }))
    expect(where).toEqual(Array.from({ length: end - start }, (_, i) => start + i))
  })
})
