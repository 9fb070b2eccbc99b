import * as framing from './framing.ts'
import { c0, keys, s0, s1 } from './testkit.ts'
import { ownTests } from './testkit-judging.ts'

ownTests(framing, {
  F1: {
    holds: {
      'an altered frame moves nothing, each faithful one its own session': (s) => {
        s.handshake(1)
        s.rounds(c0, s0, [1])
        s.refuses(s0, s.altered(s.submits(c0, 2)), 'bad-tag')
      },
    },
    breaks: {
      'an exception escapes': (s) => {
        s.begins(s0)
        s.tells({ on: 'fault', at: s0, error: 'TypeError: x' })
        return 'an exception escaped at s0: TypeError: x'
      },
      'a session out of nothing': (s) => {
        s.begins(s0)
        const view = { id: 1, phase: 'ACTIVE', round: 1, confirmed: false, outstanding: false, keys: null } as const
        s.tells({ on: 'committed', at: s0, before: null, view })
        return 's0 moved to ACTIVE round 1 without an accepted frame'
      },
      'a verdict on other bytes than those that arrived': (s) => {
        s.handshake(1)
        s.begins(s0)
        s.delivers(s0, s.altered(s.of(c0, 'HELLO')))
        s.rejects(s0, s.of(c0, 'HELLO'), 'bad-tag')
        return 's0 rejected a frame that is not the one that arrived'
      },
      'an acceptance where nothing arrived': (s) => {
        s.handshake(1)
        const data = s.submits(c0, 1)
        s.begins(s0)
        s.accepts(s0, data)
        return 's0 accepted a frame that is not the one that arrived'
      },
      'a phase without a frame': (s) => {
        s.connects(1)
        s.begins(c0)
        s.commits(c0, { phase: 'ACTIVE' })
        return 'c0 moved to ACTIVE round 0 without an accepted frame'
      },
      'a round without a frame': (s) => {
        s.handshake(1)
        s.begins(s0)
        s.commits(s0, { round: 2 })
        return 's0 moved to ACTIVE round 2 without an accepted frame'
      },
      'a confirmation without a frame': (s) => {
        s.handshake(1)
        s.begins(s0)
        s.commits(s0, { confirmed: true })
        return 's0 moved to ACTIVE round 1 without an accepted frame'
      },
      'keys without a frame': (s) => {
        s.handshake(1)
        s.begins(s0)
        s.commits(s0, { keys: keys('a', 'b', 'c', 'd') })
        return 's0 moved to ACTIVE round 1 without an accepted frame'
      },
      'two rounds for one frame': (s) => {
        s.handshake(1)
        s.reaches(s0, s.submits(c0, 1))
        s.commits(s0, { round: 3 })
        return 's0 moved to ACTIVE round 3 without an accepted frame'
      },
      'a round for a frame that another connection accepted': (s) => {
        s.handshake(1)
        s.handshake(2)
        s.takes(s0, s.of(c0, 'HELLO'))
        s.commits(s1, { round: 2 })
        return 's1 moved to ACTIVE round 2 without an accepted frame'
      },
      'a round for a frame of an earlier step': (s) => {
        s.handshake(1)
        const data = s.submits(c0, 1)
        s.takes(s0, data)
        s.begins(s0)
        s.commits(s0, { round: 2 })
        return 's0 moved to ACTIVE round 2 without an accepted frame'
      },
    },
  },
  F4: {
    holds: {
      'the longest frame and its prefix, almost complete': (s) => {
        s.begins(s0)
        s.tells({ on: 'memory', at: s0, buffered: 4 + 4_167, retained: 0, connections: 1 })
      },
    },
    breaks: {
      'one byte more': (s) => {
        s.begins(s0)
        s.tells({ on: 'memory', at: s0, buffered: 4 + 4_168, retained: 0, connections: 1 })
        return 's0 holds 4172 bytes back'
      },
    },
  },
})
