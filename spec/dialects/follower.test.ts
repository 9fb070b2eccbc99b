import { hkdf as nobleHkdf } from '@noble/hashes/hkdf.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { describe, expect, it } from 'vitest'
import type { Mode } from '../language.ts'
import { ascii, concat, fromHex, toHex } from '../reference/bytes.ts'
import { parseFrame } from '../reference/frame.ts'
import { PROTOCOL } from './dialect.ts'
import { type Follower, Followers } from './follower.ts'

const MASTER = Uint8Array.from({ length: 32 }, (_, i) => 7 * i)
const iv = (n: number): Uint8Array => new Uint8Array(16).fill(n)
const header = (opcode: number, round: number, direction: number, id = 3) => ({ opcode, id, round, direction })
const DATA = fromHex('00014024000000000000') // count 1, value 10
const RESPONSE = fromHex('004024000000000000000000014024000000000000') // OK, sum 10, count 1, average 10

/** A conversation of one round, and the node at each of its positions. */
function converse(mode: Mode) {
  const start = new Followers(PROTOCOL[mode]).start(3, MASTER)
  const hello = start.seal('c2s', header(10, 0, 1), ascii('Hello from client 3'), iv(1))
  const greeted = start.after(hello)
  const challenge = greeted.seal('s2c', header(20, 0, 2), ascii('Challenge'), iv(2))
  const active = greeted.after(challenge)
  const data = active.seal('c2s', header(30, 1, 1), DATA, iv(3))
  const asked = active.after(data)
  const response = asked.seal('s2c', header(40, 1, 2), RESPONSE, iv(4))
  const answered = asked.after(response)
  return { start, hello, greeted, challenge, active, data, asked, response, answered }
}

const hexKeys = (node: Follower): string[] => node.keys.map(toHex)

describe.each(['bound', 'literal'] as const)('following a conversation, %s', (mode) => {
  const c = converse(mode)

  /** PROTOCOL §4 read aloud once more, on another library's HKDF. */
  const kdf = (k: Uint8Array, word: string, x: Uint8Array, length: number): Uint8Array =>
    nobleHkdf(sha256, k, undefined, concat(ascii(word), Uint8Array.of(0), x), length)
  const K0 = ['C2S-ENC', 'C2S-MAC', 'S2C-ENC', 'S2C-MAC'].map((label, i) =>
    kdf(MASTER, 'init', ascii(label), i % 2 === 0 ? 16 : 32),
  )
  const steps = (keys: readonly Uint8Array[], word: string, inputs: readonly Uint8Array[]): Uint8Array[] =>
    keys.map((k, i) => kdf(k, word, inputs[i]!, k.length))
  const h = sha256(c.hello)
  const c2s = steps(K0.slice(0, 2), 'evolve', [parseFrame(c.hello)!.ciphertext, iv(1)])
  const K0h = mode === 'literal' ? K0 : [...c2s, ...steps(K0.slice(2), 'hello', [h, h])]
  const evolved = [...c2s, ...steps(K0h.slice(2), 'evolve', [ascii('Challenge'), Uint8Array.of(0)])]
  const t = sha256(concat(c.hello, c.challenge))
  const K1 = mode === 'literal' ? evolved : steps(evolved, 'bind', [t, t, t, t])
  const K2 = steps(K1, 'evolve', [parseFrame(c.data)!.ciphertext, iv(3), RESPONSE.subarray(1), Uint8Array.of(0)])

  it('has the keys of PROTOCOL §4 at every position', () => {
    expect(hexKeys(c.start)).toEqual(K0.map(toHex))
    expect(hexKeys(c.greeted)).toEqual(K0h.map(toHex))
    expect(hexKeys(c.active)).toEqual(K1.map(toHex))
    expect(hexKeys(c.asked)).toEqual(K1.map(toHex)) // commit rule: sending DATA moves nothing
    expect(hexKeys(c.answered)).toEqual(K2.map(toHex))
  })

  it('has round, phase and outstanding request at every position', () => {
    const positions = [c.start, c.greeted, c.active, c.asked, c.answered]
    expect(positions.map((n) => [n.phase, n.round, n.outstanding !== null])).toEqual([
      ['INIT', 0, false],
      ['INIT', 0, false],
      ['ACTIVE', 1, false],
      ['ACTIVE', 1, true],
      ['ACTIVE', 2, false],
    ])
  })

  it('opens what it sealed and decodes it', () => {
    expect(c.start.opens(c.hello, 'c2s').body).toEqual({ kind: 'hello', text: 'Hello from client 3' })
    expect(c.greeted.opens(c.challenge, 's2c').body).toEqual({ kind: 'challenge', text: 'Challenge' })
    expect(c.active.opens(c.data, 'c2s').body).toEqual({ kind: 'data', values: [10] })
    expect(c.asked.opens(c.response, 's2c').body).toEqual({ kind: 'aggregate', sum: 10, count: 1, average: 10 })
  })

  it('two followers of the same frames share their nodes', () => {
    expect(c.start.after(c.hello.slice()).after(c.challenge.slice())).toBe(c.active)
  })

  it('a frame that may not pass moves nothing', () => {
    const altered = c.data.slice()
    altered[30]! ^= 1
    const seal = (opcode: number, round: number, direction: number, id: number, body: Uint8Array) =>
      c.active.seal(direction === 1 ? 'c2s' : 's2c', header(opcode, round, direction, id), body, iv(9))
    const frames = [
      altered,
      c.hello,
      c.challenge,
      c.response,
      seal(30, 0, 1, 3, DATA), // round
      seal(30, 2, 1, 3, DATA),
      seal(30, 1, 2, 3, DATA), // direction
      seal(30, 1, 1, 4, DATA), // id
      seal(40, 1, 2, 3, RESPONSE), // nothing outstanding
      seal(99, 1, 1, 3, DATA), // opcode
      seal(30, 1, 1, 3, DATA.subarray(1)), // payload
      seal(50, 1, 2, 3, Uint8Array.of(0)), // legal, and moves nothing
      seal(60, 1, 1, 3, Uint8Array.of(0)),
      c.active.seal('c2s', header(30, 1, 1), DATA, iv(9), fromHex('0707070707')), // padding
      new Uint8Array(6),
    ]
    for (const frame of frames) expect(c.active.after(frame)).toBe(c.active)
    expect(c.asked.after(c.data)).toBe(c.asked) // a second request
  })

  it('tells a wrong tag from a wrong padding', () => {
    const bad = c.active.seal('c2s', header(30, 1, 1), DATA, iv(9), fromHex('0707070707'))
    expect(c.active.opens(bad, 'c2s')).toMatchObject({ tagOk: true, padOk: false, body: { kind: 'sealed' } })
    expect(c.active.opens(bad, 's2c')).toMatchObject({ tagOk: false, padOk: false, body: { kind: 'sealed' } })
    expect(c.active.verifies(bad, 'c2s')).toBe(true)
    expect(c.answered.verifies(bad, 'c2s')).toBe(false)
  })

  it('continues in another round under the same keys; the last round cannot be left', () => {
    const last = c.active.withRound(0xffffffff)
    expect(hexKeys(last)).toEqual(hexKeys(c.active))
    expect(c.active.withRound(0xffffffff)).toBe(last)
    const asked = last.after(last.seal('c2s', header(30, 0xffffffff, 1), DATA, iv(5)))
    expect(asked.outstanding).not.toBeNull()
    expect(asked.after(asked.seal('s2c', header(40, 0xffffffff, 2), RESPONSE, iv(6)))).toBe(asked)
  })

  it('an insider may seal a frame without any ciphertext', () => {
    expect(c.active.seal('c2s', header(30, 1, 1), new Uint8Array(0), iv(1), new Uint8Array(0))).toHaveLength(55)
  })
})

it('binding makes every key of round 1 another one', () => {
  const [bound, literal] = [converse('bound').active, converse('literal').active]
  expect(bound.keys.map(toHex).filter((k) => literal.keys.map(toHex).includes(k))).toEqual([])
})
