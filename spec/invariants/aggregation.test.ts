import type { Body } from '../events.ts'
import { LIMITS } from '../language.ts'
import * as aggregation from './aggregation.ts'
import type { Story } from './testkit.ts'
import { c0, c1, c2, s0, s1, s2 } from './testkit.ts'
import { ownTests } from './testkit-judging.ts'

const aggregate = (sum: number, count: number, average = sum / count): { body: Body } => ({
  body: { kind: 'aggregate', sum, count, average },
})

/** PROTOCOL §8, the example: client 1 submitted 10, 20 in round 1; client 2 submits 30, 40 and is to be answered. */
const example = (s: Story): void => {
  s.handshake(1)
  s.handshake(2)
  s.rounds(c0, s0, [10, 20])
  const data = s.submits(c1, 30, 40)
  s.takes(s1, data)
}

/** Clients 1 and 2 submitted 1 and 10 in round 1 and left; client 3 submits 100 and is to be answered. */
const departed = (s: Story): void => {
  for (const id of [1, 2, 3]) s.handshake(id)
  s.rounds(c0, s0, [1])
  s.rounds(c1, s1, [10])
  const data = s.submits(c2, 100)
  s.begins(null)
  s.ends(s0, 'close')
  s.ends(s1, 'close')
  s.takes(s2, data)
}

/** Client 1 submitted 1 and 10 in rounds 1 and 2, and 100 in round 3, which is to be answered. */
const thirdRound = (s: Story): void => {
  s.handshake(1)
  s.rounds(c0, s0, [1], [10])
  const data = s.submits(c0, 100)
  s.takes(s0, data)
}

const answered = (tell: (s: Story) => void, at = s0) => {
  return (s: Story): void => {
    tell(s)
    s.sends(at, 'RESPONSE')
    s.commits(at)
  }
}

ownTests(aggregation, {
  G1: {
    holds: {
      'the example of PROTOCOL §8': (s) => {
        example(s)
        s.sends(s1, 'RESPONSE', aggregate(100, 4))
        s.commits(s1)
      },
      'rounds that are no longer kept do not count': (s) => {
        s.limits = { ...LIMITS, retainedRounds: 2 }
        s.handshake(1)
        s.handshake(2)
        s.handshake(3)
        s.rounds(c0, s0, [1], [10], [100])
        s.rounds(c1, s1, [2])
        s.takes(s2, s.submits(c2, 3))
        s.sends(s2, 'RESPONSE', aggregate(5, 2))
        s.commits(s2)
      },
    },
    breaks: {
      'a value too few': (s) => {
        example(s)
        s.sends(s1, 'RESPONSE', aggregate(60, 3))
        return 'round 1: sum 60 of 3 values, accepted were [10, 20, 30, 40]'
      },
      'its own values are missing': (s) => {
        example(s)
        s.sends(s1, 'RESPONSE', aggregate(30, 2))
        return 'round 1: sum 30 of 2 values, accepted were [10, 20, 30, 40]'
      },
      'another sum of as many values': (s) => {
        example(s)
        s.sends(s1, 'RESPONSE', aggregate(101, 4))
        return 'round 1: sum 101 of 4 values, accepted were [10, 20, 30, 40]'
      },
      'no number at all': (s) => {
        example(s)
        s.sends(s1, 'RESPONSE', aggregate(Number.NaN, 4))
        return 'round 1: sum NaN of 4 values'
      },
      'a round that is no longer kept still counts': (s) => {
        s.limits = { ...LIMITS, retainedRounds: 2 }
        s.handshake(1)
        s.handshake(2)
        s.rounds(c0, s0, [1], [10], [100])
        s.takes(s1, s.submits(c1, 2))
        s.sends(s1, 'RESPONSE', aggregate(3, 2))
        return 'round 1: sum 3 of 2 values, accepted were [2]'
      },
      'a round that is still kept does not count': (s) => {
        s.limits = { ...LIMITS, retainedRounds: 3 }
        s.handshake(1)
        s.handshake(2)
        s.rounds(c0, s0, [1], [10], [100])
        s.takes(s1, s.submits(c1, 2))
        s.sends(s1, 'RESPONSE', aggregate(2, 1))
        return 'round 1: sum 2 of 1 values, accepted were [1, 2]'
      },
    },
  },
  G2: {
    holds: {
      'the newer session supersedes': (s) => {
        s.handshake(1)
        s.rounds(c0, s0, [1])
        s.handshake(1)
        s.rounds(c1, s1, [2])
      },
      'the older session is refused': (s) => {
        s.handshake(1)
        s.handshake(1)
        s.rounds(c1, s1, [2])
        s.refuses(s0, s.submits(c0, 1), 'superseded')
      },
      'a party shows nothing more of a connection that ended': (s) => {
        s.handshake(1)
        s.rounds(c0, s0, [1])
        s.handshake(1)
        s.takes(s1, s.submits(c1, 2))
        s.sends(s1, 'RESPONSE')
        s.commits(s1)
        s.ends(s0, 'supersede', false)
      },
    },
    breaks: {
      'two sessions of a client are confirmed': (s) => {
        s.handshake(1)
        s.handshake(1)
        s.rounds(c0, s0, [1])
        s.takes(s1, s.submits(c1, 2))
        s.commits(s1, { confirmed: true })
        return 'client 1 has two confirmed sessions'
      },
    },
  },
  G3: {
    holds: { 'the departed do not count': answered(departed, s2) },
    breaks: {
      'one who left still counts': (s) => {
        departed(s)
        s.sends(s2, 'RESPONSE', aggregate(110, 2))
        return 'round 1: the aggregate still counts values of a session that has ended'
      },
      'all who left still count': (s) => {
        departed(s)
        s.sends(s2, 'RESPONSE', aggregate(111, 3))
        return 'round 1: the aggregate still counts values of a session that has ended'
      },
      'the superseded session still counts': (s) => {
        s.handshake(1)
        s.handshake(1)
        s.rounds(c0, s0, [1])
        s.takes(s1, s.submits(c1, 2))
        s.sends(s1, 'RESPONSE', aggregate(3, 2))
        return 'round 1: the aggregate still counts values of a session that has ended'
      },
    },
  },
  G4: {
    holds: { 'earlier rounds do not count': answered(thirdRound) },
    breaks: {
      'one other round counts': (s) => {
        thirdRound(s)
        s.sends(s0, 'RESPONSE', aggregate(110, 2))
        return 'round 3: the aggregate counts values of another round'
      },
      'all rounds count': (s) => {
        thirdRound(s)
        s.sends(s0, 'RESPONSE', aggregate(111, 3))
        return 'round 3: the aggregate counts values of another round'
      },
    },
  },
  G5: {
    holds: {
      'a payload that is no values is rejected': (s) => {
        example(s)
        s.sends(s1, 'RESPONSE')
        s.commits(s1)
        const nan = s.seals(s0, 'DATA', c0, 'current', { body: { kind: 'opaque', hex: '00017ff8000000000000' } })
        s.refuses(s0, nan, 'bad-payload')
      },
    },
    breaks: {
      'a payload that is no values is accepted': (s) => {
        s.handshake(1)
        const nan = s.seals(s0, 'DATA', c0, 'current', { body: { kind: 'opaque', hex: '00017ff8000000000000' } })
        s.takes(s0, nan)
        return 's0 accepted opcode 30 with a payload that is not valid'
      },
      'a HELLO that is no text is accepted': (s) => {
        s.connects(1)
        const hello = s.seals(s0, 'HELLO', c0, 'initial', { body: { kind: 'opaque', hex: 'ff' } })
        s.takes(s0, hello)
        return 's0 accepted opcode 10 with a payload that is not valid'
      },
      'an infinite sum': (s) => {
        example(s)
        s.sends(s1, 'RESPONSE', aggregate(Number.POSITIVE_INFINITY, 4))
        return 'an aggregate of Infinity over 4'
      },
      'an average that is none': (s) => {
        example(s)
        s.sends(s1, 'RESPONSE', aggregate(100, 4, Number.NaN))
        return 'an aggregate of 100 over 4'
      },
      'an aggregate of nothing': (s) => {
        example(s)
        s.sends(s1, 'RESPONSE', aggregate(0, 0, 0))
        return 'an aggregate of 0 over 0'
      },
    },
  },
  G7: {
    holds: {
      'magnitudes that cancel': (s) => {
        s.handshake(1)
        s.takes(s0, s.submits(c0, 1e15, 0.1, -1e15))
        s.sends(s0, 'RESPONSE', aggregate(0.1, 3, 0.1 / 3))
        s.commits(s0)
      },
      'zeros of either sign': (s) => {
        s.handshake(1)
        s.takes(s0, s.submits(c0, -0, -0, -0))
        s.sends(s0, 'RESPONSE', aggregate(0, 3, 0))
        s.commits(s0)
      },
    },
    breaks: {
      'the sum depends on the order of arrival': (s) => {
        s.handshake(1)
        s.takes(s0, s.submits(c0, 1e15, 0.1, -1e15))
        s.sends(s0, 'RESPONSE', aggregate(1e15 + 0.1 - 1e15, 3))
        return '[1000000000000000, 0.1, -1000000000000000]: sum 0.125'
      },
      'a negative zero': (s) => {
        s.handshake(1)
        s.takes(s0, s.submits(c0, -0))
        s.sends(s0, 'RESPONSE', aggregate(-0, 1, 0))
        return 'exact are 0, 0'
      },
      'a wrong average': (s) => {
        example(s)
        s.sends(s1, 'RESPONSE', aggregate(100, 4, 24))
        return 'sum 100, average 24; exact are 100, 25'
      },
    },
  },
})
