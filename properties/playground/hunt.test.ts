import { describe, expect, it } from 'vitest'
import type { Schedule } from '../../spec/language.ts'
import { examine } from '../harness/judging/examine.ts'
import { srcParty } from '../harness/parties/src.ts'
import { difference } from '../harness/schedules/stored.ts'
import { systemOf } from '../harness/world/system.ts'
import { EXERCISES, gradeOf, startOf } from './exercises.ts'
import { emptySchedule, type Game, gameOf } from './game.ts'
import { type Hunt, hunt } from './hunt.ts'
import { fileOf, hashOf, readSchedule, sharedIn } from './link.ts'

const SRC = systemOf('src', srcParty, srcParty)
const played = (schedule: Schedule): Game => gameOf(schedule, SRC)
const conversed = (mode: 'bound' | 'literal', powers = 'N'): Game =>
  played({ ...emptySchedule(mode, powers), actions: [{ do: 'converse', client: 0, rounds: 1 }] })

const asked = (g: Game, more: Partial<Hunt> = {}): Hunt => ({
  schedule: g.schedule,
  from: g.ends,
  size: '1x2x2x2',
  goal: null,
  ...more,
})
const value = (h: Hunt) => {
  const answer = hunt(h)
  if (answer.kind === 'bad') throw new Error(answer.why)
  return answer.value
}
const why = (h: Hunt): string => {
  const answer = hunt(h)
  return answer.kind === 'bad' ? answer.why : 'it can'
}

describe('a search from here', () => {
  it('finds attacks that go on from what was played, and break it on bytes', () => {
    const g = conversed('literal')
    const [attack] = value(asked(g, { goal: 'A2' })).attacks
    expect(attack!.schedule.actions.slice(0, g.schedule.actions.length)).toEqual(g.schedule.actions)
    expect(played(attack!.schedule).judged.find((j) => j.id === 'A2')!.broken).not.toBeNull()
  })

  it('exhausts what is left where everything holds', () => {
    const found = value(asked(conversed('bound'), { size: '1x1x2x1' }))
    expect([found.attacks, found.exhausted]).toEqual([[], true])
    expect(found.judged.length).toBeGreaterThan(30)
  })

  it('says nothing of what was violated before', () => {
    const g = conversed('literal')
    const [attack] = value(asked(g, { goal: 'A2' })).attacks
    const found = value(asked(played(attack!.schedule), { goal: 'A2' }))
    expect([found.before.includes('A2'), found.judged, found.attacks]).toEqual([true, [], []])
  })

  it('says where the model cannot follow, and where it is not what was played', () => {
    const g = conversed('bound', 'NF')
    expect(why(asked(played({ ...g.schedule, actions: [...g.schedule.actions, { do: 'advance', ms: 1 }] })))).toContain(
      `cannot follow action ${g.schedule.actions.length + 1}`,
    )
    const elsewhere = g.ends.map((e) => ({ ...e, round: e.round + 1 }))
    expect(why(asked(g, { from: elsewhere }))).toContain('another round')
    expect(why(asked(g, { from: g.ends.map((e) => ({ ...e, ended: true })) }))).toContain('has ended here')
    const often = Array.from({ length: 10 }, () => ({ do: 'connect', client: 0 }) as const)
    expect(why(asked(played({ ...g.schedule, actions: often })))).toContain('each 1..9, got 1x10x2x2')
    const ids = { ...g.schedule, setup: { ...g.schedule.setup, clients: [7] } }
    expect(why(asked(g, { schedule: ids }))).toContain('clients are 1')
  })
})

describe('a link', () => {
  it('carries the schedule and the exercise', () => {
    const shared = { exercise: 'hello-confirms', schedule: conversed('bound').schedule }
    expect(sharedIn(hashOf(shared))).toEqual({ kind: 'ok', value: shared })
    const odd = { ...emptySchedule('bound'), actions: [{ do: 'submit', run: 0, values: [-0, 'NaN'] } as const] }
    expect(JSON.stringify(sharedIn(hashOf({ exercise: null, schedule: odd })))).toContain('["-0","NaN"]')
    expect(sharedIn('')).toBeNull()
  })

  it('is refused in one line where a tab cannot play it', () => {
    const bad = (hash: string): string | false => {
      const read = sharedIn(hash)
      return read?.kind === 'bad' && !read.why.includes('\n') && read.why
    }
    const many = Array.from({ length: 400 }, () => ({ do: 'connect', client: 0 }) as const)
    const of = (actions: Schedule['actions']) =>
      hashOf({ exercise: null, schedule: { ...emptySchedule('bound'), actions } })
    expect(bad(of(many))).toContain('at most 200 actions')
    expect(bad(of([{ do: 'converse', client: 0, rounds: 999 }]))).toContain('at most 30 rounds')
    expect(bad('#schedule=%00')).toContain('base64url')
    expect(bad(`#schedule=${'A'.repeat(500_000)}`)).toContain('too long')
    expect(bad('#x')).toContain('expected a schedule')
    expect(readSchedule('f', 'x'.repeat(300_000))).toMatchObject({ kind: 'bad' })
  })
})

describe('a file', () => {
  it('is one that --replay finds as it is stored', () => {
    const [attack] = value(asked(conversed('literal'), { goal: 'A2' })).attacks
    const read = readSchedule('f', fileOf('an attack', played(attack!.schedule)))
    if (read.kind === 'bad') throw new Error(read.why)
    expect(read.value).toMatchObject({ says: 'an attack', schedule: attack!.schedule })
    expect(read.value.violates).toContain('A2')
    expect(difference(read.value, examine(read.value.schedule, SRC))).toBeNull()
  })
})

describe('a grade', () => {
  const x = EXERCISES.find((e) => e.mutant === 'hello-confirms')!
  it('is given in the setup of the exercise only, and for its own invariant', () => {
    const start = played(startOf(x))
    expect(gradeOf(x, start)).toEqual({ kind: 'open', other: [] })
    expect(gradeOf(x, played({ ...startOf(x), mode: 'literal' }))).toMatchObject({ kind: 'foreign' })
    const faulty: Schedule = { ...startOf(x), actions: [{ do: 'connect', client: 0, failSend: true }] }
    expect(gradeOf(x, played(faulty))).toEqual({ kind: 'foreign', why: '"connect" needs power F' })
    const broken = (id: string, length: number): Game => ({
      ...start,
      judged: [{ id, says: '', witnessed: 1, broken: { why: '', length, expected: false } }],
    })
    expect(gradeOf(x, broken('S4', 1))).toEqual({ kind: 'open', other: ['S4'] })
    expect(gradeOf(x, broken('G2', 3))).toEqual({ kind: 'solved', length: 3, shortest: true })
    expect(gradeOf(x, broken('G2', 4))).toEqual({ kind: 'solved', length: 4, shortest: false })
  })
})
