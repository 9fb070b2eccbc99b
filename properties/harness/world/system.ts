/** What a schedule is played against: who plays the clients, who the server, and what the two can report. */
import type { Dialect } from '../../../spec/dialects/dialect.ts'
import type { Event } from '../../../spec/events.ts'
import { LIMITS, type Schedule } from '../../../spec/language.ts'
import type { MakeParty } from '../parties/party.ts'

/**
 * What a system may be without: actions of the same name, sessions that start in another round than 1, snapshots, an order
 * of what happens at both sides by one action (a party whose reactions come later has none that could be told),
 * bytes that real cryptography made, random bytes that are the same in every play, and chunks of more than one frame.
 */
export type Lack =
  | 'submit'
  | 'finish'
  | 'restart'
  | 'advance'
  | 'setRound'
  | 'fork'
  | 'order'
  | 'bytes'
  | 'rng'
  | 'chunks'

/**
 * Why a player waits: for quiet, after an action; before a call of which the parties were told, or of which they were not,
 * where one of them takes the calls of several players together.
 */
export type Wait = 'settle' | 'told' | 'untold'

export interface System {
  readonly name: string
  readonly client: MakeParty
  readonly server: MakeParty
  readonly emits: ReadonlySet<Event['on']>
  /** In every world of this system nobody is asked for these, not even a side that could. */
  readonly lacks: ReadonlySet<Lack>
  /** Master keys by id where they are others than those of properties/harness/world/rng.ts: those of a server elsewhere. */
  readonly keyring?: ReadonlyMap<number, Uint8Array>
  /** What both sides speak, where that is not PROTOCOL. */
  readonly dialect?: Dialect
  /**
   * Makes these players and plays them at the same time, which costs less than one after the other. Null: it has; else
   * why it has not, and each is to be played by itself.
   */
  readonly together?: (make: readonly (() => Iterator<Wait>)[]) => string | null
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
  conversed: ['accepted', 'ended', 'submitted'],
}

/** The schedule as this system can play it: sessions start in round 1 unless both sides can be put in another. */
export const playable = (s: Schedule, { lacks }: Pick<System, 'lacks'>): Schedule =>
  s.setup.startRound === 1 || !lacks.has('setRound') ? s : { ...s, setup: { ...s.setup, startRound: 1 } }

/** A system that turned out not to show its sessions, whatever it says. */
export const unshown = (system: System): System => {
  const emits = new Set([...system.emits].filter((e) => e !== 'committed'))
  return { ...system, emits, lacks: new Set([...system.lacks, 'setRound']) }
}

/** Whether a system can show what a check looks at; else the check is not observable. */
export const shows = (
  { emits, lacks }: Pick<System, 'emits' | 'lacks'>,
  check: { readonly needs: readonly Event['on'][]; readonly asks?: readonly Lack[] | undefined },
): boolean => check.needs.every((n) => emits.has(n)) && !check.asks?.some((a) => lacks.has(a))

const SETUP = { mode: 'bound', keyring: new Map(), challenge: 'fresh', limits: LIMITS } as const

/** An event counts as reported only where both sides report it. */
export const systemOf = (name: string, client: MakeParty, server: MakeParty): System => {
  const host = { send: () => false, report: () => undefined, rng: () => (n: number) => new Uint8Array(n) }
  const parties = [client(host, { ...SETUP, side: 'client' }), server(host, { ...SETUP, side: 'server' })] as const
  const [run, connection] = parties
  const remembers = parties.every((p) => p.memory !== undefined)
  const both = run.emits.filter((e) => connection.emits.includes(e) && (e !== 'memory' || remembers))
  const told = [...WORLD_EVENTS.filter((e) => e !== 'submitted' || run.submit !== undefined), ...both]
  const emits = new Set(told.filter((e) => RESTS_ON[e]?.every((r) => told.includes(r)) ?? true))
  const moves = emits.has('committed') && parties.every((p) => p.setRound !== undefined)
  const lacking: Readonly<Record<Lack, boolean>> = {
    submit: run.submit === undefined,
    finish: run.finish === undefined,
    restart: connection.restart === undefined,
    advance: parties.some((p) => p.timeless === true),
    setRound: !moves,
    fork: parties.some((p) => p.fork === undefined),
    order: parties.some((p) => p.poll !== undefined),
    bytes: false,
    rng: parties.some((p) => p.ownRng === true),
    chunks: parties.some((p) => p.framewise === true),
  }
  return {
    name,
    client,
    server,
    emits,
    lacks: new Set((Object.keys(lacking) as Lack[]).filter((k) => lacking[k])),
  }
}
