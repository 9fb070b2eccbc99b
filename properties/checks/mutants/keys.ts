// biome-ignore-all lint/suspicious/noTemplateCurlyInString: source text is quoted
/** Mutants of IVs (PROTOCOL §2) and of the initial keys (§3, §4). */
import { type Mutant, swap } from './mutant.ts'

const IV = '  const iv = rng(16) // §2: fresh for every frame\n'
const iv = (replace: string) => swap('primitives', IV, replace)
/** Something that lives as long as the module does. */
const kept = (declaration: string) => swap('primitives', 'const BLOCK = 16\n', `const BLOCK = 16\n${declaration}\n`)

export const keys: readonly Mutant[] = [
  {
    id: 'iv-zero',
    bug: 'every IV is zero',
    covers: ['zero IV'],
    replacements: [iv('  const iv = new Uint8Array(16)\n')],
    expect: 'C4',
  },
  {
    id: 'iv-per-session',
    bug: 'one IV serves for all frames of a session',
    covers: ['one IV per session'],
    replacements: [kept('const ivs = new WeakMap()'), iv('  const iv = ivs.get(rng) ?? rng(16)\n  ivs.set(rng, iv)\n')],
    expect: 'C4',
  },
  {
    id: 'iv-counter',
    bug: 'IVs count up',
    covers: ['counter IV'],
    replacements: [
      kept('let frames = 0'),
      iv('  const iv = new Uint8Array(16)\n  new DataView(iv.buffer).setUint32(12, ++frames)\n'),
    ],
    expect: 'C4',
  },
  {
    id: 'iv-counter-per-session',
    bug: 'the first IV of a session is random, the others count up from it',
    replacements: [
      kept('const ivs = new WeakMap()'),
      iv('  const iv = (ivs.get(rng) ?? rng(16)).slice()\n  iv[15]++\n  ivs.set(rng, iv)\n'),
    ],
    expect: 'C4',
  },
  {
    id: 'iv-from-plaintext',
    bug: 'the IV is a MAC of header and plaintext, so equal messages look equal',
    replacements: [iv('  const iv = c.hmac(keys.enc, concat(Uint8Array.of(header.opcode), plaintext)).slice(0, 16)\n')],
    expect: 'C4',
  },
  {
    id: 'iv-half-random',
    bug: 'only half of the IV is random',
    replacements: [iv('  const iv = rng(16)\n  iv.fill(0, 8)\n')],
    expect: 'C4',
  },
  {
    id: 'iv-of-data-in-response',
    bug: 'the response reuses the IV of the DATA it answers',
    replacements: [
      swap(
        'server-session',
        '  const answer = seal(c, keys.s2c, rng, header, plaintext)\n',
        '  const answer = seal(c, keys.s2c, () => data.slice(7, 23), header, plaintext)\n',
      ),
    ],
    expect: 'C4',
  },
  {
    id: 'iv-of-challenge-is-its-text',
    bug: 'the IV of a CHALLENGE is the randomness of its text',
    replacements: [
      swap(
        'server-session',
        'encodeText(challengeText ?? `Challenge from server ${hex(rng(16))}`)',
        'encodeText(challengeText ?? `Challenge from server ${hex((rng = ((x) => () => x)(rng(16)))(16))}`)',
      ),
    ],
    expect: 'TWIN',
  },
  {
    id: 'label-dropped',
    bug: 'the initial keys are derived without their labels, so that keys of one length are equal',
    covers: ['label dropped'],
    replacements: [swap('keys', 'encode(`init\\0${label}`)', 'encode(`init\\0`)')],
    expect: 'KAT',
  },
  {
    id: 'labels-by-kind-only',
    bug: 'the labels name the kind of key, not the direction',
    replacements: [swap('keys', 'encode(`init\\0${label}`)', 'encode(`init\\0${label.slice(4)}`)')],
    expect: 'KAT',
  },
  {
    id: 'labels-swapped',
    bug: 'the labels of the two directions are exchanged',
    replacements: [
      swap(
        'keys',
        "['C2S-ENC', 'C2S-MAC', 'S2C-ENC', 'S2C-MAC'] as const",
        "['S2C-ENC', 'S2C-MAC', 'C2S-ENC', 'C2S-MAC'] as const",
      ),
    ],
    expect: 'KAT',
  },
  {
    id: 'label-separator-missing',
    bug: 'the zero byte between "init" and the label is missing',
    replacements: [swap('keys', 'encode(`init\\0${label}`)', 'encode(`init${label}`)')],
    expect: 'KAT',
  },
  {
    id: 'separator-missing',
    bug: 'the zero byte after "evolve", "hello" and "bind" is missing',
    replacements: [swap('keys', 'encode(`${text}\\0`)', 'encode(text)')],
    expect: 'KAT',
  },
  {
    id: 'mac-key-is-enc-key',
    bug: 'the MAC key begins with the ENC key of its direction',
    covers: ['MAC key = ENC key'],
    replacements: [
      swap('keys', 'kdf(c, master, C2S_MAC, 32)', 'kdf(c, master, C2S_ENC, 32)'),
      swap('keys', 'mac: kdf(c, master, S2C_MAC, 32)', 'mac: kdf(c, master, S2C_ENC, 32)'),
    ],
    expect: 'KAT',
  },
  {
    id: 's2c-mac-is-c2s-mac',
    bug: 'both directions use one MAC key',
    replacements: [swap('keys', 'mac: kdf(c, master, S2C_MAC, 32)', 'mac: kdf(c, master, C2S_MAC, 32)')],
    expect: 'KAT',
  },
  {
    id: 'mac-key-16',
    bug: 'MAC keys are cut to 16 bytes before they are used',
    replacements: [
      swap(
        'primitives',
        '  tagOf(frame).set(c.hmac(keys.mac, taggedOf(frame)))',
        '  tagOf(frame).set(c.hmac(keys.mac.subarray(0, 16), taggedOf(frame)))',
      ),
      swap(
        'primitives',
        '  sameTag(c.hmac(mac, taggedOf(frame)), tagOf(frame))',
        '  sameTag(c.hmac(mac.subarray(0, 16), taggedOf(frame)), tagOf(frame))',
      ),
    ],
    expect: 'KAT',
  },
  {
    id: 'master-32-refused',
    bug: 'a master key of more than 31 bytes is refused',
    covers: ['32-byte master refused'],
    replacements: [swap('checks', 'master.length > 64)', 'master.length > 31)')],
    expect: 'F1',
  },
  {
    id: 'master-64-refused',
    bug: 'a master key of 64 bytes is refused',
    replacements: [swap('checks', 'master.length > 64)', 'master.length >= 64)')],
    expect: 'F1',
  },
  {
    id: 'master-16-refused',
    bug: 'a master key of 16 bytes is refused',
    replacements: [swap('checks', 'master.length < 16 ||', 'master.length <= 16 ||')],
    expect: 'F1',
  },
  {
    id: 'master-truncated',
    bug: 'only the first 32 bytes of a master key count',
    replacements: [swap('keys', 'kdf(c, master, C2S_ENC, 16)', 'kdf(c, master.subarray(0, 32), C2S_ENC, 16)')],
    expect: 'KAT',
  },
  {
    id: 'hkdf-no-counter',
    bug: 'HKDF leaves out the counter byte of its only block',
    replacements: [swap('primitives', 'c.hmac(prk, concat(info, ONE))', 'c.hmac(prk, info)')],
    expect: 'KAT',
  },
  {
    id: 'hkdf-no-extract',
    bug: 'HKDF expands the input key without extracting first',
    replacements: [swap('primitives', 'const prk = c.hmac(salt, ikm)', 'const prk = ikm.slice()')],
    expect: 'KAT',
  },
  {
    id: 'hkdf-salt-and-key-exchanged',
    bug: 'HKDF extracts with key and salt exchanged',
    replacements: [swap('primitives', 'const prk = c.hmac(salt, ikm)', 'const prk = c.hmac(ikm, salt)')],
    expect: 'KAT',
  },
  {
    id: 'hkdf-short-salt',
    bug: 'the empty salt is 16 zeros instead of 32',
    replacements: [swap('primitives', 'new Uint8Array(HASH_BYTES) // RFC', 'new Uint8Array(16) // RFC')],
    expect: 'KAT',
    equivalent: 'HMAC fills a key up to its block with zeros, so zeros of any length up to 64 are the same key',
  },
  {
    id: 'enc-key-other-half',
    bug: 'ENC keys are the last 16 bytes of the HKDF block',
    replacements: [swap('primitives', 'block.slice(0, length)', 'block.slice(length)')],
    expect: 'KAT',
  },
  {
    id: 'aes-256',
    bug: 'AES runs with a 32-byte key, the ENC key twice',
    replacements: [
      swap('crypto', "const CIPHER = 'aes-128-cbc'", "const CIPHER = 'aes-256-cbc'"),
      swap('crypto', 'createCipheriv(CIPHER, key, iv)', 'createCipheriv(CIPHER, Buffer.concat([key, key]), iv)'),
      swap('crypto', 'createDecipheriv(CIPHER, key, iv)', 'createDecipheriv(CIPHER, Buffer.concat([key, key]), iv)'),
    ],
    expect: 'KAT',
  },
  {
    id: 'ctr-mode',
    bug: 'AES runs in counter mode',
    replacements: [swap('crypto', "const CIPHER = 'aes-128-cbc'", "const CIPHER = 'aes-128-ctr'")],
    expect: 'KAT',
  },
  {
    id: 'no-encryption',
    bug: 'nothing is encrypted',
    replacements: [
      swap('crypto', 'plain(createCipheriv(CIPHER, key, iv).setAutoPadding(false).update(padded))', 'padded'),
      swap('crypto', 'plain(createDecipheriv(CIPHER, key, iv).setAutoPadding(false).update(data))', 'data.slice()'),
    ],
    expect: 'A9',
  },
  {
    id: 'sha-512-tags',
    bug: 'tags and keys are made with HMAC-SHA512 cut to 32 bytes',
    replacements: [
      swap('crypto', 'createDecipheriv, randomFillSync', 'createDecipheriv, createHmac, randomFillSync'),
      swap('crypto', '  hmac,', "  hmac: (k, d) => plain(createHmac('sha512', k).update(d).digest().subarray(0, 32)),"),
    ],
    expect: 'KAT',
  },
  {
    id: 'transcript-hash-sha1',
    bug: 'hello step and bind step hash with SHA-1',
    replacements: [
      swap('crypto', 'createDecipheriv, randomFillSync', 'createDecipheriv, hash, randomFillSync'),
      swap('crypto', '  sha256,', "  sha256: (data) => plain(hash('sha1', data, 'buffer')),"),
    ],
    expect: 'KAT',
  },
]
