/** Mutants of PROTOCOL §3: PKCS#7, by hand. */
import { type Mutant, mutant } from './mutant.ts'

export const padding: readonly Mutant[] = [
  mutant('padding-zero', 'C3', 'a last byte of 0 is taken as no padding', {
    primitives: ['if (p < 1 || p > BLOCK', 'if (p < 0 || p > BLOCK'],
    covers: ['0 accepted'],
  }),
  mutant('padding-long', 'C3', 'more than 16 bytes of padding are accepted', {
    primitives: ['p < 1 || p > BLOCK || p > padded.length', 'p < 1 || p > padded.length'],
    covers: ['> 16 accepted'],
  }),
  mutant('padding-17', 'C3', 'a padding of 17 bytes is accepted', { primitives: ['p > BLOCK ||', 'p > BLOCK + 1 ||'] }),
  mutant('padding-last-byte', 'C3', 'only the last byte of the padding is checked', {
    primitives: ['if (padded[i] !== p) return null', 'if (padded[i] !== p) break'],
    covers: ['only the last byte checked'],
  }),
  mutant('padding-first-byte-unchecked', 'C3', 'the first byte of the padding is not checked', {
    primitives: ['for (let i = padded.length - p; i', 'for (let i = padded.length - p + 1; i'],
  }),
  mutant('padding-last-two-bytes', 'C3', 'only the last two bytes of the padding are checked', {
    primitives: ['for (let i = padded.length - p; i', 'for (let i = Math.max(padded.length - p, padded.length - 2); i'],
  }),
  mutant('padding-full-block-refused', 'TWIN', 'a full block of padding is refused', {
    primitives: ['p > BLOCK ||', 'p >= BLOCK ||'],
  }),
  mutant(
    'padding-aligned-none',
    'C3',
    'an aligned plaintext gets no padding, and a block that does not unpad is taken whole',
    {
      primitives: [
        ['const p = BLOCK - (plaintext.length % BLOCK)', 'const p = (BLOCK - (plaintext.length % BLOCK)) % BLOCK'],
        ['if (padded[i] !== p) return null', 'if (padded[i] !== p) return padded'],
      ],
    },
  ),
  mutant('padding-x923', 'KAT', 'padding is zeros and a length byte, and only that byte is read', {
    primitives: [
      ['  padded.fill(p, plaintext.length)\n', '  padded[padded.length - 1] = p\n'],
      ['if (padded[i] !== p) return null', ''],
      ['for (let i = padded.length - p; i < padded.length; i++)', ''],
    ],
  }),
  mutant('padding-extra-block', 'KAT', 'one full block more than needed is added', {
    primitives: [
      [
        'const padded = new Uint8Array(plaintext.length + p)',
        'const padded = new Uint8Array(plaintext.length + p + BLOCK)',
      ],
      ['return padded.subarray(0, padded.length - p)', 'return padded.subarray(0, padded.length - p - BLOCK)'],
      ['for (let i = padded.length - p; i', 'for (let i = Math.max(0, padded.length - p); i'],
    ],
  }),
  mutant('padding-longer-than-text', 'C3', 'a padding may be longer than the text it ends', {
    primitives: [' || p > padded.length) return null', ') return null'],
    equivalent: 'a well-formed frame holds at least one block, and a padding of at most 16 always fits',
  }),
]
