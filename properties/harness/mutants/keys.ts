// biome-ignore-all lint/suspicious/noTemplateCurlyInString: source text is quoted
/** Mutants of IVs (PROTOCOL §2) and of the initial keys (§3, §4). */
import { type Mutant, mutant, swap } from './mutant.ts'

const IV = '  const iv = rng(16) // §2: fresh for every frame\n'
const iv = (replace: string) => swap('primitives', IV, replace)
/** Something that lives as long as the module does. */
const kept = (declaration: string) => swap('primitives', 'const BLOCK = 16\n', `const BLOCK = 16\n${declaration}\n`)

export const keys: readonly Mutant[] = [
  mutant('iv-zero', 'C4', 'every IV is zero', { by: [iv('  const iv = new Uint8Array(16)\n')], covers: ['zero IV'] }),
  mutant('iv-per-session', 'C4', 'one IV serves for all frames of a session', {
    by: [kept('const ivs = new WeakMap()'), iv('  const iv = ivs.get(rng) ?? rng(16)\n  ivs.set(rng, iv)\n')],
    covers: ['one IV per session'],
  }),
  mutant('iv-counter', 'C4', 'IVs count up', {
    by: [
      kept('let frames = 0'),
      iv('  const iv = new Uint8Array(16)\n  new DataView(iv.buffer).setUint32(12, ++frames)\n'),
    ],
    covers: ['counter IV'],
  }),
  mutant('iv-counter-per-session', 'C4', 'the first IV of a session is random, the others count up from it', {
    by: [
      kept('const ivs = new WeakMap()'),
      iv('  const iv = (ivs.get(rng) ?? rng(16)).slice()\n  iv[15]++\n  ivs.set(rng, iv)\n'),
    ],
  }),
  mutant('iv-from-plaintext', 'C4', 'the IV is a MAC of header and plaintext, so equal messages look equal', {
    by: [iv('  const iv = c.hmac(keys.enc, concat(Uint8Array.of(header.opcode), plaintext)).slice(0, 16)\n')],
  }),
  mutant('iv-half-random', 'C4', 'only half of the IV is random', {
    by: [iv('  const iv = rng(16)\n  iv.fill(0, 8)\n')],
  }),
  mutant('iv-of-data-in-response', 'C4', 'the response reuses the IV of the DATA it answers', {
    'server-session': [
      '  const answer = seal(c, keys.s2c, rng, header, plaintext)\n',
      '  const answer = seal(c, keys.s2c, () => data.slice(7, 23), header, plaintext)\n',
    ],
  }),
  mutant('iv-of-challenge-is-its-text', 'TWIN', 'the IV of a CHALLENGE is the randomness of its text', {
    'server-session': [
      'encodeText(challengeText ?? `Challenge from server ${hex(rng(16))}`)',
      'encodeText(challengeText ?? `Challenge from server ${hex((rng = ((x) => () => x)(rng(16)))(16))}`)',
    ],
  }),
  mutant(
    'label-dropped',
    'KAT',
    'the initial keys are derived without their labels, so that keys of one length are equal',
    { keys: ['encode(`init\\0${label}`)', 'encode(`init\\0`)'], covers: ['label dropped'] },
  ),
  mutant('labels-by-kind-only', 'KAT', 'the labels name the kind of key, not the direction', {
    keys: ['encode(`init\\0${label}`)', 'encode(`init\\0${label.slice(4)}`)'],
  }),
  mutant('labels-swapped', 'KAT', 'the labels of the two directions are exchanged', {
    keys: [
      "['C2S-ENC', 'C2S-MAC', 'S2C-ENC', 'S2C-MAC'] as const",
      "['S2C-ENC', 'S2C-MAC', 'C2S-ENC', 'C2S-MAC'] as const",
    ],
  }),
  mutant('label-separator-missing', 'KAT', 'the zero byte between "init" and the label is missing', {
    keys: ['encode(`init\\0${label}`)', 'encode(`init${label}`)'],
  }),
  mutant('separator-missing', 'KAT', 'the zero byte after "evolve", "hello" and "bind" is missing', {
    keys: ['encode(`${text}\\0`)', 'encode(text)'],
  }),
  mutant('mac-key-is-enc-key', 'KAT', 'the MAC key begins with the ENC key of its direction', {
    keys: [
      ['kdf(c, master, C2S_MAC, 32)', 'kdf(c, master, C2S_ENC, 32)'],
      ['mac: kdf(c, master, S2C_MAC, 32)', 'mac: kdf(c, master, S2C_ENC, 32)'],
    ],
    covers: ['MAC key = ENC key'],
  }),
  mutant('s2c-mac-is-c2s-mac', 'KAT', 'both directions use one MAC key', {
    keys: ['mac: kdf(c, master, S2C_MAC, 32)', 'mac: kdf(c, master, C2S_MAC, 32)'],
  }),
  mutant('mac-key-16', 'KAT', 'MAC keys are cut to 16 bytes before they are used', {
    primitives: [
      [
        '  tagOf(frame).set(c.hmac(keys.mac, taggedOf(frame)))',
        '  tagOf(frame).set(c.hmac(keys.mac.subarray(0, 16), taggedOf(frame)))',
      ],
      [
        '  sameTag(c.hmac(mac, taggedOf(frame)), tagOf(frame))',
        '  sameTag(c.hmac(mac.subarray(0, 16), taggedOf(frame)), tagOf(frame))',
      ],
    ],
  }),
  mutant('master-32-refused', 'F1', 'a master key of more than 31 bytes is refused', {
    checks: ['master.length > 64)', 'master.length > 31)'],
    covers: ['32-byte master refused'],
  }),
  mutant('master-64-refused', 'F1', 'a master key of 64 bytes is refused', {
    checks: ['master.length > 64)', 'master.length >= 64)'],
  }),
  mutant('master-16-refused', 'F1', 'a master key of 16 bytes is refused', {
    checks: ['master.length < 16 ||', 'master.length <= 16 ||'],
  }),
  mutant('master-truncated', 'KAT', 'only the first 32 bytes of a master key count', {
    keys: ['kdf(c, master, C2S_ENC, 16)', 'kdf(c, master.subarray(0, 32), C2S_ENC, 16)'],
  }),
  mutant('hkdf-no-counter', 'KAT', 'HKDF leaves out the counter byte of its only block', {
    primitives: ['c.hmac(prk, concat(info, ONE))', 'c.hmac(prk, info)'],
  }),
  mutant('hkdf-no-extract', 'KAT', 'HKDF expands the input key without extracting first', {
    primitives: ['const prk = c.hmac(salt, ikm)', 'const prk = ikm.slice()'],
  }),
  mutant('hkdf-salt-and-key-exchanged', 'KAT', 'HKDF extracts with key and salt exchanged', {
    primitives: ['const prk = c.hmac(salt, ikm)', 'const prk = c.hmac(ikm, salt)'],
  }),
  mutant('hkdf-short-salt', 'KAT', 'the empty salt is 16 zeros instead of 32', {
    primitives: ['new Uint8Array(HASH_BYTES) // RFC', 'new Uint8Array(16) // RFC'],
    equivalent: 'HMAC fills a key up to its block with zeros, so zeros of any length up to 64 are the same key',
  }),
  mutant('enc-key-other-half', 'KAT', 'ENC keys are the last 16 bytes of the HKDF block', {
    primitives: ['block.slice(0, length)', 'block.slice(length)'],
  }),
  mutant('aes-256', 'KAT', 'AES runs with a 32-byte key, the ENC key twice', {
    crypto: [
      ["const CIPHER = 'aes-128-cbc'", "const CIPHER = 'aes-256-cbc'"],
      ['createCipheriv(CIPHER, key, iv)', 'createCipheriv(CIPHER, Buffer.concat([key, key]), iv)'],
      ['createDecipheriv(CIPHER, key, iv)', 'createDecipheriv(CIPHER, Buffer.concat([key, key]), iv)'],
    ],
  }),
  mutant('ctr-mode', 'KAT', 'AES runs in counter mode', {
    crypto: ["const CIPHER = 'aes-128-cbc'", "const CIPHER = 'aes-128-ctr'"],
  }),
  mutant('no-encryption', 'A9', 'nothing is encrypted', {
    crypto: [
      ['plain(createCipheriv(CIPHER, key, iv).setAutoPadding(false).update(padded))', 'padded'],
      ['plain(createDecipheriv(CIPHER, key, iv).setAutoPadding(false).update(data))', 'data.slice()'],
    ],
  }),
  mutant('sha-512-tags', 'KAT', 'tags and keys are made with HMAC-SHA512 cut to 32 bytes', {
    crypto: [
      ['createDecipheriv, randomFillSync', 'createDecipheriv, createHmac, randomFillSync'],
      ['  hmac,', "  hmac: (k, d) => plain(createHmac('sha512', k).update(d).digest().subarray(0, 32)),"],
    ],
  }),
  mutant('transcript-hash-sha1', 'KAT', 'hello step and bind step hash with SHA-1', {
    crypto: [
      ['createDecipheriv, randomFillSync', 'createDecipheriv, hash, randomFillSync'],
      ['  sha256,', "  sha256: (data) => plain(hash('sha1', data, 'buffer')),"],
    ],
  }),
]
