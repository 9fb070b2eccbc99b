import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Lockstep } from '../../../spec/checker/lockstep.ts'
import type { Event } from '../../../spec/events.ts'
import type { Action, Schedule } from '../../../spec/language.ts'
import { schedules } from '../generate/arbitraries.ts'
import { BIASES } from '../generate/biases.ts'
import { srcSystem } from '../parties/party-file.ts'
import { referenceSystem } from '../parties/reference.ts'
import { Player } from './play.ts'
import { KEYRING_IDS } from './rng.ts'
import type { System } from './system.ts'
import { newNames } from './wire.ts'

const drain = (player: Player): Player => {
  for (const _ of player.play());
  return player
}

/** What is told of `second` after `first`, in one world, or in one that goes on from another. */
const tell = (s: Schedule, first: readonly Action[], second: readonly Action[], system: System, forks: number) => {
  const names = newNames()
  const before: Event[] = []
  const base = drain(new Player({ ...s, actions: first }, system, (e) => before.push(e), names))
  const told: Event[][] = []
  for (let i = 0; i < forks; i++) {
    const events: Event[] = []
    drain(new Player({ ...s, actions: second }, system, (e) => events.push(e), newNames(names), base.world))
    told.push(events)
  }
  return { before, told }
}

const whole = (s: Schedule, actions: readonly Action[], system: System): readonly Event[] => {
  const events: Event[] = []
  drain(new Player({ ...s, actions }, system, (e) => events.push(e)))
  return events
}

/** Steps are counted anew, and erasing a key can be told of a copy only after the copy was looked at. */
const comparable = (events: readonly Event[]): readonly unknown[] =>
  events.map((e) => (e.on === 'step' || e.on === 'settled' ? { ...e, step: 0 } : e))

describe.each([
  ['src', srcSystem],
  ['reference', referenceSystem],
] as const)('a world of %s', (_, system) => {
  it.each(Object.keys(BIASES))('goes on from another as that one would have, twice the same: %s', (bias) => {
    for (const mode of ['bound', 'literal'] as const) {
      const drawn = fc.sample(schedules(BIASES[bias]!, mode), { seed: 11, numRuns: 3 })
      for (const s of drawn) {
        const at = s.actions.length >> 1
        const { before, told } = tell(s, s.actions.slice(0, at), s.actions.slice(at), system, 2)
        const all = comparable(whole(s, s.actions, system))
        expect(all.slice(0, before.length)).toEqual(comparable(before))
        expect(comparable(told[0]!)).toEqual(all.slice(before.length))
        expect(told[1]).toEqual(told[0])
      }
    }
  })
})

describe('a model beside a system', () => {
  it('goes on from where another stopped, which then stays as it was', () => {
    const drawn = fc.sample(schedules(BIASES.insider!, 'bound'), { seed: 3, numRuns: 20 })
    const s = drawn.toSorted((a, b) => b.actions.length - a.actions.length)[0]
    const names = newNames()
    const length = (table: typeof names) => (f: Parameters<typeof table.frames.bytes>[0]) =>
      table.frames.bytes(f).length
    const first = new Lockstep(s!, KEYRING_IDS, length(names))
    const at = s!.actions.length >> 1
    const differences: unknown[] = []
    const half = { ...s!, actions: s!.actions.slice(0, at) }
    const base = drain(new Player(half, srcSystem, (e) => differences.push(first.observe(e)), names))
    for (let i = 0; i < 2; i++) {
      const own = newNames(names)
      const next = first.fork(length(own))
      const rest = { ...s!, actions: s!.actions.slice(at) }
      drain(new Player(rest, srcSystem, (e) => differences.push(next.observe(e)), own, base.world))
    }
    expect(differences.filter((d) => d !== null)).toEqual([])
    expect(differences.length).toBeGreaterThan(100)
  })
})
