import { LIMITS } from '../language.ts'
import * as resources from './resources.ts'
import type { Story } from './testkit.ts'
import { c0, c1, s0, s1, s2 } from './testkit.ts'
import { ownTests } from './testkit-judging.ts'

const memory = (s: Story, at: typeof s0, connections: number, retained = 0): void =>
  s.tells({ on: 'memory', at, buffered: 0, retained, connections })

const passes = (s: Story, ms: number): void => s.begins(null, { do: 'advance', ms })

/** A HELLO of the client is accepted where there is room for one unconfirmed session, which s0 has. */
const oneTooMany = (s: Story): void => {
  s.limits = { ...LIMITS, unconfirmedPerId: 1 }
  s.handshake(1)
  s.reaches(s1, s.connects(1))
}

/** s0 has a confirmed session, s1 an unconfirmed one; there is room for so many. */
const room = (s: Story, connections: number): void => {
  s.limits = { ...LIMITS, connections }
  s.handshake(1)
  s.rounds(c0, s0, [1])
  s.handshake(2)
}

ownTests(resources, {
  B1: {
    holds: {
      'the oldest gives way': (s) => {
        oneTooMany(s)
        s.sends(s0, 'TERMINATE')
        s.ends(s0, 'evicted')
      },
      'sessions that are confirmed, ended, or of another client do not count': (s) => {
        s.limits = { ...LIMITS, unconfirmedPerId: 1 }
        s.handshake(1)
        s.rounds(c0, s0, [1])
        s.handshake(2)
        s.handshake(1)
        s.begins(null)
        s.ends(s2, 'close', false)
        s.handshake(1)
        s.reaches({ side: 'server', n: 4 }, s.connects(1))
        s.sends({ side: 'server', n: 3 }, 'TERMINATE')
        s.ends({ side: 'server', n: 3 }, 'evicted')
      },
    },
    breaks: {
      'all stay': (s) => {
        oneTooMany(s)
        return 'client 1 has 2 unconfirmed sessions'
      },
    },
  },
  B2: {
    holds: {
      'keys are overwritten, entries go': (s) => {
        s.handshake(1)
        memory(s, s0, 1)
        s.refuses(s0, s.altered(s.submits(c0, 1)), 'bad-tag')
        memory(s, s0, 0)
      },
    },
    breaks: {
      'the keys are kept': (s) => {
        s.handshake(1)
        s.begins(s0)
        s.commits(s0, { phase: 'TERMINATED' })
        return 's0 still holds keys after its end'
      },
      'a key is forgotten, not overwritten': (s) => {
        s.handshake(1)
        s.begins(s0)
        s.erases(s0, s.facts(s0)!.view!.keys!.slice(1))
        s.commits(s0, { phase: 'TERMINATED', keys: null })
        return 's0 ended without overwriting 1 of its keys'
      },
      'the keys of another endpoint are overwritten': (s) => {
        s.handshake(1)
        s.begins(s0)
        s.erases(c0, s.facts(s0)!.view!.keys!)
        s.commits(s0, { phase: 'TERMINATED', keys: null })
        return 's0 ended without overwriting 4 of its keys'
      },
      'the entry of an ended connection is kept': (s) => {
        s.handshake(1)
        s.handshake(2)
        s.begins(s0)
        s.ends(s0, 'close')
        memory(s, s1, 2)
        return 'the server keeps 2 connections, 1 are open'
      },
      'a secret that is no key of a session is left': (s) => {
        s.handshake(1)
        s.begins(s0)
        s.tells({ on: 'memory', at: s0, buffered: 0, retained: 0, connections: 1, secrets: 1 })
        return 's0 has not overwritten 1 secrets that are keys of no session'
      },
    },
  },
  B3: {
    holds: {
      'as many rounds as are to be kept': (s) => {
        s.handshake(1)
        memory(s, s0, 1, LIMITS.retainedRounds)
      },
    },
    breaks: {
      'one more': (s) => {
        s.handshake(1)
        memory(s, s0, 1, LIMITS.retainedRounds + 1)
        return 's0 keeps the values of 65 rounds'
      },
    },
  },
  B4: {
    holds: {
      'as many newer HELLOs as the cap': (s) => {
        s.limits = { ...LIMITS, unconfirmedPerId: 2 }
        s.handshake(1)
        s.handshake(1)
        s.reaches(s2, s.connects(1))
        s.sends(s0, 'TERMINATE')
        s.ends(s0, 'evicted')
      },
      'the server is full': (s) => {
        s.limits = { ...LIMITS, connections: 1 }
        s.begins(s0)
        s.begins(s1)
        s.ends(s0, 'evicted')
      },
    },
    breaks: {
      'too few newer HELLOs': (s) => {
        s.limits = { ...LIMITS, unconfirmedPerId: 2 }
        s.handshake(1)
        s.reaches(s1, s.connects(1))
        s.ends(s0, 'evicted')
        return 's0 gave way after 1 newer HELLOs, the cap is 2'
      },
      'HELLOs of another client': (s) => {
        s.limits = { ...LIMITS, unconfirmedPerId: 1 }
        s.handshake(1)
        s.reaches(s1, s.connects(2))
        s.ends(s0, 'evicted')
        return 's0 gave way after 0 newer HELLOs, the cap is 1'
      },
      'the newcomer itself': (s) => {
        oneTooMany(s)
        s.ends(s1, 'evicted')
        return 's1 gave way after 0 newer HELLOs, the cap is 1'
      },
      'a connection without a HELLO, where there is room': (s) => {
        s.begins(s0)
        s.begins(s1)
        s.ends(s0, 'evicted')
        return 's0 gave way after no newer HELLOs, the cap is 4'
      },
    },
  },
  B6: {
    holds: {
      'the oldest without a confirmed session gives way': (s) => {
        room(s, 2)
        s.begins(s2)
        s.ends(s1, 'evicted')
      },
      'a server full of confirmed sessions takes nobody': (s) => {
        s.limits = { ...LIMITS, connections: 1 }
        s.handshake(1)
        s.rounds(c0, s0, [1])
        s.begins(s1)
        s.ends(s1, 'evicted')
      },
    },
    breaks: {
      'one too many': (s) => {
        room(s, 2)
        s.begins(s2)
        return '3 connections are open'
      },
      'a newer one gives way': (s) => {
        room(s, 3)
        s.begins(s2)
        s.begins({ side: 'server', n: 3 })
        s.ends(s2, 'evicted')
        return 's2 gave way, s1 is older'
      },
    },
  },
  B5: {
    holds: {
      'a connection without a HELLO': (s) => {
        s.begins(s0)
        passes(s, LIMITS.helloMs - 1)
        passes(s, 1)
        s.ends(s0, 'timer')
      },
      'a session without a DATA': (s) => {
        s.handshake(1)
        passes(s, LIMITS.unconfirmedMs)
        s.sends(s0, 'TERMINATE')
        s.ends(s0, 'timer')
      },
      'a session since its last DATA': (s) => {
        s.handshake(1)
        s.rounds(c0, s0, [1])
        passes(s, LIMITS.idleMs - 1)
        s.rounds(c0, s0, [2])
        passes(s, LIMITS.idleMs)
        s.sends(s0, 'TERMINATE')
        s.ends(s0, 'timer')
      },
      'a client without a CHALLENGE, another without a response': (s) => {
        s.handshake(1)
        s.submits(c0, 1)
        s.connects(2)
        passes(s, LIMITS.challengeMs)
        s.ends(c1, 'timer')
        passes(s, LIMITS.responseMs - LIMITS.challengeMs)
        s.ends(c0, 'timer')
      },
    },
    breaks: {
      'a connection without a HELLO goes on': (s) => {
        s.begins(s0)
        passes(s, LIMITS.helloMs)
        return 's0 goes on at 5000 ms, its deadline was 5000'
      },
      'an unconfirmed session goes on': (s) => {
        s.handshake(1)
        passes(s, LIMITS.unconfirmedMs)
        return 's0 goes on at 120000 ms, its deadline was 120000'
      },
      'an idle session goes on': (s) => {
        s.handshake(1)
        s.rounds(c0, s0, [1])
        passes(s, LIMITS.idleMs)
        return 's0 goes on at 600000 ms, its deadline was 600000'
      },
      'a client waits on for a CHALLENGE': (s) => {
        s.connects(1)
        passes(s, LIMITS.challengeMs)
        return 'c0 goes on at 5000 ms, its deadline was 5000'
      },
      'a client waits on for a response': (s) => {
        s.handshake(1)
        s.submits(c0, 1)
        passes(s, LIMITS.responseMs)
        return 'c0 goes on at 10000 ms, its deadline was 10000'
      },
      'a session is timed out too early': (s) => {
        s.handshake(1)
        passes(s, LIMITS.unconfirmedMs - 1)
        s.ends(s0, 'timer')
        return 's0 timed out at 119999 ms, its deadline is 120000'
      },
      'a client that waits for nothing times out': (s) => {
        s.handshake(1)
        passes(s, LIMITS.challengeMs)
        s.ends(c0, 'timer')
        return 'c0 timed out at 5000 ms, its deadline is none'
      },
    },
  },
})
