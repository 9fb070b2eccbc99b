/** Frames that must be rejected: damaged copies of a genuine one, and invalid ones under valid tags. */
import type { Follower } from '../../../spec/dialects/follower.ts'
import type { Keys } from '../../../spec/dialects/keys.ts'
import { seal } from '../../../spec/dialects/sealing.ts'
import type { Header, Reason } from '../../../spec/events.ts'
import { MAX_ROUND, OP } from '../../../spec/opcodes.ts'
import { ascii, concat, EMPTY, fromHex, u32 } from '../../../spec/reference/bytes.ts'
import { encodeHeader, MAX_FRAME, parseFrame } from '../../../spec/reference/frame.ts'
import { CONTROL, dataBytes, responseBytes } from '../../../spec/reference/payload.ts'
import { BLOCK, hmac, sha256 } from '../../../spec/reference/primitives.ts'

/** `prefix`: the length before it, where that lies. */
export type Forged = readonly [reason: Reason, why: string, frame: Uint8Array, prefix?: number]
type Named = readonly (readonly [why: string, bytes: Uint8Array])[]

/** What a receiver would accept, and the position whose keys it is sealed under. */
interface Genuine {
  readonly header: Header
  readonly plaintext: Uint8Array
  readonly codec: Follower
}

const TAG = 32
const HEADER = 7

const filled = (length: number, byte: number): Uint8Array => new Uint8Array(length).fill(byte)
const flipped = (frame: Uint8Array, at: number, xor: number): Uint8Array => frame.with(at, frame.at(at)! ^ xor)

/** Makes frames like `genuine`; IVs follow from `name` and a counter. */
export class Forge {
  readonly genuine: Genuine
  readonly #name: string
  #ivs = 0

  constructor(name: string, genuine: Genuine) {
    this.#name = name
    this.genuine = genuine
  }

  #iv(): Uint8Array {
    return sha256(concat(ascii(`${this.#name} forged`), u32(this.#ivs++))).subarray(0, BLOCK)
  }

  /** A valid tag over anything. `rawPad` stands instead of correct padding. */
  sealed(header: Partial<Header>, plaintext = this.genuine.plaintext, rawPad?: Uint8Array): Uint8Array {
    const { codec } = this.genuine
    const direction = this.genuine.header.direction === codec.dialect.directions.c2s ? 'c2s' : 's2c'
    return codec.seal(direction, { ...this.genuine.header, ...header }, plaintext, this.#iv(), rawPad)
  }

  /** The genuine frame under other keys. */
  #under(enc: Uint8Array, mac: Uint8Array): Uint8Array {
    const { codec, header, plaintext } = this.genuine
    return seal(codec.dialect, { enc, mac }, header, plaintext, this.#iv())
  }

  /** The genuine frame with one byte changed; negative: from the end. */
  changed(at: number, xor: number): Uint8Array {
    return flipped(this.sealed({}), at, xor)
  }

  /** What every receiver must reject before it looks at the tag. `legal`: the opcodes of its phase. */
  early(otherId: number, ...legal: readonly number[]): Forged[] {
    return [...this.#malformed(), ...this.headers(otherId), ...this.#orders(otherId), ...this.outOfPhase(...legal)]
  }

  #malformed(): Forged[] {
    const frame = this.sealed({})
    const named: Named = [
      ['no ciphertext: 55 bytes', concat(frame.subarray(0, 23), frame.subarray(-TAG))],
      ['a byte short at the end', frame.subarray(0, -1)],
      ['a byte short at the beginning', frame.subarray(1)],
      ['a byte too many', concat(frame, filled(1, 0))],
      ['8 bytes too many: half a block', concat(frame, filled(8, 0))],
      ['15 bytes too many', concat(frame, filled(15, 0))],
      ['nothing but zeros, 80 bytes', filled(80, 0)],
    ]
    const lying = [0, 1, 70, MAX_FRAME + 1, 0x7fffffff, 0xffffffff]
    const why = (prefix: number): string => `a length prefix of ${prefix}, refused before anything else arrives`
    return [...lying.map((p): Forged => ['malformed', why(p), EMPTY, p]), ...because('malformed', named)]
  }

  /** The header checks that are the same for every receiver, each with a valid tag over the wrong field. */
  headers(otherId: number): Forged[] {
    const { header } = this.genuine
    const { opcode, id, round, direction } = header
    const wrong = (field: keyof Header, says: string, values: readonly number[], reason: (v: number) => Reason) =>
      [...new Set(values)]
        .filter((v) => v !== header[field])
        .map((v): Forged => [reason(v), `${says} ${v}`, this.sealed({ [field]: v })])
    const littleEndian = new DataView(u32(round).buffer).getUint32(0, true)
    const near = [0, 1, round - 1, round + 1, round + 256, round ^ 0x80000000, MAX_ROUND].map((r) => r >>> 0)
    return [
      ...wrong('opcode', 'opcode', [0, 1, opcode + 1, opcode - 1, 0x80 | opcode, 255], () => 'unknown-opcode'),
      ...wrong('id', 'client id', [0, otherId, id ^ 0x80, 255 - id], () => 'wrong-client'),
      ...wrong('direction', 'direction', [0, 3 - direction, 3, 255], () => 'wrong-direction'),
      ...wrong('round', 'round', [...near, littleEndian], (v) => (v < round ? 'stale-round' : 'future-round')),
    ]
  }

  /** PROTOCOL §6: the first failure in the order of the checks is the reason. */
  #orders(id: number): Forged[] {
    const direction = 3 - this.genuine.header.direction
    const round = this.genuine.header.round + 1
    const spoilt = (header: Partial<Header>): Uint8Array => flipped(this.sealed(header), -1, 1)
    const opcode = 99
    return [
      [
        'unknown-opcode',
        'an opcode that is none, with everything after it wrong too',
        spoilt({ opcode, id, direction, round }),
      ],
      ['wrong-client', "another client's id, with everything after it wrong too", spoilt({ id, direction, round })],
      ['wrong-direction', 'the direction, the round and the tag are wrong', spoilt({ direction, round })],
      ['future-round', 'the round and the tag are wrong', spoilt({ round })],
    ]
  }

  /** Every opcode but the legal ones. */
  outOfPhase(...legal: readonly number[]): Forged[] {
    return Object.values(OP)
      .filter((opcode) => !legal.includes(opcode))
      .map((opcode) => ['out-of-phase', `opcode ${opcode}, well sealed`, this.sealed({ opcode }, CONTROL)])
  }

  /** `others`: keys that are not those of the receiver now, and whose they are. */
  badTags(others: Readonly<Record<string, Keys>>): Forged[] {
    const { header, codec, plaintext } = this.genuine
    const whole = this.sealed({})
    const untagged = whole.subarray(0, -TAG)
    const [start, tag] = [untagged.subarray(0, HEADER), whole.subarray(-TAG)]
    const [afterHeader, ciphertext] = [untagged.subarray(HEADER), untagged.subarray(23)]
    const [enc, mac] = header.direction === 1 ? ([0, 1] as const) : ([2, 3] as const)
    const [otherEnc, otherMac] = header.direction === 1 ? ([2, 3] as const) : ([0, 1] as const)
    const over = (bytes: Uint8Array, key = codec.key(mac)): Uint8Array => concat(untagged, hmac(key, bytes))
    return because('bad-tag', [
      ['first bit of the IV flipped', this.changed(HEADER, 0x80)],
      ['last bit of the IV flipped', this.changed(HEADER + 15, 1)],
      ['first bit of the ciphertext flipped', this.changed(HEADER + 16, 0x80)],
      ['last bit of the ciphertext flipped', this.changed(-TAG - 1, 1)],
      ['first bit of the tag flipped', this.changed(-TAG, 0x80)],
      ['a bit of byte 16 of the tag flipped', this.changed(-16, 0x10)],
      ['last bit of the tag flipped', this.changed(-1, 1)],
      ['only the first 16 bytes of the tag are right', concat(whole.subarray(0, -16), filled(16, 0))],
      ['no tag: zeros', concat(untagged, filled(TAG, 0))],
      ['16 bytes put in before the tag', concat(untagged, filled(16, 0), tag)],
      ['tag over IV and ciphertext, without the header', over(afterHeader)],
      ['tag over header and ciphertext, without the IV', over(concat(start, ciphertext))],
      ['tag over the ciphertext alone', over(ciphertext)],
      ['tag over the header alone', over(start)],
      ['plain SHA-256 instead of HMAC', concat(untagged, sha256(untagged))],
      ['tag over the plaintext (MAC-then-encrypt)', over(concat(start, plaintext))],
      ['sealed under the keys of the other direction', this.#under(codec.key(otherEnc), codec.key(otherMac))],
      ['tag under the ENC key', over(untagged, codec.key(enc))],
      ['tag under the all-zero key', over(untagged, filled(TAG, 0))],
      ...Object.entries(others).map(
        ([whose, keys]) => [`sealed under ${whose}`, this.#under(keys[enc], keys[mac])] as const,
      ),
    ])
  }

  /** PROTOCOL §3: only 1 <= p <= 16 with the last p bytes all equal to p is padding. Valid tags. */
  badPaddings(): Forged[] {
    const { plaintext } = this.genuine
    const p = BLOCK - (plaintext.length % BLOCK)
    const all = (byte: number): Uint8Array => filled(BLOCK, byte)
    const counted = all(0).map((_, i) => i + 1)
    const random = all(0).map((_, i) => 37 * i + 1)
    const pads: readonly (readonly [why: string, rawPad: Uint8Array, text?: Uint8Array])[] = [
      ['zeros', filled(p, 0)],
      ['last byte 17', filled(p, 17)],
      ['last byte 255', filled(p, 255)],
      ['last byte 16, without 15 like it', filled(p, 3).with(-1, 16)],
      ['ANSI X.923: zeros, then their number', all(0).with(-1, BLOCK), EMPTY],
      ['ISO/IEC 7816-4: 80, then zeros', all(0).with(0, 0x80), EMPTY],
      ['ISO 10126: anything, then their number', random.with(-1, BLOCK), EMPTY],
      ['16 bytes of 16 but the first', all(16).with(0, 15), EMPTY],
      ['16 bytes of 16 but the one before the last', all(16).with(-2, 17), EMPTY],
      ['02 after something else', all(1).with(-1, 2), EMPTY],
      ['counted from 1: 01 02 03 ...', counted, EMPTY],
      ['one too many: a block of 17', all(17), EMPTY],
      ['17 bytes of 17, after 15 of text', filled(BLOCK + 1, 17), filled(15, 0x41)],
      ['two blocks of 32', filled(2 * BLOCK, 32), EMPTY],
      ['no padding after 16 bytes of text', EMPTY, all(0x41)],
      ['a full block, in which the plaintext ended already, of zeros', all(0), all(1)],
    ]
    return pads.map(([why, rawPad, text = plaintext]) => ['bad-padding', why, this.sealed({}, text, rawPad)])
  }

  badPayloads(opcode: number, payloads: Named): Forged[] {
    return payloads.map(([why, bytes]) => ['bad-payload', `opcode ${opcode}: ${why}`, this.sealed({ opcode }, bytes)])
  }
}

const because = (reason: Reason, all: Named): Forged[] => all.map(([why, frame]) => [reason, why, frame])

/** A recorded frame with another header and its tag as it was. */
export const relabelled = (frame: Uint8Array, header: Partial<Header>): Uint8Array =>
  concat(encodeHeader({ ...parseFrame(frame)!.header, ...header }), frame.subarray(HEADER))

// Plaintexts that PROTOCOL §5 does not allow, by frame.

const above = (v: number): number => {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, v)
  view.setBigUint64(0, view.getBigUint64(0) + 1n)
  return view.getFloat64(0)
}

export const BAD_TEXTS: Named = [
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

export const BAD_VALUES: Named = [
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

export const BAD_AGGREGATES: Named = [
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

export const BAD_CONTROLS: Named = [
  ['empty', EMPTY],
  ['the byte 01', Uint8Array.of(1)],
  ['the byte FF', Uint8Array.of(255)],
  ['two bytes 00', new Uint8Array(2)],
  ['16 bytes 00', new Uint8Array(16)],
  ['a reason in words', ascii('bye')],
]
