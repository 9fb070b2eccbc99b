import { describe, expect, it } from 'vitest'
import { PROTOCOL } from '../../../spec/dialects/dialect.ts'
import { type Follower, Followers } from '../../../spec/dialects/follower.ts'
import type { Mode, Schedule } from '../../../spec/language.ts'
import { SCHEDULE_VERSION } from '../../../spec/language.ts'
import { ascii, fromHex } from '../../../spec/reference/bytes.ts'
import { violation } from '../judging/examine.ts'
import { MUTANTS } from '../mutants/catalogue.ts'
import { partyOf } from '../parties/src.ts'
import { loadVariant } from '../process/variants.ts'
import { systemOf } from './system.ts'
import { Thief } from './thief.ts'
import { newNames, type WireFrame } from './wire.ts'

const DATA = fromHex('00014024000000000000')
const RESPONSE = fromHex('004024000000000000000000014024000000000000')
const names = newNames().frames
const c0 = { side: 'client', n: 0 } as const

/** A session of client 3 with two rounds, every IV another byte: where it was, and its frames by what they are. */
const session = (mode: Mode, iv: number) => {
  const start = new Followers(PROTOCOL[mode]).start(3, new Uint8Array(32).fill(7))
  const at: Follower[] = [start]
  const frames: Record<string, WireFrame> = {}
  const says = (name: string, opcode: number, direction: 'c2s' | 's2c', text: Uint8Array): void => {
    const now = at.at(-1)!
    const header = { opcode, id: 3, round: now.round, direction: direction === 'c2s' ? 1 : 2 }
    const bytes = now.seal(direction, header, text, new Uint8Array(16).fill(iv + at.length))
    at.push(now.after(bytes))
    frames[name] = { id: names.of(bytes), bytes } as WireFrame
  }
  says('hello', 10, 'c2s', ascii('hello'))
  says('challenge', 20, 's2c', ascii(`challenge ${iv}`))
  for (const round of [1, 2]) {
    says(`data ${round}`, 30, 'c2s', DATA)
    says(`response ${round}`, 40, 's2c', RESPONSE)
  }
  return { at, frames }
}
const all = ({ frames }: ReturnType<typeof session>): readonly WireFrame[] => Object.values(frames)

/** What is read of a session when these keys are stolen; its frames come in this order. */
const read = (from: Follower, of: ReturnType<typeof session>, wire: readonly WireFrame[] = all(of)): string[] => {
  const told = new Thief(c0, from, from.keys).hears(wire)
  return Object.keys(of.frames).filter((name) => told.some((t) => t.frame === of.frames[name]!.id))
}

const LATER = ['data 2', 'response 2']
const ROUNDS = ['data 1', 'response 1', ...LATER]

describe.each(['bound', 'literal'] as const)('the keys of a session and what follows from them, %s', (mode) => {
  const own = session(mode, 10)
  it('of a client that waits: the whole session, whatever the order of its frames', () => {
    const hello = mode === 'literal' ? ['hello'] : []
    for (const wire of [all(own), all(own).toReversed()])
      expect(read(own.at[1]!, own, wire)).toEqual([...hello, 'challenge', ...ROUNDS])
  })
  it('of an ACTIVE one: from its round on', () => {
    expect(read(own.at[2]!, own)).toEqual(ROUNDS)
    expect(read(own.at[4]!, own)).toEqual(LATER)
  })
  it('go on from a copy, which leaves the original as it was', () => {
    const thief = new Thief(c0, own.at[2]!, own.at[2]!.keys)
    const copy = thief.copy()
    for (const t of [thief, copy]) expect(t.hears(all(own))).toHaveLength(4)
  })
})

describe('another session of the client', () => {
  const [own, other] = [session('bound', 10), session('bound', 100)]
  it('stays closed in bound, also to who steals from a client that waits', () => {
    for (const from of own.at.slice(1)) expect(read(from, other, [...all(own), ...all(other)])).toEqual([])
  })
  it('is open to who has the initial C2S keys', () => {
    expect(read(own.at[0]!, other, [...all(own), ...all(other)])).toEqual(['hello', 'data 1', 'data 2'])
  })
})

it('R5 finds a client that keeps its initial C2S keys while it waits, and nothing in the implementation', async () => {
  const setup = { clients: [1], insiders: [], challenge: 'fresh', startRound: 1, limits: {} } as const
  const actions = [
    { do: 'connect', client: 0 },
    { do: 'leak', at: c0 },
    { do: 'connect', client: 0 },
  ] as const
  const schedule: Schedule = { version: SCHEDULE_VERSION, seed: 0, mode: 'bound', powers: 'NL', setup, actions }
  const of = async (id: string | null) => {
    const variant = await loadVariant(MUTANTS.find((m) => m.id === id)?.replacements ?? [])
    return violation('R5', schedule, systemOf('of the test', partyOf(variant), partyOf(variant)))
  }
  expect(await of(null)).toBeUndefined()
  expect((await of('hello-keeps-c2s'))?.why).toContain('round 0 leaked from c0 open a frame of another')
})
