import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Action, MODES, type Mode, type Schedule, type Setup } from '../../../spec/language.ts'
import { plan } from '../campaign/campaign.ts'
import { schedules } from '../generate/arbitraries.ts'
import { BIASES } from '../generate/biases.ts'
import { CHECKS, examine, isExpected } from '../judging/examine.ts'
import { play } from '../world/play.ts'
import { type System, shows } from '../world/system.ts'
import { everyOne, GRID, complaints as gridComplaints } from './grid.ts'
import { altered, type Change, changedSystem, drawing, LESS, OTHERWISE, type Sides, THROWING } from './less.fixture.ts'

const SIDES: readonly Sides[] = ['client', 'server', 'both']

const told = (mode: Mode, setup: Partial<Setup>, actions: readonly Action[]): Schedule => ({
  version: 1,
  seed: 5,
  mode,
  powers: 'NF',
  setup: { clients: [1, 2, 3], insiders: [], challenge: 'fresh', startRound: 1, limits: {}, ...setup },
  actions,
})
const talk = (client: number, rounds = 1): Action => ({ do: 'converse', client, rounds })

/** What every member and every kind of event has a part in. */
const everything = (mode: Mode): readonly Schedule[] => [
  told(mode, { startRound: 0xfffe }, [talk(0, 3), talk(1), { do: 'converse', client: 0, rounds: 1, until: 'hello' }]),
  told(mode, { startRound: 0xffffffff }, [
    { do: 'converse', client: 0, rounds: 0, until: 'data' },
    { do: 'deliver', frame: -1, to: { side: 'server', n: -1 } },
  ]),
  told(mode, { limits: { connections: 2 } }, [talk(0), talk(1), talk(2), { do: 'advance', ms: 600_000 }, talk(2)]),
  told(mode, { limits: { unconfirmedPerId: 1 } }, [
    talk(0),
    { do: 'submit', run: 0, values: [1] },
    { do: 'submit', run: 0, values: [2] },
    { do: 'deliver', frame: -1, to: { side: 'server', n: 0 }, edit: { do: 'flip', at: 'tag', pos: 0, xor: 1 } },
    talk(0),
    { do: 'finish', run: -1 },
    { do: 'deliver', frame: -1, to: { side: 'server', n: -1 } },
    { do: 'converse', client: 1, rounds: 0, until: 'challenge' },
    { do: 'converse', client: 1, rounds: 0, until: 'challenge' },
    talk(1),
    { do: 'connect', client: 1, failSend: true },
    { do: 'failSend', at: { side: 'server', n: -1 } },
    talk(1),
    { do: 'close', at: { side: 'server', n: -1 } },
    { do: 'close', at: { side: 'client', n: -1 } },
    { do: 'restart' },
    talk(0),
    { do: 'failSend', at: { side: 'server', n: -1 } },
    { do: 'deliver', frame: 0, to: { side: 'server', n: -1 } }, // is rejected, and what is sent for it refused
    { do: 'inject', to: { side: 'server', n: 99 }, hex: '0000000100' },
  ]),
]
const EVERYTHING = MODES.flatMap(everything)
const isSmall = (s: Schedule): boolean => s.setup.clients.length < 9 && s.actions.length < 30 // those are played often
const BIAS = Object.values(BIASES)
const RANDOM = MODES.flatMap((mode) =>
  BIAS.flatMap((b, i) => fc.sample(schedules(b, mode), { numRuns: 4, seed: i }).filter(isSmall).slice(0, 1)),
)

/** What is wrong with a system that is right. `probes`: whether it is asked everything. */
const complaints = (system: System, all: readonly Schedule[], probes: boolean): readonly string[] =>
  all.flatMap((s) =>
    (probes ? examine(s, system) : play(s, system).findings)
      .filter((f) => !isExpected(f.invariant, s.mode))
      .map((f) => `${s.mode} ${f.invariant} at ${f.step}: ${f.why}`),
  )

const unobservable = (system: System): readonly string[] => CHECKS.filter((c) => !shows(system, c)).map((c) => c.id)

const whole = changedSystem('whole', [], 'both')
const NEVER = unobservable(whole) // the reference tells nothing of its memory and its primitives

/** Beside those. */
const UNOBSERVABLE: Readonly<Record<string, string>> = {
  timers: 'B5',
  submit: 'S7 L1 G6 L3',
  finish: '',
  restart: '',
  setRound: '',
  fork: 'S8',
  memory: '',
  rejected: 'F1 C3 S1 S2 S3 S4 S5 R4 I5 G2 G5 O1 O2 SPEC TWIN F2 L3 S8',
  ended: 'S3 S4 S5 S7 R3 I2 I4 I5 G1 G2 G3 G4 G7 B1 B4 B6 B5 O1 O2 L1 SPEC TWIN F2 L3 S8',
  view: 'F1 C5 KAT S3 S6 R1 R2 R4 R3 I2 I4 G2 B1 B6 SPEC TWIN S8',
  reasons: '',
}

describe.each(Object.entries(LESS))('the reference without %s', (name, change) => {
  it.each(SIDES)('is green: %s', (sides) => {
    const system = changedSystem(name, [change], sides)
    const n = Object.keys(LESS).indexOf(name) + SIDES.indexOf(sides)
    const probed = MODES[n % 2]!
    expect(complaints(system, everything(probed), true)).toEqual([])
    expect(complaints(system, [...EVERYTHING, ...RANDOM.filter((_, i) => i % 5 === n % 5)], false)).toEqual([])
    const more = unobservable(system).filter((id) => !NEVER.includes(id))
    if (name === 'accepted') expect(unobservable(system).length).toBeGreaterThan(CHECKS.length - 4)
    else if (sides === 'server' && name === 'submit') expect(more).toEqual([])
    else expect(more.join(' ')).toBe(UNOBSERVABLE[name])
  })
})

it('any two things may be missing', () => {
  const all = Object.entries(LESS)
  for (const [i, [a, one]] of all.entries())
    for (const [j, [b, other]] of all.slice(0, i).entries()) {
      const system = changedSystem(`${a} ${b}`, [one, other], SIDES[(i + j) % 3]!)
      const n = i * all.length + j
      const picked = [EVERYTHING[n % EVERYTHING.length]!, RANDOM[n % RANDOM.length]!]
      expect(complaints(system, picked, n % 4 === 0)).toEqual([])
    }
})

describe('the grid', () => {
  const [chunk] = plan(1, 1, ['bound'], ['time'])
  const said = (changes: readonly Change[], throws: boolean) =>
    gridComplaints(everything('bound')[2]!, { system: changedSystem('odd', changes, 'server'), throws }, chunk!, 0)

  it('has each of them, and every two members or events, on each side', () => {
    const [less, told, thrown] = [LESS, OTHERWISE, THROWING].map((all) => Object.keys(all).length) as [
      number,
      number,
      number,
    ]
    expect(GRID.length).toBe(3 * (less + told + (less * (less - 1)) / 2) + 2 * thrown)
    expect(new Set(GRID.map(({ system }) => system.name)).size).toBe(GRID.length)
  })

  it('does not play what would be the same to the last event', () => {
    /** Keys are called in the order in which somebody asked for them, a monitor too: here in that of the events. */
    const told = (s: Schedule, system: System): string => {
      const [all, keys]: [unknown[], string[]] = [[], []]
      play(s, system, (e) => all.push(e))
      return JSON.stringify(all).replace(/"k\d+"/g, (key) => {
        if (!keys.includes(key)) keys.push(key)
        return `"key ${keys.indexOf(key)}"`
      })
    }
    for (const s of [everything('bound')[0]!, RANDOM[4]!]) {
      const { like, plays } = everyOne(s, ({ system }) => {
        play(s, system)
        return []
      })
      expect(plays).toBeLessThan(GRID.length / 2)
      const played = new Map([...new Set(like.values())].map((square) => [square, told(s, square.system)]))
      for (const [{ system }, as] of like) {
        expect(told(s, system) === played.get(as), `${system.name} as ${as.system.name}`).toBe(true)
        expect(CHECKS.filter((c) => shows(system, c) && !shows(as.system, c))).toEqual([])
      }
    }
  })

  it('complains of a party that is not right, and not of what follows of an exception', () => {
    expect(said([], false)).toEqual([])
    expect(said([altered(() => ({ tick() {} }))], false).join()).toContain('B5 at ')
    expect(said([THROWING.tick!], true)).toEqual([])
  })
})

describe.each(Object.entries(OTHERWISE))('the reference, %s', (name, change) => {
  it.each(SIDES)('is green: %s', (sides) => {
    const system = changedSystem(name, [change], sides)
    expect(complaints(system, everything(sides === 'server' ? 'literal' : 'bound'), true)).toEqual([])
    expect(complaints(system, [...EVERYTHING, ...RANDOM], false)).toEqual([])
    if (name !== 'draws') return
    const again = complaints(changedSystem(name, [drawing(2)], sides), everything('bound'), false)
    expect(again.join('\n')).toContain('sent an IV that was used before')
  })
})

describe.each(Object.entries(THROWING))('a party that throws in %s', (member, change: Change) => {
  it.each(['client', 'server'] as const)('breaks F1 and ends no run: %s', (side) => {
    const system = changedSystem(member, [change], side)
    const all = new Set<string>()
    let settled = 0
    for (const s of everything('bound')) {
      const faults: string[] = []
      const { findings } = play(s, system, (e) => {
        if (e.on === 'fault') faults.push(`${e.at.side} ${e.error}`)
        if (e.on === 'settled') settled++
      })
      if (faults.length > 0) expect(findings.map((f) => f.invariant)).toContain('F1')
      for (const fault of faults) all.add(fault)
    }
    expect(settled).toBeGreaterThan(20)
    const asked = side === 'client' ? member !== 'restart' : member !== 'submit' && member !== 'finish'
    expect(all).toEqual(new Set(asked ? [`${side} Error: no ${member}`] : []))
  })
})
