/** Every size, count, id, place and power of two that there is; the tests beside try single ones. */
import { describe, expect, test } from 'vitest'
import { type Submission, submissionOf, submittedIn, withSubmission } from './aggregate.ts'
import { checkHeader } from './checks.ts'
import { nodeCrypto } from './crypto.ts'
import { encodeUntagged, MAX_ROUND, OPCODE, Reassembler, TO_SERVER, withPrefix } from './frame.ts'
import * as payload from './payload.ts'
import { pad, unpad } from './primitives.ts'
import type { Server } from './server.ts'
import { altered, CONTROL, hello, house, type Pair } from './testkit.ts'

const numbers = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i)
const POWERS = numbers(0, 31).map((k) => 2 ** k)
const OTHERS = {
  server: 'rejected bad-tag,sent 50,ended rejected-frame',
  client: 'rejected bad-tag,ended rejected-frame',
}
/** One bit of IV, ciphertext or tag is another; `n` says where. */
const spoilt = (frame: Uint8Array, n: number): Uint8Array => altered(frame, -1 - ((n * 37) % (frame.length - 7)))
/** Values in which a place, a sign or the smallest bits that are lost show. */
const values = (count: number): number[] =>
  numbers(1, count).map((i) => (i % 7 === 0 ? -0 : i % 5 === 0 ? -i * 2 ** -1_074 : i % 3 === 0 ? 1e300 / i : i / 3))
/** What was said of one thing and no more. */
const saidBy = (log: string[]): string => log.splice(0).join()

/** Well-formed UTF-8, by the table of the Unicode Standard (3-7). */
const isText = ([first = -1, next = -1, ...rest]: readonly number[]): boolean => {
  if (first < 0x80) return first < 0 || next < 0 || isText([next, ...rest])
  const more = first < 0xc2 ? 9 : first < 0xe0 ? 0 : first < 0xf0 ? 1 : first < 0xf5 ? 2 : 9 // behind the second byte
  const low = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80
  const high = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf
  if (next < low || next > high || rest.length < more) return false
  return rest.slice(0, more).every((b) => b >= 0x80 && b <= 0xbf) && isText(rest.slice(more))
}

/** Sets a pair in another round. */
const inRound = (server: Server, p: Pair, round: number): void => {
  server.restore(p.connection, { ...p.active(), round })
  const { state } = p.client
  if (state.phase === 'ACTIVE') p.client.restore({ ...state, round })
}

describe('a frame of every size', () => {
  test('DATA of every count: refused where it is altered, else told and answered as it was sent', () => {
    const { joined } = house('bound', { retainedRounds: 600 })
    const p = joined(1)
    for (const count of numbers(1, 511)) {
      const other = joined(2)
      other.feed(spoilt(other.forge(30, payload.encodeValues(values(count))), count))
      expect(saidBy(other.down.log)).toBe(OTHERS.server)
      p.client.submit(values(count), 0)
      p.pump()
      expect(p.down.contents.at(-1)).toMatchObject({ kind: 'data', round: count, values: values(count) })
      expect(p.up.contents.at(-1)).toMatchObject({ kind: 'aggregate', round: count, aggregate: { count } })
    }
  })

  test('texts of every length: HELLO and CHALLENGE are refused where they are altered, else told', () => {
    const { pair } = house()
    for (const length of numbers(0, 255)) {
      const text = 'é'.repeat(length >> 1) + 'a'.repeat(length % 2)
      const greeting = hello(payload.encodeText(text))
      const [bad, good] = [pair(1), pair(1)]
      bad.feed(spoilt(greeting, length))
      good.feed(greeting)
      bad.feed(greeting) // an ended connection takes nothing
      expect([saidBy(bad.down.log), good.down.contents]).toEqual([OTHERS.client, [{ kind: 'hello', id: 1, text }]])
      const asked = house('bound', {}, nodeCrypto, { challengeText: text })
      for (const alters of [true, false]) {
        const p = asked.pair(1)
        p.client.start(0)
        p.feed(p.up.frames.shift()!)
        const challenge = p.down.frames.shift()!
        p.up.log.length = 0
        p.serve(alters ? spoilt(challenge, length) : challenge)
        expect([saidBy(p.up.log), p.up.contents]).toEqual(
          alters ? [OTHERS.client, []] : ['accepted challenge', [{ kind: 'challenge', text }]],
        )
      }
    }
  })

  test('text is what is well-formed UTF-8, and nothing else', () => {
    const second = [0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff]
    const wrong = numbers(0, 255).flatMap((first) =>
      second.flatMap((next) =>
        numbers(1, 4).flatMap((length) => {
          const bytes = Uint8Array.of(first, next, 0x80, 0xbf).subarray(0, length)
          return (payload.decodeText(bytes) !== null) === isText([...bytes]) ? [] : [bytes.join()]
        }),
      ),
    )
    expect(wrong).toEqual([])
    const all = [0, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xfdd0, 0xfeff, 0xfffd, 0xffff, 0x10000, 0x10ffff]
    for (const text of [...all.map((c) => String.fromCodePoint(c)), 'a\0b', String.fromCodePoint(...all)])
      expect(payload.decodeText(payload.encodeText(text))).toBe(text)
  })

  test('padding of every length behind every length, and every byte of it, counts', () => {
    for (const length of numbers(0, 4_096)) {
      const padded = pad(new Uint8Array(length).fill(7))
      expect([padded.length % 16, padded.length - length, unpad(padded)?.length]).toEqual([0, padded.at(-1), length])
    }
    for (const size of [16, 32, 1_024, 2_064, 4_112])
      for (const p of numbers(1, 16))
        for (const at of numbers(1, p)) {
          const padded = new Uint8Array(size).fill(p, size - p)
          expect(unpad(padded)).toHaveLength(size - p)
          padded[size - at]! ^= at === 1 ? 32 : 1 << (p & 7)
          expect(unpad(padded)).toBeNull()
        }
  })

  test('a payload of any other length than its own is none', () => {
    const aggregate = payload.encodeAggregate({ sum: 3, count: 2, average: 1.5 })
    const data = payload.encodeValues(values(511))
    const passes = numbers(0, 4_096).flatMap((length) => {
      const zeros = new Uint8Array(length)
      const cut = zeros.slice()
      cut.set(aggregate.subarray(0, length))
      const counted = data.slice(0, length)
      if (length > 1) counted.set([1, 44]) // 300
      return [
        ...(payload.isControlPayload(zeros) ? [`control ${length}`] : []),
        ...(payload.decodeAggregate(cut) === null ? [] : [`aggregate ${length}`]),
        ...(payload.decodeValues(counted) === null ? [] : [`data ${length}`]),
        ...(payload.decodeText(zeros) === null && length <= 255 ? [`no text ${length}`] : []),
      ]
    })
    expect(passes).toEqual(['control 1', 'aggregate 21', 'data 2402'])
    expect(numbers(0, 255).filter((byte) => payload.isControlPayload(Uint8Array.of(byte)))).toEqual([0])
  })

  test('in pieces of any number, and many in one chunk', () => {
    const sizes = [...numbers(0, 256).map((n) => 71 + 16 * n), ...numbers(72, 90), 4_166]
    const frames = sizes.map((size) => Uint8Array.from({ length: size }, (_, i) => i * 7 + size))
    const stream = new Uint8Array(Buffer.concat(frames.map(withPrefix)))
    for (const pieces of [1, 2, 3, 7, 16, 61, 255, 4_170]) {
      const r = new Reassembler()
      const seen: Uint8Array[] = []
      const take = (frame: Uint8Array | null): boolean => seen.push(frame!.slice()) > 0
      if (pieces === 1) r.push(stream, take)
      else
        for (const frame of frames.map(withPrefix)) {
          const step = Math.ceil(frame.length / pieces)
          for (let at = 0; at < frame.length; at += step) r.push(frame.subarray(at, at + step), take)
        }
      expect(Buffer.compare(Buffer.concat(seen.map(withPrefix)), stream)).toBe(0)
      expect(seen).toHaveLength(frames.length)
    }
  })
})

test('in every place of a submission every number that is allowed is, and no other', () => {
  const good = [1e300, -1e300, 5e-324, -5e-324, -0, 2 ** -1_022, -(2 ** -1_022) + 5e-324]
  const bad = [1.0000000000000002e300, -1.0000000000000002e300, Number.NaN, Number.NEGATIVE_INFINITY]
  for (const place of numbers(0, 510)) {
    const read = (value: number) =>
      payload.decodeValues(payload.encodeValues(new Array(511).fill(1).with(place, value)))
    expect(read(good[place % good.length]!)![place]).toBe(good[place % good.length])
    expect(read(bad[place % bad.length]!)).toBeNull()
  }
})

describe('an id, a round', () => {
  const data = payload.encodeValues([1])
  const frameOf = (id: number, round: number) =>
    encodeUntagged({ opcode: OPCODE.data, id, round, direction: TO_SERVER }, new Uint8Array(16), new Uint8Array(16))
  const checked = (frame: Uint8Array, id: number | null, round: number) => {
    const header = checkHeader(frame, { id, round, direction: TO_SERVER, legal: [OPCODE.data] })
    return typeof header === 'string' ? header : 'right'
  }

  test('no id is that of another, and every one has its session', () => {
    const keyring = new Map(numbers(1, 255).map((id) => [id, new Uint8Array(16).fill(id)]))
    const { joined } = house('bound', {}, nodeCrypto, { keyring })
    for (const id of numbers(0, 255)) {
      const frame = frameOf(id, 1)
      const passes = [...numbers(0, 255), null].filter((other) => checked(frame, other, 1) !== 'wrong-client')
      expect(passes).toEqual([id])
      if (id === 0) continue
      const p = joined(id)
      const answers = [p.forge(30, data), spoilt(p.forge(30, data), id)].map((frame) => {
        p.feed(frame)
        return saidBy(p.down.log)
      })
      expect(answers).toEqual(['sent 40,accepted data', OTHERS.server.replace('bad-tag', 'stale-round')])
    }
  })

  test('at every edge of a round: the next one follows, and no bit of it may be another', () => {
    const { server, joined } = house()
    for (const round of new Set(POWERS.flatMap((n) => [n - 1, n, n + 1]).filter((n) => n > 1))) {
      const near = numbers(1, 300)
        .flatMap((n) => [round - n, round + n])
        .filter((n) => n >= 0 && n <= MAX_ROUND)
      const others = [...near, ...POWERS.map((bit) => (round ^ bit) >>> 0)]
      const told = others.map((other) => checked(frameOf(1, other), 1, round))
      expect(told.join()).toBe(others.map((other) => (other < round ? 'stale-round' : 'future-round')).join())
      const [altered, genuine] = [joined(1), joined(2)]
      for (const p of [altered, genuine]) inRound(server, p, round)
      altered.feed(spoilt(altered.forge(30, data), round))
      expect(saidBy(altered.down.log)).toBe(OTHERS.server)
      genuine.client.submit([1], 0)
      genuine.feed(genuine.up.frames.shift()!)
      expect([genuine.down.log, genuine.active().round]).toEqual([['sent 40', 'accepted data'], round + 1])
      const [answer] = genuine.down.frames.splice(0)
      genuine.serve(round % 2 === 0 ? spoilt(answer!, round) : answer!)
      expect(genuine.up.log.at(-1)).toBe(round % 2 === 0 ? 'ended rejected-frame' : 'accepted aggregate')
    }
  })
})

describe('many', () => {
  test('of the rounds of a session exactly the newest are kept and found, whatever the setting', () => {
    for (const retained of numbers(1, 130)) {
      let kept: readonly Submission[] = []
      for (const round of numbers(1, 140))
        kept = withSubmission(Object.freeze(kept), submissionOf(round, [round]), retained) // a state is never changed
      expect(numbers(1, 141).filter((round) => submittedIn(round, kept)?.round === round)).toEqual(
        numbers(141 - retained, 140).slice(-retained),
      )
    }
  })

  test('however many rounds a newer session has played, and HELLOs there were, an older one is refused', () => {
    for (const hellos of numbers(0, 52).map((k) => 2 ** k - 1)) {
      const { server, pair } = house('bound', {}, nodeCrypto, { hellos })
      const [older, newer] = [pair(1), pair(1)]
      for (const p of [older, newer]) {
        p.client.start(0)
        p.pump()
      }
      for (const _ of numbers(0, hellos === 0 ? 100 : 0)) {
        newer.client.submit([1], 0)
        newer.pump()
      }
      expect(server.snapshot().connections.map((c) => c.state)).toEqual([...server.connections].map((c) => c.state))
      older.client.submit([1], 0)
      older.pump()
      expect([older.down.log[2], newer.active().order]).toEqual(['rejected superseded', hellos + 1])
    }
  })

  test('rounds of a session that submits just in time, for as long as it likes', () => {
    for (const [round, ends] of [1, 250, 65_500, MAX_ROUND - 70].map((n) => [n, n === 1 ? 'late' : 'asked'] as const)) {
      const { server, joined } = house()
      const p = joined(1)
      inRound(server, p, round)
      for (const n of numbers(0, 69)) {
        p.client.submit([1], n * 599_999)
        if (n === 69 && ends === 'asked') break
        p.pump(n * 599_999)
        p.client.tick(2 ** 40)
        server.tick(n * 599_999 + 599_999)
      }
      expect([p.active().round, p.client.state.phase, p.up.log.includes('ended timeout')]).toEqual([
        round + (ends === 'late' ? 70 : 69),
        'ACTIVE',
        false,
      ])
      if (ends === 'asked') p.client.tick(69 * 599_999 + 9_999)
      expect(p.client.state.phase).toBe('ACTIVE')
      if (ends === 'asked') p.client.tick(69 * 599_999 + 10_000)
      expect(p.up.log.at(-1)).toBe(ends === 'asked' ? 'ended timeout' : 'accepted aggregate')
      server.tick(70 * 599_999 + (ends === 'late' ? 0 : -599_999))
      expect(p.down.log.at(-1)).toBe('accepted data')
      server.tick(70 * 599_999 + 1)
      expect(p.down.log.at(-1)).toBe('ended timeout')
    }
  })

  test('connections: all have their turn at a limit, in time, and at the end', () => {
    for (const most of [1, 5, 17, 64, 300]) {
      const { server, pair, joined } = house('bound', { connections: most })
      const full = joined(1, [1])
      const silent = numbers(2, most).map(() => pair(2))
      const [late, later] = [pair(3), pair(3)]
      expect(silent.map((p) => p.down.log.length)).toEqual(silent.map((_, i) => (i < 2 ? 1 : 0)))
      expect([late, later].map((p) => p.down.log.length)).toEqual(most === 1 ? [1, 1] : most === 2 ? [1, 0] : [0, 0])
      server.tick(5_000)
      expect(silent.map((p) => p.down.log.length)).toEqual(silent.map(() => 1))
      expect([full.down.log, server.connections.size]).toEqual([[], 1])
      const rest = numbers(2, most).map(() => pair(2))
      server.shutdown()
      expect(rest.map((p) => p.down.log.join())).toEqual(rest.map(() => 'ended finished'))
    }
  })

  test('HELLOs that are altered between others: none is taken, and none of the others hurt', () => {
    const { pair } = house('bound', { unconfirmedPerId: 1_000 })
    const taken = numbers(1, 400).map((n) => {
      const p = pair((n % 3) + 1)
      p.client.start(0)
      const greeting = p.up.frames.shift()!
      p.feed(n % 2 === 0 ? spoilt(greeting, n) : greeting)
      return p.down.log.join()
    })
    expect(taken.map((said) => said.startsWith('sent 20,accepted hello'))).toEqual(
      numbers(1, 400).map((n) => n % 2 === 1),
    )
  })

  test('frames that are altered, one after the other, at all ends of a session', () => {
    const { joined } = house()
    for (const n of numbers(1, 300)) {
      const p = joined((n % 3) + 1)
      p.client.submit([n], 0)
      if (n % 2 === 0) p.feed(p.up.frames.shift()!)
      if (n % 2 === 0) p.serve(spoilt(p.down.frames.shift()!, n))
      else p.feed(spoilt(n % 4 === 1 ? p.up.frames.shift()! : p.forge(60, CONTROL), n))
      // only a DATA is answered
      expect((n % 2 === 0 ? p.up : p.down).log.join()).toMatch(n % 4 === 1 ? OTHERS.server : OTHERS.client)
    }
  })
})
