/** Mutants of the state machine at the server (PROTOCOL §2, §6). */
import { type Mutant, swap } from './mutant.ts'

const LATER = 'checkHeader(frame, { id, direction: TO_SERVER, round, legal: [OPCODE.data, OPCODE.terminate] })'
const later = (id: string, direction: string, round: string, legal = '[OPCODE.data, OPCODE.terminate]') =>
  swap(
    'server-session',
    LATER,
    `checkHeader(frame, { id: ${id}, direction: ${direction}, round: ${round}, legal: ${legal} })`,
  )
const ROUND_OF_FRAME = '(((frame[2] << 24) | (frame[3] << 16) | (frame[4] << 8) | frame[5]) >>> 0)'
const REJECT = "    line.port.report({ kind: 'rejected', frame, reason })\n"
const rejecting = (before: string) => swap('server', REJECT, `${REJECT}    ${before}\n`)

export const stateServer: readonly Mutant[] = [
  {
    id: 'data-in-init',
    bug: 'a DATA is taken as the HELLO of a session',
    covers: ['DATA in INIT'],
    replacements: [swap('server-session', 'legal: [OPCODE.hello] }', 'legal: [OPCODE.hello, OPCODE.data] }')],
    expect: 'S1',
  },
  {
    id: 'any-opcode-in-init',
    bug: 'the first frame may have any opcode',
    replacements: [swap('server-session', 'legal: [OPCODE.hello] }', 'legal: Object.values(OPCODE) }')],
    expect: 'S1',
  },
  {
    id: 'hello-in-active',
    bug: 'a HELLO on a connection that has a session starts a new session there',
    covers: ['HELLO in ACTIVE'],
    replacements: [
      swap(
        'server',
        "if (state.phase !== 'ACTIVE') return this.#takeFirst(line, frame, now)",
        "if (state.phase !== 'ACTIVE' || frame[0] === OPCODE.hello) return this.#takeFirst(line, frame, now)",
      ),
    ],
    expect: 'S1',
  },
  {
    id: 'any-opcode-is-data',
    bug: 'whatever is no TERMINATE is taken as DATA',
    covers: ['any opcode taken as DATA'],
    replacements: [later('id', 'TO_SERVER', 'round', 'Object.values(OPCODE)')],
    expect: 'S1',
  },
  {
    id: 'response-is-data',
    bug: 'an AGGR_RESPONSE is taken as DATA',
    replacements: [later('id', 'TO_SERVER', 'round', '[OPCODE.data, OPCODE.aggregate, OPCODE.terminate]')],
    expect: 'S1',
  },
  {
    id: 'desync-at-server',
    bug: 'the server obeys a KEY_DESYNC_ERROR as if it were a TERMINATE',
    replacements: [
      later('id', 'TO_SERVER', 'round', '[OPCODE.data, OPCODE.desync, OPCODE.terminate]'),
      swap(
        'server-session',
        '  if (header.opcode === OPCODE.terminate)\n',
        '  if (header.opcode === OPCODE.terminate || header.opcode === OPCODE.desync)\n',
      ),
    ],
    expect: 'S1',
  },
  {
    id: 'unknown-opcode-ignored',
    bug: 'the server ignores a frame with an unknown opcode',
    covers: ['unknown opcode ignored'],
    replacements: [rejecting("if (reason === 'unknown-opcode') return")],
    expect: 'S4',
  },
  {
    id: 'unknown-opcode-accepted',
    bug: 'opcodes that do not exist pass the header checks and are taken as DATA',
    replacements: [
      swap('checks', "  if (!KNOWN.includes(header.opcode)) return 'unknown-opcode'\n", ''),
      swap(
        'checks',
        'if (!expected.legal.includes(header.opcode))',
        'if (KNOWN.includes(header.opcode) && !expected.legal.includes(header.opcode))',
      ),
    ],
    expect: 'S1',
  },
  {
    id: 'direction-unchecked',
    bug: 'a frame of the wrong direction is processed',
    covers: ['direction unchecked (server)', 'direction unchecked (client)'],
    replacements: [swap('checks', "  if (header.direction !== expected.direction) return 'wrong-direction'\n", '')],
    expect: 'S2',
  },
  {
    id: 'direction-unchecked-at-server',
    bug: 'the server does not check the direction of a frame of a session',
    covers: ['direction unchecked (server)'],
    replacements: [later('id', 'frame[6]', 'round')],
    expect: 'S2',
  },
  {
    id: 'direction-unchecked-of-hello',
    bug: 'the server does not check the direction of a HELLO',
    replacements: [
      swap('server-session', 'direction: TO_SERVER, round: 0, legal', 'direction: frame[6], round: 0, legal'),
    ],
    expect: 'S2',
  },
  {
    id: 'id-unchecked-at-server',
    bug: 'the server does not compare the id of a frame with that of its session',
    covers: ['id unchecked (server)'],
    replacements: [later('frame[1]', 'TO_SERVER', 'round')],
    expect: 'S2',
  },
  {
    id: 'round-unchecked-at-server',
    bug: 'the server does not check the round of a frame of a session',
    covers: ['round unchecked (server)'],
    replacements: [later('id', 'TO_SERVER', ROUND_OF_FRAME)],
    expect: 'S2',
  },
  {
    id: 'round-unchecked-of-hello',
    bug: 'the server does not check the round of a HELLO',
    replacements: [
      swap(
        'server-session',
        'direction: TO_SERVER, round: 0, legal',
        `direction: TO_SERVER, round: ${ROUND_OF_FRAME}, legal`,
      ),
    ],
    expect: 'S2',
  },
  {
    id: 'stale-round-accepted',
    bug: 'a round up to the expected one is accepted',
    covers: ['round <= expected accepted'],
    replacements: [swap('checks', "  if (header.round < expected.round) return 'stale-round'\n", '')],
    expect: 'S2',
  },
  {
    id: 'future-round-accepted',
    bug: 'a round from the expected one on is accepted',
    replacements: [swap('checks', "  if (header.round > expected.round) return 'future-round'\n", '')],
    expect: 'S2',
  },
  {
    id: 'next-round-accepted',
    bug: 'the round after the expected one is accepted too',
    replacements: [swap('checks', 'header.round > expected.round', 'header.round > expected.round + 1')],
    expect: 'S2',
  },
  {
    id: 'previous-round-accepted',
    bug: 'the round before the expected one is accepted too',
    replacements: [swap('checks', 'header.round < expected.round', 'header.round < expected.round - 1')],
    expect: 'S2',
  },
  {
    id: 'round-compared-mod-256',
    bug: 'only the last byte of the round is compared',
    replacements: [
      swap('checks', 'header.round < expected.round', '(header.round & 0xff) < (expected.round & 0xff)'),
      swap('checks', 'header.round > expected.round', '(header.round & 0xff) > (expected.round & 0xff)'),
    ],
    expect: 'S2',
  },
  {
    id: 'terminate-any-round-at-server',
    bug: 'the server obeys a TERMINATE of any round',
    covers: ['TERMINATE with any round'],
    replacements: [later('id', 'TO_SERVER', `frame[0] === OPCODE.terminate ? ${ROUND_OF_FRAME} : round`)],
    expect: 'S2',
  },
  {
    id: 'after-fatal-at-server',
    bug: 'frames after a fatal one in the same chunk are still processed by the server',
    covers: ['frames after a fatal one still processed'],
    replacements: [swap('server', "      return line.state.phase !== 'TERMINATED'\n", '      return true\n')],
    expect: 'S3',
  },
  {
    id: 'after-bad-prefix',
    bug: 'what follows an illegal length prefix in the same chunk is still processed',
    covers: ['frames after a fatal one still processed'],
    replacements: [
      swap('frame', 'if (!take(null)) return', 'take(null)'),
      swap('client-session', "      if (state.phase === 'TERMINATED') return false\n", ''),
    ],
    expect: 'S3',
  },
  {
    id: 'after-end-later-chunk',
    bug: 'a connection that ended still processes what arrives later',
    replacements: [
      swap('server', 'connection instanceof Line && this.#lines.has(connection) ? connection : null', 'connection'),
    ],
    expect: 'S3',
  },
  {
    id: 'bad-tag-dropped-at-server',
    bug: 'the server drops a frame whose tag fails, and the session goes on',
    covers: ['tag failure only dropped'],
    replacements: [rejecting("if (reason === 'bad-tag') return")],
    expect: 'S4',
  },
  {
    id: 'bad-padding-dropped-at-server',
    bug: 'the server drops a frame whose padding fails, and the session goes on',
    covers: ['padding failure only dropped'],
    replacements: [rejecting("if (reason === 'bad-padding') return")],
    expect: 'S4',
  },
  {
    id: 'stale-round-dropped-at-server',
    bug: 'the server drops a frame of an earlier round, and the session goes on',
    replacements: [rejecting("if (reason === 'stale-round') return")],
    expect: 'S4',
  },
  {
    id: 'bad-payload-dropped-at-server',
    bug: 'the server drops a DATA whose values are not valid, and the session goes on',
    replacements: [rejecting("if (reason === 'bad-payload') return")],
    expect: 'S4',
  },
  {
    id: 'superseded-dropped',
    bug: 'a session that is too old to be confirmed stays ACTIVE',
    replacements: [rejecting("if (reason === 'superseded') return")],
    expect: 'S4',
  },
  {
    id: 'terminate-unverified-at-server',
    bug: 'the server obeys a TERMINATE without looking at its tag',
    covers: ['50/60 obeyed unverified (server)'],
    replacements: [
      swap(
        'server-session',
        '  const plaintext = open(c, keys.c2s, frame)\n',
        "  if (header.opcode === OPCODE.terminate) return { kind: 'terminate' }\n  const plaintext = open(c, keys.c2s, frame)\n",
      ),
    ],
    expect: 'S5',
  },
  {
    id: 'terminate-answered',
    bug: 'the server answers a valid TERMINATE with one of its own',
    replacements: [
      swap(
        'server',
        "        this.#commit([[line, terminated(state)]])\n        line.port.report({ kind: 'accepted', frame, content: { kind: 'terminate' } })\n",
        "        line.port.send(sealControl(this.#crypto, line.rng, state, OPCODE.terminate))\n        this.#commit([[line, terminated(state)]])\n        line.port.report({ kind: 'accepted', frame, content: { kind: 'terminate' } })\n",
      ),
    ],
    expect: 'S5',
  },
  {
    id: 'control-answered',
    bug: 'the server answers a bad frame that begins with 50 or 60 as any other',
    replacements: [swap('server-session', 'return silent ? null : OPCODE.desync', 'return OPCODE.desync')],
    expect: 'S5',
  },
  {
    id: 'desync-answered',
    bug: 'the server answers a bad frame that begins with 50, but not with 60',
    replacements: [
      swap(
        'server-session',
        '(frame[0] === OPCODE.desync || frame[0] === OPCODE.terminate)',
        '(frame[0] === OPCODE.terminate)',
      ),
    ],
    expect: 'S5',
  },
  {
    id: 'error-not-sent',
    bug: 'the server closes without a KEY_DESYNC_ERROR',
    replacements: [swap('server-session', 'return silent ? null : OPCODE.desync', 'return null')],
    expect: 'O1',
  },
  {
    id: 'round-wraps',
    bug: 'the round wraps to 0 after the last one, on both sides',
    covers: ['round wraps'],
    replacements: [
      swap('server', 'if (round === MAX_ROUND) {', 'if (round > MAX_ROUND) {'),
      swap('server-session', '      round: round + 1,', '      round: (round + 1) >>> 0,'),
      swap('client-state', 'pending === null || round === MAX_ROUND ? control', 'pending === null ? control'),
      swap('client-state', 'round: state.round + 1, keys', 'round: (state.round + 1) >>> 0, keys'),
    ],
    expect: 'S6',
  },
  {
    id: 'last-round-left-at-server',
    bug: 'the server answers a DATA in round 0xFFFFFFFF and goes on',
    covers: ['round wraps'],
    replacements: [swap('server', 'if (round === MAX_ROUND) {', 'if (round > MAX_ROUND) {')],
    expect: 'S6',
  },
  {
    id: 'last-round-early',
    bug: 'a session ends one round too early',
    replacements: [swap('server', 'if (round === MAX_ROUND) {', 'if (round >= MAX_ROUND - 1) {')],
    expect: 'L1',
  },
  {
    id: 'last-round-desync',
    bug: 'a DATA in round 0xFFFFFFFF is answered with KEY_DESYNC_ERROR instead of TERMINATE',
    replacements: [
      swap(
        'server',
        "this.#end(line, 'rounds-exhausted', OPCODE.terminate)",
        "this.#end(line, 'rounds-exhausted', OPCODE.desync)",
      ),
    ],
    expect: 'TWIN',
  },
  {
    id: 'round-plus-two-at-server',
    bug: 'the server skips every other round',
    covers: ['round +2'],
    replacements: [swap('server-session', '      round: round + 1,', '      round: round + 2,')],
    expect: 'S6',
  },
  {
    id: 'challenge-in-round-one',
    bug: 'a session enters ACTIVE in round 0',
    replacements: [
      swap(
        'server-session',
        "next: { phase: 'ACTIVE', id, round: 1, keys",
        "next: { phase: 'ACTIVE', id, round: 0, keys",
      ),
    ],
    expect: 'KAT',
  },
]
