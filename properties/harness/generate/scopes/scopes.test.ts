import { describe, expect, it } from 'vitest'
import type { Event } from '../../../../spec/events.ts'
import { OP, OPCODE_NAMES } from '../../../../spec/opcodes.ts'
import { planScopes, runChunk } from '../../campaign/campaign.ts'
import { emptyResult, merge } from '../../campaign/tally.ts'
import { srcSystem } from '../../parties/party-file.ts'
import { Player, play } from '../../world/play.ts'
import { bodyFor, right } from './altered.ts'
import { ZEROS } from './scale.ts'
import { schedule, TARGETS } from './scope.ts'
import { SCOPES, scopeSchedules } from './scopes.ts'

const MODES = ['bound', 'literal'] as const

/** How many schedules each scope has; a changed scope changes a number here. */
const COUNTS: Readonly<Record<string, number>> = {
  flips: 4_840, // 577 bytes of 7 frames and their prefixes, 8 bits each
  lengths: 801, // 577 truncations, 7 · 32 extensions
  fields: 7_189, // 7 · (3 · 255 + 262)
  'sealed-fields': 6_927, // id 0 stands for the session's own, so 7 less; 255 opcodes would come twice
  paddings: 28_672, // 7 · 16 · 256
  payloads: 209, // 2 · 42 texts, 69 DATA, 29 RESPONSES, 3 · 9 control frames
  chunking: 22_352, // 2 · (1 + 149 + 149 · 148 / 2)
  orders: 6_611, // 6^0 + … + 6^4 of three frames; 326 + 1,305 + 3,425 of five
  cells: 167, // one for every way in which the model can judge a frame
  scale: 644, // one or more for every power of two that a quantity can reach
  rare: 172, // 6 · 5 opcodes, 7 · 16 paddings, 5 + 25 orders of first DATA
}

describe('exact counts', () => {
  it.each(Object.entries(COUNTS))('%s has %i schedules', (name, count) => {
    expect(scopeSchedules(name, 'bound')).toHaveLength(count)
  })

  it('are of all scopes, and no schedule comes twice', () => {
    expect(Object.keys(SCOPES)).toEqual(Object.keys(COUNTS))
    for (const name of Object.keys(SCOPES)) {
      const all = scopeSchedules(name, 'bound').map((s) => JSON.stringify(s))
      expect(new Set(all).size, name).toBe(all.length)
    }
  })

  it('of five frames in flight: every order of every choice, then with one reflected, then with one twice', () => {
    const five = scopeSchedules('orders', 'bound').filter((s) => s.setup.clients.length === 4)
    expect(five).toHaveLength(326 + 1_305 + 3_425)
  })

  it('are all played: chunks cover a scope without gap or overlap', () => {
    const chunks = planScopes(['lengths', 'flips'], MODES)
    for (const [scope, mode] of [
      ['lengths', 'bound'],
      ['flips', 'literal'],
    ] as const) {
      const mine = chunks.flatMap((c) => ('scope' in c && c.scope === scope && c.mode === mode ? [c] : []))
      let next = 0
      for (const c of mine) {
        expect(c.from).toBe(next)
        next += c.runs
      }
      expect(next).toBe(COUNTS[scope])
    }
  })
})

const eventsOf = (actions: Parameters<typeof schedule>[2], mode: 'bound' | 'literal'): Event[] => {
  const events: Event[] = []
  play({ ...schedule('NI', { insiders: [1] }, actions), mode }, srcSystem, (e) => events.push(e))
  return events
}
const last = (events: readonly Event[]): Event => events.findLast((e) => e.on === 'accepted' || e.on === 'rejected')!

describe.each(MODES)('the targets in %s', (mode) => {
  it.each(TARGETS.map((t) => [`${OPCODE_NAMES[t.opcode]} to the ${t.to.side}`, t] as const))(
    '%s: the genuine frame is accepted, and so is the right forgery',
    (_, t) => {
      const genuine = eventsOf([...t.before, ...t.making, { do: 'deliver', frame: t.frame, to: t.to }], mode)
      expect(last(genuine)).toMatchObject({ on: 'accepted', at: t.to, header: { opcode: t.opcode, round: t.round } })
      const sent = genuine.find((e) => e.on === 'sent' && e.frame === (last(genuine) as { frame: string }).frame)
      expect(sent).toMatchObject({ bytes: t.bytes })
      const forged = eventsOf([...t.before, right(t)], mode)
      expect(last(forged)).toMatchObject({ on: 'accepted', at: t.to, header: { opcode: t.opcode } })
    },
  )
})

it('the padding of the natural length is the right one, so that each type has an accepted padding', () => {
  for (const t of TARGETS) {
    const tail = 16 - ((t.body.length / 2) % 16)
    expect(bodyFor(t, tail)).toBe(t.body)
    const pad = tail.toString(16).padStart(2, '0').repeat(tail)
    expect(last(eventsOf([...t.before, { ...right(t), body: t.body, pad }], 'bound')).on).toBe('accepted')
  }
})

it('seeds whose tags have zeros where a comparison may stop still make them', () => {
  for (const { seed, at } of ZEROS) {
    const tags: Uint8Array[] = []
    const actions: Parameters<typeof schedule>[2] = [{ do: 'connect', client: 0 }]
    const player: Player = new Player({ ...schedule('N', {}, actions), seed, mode: 'bound' }, srcSystem, (e) => {
      if (e.on === 'sent') tags.push(player.world.wire.frameNames.bytes(e.frame).slice(-32))
    })
    for (const _ of player.play());
    expect(tags.map((tag) => at.map((i) => tag[i]))).toEqual([at.map(() => 0)])
  }
})

/** Every `every`-th schedule of a scope. */
const sample = (name: string, every: number) => scopeSchedules(name, 'bound').filter((_, i) => i % every === 0)

it.each(['flips', 'lengths', 'fields'])('%s: nothing altered is ever accepted, and nearly all is judged', (name) => {
  let judged = 0
  const some = sample(name, 40)
  for (const s of some) {
    let step = 0
    play(s, srcSystem, (e) => {
      if (e.on === 'step') step = e.step
      if (step !== s.actions.length - 2) return // the altered delivery; the genuine one is the last
      expect(e.on).not.toBe('accepted')
      if (e.on === 'rejected') judged++
    })
  }
  // a flipped length may leave the frame incomplete, and nothing cut short to no bytes is a frame
  expect(judged).toBeGreaterThan(0.9 * some.length)
})

it('sealed-fields: every forged frame is rejected, but for the one that is legal after all', () => {
  const accepted: string[] = []
  for (const s of sample('sealed-fields', 8)) {
    const events: Event[] = []
    play(s, srcSystem, (e) => events.push(e))
    const verdict = last(events)
    if (verdict.on === 'accepted') accepted.push(`${verdict.header.opcode} to the ${verdict.at.side}`)
    // a HELLO that names another client is judged by that one's key; every other check comes before the tag
    else if (verdict.on === 'rejected' && verdict.header?.opcode !== OP.HELLO)
      expect(verdict.reason).not.toBe('bad-tag')
  }
  expect(accepted.filter((a) => a !== '60 to the client')).toEqual([])
})

it('paddings: exactly the valid ones pass', () => {
  for (const t of TARGETS)
    for (let tail = 1; tail <= 16; tail += 5)
      for (const value of [0, 1, tail - 1, tail, tail + 1, 16, 17, 255]) {
        const hex = value.toString(16).padStart(2, '0')
        const body = bodyFor(t, tail)
        const valid =
          value >= 1 && value <= 16 && (value <= tail || `${body}${hex.repeat(tail)}`.endsWith(hex.repeat(value)))
        const verdict = last(eventsOf([...t.before, { ...right(t), body, pad: hex.repeat(tail) }], 'bound'))
        expect(verdict.on === 'rejected' && verdict.reason === 'bad-padding', `${t.opcode} ${tail} ${value}`).toBe(
          !valid,
        )
      }
})

it('chunking: the stream is two frames, and every cut of it reaches both', () => {
  const some = sample('chunking', 400)
  for (const s of some) {
    const action = s.actions.at(-1)!
    const verdicts: string[] = []
    play(s, srcSystem, (e) => {
      if ((e.on === 'accepted' || e.on === 'rejected') && 'to' in action && e.at.side === action.to.side)
        verdicts.push(e.on)
    })
    expect(verdicts.slice(-2)).toEqual(
      'to' in action && action.to.side === 'client' ? ['accepted', 'accepted'] : ['accepted', 'rejected'],
    )
  }
})

it.each(MODES)('a part of every scope, spread over it, violates nothing in %s', (mode) => {
  const chunks = Object.keys(SCOPES).flatMap((name) =>
    planScopes([name], [mode]).flatMap((c, i) => (i % 8 === 0 ? [{ ...c, runs: Math.min(c.runs, 20) }] : [])),
  )
  const result = chunks.reduce((r, c) => merge(r, runChunk(c, srcSystem)), emptyResult(srcSystem))
  const tallies = Object.entries(result.tallies[mode])
  expect(tallies.flatMap(([id, t]) => (t.broken > 0 ? [id] : []))).toEqual([])
  expect(result.tallies[mode].F2!.judged).toBe(12 * 20) // every schedule of `chunking`, and of no other scope
})
