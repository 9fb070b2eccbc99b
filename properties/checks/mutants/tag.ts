/** Mutants of PROTOCOL §3: what the tag covers, how it is compared, and when. */
import { type Mutant, swap } from './mutant.ts'

const TAGGED = 'taggedOf = (frame: Uint8Array): Uint8Array => frame.subarray(0, frame.length - TAG_BYTES)'
const tagged = (body: string) => swap('frame', TAGGED, `taggedOf = (frame: Uint8Array): Uint8Array => ${body}`)
/** The tag is computed over a frame in which these bytes are zero. */
const without = (from: number, to: number) => tagged(`frame.slice(0, frame.length - TAG_BYTES).fill(0, ${from}, ${to})`)

export const tag: readonly Mutant[] = [
  {
    id: 'tag-half',
    bug: 'only the first 16 bytes of the tag are compared',
    covers: ['first 16 bytes compared'],
    replacements: [
      swap('primitives', 'for (let i = 0; i < HASH_BYTES; i++) difference', 'for (let i = 0; i < 16; i++) difference'),
    ],
    expect: 'C1',
  },
  {
    id: 'tag-last-byte',
    bug: 'the last byte of the tag is not compared',
    replacements: [
      swap(
        'primitives',
        'for (let i = 0; i < HASH_BYTES; i++) difference',
        'for (let i = 0; i < HASH_BYTES - 1; i++) difference',
      ),
    ],
    expect: 'C1',
  },
  {
    id: 'tag-first-byte',
    bug: 'the first byte of the tag is not compared',
    replacements: [
      swap(
        'primitives',
        'for (let i = 0; i < HASH_BYTES; i++) difference',
        'for (let i = 1; i < HASH_BYTES; i++) difference',
      ),
    ],
    expect: 'C1',
  },
  {
    id: 'tag-differences-cancel',
    bug: 'differences are combined with exclusive or, so that two equal ones cancel',
    replacements: [swap('primitives', 'difference |= a[i]! ^ b[i]!', 'difference ^= a[i]! ^ b[i]!')],
    expect: 'C1',
  },
  {
    id: 'tag-7-bit',
    bug: 'the top bit of every tag byte is not compared',
    replacements: [swap('primitives', 'difference |= a[i]! ^ b[i]!', 'difference |= (a[i]! ^ b[i]!) & 0x7f')],
    expect: 'C1',
  },
  {
    id: 'tag-unchecked',
    bug: 'the tag is compared, and the result ignored',
    covers: ['not checked'],
    replacements: [swap('primitives', '  return difference === 0', '  return difference >= 0')],
    expect: 'C1',
  },
  {
    id: 'tag-unchecked-hello',
    bug: 'the tag of a HELLO is not checked',
    replacements: [swap('server-session', 'if (!verifies(c, c2sMac, frame)) {', 'if (false) {')],
    expect: 'C2',
  },
  {
    id: 'tag-unchecked-challenge',
    bug: 'the client does not check the tag of a CHALLENGE',
    replacements: [
      swap('client-state', 'import { open } from', 'import { decrypt, open } from'),
      swap(
        'client-state',
        'const plaintext = open(c, keys.s2c, frame)',
        "const plaintext = header.opcode === OPCODE.challenge ? (decrypt(c, keys.s2c.enc, frame) ?? 'bad-padding') : open(c, keys.s2c, frame)",
      ),
    ],
    expect: 'C2',
  },
  {
    id: 'tag-zero-passes',
    bug: 'a tag of 32 zeros always verifies',
    replacements: [
      swap('primitives', '  return difference === 0', '  return difference === 0 || b.every((x) => x === 0)'),
    ],
    expect: 'C1',
  },
  {
    id: 'header-not-tagged',
    bug: 'the tag covers IV and ciphertext, not the header',
    covers: ['header left out'],
    replacements: [tagged('frame.subarray(IV_AT, frame.length - TAG_BYTES)')],
    expect: 'KAT',
  },
  {
    id: 'opcode-not-tagged',
    bug: 'the tag does not cover the opcode',
    covers: ['opcode left out'],
    replacements: [without(0, 1)],
    expect: 'KAT',
  },
  {
    id: 'id-not-tagged',
    bug: 'the tag does not cover the client id',
    replacements: [without(1, 2)],
    expect: 'KAT',
  },
  {
    id: 'round-not-tagged',
    bug: 'the tag does not cover the round',
    covers: ['round left out'],
    replacements: [without(2, 6)],
    expect: 'KAT',
  },
  {
    id: 'direction-not-tagged',
    bug: 'the tag does not cover the direction',
    covers: ['direction left out'],
    replacements: [without(6, 7)],
    expect: 'KAT',
  },
  {
    id: 'iv-not-tagged',
    bug: 'the tag does not cover the IV',
    replacements: [without(7, 23)],
    expect: 'KAT',
  },
  {
    id: 'last-block-not-tagged',
    bug: 'the tag does not cover the last ciphertext block of longer frames',
    replacements: [tagged('frame.subarray(0, Math.max(39, frame.length - TAG_BYTES - 16))')],
    expect: 'KAT',
  },
  {
    id: 'tag-over-prefix',
    bug: 'the tag also covers the length prefix',
    replacements: [tagged('withPrefix(frame.subarray(0, frame.length - TAG_BYTES))')],
    expect: 'KAT',
  },
  {
    id: 'mac-then-encrypt',
    bug: 'the tag covers the plaintext instead of the ciphertext',
    replacements: [
      swap(
        'primitives',
        '  tagOf(frame).set(c.hmac(keys.mac, taggedOf(frame)))\n',
        '  tagOf(frame).set(c.hmac(keys.mac, concat(frame.subarray(0, 23), pad(plaintext))))\n',
      ),
      swap(
        'primitives',
        "  if (!verifies(c, keys.mac, frame)) return 'bad-tag'\n",
        "  const p = c.aesDecrypt(keys.enc, ivOf(frame), ciphertextOf(frame))\n  if (!sameTag(c.hmac(keys.mac, concat(frame.subarray(0, 23), p)), tagOf(frame))) return 'bad-tag'\n",
      ),
      swap(
        'server-session',
        'if (!verifies(c, c2sMac, frame)) {',
        "if (open(c, initialKeys(c, master!).c2s, frame) === 'bad-tag') {",
      ),
    ],
    expect: 'KAT',
  },
  {
    id: 'decrypt-before-verify',
    bug: 'the receiver decrypts before it verifies the tag',
    covers: ['decrypt before verify'],
    replacements: [
      swap(
        'primitives',
        "  if (!verifies(c, keys.mac, frame)) return 'bad-tag'\n  return decrypt(c, keys.enc, frame) ?? 'bad-padding'",
        "  const plaintext = decrypt(c, keys.enc, frame)\n  if (!verifies(c, keys.mac, frame)) return 'bad-tag'\n  return plaintext ?? 'bad-padding'",
      ),
    ],
    expect: 'C2',
  },
  {
    id: 'padding-before-tag',
    bug: 'the receiver decrypts first, and bad padding is reported before a bad tag is',
    covers: ['decrypt before verify'],
    replacements: [
      swap(
        'primitives',
        "  if (!verifies(c, keys.mac, frame)) return 'bad-tag'\n  return decrypt(c, keys.enc, frame) ?? 'bad-padding'",
        "  const plaintext = decrypt(c, keys.enc, frame)\n  if (plaintext === null) return 'bad-padding'\n  return verifies(c, keys.mac, frame) ? plaintext : 'bad-tag'",
      ),
    ],
    expect: 'C2',
  },
  {
    id: 'hello-decrypted-first',
    bug: 'a HELLO is decrypted before its tag is verified',
    replacements: [
      swap(
        'server-session',
        '  if (!verifies(c, c2sMac, frame)) {',
        '  decrypt(c, initialKeys(c, master!).c2s.enc, frame)\n  if (!verifies(c, c2sMac, frame)) {',
      ),
    ],
    expect: 'C2',
  },
  {
    id: 'compare-not-constant-time',
    bug: 'the comparison of tags stops at the first difference',
    covers: ['compare not constant-time'],
    replacements: [
      swap(
        'primitives',
        'for (let i = 0; i < HASH_BYTES; i++) difference |= a[i]! ^ b[i]!',
        'for (let i = 0; i < HASH_BYTES && difference === 0; i++) difference |= a[i]! ^ b[i]!',
      ),
    ],
    expect: 'C1',
    equivalent: 'the result is the same; only the time differs, and no monitor measures time: it is found by reading',
  },
]
