/** Mutants of limits and of what remains when a session ends (PROTOCOL §1, §7). */
import { type Mutant, mutant } from './mutant.ts'

const GIVING = 'const giving = rivals.length < this.#limits.unconfirmedPerId ? null : oldest'
const DISPLACED = "({ state }) => state.phase !== 'ACTIVE' || !state.confirmed"
const DELETE = "      if (next.phase === 'TERMINATED') this.#lines.delete(line)\n"

export const resources: readonly Mutant[] = [
  mutant('half-open-unlimited', 'B1', 'half-open sessions are not limited', {
    server: [GIVING, 'const giving = null'],
    covers: ['half-open unlimited'],
  }),
  mutant('half-open-one-more', 'B1', 'one half-open session more than allowed is kept', {
    server: ['rivals.length < this.#limits.unconfirmedPerId', 'rivals.length <= this.#limits.unconfirmedPerId'],
  }),
  mutant('half-open-one-less', 'B4', 'one half-open session less than allowed is kept', {
    server: ['rivals.length < this.#limits.unconfirmedPerId', 'rivals.length < this.#limits.unconfirmedPerId - 1'],
  }),
  mutant('half-open-newest-goes', 'B4', 'at the limit the newest half-open session gives way, not the oldest', {
    server: ['a.state.order < b.state.order ? a : b', 'a.state.order > b.state.order ? a : b'],
  }),
  mutant(
    'half-open-oldest-connection-goes',
    'B4',
    'at the limit of half-open sessions the one whose connection was opened first gives way',
    {
      server: [
        'rivals.reduce<Held | null>((a, b) => (a && a.state.order < b.state.order ? a : b), null)',
        'rivals[0] ?? null',
      ],
    },
  ),
  mutant('half-open-all-go', 'B4', 'a HELLO ends every half-open session of its client', {
    server: [
      GIVING,
      `for (const rival of rivals) this.#end(rival, 'displaced', OPCODE.terminate)\n    const giving = null`,
    ],
  }),
  mutant('half-open-over-all-ids', 'B4', 'the limit of half-open sessions is shared by all clients', {
    server: [
      'const rivals = this.#sessionsOf(id).filter(({ state }) => !state.confirmed)',
      'const rivals = this.#held().filter(({ state }) => !state.confirmed)',
    ],
  }),
  mutant('half-open-silently', 'TWIN', 'the half-open session that gives way gets no TERMINATE', {
    server: ['    giving?.port.send(', "    if (by !== 'displaced') giving?.port.send("],
  }),
  mutant(
    'flood-evicts-confirmed',
    'I2',
    'at the limit of half-open sessions the oldest session gives way, confirmed or not',
    {
      server: [
        'const rivals = this.#sessionsOf(id).filter(({ state }) => !state.confirmed)',
        'const rivals = this.#sessionsOf(id)',
      ],
      covers: ['flood evicts a confirmed session'],
    },
  ),
  mutant('connections-evict-confirmed', 'I4', 'at the limit of connections the oldest gives way, confirmed or not', {
    server: [DISPLACED, '() => true'],
    covers: ['flood evicts a confirmed session'],
  }),
  mutant('connections-evict-active-first', 'B6', 'at the limit of connections those without a session are kept', {
    server: [DISPLACED, "({ state }) => state.phase === 'ACTIVE' && !state.confirmed"],
  }),
  mutant(
    'connections-evict-newest',
    'B6',
    'at the limit of connections the newest without a confirmed session gives way',
    { server: ['const oldest = [...this.#lines].find(', 'const oldest = [...this.#lines].findLast('] },
  ),
  mutant('connections-unlimited', 'B6', 'connections are not limited', {
    server: ['if (this.#lines.size >= this.#limits.connections) {', 'if (this.#lines.size < 0) {'],
  }),
  mutant('connections-one-more', 'B6', 'one connection more than allowed is kept', {
    server: ['this.#lines.size >= this.#limits.connections', 'this.#lines.size > this.#limits.connections'],
  }),
  mutant('newcomer-refused', 'B6', 'at the limit of connections the newcomer is refused', {
    server: [
      "this.#end(oldest ?? line, 'displaced', OPCODE.terminate)\n      if (oldest === undefined) return line",
      "this.#end(line, 'displaced', OPCODE.terminate)\n      return line",
    ],
  }),
  mutant('terminated-kept', 'B2', 'sessions that ended stay in the table', {
    server: [DELETE, ''],
    covers: ['TERMINATED sessions kept in the table'],
  }),
  mutant('superseded-kept-in-table', 'B2', 'the first of two connections that change together stays in the table', {
    server: [DELETE, "      if (next.phase === 'TERMINATED' && changes.length === 1) this.#lines.delete(line)\n"],
  }),
  mutant('keys-not-erased-at-server', 'B2', 'the server does not overwrite keys it no longer needs', {
    server: [
      'if (keys !== null) eraseReplaced(this.#crypto, keys, keysOf(next))',
      'if (keys === undefined) eraseReplaced(this.#crypto, keys, keysOf(next))',
    ],
  }),
  mutant('keys-not-erased-at-client', 'B2', 'the client does not overwrite keys it no longer needs', {
    'client-session': [
      'if (keys !== null) eraseReplaced(this.#crypto, keys, next.keys)',
      'if (keys === undefined) eraseReplaced(this.#crypto, keys, next.keys)',
    ],
  }),
  mutant('mac-keys-not-erased', 'B2', 'only ENC keys are overwritten', {
    keys: ["const PURPOSES = ['enc', 'mac'] as const", "const PURPOSES = ['enc'] as const"],
  }),
  mutant('keys-erased-too-early', 'L1', 'the keys that stay in use are overwritten as well', {
    keys: ['if (key !== next?.[direction][purpose]) c.erase(key)', 'c.erase(key)'],
  }),
  mutant('keys-half-erased', 'B2', 'overwriting a key leaves its second half', {
    crypto: ['secret.fill(0)', 'secret.fill(0, 0, 8)'],
  }),
  mutant('keys-not-erased-at-the-end', 'B2', 'a client does not overwrite its keys when its session ends', {
    'client-session': [
      '    const { keys } = this.#state\n',
      "    const keys = next.phase === 'TERMINATED' ? null : this.#state.keys\n",
    ],
  }),
]
