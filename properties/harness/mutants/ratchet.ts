/** Mutants of PROTOCOL §4: the evolution of the keys, and the commit rule. */
import { type Mutant, mutant, swap } from './mutant.ts'

const C2S_ENC = 'enc: kdf(c, keys.c2s.enc, concat(EVOLVE, ciphertextOf(fromClient)), 16)'
const C2S_MAC = 'mac: kdf(c, keys.c2s.mac, concat(EVOLVE, ivOf(fromClient)), 32)'
const S2C_ENC = 'enc: kdf(c, keys.s2c.enc, concat(EVOLVE, data), 16)'
const S2C_MAC = 'mac: kdf(c, keys.s2c.mac, concat(EVOLVE, status), 32)'
const evolves = (find: string, replace: string) => swap('keys', find, replace)

export const ratchet: readonly Mutant[] = [
  mutant('only-c2s-evolves', 'KAT', 'only the keys of the client evolve', {
    by: [evolves(S2C_ENC, 'enc: keys.s2c.enc.slice()'), evolves(S2C_MAC, 'mac: keys.s2c.mac.slice()')],
    covers: ['only C2S evolves'],
  }),
  mutant('only-s2c-evolves', 'KAT', 'only the keys of the server evolve', {
    by: [evolves(C2S_ENC, 'enc: keys.c2s.enc.slice()'), evolves(C2S_MAC, 'mac: keys.c2s.mac.slice()')],
    covers: ['only S2C evolves'],
  }),
  mutant('mac-keys-static', 'KAT', 'MAC keys do not evolve', {
    by: [evolves(C2S_MAC, 'mac: keys.c2s.mac.slice()'), evolves(S2C_MAC, 'mac: keys.s2c.mac.slice()')],
    covers: ['MAC keys static'],
  }),
  mutant('enc-keys-static', 'KAT', 'ENC keys do not evolve', {
    by: [evolves(C2S_ENC, 'enc: keys.c2s.enc.slice()'), evolves(S2C_ENC, 'enc: keys.s2c.enc.slice()')],
  }),
  mutant('no-evolution', 'KAT', 'no key evolves after round 0', {
    'server-session': [
      'keys: evolve(c, keys, data, payload.aggregatedDataOf(plaintext), payload.statusOf(plaintext))',
      'keys',
    ],
    'client-state': [
      'const next = evolve(c, keys, state.pending!, data, payload.statusOf(plaintext))',
      'const next = keys',
    ],
  }),
  mutant('handshake-not-evolved', 'KAT', 'the exchange of round 0 does not evolve the keys', {
    keys: ['const evolved = evolve(c, keys, hello, text, STATUS_OK)', 'const evolved = copyKeys(keys)'],
    covers: ['round 0 not evolved'],
  }),
  mutant('c2s-mac-absorbs-ciphertext', 'KAT', 'C2S-MAC absorbs the ciphertext instead of the IV', {
    by: [evolves(C2S_MAC, 'mac: kdf(c, keys.c2s.mac, concat(EVOLVE, ciphertextOf(fromClient)), 32)')],
    covers: ['C2S-MAC absorbs ciphertext'],
  }),
  mutant('c2s-enc-absorbs-frame', 'KAT', 'C2S-ENC absorbs the whole frame instead of the ciphertext', {
    by: [evolves(C2S_ENC, 'enc: kdf(c, keys.c2s.enc, concat(EVOLVE, fromClient), 16)')],
  }),
  mutant('s2c-enc-absorbs-status', 'KAT', 'S2C-ENC absorbs the status byte as well', {
    payload: ['aggregate.subarray(1)', 'aggregate.subarray(0)'],
  }),
  mutant('s2c-enc-absorbs-nothing', 'KAT', 'S2C-ENC does not absorb what the server said', {
    by: [evolves(S2C_ENC, 'enc: kdf(c, keys.s2c.enc, EVOLVE, 16)')],
  }),
  mutant('s2c-mac-absorbs-nothing', 'KAT', 'S2C-MAC does not absorb the status', {
    by: [evolves(S2C_MAC, 'mac: kdf(c, keys.s2c.mac, EVOLVE, 32)')],
  }),
  mutant('s2c-mac-absorbs-sum', 'KAT', 'S2C-MAC absorbs the first byte of the sum instead of the status', {
    payload: ['aggregate.subarray(0, 1)', 'aggregate.subarray(1, 2)'],
  }),
  mutant('evolve-without-word', 'KAT', 'the word "evolve" is left out of the formulas', {
    keys: ["const EVOLVE = info('evolve')", 'const EVOLVE = new Uint8Array(0)'],
  }),
  mutant('long-ciphertext-cut', 'KAT', 'only the first block of the ciphertext goes into C2S-ENC', {
    by: [evolves(C2S_ENC, 'enc: kdf(c, keys.c2s.enc, concat(EVOLVE, ciphertextOf(fromClient).subarray(0, 16)), 16)')],
  }),
  mutant('response-under-next-keys', 'KAT', 'the server seals the response under the keys of the next round', {
    'server-session': [
      '  const answer = seal(c, keys.s2c, rng, header, plaintext)\n',
      '  const ahead = evolve(c, keys, data, payload.aggregatedDataOf(plaintext), payload.statusOf(plaintext))\n  const answer = seal(c, ahead.s2c, rng, header, plaintext)\n',
    ],
    covers: ['response under next keys'],
  }),
  mutant('response-constant-id', 'KAT', 'responses carry client id 1, whoever asked', {
    'server-session': [
      'header = { opcode: OPCODE.aggregate, id, round',
      'header = { opcode: OPCODE.aggregate, id: 1, round',
    ],
    covers: ['response with a constant id'],
  }),
  mutant('response-next-round', 'L1', 'the response carries the round after that of the DATA', {
    'server-session': [
      'header = { opcode: OPCODE.aggregate, id, round',
      'header = { opcode: OPCODE.aggregate, id, round: round + 1',
    ],
  }),
  mutant('challenge-constant-id', 'KAT', 'CHALLENGEs carry client id 1, whoever asked', {
    'server-session': [
      'header = { opcode: OPCODE.challenge, id, round',
      'header = { opcode: OPCODE.challenge, id: 1, round',
    ],
  }),
  mutant('keys-before-padding', 'R4', 'the server advances the keys before it has checked the padding', {
    server: [
      ['import { eraseReplaced, type Mode } from', 'import { eraseReplaced, evolve, type Mode } from'],
      [
        '        return asked.reason\n',
        "        if (asked.reason === 'bad-padding')\n          this.#commit([[line, { ...state, keys: evolve(this.#crypto, state.keys, frame, frame, frame) }]])\n        return asked.reason\n",
      ],
    ],
    covers: ['keys advanced before the padding check'],
  }),
  mutant('keys-before-payload', 'R4', 'the server advances the keys before it has checked the values', {
    server: [
      ['import { eraseReplaced, type Mode } from', 'import { eraseReplaced, evolve, type Mode } from'],
      [
        '        return asked.reason\n',
        "        if (asked.reason === 'bad-payload')\n          this.#commit([[line, { ...state, keys: evolve(this.#crypto, state.keys, frame, frame, frame) }]])\n        return asked.reason\n",
      ],
    ],
  }),
  mutant('error-under-initial-keys', 'R4', 'KEY_DESYNC_ERROR is sealed under zero keys', {
    'server-session': [
      '  seal(c, keys.s2c, rng, { opcode, id',
      '  seal(c, opcode === OPCODE.desync ? { enc: new Uint8Array(16), mac: new Uint8Array(32) } : keys.s2c, rng, { opcode, id',
    ],
  }),
  mutant('error-in-round-zero', 'O1', 'KEY_DESYNC_ERROR carries round 0', {
    'server-session': [
      'rng, { opcode, id, round, direction: TO_CLIENT }',
      'rng, { opcode, id, round: opcode === OPCODE.desync ? 0 : round, direction: TO_CLIENT }',
    ],
  }),
  mutant('client-commits-on-send', 'R1', 'the client advances its own keys when it sends DATA', {
    'client-session': [
      ['import { eraseReplaced,', 'import { evolve, eraseReplaced,'],
      [
        '    this.#commit({ ...state, pending: data, deadline: now + this.#limits.responseMs })\n',
        '    const next = evolve(this.#crypto, state.keys, data, data, data)\n    this.#commit({ ...state, keys: { ...state.keys, c2s: next.c2s }, pending: data, deadline: now + this.#limits.responseMs })\n',
      ],
    ],
    covers: ['client commits on send'],
  }),
  mutant('client-round-on-send', 'F1', 'the client advances its round when it sends DATA', {
    'client-session': [
      'this.#commit({ ...state, pending: data,',
      'this.#commit({ ...state, round: state.round + 1, pending: data,',
    ],
    'client-state': [
      ['round: state.round + 1, keys', "round: state.phase === 'INIT' ? 1 : state.round, keys"],
      [
        'const { id, round, keys } = state\n',
        'const { id, keys } = state\n  const round = state.pending !== null && state.phase === "ACTIVE" ? state.round - 1 : state.round\n',
      ],
    ],
  }),
  mutant('commit-despite-failed-send', 'R3', 'the server commits although the answer was not handed over', {
    server: [
      "      eraseReplaced(this.#crypto, next.keys, null)\n      this.#end(line, 'send-failed', null)\n      return false\n",
      '      this.#commit([[line, next]])\n      return false\n',
    ],
    covers: ['commit despite failed send'],
  }),
  mutant('failed-send-ignored', 'R3', 'the server goes on as before when an answer was not handed over', {
    server: ["      this.#end(line, 'send-failed', null)\n      return false\n", '      return false\n'],
  }),
  mutant(
    'failed-send-supersedes',
    'I4',
    'the older session is superseded although the answer to the newer was not handed over',
    {
      server: [
        "      eraseReplaced(this.#crypto, next.keys, null)\n      this.#end(line, 'send-failed', null)\n",
        "      eraseReplaced(this.#crypto, next.keys, null)\n      if (giving !== null) this.#end(giving, by, OPCODE.terminate)\n      this.#end(line, 'send-failed', null)\n",
      ],
    },
  ),
  mutant('failed-send-retried', 'R3', 'the server sends its answer once more when the transport refused it', {
    server: ['if (!line.port.send(answer)) {', 'if (!line.port.send(answer) && !line.port.send(answer)) {'],
  }),
  mutant('failed-send-announced', 'TWIN', 'the server sends TERMINATE on a connection that refused its answer', {
    server: ["this.#end(line, 'send-failed', null)", "this.#end(line, 'send-failed', OPCODE.terminate)"],
  }),
  mutant('client-failed-send-ignored', 'R3', 'a client waits for the answer to a DATA that was never handed over', {
    'client-session': ['    if (!this.#port.send(data)) return this.#failed()\n', '    this.#port.send(data)\n'],
  }),
  mutant('client-failed-hello-ignored', 'R3', 'a client waits for the answer to a HELLO that was never handed over', {
    'client-session': ['if (!this.#port.send(hello)) {', 'this.#port.send(hello)\n    if (false) {'],
  }),
  mutant(
    'commit-before-send',
    'O3',
    'the server commits before it hands over the answer, and sends the error under the new keys',
    {
      server: [
        [
          '    if (!line.port.send(answer)) {\n',
          '    this.#commit([[line, next]])\n    if (!line.port.send(answer)) {\n',
        ],
        [
          "      eraseReplaced(this.#crypto, next.keys, null)\n      this.#end(line, 'send-failed', null)",
          "      this.#end(line, 'send-failed', OPCODE.terminate)",
        ],
      ],
    },
  ),
]
