/** Mutants of the timers (PROTOCOL §6, §7). */
import { type Mutant, mutant } from './mutant.ts'

export const timers: readonly Mutant[] = [
  mutant('hello-timer-missing', 'B5', 'a connection without a HELLO is never closed', {
    server: [
      "{ phase: 'INIT', deadline: now + this.#limits.helloMs }",
      "{ phase: 'INIT', deadline: Number.POSITIVE_INFINITY }",
    ],
  }),
  mutant('hello-timer-extended', 'B5', 'partial frames extend the time in which a HELLO must come', {
    server: [
      '    const line = this.#find(connection)\n    line?.stream.push',
      "    const line = this.#find(connection)\n    if (line?.state.phase === 'INIT') line.state = { ...line.state, deadline: now + this.#limits.helloMs }\n    line?.stream.push",
    ],
  }),
  mutant('unconfirmed-timer-missing', 'B5', 'a half-open session never ends', {
    server: [
      'order: this.#hellos, deadline: now + this.#limits.unconfirmedMs',
      'order: this.#hellos, deadline: Number.POSITIVE_INFINITY',
    ],
  }),
  mutant('unconfirmed-timer-idle', 'B5', 'a half-open session lives as long as a confirmed one', {
    server: [
      'order: this.#hellos, deadline: now + this.#limits.unconfirmedMs',
      'order: this.#hellos, deadline: now + this.#limits.idleMs',
    ],
  }),
  mutant('idle-timer-missing', 'B5', 'a confirmed session never ends by itself', {
    server: ['deadline: now + this.#limits.idleMs }', 'deadline: Number.POSITIVE_INFINITY }'],
  }),
  mutant('idle-timer-short', 'B5', 'a confirmed session ends as early as a half-open one', {
    server: ['deadline: now + this.#limits.idleMs }', 'deadline: now + this.#limits.unconfirmedMs }'],
  }),
  mutant('idle-timer-not-renewed', 'B5', 'later DATA do not extend the time of a confirmed session', {
    'server-session': [
      '      deadline: place.deadline,\n',
      '      deadline: state.confirmed ? state.deadline : place.deadline,\n',
    ],
  }),
  mutant('timers-late', 'B5', 'the timers of the server fire a millisecond late', {
    server: ['now >= line.state.deadline', 'now > line.state.deadline'],
  }),
  mutant('timers-early', 'B5', 'the timers of the server fire a millisecond early', {
    server: ['now >= line.state.deadline', 'now >= line.state.deadline - 1'],
  }),
  mutant('timer-silent', 'TWIN', 'a session that times out gets no TERMINATE', {
    server: ["this.#end(line, 'timeout', OPCODE.terminate)", "this.#end(line, 'timeout', null)"],
  }),
  mutant('timer-desync', 'TWIN', 'a session that times out gets KEY_DESYNC_ERROR', {
    server: ["this.#end(line, 'timeout', OPCODE.terminate)", "this.#end(line, 'timeout', OPCODE.desync)"],
  }),
  mutant('timer-first-only', 'B5', 'only the oldest connection is looked at for a timeout', {
    server: [
      "    for (const line of this.#lines)\n      if (line.state.phase !== 'TERMINATED' && now",
      "    for (const line of [...this.#lines].slice(0, 1))\n      if (line.state.phase !== 'TERMINATED' && now",
    ],
  }),
  mutant('challenge-timer-missing', 'B5', 'a client waits for its CHALLENGE for ever', {
    'client-session': ['deadline: now + this.#limits.challengeMs', 'deadline: null'],
  }),
  mutant('response-timer-missing', 'B5', 'a client waits for a response for ever', {
    'client-session': ['deadline: now + this.#limits.responseMs', 'deadline: null'],
  }),
  mutant('response-timer-short', 'B5', 'a client waits for a response only as long as for a CHALLENGE', {
    'client-session': ['deadline: now + this.#limits.responseMs', 'deadline: now + this.#limits.challengeMs'],
  }),
  mutant('client-timers-late', 'B5', 'the timers of the client fire a millisecond late', {
    'client-session': ['now >= state.deadline', 'now > state.deadline'],
  }),
  mutant('client-timer-left-over', 'B5', 'the timer of a request goes on after its answer', {
    'client-state': ['keys, pending: null, deadline: null }', 'keys, pending: null, deadline: state.deadline }'],
  }),
]
