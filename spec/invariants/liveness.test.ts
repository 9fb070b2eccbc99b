import * as liveness from './liveness.ts'
import { c0, s0 } from './testkit.ts'
import { ownTests } from './testkit-judging.ts'

ownTests(liveness, {
  L1: {
    holds: {
      'every round asked for is completed': (s) => {
        s.handshake(1)
        s.rounds(c0, s0, [1], [2])
        s.tells({ on: 'conversed', run: c0, asked: 2, done: 2 })
      },
    },
    breaks: {
      'one is missing': (s) => {
        s.handshake(1)
        s.rounds(c0, s0, [1])
        s.tells({ on: 'conversed', run: c0, asked: 2, done: 1 })
        return 'c0 completed 1 of 2 faithful rounds'
      },
    },
  },
})
