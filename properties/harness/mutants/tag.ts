/** Mutants of PROTOCOL §3: what the tag covers, how it is compared, and when. */
import { type Mutant, mutant, swap } from './mutant.ts'

const TAGGED = 'taggedOf = (frame: Uint8Array): Uint8Array => frame.subarray(0, frame.length - TAG_BYTES)'
const tagged = (body: string) => swap('frame', TAGGED, `taggedOf = (frame: Uint8Array): Uint8Array => ${body}`)
/** The tag is computed over a frame in which these bytes are zero. */
const without = (from: number, to: number) => tagged(`frame.slice(0, frame.length - TAG_BYTES).fill(0, ${from}, ${to})`)

export const tag: readonly Mutant[] = [
  mutant('tag-half', 'C1', 'only the first 16 bytes of the tag are compared', {
    primitives: ['for (let i = 0; i < HASH_BYTES; i++) difference', 'for (let i = 0; i < 16; i++) difference'],
    covers: ['first 16 bytes compared'],
  }),
  mutant('tag-last-byte', 'C1', 'the last byte of the tag is not compared', {
    primitives: [
      'for (let i = 0; i < HASH_BYTES; i++) difference',
      'for (let i = 0; i < HASH_BYTES - 1; i++) difference',
    ],
  }),
  mutant('tag-first-byte', 'C1', 'the first byte of the tag is not compared', {
    primitives: ['for (let i = 0; i < HASH_BYTES; i++) difference', 'for (let i = 1; i < HASH_BYTES; i++) difference'],
  }),
  mutant('tag-differences-cancel', 'C1', 'differences are combined with exclusive or, so that two equal ones cancel', {
    primitives: ['difference |= a[i]! ^ b[i]!', 'difference ^= a[i]! ^ b[i]!'],
  }),
  mutant('tag-7-bit', 'C1', 'the top bit of every tag byte is not compared', {
    primitives: ['difference |= a[i]! ^ b[i]!', 'difference |= (a[i]! ^ b[i]!) & 0x7f'],
  }),
  mutant('tag-unchecked', 'C1', 'the tag is compared, and the result ignored', {
    primitives: ['  return difference === 0', '  return difference >= 0'],
    covers: ['not checked'],
  }),
  mutant('tag-unchecked-hello', 'C2', 'the tag of a HELLO is not checked', {
    'server-session': ['if (!verifies(c, c2sMac, frame)) {', 'if (false) {'],
  }),
  mutant('tag-unchecked-challenge', 'C2', 'the client does not check the tag of a CHALLENGE', {
    'client-state': [
      ['import { open } from', 'import { decrypt, open } from'],
      [
        'const plaintext = open(c, keys.s2c, frame)',
        "const plaintext = header.opcode === OPCODE.challenge ? (decrypt(c, keys.s2c.enc, frame) ?? 'bad-padding') : open(c, keys.s2c, frame)",
      ],
    ],
  }),
  mutant('tag-zero-passes', 'C1', 'a tag of 32 zeros always verifies', {
    primitives: ['  return difference === 0', '  return difference === 0 || b.every((x) => x === 0)'],
  }),
  mutant('header-not-tagged', 'KAT', 'the tag covers IV and ciphertext, not the header', {
    by: [tagged('frame.subarray(IV_AT, frame.length - TAG_BYTES)')],
    covers: ['header left out'],
  }),
  mutant('opcode-not-tagged', 'KAT', 'the tag does not cover the opcode', {
    by: [without(0, 1)],
    covers: ['opcode left out'],
  }),
  mutant('id-not-tagged', 'KAT', 'the tag does not cover the client id', { by: [without(1, 2)] }),
  mutant('round-not-tagged', 'KAT', 'the tag does not cover the round', {
    by: [without(2, 6)],
    covers: ['round left out'],
  }),
  mutant('direction-not-tagged', 'KAT', 'the tag does not cover the direction', {
    by: [without(6, 7)],
    covers: ['direction left out'],
  }),
  mutant('iv-not-tagged', 'KAT', 'the tag does not cover the IV', { by: [without(7, 23)] }),
  mutant('last-block-not-tagged', 'KAT', 'the tag does not cover the last ciphertext block of longer frames', {
    by: [tagged('frame.subarray(0, Math.max(39, frame.length - TAG_BYTES - 16))')],
  }),
  mutant('tag-over-prefix', 'KAT', 'the tag also covers the length prefix', {
    by: [tagged('withPrefix(frame.subarray(0, frame.length - TAG_BYTES))')],
  }),
  mutant('mac-then-encrypt', 'KAT', 'the tag covers the plaintext instead of the ciphertext', {
    primitives: [
      [
        '  tagOf(frame).set(c.hmac(keys.mac, taggedOf(frame)))\n',
        '  tagOf(frame).set(c.hmac(keys.mac, concat(frame.subarray(0, 23), pad(plaintext))))\n',
      ],
      [
        "  if (!verifies(c, keys.mac, frame)) return 'bad-tag'\n",
        "  const p = c.aesDecrypt(keys.enc, ivOf(frame), ciphertextOf(frame))\n  if (!sameTag(c.hmac(keys.mac, concat(frame.subarray(0, 23), p)), tagOf(frame))) return 'bad-tag'\n",
      ],
    ],
    'server-session': [
      'if (!verifies(c, c2sMac, frame)) {',
      "if (open(c, initialKeys(c, master!).c2s, frame) === 'bad-tag') {",
    ],
  }),
  mutant('decrypt-before-verify', 'C2', 'the receiver decrypts before it verifies the tag', {
    primitives: [
      "  if (!verifies(c, keys.mac, frame)) return 'bad-tag'\n  return decrypt(c, keys.enc, frame) ?? 'bad-padding'",
      "  const plaintext = decrypt(c, keys.enc, frame)\n  if (!verifies(c, keys.mac, frame)) return 'bad-tag'\n  return plaintext ?? 'bad-padding'",
    ],
    covers: ['decrypt before verify'],
  }),
  mutant('padding-before-tag', 'C2', 'the receiver decrypts first, and bad padding is reported before a bad tag is', {
    primitives: [
      "  if (!verifies(c, keys.mac, frame)) return 'bad-tag'\n  return decrypt(c, keys.enc, frame) ?? 'bad-padding'",
      "  const plaintext = decrypt(c, keys.enc, frame)\n  if (plaintext === null) return 'bad-padding'\n  return verifies(c, keys.mac, frame) ? plaintext : 'bad-tag'",
    ],
    covers: ['decrypt before verify'],
  }),
  mutant('hello-decrypted-first', 'C2', 'a HELLO is decrypted before its tag is verified', {
    'server-session': [
      '  if (!verifies(c, c2sMac, frame)) {',
      '  decrypt(c, initialKeys(c, master!).c2s.enc, frame)\n  if (!verifies(c, c2sMac, frame)) {',
    ],
  }),
  mutant('compare-not-constant-time', 'C1', 'the comparison of tags stops at the first difference', {
    primitives: [
      'for (let i = 0; i < HASH_BYTES; i++) difference |= a[i]! ^ b[i]!',
      'for (let i = 0; i < HASH_BYTES && difference === 0; i++) difference |= a[i]! ^ b[i]!',
    ],
    covers: ['compare not constant-time'],
    equivalent: 'the result is the same; only the time differs, and no monitor measures time: it is found by reading',
  }),
]
