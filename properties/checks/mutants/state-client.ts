/** Mutants of the state machine at the client (PROTOCOL §2, §5, §6). */
import { type Mutant, swap } from './mutant.ts'

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
  {
    id: 'any-opcode-is-response',
    bug: 'whatever is no control frame is taken as the response',
    covers: ['any opcode taken as RESPONSE'],
    replacements: [
      swap('client-state', '? control : [OPCODE.aggregate, ...control]', '? control : Object.values(OPCODE)'),
      swap(
        'client-state',
        'switch (header.opcode as ',
        "switch ((state.phase === 'ACTIVE' && header.opcode < OPCODE.desync ? OPCODE.aggregate : header.opcode) as ",
      ),
    ],
    expect: 'S1',
  },
  {
    id: 'any-opcode-is-challenge',
    bug: 'whatever arrives first is taken as the CHALLENGE',
    replacements: [
      swap(
        'client-state',
        'pending === null ? [] : [OPCODE.challenge]',
        'pending === null ? [] : Object.values(OPCODE)',
      ),
      swap(
        'client-state',
        'switch (header.opcode as ',
        "switch ((state.phase === 'INIT' ? OPCODE.challenge : header.opcode) as ",
      ),
    ],
    expect: 'S1',
  },
  {
    id: 'control-in-init',
    bug: 'a client obeys KEY_DESYNC_ERROR and TERMINATE before it has a session',
    replacements: [
      swap(
        'client-state',
        'pending === null ? [] : [OPCODE.challenge]',
        'pending === null ? [] : [OPCODE.challenge, OPCODE.desync, OPCODE.terminate]',
      ),
    ],
    expect: 'S1',
  },
  {
    id: 'second-challenge',
    bug: 'a second CHALLENGE is accepted while a response is awaited, without effect',
    replacements: [
      swap(
        'client-state',
        '? control : [OPCODE.aggregate, ...control]',
        '? control : [OPCODE.aggregate, OPCODE.challenge, ...control]',
      ),
      swap(
        'client-state',
        'if (text === null) return',
        "if (state.phase === 'ACTIVE' && text !== null) return { kind: 'accepted', content: { kind: 'challenge', text }, next: state }\n      if (text === null) return",
      ),
    ],
    expect: 'S1',
  },
  {
    id: 'unasked-response',
    bug: 'a client accepts a response without having asked',
    replacements: [
      swap('client-state', 'pending === null || round === MAX_ROUND ? control', 'round === MAX_ROUND ? control'),
      swap('client-state', 'evolve(c, keys, state.pending!, data', 'evolve(c, keys, state.pending ?? frame, data'),
    ],
    expect: 'S7',
  },
  {
    id: 'unknown-opcode-ignored-at-client',
    bug: 'a client ignores a frame with an unknown opcode',
    covers: ['unknown opcode ignored'],
    replacements: [rejecting("if (reason === 'unknown-opcode') return")],
    expect: 'S4',
  },
  {
    id: 'direction-unchecked-at-client',
    bug: 'a client does not check the direction',
    covers: ['direction unchecked (client)'],
    replacements: [check('id', 'frame[6]', 'round')],
    expect: 'S2',
  },
  {
    id: 'id-unchecked-at-client',
    bug: 'a client does not check the id',
    covers: ['id unchecked (client)'],
    replacements: [check('frame[1]', 'TO_CLIENT', 'round')],
    expect: 'S2',
  },
  {
    id: 'round-unchecked-at-client',
    bug: 'a client does not check the round',
    covers: ['round unchecked (client)'],
    replacements: [check('id', 'TO_CLIENT', ROUND_OF_FRAME)],
    expect: 'S2',
  },
  {
    id: 'terminate-any-round-at-client',
    bug: 'a client obeys a TERMINATE of any round',
    covers: ['TERMINATE with any round'],
    replacements: [check('id', 'TO_CLIENT', `frame[0] === OPCODE.terminate ? ${ROUND_OF_FRAME} : round`)],
    expect: 'S2',
  },
  {
    id: 'bad-tag-dropped-at-client',
    bug: 'a client drops a frame whose tag fails, and goes on',
    covers: ['tag failure only dropped'],
    replacements: [rejecting("if (reason === 'bad-tag') return")],
    expect: 'S4',
  },
  {
    id: 'bad-padding-dropped-at-client',
    bug: 'a client drops a frame whose padding fails, and goes on',
    covers: ['padding failure only dropped'],
    replacements: [rejecting("if (reason === 'bad-padding') return")],
    expect: 'S4',
  },
  {
    id: 'malformed-dropped-at-client',
    bug: 'a client drops a malformed frame, and goes on',
    replacements: [rejecting("if (reason === 'malformed') return")],
    expect: 'S4',
  },
  {
    id: 'out-of-phase-dropped-at-client',
    bug: 'a client drops a frame that it did not wait for, and goes on',
    replacements: [rejecting("if (reason === 'out-of-phase') return")],
    expect: 'S4',
  },
  {
    id: 'client-answers-bad-frame',
    bug: 'a client answers a bad frame with TERMINATE',
    replacements: [
      rejecting(
        "if (this.#state.phase === 'ACTIVE') this.#port.send(this.#seal(this.#state, OPCODE.terminate, payload.CONTROL))",
      ),
    ],
    expect: 'O1',
  },
  {
    id: 'client-answers-terminate',
    bug: 'a client answers a valid TERMINATE with one of its own',
    replacements: [
      swap(
        'client-session',
        COMMIT,
        `    if (read.next.phase === 'TERMINATED') this.#port.send(this.#seal(state, OPCODE.terminate, payload.CONTROL))\n${COMMIT}`,
      ),
    ],
    expect: 'S5',
  },
  {
    id: 'control-unverified-at-client',
    bug: 'a client obeys KEY_DESYNC_ERROR and TERMINATE without looking at the tag',
    covers: ['50/60 obeyed unverified (client)'],
    replacements: [
      swap(
        'client-state',
        OPEN,
        'const plaintext = header.opcode >= OPCODE.desync ? payload.CONTROL : open(c, keys.s2c, frame)',
      ),
    ],
    expect: 'S5',
  },
  {
    id: 'desync-unverified-at-client',
    bug: 'a client obeys a KEY_DESYNC_ERROR without looking at the tag',
    covers: ['50/60 obeyed unverified (client)'],
    replacements: [
      swap(
        'client-state',
        OPEN,
        'const plaintext = header.opcode === OPCODE.desync ? payload.CONTROL : open(c, keys.s2c, frame)',
      ),
    ],
    expect: 'S5',
  },
  {
    id: 'desync-resets-keys',
    bug: 'a KEY_DESYNC_ERROR resets the keys of a client to the initial ones, and the session goes on',
    covers: ['50 resets keys'],
    replacements: [
      remembered,
      swap(
        'client-session',
        COMMIT,
        "    if (read.content.kind === 'desync') {\n      this.#commit({ ...state, keys: initialKeys(this.#crypto, this.master), pending: null, deadline: null })\n      this.#port.report({ kind: 'accepted', frame, content: read.content })\n      return null\n    }\n" +
          COMMIT,
      ),
    ],
    expect: 'R1',
  },
  {
    id: 'desync-restarts-handshake',
    bug: 'a client begins a new handshake on the same connection after a KEY_DESYNC_ERROR',
    covers: ['client re-handshakes on 50'],
    replacements: [
      remembered,
      swap(
        'client-session',
        COMMIT,
        "    if (read.content.kind === 'desync') {\n      this.#port.report({ kind: 'accepted', frame, content: read.content })\n      this.#commit({ id: state.id, phase: 'INIT', round: 0, keys: initialKeys(this.#crypto, this.master), pending: null, deadline: null })\n      this.start(0)\n      return null\n    }\n" +
          COMMIT,
      ),
    ],
    expect: 'KAT',
  },
  {
    id: 'desync-ignored',
    bug: 'a client accepts a KEY_DESYNC_ERROR, and its session goes on',
    replacements: [swap('client-state', PEER, "next: kind === 'desync' ? state : terminated(state) }")],
    expect: 'S4',
  },
  {
    id: 'terminate-ignored-at-client',
    bug: 'a client accepts a TERMINATE, and its session goes on',
    replacements: [swap('client-state', PEER, "next: kind === 'terminate' ? state : terminated(state) }")],
    expect: 'S4',
  },
  {
    id: 'last-round-left-at-client',
    bug: 'a client accepts a response in round 0xFFFFFFFF',
    covers: ['round wraps'],
    replacements: [
      swap('client-state', 'pending === null || round === MAX_ROUND ? control', 'pending === null ? control'),
    ],
    expect: 'S6',
  },
  {
    id: 'round-plus-two-at-client',
    bug: 'the client skips every other round',
    covers: ['round +2'],
    replacements: [
      swap(
        'client-state',
        'round: state.round + 1, keys',
        "round: state.round + (state.phase === 'ACTIVE' ? 2 : 1), keys",
      ),
    ],
    expect: 'S6',
  },
  {
    id: 'second-data',
    bug: 'a client sends a second DATA while a response is awaited',
    covers: ['second DATA in a round'],
    replacements: [
      swap('client-session', "    if (state.pending !== null) return { kind: 'refused', why: 'outstanding' }\n", ''),
    ],
    expect: 'S7',
  },
  {
    id: 'data-before-challenge',
    bug: 'a client sends DATA before the CHALLENGE has come',
    replacements: [
      swap(
        'client-session',
        "if (state.phase !== 'ACTIVE') return { kind: 'refused', why: 'not-ready' }",
        "if (state.phase === 'TERMINATED') return { kind: 'refused', why: 'not-ready' }",
      ),
      swap(
        'client-session',
        "    if (state.pending !== null) return { kind: 'refused', why: 'outstanding' }\n",
        "    if (state.phase === 'ACTIVE' && state.pending !== null) return { kind: 'refused', why: 'outstanding' }\n",
      ),
    ],
    expect: 'S7',
  },
  {
    id: 'finish-while-waiting',
    bug: 'a client that waits for a response ends with TERMINATE instead of closing',
    replacements: [
      swap(
        'client-session',
        "if (state.phase === 'ACTIVE' && state.pending === null)",
        "if (state.phase === 'ACTIVE')",
      ),
    ],
    expect: 'TWIN',
  },
  {
    id: 'finish-without-terminate',
    bug: 'a client ends without TERMINATE although no request is outstanding',
    replacements: [
      swap(
        'client-session',
        "if (state.phase === 'ACTIVE' && state.pending === null)",
        "if (state.phase === 'TERMINATED')",
      ),
    ],
    expect: 'TWIN',
  },
  {
    id: 'after-fatal-at-client',
    bug: 'frames after a fatal one in the same chunk are still processed by the client',
    covers: ['frames after a fatal one still processed'],
    replacements: [
      swap(
        'client-session',
        "      if (state.phase === 'TERMINATED') return false\n",
        "      if (state.phase === 'TERMINATED') {\n        this.#port.report({ kind: 'rejected', frame, reason: 'out-of-phase' })\n        return true\n      }\n",
      ),
      swap('client-session', "      return this.#state.phase !== 'TERMINATED'\n", '      return true\n'),
    ],
    expect: 'S3',
  },
]
