/** First keys and tags that no dialect file can say, so that it can be said what they are. */
import { createHash, createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import { PROTOCOL } from '../../../spec/dialects/dialect.ts'
import { concat } from '../../../spec/reference/bytes.ts'
import { HEADER_BYTES, IV_BYTES, TAG_BYTES } from '../../../spec/reference/frame.ts'
import type { Keyring, Reading } from '../../harness/target/keys.ts'
import type { Conversation, Heard } from './conversation.ts'
import { byMacLabel, form, type Hints, initialKey } from './keysearch.ts'
import { families, type Labels } from './labels.ts'

type Derive = (master: Uint8Array, label: string) => Uint8Array
const hashed =
  (name: string): Derive =>
  (k, l) =>
    createHash(name).update(k).update(l).digest()

const DERIVED: readonly (readonly [string, Derive])[] = [
  [
    'SHA-256(master ‖ label)',
    (k, l) => initialKey({ ...PROTOCOL.literal, ...form('sha256', 'key-first'), encKeyBytes: 32 }, k, l, 0),
  ],
  ['HKDF-SHA256 with the label as salt', (k, l) => new Uint8Array(hkdfSync('sha256', k, l, '', 32))],
  ['HMAC-SHA256(label, master)', (k, l) => createHmac('sha256', l).update(k).digest()],
  ['HMAC-MD5(master, label)', (k, l) => createHmac('md5', k).update(l).digest()],
  ['HMAC-SHA1(master, label)', (k, l) => createHmac('sha1', k).update(l).digest()],
  ['HMAC-SHA512(master, label)', (k, l) => createHmac('sha512', k).update(l).digest()],
  ['SHA-1(master ‖ label)', hashed('sha1')],
  ['SHA-384(master ‖ label)', hashed('sha384')],
  ['SHA-512(master ‖ label)', hashed('sha512')],
  ['SHA3-256(master ‖ label)', hashed('sha3-256')],
  ['the master key itself', (k) => k],
]

const COVERED: readonly (readonly [string, (header: Uint8Array, iv: Uint8Array, ct: Uint8Array) => Uint8Array])[] = [
  ['header, IV and ciphertext', concat],
  ['IV and ciphertext', (_, iv, ct) => concat(iv, ct)],
  ['the ciphertext alone', (_, __, ct) => ct],
  ['header and ciphertext', (h, _, ct) => concat(h, ct)],
  ['IV, ciphertext and header', (h, iv, ct) => concat(iv, ct, h)],
]

const LIKELY = 100 // labels
const LENGTHS = [32, 16, 20, 24, 64]

/** How the tag of a HELLO came about, in words; null: by nothing that was tried. */
const foreignTag = (hello: Heard, readings: readonly Reading[], all: readonly Labels[]): string | null => {
  const tagAt = hello.bytes.length - TAG_BYTES
  const tag = hello.bytes.subarray(tagAt)
  const covered = COVERED.map(
    ([name, of]) =>
      [
        name,
        of(hello.bytes.subarray(0, HEADER_BYTES), hello.iv, hello.bytes.subarray(HEADER_BYTES + IV_BYTES, tagAt)),
      ] as const,
  )
  for (const { bytes } of readings)
    for (const [, label] of all)
      for (const [how, derive] of DERIVED) {
        const key = derive(bytes, label)
        for (const length of LENGTHS.filter((n) => n <= key.length))
          for (const [what, data] of covered)
            if (timingSafeEqual(createHmac('sha256', key.subarray(0, length)).update(data).digest(), tag))
              return `the first MAC key is ${length} bytes of ${how}, label ${label}, and the tag covers ${what}`
      }
  return null
}

/** Why no key opens any HELLO; one sentence. */
export const whyNoKey = (c: Conversation, keyring: Keyring, { labels, quick }: Hints): string => {
  const ids = [...new Set(c.sessions.map((s) => s.id))]
  if (ids.every((id) => keyring.readings(id).length === 0))
    return `no key is given for client ${ids.join(', ')}: --keys`
  const own = keyring.readings(ids[0]!).slice(0, 2)
  const likely = byMacLabel(families(labels, false)).slice(0, LIKELY)
  const foreign = quick ? null : foreignTag(c.sessions[0]!.frames[0]!, own, likely)
  if (foreign !== null) return `${foreign}, which no dialect file can say`
  const who = `no key of --keys verifies the HELLO of client ${ids.join(', ')}`
  return `${who} in any derivation that was tried: wrong keys, other labels (--labels), or another protocol`
}
