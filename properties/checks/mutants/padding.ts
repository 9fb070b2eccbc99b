/** Mutants of PROTOCOL §3: PKCS#7, by hand. */
import { type Mutant, swap } from './mutant.ts'

export const padding: readonly Mutant[] = [
  {
    id: 'padding-zero',
    bug: 'a last byte of 0 is taken as no padding',
    covers: ['0 accepted'],
    replacements: [swap('primitives', 'if (p < 1 || p > BLOCK', 'if (p < 0 || p > BLOCK')],
    expect: 'C3',
  },
  {
    id: 'padding-long',
    bug: 'more than 16 bytes of padding are accepted',
    covers: ['> 16 accepted'],
    replacements: [swap('primitives', 'p < 1 || p > BLOCK || p > padded.length', 'p < 1 || p > padded.length')],
    expect: 'C3',
  },
  {
    id: 'padding-17',
    bug: 'a padding of 17 bytes is accepted',
    replacements: [swap('primitives', 'p > BLOCK ||', 'p > BLOCK + 1 ||')],
    expect: 'C3',
  },
  {
    id: 'padding-last-byte',
    bug: 'only the last byte of the padding is checked',
    covers: ['only the last byte checked'],
    replacements: [swap('primitives', 'if (padded[i] !== p) return null', 'if (padded[i] !== p) break')],
    expect: 'C3',
  },
  {
    id: 'padding-first-byte-unchecked',
    bug: 'the first byte of the padding is not checked',
    replacements: [swap('primitives', 'for (let i = padded.length - p; i', 'for (let i = padded.length - p + 1; i')],
    expect: 'C3',
  },
  {
    id: 'padding-last-two-bytes',
    bug: 'only the last two bytes of the padding are checked',
    replacements: [
      swap(
        'primitives',
        'for (let i = padded.length - p; i',
        'for (let i = Math.max(padded.length - p, padded.length - 2); i',
      ),
    ],
    expect: 'C3',
  },
  {
    id: 'padding-full-block-refused',
    bug: 'a full block of padding is refused',
    replacements: [swap('primitives', 'p > BLOCK ||', 'p >= BLOCK ||')],
    expect: 'TWIN',
  },
  {
    id: 'padding-aligned-none',
    bug: 'an aligned plaintext gets no padding, and a block that does not unpad is taken whole',
    replacements: [
      swap(
        'primitives',
        'const p = BLOCK - (plaintext.length % BLOCK)',
        'const p = (BLOCK - (plaintext.length % BLOCK)) % BLOCK',
      ),
      swap('primitives', 'if (padded[i] !== p) return null', 'if (padded[i] !== p) return padded'),
    ],
    expect: 'C3',
  },
  {
    id: 'padding-x923',
    bug: 'padding is zeros and a length byte, and only that byte is read',
    replacements: [
      swap('primitives', '  padded.fill(p, plaintext.length)\n', '  padded[padded.length - 1] = p\n'),
      swap('primitives', 'if (padded[i] !== p) return null', ''),
      swap('primitives', 'for (let i = padded.length - p; i < padded.length; i++)', ''),
    ],
    expect: 'KAT',
  },
  {
    id: 'padding-extra-block',
    bug: 'one full block more than needed is added',
    replacements: [
      swap(
        'primitives',
        'const padded = new Uint8Array(plaintext.length + p)',
        'const padded = new Uint8Array(plaintext.length + p + BLOCK)',
      ),
      swap(
        'primitives',
        'return padded.subarray(0, padded.length - p)',
        'return padded.subarray(0, padded.length - p - BLOCK)',
      ),
      swap('primitives', 'for (let i = padded.length - p; i', 'for (let i = Math.max(0, padded.length - p); i'),
    ],
    expect: 'KAT',
  },
  {
    id: 'padding-longer-than-text',
    bug: 'a padding may be longer than the text it ends',
    replacements: [swap('primitives', ' || p > padded.length) return null', ') return null')],
    expect: 'C3',
    equivalent: 'a well-formed frame holds at least one block, and a padding of at most 16 always fits',
  },
]
