import { LIMITS } from '../language.ts'
import * as isolation from './isolation.ts'
import type { Story } from './testkit.ts'
import { c0, c1, c2, s0, s1, s2 } from './testkit.ts'
import { ownTests } from './testkit-judging.ts'

/** Client 1 has a confirmed session on s0. */
const confirmed = (s: Story): void => {
  s.handshake(1)
  s.rounds(c0, s0, [1])
}

ownTests(isolation, {
  I2: {
    holds: {
      'a HELLO of the same client, replayed and then genuine': (s) => {
        confirmed(s)
        s.reaches(s1, s.of(c0, 'HELLO'))
        s.reaches(s2, s.connects(1))
        s.rounds(c0, s0, [2])
      },
      'on its own connection it ends the session': (s) => {
        confirmed(s)
        s.reaches(s1, s.of(c0, 'HELLO'))
        s.refuses(s0, s.of(c0, 'HELLO'), 'stale-round')
      },
      'a DATA after it, in the same chunk, may supersede': (s) => {
        confirmed(s)
        s.handshake(1)
        const data = s.submits(c1, 2)
        const hello = s.connects(1)
        s.begins(s2)
        s.delivers(s2, hello)
        s.rejects(s2, hello, 'bad-tag')
        s.ends(s2, 'rejection')
        s.reaches(s1, data)
      },
    },
    breaks: {
      'a genuine HELLO ends it': (s) => {
        confirmed(s)
        const hello = s.connects(1)
        s.takes(s1, hello)
        s.ends(s0, 'supersede')
        return 'a HELLO at s1 changed the confirmed s0'
      },
      'a replayed HELLO changes it': (s) => {
        confirmed(s)
        s.begins(s1)
        s.delivers(s1, s.of(c0, 'HELLO'))
        s.commits(s0, { confirmed: false })
        return 'a HELLO at s1 changed the confirmed s0'
      },
      'a forged HELLO of another client ends it': (s) => {
        confirmed(s)
        const forged = s.altered(s.of(c0, 'HELLO'), { id: 2 })
        s.begins(s1)
        s.delivers(s1, forged)
        s.rejects(s1, forged, 'bad-tag')
        s.ends(s0, 'evicted')
        return 'a HELLO at s1 changed the confirmed s0'
      },
    },
  },
  I4: {
    holds: {
      'the first DATA of a newer session supersedes': (s) => {
        confirmed(s)
        s.handshake(1)
        s.rounds(c1, s1, [2])
      },
      'a HELLO too many: the oldest unconfirmed session of its client gives way': (s) => {
        s.limits = { ...LIMITS, unconfirmedPerId: 1 }
        s.handshake(1)
        s.reaches(s1, s.connects(1))
        s.sends(s0, 'TERMINATE')
        s.ends(s0, 'evicted')
      },
      'a connection too many: the oldest without a confirmed session gives way': (s) => {
        s.limits = { ...LIMITS, connections: 2 }
        s.handshake(1)
        s.handshake(2)
        const hello = s.connects(2)
        s.begins(s2)
        s.ends(s0, 'evicted')
        s.delivers(s2, hello)
        s.accepts(s2, hello)
        s.sends(s2, 'CHALLENGE')
        s.commits(s2)
        s.rounds(c1, s1, [1])
      },
      'time ends sessions, whatever arrived before': (s) => {
        s.handshake(1)
        s.handshake(2)
        s.rounds(c0, s0, [1])
        s.begins(null, { do: 'advance', ms: LIMITS.unconfirmedMs })
        s.sends(s1, 'TERMINATE')
        s.ends(s1, 'timer')
      },
    },
    breaks: {
      'what reaches one session changes another': (s) => {
        s.handshake(1)
        s.handshake(2)
        const data = s.submits(c1, 1)
        s.takes(s1, data)
        s.commits(s0, { round: 2 })
        return 'what reached s1 changed s0'
      },
      'a rejected frame ends another session of its client': (s) => {
        s.handshake(1)
        s.handshake(1)
        s.refuses(s1, s.altered(s.submits(c1, 1)), 'bad-tag')
        s.ends(s0, 'rejection')
        return 'what reached s1 ended s0 (rejection)'
      },
      'a HELLO supersedes': (s) => {
        confirmed(s)
        s.reaches(s1, s.connects(1))
        s.ends(s0, 'supersede')
        return 'what reached s1 ended s0 (supersede)'
      },
      'a later DATA supersedes': (s) => {
        s.handshake(1)
        s.handshake(1)
        s.rounds(c1, s1, [1])
        s.reaches(s1, s.submits(c1, 2))
        s.ends(s0, 'supersede')
        return 'what reached s1 ended s0 (supersede)'
      },
      'the first DATA of another client supersedes': (s) => {
        confirmed(s)
        s.handshake(2)
        s.reaches(s1, s.submits(c1, 1))
        s.ends(s0, 'supersede')
        return 'what reached s1 ended s0 (supersede)'
      },
      'an unconfirmed session is superseded': (s) => {
        s.handshake(1)
        s.handshake(1)
        s.reaches(s1, s.submits(c1, 1))
        s.ends(s0, 'supersede')
        return 'what reached s1 ended s0 (supersede)'
      },
      'a HELLO evicts a confirmed session': (s) => {
        confirmed(s)
        s.reaches(s1, s.connects(1))
        s.ends(s0, 'evicted')
        return 'what reached s1 ended s0 (evicted)'
      },
      'a HELLO on a known connection evicts a session of another client': (s) => {
        s.handshake(1)
        s.begins(s1)
        s.reaches(s1, s.connects(2))
        s.ends(s0, 'evicted')
        return 'what reached s1 ended s0 (evicted)'
      },
      'a DATA evicts': (s) => {
        s.handshake(1)
        s.handshake(1)
        s.reaches(s1, s.submits(c1, 1))
        s.ends(s0, 'evicted')
        return 'what reached s1 ended s0 (evicted)'
      },
      'what reaches a client ends a session at the server': (s) => {
        s.handshake(1)
        s.refuses(c0, s.altered(s.of(s0, 'CHALLENGE')), 'stale-round')
        s.ends(s0, 'close')
        return 'what reached c0 ended s0 (close)'
      },
    },
  },
  I5: {
    holds: {
      'the newer supersedes the older': (s) => {
        confirmed(s)
        s.handshake(1)
        s.rounds(c1, s1, [2])
      },
      'the older is refused once the newer is confirmed': (s) => {
        s.handshake(1)
        s.handshake(1)
        s.rounds(c1, s1, [2])
        s.refuses(s0, s.submits(c0, 1), 'superseded')
      },
    },
    breaks: {
      'the older supersedes the newer': (s) => {
        s.handshake(1)
        s.handshake(1)
        s.rounds(c1, s1, [2])
        s.reaches(s0, s.submits(c0, 1))
        return 's1 (HELLO number 1) was superseded by HELLO number 0'
      },
      'a session supersedes itself': (s) => {
        s.handshake(1)
        s.reaches(s0, s.submits(c0, 1))
        s.ends(s0, 'supersede')
        return 's0 (HELLO number 0) was superseded by HELLO number 0'
      },
      'the oldest of three supersedes one between': (s) => {
        s.handshake(1)
        s.handshake(1)
        s.handshake(1)
        s.submits(c2, 3)
        s.rounds(c1, s1, [2])
        s.reaches(s0, s.submits(c0, 1))
        return 's1 (HELLO number 1) was superseded by HELLO number 0'
      },
    },
  },
})
