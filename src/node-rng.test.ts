/** The one generator that the harness never uses: it hands in its own. All freshness rests on it (PROTOCOL §9). */
import { Worker } from 'node:worker_threads'
import { describe, expect, test, vi } from 'vitest'
import { nodeRng } from './crypto.ts'
import { fills, oddities, Source } from './csprng.testkit.ts'

vi.mock('node:crypto', async () => (await import('./csprng.testkit.ts')).watched)

const POOL = 4_096
const latin = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1')

/** Leaves exactly so many bytes in the pool. */
const leave = (bytes: number) => {
  nodeRng(POOL)
  if (bytes > 0) nodeRng(POOL - bytes)
}

describe('every byte handed out was given by the generator of the system, and is handed out once', () => {
  test('draws of 16 bytes over many fills', () => {
    const source = new Source()
    expect(Array.from({ length: 2_000 }, () => source.take(nodeRng(16)))).not.toContain(false)
  })

  test('draws of every size, whatever is left in the pool', () => {
    const source = new Source()
    for (const left of [0, 1, 8, 15, 16, 17, 31, 32, 33, 4_095])
      for (const size of [8, 15, 16, 17, 31, 32, 33, 255, 4_095, 4_096]) {
        leave(left)
        for (const bytes of [nodeRng(size), nodeRng(16), nodeRng(16)]) {
          expect(
            [bytes.length % 16 === 0 || bytes.length === size, source.take(bytes)],
            `${size}, ${left} left`,
          ).toEqual([true, true])
        }
      }
  })

  test('none is thrown away when a draw fits exactly, and none is left over when it does not', () => {
    leave(48)
    const before = fills.length
    const last = [nodeRng(16), nodeRng(32)]
    expect(fills.length).toBe(before)
    expect(latin(fills.at(-1)!.bytes).endsWith(last.map(latin).join(''))).toBe(true)
    leave(31)
    const next = nodeRng(32)
    expect(fills.at(-1)!.bytes.indexOf(Buffer.from(next))).toBe(0)
  })
})

describe('what was handed out', () => {
  test('is the caller’s alone: it never changes, and changing it changes no other draw', () => {
    const [kept, copies] = [[] as Uint8Array[], [] as Uint8Array[]]
    for (let i = 0; i < 500; i++) {
      const bytes = nodeRng(16)
      expect([bytes.constructor, bytes.byteOffset, bytes.buffer.byteLength]).toEqual([Uint8Array, 0, 16])
      if (i % 2 === 0) bytes.fill(0xaa)
      kept.push(bytes)
      copies.push(bytes.slice())
    }
    expect(kept).toEqual(copies)
    expect(oddities(kept.filter((_, i) => i % 2 === 1))).toEqual([])
  })

  test('stands in the pool no longer, and what is to come was never handed out', () => {
    leave(0)
    nodeRng(16)
    const { target } = fills.at(-1)!
    for (let used = 16; used < POOL; used += 16) {
      expect(target.subarray(0, used).every((b) => b === 0)).toBe(true)
      const bytes = nodeRng(16)
      expect(latin(target).includes(latin(bytes))).toBe(false)
    }
  })
})

test('1 MiB over 256 fills: no draw, no half of one and no window of 8 bytes twice; bits and bytes are even', () => {
  const draws = Array.from({ length: 65_536 }, () => nodeRng(16))
  expect(oddities(draws)).toEqual([])
  for (
    let at = 0;
    at < 16;
    at++ // every position alone: 16 * 2e-9
  )
    expect(
      oddities(draws.slice(0, 4_096).map((d) => d.subarray(at, at + 1))).filter((o) => !o.includes('halves')),
    ).toEqual([])
  const stream = draws.slice(0, 4_096).map(latin).join('')
  const windows = new Set<string>()
  for (let at = 0; at + 8 <= stream.length; at++) windows.add(stream.slice(at, at + 8))
  expect(windows.size).toBe(stream.length - 7) // a true generator fails with a probability of 5e-10
  for (let shared = 1; shared < 8; shared++) {
    const begins = (d: Uint8Array, before: Uint8Array | undefined) => {
      for (let i = 0; i < shared; i++) if (before?.[16 - shared + i] !== d[i]) return false
      return true
    }
    const overlaps = draws.slice(0, 16_384).filter((d, i) => begins(d, draws[i - 1])).length
    expect(overlaps, `${shared} bytes`).toBeLessThan(16_384 / 256 + 75) // 9 standard deviations
  }
})

test('other sizes are as even', () => {
  for (const size of [15, 17, 32, 100]) expect(oddities(Array.from({ length: 2_000 }, () => nodeRng(size)))).toEqual([])
})

test('callers that take turns, and a thread at the same time, never share a byte', async () => {
  const turns = async () => {
    const mine: Uint8Array[] = []
    for (let i = 0; i < 400; i++) {
      mine.push(nodeRng(16))
      await (i % 3 === 0 ? new Promise(setImmediate) : null)
    }
    return mine
  }
  const program = `
    import('tsx/esm/api').then(async ({ tsImport }) => {
      const { nodeRng } = await tsImport(${JSON.stringify(new URL('./crypto.ts', import.meta.url).href)}, ${JSON.stringify(import.meta.url)})
      require('node:worker_threads').parentPort.postMessage(Array.from({ length: 1000 }, () => nodeRng(16)))
    })`
  const thread = () =>
    new Promise<Uint8Array[]>((resolve, reject) => {
      const worker = new Worker(program, { eval: true })
      worker.once('message', resolve)
      worker.once('error', reject)
    })
  const all = await Promise.all([turns(), turns(), turns(), thread()])
  expect(oddities(all.flat())).toEqual([])
})

test('no draw is shorter than asked: what one fill cannot give is refused, and nothing changes', () => {
  leave(32)
  for (const bytes of [4_097, -1, -16, 0.5, Number.NaN, Number.POSITIVE_INFINITY])
    expect(() => nodeRng(bytes)).toThrow(new RangeError(`random bytes: expected an integer 0..4096, got ${bytes}`))
  expect(nodeRng(0)).toEqual(new Uint8Array(0))
  const source = new Source()
  expect(Array.from({ length: 300 }, () => source.take(nodeRng(16)))).not.toContain(false)
})
