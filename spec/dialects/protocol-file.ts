/** PROTOCOL in the words of a dialect file (dialect-file.ts). */
import type { Mode } from '../language.ts'

/** What `parseDialect` makes PROTOCOL of. */
export const dialectBlock = (mode: Mode) => ({
  framing_code: 'u32be',
  frame_min: 71,
  frame_max: 4167,
  direction_c2s: 1,
  direction_s2c: 2,
  hash: 'hkdf-sha256',
  labels: { c2s_enc: 'C2S-ENC', c2s_mac: 'C2S-MAC', s2c_enc: 'S2C-ENC', s2c_mac: 'S2C-MAC' },
  stored_enc_key_len: 16,
  stored_mac_key_len: 32,
  c2s_evolve: { ops: [10, 30], enc: 'ct', mac: 'iv' },
  s2c_evolve: { ops: [20, 40], enc: 'pt[1:]|20=pt', mac: 'pt[0:1]|20=hex:00' },
  all_four_keys_evolve_together_after_the_s2c_frame: true,
  start_round: 0,
  round_advances_after_opcodes: [20, 40],
  mac_over: 'opcode..direction || IV || ciphertext',
  empty_ciphertext_zero_iv_opcodes: [],
  session_binding: mode === 'bound' ? 'bound' : 'none',
  hello_payload: 'utf8, 0..255 bytes',
  challenge_payload: 'utf8, 0..255 bytes',
  data_payload: 'u16 count | f64 each, BE',
  aggr_response_payload: 'u8 status | f64 sum | u32 count | f64 average, BE',
  reaction: 'uniform',
  server_waits_for_others: 'none',
})
