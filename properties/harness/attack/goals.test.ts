import { expect, test } from 'vitest'
import { c0, c1, type Story, s0, s1, s2 } from '../../../spec/invariants/testkit.ts'
import { hear } from '../../../spec/invariants/testkit-judging.ts'
import { OWN_GOALS } from './goals.ts'

const confirmed = (s: Story): void => {
  s.handshake(1)
  s.rounds(c0, s0, [1])
}

/** For each goal, a history in which the attacker fails and one in which it reaches it in the last step. */
const STORIES: Readonly<Record<string, { fails(s: Story): void; succeeds(s: Story): string }>> = {
  reflected: {
    fails(s) {
      confirmed(s)
      s.refuses(c0, s.of(c0, 'DATA'), 'wrong-direction')
      s.refuses(s0, s.of(s0, 'RESPONSE'), 'wrong-direction')
    },
    succeeds(s) {
      confirmed(s)
      s.takes(c0, s.of(c0, 'DATA'))
      return 'c0 accepted a frame of its own side'
    },
  },
  'half-open-evicted': {
    fails(s) {
      confirmed(s)
      s.handshake(1)
      s.rounds(c1, s1, [2]) // its newer session supersedes the first
    },
    succeeds(s) {
      s.handshake(1)
      s.reaches(s1, s.of(c0, 'HELLO'))
      s.ends(s0, 'evicted')
      return 's0 gave way before its first DATA'
    },
  },
  'confirmed-flooded': {
    fails(s) {
      confirmed(s)
      s.reaches(s1, s.of(c0, 'HELLO'))
      s.reaches(s2, s.of(c0, 'HELLO'))
      s.ends(s1, 'evicted')
      s.rounds(c0, s0, [2])
    },
    succeeds(s) {
      confirmed(s)
      s.reaches(s1, s.of(c0, 'HELLO'))
      s.ends(s0, 'evicted')
      return 'a HELLO ended s0, which had submitted'
    },
  },
  'taken-over': {
    fails(s) {
      confirmed(s)
      s.reaches(s1, s.of(c0, 'HELLO'))
      s.refuses(s1, s.of(c0, 'DATA'), 'bad-tag')
      s.handshake(1)
      s.rounds(c1, s2, [2]) // the client itself supersedes
    },
    succeeds(s) {
      confirmed(s)
      s.reaches(s1, s.of(c0, 'HELLO'))
      s.reaches(s1, s.of(c0, 'DATA'))
      return 'a replay took the place of s0'
    },
  },
}

test('every goal of its own has its stories', () => {
  expect(OWN_GOALS.map((g) => g.id).sort()).toEqual(Object.keys(STORIES).sort())
})

for (const goal of OWN_GOALS) {
  const { fails, succeeds } = STORIES[goal.id]!
  for (const seen of [true, false]) {
    const among = seen ? '' : ', among parties that do not show their state'
    test(`${goal.id} is put to the test and holds${among}`, () => {
      const { hits, violated } = hear(fails, { seen, monitors: [goal] }).hearings.get(goal)!
      expect(hits).toBeGreaterThan(0)
      expect(violated).toBeNull()
    })
    test(`${goal.id} is reached${among}`, () => {
      const { story, hearings, said } = hear(succeeds, { seen, monitors: [goal] })
      expect(hearings.get(goal)!.violated).toEqual({ step: story.step, why: said })
    })
  }
}
