/** Mutants of PROTOCOL §7: sessions beside each other, admission, supersession. */
import { type Mutant, mutant } from './mutant.ts'

const FIRST = "    if (greeting.kind === 'rejected') return greeting.reason\n"
const TAKE = "    const { state } = line\n    if (state.phase !== 'ACTIVE') return this.#takeFirst"
const RIVAL = 'const rival = state.confirmed ? null : (this.#sessionsOf(id).find((r) => r.state.confirmed) ?? null)'
const OLDER = "    if (rival !== null && rival.state.order > state.order) return 'superseded'\n"

export const isolation: readonly Mutant[] = [
  mutant('hello-tears-down', 'I2', 'a valid HELLO ends the confirmed session of that client', {
    server: [
      FIRST,
      `${FIRST}    for (const held of this.#sessionsOf(greeting.id)) if (held.state.confirmed) this.#end(held, 'superseded', OPCODE.terminate)\n`,
    ],
    covers: ['a valid HELLO tears down a live session'],
  }),
  mutant('any-hello-tears-down', 'I2', 'anything that looks like a HELLO ends the sessions of the client it names', {
    server: [
      FIRST,
      `    for (const held of this.#sessionsOf(frame[1]!)) this.#end(held, 'superseded', OPCODE.terminate)\n${FIRST}`,
    ],
    covers: ['any HELLO does, unverified'],
  }),
  mutant('hello-refused', 'L1', 'a HELLO is refused while the client has a confirmed session', {
    server: [
      FIRST,
      `${FIRST}    if (this.#sessionsOf(greeting.id).some((held) => held.state.confirmed)) return 'out-of-phase'\n`,
    ],
    covers: ['HELLO refused while a session exists'],
  }),
  mutant('hello-refused-half-open', 'L1', 'a HELLO is refused while the client has a session without DATA', {
    server: [
      FIRST,
      `${FIRST}    if (this.#sessionsOf(greeting.id).some((held) => !held.state.confirmed)) return 'out-of-phase'\n`,
    ],
    covers: ['HELLO refused while a session exists'],
  }),
  mutant(
    'lookup-by-header-id',
    'L1',
    'the session of a frame is looked up by the id in its header, not by its connection',
    {
      server: [TAKE, `    line = this.#sessionsOf(frame[1]!)[0] ?? line\n${TAKE}`],
      covers: ['session looked up by header id'],
    },
  ),
  mutant('lookup-newest-by-id', 'I4', 'a frame goes to the newest session of the id in its header', {
    server: [TAKE, `    line = this.#sessionsOf(frame[1]!).at(-1) ?? line\n${TAKE}`],
    covers: ['session looked up by header id'],
  }),
  mutant('no-supersession', 'G2', 'two confirmed sessions of one client exist side by side, and both count', {
    server: [RIVAL, 'const rival = null'],
    covers: ['two sessions of an id both count'],
  }),
  mutant(
    'superseded-still-counts',
    'G1',
    'the values of the session that is superseded are in the first aggregate of the newer',
    { server: ['line === own || line === rival || line', 'line === own || line'] },
  ),
  mutant('superseded-silently', 'TWIN', 'the session that is superseded gets no TERMINATE', {
    server: ['    giving?.port.send(sealControl(this.#crypto, giving.rng, giving.state, OPCODE.terminate))\n', ''],
  }),
  mutant(
    'superseded-with-desync',
    'SPEC',
    'the session that is superseded gets KEY_DESYNC_ERROR instead of TERMINATE',
    {
      server: [
        'sealControl(this.#crypto, giving.rng, giving.state, OPCODE.terminate)',
        'sealControl(this.#crypto, giving.rng, giving.state, OPCODE.desync)',
      ],
    },
  ),
  mutant('superseded-not-ended', 'B2', 'the session that is superseded gets its TERMINATE and stays', {
    server: ['[giving, terminated(giving.state)] as const', '[giving, giving.state] as const'],
  }),
  mutant('older-supersedes', 'I5', 'an older session supersedes a newer one by its first DATA', {
    server: [OLDER, ''],
  }),
  mutant('newer-refused', 'L1', 'a newer session is refused while an older one is confirmed', {
    server: ['rival.state.order > state.order', 'rival.state.order < state.order'],
  }),
  mutant('superseded-answered-desync', 'O1', 'a session too old to be confirmed is told KEY_DESYNC_ERROR', {
    'server-session': ["  if (reason === 'superseded') return OPCODE.terminate\n", ''],
  }),
  mutant('order-of-opening', 'I5', 'sessions are ordered by their connections, not by their HELLOs', {
    server: ['rival.state.order > state.order', '[...this.#lines].indexOf(rival) > [...this.#lines].indexOf(line)'],
  }),
  mutant('order-lost', 'I5', 'once a session has ended the counter of HELLOs is no number any more', {
    server: [
      ["if (next.phase === 'ACTIVE') this.#hellos = Math.max(", 'this.#hellos = Math.max('],
      ['next.order + 1)', '(next as Active).order + 1)'],
    ],
  }),
  mutant('order-restarts', 'I5', 'HELLOs are counted by what is alive, so that a number can be given twice', {
    server: [
      'const place = { order: this.#hellos, deadline',
      'const place = { order: this.#sessionsOf(id).length, deadline',
    ],
  }),
  mutant('hello-confirms', 'G2', 'a session counts as confirmed from its HELLO on', {
    'server-session': ['confirmed: false, submissions: []', 'confirmed: true, submissions: []'],
  }),
  mutant('never-confirmed', 'R3', 'a session is not confirmed by its first DATA', {
    'server-session': ['      confirmed: true,\n', '      confirmed: state.confirmed,\n'],
  }),
  mutant('confirmed-by-second-data', 'R3', 'a session is confirmed by its second DATA only', {
    'server-session': ['      confirmed: true,\n', '      confirmed: state.submissions.length > 0,\n'],
  }),
  mutant('one-failure-kills-all', 'I4', 'a bad frame ends all sessions of its client', {
    server: [
      "    line.port.report({ kind: 'rejected', frame, reason })\n",
      "    line.port.report({ kind: 'rejected', frame, reason })\n    if (line.state.phase === 'ACTIVE')\n      for (const held of this.#sessionsOf(line.state.id)) if (held !== line) this.#end(held, 'rejected-frame', OPCODE.terminate)\n",
    ],
    covers: ['one failure kills all of that id'],
  }),
  mutant('bad-first-frame-kills', 'I4', 'a bad first frame ends the sessions of the client it names', {
    server: [
      "    line.port.report({ kind: 'rejected', frame, reason })\n",
      "    line.port.report({ kind: 'rejected', frame, reason })\n    if (line.state.phase === 'INIT' && frame !== null)\n      for (const held of this.#sessionsOf(frame[1]!)) this.#end(held, 'rejected-frame', OPCODE.desync)\n",
    ],
    covers: ['one failure kills all of that id'],
  }),
  mutant('peer-end-kills-all', 'I4', 'a TERMINATE of a client ends all its sessions', {
    server: [
      "        this.#commit([[line, terminated(state)]])\n        line.port.report({ kind: 'accepted', frame, content: { kind: 'terminate' } })\n",
      "        for (const held of this.#sessionsOf(state.id)) if (held !== line) this.#end(held, 'peer', null)\n        this.#commit([[line, terminated(state)]])\n        line.port.report({ kind: 'accepted', frame, content: { kind: 'terminate' } })\n",
    ],
  }),
  mutant('unknown-id-crashes', 'F1', 'a HELLO with an id that nobody has raises an exception', {
    'server-session': [
      '  const expected = { id: master ? id : null',
      "  if (master!.length === 0) return rejected('wrong-client')\n  const expected = { id: master ? id : null",
    ],
    covers: ['unknown id crashes'],
  }),
  mutant(
    'unknown-id-default-key',
    'C2',
    'a HELLO with an unknown id is judged by the key of the first client there is',
    {
      'server-session': [
        'const master = keyring.get(id)',
        'const master = keyring.get(id) ?? [...keyring.values()][0]',
      ],
      covers: ['unknown id gets a default key'],
    },
  ),
  mutant('unknown-id-zero-key', 'TWIN', 'a HELLO with an unknown id is judged by a key of zeros', {
    'server-session': ['const master = keyring.get(id)', 'const master = keyring.get(id) ?? new Uint8Array(16)'],
    covers: ['unknown id gets a default key'],
  }),
  mutant('unknown-id-answered', 'S4', 'a HELLO with an unknown id is ignored instead of closing the connection', {
    server: [
      "    line.port.report({ kind: 'rejected', frame, reason })\n",
      "    line.port.report({ kind: 'rejected', frame, reason })\n    if (reason === 'wrong-client' && line.state.phase === 'INIT') return\n",
    ],
  }),
  mutant('sessions-share-keys', 'KAT', 'a new session of a client takes over the keys of its confirmed one', {
    server: [
      "    if (this.#exchange(line, step, giving, 'displaced'))",
      "    const held = this.#sessionsOf(id).find((h) => h.state.confirmed)\n    if (held) step.next = { ...step.next, keys: copyState(held.state).keys }\n    if (this.#exchange(line, step, giving, 'displaced'))",
    ],
  }),
]
