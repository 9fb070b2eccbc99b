/** Mutants of the reaction to a bad frame, which must not tell its cause (PROTOCOL §6). */
import { type Mutant, mutant } from './mutant.ts'

const REJECT = "    line.port.report({ kind: 'rejected', frame, reason })\n"

export const uniformity: readonly Mutant[] = [
  mutant('error-tells-cause', 'O1', 'KEY_DESYNC_ERROR says why the frame was rejected', {
    server: [
      [
        REJECT,
        `${REJECT}    if (line.state.phase === 'ACTIVE' && errorFor(frame, reason) === OPCODE.desync) {\n      line.port.send(seal(this.#crypto, line.state.keys.s2c, line.rng, { opcode: OPCODE.desync, id: line.state.id, round: line.state.round, direction: 2 }, new TextEncoder().encode(reason)))\n      this.#end(line, 'rejected-frame', null)\n      return\n    }\n`,
      ],
      [
        "import { encodeText } from './payload.ts'\n",
        "import { encodeText } from './payload.ts'\nimport { seal } from './primitives.ts'\n",
      ],
    ],
    covers: ['error frame tells the cause'],
  }),
  mutant('padding-oracle', 'O1', 'bad padding is answered with TERMINATE instead of KEY_DESYNC_ERROR', {
    'server-session': [
      "if (reason === 'superseded') return",
      "if (reason === 'superseded' || reason === 'bad-padding') return",
    ],
    covers: ['error frame tells the cause'],
  }),
  mutant('bad-tag-silent', 'O1', 'a frame whose tag fails is met with silence, other bad frames are answered', {
    'server-session': [
      'return silent ? null : OPCODE.desync',
      "return silent || reason === 'bad-tag' ? null : OPCODE.desync",
    ],
    covers: ['error frame tells the cause'],
  }),
  mutant('malformed-silent', 'O1', 'an illegal length prefix is met with silence', {
    'server-session': [
      'return silent ? null : OPCODE.desync',
      'return silent || frame === null ? null : OPCODE.desync',
    ],
  }),
  mutant('error-twice', 'O1', 'a bad frame is answered twice', {
    server: [
      REJECT,
      `${REJECT}    if (line.state.phase === 'ACTIVE' && errorFor(frame, reason) !== null) line.port.send(sealControl(this.#crypto, line.rng, line.state, OPCODE.desync))\n`,
    ],
  }),
  mutant('error-for-hello', 'O2', 'a HELLO that fails is answered with an error frame in the clear', {
    server: [
      REJECT,
      `${REJECT}    if (line.state.phase === 'INIT') line.port.send(new Uint8Array(71).fill(OPCODE.desync, 0, 1))\n`,
    ],
    covers: ['error frame for a failing HELLO'],
  }),
  mutant('error-for-known-id', 'O2', 'a failing HELLO is answered if the id in it is known, under the initial keys', {
    server: [
      [
        REJECT,
        `${REJECT}    const master = this.#keyring.get(frame?.[1] ?? 0)\n    if (line.state.phase === 'INIT' && master) line.port.send(sealControl(this.#crypto, line.rng, { id: frame![1]!, round: 0, keys: initialKeys(this.#crypto, master) } as Active, OPCODE.desync))\n`,
      ],
      ['import { eraseReplaced, type Mode } from', 'import { eraseReplaced, initialKeys, type Mode } from'],
    ],
    covers: ['error frame for a failing HELLO'],
  }),
  mutant(
    'own-error-under-next-keys',
    'O3',
    'TERMINATE to a session that times out is sealed under the keys of a later round',
    {
      server: [
        [
          "this.#end(line, 'timeout', OPCODE.terminate)",
          "{\n        const s = line.state\n        if (s.phase === 'ACTIVE') line.port.send(sealControl(this.#crypto, line.rng, { ...s, keys: evolve(this.#crypto, s.keys, new Uint8Array(71), new Uint8Array(1), new Uint8Array(1)) }, OPCODE.terminate))\n        this.#end(line, 'timeout', null)\n      }",
        ],
        ['import { eraseReplaced, type Mode } from', 'import { eraseReplaced, evolve, type Mode } from'],
      ],
    },
  ),
  mutant(
    'superseded-under-keys-of-newcomer',
    'R5',
    'TERMINATE to a session that is superseded is sealed under the keys of the session that supersedes it',
    {
      server: [
        'sealControl(this.#crypto, giving.rng, giving.state, OPCODE.terminate)',
        "sealControl(this.#crypto, giving.rng, line.state.phase === 'ACTIVE' ? { ...giving.state, keys: line.state.keys } : giving.state, OPCODE.terminate)",
      ],
    },
  ),
]
