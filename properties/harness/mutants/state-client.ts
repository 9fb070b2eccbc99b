/** Mutants of the state machine at the client (PROTOCOL §2, §5, §6). */
import { type Mutant, mutant, swap } from './mutant.ts'

const CHECK = 'checkHeader(frame, { id, direction: TO_CLIENT, round, legal: legalAt(state) })'
const check = (id: string, direction: string, round: string) =>
  swap(
    'client-state',
    CHECK,
    `checkHeader(frame, { id: ${id}, direction: ${direction}, round: ${round}, legal: legalAt(state) })`,
  )
const ROUND_OF_FRAME = '(((frame[2] << 24) | (frame[3] << 16) | (frame[4] << 8) | frame[5]) >>> 0)'
const REJECT = "    this.#port.report({ kind: 'rejected', frame, reason })\n"
const rejecting = (before: string) => swap('client-session', REJECT, `${REJECT}    ${before}\n`)
const OPEN = 'const plaintext = open(c, keys.s2c, frame)'
const COMMIT = '    this.#commit(read.next)\n'
const PEER = 'next: terminated(state) }'
/** Remembers the master key, which the client otherwise forgets. */
const remembered = swap(
  'client-session',
  '    checkMaster(id, masterKey)\n',
  '    checkMaster(id, masterKey)\n    this.master = masterKey.slice()\n',
)

export const stateClient: readonly Mutant[] = [
  mutant('any-opcode-is-response', 'S1', 'whatever is no control frame is taken as the response', {
    'client-state': [
      ['? control : [OPCODE.aggregate, ...control]', '? control : Object.values(OPCODE)'],
      [
        'switch (header.opcode as ',
        "switch ((state.phase === 'ACTIVE' && header.opcode < OPCODE.desync ? OPCODE.aggregate : header.opcode) as ",
      ],
    ],
    covers: ['any opcode taken as RESPONSE'],
  }),
  mutant('any-opcode-is-challenge', 'S1', 'whatever arrives first is taken as the CHALLENGE', {
    'client-state': [
      ['pending === null ? [] : [OPCODE.challenge]', 'pending === null ? [] : Object.values(OPCODE)'],
      ['switch (header.opcode as ', "switch ((state.phase === 'INIT' ? OPCODE.challenge : header.opcode) as "],
    ],
  }),
  mutant('control-in-init', 'S1', 'a client obeys KEY_DESYNC_ERROR and TERMINATE before it has a session', {
    'client-state': [
      'pending === null ? [] : [OPCODE.challenge]',
      'pending === null ? [] : [OPCODE.challenge, OPCODE.desync, OPCODE.terminate]',
    ],
  }),
  mutant('second-challenge', 'S1', 'a second CHALLENGE is accepted while a response is awaited, without effect', {
    'client-state': [
      ['? control : [OPCODE.aggregate, ...control]', '? control : [OPCODE.aggregate, OPCODE.challenge, ...control]'],
      [
        'if (text === null) return',
        "if (state.phase === 'ACTIVE' && text !== null) return { kind: 'accepted', content: { kind: 'challenge', text }, next: state }\n      if (text === null) return",
      ],
    ],
  }),
  mutant('unasked-response', 'S7', 'a client accepts a response without having asked', {
    'client-state': [
      ['pending === null || round === MAX_ROUND ? control', 'round === MAX_ROUND ? control'],
      ['evolve(c, keys, state.pending!, data', 'evolve(c, keys, state.pending ?? frame, data'],
    ],
  }),
  mutant('unknown-opcode-ignored-at-client', 'S4', 'a client ignores a frame with an unknown opcode', {
    by: [rejecting("if (reason === 'unknown-opcode') return")],
    covers: ['unknown opcode ignored'],
  }),
  mutant('direction-unchecked-at-client', 'S2', 'a client does not check the direction', {
    by: [check('id', 'frame[6]', 'round')],
    covers: ['direction unchecked (client)'],
  }),
  mutant('id-unchecked-at-client', 'S2', 'a client does not check the id', {
    by: [check('frame[1]', 'TO_CLIENT', 'round')],
    covers: ['id unchecked (client)'],
  }),
  mutant('round-unchecked-at-client', 'S2', 'a client does not check the round', {
    by: [check('id', 'TO_CLIENT', ROUND_OF_FRAME)],
    covers: ['round unchecked (client)'],
  }),
  mutant('terminate-any-round-at-client', 'S2', 'a client obeys a TERMINATE of any round', {
    by: [check('id', 'TO_CLIENT', `frame[0] === OPCODE.terminate ? ${ROUND_OF_FRAME} : round`)],
    covers: ['TERMINATE with any round'],
  }),
  mutant('bad-tag-dropped-at-client', 'S4', 'a client drops a frame whose tag fails, and goes on', {
    by: [rejecting("if (reason === 'bad-tag') return")],
    covers: ['tag failure only dropped'],
  }),
  mutant('bad-padding-dropped-at-client', 'S4', 'a client drops a frame whose padding fails, and goes on', {
    by: [rejecting("if (reason === 'bad-padding') return")],
    covers: ['padding failure only dropped'],
  }),
  mutant('malformed-dropped-at-client', 'S4', 'a client drops a malformed frame, and goes on', {
    by: [rejecting("if (reason === 'malformed') return")],
  }),
  mutant('out-of-phase-dropped-at-client', 'S4', 'a client drops a frame that it did not wait for, and goes on', {
    by: [rejecting("if (reason === 'out-of-phase') return")],
  }),
  mutant('client-answers-bad-frame', 'O1', 'a client answers a bad frame with TERMINATE', {
    by: [
      rejecting(
        "if (this.#state.phase === 'ACTIVE') this.#port.send(this.#seal(this.#state, OPCODE.terminate, payload.CONTROL))",
      ),
    ],
  }),
  mutant('client-answers-terminate', 'S5', 'a client answers a valid TERMINATE with one of its own', {
    'client-session': [
      COMMIT,
      `    if (read.next.phase === 'TERMINATED') this.#port.send(this.#seal(state, OPCODE.terminate, payload.CONTROL))\n${COMMIT}`,
    ],
  }),
  mutant(
    'control-unverified-at-client',
    'S5',
    'a client obeys KEY_DESYNC_ERROR and TERMINATE without looking at the tag',
    {
      'client-state': [
        OPEN,
        'const plaintext = header.opcode >= OPCODE.desync ? payload.CONTROL : open(c, keys.s2c, frame)',
      ],
      covers: ['50/60 obeyed unverified (client)'],
    },
  ),
  mutant('desync-unverified-at-client', 'S5', 'a client obeys a KEY_DESYNC_ERROR without looking at the tag', {
    'client-state': [
      OPEN,
      'const plaintext = header.opcode === OPCODE.desync ? payload.CONTROL : open(c, keys.s2c, frame)',
    ],
    covers: ['50/60 obeyed unverified (client)'],
  }),
  mutant(
    'desync-resets-keys',
    'R1',
    'a KEY_DESYNC_ERROR resets the keys of a client to the initial ones, and the session goes on',
    {
      by: [
        remembered,
        swap(
          'client-session',
          COMMIT,
          "    if (read.content.kind === 'desync') {\n      this.#commit({ ...state, keys: initialKeys(this.#crypto, this.master), pending: null, deadline: null })\n      this.#port.report({ kind: 'accepted', frame, content: read.content })\n      return null\n    }\n" +
            COMMIT,
        ),
      ],
      covers: ['50 resets keys'],
    },
  ),
  mutant(
    'desync-restarts-handshake',
    'KAT',
    'a client begins a new handshake on the same connection after a KEY_DESYNC_ERROR',
    {
      by: [
        remembered,
        swap(
          'client-session',
          COMMIT,
          "    if (read.content.kind === 'desync') {\n      this.#port.report({ kind: 'accepted', frame, content: read.content })\n      this.#commit({ id: state.id, phase: 'INIT', round: 0, keys: initialKeys(this.#crypto, this.master), pending: null, deadline: null })\n      this.start(0)\n      return null\n    }\n" +
            COMMIT,
        ),
      ],
      covers: ['client re-handshakes on 50'],
    },
  ),
  mutant('desync-ignored', 'S4', 'a client accepts a KEY_DESYNC_ERROR, and its session goes on', {
    'client-state': [PEER, "next: kind === 'desync' ? state : terminated(state) }"],
  }),
  mutant('terminate-ignored-at-client', 'S4', 'a client accepts a TERMINATE, and its session goes on', {
    'client-state': [PEER, "next: kind === 'terminate' ? state : terminated(state) }"],
  }),
  mutant('last-round-left-at-client', 'S6', 'a client accepts a response in round 0xFFFFFFFF', {
    'client-state': ['pending === null || round === MAX_ROUND ? control', 'pending === null ? control'],
    covers: ['round wraps'],
  }),
  mutant('round-plus-two-at-client', 'S6', 'the client skips every other round', {
    'client-state': ['round: state.round + 1, keys', "round: state.round + (state.phase === 'ACTIVE' ? 2 : 1), keys"],
    covers: ['round +2'],
  }),
  mutant('second-data', 'S7', 'a client sends a second DATA while a response is awaited', {
    'client-session': ["    if (state.pending !== null) return { kind: 'refused', why: 'outstanding' }\n", ''],
    covers: ['second DATA in a round'],
  }),
  mutant('data-before-challenge', 'S7', 'a client sends DATA before the CHALLENGE has come', {
    'client-session': [
      [
        "if (state.phase !== 'ACTIVE') return { kind: 'refused', why: 'not-ready' }",
        "if (state.phase === 'TERMINATED') return { kind: 'refused', why: 'not-ready' }",
      ],
      [
        "    if (state.pending !== null) return { kind: 'refused', why: 'outstanding' }\n",
        "    if (state.phase === 'ACTIVE' && state.pending !== null) return { kind: 'refused', why: 'outstanding' }\n",
      ],
    ],
  }),
  mutant('finish-while-waiting', 'TWIN', 'a client that waits for a response ends with TERMINATE instead of closing', {
    'client-session': ["if (state.phase === 'ACTIVE' && state.pending === null)", "if (state.phase === 'ACTIVE')"],
  }),
  mutant('finish-without-terminate', 'TWIN', 'a client ends without TERMINATE although no request is outstanding', {
    'client-session': ["if (state.phase === 'ACTIVE' && state.pending === null)", "if (state.phase === 'TERMINATED')"],
  }),
  mutant(
    'after-fatal-at-client',
    'S3',
    'frames after a fatal one in the same chunk are still processed by the client',
    {
      'client-session': [
        [
          "      if (state.phase === 'TERMINATED') return false\n",
          "      if (state.phase === 'TERMINATED') {\n        this.#port.report({ kind: 'rejected', frame, reason: 'out-of-phase' })\n        return true\n      }\n",
        ],
        ["      return this.#state.phase !== 'TERMINATED'\n", '      return true\n'],
      ],
      covers: ['frames after a fatal one still processed'],
    },
  ),
]
