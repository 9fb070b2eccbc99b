/** Mutants of PROTOCOL §4: the evolution of the keys, and the commit rule. */
import { type Mutant, swap } from './mutant.ts'

const C2S_ENC = 'enc: kdf(c, keys.c2s.enc, concat(EVOLVE, ciphertextOf(fromClient)), 16)'
const C2S_MAC = 'mac: kdf(c, keys.c2s.mac, concat(EVOLVE, ivOf(fromClient)), 32)'
const S2C_ENC = 'enc: kdf(c, keys.s2c.enc, concat(EVOLVE, data), 16)'
const S2C_MAC = 'mac: kdf(c, keys.s2c.mac, concat(EVOLVE, status), 32)'
const evolves = (find: string, replace: string) => swap('keys', find, replace)

export const ratchet: readonly Mutant[] = [
  {
    id: 'only-c2s-evolves',
    bug: 'only the keys of the client evolve',
    covers: ['only C2S evolves'],
    replacements: [evolves(S2C_ENC, 'enc: keys.s2c.enc.slice()'), evolves(S2C_MAC, 'mac: keys.s2c.mac.slice()')],
    expect: 'KAT',
  },
  {
    id: 'only-s2c-evolves',
    bug: 'only the keys of the server evolve',
    covers: ['only S2C evolves'],
    replacements: [evolves(C2S_ENC, 'enc: keys.c2s.enc.slice()'), evolves(C2S_MAC, 'mac: keys.c2s.mac.slice()')],
    expect: 'KAT',
  },
  {
    id: 'mac-keys-static',
    bug: 'MAC keys do not evolve',
    covers: ['MAC keys static'],
    replacements: [evolves(C2S_MAC, 'mac: keys.c2s.mac.slice()'), evolves(S2C_MAC, 'mac: keys.s2c.mac.slice()')],
    expect: 'KAT',
  },
  {
    id: 'enc-keys-static',
    bug: 'ENC keys do not evolve',
    replacements: [evolves(C2S_ENC, 'enc: keys.c2s.enc.slice()'), evolves(S2C_ENC, 'enc: keys.s2c.enc.slice()')],
    expect: 'KAT',
  },
  {
    id: 'no-evolution',
    bug: 'no key evolves after round 0',
    replacements: [
      swap(
        'server-session',
        'keys: evolve(c, keys, data, payload.aggregatedDataOf(plaintext), payload.statusOf(plaintext))',
        'keys',
      ),
      swap(
        'client-state',
        'const next = evolve(c, keys, state.pending!, data, payload.statusOf(plaintext))',
        'const next = keys',
      ),
    ],
    expect: 'KAT',
  },
  {
    id: 'handshake-not-evolved',
    bug: 'the exchange of round 0 does not evolve the keys',
    covers: ['round 0 not evolved'],
    replacements: [
      swap('keys', 'const evolved = evolve(c, keys, hello, text, STATUS_OK)', 'const evolved = copyKeys(keys)'),
    ],
    expect: 'KAT',
  },
  {
    id: 'c2s-mac-absorbs-ciphertext',
    bug: 'C2S-MAC absorbs the ciphertext instead of the IV',
    covers: ['C2S-MAC absorbs ciphertext'],
    replacements: [evolves(C2S_MAC, 'mac: kdf(c, keys.c2s.mac, concat(EVOLVE, ciphertextOf(fromClient)), 32)')],
    expect: 'KAT',
  },
  {
    id: 'c2s-enc-absorbs-frame',
    bug: 'C2S-ENC absorbs the whole frame instead of the ciphertext',
    replacements: [evolves(C2S_ENC, 'enc: kdf(c, keys.c2s.enc, concat(EVOLVE, fromClient), 16)')],
    expect: 'KAT',
  },
  {
    id: 's2c-enc-absorbs-status',
    bug: 'S2C-ENC absorbs the status byte as well',
    replacements: [swap('payload', 'aggregate.subarray(1)', 'aggregate.subarray(0)')],
    expect: 'KAT',
  },
  {
    id: 's2c-enc-absorbs-nothing',
    bug: 'S2C-ENC does not absorb what the server said',
    replacements: [evolves(S2C_ENC, 'enc: kdf(c, keys.s2c.enc, EVOLVE, 16)')],
    expect: 'KAT',
  },
  {
    id: 's2c-mac-absorbs-nothing',
    bug: 'S2C-MAC does not absorb the status',
    replacements: [evolves(S2C_MAC, 'mac: kdf(c, keys.s2c.mac, EVOLVE, 32)')],
    expect: 'KAT',
  },
  {
    id: 's2c-mac-absorbs-sum',
    bug: 'S2C-MAC absorbs the first byte of the sum instead of the status',
    replacements: [swap('payload', 'aggregate.subarray(0, 1)', 'aggregate.subarray(1, 2)')],
    expect: 'KAT',
  },
  {
    id: 'evolve-without-word',
    bug: 'the word "evolve" is left out of the formulas',
    replacements: [swap('keys', "const EVOLVE = info('evolve')", 'const EVOLVE = new Uint8Array(0)')],
    expect: 'KAT',
  },
  {
    id: 'long-ciphertext-cut',
    bug: 'only the first block of the ciphertext goes into C2S-ENC',
    replacements: [
      evolves(C2S_ENC, 'enc: kdf(c, keys.c2s.enc, concat(EVOLVE, ciphertextOf(fromClient).subarray(0, 16)), 16)'),
    ],
    expect: 'KAT',
  },
  {
    id: 'response-under-next-keys',
    bug: 'the server seals the response under the keys of the next round',
    covers: ['response under next keys'],
    replacements: [
      swap(
        'server-session',
        '  const answer = seal(c, keys.s2c, rng, header, plaintext)\n',
        '  const ahead = evolve(c, keys, data, payload.aggregatedDataOf(plaintext), payload.statusOf(plaintext))\n  const answer = seal(c, ahead.s2c, rng, header, plaintext)\n',
      ),
    ],
    expect: 'KAT',
  },
  {
    id: 'response-constant-id',
    bug: 'responses carry client id 1, whoever asked',
    covers: ['response with a constant id'],
    replacements: [
      swap(
        'server-session',
        'header = { opcode: OPCODE.aggregate, id, round',
        'header = { opcode: OPCODE.aggregate, id: 1, round',
      ),
    ],
    expect: 'KAT',
  },
  {
    id: 'response-next-round',
    bug: 'the response carries the round after that of the DATA',
    replacements: [
      swap(
        'server-session',
        'header = { opcode: OPCODE.aggregate, id, round',
        'header = { opcode: OPCODE.aggregate, id, round: round + 1',
      ),
    ],
    expect: 'L1',
  },
  {
    id: 'challenge-constant-id',
    bug: 'CHALLENGEs carry client id 1, whoever asked',
    replacements: [
      swap(
        'server-session',
        'header = { opcode: OPCODE.challenge, id, round',
        'header = { opcode: OPCODE.challenge, id: 1, round',
      ),
    ],
    expect: 'KAT',
  },
  {
    id: 'keys-before-padding',
    bug: 'the server advances the keys before it has checked the padding',
    covers: ['keys advanced before the padding check'],
    replacements: [
      swap('server', 'import { eraseReplaced, type Mode } from', 'import { eraseReplaced, evolve, type Mode } from'),
      swap(
        'server',
        '        return asked.reason\n',
        "        if (asked.reason === 'bad-padding')\n          this.#commit([[line, { ...state, keys: evolve(this.#crypto, state.keys, frame, frame, frame) }]])\n        return asked.reason\n",
      ),
    ],
    expect: 'R4',
  },
  {
    id: 'keys-before-payload',
    bug: 'the server advances the keys before it has checked the values',
    replacements: [
      swap('server', 'import { eraseReplaced, type Mode } from', 'import { eraseReplaced, evolve, type Mode } from'),
      swap(
        'server',
        '        return asked.reason\n',
        "        if (asked.reason === 'bad-payload')\n          this.#commit([[line, { ...state, keys: evolve(this.#crypto, state.keys, frame, frame, frame) }]])\n        return asked.reason\n",
      ),
    ],
    expect: 'R4',
  },
  {
    id: 'error-under-initial-keys',
    bug: 'KEY_DESYNC_ERROR is sealed under zero keys',
    replacements: [
      swap(
        'server-session',
        '  seal(c, keys.s2c, rng, { opcode, id',
        '  seal(c, opcode === OPCODE.desync ? { enc: new Uint8Array(16), mac: new Uint8Array(32) } : keys.s2c, rng, { opcode, id',
      ),
    ],
    expect: 'R4',
  },
  {
    id: 'error-in-round-zero',
    bug: 'KEY_DESYNC_ERROR carries round 0',
    replacements: [
      swap(
        'server-session',
        'rng, { opcode, id, round, direction: TO_CLIENT }',
        'rng, { opcode, id, round: opcode === OPCODE.desync ? 0 : round, direction: TO_CLIENT }',
      ),
    ],
    expect: 'O1',
  },
  {
    id: 'client-commits-on-send',
    bug: 'the client advances its own keys when it sends DATA',
    covers: ['client commits on send'],
    replacements: [
      swap('client-session', 'import { eraseReplaced,', 'import { evolve, eraseReplaced,'),
      swap(
        'client-session',
        '    this.#commit({ ...state, pending: data, deadline: now + this.#limits.responseMs })\n',
        '    const next = evolve(this.#crypto, state.keys, data, data, data)\n    this.#commit({ ...state, keys: { ...state.keys, c2s: next.c2s }, pending: data, deadline: now + this.#limits.responseMs })\n',
      ),
    ],
    expect: 'R1',
  },
  {
    id: 'client-round-on-send',
    bug: 'the client advances its round when it sends DATA',
    replacements: [
      swap(
        'client-session',
        'this.#commit({ ...state, pending: data,',
        'this.#commit({ ...state, round: state.round + 1, pending: data,',
      ),
      swap('client-state', 'round: state.round + 1, keys', "round: state.phase === 'INIT' ? 1 : state.round, keys"),
      swap(
        'client-state',
        'const { id, round, keys } = state\n',
        'const { id, keys } = state\n  const round = state.pending !== null && state.phase === "ACTIVE" ? state.round - 1 : state.round\n',
      ),
    ],
    expect: 'F1',
  },
  {
    id: 'commit-despite-failed-send',
    bug: 'the server commits although the answer was not handed over',
    covers: ['commit despite failed send'],
    replacements: [
      swap(
        'server',
        "      eraseReplaced(this.#crypto, next.keys, null)\n      this.#end(line, 'send-failed', null)\n      return false\n",
        '      this.#commit([[line, next]])\n      return false\n',
      ),
    ],
    expect: 'R3',
  },
  {
    id: 'failed-send-ignored',
    bug: 'the server goes on as before when an answer was not handed over',
    replacements: [
      swap('server', "      this.#end(line, 'send-failed', null)\n      return false\n", '      return false\n'),
    ],
    expect: 'R3',
  },
  {
    id: 'failed-send-supersedes',
    bug: 'the older session is superseded although the answer to the newer was not handed over',
    replacements: [
      swap(
        'server',
        "      eraseReplaced(this.#crypto, next.keys, null)\n      this.#end(line, 'send-failed', null)\n",
        "      eraseReplaced(this.#crypto, next.keys, null)\n      if (giving !== null) this.#end(giving, by, OPCODE.terminate)\n      this.#end(line, 'send-failed', null)\n",
      ),
    ],
    expect: 'I4',
  },
  {
    id: 'failed-send-retried',
    bug: 'the server sends its answer once more when the transport refused it',
    replacements: [
      swap('server', 'if (!line.port.send(answer)) {', 'if (!line.port.send(answer) && !line.port.send(answer)) {'),
    ],
    expect: 'R3',
  },
  {
    id: 'failed-send-announced',
    bug: 'the server sends TERMINATE on a connection that refused its answer',
    replacements: [
      swap('server', "this.#end(line, 'send-failed', null)", "this.#end(line, 'send-failed', OPCODE.terminate)"),
    ],
    expect: 'TWIN',
  },
  {
    id: 'client-failed-send-ignored',
    bug: 'a client waits for the answer to a DATA that was never handed over',
    replacements: [
      swap('client-session', '    if (!this.#port.send(data)) return this.#failed()\n', '    this.#port.send(data)\n'),
    ],
    expect: 'R3',
  },
  {
    id: 'client-failed-hello-ignored',
    bug: 'a client waits for the answer to a HELLO that was never handed over',
    replacements: [
      swap('client-session', 'if (!this.#port.send(hello)) {', 'this.#port.send(hello)\n    if (false) {'),
    ],
    expect: 'R3',
  },
  {
    id: 'commit-before-send',
    bug: 'the server commits before it hands over the answer, and sends the error under the new keys',
    replacements: [
      swap(
        'server',
        '    if (!line.port.send(answer)) {\n',
        '    this.#commit([[line, next]])\n    if (!line.port.send(answer)) {\n',
      ),
      swap(
        'server',
        "      eraseReplaced(this.#crypto, next.keys, null)\n      this.#end(line, 'send-failed', null)",
        "      this.#end(line, 'send-failed', OPCODE.terminate)",
      ),
    ],
    expect: 'O3',
  },
]
