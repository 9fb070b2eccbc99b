/**
 * What is left of every secret that the core makes: at the end of each call it is a key of a session's state, or zero.
 * The seam sees them all, since what HKDF extracts and expands is HMAC, and what is cut out of that is cut out of ours.
 */
import { describe, expect, test } from 'vitest'
import { type Crypto, nodeCrypto } from './crypto.ts'
import type { Keys } from './keys.ts'
import type { Limits } from './outcome.ts'
import { altered, CONTROL, hello, house, keysIn, type Pair, unpadded } from './testkit.ts'

/** A provider that keeps every buffer with key material, and asks after each call what became of them. */
const watch = () => {
  const made: Uint8Array[] = []
  class Secret extends Uint8Array<ArrayBuffer> {
    constructor(...from: readonly unknown[]) {
      super(...(from as [ArrayBuffer])) // `slice` gives a length, `subarray` a buffer and where in it
      made.push(this)
    }
  }
  const extracted = new WeakSet<Uint8Array>()
  const crypto: Crypto = {
    ...nodeCrypto,
    hmac(key, data) {
      const result = nodeCrypto.hmac(key, data)
      const extracts = key.length === 32 && key.every((byte) => byte === 0) // PROTOCOL §3: no salt
      if (!extracts && !extracted.has(key)) return result // a tag
      const secret = new Secret(result.length)
      secret.set(result)
      result.fill(0)
      if (extracts) extracted.add(secret)
      return secret
    },
  }
  const left = (keys: readonly Uint8Array[]) =>
    made.filter((secret) => secret.some((byte) => byte !== 0) && !keys.includes(secret))
  return { crypto, made, left }
}

/** A house whose every call is followed by the question. */
const watched = (mode: 'bound' | 'literal', limits: Partial<Limits> = {}) => {
  const { crypto, made, left } = watch()
  const { server, pair } = house(mode, limits, crypto)
  const pairs: Pair[] = []
  const step = (act: () => void) => {
    act()
    const states = [...[...server.connections].map((c) => c.state), ...pairs.map((p) => p.client.state)]
    const keys = states.flatMap((s) => ('keys' in s && s.keys !== null ? keysIn(s.keys as Keys) : []))
    expect(left(keys).map((secret) => secret.length)).toEqual([])
  }
  const open = (id: number): Pair => {
    step(() => pairs.push(pair(id)))
    return pairs.at(-1)!
  }
  const toServer = (p: Pair) => step(() => p.feed(p.up.frames.shift()!))
  const toClient = (p: Pair) => step(() => p.serve(p.down.frames.shift()!))
  const greeted = (id = 1): Pair => {
    const p = open(id)
    step(() => p.client.start(0))
    return p
  }
  const joined = (id = 1): Pair => {
    const p = greeted(id)
    toServer(p)
    toClient(p)
    return p
  }
  const asked = (id = 1): Pair => {
    const p = joined(id)
    step(() => p.client.submit([1, 2], 0))
    return p
  }
  /** All is closed: nothing at all is left. */
  const done = () => {
    step(() => server.shutdown())
    for (const p of pairs) step(() => p.client.close())
    expect(made.length).toBeGreaterThan(0)
    expect(left([])).toEqual([])
  }
  return { server, step, open, toServer, toClient, greeted, joined, asked, done }
}
type Watched = ReturnType<typeof watched>

const TEXT_255 = new Uint8Array(256)
const SCENARIOS: readonly (readonly [string, (w: Watched) => void])[] = [
  [
    'two rounds and a farewell',
    (w) => {
      const p = w.joined()
      for (let round = 0; round < 2; round++) {
        w.step(() => p.client.submit([1, 2], 0))
        w.toServer(p)
        w.toClient(p)
      }
      w.step(() => p.client.finish())
      w.toServer(p)
    },
  ],
  [
    'a HELLO that the transport refuses',
    (w) => {
      const p = w.open(1)
      p.up.up = false
      w.step(() => p.client.start(0))
      expect(p.up.log).toEqual(['ended send-failed'])
    },
  ],
  [
    'a CHALLENGE that the transport refuses',
    (w) => {
      const p = w.greeted()
      p.down.up = false
      w.toServer(p)
      expect(p.down.log).toEqual(['ended send-failed'])
    },
  ],
  [
    'a DATA and a response that the transport refuses',
    (w) => {
      const p = w.joined()
      p.up.up = false
      w.step(() => p.client.submit([1], 0))
      const q = w.asked(2)
      q.down.up = false
      w.toServer(q)
      expect([p.up.log.at(-1), q.down.log.at(-1)]).toEqual(['ended send-failed', 'ended send-failed'])
    },
  ],
  [
    'HELLOs that are rejected: by tag, padding, payload, and id',
    (w) => {
      const bad = [altered(hello(), -1), hello(CONTROL, {}, unpadded), hello(TEXT_255), hello(CONTROL, { id: 9 })]
      const logs = bad.map((frame) => {
        const p = w.open(1)
        w.step(() => p.feed(frame))
        return p.down.log[0]
      })
      expect(logs).toEqual(['bad-tag', 'bad-padding', 'bad-payload', 'wrong-client'].map((r) => `rejected ${r}`))
    },
  ],
  [
    'a CHALLENGE, a response and a DATA that are altered',
    (w) => {
      const [p, q, r] = [w.greeted(), w.asked(2), w.asked(3)]
      w.toServer(p)
      w.step(() => p.serve(altered(p.down.frames.shift()!, -1)))
      w.toServer(q)
      w.step(() => q.serve(altered(q.down.frames.shift()!, -1)))
      w.step(() => r.feed(altered(r.up.frames.shift()!, -1)))
      w.toClient(r) // KEY_DESYNC_ERROR
      expect(r.up.log.at(-1)).toBe('ended peer')
    },
  ],
  [
    'supersession and displacement',
    (w) => {
      const old = w.asked()
      w.toServer(old)
      const young = w.asked()
      w.toServer(young)
      expect(old.down.log.at(-1)).toBe('ended superseded')
      const half = w.joined()
      for (let n = 0; n < 4; n++) w.joined()
      expect(half.down.log.at(-1)).toBe('ended displaced')
    },
  ],
  [
    'timeouts at both ends',
    (w) => {
      const [p, q] = [w.greeted(), w.joined(2)]
      w.step(() => p.client.tick(5_000))
      w.step(() => w.server.tick(120_000))
      expect([p.up.log.at(-1), q.down.log.at(-1)]).toEqual(['ended timeout', 'ended timeout'])
    },
  ],
]

describe.each(['bound', 'literal'] as const)('%s: nothing is left of', (mode) => {
  test.each(SCENARIOS)('%s', (_, act) => {
    const w = watched(mode)
    act(w)
    w.done()
  })
})
