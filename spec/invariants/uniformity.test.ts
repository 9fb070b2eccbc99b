import type { FrameId, Reason } from '../events.ts'
import type { Story } from './testkit.ts'
import { c0, c1, s0, s1 } from './testkit.ts'
import { ownTests } from './testkit-judging.ts'
import * as uniformity from './uniformity.ts'

/** An ACTIVE session rejects a frame in this step; its reaction is to be told. */
const rejected = (s: Story, reason: Reason): void => {
  s.handshake(1)
  const altered = s.altered(s.submits(c0, 1))
  s.begins(s0)
  s.delivers(s0, altered)
  s.rejects(s0, altered, reason)
}

/** A first frame is rejected in this step; its reaction is to be told. */
const rejectedFirst = (s: Story): void => {
  const altered = s.altered(s.connects(1))
  s.begins(s0)
  s.delivers(s0, altered)
  s.rejects(s0, altered, 'bad-tag')
}

const EXPECTED = 'every cause must show opcode 50, 71 bytes, control, round 1, id 1'

ownTests(uniformity, {
  O1: {
    holds: {
      'an ACTIVE session sends one KEY_DESYNC_ERROR': (s) => {
        s.handshake(1)
        s.refuses(s0, s.altered(s.submits(c0, 1)), 'bad-tag')
      },
      'a first frame is met with silence': (s) => {
        s.refuses(s0, s.altered(s.connects(1)), 'bad-tag')
      },
      'a client is silent': (s) => {
        s.handshake(1)
        s.refuses(c0, s.altered(s.of(s0, 'CHALLENGE')), 'stale-round')
      },
      'a bad TERMINATE is met with silence': (s) => {
        s.handshake(1)
        s.refuses(s0, s.altered(s.of(c0, 'HELLO'), { opcode: 60 }), 'bad-tag')
      },
      'a superseded session is told so': (s) => {
        s.handshake(1)
        s.handshake(1)
        s.rounds(c1, s1, [2])
        s.refuses(s0, s.submits(c0, 1), 'superseded')
      },
      'a superseded session is told nothing of a bad tag': (s) => {
        s.handshake(1)
        s.handshake(1)
        s.rounds(c1, s1, [2])
        s.refuses(s0, s.altered(s.submits(c0, 1)), 'bad-tag')
      },
      'a superseded session is told nothing of a bad padding': (s) => {
        s.handshake(1)
        s.handshake(1)
        s.rounds(c1, s1, [2])
        s.refuses(s0, s.unpadded(s0, 'DATA', c0), 'bad-padding')
      },
      'an answer that cannot be sent cannot be seen': (s) => {
        rejected(s, 'bad-tag')
        s.tells({ on: 'unsent', at: s0 })
        s.ends(s0, 'rejection')
      },
      'what others send is no part of it': (s) => {
        s.handshake(2)
        s.handshake(2)
        const altered = s.altered(s.submits(c0, 1))
        s.begins(s0)
        s.delivers(s0, altered)
        s.rejects(s0, altered, 'bad-padding')
        s.sends(s1, 'TERMINATE')
        s.sends(s0, 'DESYNC')
        s.ends(s0, 'rejection')
      },
    },
    breaks: {
      'a bad padding is met with silence': (s) => {
        rejected(s, 'bad-padding')
        s.ends(s0, 'rejection')
        return `s0 answered a rejected frame with nothing; ${EXPECTED}`
      },
      'two answers': (s) => {
        rejected(s, 'bad-tag')
        s.sends(s0, 'DESYNC')
        s.sends(s0, 'DESYNC')
        s.ends(s0, 'rejection')
        return EXPECTED
      },
      'another opcode': (s) => {
        rejected(s, 'stale-round')
        s.sends(s0, 'TERMINATE')
        s.ends(s0, 'rejection')
        return `with opcode 60, 71 bytes, control, round 1, id 1; ${EXPECTED}`
      },
      'a longer answer that tells the cause': (s) => {
        rejected(s, 'bad-tag')
        s.sends(s0, 'DESYNC', { bytes: 87, body: { kind: 'opaque', hex: '07' } })
        s.ends(s0, 'rejection')
        return `with opcode 50, 87 bytes, opaque, round 1, id 1; ${EXPECTED}`
      },
      'another payload of the same length': (s) => {
        rejected(s, 'bad-tag')
        s.sends(s0, 'DESYNC', { body: { kind: 'opaque', hex: '07' } })
        s.ends(s0, 'rejection')
        return `with opcode 50, 71 bytes, opaque, round 1, id 1; ${EXPECTED}`
      },
      'another round': (s) => {
        rejected(s, 'future-round')
        s.sends(s0, 'DESYNC', { header: { round: 7 } })
        s.ends(s0, 'rejection')
        return `with opcode 50, 71 bytes, control, round 7, id 1; ${EXPECTED}`
      },
      'the id of the frame instead of its own': (s) => {
        rejected(s, 'wrong-client')
        s.sends(s0, 'DESYNC', { header: { id: 2 } })
        s.ends(s0, 'rejection')
        return `with opcode 50, 71 bytes, control, round 1, id 2; ${EXPECTED}`
      },
      'a superseded session is told that keys differ': (s) => {
        rejected(s, 'superseded')
        s.sends(s0, 'DESYNC')
        s.ends(s0, 'rejection')
        return 'every cause must show opcode 60, 71 bytes, control, round 1, id 1'
      },
      'a bad KEY_DESYNC_ERROR is answered': (s) => {
        s.handshake(1)
        const desync = s.altered(s.of(c0, 'HELLO'), { opcode: 50 })
        s.begins(s0)
        s.rejects(s0, desync, 'out-of-phase')
        s.sends(s0, 'DESYNC')
        s.ends(s0, 'rejection')
        return 'every cause must show nothing'
      },
      'a client answers': (s) => {
        s.handshake(1)
        const altered = s.altered(s.of(s0, 'CHALLENGE'))
        s.begins(c0)
        s.rejects(c0, altered, 'bad-tag')
        s.sends(c0, 'TERMINATE')
        s.ends(c0, 'rejection')
        return 'every cause must show nothing'
      },
      'a first frame is answered': (s) => {
        rejectedFirst(s)
        s.sends(s0, 'DESYNC')
        s.ends(s0, 'rejection')
        return 'every cause must show nothing'
      },
    },
  },
  O2: {
    holds: {
      'an unknown id, a bad tag, junk': (s) => {
        const hello = s.connects(1)
        s.refuses(s0, s.altered(hello, { id: 99 }), 'wrong-client')
        s.refuses(s1, s.altered(hello), 'bad-tag')
      },
      'not about sessions': (s) => {
        s.refuses(s0, s.altered(s.connects(1), { opcode: 99 }), 'unknown-opcode')
        s.refuses(c0, s.altered(s.of(c0, 'HELLO'), { direction: 2 }), 'out-of-phase')
        const hello = s.connects(1)
        s.reaches(s1, hello)
        s.refuses(s1, s.altered(hello), 'stale-round')
      },
    },
    breaks: {
      'a bad tag is answered': (s) => {
        rejectedFirst(s)
        s.sends(s0, 'DESYNC')
        s.ends(s0, 'rejection')
        return 's0 answered a rejected frame with opcode 50, 71 bytes, control, round 0, id 0; every cause must show nothing'
      },
    },
  },
  O3: {
    holds: {
      'each side under its own keys': (s) => {
        s.handshake(1)
        s.handshake(2)
        s.rounds(c0, s0, [1])
        s.refuses(s0, s.altered(s.submits(c0, 1)), 'bad-tag')
        s.reaches(s1, s.finishes(c1))
      },
    },
    breaks: {
      'under other keys': (s) => {
        s.handshake(1)
        s.begins(s0)
        s.sends(s0, 'TERMINATE', { body: { kind: 'sealed' } })
        return 's0 sent opcode 60 that is not sealed under its keys of round 1'
      },
      'with another round': (s) => {
        s.handshake(1)
        s.begins(s0)
        s.sends(s0, 'DESYNC', { header: { round: 0 } })
        return 's0 sent opcode 50 that is not sealed under its keys of round 1'
      },
      'with another id': (s) => {
        s.handshake(1)
        s.begins(c0)
        s.sends(c0, 'TERMINATE', { header: { id: 2 } })
        return 'c0 sent opcode 60 that is not sealed under its keys of round 1'
      },
      'without a session': (s) => {
        s.begins(s0)
        s.sends(s0, 'DESYNC')
        return 's0 sent opcode 50 that is not sealed under its keys of round undefined'
      },
    },
  },
  O4: {
    holds: {
      'frames of other sessions are rejected before AES': (s) => {
        s.handshake(1)
        s.handshake(1)
        s.refuses(s1, s.submits(c0, 1), 'bad-tag')
        s.connects(1)
      },
      'a HELLO belongs to whichever connection gets it': (s) => {
        s.handshake(1)
        s.reaches(s1, s.of(c0, 'HELLO'))
        s.refuses(s1, s.submits(c0, 1), 'bad-tag')
      },
    },
    breaks: {
      'literal: a response of a sibling session': (s) => {
        s.mode = 'literal'
        s.handshake(1)
        s.handshake(1)
        s.submits(c1, 1)
        s.reaches(s0, s.submits(c0, 1))
        return decrypted(s, c1, s.of(s0, 'RESPONSE'))
      },
      'literal: a CHALLENGE for another HELLO': (s) => {
        s.mode = 'literal'
        s.handshake(1)
        s.connects(1)
        return decrypted(s, c1, s.of(s0, 'CHALLENGE'))
      },
      'literal: a DATA for another CHALLENGE': (s) => {
        s.mode = 'literal'
        s.handshake(1)
        s.reaches(s1, s.of(c0, 'HELLO'))
        return decrypted(s, s1, s.submits(c0, 1))
      },
    },
  },
})

const decrypted = (s: Story, at: typeof c0, frame: FrameId): string => {
  s.begins(at)
  s.delivers(at, frame)
  s.decrypts(at, frame)
  return 'decrypted a genuine frame of another session'
}
