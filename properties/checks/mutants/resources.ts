/** Mutants of limits and of what remains when a session ends (PROTOCOL §1, §7). */
import { type Mutant, swap } from './mutant.ts'

const GIVING = 'const giving = rivals.length < this.#limits.unconfirmedPerId ? null : oldest'
const DISPLACED = "({ state }) => state.phase !== 'ACTIVE' || !state.confirmed"
const DELETE = "      if (next.phase === 'TERMINATED') this.#lines.delete(line)\n"

export const resources: readonly Mutant[] = [
  {
    id: 'half-open-unlimited',
    bug: 'half-open sessions are not limited',
    covers: ['half-open unlimited'],
    replacements: [swap('server', GIVING, 'const giving = null')],
    expect: 'B1',
  },
  {
    id: 'half-open-one-more',
    bug: 'one half-open session more than allowed is kept',
    replacements: [
      swap('server', 'rivals.length < this.#limits.unconfirmedPerId', 'rivals.length <= this.#limits.unconfirmedPerId'),
    ],
    expect: 'B1',
  },
  {
    id: 'half-open-one-less',
    bug: 'one half-open session less than allowed is kept',
    replacements: [
      swap(
        'server',
        'rivals.length < this.#limits.unconfirmedPerId',
        'rivals.length < this.#limits.unconfirmedPerId - 1',
      ),
    ],
    expect: 'B4',
  },
  {
    id: 'half-open-newest-goes',
    bug: 'at the limit the newest half-open session gives way, not the oldest',
    replacements: [swap('server', 'a.state.order < b.state.order ? a : b', 'a.state.order > b.state.order ? a : b')],
    expect: 'B4',
  },
  {
    id: 'half-open-oldest-connection-goes',
    bug: 'at the limit of half-open sessions the one whose connection was opened first gives way',
    replacements: [
      swap(
        'server',
        'rivals.reduce<Held | null>((a, b) => (a && a.state.order < b.state.order ? a : b), null)',
        'rivals[0] ?? null',
      ),
    ],
    expect: 'B4',
  },
  {
    id: 'half-open-all-go',
    bug: 'a HELLO ends every half-open session of its client',
    replacements: [
      swap(
        'server',
        GIVING,
        `for (const rival of rivals) this.#end(rival, 'displaced', OPCODE.terminate)\n    const giving = null`,
      ),
    ],
    expect: 'B4',
  },
  {
    id: 'half-open-over-all-ids',
    bug: 'the limit of half-open sessions is shared by all clients',
    replacements: [
      swap(
        'server',
        'const rivals = this.#sessionsOf(id).filter(({ state }) => !state.confirmed)',
        'const rivals = this.#held().filter(({ state }) => !state.confirmed)',
      ),
    ],
    expect: 'B4',
  },
  {
    id: 'half-open-silently',
    bug: 'the half-open session that gives way gets no TERMINATE',
    replacements: [swap('server', '    giving?.port.send(', "    if (by !== 'displaced') giving?.port.send(")],
    expect: 'TWIN',
  },
  {
    id: 'flood-evicts-confirmed',
    bug: 'at the limit of half-open sessions the oldest session gives way, confirmed or not',
    covers: ['flood evicts a confirmed session'],
    replacements: [
      swap(
        'server',
        'const rivals = this.#sessionsOf(id).filter(({ state }) => !state.confirmed)',
        'const rivals = this.#sessionsOf(id)',
      ),
    ],
    expect: 'I2',
  },
  {
    id: 'connections-evict-confirmed',
    bug: 'at the limit of connections the oldest gives way, confirmed or not',
    covers: ['flood evicts a confirmed session'],
    replacements: [swap('server', DISPLACED, '() => true')],
    expect: 'I4',
  },
  {
    id: 'connections-evict-active-first',
    bug: 'at the limit of connections those without a session are kept',
    replacements: [swap('server', DISPLACED, "({ state }) => state.phase === 'ACTIVE' && !state.confirmed")],
    expect: 'B6',
  },
  {
    id: 'connections-evict-newest',
    bug: 'at the limit of connections the newest without a confirmed session gives way',
    replacements: [
      swap('server', 'const oldest = [...this.#lines].find(', 'const oldest = [...this.#lines].findLast('),
    ],
    expect: 'B6',
  },
  {
    id: 'connections-unlimited',
    bug: 'connections are not limited',
    replacements: [
      swap('server', 'if (this.#lines.size >= this.#limits.connections) {', 'if (this.#lines.size < 0) {'),
    ],
    expect: 'B6',
  },
  {
    id: 'connections-one-more',
    bug: 'one connection more than allowed is kept',
    replacements: [
      swap('server', 'this.#lines.size >= this.#limits.connections', 'this.#lines.size > this.#limits.connections'),
    ],
    expect: 'B6',
  },
  {
    id: 'newcomer-refused',
    bug: 'at the limit of connections the newcomer is refused',
    replacements: [
      swap(
        'server',
        "this.#end(oldest ?? line, 'displaced', OPCODE.terminate)\n      if (oldest === undefined) return line",
        "this.#end(line, 'displaced', OPCODE.terminate)\n      return line",
      ),
    ],
    expect: 'B6',
  },
  {
    id: 'terminated-kept',
    bug: 'sessions that ended stay in the table',
    covers: ['TERMINATED sessions kept in the table'],
    replacements: [swap('server', DELETE, '')],
    expect: 'B2',
  },
  {
    id: 'superseded-kept-in-table',
    bug: 'the first of two connections that change together stays in the table',
    replacements: [
      swap(
        'server',
        DELETE,
        "      if (next.phase === 'TERMINATED' && changes.length === 1) this.#lines.delete(line)\n",
      ),
    ],
    expect: 'B2',
  },
  {
    id: 'keys-not-erased-at-server',
    bug: 'the server does not overwrite keys it no longer needs',
    replacements: [
      swap(
        'server',
        'if (keys !== null) eraseReplaced(this.#crypto, keys, keysOf(next))',
        'if (keys === undefined) eraseReplaced(this.#crypto, keys, keysOf(next))',
      ),
    ],
    expect: 'B2',
  },
  {
    id: 'keys-not-erased-at-client',
    bug: 'the client does not overwrite keys it no longer needs',
    replacements: [
      swap(
        'client-session',
        'if (keys !== null) eraseReplaced(this.#crypto, keys, next.keys)',
        'if (keys === undefined) eraseReplaced(this.#crypto, keys, next.keys)',
      ),
    ],
    expect: 'B2',
  },
  {
    id: 'mac-keys-not-erased',
    bug: 'only ENC keys are overwritten',
    replacements: [swap('keys', "const PURPOSES = ['enc', 'mac'] as const", "const PURPOSES = ['enc'] as const")],
    expect: 'B2',
  },
  {
    id: 'keys-erased-too-early',
    bug: 'the keys that stay in use are overwritten as well',
    replacements: [swap('keys', 'if (key !== next?.[direction][purpose]) c.erase(key)', 'c.erase(key)')],
    expect: 'L1',
  },
  {
    id: 'keys-half-erased',
    bug: 'overwriting a key leaves its second half',
    replacements: [swap('crypto', 'secret.fill(0)', 'secret.fill(0, 0, 8)')],
    expect: 'B2',
  },
  {
    id: 'keys-not-erased-at-the-end',
    bug: 'a client does not overwrite its keys when its session ends',
    replacements: [
      swap(
        'client-session',
        '    const { keys } = this.#state\n',
        "    const keys = next.phase === 'TERMINATED' ? null : this.#state.keys\n",
      ),
    ],
    expect: 'B2',
  },
]
