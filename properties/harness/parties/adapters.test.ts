import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Event } from '../../../spec/events.ts'
import type { Schedule } from '../../../spec/language.ts'
import { schedules } from '../generate/arbitraries.ts'
import { BIASES } from '../generate/biases.ts'
import { examine, isExpected } from '../judging/examine.ts'
import { compare, pairOf } from '../judging/pair.ts'
import { needs } from '../process/needs.ts'
import { monitorSetFor, Player, play, playAll } from '../world/play.ts'
import { playable } from '../world/system.ts'
import { newNames } from '../world/wire.ts'
import { HONEST, schedule, system } from './adapters.testkit.ts'
import { srcSystem } from './party-file.ts'

const some = (mode: Schedule['mode'], numRuns: number): readonly Schedule[] =>
  Object.values(BIASES).flatMap((bias) => fc.sample(schedules(bias, mode), { numRuns, seed: 1 }))

const NODE = 'node --import tsx properties/examples/adapter.mjs'
const PYTHON = 'python3 properties/examples/stranger.py'
const SIDES = ['server', 'client', 'both'] as const
/** The same, of which the state is asked for instead of told. */
const ASKED = `
import json, sys
sys.path.insert(0, "properties/examples")
import stranger
class Asked(stranger.Adapter):
    def report(self, **what):
        if what["on"] == "committed": self.views[what["at"]] = what["view"]
        else: super().report(**what)
    def call(self, c):
        if c["op"] == "view": return {"ok": True, "view": self.views.get(c["at"])}
        if c["op"] == "init": self.views = {}
        done = super().call(c)
        if c["op"] == "init": done.update(emits=["accepted", "rejected", "ended"], can=["finish", "tick", "startRound", "view"])
        done.pop("memory", None)
        return done
adapter = Asked()
for line in sys.stdin:
    adapter.say(**adapter.call(json.loads(line)))
    sys.stdout.flush()
`

const expectRight = (side: (typeof SIDES)[number], command: string) => async () => {
  const party = await system(command, side)
  expect(examine(HONEST, party)).toEqual([])
  for (const mode of ['bound', 'literal'] as const)
    for (const s of some(mode, 1).slice(0, mode === 'bound' ? 6 : 2))
      expect(examine(s, party).filter((f) => !isExpected(f.invariant, mode))).toEqual([])
}

/** What happens in schedules of every bias, played at the same time, and one after the other. */
const bothWays = async (command: string, side: (typeof SIDES)[number], schedules: readonly Schedule[]) => {
  const party = await system(command, side)
  const jobs = schedules.map((asked) => {
    const s = playable(asked, party)
    return { schedule: s, events: [] as Event[], names: newNames(), monitorSet: monitorSetFor(s.powers, party) }
  })
  const alone = jobs.map(({ schedule }): readonly Event[] => {
    const events: Event[] = []
    play(schedule, party, (e) => events.push(e))
    return events
  })
  const failed = party.together!(
    jobs.map(
      ({ schedule, events }) =>
        () =>
          new Player(schedule, party, (e) => events.push(e)).play(),
    ),
  )
  const together = jobs.map(({ events }) => [...events])
  for (const { events } of jobs) events.length = 0
  const found = playAll(jobs, party).map((p) => p.findings.map((f) => f.invariant))
  return { alone, together, failed, found, counted: jobs.map((j) => j.events) }
}

describe('src/ behind an adapter in JavaScript', () => {
  it.each(SIDES)('is right as %s', (side) => expectRight(side, NODE)())

  it('does the same where schedules are played at once', async () => {
    const { alone, together, failed, counted } = await bothWays(NODE, 'both', some('bound', 1))
    expect(failed).toBeNull()
    expect(together).toEqual(alone)
    expect(counted).toEqual(alone)
  })
})

it('hears what the application is told: an adapter that tells another sum breaks A4', async () => {
  const wrong = `${NODE} | sed -u -E 's/(\\"aggregate\\":\\{\\"sum\\":)[0-9.]+/\\11/'`
  const told = schedule([{ do: 'converse', client: 0, rounds: 2 }])
  expect(examine(told, await system(NODE, 'both'))).toEqual([])
  expect(examine(told, await system(wrong, 'both')).map((f) => f.invariant)).toEqual(['A4'])
})

describe('a stranger in Python', () => {
  for (const side of SIDES) it(`is right as ${side}`, needs('python3', expectRight(side, PYTHON)))

  it(
    'does the same where schedules are played at once, by one side of it',
    needs('python3', async () => {
      const { alone, together, failed } = await bothWays(PYTHON, 'server', some('literal', 1))
      expect(failed).toBeNull()
      expect(together).toEqual(alone)
    }),
  )

  it(
    'that crashes while schedules are played at once is blamed for the one in which it crashes',
    needs('python3', async () => {
      const long = { do: 'inject', to: { side: 'server', n: 0 }, hex: '00000047'.padEnd(2_010, '0') } as const
      const command = `DEFECT=crash ${PYTHON}`
      const { alone, failed, found, counted } = await bothWays(command, 'server', [HONEST, schedule([long]), HONEST])
      expect(failed).toMatch(/^line \d+: expected an answer to a line of \d calls, got exit code 1; .*MemoryError/)
      expect(found).toEqual([[], ['F1', 'S4'], []])
      expect(counted.map((c) => c.length)).toEqual(alone.map((a) => a.length))
    }),
  )

  it(
    'does what src does, and with a defect something else',
    needs('python3', async () => {
      const pair = async (command: string) => {
        const made = pairOf(await system(command, 'server'), srcSystem)
        if (made.kind === 'bad') throw new Error(made.why)
        return made.value
      }
      const p = await pair(PYTHON)
      expect([p.sides, p.sameBytes]).toEqual([['server'], true])
      for (const mode of ['bound', 'literal'] as const)
        for (const s of some(mode, 1)) expect(compare(s, p).difference).toBeNull()
      const { difference } = compare(defects.tag![1], await pair(`DEFECT=tag ${PYTHON}`))
      expect(difference?.why).toMatch(/: s0 accepted CLIENT_DATA r1 f\d; src: s0 rejected CLIENT_DATA r1 f\d: bad-tag$/)
    }),
  )

  it(
    'that is asked for its state is not blamed for what it could not be asked between two frames of a chunk',
    needs('python3', async () => {
      const asked = `python3 -c '${ASKED}'`
      const [hello, data, more] = [0, 1, 2].map((nth) => ({ by: { side: 'client', n: 0 }, nth }) as const)
      const again = { do: 'deliver', frame: hello!, to: { side: 'server', n: 1 }, with: [data!, more!] } as const
      const talk = { do: 'converse', client: 0, rounds: 2 } as const
      expect((await system(asked, 'server')).lacks).toContain('chunks') // and that is said
      for (const mode of ['bound', 'literal'] as const)
        expect(
          play(schedule([talk, again], mode), await system(asked, 'server')).findings.filter(
            (f) => !isExpected(f.invariant, mode),
          ),
        ).toEqual([])
    }),
  )

  it(
    'is not blamed for what it held when it was last called about another connection',
    needs('python3', async () => {
      const s1 = { side: 'server', n: 1 } as const
      const later = schedule([
        { do: 'converse', client: 0, rounds: 1 },
        { do: 'inject', to: s1, hex: '00' },
        { do: 'inject', to: s0, hex: '00' },
        { do: 'inject', to: s1, hex: '000000' },
        { do: 'failSend', at: s0 },
      ])
      const whole = await system(PYTHON, 'server')
      const held: number[] = []
      expect(play(later, whole, (e) => e.on === 'memory' && held.push(e.connections)).findings).toEqual([])
      expect(held.slice(-3)).toEqual([2, 2, 1]) // of s1, s0, s1; when the send is to fail, s0 was not called
    }),
  )

  const s0 = { side: 'server', n: 0 } as const
  const c0 = { side: 'client', n: 0 } as const
  const value = { do: 'seal', power: 'I', as: c0, under: 'current', to: s0, opcode: 30, id: 0, round: 0 } as const
  const defects: Readonly<Record<string, readonly [string, Schedule]>> = {
    bind: ['L1', HONEST],
    tag: [
      'C1',
      schedule([
        { do: 'converse', client: 0, rounds: 0, until: 'data' },
        { do: 'deliver', frame: -1, to: s0, edit: { do: 'flip', at: 'tag', pos: 9, xor: 1 } },
      ]),
    ],
    timer: [
      'B5',
      schedule([
        { do: 'inject', to: s0, hex: '00' },
        { do: 'advance', ms: 9_000 },
      ]),
    ],
    direction: [
      'S2',
      {
        ...schedule([
          { do: 'converse', client: 0, rounds: 1 },
          { ...value, direction: 2, body: '00010000000000000000' },
        ]),
        powers: 'NI',
        setup: { clients: [1], insiders: [1], challenge: 'fresh', startRound: 1, limits: {} },
      },
    ],
  }
  for (const [defect, [id, s]] of Object.entries(defects))
    it(
      `with the defect ${defect} breaks ${id}, and without it does not`,
      needs('python3', async () => {
        expect(play(s, await system(PYTHON, 'server')).findings).toEqual([])
        const wrong = await system(`DEFECT=${defect} ${PYTHON}`, 'server')
        expect(play(s, wrong).findings.map((f) => f.invariant)).toContain(id)
      }),
    )
})
