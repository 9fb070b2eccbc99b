import { endName, type FrameId, type Header, type Phase } from '../events.ts'
import type { End } from '../language.ts'
import { MAX_ROUND, OP } from '../opcodes.ts'
import * as state from './state.ts'
import { c0, c1, keys, type Story, s0, s1 } from './testkit.ts'
import { ownTests } from './testkit-judging.ts'

/** An altered DATA for s0, which nobody ought to accept. */
const forged = (s: Story): FrameId => {
  s.handshake(1)
  return s.altered(s.submits(c0, 1))
}

/** A KEY_DESYNC_ERROR or TERMINATE for s0 that nobody sent. */
const forgedControl = (s: Story, opcode: number): FrameId => s.altered(forged(s), { opcode })

/** c0 and s0 have a session, c1 waits for its CHALLENGE, s1 is new: one of them accepts an opcode in that phase. */
const takes = (at: End, opcode: number, phase: Phase) => (s: Story) => {
  s.handshake(1)
  s.connects(1)
  s.takes(at, s.altered(s.of(c0, 'HELLO'), { opcode }))
  return `${endName(at)} accepted opcode ${opcode} in phase ${phase}`
}

/** The DATA of round 1 is accepted with this in its header. */
const carrying = (at: End, header: Partial<Header>, why: string) => (s: Story) => {
  s.handshake(1)
  s.takes(at, s.altered(s.submits(c0, 1), header))
  return `${endName(at)} accepted ${why}`
}

ownTests(state, {
  S1: {
    holds: {
      'each opcode where it belongs, and a RESPONSE without a request refused': (s) => {
        s.handshake(1)
        s.handshake(1)
        s.rounds(c0, s0, [1])
        s.reaches(s0, s.finishes(c0))
        s.refuses(c1, s.seals(c1, 'RESPONSE', s1, 'current'), 'out-of-phase')
      },
      'a client obeys 50 and 60 while it waits for a response': (s) => {
        s.handshake(1)
        s.submits(c0, 1)
        s.refuses(s0, s.seals(s0, 'CHALLENGE', c0, 'current', { header: { direction: 1 } }), 'out-of-phase')
        s.reaches(c0, s.newest(s0))
      },
    },
    breaks: {
      'a connection takes DATA for a HELLO': takes(s1, OP.DATA, 'INIT'),
      'a connection without a session obeys TERMINATE': takes(s1, OP.TERMINATE, 'INIT'),
      'a session takes a second HELLO': takes(s0, OP.HELLO, 'ACTIVE'),
      'a server takes a CHALLENGE': takes(s0, OP.CHALLENGE, 'ACTIVE'),
      'a server takes a RESPONSE': takes(s0, OP.RESPONSE, 'ACTIVE'),
      'a server obeys KEY_DESYNC_ERROR': takes(s0, OP.DESYNC, 'ACTIVE'),
      'an unknown opcode': takes(s0, 31, 'ACTIVE'),
      'a TERMINATED session takes DATA': (s) => {
        const data = forged(s)
        s.begins(s0)
        s.ends(s0, 'close')
        s.accepts(s0, data)
        return 's0 accepted opcode 30 in phase TERMINATED'
      },
      'a client takes a RESPONSE before the CHALLENGE': takes(c1, OP.RESPONSE, 'INIT'),
      'a client obeys KEY_DESYNC_ERROR before the CHALLENGE': takes(c1, OP.DESYNC, 'INIT'),
      'a client obeys TERMINATE before the CHALLENGE': takes(c1, OP.TERMINATE, 'INIT'),
      'a client takes a second CHALLENGE': takes(c0, OP.CHALLENGE, 'ACTIVE'),
      'a client takes a RESPONSE without a request': takes(c0, OP.RESPONSE, 'ACTIVE'),
      'a client takes a HELLO': takes(c0, OP.HELLO, 'ACTIVE'),
      'a client takes DATA': takes(c0, OP.DATA, 'ACTIVE'),
    },
  },
  S2: {
    holds: {
      'a wrong direction': (s) => {
        s.handshake(1)
        s.refuses(s0, s.seals(s0, 'DATA', c0, 'current', { header: { direction: 2 } }), 'wrong-direction')
      },
      'a wrong id': (s) => {
        s.handshake(1)
        s.refuses(s0, s.seals(s0, 'DATA', c0, 'current', { header: { id: 2 } }), 'wrong-client')
      },
      'a round too early, at a client': (s) => {
        s.handshake(1)
        s.submits(c0, 1)
        s.refuses(c0, s.seals(c0, 'RESPONSE', s0, 'current', { header: { round: 0 } }), 'stale-round')
      },
      'a HELLO of a later round': (s) => {
        s.handshake(1)
        s.refuses(s1, s.seals(s1, 'HELLO', c0, 'initial', { header: { round: 1 } }), 'future-round')
      },
    },
    breaks: {
      'a server accepts its own direction': carrying(s0, { direction: 2 }, 'direction 2, expected 1'),
      'a client accepts its own direction': carrying(c0, { opcode: OP.RESPONSE }, 'direction 1, expected 2'),
      'another client id': carrying(s0, { id: 2 }, 'id 2, expected 1'),
      'an earlier round': carrying(s0, { round: 0 }, 'round 0, expected 1'),
      'a later round': carrying(s0, { round: 0x01000001 }, 'round 16777217, expected 1'),
      'a HELLO of a later round': carrying(s1, { opcode: OP.HELLO }, 'round 1, expected 0'),
      'a DATA of round 0 as the first frame': carrying(s1, { round: 0 }, 'round 0, expected 1'),
    },
  },
  S3: {
    holds: {
      'bytes for an ended session are discarded': (s) => {
        s.refuses(s0, forged(s), 'bad-tag')
        s.begins(s0)
      },
    },
    breaks: {
      'it accepts': (s) => {
        s.refuses(s0, forged(s), 'bad-tag')
        s.takes(s0, s.of(c0, 'DATA'))
        return 's0 had ended, then: accepted'
      },
      'it accepts a new HELLO': (s) => {
        s.begins(s0)
        s.ends(s0, 'timer')
        s.takes(s0, s.connects(1))
        return 's0 had ended, then: accepted'
      },
      'it rejects a later frame of the same chunk': (s) => {
        const frame = forged(s)
        s.refuses(s0, frame, 'bad-tag')
        s.rejects(s0, frame, 'bad-tag')
        return 's0 had ended, then: rejected'
      },
      'it sends': (s) => {
        s.refuses(s0, forged(s), 'bad-tag')
        s.sends(s0, 'TERMINATE')
        return 's0 had ended, then: sent'
      },
      'it changes': (s) => {
        s.refuses(s0, forged(s), 'bad-tag')
        s.begins(s0)
        s.commits(s0)
        return 's0 had ended, then: committed'
      },
    },
  },
  S4: {
    holds: {
      'a rejected frame ends its session, an accepted one does not': (s) => {
        s.handshake(1)
        s.rounds(c0, s0, [1])
        s.refuses(s0, s.altered(s.submits(c0, 1)), 'bad-tag')
      },
      'two frames in one chunk': (s) => {
        s.handshake(1)
        const data = s.submits(c0, 1)
        s.reaches(s0, data)
        s.delivers(s0, data)
        s.rejects(s0, data, 'stale-round')
        s.sends(s0, 'DESYNC')
        s.ends(s0, 'rejection')
      },
    },
    breaks: {
      'a frame is ignored': (s) => {
        const frame = forged(s)
        s.begins(s0)
        s.delivers(s0, frame)
        return 's0 went on after a frame that had to be its last'
      },
      'a frame is rejected, the session goes on': (s) => {
        const frame = forged(s)
        s.begins(s0)
        s.delivers(s0, frame)
        s.rejects(s0, frame, 'bad-tag')
        return 's0 went on after a frame that had to be its last'
      },
      'another session ends instead': (s) => {
        s.handshake(2)
        const frame = s.altered(s.of(c0, 'HELLO'))
        s.begins(s1)
        s.delivers(s1, frame)
        s.ends(s0, 'rejection')
        return 's1 went on after a frame that had to be its last'
      },
      'a frame is ignored, the next in the same chunk accepted': (s) => {
        const frame = forged(s)
        s.begins(s0)
        s.delivers(s0, frame)
        s.delivers(s0, s.of(c0, 'DATA'))
        s.accepts(s0, s.of(c0, 'DATA'))
        return 's0 went on after a frame that had to be its last'
      },
      'an authentic TERMINATE is accepted, the session goes on': (s) => {
        s.handshake(1)
        s.takes(s0, s.finishes(c0))
        return 's0 went on after a frame that had to be its last'
      },
    },
  },
  S5: {
    holds: {
      'a forged TERMINATE is no more than a bad frame, a genuine one ends the session': (s) => {
        s.handshake(2)
        s.refuses(s1, forgedControl(s, OP.TERMINATE), 'bad-tag')
        s.reaches(s0, s.finishes(c0))
      },
      'other sessions speak after a forged one': (s) => {
        s.handshake(1)
        s.handshake(2)
        s.refuses(s0, s.altered(s.of(c0, 'HELLO'), { opcode: 50 }), 'bad-tag')
        s.rounds(c1, s1, [1])
      },
    },
    breaks: {
      'a forged TERMINATE is obeyed': (s) => {
        s.takes(s0, forgedControl(s, OP.TERMINATE))
        return 's0 obeyed a control frame whose tag does not verify'
      },
      'a KEY_DESYNC_ERROR of another session is obeyed': (s) => {
        const frame = forged(s)
        s.handshake(1)
        s.refuses(s0, frame, 'bad-tag')
        s.takes(c1, s.of(s0, 'DESYNC'))
        return 'c1 obeyed a control frame whose tag does not verify'
      },
      'a forged KEY_DESYNC_ERROR is answered': (s) => {
        const desync = forgedControl(s, OP.DESYNC)
        s.begins(s0)
        s.rejects(s0, desync, 'bad-tag')
        s.sends(s0, 'DESYNC')
        return 's0 answered a control frame'
      },
      'the session ends as if by its peer, after a forged TERMINATE': (s) => {
        const terminate = forgedControl(s, OP.TERMINATE)
        s.begins(s0)
        s.rejects(s0, terminate, 'bad-tag')
        s.ends(s0, 'peer')
        return 's0 ended as if by its peer, without an authentic control frame'
      },
      'the session ends as if by its peer, whose TERMINATE reached another': (s) => {
        s.handshake(1)
        s.handshake(2)
        const terminate = s.finishes(c0)
        s.takes(s0, terminate)
        s.ends(s1, 'peer')
        return 's1 ended as if by its peer, without an authentic control frame'
      },
      'an authentic TERMINATE is answered': (s) => {
        s.handshake(1)
        const terminate = s.finishes(c0)
        s.takes(s0, terminate)
        s.sends(s0, 'TERMINATE')
        return 's0 answered a control frame'
      },
    },
  },
  S6: {
    holds: {
      'one round per exchange': (s) => {
        s.handshake(1)
        s.rounds(c0, s0, [1], [2])
      },
    },
    breaks: {
      'a round is skipped': (s) => {
        s.handshake(1)
        s.takes(s0, s.submits(c0, 1))
        s.sends(s0, 'RESPONSE')
        s.commits(s0, { round: 3 })
        return 's0 went from round 1 to 3, keys evolved'
      },
      'the round stays while the keys evolve': (s) => {
        s.handshake(1)
        s.begins(s0)
        s.commits(s0, { keys: keys('a', 'b', 'c', 'd') })
        return 's0 went from round 1 to 1, keys evolved'
      },
      'the round grows while the keys stay': (s) => {
        s.handshake(1)
        s.begins(s0)
        s.commits(s0, { round: 2 })
        return 's0 went from round 1 to 2, keys unchanged'
      },
      'the round falls': (s) => {
        s.handshake(1)
        s.takes(s0, s.submits(c0, 1))
        s.sends(s0, 'RESPONSE')
        s.commits(s0, { round: 0 })
        return 's0 went from round 1 to 0, keys evolved'
      },
      'the round wraps': (s) => {
        s.handshake(1)
        const view = { ...s.facts(s0)!.view!, round: MAX_ROUND }
        s.begins(s0)
        s.tells({ on: 'committed', at: s0, before: view, view: { ...view, round: 0, keys: keys('a', 'b', 'c', 'd') } })
        return 's0 went from round 4294967295 to 0, keys evolved'
      },
      'the round leaves 32 bits': (s) => {
        s.handshake(1)
        const view = { ...s.facts(s0)!.view!, round: MAX_ROUND }
        const next = { ...view, round: MAX_ROUND + 1, keys: keys('a', 'b', 'c', 'd') }
        s.begins(s0)
        s.tells({ on: 'committed', at: s0, before: view, view: next })
        return 's0 is in round 4294967296'
      },
      'a party without keys to show skips a round': (s) => {
        s.handshake(1)
        const view = { ...s.facts(s0)!.view!, keys: null }
        s.begins(s0)
        s.tells({ on: 'committed', at: s0, before: view, view: { ...view, round: 3 } })
        return 's0 went from round 1 to 3, keys evolved'
      },
    },
  },
  S7: {
    holds: {
      'a second request is refused while one is outstanding': (s) => {
        s.handshake(1)
        const data = s.submits(c0, 1)
        s.begins(c0)
        s.tells({ on: 'submitted', at: c0, values: [2], refused: true })
        s.reaches(s0, data)
        s.reaches(c0, s.newest(s0))
        s.rounds(c0, s0, [3])
      },
    },
    breaks: {
      'a second request is sent': (s) => {
        s.handshake(1)
        s.submits(c0, 1)
        s.submits(c0, 2)
        return 'c0 sent a second DATA in round 1'
      },
      'a response without a request': (s) => {
        s.handshake(1)
        s.takes(c0, s.seals(c0, 'RESPONSE', s0, 'current'))
        return 'c0 accepted a response without a request'
      },
      'two responses to one request': (s) => {
        s.handshake(1)
        s.rounds(c0, s0, [1])
        s.takes(c0, s.of(s0, 'RESPONSE'))
        return 'c0 accepted a response without a request'
      },
      'a response after the end': (s) => {
        s.handshake(1)
        s.reaches(s0, s.submits(c0, 1))
        s.begins(c0)
        s.ends(c0, 'timer')
        s.accepts(c0, s.of(s0, 'RESPONSE'))
        return 'c0 accepted a response without a request'
      },
    },
  },
})
