/** Frames that must be rejected: damaged copies of a genuine one, and invalid ones under valid tags. */
import type { Follower } from '../../../spec/dialects/follower.ts'
import type { Keys } from '../../../spec/dialects/keys.ts'
import { seal } from '../../../spec/dialects/sealing.ts'
import type { Header, Reason } from '../../../spec/events.ts'
import { MAX_ROUND } from '../../../spec/opcodes.ts'
import { ascii, concat, EMPTY, fromHex, u32 } from '../../../spec/reference/bytes.ts'
import { encodeHeader, parseFrame } from '../../../spec/reference/frame.ts'
import { CONTROL, dataBytes, responseBytes } from '../../../spec/reference/payload.ts'
import { BLOCK, hmac, sha256 } from '../../../spec/reference/primitives.ts'

export interface Forged {
  readonly reason: Reason
  readonly why: string
  readonly frame: Uint8Array
  readonly prefix?: number
}

/** A frame that the receiver would accept, and the position whose keys it is sealed under. */
export interface Genuine {
  readonly header: Header
  readonly plaintext: Uint8Array
  readonly codec: Follower
}

const TAG = 32
const HEADER = 7
const MAX_FRAME = 4_167

/** Makes frames like `genuine`; IVs follow from `name` and a counter. */
export class Forge {
  readonly genuine: Genuine
  readonly #name: string
  #ivs = 0

  constructor(name: string, genuine: Genuine) {
    this.#name = name
    this.genuine = genuine
  }

  iv(): Uint8Array {
    return sha256(concat(ascii(`${this.#name} forged`), u32(this.#ivs++))).subarray(0, BLOCK)
  }

  /** A valid tag over anything. `rawPad` stands instead of correct padding. */
  sealed(header: Partial<Header>, plaintext = this.genuine.plaintext, rawPad?: Uint8Array): Uint8Array {
    const { codec } = this.genuine
    const direction = this.genuine.header.direction === codec.dialect.directions.c2s ? 'c2s' : 's2c'
    return codec.seal(direction, { ...this.genuine.header, ...header }, plaintext, this.iv(), rawPad)
  }

  /** The genuine frame under other keys. */
  under(enc: Uint8Array, mac: Uint8Array): Uint8Array {
    const { codec, header, plaintext } = this.genuine
    return seal(codec.dialect, { enc, mac }, header, plaintext, this.iv())
  }

  /** The genuine frame with one byte changed; negative: from the end. */
  changed(at: number, xor: number): Uint8Array {
    const frame = this.sealed({})
    return frame.with(at, frame.at(at)! ^ xor)
  }

  malformed(): Forged[] {
    const reason = 'malformed'
    const frame = this.sealed({})
    const resized = (bytes: number): Uint8Array => concat(frame, new Uint8Array(bytes))
    return [
      ...[0, 1, 70, MAX_FRAME + 1, 0x7fffffff, 0xffffffff].map((prefix) => ({
        reason: reason as Reason,
        why: `a length prefix of ${prefix}, refused before anything else arrives`,
        prefix,
        frame: EMPTY,
      })),
      { reason, why: 'no ciphertext: 55 bytes', frame: concat(frame.subarray(0, 23), frame.subarray(-TAG)) },
      { reason, why: 'a byte short at the end', frame: frame.subarray(0, -1) },
      { reason, why: 'a byte short at the beginning', frame: frame.subarray(1) },
      { reason, why: 'a byte too many', frame: resized(1) },
      { reason, why: '8 bytes too many: half a block', frame: resized(8) },
      { reason, why: '15 bytes too many', frame: resized(15) },
      { reason, why: 'nothing but zeros, 80 bytes', frame: new Uint8Array(80) },
    ]
  }

  /** The header checks that are the same for every receiver, each with a valid tag over the wrong field. */
  headers(otherId: number): Forged[] {
    const { opcode, id, round, direction } = this.genuine.header
    const opcodes = [0, 1, opcode + 1, opcode - 1, 0x80 | opcode, 255]
    const ids = [0, otherId, id ^ 0x80, 255 - id]
    const directions = [0, 3 - direction, 3, 255]
    const rounds = [0, 1, round - 1, round + 1, round + 256, round ^ 0x80000000, MAX_ROUND].map((r) => r >>> 0)
    const swapped = new DataView(u32(round).buffer).getUint32(0, true)
    const wrong = (reason: Reason, field: string, value: number, header: Partial<Header>): Forged => ({
      reason,
      why: `${field} ${value}`,
      frame: this.sealed(header),
    })
    return [
      ...[...new Set(opcodes)].map((v) => wrong('unknown-opcode', 'opcode', v, { opcode: v })),
      ...[...new Set(ids)].filter((v) => v !== id).map((v) => wrong('wrong-client', 'client id', v, { id: v })),
      ...directions.map((v) => wrong('wrong-direction', 'direction', v, { direction: v })),
      ...[...new Set([...rounds, swapped])]
        .filter((v) => v !== round)
        .map((v) => wrong(v < round ? 'stale-round' : 'future-round', 'round', v, { round: v })),
    ]
  }

  /** PROTOCOL §6: the first failure in the order of the checks is the reason. */
  orders(otherId: number): Forged[] {
    const direction = 3 - this.genuine.header.direction
    const round = this.genuine.header.round + 1
    const spoilt = (frame: Uint8Array): Uint8Array => frame.with(-1, frame.at(-1)! ^ 1)
    const all: [Reason, string, Partial<Header>][] = [
      [
        'unknown-opcode',
        'an opcode that is none, with everything after it wrong too',
        { opcode: 99, id: otherId, direction, round },
      ],
      ['wrong-client', "another client's id, with everything after it wrong too", { id: otherId, direction, round }],
      ['wrong-direction', 'the direction, the round and the tag are wrong', { direction, round }],
      ['future-round', 'the round and the tag are wrong', { round }],
    ]
    return all.map(([reason, why, header]) => ({ reason, why, frame: spoilt(this.sealed(header)) }))
  }

  outOfPhase(opcodes: readonly number[]): Forged[] {
    return opcodes.map((opcode) => ({
      reason: 'out-of-phase',
      why: `opcode ${opcode}, well sealed`,
      frame: this.sealed({ opcode }, CONTROL),
    }))
  }

  /** `others`: keys that are not those of the receiver now, and whose they are. */
  badTags(others: Readonly<Record<string, Keys>>): Forged[] {
    const { header, codec } = this.genuine
    const frame = this.sealed({})
    const [enc, mac] = header.direction === 1 ? ([0, 1] as const) : ([2, 3] as const)
    const tagged = (key: Uint8Array, over: (body: Uint8Array) => Uint8Array): Uint8Array => {
      const body = frame.subarray(0, -TAG)
      return concat(body, hmac(key, over(body)))
    }
    const cut = frame.slice()
    cut.fill(0, cut.length - 16)
    const all: [string, Uint8Array][] = [
      ['first bit of the IV flipped', this.changed(HEADER, 0x80)],
      ['last bit of the IV flipped', this.changed(HEADER + 15, 1)],
      ['first bit of the ciphertext flipped', this.changed(HEADER + 16, 0x80)],
      ['last bit of the ciphertext flipped', this.changed(-TAG - 1, 1)],
      ['first bit of the tag flipped', this.changed(-TAG, 0x80)],
      ['a bit of byte 16 of the tag flipped', this.changed(-16, 0x10)],
      ['last bit of the tag flipped', this.changed(-1, 1)],
      ['only the first 16 bytes of the tag are right', cut],
      ['no tag: zeros', concat(frame.subarray(0, -TAG), new Uint8Array(TAG))],
      ['16 bytes put in before the tag', concat(frame.subarray(0, -TAG), new Uint8Array(16), frame.subarray(-TAG))],
      ['tag over IV and ciphertext, without the header', tagged(codec.key(mac), (b) => b.subarray(HEADER))],
      [
        'tag over header and ciphertext, without the IV',
        tagged(codec.key(mac), (b) => concat(b.subarray(0, HEADER), b.subarray(23))),
      ],
      ['tag over the ciphertext alone', tagged(codec.key(mac), (b) => b.subarray(23))],
      ['tag over the header alone', tagged(codec.key(mac), (b) => b.subarray(0, HEADER))],
      ['plain SHA-256 instead of HMAC', concat(frame.subarray(0, -TAG), sha256(frame.subarray(0, -TAG)))],
      [
        'tag over the plaintext (MAC-then-encrypt)',
        tagged(codec.key(mac), (b) => concat(b.subarray(0, HEADER), this.genuine.plaintext)),
      ],
      [
        'sealed under the keys of the other direction',
        this.under(codec.key(enc === 0 ? 2 : 0), codec.key(mac === 1 ? 3 : 1)),
      ],
      ['tag under the ENC key', tagged(codec.key(enc), (b) => b)],
      ['tag under the all-zero key', tagged(new Uint8Array(TAG), (b) => b)],
      ...Object.entries(others).map(
        ([whose, keys]) => [`sealed under ${whose}`, this.under(keys[enc], keys[mac])] as [string, Uint8Array],
      ),
    ]
    return all.map(([why, bytes]) => ({ reason: 'bad-tag', why, frame: bytes }))
  }

  /** PROTOCOL §3: only 1 <= p <= 16 with the last p bytes all equal to p is padding. Valid tags. */
  badPaddings(): Forged[] {
    const { plaintext } = this.genuine
    const p = BLOCK - (plaintext.length % BLOCK)
    const ends = (length: number, fill: number, last: number): Uint8Array =>
      new Uint8Array(length).fill(fill).with(-1, last)
    const block = (fill: (i: number) => number): Uint8Array => Uint8Array.from({ length: BLOCK }, (_, i) => fill(i))
    const of = (why: string, rawPad: Uint8Array, text = plaintext): Forged => ({
      reason: 'bad-padding',
      why,
      frame: this.sealed({}, text, rawPad),
    })
    return [
      of('zeros', new Uint8Array(p)),
      of('last byte 17', ends(p, 17, 17)),
      of('last byte 255', ends(p, 255, 255)),
      of('last byte 16, without 15 like it', ends(p, 3, 16)),
      of('ANSI X.923: zeros, then their number', ends(BLOCK, 0, BLOCK), EMPTY),
      of('ISO/IEC 7816-4: 80, then zeros', new Uint8Array(BLOCK).with(0, 0x80), EMPTY),
      of(
        'ISO 10126: anything, then their number',
        block((i) => (i === 15 ? 16 : 37 * i + 1)),
        EMPTY,
      ),
      of(
        '16 bytes of 16 but the first',
        block((i) => (i === 0 ? 15 : 16)),
        EMPTY,
      ),
      of(
        '16 bytes of 16 but the one before the last',
        block((i) => (i === 14 ? 17 : 16)),
        EMPTY,
      ),
      of(
        '02 after something else',
        block((i) => (i === 15 ? 2 : 1)),
        EMPTY,
      ),
      of(
        'counted from 1: 01 02 03 ...',
        block((i) => i + 1),
        EMPTY,
      ),
      of('one too many: a block of 17', new Uint8Array(BLOCK).fill(17), EMPTY),
      of('17 bytes of 17, after 15 of text', new Uint8Array(BLOCK + 1).fill(17), new Uint8Array(15).fill(0x41)),
      of('two blocks of 32', new Uint8Array(2 * BLOCK).fill(32), EMPTY),
      of('no padding after 16 bytes of text', EMPTY, new Uint8Array(BLOCK).fill(0x41)),
      of(
        'a full block, in which the plaintext ended already, of zeros',
        new Uint8Array(BLOCK),
        new Uint8Array(BLOCK).fill(1),
      ),
    ]
  }

  badPayloads(opcode: number, payloads: readonly (readonly [string, Uint8Array])[]): Forged[] {
    return payloads.map(([why, bytes]) => ({
      reason: 'bad-payload',
      why: `opcode ${opcode}: ${why}`,
      frame: this.sealed({ opcode }, bytes),
    }))
  }
}

/** A frame that the receiver has seen before, or that was meant for somebody else. */
export const recorded = (reason: Reason, why: string, frame: Uint8Array): Forged => ({ reason, why, frame })

/** A recorded frame with another header and its tag as it was. */
export const relabelled = (reason: Reason, why: string, frame: Uint8Array, header: Partial<Header>): Forged => ({
  reason,
  why,
  frame: concat(encodeHeader({ ...parseFrame(frame)!.header, ...header }), frame.subarray(HEADER)),
})

/** Plaintexts that PROTOCOL §5 does not allow, by frame. */
type Payloads = readonly (readonly [string, Uint8Array])[]

const above = (v: number): number => {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, v)
  view.setBigUint64(0, view.getBigUint64(0) + 1n)
  return view.getFloat64(0)
}

export const BAD_TEXTS: Payloads = [
  ['256 bytes', new Uint8Array(256).fill(0x41)],
  ['4,096 bytes', new Uint8Array(4_096).fill(0x41)],
  ['FF is nowhere in UTF-8', Uint8Array.of(0xff)],
  ['a sequence that breaks off', fromHex('41e282')],
  ['a continuation byte that continues nothing', fromHex('4180')],
  ['an overlong form of /', fromHex('c0af')],
  ['an overlong form of NUL', fromHex('e08080')],
  ['a surrogate', fromHex('eda080')],
  ['above U+10FFFF', fromHex('f4908080')],
]

export const BAD_VALUES: Payloads = [
  ['empty', EMPTY],
  ['one byte', Uint8Array.of(0)],
  ['count 0', dataBytes([])],
  ['count 0, and a value', dataBytes([1]).with(1, 0)],
  ['count 2, and one value', dataBytes([1]).with(1, 2)],
  ['count 1, and two values', dataBytes([1, 2]).with(1, 1)],
  ['count little-endian', dataBytes([1]).with(0, 1).with(1, 0)],
  ['a byte too many', concat(dataBytes([1]), CONTROL)],
  ['a byte short', dataBytes([1]).subarray(0, -1)],
  ['512 values', dataBytes(new Array<number>(512).fill(1))],
  ['NaN', dataBytes([Number.NaN])],
  ['NaN after good values', dataBytes([1, 2, Number.NaN])],
  ['infinity', dataBytes([Number.POSITIVE_INFINITY])],
  ['minus infinity', dataBytes([Number.NEGATIVE_INFINITY])],
  ['1e301', dataBytes([1e301])],
  ['the double above 1e300', dataBytes([above(1e300)])],
  ['the double below -1e300', dataBytes([above(-1e300)])],
  ['the largest double, between good values', dataBytes([0, Number.MAX_VALUE, 0])],
  ['text', ascii('10, 20')],
]

export const BAD_AGGREGATES: Payloads = [
  ['empty', EMPTY],
  ['20 bytes', responseBytes(1, 1, 1).subarray(0, -1)],
  ['22 bytes', concat(responseBytes(1, 1, 1), CONTROL)],
  ['status 1', responseBytes(1, 1, 1).with(0, 1)],
  ['status 255', responseBytes(1, 1, 1).with(0, 255)],
  ['count 0', responseBytes(0, 0, 0)],
  ['sum NaN', responseBytes(Number.NaN, 1, 1)],
  ['sum infinite', responseBytes(Number.POSITIVE_INFINITY, 1, 1)],
  ['average NaN', responseBytes(1, 1, Number.NaN)],
  ['average minus infinity', responseBytes(1, 1, Number.NEGATIVE_INFINITY)],
]

export const BAD_CONTROLS: Payloads = [
  ['empty', EMPTY],
  ['the byte 01', Uint8Array.of(1)],
  ['the byte FF', Uint8Array.of(255)],
  ['two bytes 00', new Uint8Array(2)],
  ['16 bytes 00', new Uint8Array(16)],
  ['a reason in words', ascii('bye')],
]
