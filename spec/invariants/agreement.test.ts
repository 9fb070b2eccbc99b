import * as agreement from './agreement.ts'
import type { Story } from './testkit.ts'
import { c0, c1, s0, s1, s2 } from './testkit.ts'
import { ownTests } from './testkit-judging.ts'

/** One HELLO on two connections: the client joins the first. */
const helloTwice = (s: Story): void => {
  const hello = s.connects(1)
  s.reaches(s0, hello)
  s.reaches(s1, hello)
  s.reaches(c0, s.of(s0, 'CHALLENGE'))
}

/** The server restarts with its generator as it was: the recorded session happens again, bit for bit. */
const again = (s: Story): void => {
  s.handshake(1)
  s.rounds(c0, s0, [1])
  s.rngRepeats = true
  s.begins(null, { do: 'restart', sameRng: true })
  s.ends(s0, 'fault', false)
  s.takes(s1, s.of(c0, 'HELLO'))
  s.sends(s1, 'CHALLENGE', { again: s.of(s0, 'CHALLENGE') })
  s.commits(s1)
  s.takes(s1, s.of(c0, 'DATA'))
  s.sends(s1, 'RESPONSE', { again: s.of(s0, 'RESPONSE') })
  s.commits(s1)
}

ownTests(agreement, {
  A1: {
    holds: {
      'values of two clients': (s) => {
        s.handshake(1)
        s.handshake(2)
        s.rounds(c0, s0, [1], [2])
        s.rounds(c1, s1, [3])
      },
      'values that an insider sealed with its own key': (s) => {
        s.handshake(1)
        s.reaches(s0, s.seals(s0, 'DATA', c0, 'current'))
      },
    },
    breaks: {
      'nobody sent them': (s) => {
        s.handshake(1)
        const altered = s.altered(s.submits(c0, 1))
        s.takes(s0, altered)
        return 's0 accepted values that client 1 never sent in round 1'
      },
      'another client sent them': (s) => {
        s.handshake(1)
        s.handshake(2)
        const data = s.submits(c1, 1)
        s.takes(s0, data)
        return 's0 accepted values that client 1 never sent in round 1'
      },
      'they were sent in another round': (s) => {
        s.handshake(1)
        s.rounds(c0, s0, [1])
        s.takes(s0, s.of(c0, 'DATA'))
        return 's0 accepted values that client 1 never sent in round 2'
      },
      'the server sent them': (s) => {
        s.handshake(1)
        s.begins(s0)
        const reflected = s.sends(s0, 'RESPONSE', { header: { opcode: 30 }, body: { kind: 'data', values: [1] } })
        s.takes(s0, reflected)
        return 's0 accepted values that client 1 never sent in round'
      },
      'what was sent are no values': (s) => {
        s.handshake(1)
        s.takes(s0, s.seals(s0, 'DATA', c0, 'current', { body: { kind: 'opaque', hex: '00' } }))
        return 's0 accepted values that client 1 never sent in round 1'
      },
      'no client is known': (s) => {
        s.handshake(1)
        const data = s.submits(c0, 1)
        s.takes(s1, data)
        return 's1 accepted values that client null never sent'
      },
    },
  },
  A1s: {
    holds: {
      'a DATA of one session is rejected by another': (s) => {
        s.handshake(1)
        s.handshake(1)
        s.rounds(c0, s0, [1])
        s.refuses(s1, s.of(c0, 'DATA'), 'bad-tag')
      },
    },
    breaks: {
      'a session of another HELLO': (s) => {
        s.handshake(1)
        s.handshake(1)
        const data = s.submits(c0, 1)
        s.takes(s1, data)
        return 's1 accepted values of a session with another HELLO or CHALLENGE'
      },
      'literal: HELLO and DATA replay on a connection of their own': (s) => {
        s.mode = 'literal'
        helloTwice(s)
        const data = s.submits(c0, 1)
        s.takes(s1, data)
        return 's1 accepted values of a session with another HELLO or CHALLENGE'
      },
    },
  },
  A2: {
    holds: {
      'an accepted DATA is rejected when it comes again': (s) => {
        s.handshake(1)
        s.rounds(c0, s0, [1], [2])
        s.refuses(s0, s.of(c0, 'DATA'), 'stale-round')
      },
      'not claimed once generators repeat': again,
    },
    breaks: {
      'by the same session': (s) => {
        s.handshake(1)
        s.rounds(c0, s0, [1])
        s.takes(s0, s.of(c0, 'DATA'))
        return 's0 accepted a DATA that was accepted before'
      },
      'literal: by another connection': (s) => {
        s.mode = 'literal'
        helloTwice(s)
        s.rounds(c0, s0, [1])
        s.takes(s1, s.of(c0, 'DATA'))
        return 's1 accepted a DATA that was accepted before'
      },
      'after a restart': (s) => {
        s.handshake(1)
        s.rounds(c0, s0, [1])
        s.begins(null, { do: 'restart' })
        s.ends(s0, 'fault')
        s.reaches(s1, s.of(c0, 'HELLO'))
        s.takes(s1, s.of(c0, 'DATA'))
        return 's1 accepted a DATA that was accepted before'
      },
    },
  },
  A3: {
    holds: {
      'a response is rejected when it comes again': (s) => {
        s.handshake(1)
        s.rounds(c0, s0, [1])
        s.refuses(c0, s.of(s0, 'RESPONSE'), 'stale-round')
      },
      'a response is rejected by another run': (s) => {
        s.handshake(1)
        s.handshake(1)
        s.submits(c1, 1)
        s.reaches(s0, s.submits(c0, 1))
        s.refuses(c1, s.of(s0, 'RESPONSE'), 'bad-tag')
      },
    },
    breaks: {
      'a response is accepted twice': (s) => {
        s.handshake(1)
        s.rounds(c0, s0, [1])
        s.takes(c0, s.of(s0, 'RESPONSE'))
        return 'c0 accepted a response that was accepted before'
      },
      'literal: a response to the DATA of another run': (s) => {
        s.mode = 'literal'
        s.handshake(1)
        s.handshake(1)
        s.submits(c1, 1)
        s.reaches(s0, s.submits(c0, 1))
        s.takes(c1, s.of(s0, 'RESPONSE'))
        return 'c1 accepted a response to a DATA it did not send in round 1'
      },
      'a response to the DATA of an earlier round': (s) => {
        s.handshake(1)
        s.rounds(c0, s0, [1])
        s.begins(s0)
        const late = s.sends(s0, 'RESPONSE') // still answers the DATA of round 1
        s.submits(c0, 2)
        s.takes(c0, late)
        return 'c0 accepted a response to a DATA it did not send in round 2'
      },
      'a response that answers nothing': (s) => {
        s.handshake(1)
        s.submits(c0, 1)
        s.takes(c0, s.altered(s.of(s0, 'CHALLENGE'), { opcode: 40, round: 1 }))
        return 'c0 accepted a response to a DATA it did not send in round 1'
      },
    },
  },
  A8: {
    holds: {
      'a CHALLENGE for another HELLO is rejected': (s) => {
        s.handshake(1)
        s.connects(1)
        s.refuses(c1, s.of(s0, 'CHALLENGE'), 'bad-tag')
      },
    },
    breaks: {
      'literal: a recorded CHALLENGE is accepted by a new run': (s) => {
        s.mode = 'literal'
        s.handshake(1)
        s.connects(1)
        s.takes(c1, s.of(s0, 'CHALLENGE'))
        return 'c1 accepted a CHALLENGE that was made for another HELLO'
      },
      'nobody made it': (s) => {
        s.reaches(s0, s.connects(1))
        s.takes(c0, s.altered(s.of(s0, 'CHALLENGE')))
        return 'c0 accepted a CHALLENGE that was made for another HELLO'
      },
    },
  },
  A10: {
    holds: {
      'a TERMINATE of one session is rejected by another, and obeyed by its own': (s) => {
        s.handshake(1)
        s.handshake(1)
        const terminate = s.finishes(c0)
        s.refuses(s1, terminate, 'bad-tag')
        s.reaches(s0, terminate)
      },
    },
    breaks: {
      'literal: a KEY_DESYNC_ERROR of a session with another HELLO': (s) => {
        s.mode = 'literal'
        s.handshake(1)
        s.handshake(1)
        s.refuses(s0, s.altered(s.submits(c0, 1)), 'bad-tag')
        s.takes(c1, s.of(s0, 'DESYNC'))
        return 'c1 obeyed a control frame of another session'
      },
      'literal: a TERMINATE of a session with another CHALLENGE': (s) => {
        s.mode = 'literal'
        helloTwice(s)
        const terminate = s.finishes(c0)
        s.takes(s1, terminate)
        return 's1 obeyed a control frame of another session'
      },
      'nobody sent it': (s) => {
        s.handshake(1)
        s.takes(s0, s.altered(s.of(c0, 'HELLO'), { opcode: 60, round: 1 }))
        return 's0 obeyed a control frame of another session'
      },
      'without a session': (s) => {
        s.handshake(1)
        const terminate = s.finishes(c0)
        s.takes(s2, terminate)
        return 's2 obeyed a control frame of another session'
      },
    },
  },
  A4: {
    holds: {
      'values and their aggregate, as they were sent': (s) => {
        s.handshake(1)
        const data = s.submits(c0, 1)
        s.takes(s0, data)
        s.sends(s0, 'RESPONSE')
        s.informs(s0, data)
        s.commits(s0)
      },
    },
    breaks: {
      'another opcode': (s) => {
        s.handshake(1)
        s.informs(s0, s.submits(c0, 1), { opcode: 60 })
        return 's0 was told of opcode 60, it is 30'
      },
      'another client': (s) => {
        s.handshake(1)
        s.informs(s0, s.submits(c0, 1), { id: 2 })
        return 's0 was told of client 2, it is 1'
      },
      'another round': (s) => {
        s.handshake(1)
        s.informs(s0, s.submits(c0, 1), { round: 2 })
        return 's0 was told of round 2, it is 1'
      },
      'other values': (s) => {
        s.handshake(1)
        s.informs(s0, s.submits(c0, 1), { body: { kind: 'data', values: [1, 1] } })
        return 's0 was told of other contents than those of the frame (opcode 30)'
      },
      'another aggregate than the one that was answered': (s) => {
        s.handshake(1)
        const data = s.submits(c0, 1)
        s.takes(s0, data)
        s.sends(s0, 'RESPONSE')
        s.informs(s0, data, { answer: { kind: 'aggregate', sum: 7, count: 1, average: 7 } })
        return 's0 was told of another aggregate than the one that it answered'
      },
    },
  },
  A9: {
    holds: {
      'values are submitted and answered, unreadable': (s) => {
        s.handshake(1)
        s.takes(s0, s.submits(c0, 1))
        s.sends(s0, 'RESPONSE', { exposes: false })
        s.commits(s0)
      },
    },
    breaks: {
      'a value stands in the DATA': (s) => {
        s.handshake(1)
        s.begins(c0)
        s.sends(c0, 'DATA', { exposes: true })
        return 'c0 sent opcode 30 with a submitted value in clear'
      },
      'a value stands in a control frame': (s) => {
        s.handshake(1)
        s.begins(s0)
        s.sends(s0, 'TERMINATE', { exposes: true })
        return 's0 sent opcode 60 with a submitted value in clear'
      },
    },
  },
})
