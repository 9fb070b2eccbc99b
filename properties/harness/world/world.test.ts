import { describe, expect, it } from 'vitest'
import { type Event, endName } from '../../../spec/events.ts'
import type { Action, Schedule } from '../../../spec/language.ts'
import { mutantSystems } from '../mutants/systems.ts'
import { changed, type Host } from '../parties/party.ts'
import { srcSystem } from '../parties/party-file.ts'
import { normalise, play } from './play.ts'
import type { System } from './system.ts'

const schedule = (actions: readonly Action[], over: Partial<Schedule> = {}): Schedule => ({
  version: 1,
  seed: 1,
  mode: 'bound',
  powers: 'N',
  setup: { clients: [1, 2], insiders: [], challenge: 'fresh', startRound: 1, limits: {} },
  actions,
  ...over,
})

const TOLD = new Set(['delivered', 'accepted', 'rejected', 'sent', 'committed', 'ended', 'unsent'])

/** The events of the last action, short. */
const story = (s: Schedule): string[] => {
  let last: Event[] = []
  play(s, srcSystem, (e) => {
    if (e.on === 'step') last = []
    last.push(e)
  })
  return last.flatMap((e) => {
    if (!TOLD.has(e.on) || !('at' in e)) return []
    const what =
      e.on === 'sent' || e.on === 'accepted'
        ? ` ${e.header.opcode}`
        : e.on === 'committed'
          ? ` ${e.view.phase} ${e.view.round}`
          : e.on === 'ended'
            ? ` ${e.by}`
            : e.on === 'rejected'
              ? ` ${e.reason}`
              : ''
    return [`${endName(e.at)} ${e.on}${what}`]
  })
}

const newest = { side: 'server', n: -1 } as const

describe('the canonical order of events', () => {
  it('is frame, verdict, answer, commit', () => {
    expect(
      story(
        schedule([
          { do: 'converse', client: 0, rounds: 0, until: 'data' },
          { do: 'deliver', frame: -1, to: newest },
        ]),
      ),
    ).toEqual(['s0 delivered', 's0 accepted 30', 's0 sent 40', 's0 committed ACTIVE 2'])
  })

  it('puts the end of a superseded session after the commit of the newcomer', () => {
    const again: Action[] = [
      { do: 'converse', client: 0, rounds: 1 },
      { do: 'connect', client: 0 },
      { do: 'deliver', frame: -1, to: { side: 'server', n: 9 } },
      { do: 'deliver', frame: -1, to: { side: 'client', n: -1 } },
      { do: 'submit', run: -1, values: [1] },
      { do: 'deliver', frame: -1, to: newest },
    ]
    expect(story(schedule(again))).toEqual([
      's1 delivered',
      's1 accepted 30',
      's1 sent 40',
      's0 sent 60',
      's1 committed ACTIVE 2',
      's0 committed TERMINATED 2',
      's0 ended supersede',
    ])
  })

  it('discards what follows a fatal frame in the same chunk', () => {
    const edit = { do: 'flip', at: 'tag', pos: 0, xor: 1 } as const
    const chunk: Action = { do: 'deliver', frame: -1, to: newest, edit, with: [-1] }
    expect(story(schedule([{ do: 'converse', client: 0, rounds: 0, until: 'data' }, chunk]))).toEqual([
      's0 delivered',
      's0 rejected bad-tag',
      's0 sent 50',
      's0 committed TERMINATED 1',
      's0 ended rejection',
    ])
  })

  it('shows a failed hand-over as a frame without a verdict, and the end', () => {
    const failing: Action[] = [
      { do: 'converse', client: 0, rounds: 0, until: 'data' },
      { do: 'failSend', at: newest },
      { do: 'deliver', frame: -1, to: newest },
    ]
    expect(story(schedule(failing, { powers: 'NF' }))).toEqual([
      's0 unsent',
      's0 delivered',
      's0 committed TERMINATED 1',
      's0 ended fault',
    ])
  })
})

describe('a frame cut between two actions', () => {
  const [a, b] = [0, 1].map((n) => ({ side: 'server', n }) as const)
  const data = (n: number) => ({ by: { side: 'client', n }, nth: 1 }) as const
  const under: Action[] = [0, 1].map((client) => ({ do: 'converse', client, rounds: 0, until: 'data' }))

  it('arrives when its last byte does, whatever other connections hear in between', () => {
    const parts: Action[] = [
      { do: 'deliver', frame: data(0), to: a!, upTo: 30 },
      { do: 'deliver', frame: data(1), to: b!, upTo: -1 },
      { do: 'continue', to: a!, upTo: 20 },
      { do: 'continue', to: b! },
    ]
    const whole = schedule([...under, ...parts, { do: 'continue', to: a! }])
    expect(story({ ...whole, actions: whole.actions.slice(0, 3) })).toEqual([])
    expect(story({ ...whole, actions: whole.actions.slice(0, 6) })).toContain('s1 accepted 30')
    expect(story(whole)).toEqual(['s0 delivered', 's0 accepted 30', 's0 sent 40', 's0 committed ACTIVE 2'])
    expect(play(whole, srcSystem).findings).toEqual([])
    expect(normalise(whole, srcSystem).actions.slice(-5)).toEqual([...parts, { do: 'continue', to: a! }])
  })

  it('is continued by nobody where nothing is held back', () => {
    const idle = schedule([...under, { do: 'deliver', frame: data(0), to: a! }, { do: 'continue', to: a! }])
    expect(normalise(idle, srcSystem).actions.at(-1)).toMatchObject({ do: 'deliver' })
  })

  it('shows one buffer that all connections share', async () => {
    const shared = {
      id: 'shared-buffer',
      bug: '',
      expect: null,
      replacements: [
        {
          file: 'src/frame.ts',
          find: 'export class Reassembler {',
          replace: 'const SHARED = new Uint8Array(MAX_FRAME)\nexport class Reassembler {',
        },
        {
          file: 'src/frame.ts',
          find: 'this.#frame = new Uint8Array(length)',
          replace: 'this.#frame = SHARED.subarray(0, length)',
        },
      ],
    }
    const { both } = await mutantSystems(shared)
    const parts: Action[] = [0, 1].map((n) => ({ do: 'deliver', frame: data(n), to: n === 0 ? a! : b!, upTo: 30 }))
    const { findings } = play(schedule([...under, ...parts, { do: 'continue', to: a! }]), both[0]!)
    expect(findings.map((f) => f.invariant)).toContain('F1')
  })
})

describe('start rounds', () => {
  it('begin where the setup says, on both sides', () => {
    const late = schedule([{ do: 'converse', client: 0, rounds: 2 }], {
      setup: { clients: [1], insiders: [], challenge: 'fresh', startRound: 0xfffffffe, limits: {} },
    })
    const played = play(late, srcSystem)
    expect(played.findings).toEqual([])
    expect(played.ledger.clients[0]?.view?.round).toBe(0xffffffff)
    expect(played.ledger.servers[0]?.view?.round).toBe(0xffffffff)
  })

  it('excuse no altered DATA that a server accepts in the round that cannot be left', () => {
    const server: System['server'] = (host, setup) => {
      const report: Host['report'] = (r) =>
        host.report(r.on === 'rejected' && r.frame !== null ? { on: 'accepted', at: r.at, frame: r.frame } : r)
      return srcSystem.server({ send: (at, f) => host.send(at, f), rng: (at) => host.rng(at), report }, setup)
    }
    const edit = { do: 'flip', at: 'tag', pos: 0, xor: 1 } as const
    const last = schedule(
      [
        { do: 'converse', client: 0, rounds: 0, until: 'data' },
        { do: 'deliver', frame: -1, to: newest, edit },
      ],
      { setup: { clients: [1], insiders: [], challenge: 'fresh', startRound: 0xffffffff, limits: {} } },
    )
    expect(play(last, { ...srcSystem, server }).findings.map((f) => f.invariant)).toContain('C1')
  })
})

describe('what a party shows is read once, and is a fault where it is nothing of the kind', () => {
  const odd = { phase: 'DEAD', id: 1, round: 1, confirmed: false, outstanding: false, keys: null }
  const throws = {
    get id() {
      throw { toString: null }
    },
  }
  it.each([
    ['view', odd, /^TypeError: view: expected id, phase/],
    ['view', throws, /^something that cannot be read was thrown$/],
    ['memory', { buffered: 1n, retained: 0, connections: 0 }, /^TypeError: memory: expected counts/],
    ['memory', throws, /^TypeError: memory: expected counts/],
    ['told', { opcode: 10, id: 1, round: 0, text: 'as an adapter says it' }, /^TypeError: told: expected opcode, id/],
  ])('%s %#', (name, value, why) => {
    const server: System['server'] = (host, setup) => {
      const report: Host['report'] = (r) =>
        host.report(r.on === 'accepted' && name === 'told' ? { ...r, told: value as never } : r)
      const party = srcSystem.server({ send: (at, f) => host.send(at, f), rng: (at) => host.rng(at), report }, setup)
      return changed(party, { [name]: () => value } as never)
    }
    const errors: string[] = []
    const talk = schedule([{ do: 'converse', client: 0, rounds: 1 }])
    play(talk, { ...srcSystem, server }, (e) => e.on === 'fault' && errors.push(e.error))
    expect(errors.length).toBeGreaterThan(0)
    for (const error of errors) expect(error).toMatch(why)
  })
})
