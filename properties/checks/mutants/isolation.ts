/** Mutants of PROTOCOL §7: sessions beside each other, admission, supersession. */
import { type Mutant, swap } from './mutant.ts'

const FIRST = "    if (greeting.kind === 'rejected') return greeting.reason\n"
const TAKE = "    const { state } = line\n    if (state.phase !== 'ACTIVE') return this.#takeFirst"
const RIVAL = 'const rival = state.confirmed ? null : (this.#sessionsOf(id).find((r) => r.state.confirmed) ?? null)'
const OLDER = "    if (rival !== null && rival.state.order > state.order) return 'superseded'\n"

export const isolation: readonly Mutant[] = [
  {
    id: 'hello-tears-down',
    bug: 'a valid HELLO ends the confirmed session of that client',
    covers: ['a valid HELLO tears down a live session'],
    replacements: [
      swap(
        'server',
        FIRST,
        `${FIRST}    for (const held of this.#sessionsOf(greeting.id)) if (held.state.confirmed) this.#end(held, 'superseded', OPCODE.terminate)\n`,
      ),
    ],
    expect: 'I2',
  },
  {
    id: 'any-hello-tears-down',
    bug: 'anything that looks like a HELLO ends the sessions of the client it names',
    covers: ['any HELLO does, unverified'],
    replacements: [
      swap(
        'server',
        FIRST,
        `    for (const held of this.#sessionsOf(frame[1]!)) this.#end(held, 'superseded', OPCODE.terminate)\n${FIRST}`,
      ),
    ],
    expect: 'I2',
  },
  {
    id: 'hello-refused',
    bug: 'a HELLO is refused while the client has a confirmed session',
    covers: ['HELLO refused while a session exists'],
    replacements: [
      swap(
        'server',
        FIRST,
        `${FIRST}    if (this.#sessionsOf(greeting.id).some((held) => held.state.confirmed)) return 'out-of-phase'\n`,
      ),
    ],
    expect: 'L1',
  },
  {
    id: 'hello-refused-half-open',
    bug: 'a HELLO is refused while the client has a session without DATA',
    covers: ['HELLO refused while a session exists'],
    replacements: [
      swap(
        'server',
        FIRST,
        `${FIRST}    if (this.#sessionsOf(greeting.id).some((held) => !held.state.confirmed)) return 'out-of-phase'\n`,
      ),
    ],
    expect: 'L1',
  },
  {
    id: 'lookup-by-header-id',
    bug: 'the session of a frame is looked up by the id in its header, not by its connection',
    covers: ['session looked up by header id'],
    replacements: [swap('server', TAKE, `    line = this.#sessionsOf(frame[1]!)[0] ?? line\n${TAKE}`)],
    expect: 'L1',
  },
  {
    id: 'lookup-newest-by-id',
    bug: 'a frame goes to the newest session of the id in its header',
    covers: ['session looked up by header id'],
    replacements: [swap('server', TAKE, `    line = this.#sessionsOf(frame[1]!).at(-1) ?? line\n${TAKE}`)],
    expect: 'I4',
  },
  {
    id: 'no-supersession',
    bug: 'two confirmed sessions of one client exist side by side, and both count',
    covers: ['two sessions of an id both count'],
    replacements: [swap('server', RIVAL, 'const rival = null')],
    expect: 'G2',
  },
  {
    id: 'superseded-still-counts',
    bug: 'the values of the session that is superseded are in the first aggregate of the newer',
    replacements: [swap('server', 'line === own || line === rival || line', 'line === own || line')],
    expect: 'G1',
  },
  {
    id: 'superseded-silently',
    bug: 'the session that is superseded gets no TERMINATE',
    replacements: [
      swap(
        'server',
        '    giving?.port.send(sealControl(this.#crypto, giving.rng, giving.state, OPCODE.terminate))\n',
        '',
      ),
    ],
    expect: 'TWIN',
  },
  {
    id: 'superseded-with-desync',
    bug: 'the session that is superseded gets KEY_DESYNC_ERROR instead of TERMINATE',
    replacements: [
      swap(
        'server',
        'sealControl(this.#crypto, giving.rng, giving.state, OPCODE.terminate)',
        'sealControl(this.#crypto, giving.rng, giving.state, OPCODE.desync)',
      ),
    ],
    expect: 'SPEC',
  },
  {
    id: 'superseded-not-ended',
    bug: 'the session that is superseded gets its TERMINATE and stays',
    replacements: [swap('server', '[giving, terminated(giving.state)] as const', '[giving, giving.state] as const')],
    expect: 'B2',
  },
  {
    id: 'older-supersedes',
    bug: 'an older session supersedes a newer one by its first DATA',
    replacements: [swap('server', OLDER, '')],
    expect: 'I5',
  },
  {
    id: 'newer-refused',
    bug: 'a newer session is refused while an older one is confirmed',
    replacements: [swap('server', 'rival.state.order > state.order', 'rival.state.order < state.order')],
    expect: 'L1',
  },
  {
    id: 'superseded-answered-desync',
    bug: 'a session too old to be confirmed is told KEY_DESYNC_ERROR',
    replacements: [swap('server-session', "  if (reason === 'superseded') return OPCODE.terminate\n", '')],
    expect: 'O1',
  },
  {
    id: 'order-of-opening',
    bug: 'sessions are ordered by their connections, not by their HELLOs',
    replacements: [
      swap(
        'server',
        'rival.state.order > state.order',
        '[...this.#lines].indexOf(rival) > [...this.#lines].indexOf(line)',
      ),
    ],
    expect: 'I5',
  },
  {
    id: 'order-lost',
    bug: 'once a session has ended the counter of HELLOs is no number any more',
    replacements: [
      swap('server', "if (next.phase === 'ACTIVE') this.#hellos = Math.max(", 'this.#hellos = Math.max('),
      swap('server', 'next.order + 1)', '(next as Active).order + 1)'),
    ],
    expect: 'I5',
  },
  {
    id: 'order-restarts',
    bug: 'HELLOs are counted by what is alive, so that a number can be given twice',
    replacements: [
      swap(
        'server',
        'const place = { order: this.#hellos, deadline',
        'const place = { order: this.#sessionsOf(id).length, deadline',
      ),
    ],
    expect: 'I5',
  },
  {
    id: 'hello-confirms',
    bug: 'a session counts as confirmed from its HELLO on',
    replacements: [swap('server-session', 'confirmed: false, submissions: []', 'confirmed: true, submissions: []')],
    expect: 'G2',
  },
  {
    id: 'never-confirmed',
    bug: 'a session is not confirmed by its first DATA',
    replacements: [swap('server-session', '      confirmed: true,\n', '      confirmed: state.confirmed,\n')],
    expect: 'R3',
  },
  {
    id: 'confirmed-by-second-data',
    bug: 'a session is confirmed by its second DATA only',
    replacements: [
      swap('server-session', '      confirmed: true,\n', '      confirmed: state.submissions.length > 0,\n'),
    ],
    expect: 'R3',
  },
  {
    id: 'one-failure-kills-all',
    bug: 'a bad frame ends all sessions of its client',
    covers: ['one failure kills all of that id'],
    replacements: [
      swap(
        'server',
        "    line.port.report({ kind: 'rejected', frame, reason })\n",
        "    line.port.report({ kind: 'rejected', frame, reason })\n    if (line.state.phase === 'ACTIVE')\n      for (const held of this.#sessionsOf(line.state.id)) if (held !== line) this.#end(held, 'rejected-frame', OPCODE.terminate)\n",
      ),
    ],
    expect: 'I4',
  },
  {
    id: 'bad-first-frame-kills',
    bug: 'a bad first frame ends the sessions of the client it names',
    covers: ['one failure kills all of that id'],
    replacements: [
      swap(
        'server',
        "    line.port.report({ kind: 'rejected', frame, reason })\n",
        "    line.port.report({ kind: 'rejected', frame, reason })\n    if (line.state.phase === 'INIT' && frame !== null)\n      for (const held of this.#sessionsOf(frame[1]!)) this.#end(held, 'rejected-frame', OPCODE.desync)\n",
      ),
    ],
    expect: 'I4',
  },
  {
    id: 'peer-end-kills-all',
    bug: 'a TERMINATE of a client ends all its sessions',
    replacements: [
      swap(
        'server',
        "        this.#commit([[line, terminated(state)]])\n        line.port.report({ kind: 'accepted', frame, content: { kind: 'terminate' } })\n",
        "        for (const held of this.#sessionsOf(state.id)) if (held !== line) this.#end(held, 'peer', null)\n        this.#commit([[line, terminated(state)]])\n        line.port.report({ kind: 'accepted', frame, content: { kind: 'terminate' } })\n",
      ),
    ],
    expect: 'I4',
  },
  {
    id: 'unknown-id-crashes',
    bug: 'a HELLO with an id that nobody has raises an exception',
    covers: ['unknown id crashes'],
    replacements: [
      swap(
        'server-session',
        '  const expected = { id: master ? id : null',
        "  if (master!.length === 0) return rejected('wrong-client')\n  const expected = { id: master ? id : null",
      ),
    ],
    expect: 'F1',
  },
  {
    id: 'unknown-id-default-key',
    bug: 'a HELLO with an unknown id is judged by the key of the first client there is',
    covers: ['unknown id gets a default key'],
    replacements: [
      swap(
        'server-session',
        'const master = keyring.get(id)',
        'const master = keyring.get(id) ?? [...keyring.values()][0]',
      ),
    ],
    expect: 'C2',
  },
  {
    id: 'unknown-id-zero-key',
    bug: 'a HELLO with an unknown id is judged by a key of zeros',
    covers: ['unknown id gets a default key'],
    replacements: [
      swap('server-session', 'const master = keyring.get(id)', 'const master = keyring.get(id) ?? new Uint8Array(16)'),
    ],
    expect: 'TWIN',
  },
  {
    id: 'unknown-id-answered',
    bug: 'a HELLO with an unknown id is ignored instead of closing the connection',
    replacements: [
      swap(
        'server',
        "    line.port.report({ kind: 'rejected', frame, reason })\n",
        "    line.port.report({ kind: 'rejected', frame, reason })\n    if (reason === 'wrong-client' && line.state.phase === 'INIT') return\n",
      ),
    ],
    expect: 'S4',
  },
  {
    id: 'sessions-share-keys',
    bug: 'a new session of a client takes over the keys of its confirmed one',
    replacements: [
      swap(
        'server',
        "    if (this.#exchange(line, step, giving, 'displaced'))",
        "    const held = this.#sessionsOf(id).find((h) => h.state.confirmed)\n    if (held) step.next = { ...step.next, keys: copyState(held.state).keys }\n    if (this.#exchange(line, step, giving, 'displaced'))",
      ),
    ],
    expect: 'KAT',
  },
]
