import * as ratchet from './ratchet.ts'
import { c0, c1, keys, s0, s1 } from './testkit.ts'
import { ownTests } from './testkit-judging.ts'

const LEAK = { do: 'leak', at: s0 } as const
const STRANGE = keys('a', 'b', 'c', 'd')

ownTests(ratchet, {
  R1: {
    holds: {
      'two rounds': (s) => {
        s.handshake(1)
        s.rounds(c0, s0, [1], [2])
      },
    },
    breaks: {
      'other keys after an exchange': (s) => {
        s.handshake(1)
        s.takes(s0, s.submits(c0, 1))
        s.sends(s0, 'RESPONSE')
        s.commits(s0, { keys: STRANGE })
        return 's0: the keys of round 2 do not follow from the transcript'
      },
      'one key left behind': (s) => {
        s.handshake(1)
        const [, , , mac] = s.facts(s0)!.view!.keys!
        s.takes(s0, s.submits(c0, 1))
        s.sends(s0, 'RESPONSE')
        const [a, b, c] = s.facts(s0)!.expected!.keys!
        s.commits(s0, { keys: keys(a, b, c, mac) })
        return 's0: the keys of round 2 do not follow from the transcript'
      },
    },
  },
  R2: {
    holds: {
      'both sides after a round': (s) => {
        s.handshake(1)
        s.rounds(c0, s0, [1])
      },
      'another client is not compared': (s) => {
        s.handshake(1)
        s.handshake(2)
        s.rounds(c1, s1, [1])
      },
      'literal: a recorded session replays, to equal keys of another transcript': (s) => {
        s.mode = 'literal'
        const constant = { body: { kind: 'challenge', text: 'constant' } } as const
        const hello = s.connects(1)
        for (const at of [s0, s1]) {
          s.takes(at, hello)
          s.sends(at, 'CHALLENGE', constant)
          s.commits(at)
        }
        s.reaches(c0, s.of(s0, 'CHALLENGE'))
        s.rounds(c0, s0, [1])
      },
    },
    breaks: {
      'equal transcripts, other keys': (s) => {
        s.reaches(s0, s.connects(1))
        s.takes(c0, s.of(s0, 'CHALLENGE'))
        s.commits(c0, { keys: STRANGE })
        return 'c0 and s0 share the transcript, but not round and keys'
      },
      'equal transcripts, another round': (s) => {
        s.reaches(s0, s.connects(1))
        s.takes(c0, s.of(s0, 'CHALLENGE'))
        s.commits(c0, { round: 2 })
        return 'c0 and s0 share the transcript, but not round and keys'
      },
      'bound: equal keys, other transcripts': (s) => {
        s.handshake(1)
        s.reaches(s1, s.connects(1))
        s.takes(c1, s.of(s1, 'CHALLENGE'))
        s.ends(s1, 'close')
        s.commits(c1, { keys: s.facts(s0)!.view!.keys })
        return 'c1 and s0 share the keys, but not the transcript'
      },
    },
  },
  R3: {
    holds: {
      'an answer cannot be sent: the session ends as it was': (s) => {
        s.handshake(1)
        s.rounds(c0, s0, [1])
        const data = s.submits(c0, 2)
        s.begins(s0)
        s.tells({ on: 'unsent', at: s0 })
        s.delivers(s0, data)
        s.ends(s0, 'fault')
      },
    },
    breaks: {
      'a send failed, the session goes on': (s) => {
        s.handshake(1)
        s.begins(s0)
        s.tells({ on: 'unsent', at: s0 })
        return 'a send of s0 failed, and the session goes on'
      },
      'a send failed, the frame is accepted all the same': (s) => {
        s.handshake(1)
        const data = s.submits(c0, 1)
        s.begins(s0)
        s.tells({ on: 'unsent', at: s0 })
        s.accepts(s0, data)
        return 's0 accepted a frame whose answer could not be sent'
      },
      'the keys evolve, the round stays': (s) => {
        s.handshake(1)
        s.begins(s0)
        s.commits(s0, { keys: STRANGE })
        return 's0 changed 4 of 4 keys, not the round'
      },
      'the round grows, the keys stay': (s) => {
        s.handshake(1)
        s.begins(s0)
        s.commits(s0, { round: 2, confirmed: true })
        return 's0 changed 0 of 4 keys, and the round'
      },
      'one direction evolves': (s) => {
        s.handshake(1)
        const [a, b] = s.facts(s0)!.view!.keys!
        s.takes(s0, s.submits(c0, 1))
        s.sends(s0, 'RESPONSE')
        s.commits(s0, { keys: keys(a, b, 'c', 'd') })
        return 's0 changed 2 of 4 keys, and the round'
      },
      'keys and round without the confirmation': (s) => {
        s.handshake(1)
        s.takes(s0, s.submits(c0, 1))
        s.sends(s0, 'RESPONSE')
        s.commits(s0, { confirmed: false })
        return 's0 changed 4 of 4 keys, and the round, unconfirmed'
      },
      'the confirmation without keys and round': (s) => {
        s.handshake(1)
        s.begins(s0)
        s.commits(s0, { confirmed: true })
        return 's0 changed 0 of 4 keys, not the round, but the confirmation'
      },
    },
  },
  R4: {
    holds: {
      'the error frame and TERMINATED': (s) => {
        s.handshake(1)
        s.refuses(s0, s.altered(s.submits(c0, 1)), 'bad-tag')
      },
      'after the rejection, in the next step, others move on': (s) => {
        s.handshake(1)
        s.handshake(2)
        s.refuses(s0, s.altered(s.submits(c0, 1)), 'bad-tag')
        s.rounds(c1, s1, [1])
      },
    },
    breaks: {
      'the error frame is sealed under other keys': (s) => {
        s.handshake(1)
        const altered = s.altered(s.submits(c0, 1))
        s.begins(s0)
        s.rejects(s0, altered, 'bad-tag')
        s.sends(s0, 'DESYNC', { body: { kind: 'sealed' } })
        return 's0 sealed its error frame under other keys than those of round 1'
      },
      'keys evolve': (s) => {
        s.handshake(1)
        const altered = s.altered(s.submits(c0, 1))
        s.begins(s0)
        s.rejects(s0, altered, 'bad-padding')
        s.commits(s0, { keys: STRANGE })
        return 's0 changed its state on a rejected frame'
      },
    },
  },
  R5: {
    holds: {
      'leaked keys open their own round': (s) => {
        s.powers = 'NL'
        s.handshake(1)
        s.rounds(c0, s0, [1])
        s.begins(s0, LEAK)
        s.tells({ on: 'exposed', at: s0, round: 2, frame: s.submits(c0, 2) })
      },
      'and what follows from them by the formulas, a later one': (s) => {
        s.powers = 'NL'
        s.handshake(1)
        s.begins(s0, LEAK)
        s.rounds(c0, s0, [1])
        s.tells({ on: 'exposed', at: s0, round: 1, frame: s.submits(c0, 2) })
      },
      'keys after a HELLO open every CHALLENGE for it': (s) => {
        s.powers = 'NL'
        const hello = s.connects(1)
        s.begins(c0, LEAK)
        s.reaches(s0, hello)
        s.tells({ on: 'exposed', at: c0, round: 0, frame: s.of(s0, 'CHALLENGE') })
        s.reaches(s1, hello)
        s.tells({ on: 'exposed', at: c0, round: 0, frame: s.of(s1, 'CHALLENGE') })
      },
    },
    breaks: {
      'an earlier round': (s) => {
        s.powers = 'NL'
        s.handshake(1)
        s.rounds(c0, s0, [1])
        s.begins(s0, LEAK)
        s.tells({ on: 'exposed', at: s0, round: 2, frame: s.of(c0, 'DATA') })
        return 'the keys of round 2 leaked from s0 open a frame of another round or session'
      },
      'a HELLO, by the keys of a later round': (s) => {
        s.powers = 'NL'
        s.handshake(1)
        s.begins(s0, LEAK)
        s.tells({ on: 'exposed', at: s0, round: 1, frame: s.of(c0, 'HELLO') })
        return 'the keys of round 1 leaked from s0 open a frame of another round or session'
      },
      'another HELLO of the client, by the keys of one that waits': (s) => {
        s.powers = 'NL'
        s.connects(1)
        s.begins(c0, LEAK)
        s.tells({ on: 'exposed', at: c0, round: 0, frame: s.connects(1) })
        return 'the keys of round 0 leaked from c0 open a frame of another round or session'
      },
      'a HELLO of another client': (s) => {
        s.powers = 'NL'
        s.connects(1)
        const hello = s.connects(2)
        s.begins(c0, LEAK)
        s.tells({ on: 'exposed', at: c0, round: 0, frame: hello })
        return 'the keys of round 0 leaked from c0 open a frame of another round or session'
      },
      'a session with another HELLO': (s) => {
        s.powers = 'NL'
        s.handshake(1)
        s.handshake(1)
        s.submits(c1, 1)
        s.begins(s0, LEAK)
        s.tells({ on: 'exposed', at: s0, round: 1, frame: s.of(c1, 'DATA') })
        return 'the keys of round 1 leaked from s0 open a frame of another round or session'
      },
      'a session with another CHALLENGE': (s) => {
        s.powers = 'NL'
        s.handshake(1)
        s.reaches(s1, s.of(c0, 'HELLO'))
        s.submits(c0, 1)
        s.begins(s1, LEAK)
        s.tells({ on: 'exposed', at: s1, round: 1, frame: s.of(c0, 'DATA') })
        return 'the keys of round 1 leaked from s1 open a frame of another round or session'
      },
      'a CHALLENGE for another HELLO': (s) => {
        s.powers = 'NL'
        s.handshake(1)
        s.connects(1)
        s.begins(c1, LEAK)
        s.tells({ on: 'exposed', at: c1, round: 0, frame: s.of(s0, 'CHALLENGE') })
        return 'the keys of round 0 leaked from c1 open a frame of another round or session'
      },
      'a CHALLENGE, by the keys of a later round': (s) => {
        s.powers = 'NL'
        s.handshake(1)
        s.begins(s0, LEAK)
        s.tells({ on: 'exposed', at: s0, round: 1, frame: s.of(s0, 'CHALLENGE') })
        return 'the keys of round 1 leaked from s0 open a frame of another round or session'
      },
    },
  },
  R6: {
    holds: {
      'a frame under the previous keys is rejected': (s) => {
        s.handshake(1)
        s.rounds(c0, s0, [1])
        s.refuses(s0, s.seals(s0, 'DATA', c0, 'previous'), 'bad-tag')
      },
      'a frame under the initial keys is rejected': (s) => {
        s.handshake(1)
        s.refuses(c0, s.seals(c0, 'RESPONSE', s0, 'initial'), 'bad-tag')
      },
    },
    breaks: {
      'a DATA under the previous keys is accepted': (s) => {
        s.handshake(1)
        s.rounds(c0, s0, [1])
        s.takes(s0, s.seals(s0, 'DATA', c0, 'previous'))
        return 's0 accepted a frame that the keys of its round do not verify'
      },
      'a TERMINATE under the initial keys is accepted': (s) => {
        s.handshake(1)
        s.takes(c0, s.seals(c0, 'TERMINATE', s0, 'initial'))
        return 'c0 accepted a frame that the keys of its round do not verify'
      },
      'a HELLO under the keys of another client is accepted': (s) => {
        s.handshake(1)
        s.begins(s1)
        const header = { id: 2, round: 0 }
        s.accepts(s1, s.seals(s1, 'HELLO', c0, 'initial', { header }))
        return 's1 accepted a frame that the keys of its round do not verify'
      },
    },
  },
})
