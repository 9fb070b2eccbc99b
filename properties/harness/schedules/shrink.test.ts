import { describe, expect, it } from 'vitest'
import type { Action, Schedule } from '../../../spec/language.ts'
import { actions } from '../generate/arbitraries.ts'
import { EVERYTHING } from '../generate/biases.ts'
import { changed, type MakeParty } from '../parties/party.ts'
import { srcSystem } from '../parties/party-file.ts'
import { partyOf, srcParty } from '../parties/src.ts'
import { loadVariant } from '../process/variants.ts'
import { play } from '../world/play.ts'
import { systemOf } from '../world/system.ts'
import { shrink } from './shrink.ts'

const schedule = (list: readonly Action[]): Schedule => ({
  version: 1,
  seed: 1,
  mode: 'literal',
  powers: 'N',
  setup: { clients: [1, 2], insiders: [], challenge: 'fresh', startRound: 1, limits: {} },
  actions: list,
})

const breaks = (id: string) => (s: Schedule) => play(s, srcSystem).findings.some((f) => f.invariant === id)

describe('shrinking', () => {
  it('takes a session replay out of a long conversation, renaming the endpoints that remain', () => {
    const noise: Action[] = [
      { do: 'converse', client: 1, rounds: 3 },
      { do: 'converse', client: 0, rounds: 2 },
      { do: 'connect', client: 1 },
      { do: 'advance', ms: 10 },
    ]
    const c1 = { side: 'client', n: 1 } as const
    const replay: Action[] = [
      { do: 'deliver', frame: { by: c1, nth: 0 }, to: { side: 'server', n: 2 } },
      { do: 'deliver', frame: { by: c1, nth: 1 }, to: { side: 'server', n: 2 } },
    ]
    const whole = schedule([...noise, ...replay])
    expect(breaks('A2')(whole)).toBe(true)
    const normal = { ...whole, actions: play(whole, srcSystem).executed }
    expect(normal.actions.length).toBeGreaterThan(20)
    const small = shrink(normal, breaks('A2'), actions(EVERYTHING))
    expect(breaks('A2')(small)).toBe(true)
    expect(small.actions.map((a) => a.do)).toEqual([
      'connect',
      'deliver',
      'deliver',
      'submit',
      'deliver',
      'deliver',
      'deliver',
    ])
    expect(small).toMatchObject({ mode: 'literal', powers: 'N', setup: whole.setup })
  })

  it('lets fast-check make the values of what remains small', () => {
    const inject: Action = { do: 'inject', to: { side: 'server', n: 0 }, hex: '7fffffff0102030405' }
    const rejectsLength = (s: Schedule): boolean => {
      let seen = false
      play(s, srcSystem, (e) => {
        if (e.on === 'rejected' && e.frame === null) seen = true
      })
      return seen
    }
    const small = shrink(schedule([{ do: 'connect', client: 0 }, inject]), rejectsLength, actions(EVERYTHING))
    expect(small.actions).toEqual([{ ...inject, hex: '00000000' }])
  })

  it('tries other seeds where it takes certain bytes: a tag that is compared as a C string', async () => {
    const find = '  for (let i = 0; i < HASH_BYTES; i++) difference |= a[i]! ^ b[i]!'
    const replace = '  for (let i = 0; i < HASH_BYTES && (i === 0 || a[i - 1] !== 0); i++) difference |= a[i]! ^ b[i]!'
    const party = partyOf(await loadVariant([{ file: 'src/primitives.ts', find, replace }]))
    const system = systemOf('C string', party, party)
    const accepts = (s: Schedule): boolean => play(s, system).findings.some((f) => f.invariant === 'C1')
    const long = schedule([
      { do: 'converse', client: 0, rounds: 4, until: 'data' },
      {
        do: 'deliver',
        frame: -1,
        to: { side: 'server', n: -1 },
        edit: { do: 'flip', at: 'tag', pos: -1, xor: 1 },
      },
    ])
    const seeds = Array.from({ length: 100 }, (_, i) => 1_000 + i)
    const found = seeds.map((seed) => ({ ...long, seed })).find(accepts)!
    const normal = { ...found, actions: play(found, system).executed }
    expect(normal.actions.length).toBeGreaterThan(16)
    const small = shrink(normal, accepts, actions(EVERYTHING))
    expect(accepts(small)).toBe(true)
    expect(small.actions.length).toBeLessThanOrEqual(8)
  })

  it('ends in its time, however much there is to play', () => {
    const rounds = schedule([{ do: 'converse', client: 0, rounds: 100 }])
    const normal = { ...rounds, actions: play(rounds, srcSystem).executed }
    let played = 0
    const all = (s: Schedule): boolean => {
      played += s.actions.length
      return s.actions.length === normal.actions.length
    }
    expect(shrink(normal, all, actions(EVERYTHING)).actions).toHaveLength(normal.actions.length)
    expect(played).toBeLessThanOrEqual(400_000)
  })

  it('keeps a failed faithful conversation whole, since that is the finding', () => {
    const deaf: MakeParty = (host, setup) => changed(srcParty(host, setup), { receive: () => {} })
    const system = systemOf('deaf', srcParty, deaf)
    const failing = schedule([{ do: 'converse', client: 0, rounds: 2 }])
    const { executed, findings } = play(failing, system)
    expect(findings.map((f) => f.invariant)).toContain('L1')
    expect(executed).toEqual([{ do: 'converse', client: 0, rounds: 2 }])
  })
})
