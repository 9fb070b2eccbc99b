/** The dialect blocks of recorded transcripts, which have no version and say some things in prose, as a file of version 1. */

const PROSE = ['default_port', 'framing', 'kdf', 'aes_key', 'evolve', 'evolve_grammar', 'note_active']

const FORMS = {
  'hash(key || input)': 'key-first',
  'hash(input || key)': 'key-last',
  'hmac(key, input)': 'hmac',
  'hkdf(key, input)': 'hkdf',
}
const NAMES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  initial_key: FORMS,
  evolved_key: FORMS,
  mac_over: { 'opcode..direction || IV || ciphertext': 'header+iv+ct', 'IV || ciphertext': 'iv+ct' },
  hello_payload: { 'utf8, 0..255 bytes': 'text' },
  challenge_payload: {
    'utf8, 0..255 bytes': 'text',
    '8 random bytes | u32 time, BE': 'rand:8 | u32 other',
    bytes: 'any',
  },
  data_payload: {
    'u16 count | f64 each, BE': 'counted-f64',
    'csv floats, utf8': 'csv-decimals',
    'decimal int, utf8': 'decimal-integer',
    'i32 BE': 'i32',
  },
  aggr_response_payload: {
    'u8 status | f64 sum | u32 count | f64 average, BE': 'status-sum-count-average',
    'utf8 "Aggregated: %.2f" (mean)': 'mean-text',
    'utf8 decimal sum': 'decimal-sum',
    'i32 count | i32 sum | u32 status, BE': 'count-sum-status',
  },
  server_waits_for_others: { none: 'no', 'peers mid-round only': 'no', 'N clients or 30 s': 'all' },
}

/** What has a version, or is no object, stays as it is. */
export const modern = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || 'version' in value) return value
  const kept = Object.entries(value).filter(([field]) => !PROSE.includes(field))
  return Object.fromEntries(
    kept.map(([field, said]) => [
      field,
      typeof said === 'string' && Object.hasOwn(NAMES, field) ? (NAMES[field]![said] ?? said) : said,
    ]),
  )
}
