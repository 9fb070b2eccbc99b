import { createServer, type Server } from 'node:net'
import { describe, expect, it } from 'vitest'
import type { Action, Mode, Schedule } from '../../../spec/language.ts'
import { readAttacks } from '../../harness/attack/attack-file.ts'
import {
  type AttackResult,
  disagreement,
  type NamedAttack,
  perform,
  performHere,
} from '../../harness/attack/perform.ts'
import { srcSystem } from '../../harness/parties/party-file.ts'
import { srcParty } from '../../harness/parties/src.ts'
import { tcpServer } from '../../harness/parties/tcp-server.ts'
import { loadVariant } from '../../harness/process/variants.ts'
import type { Stored } from '../../harness/schedules/schedule-file.ts'
import { CORPUS, readStored } from '../../harness/schedules/stored.ts'
import { systemOf } from '../../harness/world/system.ts'
import { type Listen, performOverTcp } from './over-tcp.ts'
import { runAttacks } from './sockets.ts'

const MODES: readonly Mode[] = ['bound', 'literal']

const all = ((): readonly NamedAttack[] => {
  const read = readAttacks()
  if (read.kind === 'bad') throw new Error(read.why)
  return read.value
})()
const named = (name: string): NamedAttack => all.find((a) => a.name === name)!

/** What a person is shown of it, without the reasons, which a server over TCP does not give. */
const seen = (r: AttackResult): unknown =>
  r.steps.map((s) => ({ ...s, lines: s.lines.map((l) => l.replace(/rejected: .*/, 'rejected')) }))

describe.each(MODES)('the attacks in %s', (mode) => {
  it('end over real sockets as the mode predicts, and go step by step as they do in memory', async () => {
    const { results, lost } = await runAttacks(mode, all)
    expect(lost).toEqual([])
    expect(results.flatMap((r) => disagreement(r) ?? [])).toEqual([])
    for (const [i, r] of results.entries()) {
      const here = performHere(all[i]!, mode, srcSystem)
      expect(disagreement(here), r.name).toBeNull()
      expect(seen(r), r.name).toEqual(seen(here))
    }
  })
})

describe('a server over TCP', () => {
  /** A stored schedule that is not told as an attack, with what it violates as the goals. */
  const asAttack = (name: string, s: Stored): NamedAttack => ({
    ...s,
    name,
    attack: {
      n: 1,
      title: name,
      known: 'overlooked',
      claim: 1,
      strikes: [s.schedule.actions.length - 1],
      goals: s.violates,
      expect: { bound: { outcome: 'BLOCKED', why: '' }, literal: { outcome: 'SUCCEEDED', why: '' } },
    },
  })

  it('falls to the minimal counterexamples of literal too, as far as the network shows it', async () => {
    for (const name of [
      'data-splice.json',
      'foreign-control-frame.json',
      'foreign-frame-decrypted.json',
      'old-challenge.json',
      'response-replay.json',
      'session-replay.json',
    ]) {
      const stored = readStored(name, new URL(name, CORPUS))
      if (stored.kind === 'bad') throw new Error(stored.why)
      const r = await performOverTcp(asAttack(name, stored.value), 'literal')
      const visible = stored.value.violates.filter((id) => id !== 'O4') // that is about AES
      expect(r.judgedBy, name).toEqual(visible)
      expect(r.outcome, name).toBe(visible.length > 0 ? 'SUCCEEDED' : 'UNTRIED')
    }
  })

  it('that verifies no tags is seen to be broken', async () => {
    const find = 'sameTag(c.hmac(mac, taggedOf(frame)), tagOf(frame))'
    const mutant = await loadVariant(
      [{ file: 'src/primitives.ts', find, replace: 'c.hmac(mac, taggedOf(frame)).length > 0' }],
      'src/net/index.ts',
    )
    const { listen } = mutant as unknown as { listen: Listen }
    for (const name of ['modification', 'invalid-hmac']) {
      const r = await performOverTcp(named(name), 'bound', listen)
      expect(
        r.reached.map((f) => f.invariant),
        name,
      ).toContain('C1')
      expect(disagreement(r)).toBe(`${name} in bound: expected BLOCKED, got SUCCEEDED`)
    }
  })

  it('cannot be judged by draws that nobody sees, nor by what happens inside', async () => {
    const blind: NamedAttack = {
      ...named('replay'),
      attack: { ...named('replay').attack, goals: ['C2', 'C4', 'KAT', 'A2'] },
    }
    const r = await performOverTcp(blind, 'bound')
    expect(r.judgedBy).toEqual(['A2'])
    expect(r.notObservable).toEqual(['C2', 'C4', 'KAT'])
    expect(performHere(blind, 'bound', srcSystem).judgedBy).toEqual(['C2', 'C4', 'KAT', 'A2'])
  })

  const withActions = (...actions: readonly Action[]): NamedAttack => {
    const base = named('replay')
    const schedule: Schedule = { ...base.schedule, actions }
    return { ...base, schedule, attack: { ...base.attack, strikes: [actions.length - 1] } }
  }

  it('shows of a TERMINATE that the connection ends, and not whether it was obeyed', async () => {
    const s0 = { side: 'server', n: 0 } as const
    const terminate = { by: { side: 'client', n: 0 }, nth: 1 } as const
    const r = await performOverTcp(
      withActions(
        { do: 'converse', client: 0, rounds: 0 },
        { do: 'finish', run: 0 },
        { do: 'deliver', frame: terminate, to: s0 },
      ),
      'bound',
    )
    expect(r.steps[2]!.lines.map((l) => l.trim())).toEqual(['s0 ended (close)'])
    expect(r.broken).toEqual([])
  })

  it('takes stream bytes in chunks of any size, and an illegal length', async () => {
    const r = await performOverTcp(
      withActions(
        { do: 'connect', client: 0 },
        {
          do: 'deliver',
          frame: { by: { side: 'client', n: 0 }, nth: 0 },
          to: { side: 'server', n: 0 },
          cuts: [1, 5, 40],
        },
        { do: 'inject', to: { side: 'server', n: 0 }, hex: 'ffffffff' },
      ),
      'bound',
    )
    const lines = r.steps.flatMap((s) => s.lines).join('\n')
    expect(lines).toMatch(/CLIENT_HELLO r0 .* s0 {2}accepted/)
    expect(lines).toMatch(/illegal length .* s0 {2}rejected/)
    expect(r.broken).toEqual([])
  })

  it.each([
    [{ do: 'restart' }, 'actions: expected none that reaches into the server, got restart'],
    [{ do: 'failSend', at: { side: 'server', n: 0 } }, 'got failSend'],
  ] as const)('cannot be asked to %j', async (action, why) => {
    await expect(performOverTcp(withActions(action), 'bound')).rejects.toThrow(why)
  })

  it('cannot be put into another round', async () => {
    const base = named('replay')
    const schedule = { ...base.schedule, setup: { ...base.schedule.setup, startRound: 7 } }
    await expect(performOverTcp({ ...base, schedule }, 'bound')).rejects.toThrow('startRound: expected 1')
  })
})

describe('an attack that was not put to the test', () => {
  it('is UNTRIED where no strike reaches anybody, which is never as expected', () => {
    const base = named('replay')
    const never: NamedAttack = {
      ...base,
      schedule: { ...base.schedule, actions: [{ do: 'leak', at: { side: 'server', n: 0 } }] },
      attack: { ...base.attack, strikes: [0] },
    }
    const r = performHere(never, 'bound', srcSystem)
    expect(r.outcome).toBe('UNTRIED')
    expect(disagreement(r)).toBe('replay in bound: expected BLOCKED, got UNTRIED')
  })

  it('is UNTRIED against a server that never answers, and the invariants say that something is wrong', async () => {
    const silent = await new Promise<Server>((resolve) => {
      const server = createServer((socket) => socket.resume()).listen(0, '127.0.0.1', () => resolve(server))
    })
    const address = silent.address()
    const port = typeof address === 'object' ? address!.port : 0
    const server = tcpServer({ host: '127.0.0.1', port }, 20)
    const playing = perform(named('replay'), 'bound', systemOf('silent', srcParty, server.party))
    let next = playing.next()
    for (; !next.done; next = playing.next()) await server.quiet()
    server.disconnect()
    silent.close()
    expect(next.value.outcome).toBe('UNTRIED')
    expect(next.value.broken.map((f) => f.invariant)).toEqual(expect.arrayContaining(['L1', 'S4']))
  })
})
