/** Mutants of the state machine at the server (PROTOCOL §2, §6). */
import { type Mutant, mutant, swap } from './mutant.ts'

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
  mutant('data-in-init', 'S1', 'a DATA is taken as the HELLO of a session', {
    'server-session': ['legal: [OPCODE.hello] }', 'legal: [OPCODE.hello, OPCODE.data] }'],
    covers: ['DATA in INIT'],
  }),
  mutant('any-opcode-in-init', 'S1', 'the first frame may have any opcode', {
    'server-session': ['legal: [OPCODE.hello] }', 'legal: Object.values(OPCODE) }'],
  }),
  mutant('hello-in-active', 'S1', 'a HELLO on a connection that has a session starts a new session there', {
    server: [
      "if (state.phase !== 'ACTIVE') return this.#takeFirst(line, frame, now)",
      "if (state.phase !== 'ACTIVE' || frame[0] === OPCODE.hello) return this.#takeFirst(line, frame, now)",
    ],
    covers: ['HELLO in ACTIVE'],
  }),
  mutant('any-opcode-is-data', 'S1', 'whatever is no TERMINATE is taken as DATA', {
    by: [later('id', 'TO_SERVER', 'round', 'Object.values(OPCODE)')],
    covers: ['any opcode taken as DATA'],
  }),
  mutant('response-is-data', 'S1', 'an AGGR_RESPONSE is taken as DATA', {
    by: [later('id', 'TO_SERVER', 'round', '[OPCODE.data, OPCODE.aggregate, OPCODE.terminate]')],
  }),
  mutant('desync-at-server', 'S1', 'the server obeys a KEY_DESYNC_ERROR as if it were a TERMINATE', {
    by: [
      later('id', 'TO_SERVER', 'round', '[OPCODE.data, OPCODE.desync, OPCODE.terminate]'),
      swap(
        'server-session',
        '  if (header.opcode === OPCODE.terminate)\n',
        '  if (header.opcode === OPCODE.terminate || header.opcode === OPCODE.desync)\n',
      ),
    ],
  }),
  mutant('unknown-opcode-ignored', 'S4', 'the server ignores a frame with an unknown opcode', {
    by: [rejecting("if (reason === 'unknown-opcode') return")],
    covers: ['unknown opcode ignored'],
  }),
  mutant('unknown-opcode-accepted', 'S1', 'opcodes that do not exist pass the header checks and are taken as DATA', {
    checks: [
      ["  if (!KNOWN.includes(header.opcode)) return 'unknown-opcode'\n", ''],
      [
        'if (!expected.legal.includes(header.opcode))',
        'if (KNOWN.includes(header.opcode) && !expected.legal.includes(header.opcode))',
      ],
    ],
  }),
  mutant('direction-unchecked', 'S2', 'a frame of the wrong direction is processed', {
    checks: ["  if (header.direction !== expected.direction) return 'wrong-direction'\n", ''],
    covers: ['direction unchecked (server)', 'direction unchecked (client)'],
  }),
  mutant('direction-unchecked-at-server', 'S2', 'the server does not check the direction of a frame of a session', {
    by: [later('id', 'frame[6]', 'round')],
    covers: ['direction unchecked (server)'],
  }),
  mutant('direction-unchecked-of-hello', 'S2', 'the server does not check the direction of a HELLO', {
    'server-session': ['direction: TO_SERVER, round: 0, legal', 'direction: frame[6], round: 0, legal'],
  }),
  mutant('id-unchecked-at-server', 'S2', 'the server does not compare the id of a frame with that of its session', {
    by: [later('frame[1]', 'TO_SERVER', 'round')],
    covers: ['id unchecked (server)'],
  }),
  mutant('round-unchecked-at-server', 'S2', 'the server does not check the round of a frame of a session', {
    by: [later('id', 'TO_SERVER', ROUND_OF_FRAME)],
    covers: ['round unchecked (server)'],
  }),
  mutant('round-unchecked-of-hello', 'S2', 'the server does not check the round of a HELLO', {
    'server-session': [
      'direction: TO_SERVER, round: 0, legal',
      `direction: TO_SERVER, round: ${ROUND_OF_FRAME}, legal`,
    ],
  }),
  mutant('stale-round-accepted', 'S2', 'a round up to the expected one is accepted', {
    checks: ["  if (header.round < expected.round) return 'stale-round'\n", ''],
    covers: ['round <= expected accepted'],
  }),
  mutant('future-round-accepted', 'S2', 'a round from the expected one on is accepted', {
    checks: ["  if (header.round > expected.round) return 'future-round'\n", ''],
  }),
  mutant('next-round-accepted', 'S2', 'the round after the expected one is accepted too', {
    checks: ['header.round > expected.round', 'header.round > expected.round + 1'],
  }),
  mutant('previous-round-accepted', 'S2', 'the round before the expected one is accepted too', {
    checks: ['header.round < expected.round', 'header.round < expected.round - 1'],
  }),
  mutant('round-compared-mod-256', 'S2', 'only the last byte of the round is compared', {
    checks: [
      ['header.round < expected.round', '(header.round & 0xff) < (expected.round & 0xff)'],
      ['header.round > expected.round', '(header.round & 0xff) > (expected.round & 0xff)'],
    ],
  }),
  mutant('terminate-any-round-at-server', 'S2', 'the server obeys a TERMINATE of any round', {
    by: [later('id', 'TO_SERVER', `frame[0] === OPCODE.terminate ? ${ROUND_OF_FRAME} : round`)],
    covers: ['TERMINATE with any round'],
  }),
  mutant(
    'after-fatal-at-server',
    'S3',
    'frames after a fatal one in the same chunk are still processed by the server',
    {
      server: ["      return line.state.phase !== 'TERMINATED'\n", '      return true\n'],
      covers: ['frames after a fatal one still processed'],
    },
  ),
  mutant('after-bad-prefix', 'S3', 'what follows an illegal length prefix in the same chunk is still processed', {
    frame: ['if (!take(null)) return', 'take(null)'],
    'client-session': ["      if (state.phase === 'TERMINATED') return false\n", ''],
    covers: ['frames after a fatal one still processed'],
  }),
  mutant('after-end-later-chunk', 'S3', 'a connection that ended still processes what arrives later', {
    server: ['connection instanceof Line && this.#lines.has(connection) ? connection : null', 'connection'],
  }),
  mutant('bad-tag-dropped-at-server', 'S4', 'the server drops a frame whose tag fails, and the session goes on', {
    by: [rejecting("if (reason === 'bad-tag') return")],
    covers: ['tag failure only dropped'],
  }),
  mutant(
    'bad-padding-dropped-at-server',
    'S4',
    'the server drops a frame whose padding fails, and the session goes on',
    { by: [rejecting("if (reason === 'bad-padding') return")], covers: ['padding failure only dropped'] },
  ),
  mutant(
    'stale-round-dropped-at-server',
    'S4',
    'the server drops a frame of an earlier round, and the session goes on',
    { by: [rejecting("if (reason === 'stale-round') return")] },
  ),
  mutant(
    'bad-payload-dropped-at-server',
    'S4',
    'the server drops a DATA whose values are not valid, and the session goes on',
    { by: [rejecting("if (reason === 'bad-payload') return")] },
  ),
  mutant('superseded-dropped', 'S4', 'a session that is too old to be confirmed stays ACTIVE', {
    by: [rejecting("if (reason === 'superseded') return")],
  }),
  mutant('terminate-unverified-at-server', 'S5', 'the server obeys a TERMINATE without looking at its tag', {
    'server-session': [
      '  const plaintext = open(c, keys.c2s, frame)\n',
      "  if (header.opcode === OPCODE.terminate) return { kind: 'terminate' }\n  const plaintext = open(c, keys.c2s, frame)\n",
    ],
    covers: ['50/60 obeyed unverified (server)'],
  }),
  mutant('terminate-answered', 'S5', 'the server answers a valid TERMINATE with one of its own', {
    server: [
      "        this.#commit([[line, terminated(state)]])\n        line.port.report({ kind: 'accepted', frame, content: { kind: 'terminate' } })\n",
      "        line.port.send(sealControl(this.#crypto, line.rng, state, OPCODE.terminate))\n        this.#commit([[line, terminated(state)]])\n        line.port.report({ kind: 'accepted', frame, content: { kind: 'terminate' } })\n",
    ],
  }),
  mutant('control-answered', 'S5', 'the server answers a bad frame that begins with 50 or 60 as any other', {
    'server-session': ['return silent ? null : OPCODE.desync', 'return OPCODE.desync'],
  }),
  mutant('desync-answered', 'S5', 'the server answers a bad frame that begins with 50, but not with 60', {
    'server-session': [
      '(frame[0] === OPCODE.desync || frame[0] === OPCODE.terminate)',
      '(frame[0] === OPCODE.terminate)',
    ],
  }),
  mutant('error-not-sent', 'O1', 'the server closes without a KEY_DESYNC_ERROR', {
    'server-session': ['return silent ? null : OPCODE.desync', 'return null'],
  }),
  mutant('round-wraps', 'S6', 'the round wraps to 0 after the last one, on both sides', {
    server: ['if (round === MAX_ROUND) {', 'if (round > MAX_ROUND) {'],
    'server-session': ['      round: round + 1,', '      round: (round + 1) >>> 0,'],
    'client-state': [
      ['pending === null || round === MAX_ROUND ? control', 'pending === null ? control'],
      ['round: state.round + 1, keys', 'round: (state.round + 1) >>> 0, keys'],
    ],
    covers: ['round wraps'],
  }),
  mutant('last-round-left-at-server', 'S6', 'the server answers a DATA in round 0xFFFFFFFF and goes on', {
    server: ['if (round === MAX_ROUND) {', 'if (round > MAX_ROUND) {'],
    covers: ['round wraps'],
  }),
  mutant('last-round-early', 'L1', 'a session ends one round too early', {
    server: ['if (round === MAX_ROUND) {', 'if (round >= MAX_ROUND - 1) {'],
  }),
  mutant(
    'last-round-desync',
    'TWIN',
    'a DATA in round 0xFFFFFFFF is answered with KEY_DESYNC_ERROR instead of TERMINATE',
    {
      server: [
        "this.#end(line, 'rounds-exhausted', OPCODE.terminate)",
        "this.#end(line, 'rounds-exhausted', OPCODE.desync)",
      ],
    },
  ),
  mutant('round-plus-two-at-server', 'S6', 'the server skips every other round', {
    'server-session': ['      round: round + 1,', '      round: round + 2,'],
    covers: ['round +2'],
  }),
  mutant('challenge-in-round-one', 'KAT', 'a session enters ACTIVE in round 0', {
    'server-session': ["next: { phase: 'ACTIVE', id, round: 1, keys", "next: { phase: 'ACTIVE', id, round: 0, keys"],
  }),
]
