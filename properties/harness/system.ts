/** What a schedule is played against: who plays the clients, who the server, and what the two can report. */
import type { Event } from '../../spec/events.ts'
import { LIMITS } from '../../spec/language.ts'
import type { MakeParty } from './parties/party.ts'

export interface System {
  readonly name: string
  readonly client: MakeParty
  readonly server: MakeParty
  readonly emits: ReadonlySet<Event['on']>
  /** A party draws its random bytes itself, so monitors of the draws cannot judge this system. */
  readonly ownRng: boolean
  /** Master keys by id where they are others than those of properties/harness/rng.ts: those of a server elsewhere. */
  readonly keyring?: ReadonlyMap<number, Uint8Array>
  /** Runs what a world does to go on from another, for whoever watches how the parties run. */
  readonly aside?: <T>(act: () => T) => T
}

/** Events that the interpreter itself observes or derives, whoever the parties are. */
const WORLD_EVENTS: readonly Event['on'][] = [
  'step',
  'settled',
  'opened',
  'submitted',
  'delivered',
  'sealed',
  'sent',
  'unsent',
  'exposed',
  'fault',
  'conversed',
]

/**
 * What is told of these is derived from which frames were accepted and which sessions ended: the tracker follows a
 * conversation by its acceptances. From a party that does not report those, it would be guesswork.
 */
const RESTS_ON: Partial<Record<Event['on'], readonly Event['on'][]>> = {
  delivered: ['accepted'],
  sent: ['accepted'],
  told: ['accepted'],
  rejected: ['accepted'],
  committed: ['accepted'],
  primitive: ['accepted'],
  memory: ['accepted'],
  exposed: ['accepted'],
  conversed: ['accepted', 'ended'],
}

const SETUP = { mode: 'bound', keyring: new Map(), challenge: 'fresh', limits: LIMITS } as const

/** An event counts as reported only where both sides report it. */
export const systemOf = (name: string, client: MakeParty, server: MakeParty): System => {
  const host = { send: () => false, report: () => undefined, rng: () => (n: number) => new Uint8Array(n) }
  const parties = [client(host, { ...SETUP, side: 'client' }), server(host, { ...SETUP, side: 'server' })] as const
  const both = parties[0].emits.filter((e) => parties[1].emits.includes(e))
  const told = [...WORLD_EVENTS, ...both]
  return {
    name,
    client,
    server,
    emits: new Set(told.filter((e) => RESTS_ON[e]?.every((r) => both.includes(r)) ?? true)),
    ownRng: parties.some((p) => p.ownRng === true),
  }
}
