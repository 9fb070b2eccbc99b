/** Mutants of the timers (PROTOCOL §6, §7). */
import { type Mutant, swap } from './mutant.ts'

export const timers: readonly Mutant[] = [
  {
    id: 'hello-timer-missing',
    bug: 'a connection without a HELLO is never closed',
    replacements: [
      swap(
        'server',
        "{ phase: 'INIT', deadline: now + this.#limits.helloMs }",
        "{ phase: 'INIT', deadline: Number.POSITIVE_INFINITY }",
      ),
    ],
    expect: 'B5',
  },
  {
    id: 'hello-timer-extended',
    bug: 'partial frames extend the time in which a HELLO must come',
    replacements: [
      swap(
        'server',
        '    const line = this.#find(connection)\n    line?.stream.push',
        "    const line = this.#find(connection)\n    if (line?.state.phase === 'INIT') line.state = { ...line.state, deadline: now + this.#limits.helloMs }\n    line?.stream.push",
      ),
    ],
    expect: 'B5',
  },
  {
    id: 'unconfirmed-timer-missing',
    bug: 'a half-open session never ends',
    replacements: [
      swap(
        'server',
        'order: this.#hellos, deadline: now + this.#limits.unconfirmedMs',
        'order: this.#hellos, deadline: Number.POSITIVE_INFINITY',
      ),
    ],
    expect: 'B5',
  },
  {
    id: 'unconfirmed-timer-idle',
    bug: 'a half-open session lives as long as a confirmed one',
    replacements: [
      swap(
        'server',
        'order: this.#hellos, deadline: now + this.#limits.unconfirmedMs',
        'order: this.#hellos, deadline: now + this.#limits.idleMs',
      ),
    ],
    expect: 'B5',
  },
  {
    id: 'idle-timer-missing',
    bug: 'a confirmed session never ends by itself',
    replacements: [swap('server', 'deadline: now + this.#limits.idleMs }', 'deadline: Number.POSITIVE_INFINITY }')],
    expect: 'B5',
  },
  {
    id: 'idle-timer-short',
    bug: 'a confirmed session ends as early as a half-open one',
    replacements: [
      swap('server', 'deadline: now + this.#limits.idleMs }', 'deadline: now + this.#limits.unconfirmedMs }'),
    ],
    expect: 'B5',
  },
  {
    id: 'idle-timer-not-renewed',
    bug: 'later DATA do not extend the time of a confirmed session',
    replacements: [
      swap(
        'server-session',
        '      deadline: place.deadline,\n',
        '      deadline: state.confirmed ? state.deadline : place.deadline,\n',
      ),
    ],
    expect: 'B5',
  },
  {
    id: 'timers-late',
    bug: 'the timers of the server fire a millisecond late',
    replacements: [swap('server', 'now >= line.state.deadline', 'now > line.state.deadline')],
    expect: 'B5',
  },
  {
    id: 'timers-early',
    bug: 'the timers of the server fire a millisecond early',
    replacements: [swap('server', 'now >= line.state.deadline', 'now >= line.state.deadline - 1')],
    expect: 'B5',
  },
  {
    id: 'timer-silent',
    bug: 'a session that times out gets no TERMINATE',
    replacements: [swap('server', "this.#end(line, 'timeout', OPCODE.terminate)", "this.#end(line, 'timeout', null)")],
    expect: 'TWIN',
  },
  {
    id: 'timer-desync',
    bug: 'a session that times out gets KEY_DESYNC_ERROR',
    replacements: [
      swap('server', "this.#end(line, 'timeout', OPCODE.terminate)", "this.#end(line, 'timeout', OPCODE.desync)"),
    ],
    expect: 'TWIN',
  },
  {
    id: 'timer-first-only',
    bug: 'only the oldest connection is looked at for a timeout',
    replacements: [
      swap(
        'server',
        "    for (const line of this.#lines)\n      if (line.state.phase !== 'TERMINATED' && now",
        "    for (const line of [...this.#lines].slice(0, 1))\n      if (line.state.phase !== 'TERMINATED' && now",
      ),
    ],
    expect: 'B5',
  },
  {
    id: 'challenge-timer-missing',
    bug: 'a client waits for its CHALLENGE for ever',
    replacements: [swap('client-session', 'deadline: now + this.#limits.challengeMs', 'deadline: null')],
    expect: 'B5',
  },
  {
    id: 'response-timer-missing',
    bug: 'a client waits for a response for ever',
    replacements: [swap('client-session', 'deadline: now + this.#limits.responseMs', 'deadline: null')],
    expect: 'B5',
  },
  {
    id: 'response-timer-short',
    bug: 'a client waits for a response only as long as for a CHALLENGE',
    replacements: [
      swap('client-session', 'deadline: now + this.#limits.responseMs', 'deadline: now + this.#limits.challengeMs'),
    ],
    expect: 'B5',
  },
  {
    id: 'client-timers-late',
    bug: 'the timers of the client fire a millisecond late',
    replacements: [swap('client-session', 'now >= state.deadline', 'now > state.deadline')],
    expect: 'B5',
  },
  {
    id: 'client-timer-left-over',
    bug: 'the timer of a request goes on after its answer',
    replacements: [
      swap('client-state', 'keys, pending: null, deadline: null }', 'keys, pending: null, deadline: state.deadline }'),
    ],
    expect: 'B5',
  },
]
