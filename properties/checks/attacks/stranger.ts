/** Attacks on somebody else's server: where it is, what it speaks, and how they are played on it. */
import { setTimeout as pause } from 'node:timers/promises'
import { type Dialect, PROTOCOL } from '../../../spec/dialects/dialect.ts'
import type { Action, Mode, Schedule } from '../../../spec/language.ts'
import { type AttackResult, type NamedAttack, perform } from '../../harness/attack/perform.ts'
import { dialectClients } from '../../harness/parties/dialect.ts'
import { srcParty } from '../../harness/parties/src.ts'
import { type TcpServer, tcpServer } from '../../harness/parties/tcp-server.ts'
import { dialectOption, playable, spokenIn } from '../../harness/target/dialects.ts'
import { keysFrom } from '../../harness/target/keys.ts'
import type { Address } from '../../harness/target/peer.ts'
import { type AskedReach, reachOf, reachOptions, Target } from '../../harness/target/target.ts'
import { quoted } from '../../harness/terminal/invocation.ts'
import { OptionError, text, UsageError } from '../../harness/terminal/options.ts'
import { systemOf } from '../../harness/world/system.ts'

const PATIENCE_MS = 1_000 // for an answer, where silence may be one
const BREATH_MS = 1_000
const MOST = 64 // connections at a time, while it is started

const reachesIntoServer = (what: Action['do']): boolean => {
  switch (what) {
    case 'restart':
    case 'failSend':
      return true
    case 'converse':
    case 'connect':
    case 'submit':
    case 'finish':
    case 'deliver':
    case 'continue':
    case 'inject':
    case 'seal':
    case 'close':
    case 'leak':
    case 'advance':
      return false
  }
}

/** Why a schedule cannot be played against a server elsewhere; null: it can. */
export const needsMemory = (s: Schedule): string | null => {
  const { startRound } = s.setup
  if (startRound !== 1) return `startRound: expected 1, where sessions over TCP start, got ${startRound}`
  const odd = s.actions.find((a) => reachesIntoServer(a.do))
  return odd === undefined ? null : `actions: expected none that reaches into the server, got ${odd.do}`
}

/** Plays to the end, waiting for quiet between the actions. */
export const settling = async (playing: ReturnType<typeof perform>, server: TcpServer): Promise<AttackResult> => {
  try {
    for (;;) {
      const next = playing.next()
      if (next.done) return next.value
      await server.quiet()
    }
  } finally {
    server.disconnect()
  }
}

/** Somebody else's server, and what it speaks; null: PROTOCOL. */
export interface Stranger {
  readonly address: Address
  readonly keyring: ReadonlyMap<number, Uint8Array>
  readonly dialect: Dialect | null
}

/** The attack with clients that the keyring holds; null: it holds too few. */
export const withClientsOf = (a: NamedAttack, keyring: Stranger['keyring']): NamedAttack | null => {
  const { clients, insiders } = a.schedule.setup
  const held = [...keyring.keys()]
  const left = held.filter((id) => !clients.includes(id))
  const ids = new Map(clients.map((id) => [id, keyring.has(id) ? id : left.shift()] as const))
  const own = (id: number): number => ids.get(id) ?? id
  if (clients.length > held.length || [...ids.values()].includes(undefined)) return null
  const setup = { ...a.schedule.setup, clients: clients.map(own), insiders: insiders.map(own) }
  return { ...a, schedule: { ...a.schedule, setup } }
}

/** Two clients, three faithful rounds: what every attack begins with. Null: it comes about; else what does not. */
const honestly = async (mode: Mode, s: Stranger): Promise<string | null> => {
  const expect = { outcome: 'BLOCKED', why: '' } as const
  const setup = { clients: [1, 2], insiders: [], challenge: 'fresh', startRound: 1, limits: {} } as const
  const actions = [2, 1].map((rounds, client): Action => ({ do: 'converse', client, rounds }))
  const none: NamedAttack = {
    name: 'honest conversation',
    says: '',
    violates: [],
    attack: {
      n: 0,
      title: '',
      known: 'overlooked',
      claim: 1,
      strikes: [],
      goals: ['L1'],
      expect: { bound: expect, literal: expect },
    },
    schedule: { version: 1, seed: 1, mode, powers: 'N', setup, actions },
  }
  const { broken } = await performOnStranger(none, mode, s)
  return broken.length === 0 ? null : broken.map((f) => f.why).join('; ')
}

/** Throws a RangeError where the schedule cannot be played over sockets, or the keyring holds too few clients. */
const performOnStranger = async (a: NamedAttack, mode: Mode, s: Stranger, columns?: number): Promise<AttackResult> => {
  const fitting = withClientsOf(a, s.keyring)
  const why = fitting === null ? `it needs keys of ${a.schedule.setup.clients.length} clients` : needsMemory(a.schedule)
  if (fitting === null || why !== null) throw new RangeError(`${a.name}: ${why}`)
  const server = tcpServer(s.address, PATIENCE_MS, s.dialect ?? undefined)
  const clients = s.dialect === null ? srcParty : dialectClients(s.dialect)
  const system = {
    ...systemOf('a stranger over TCP', clients, server.party),
    keyring: s.keyring,
    ...(s.dialect !== null && { dialect: s.dialect }),
  }
  return settling(perform(fitting, mode, system, columns), server)
}

export const strangerOptions = {
  ...reachOptions,
  keys: text({ value: 'FILE', says: 'of that server: JSON, client id to master key in hex; or demo', default: null }),
  dialect: dialectOption,
}

interface Asked extends AskedReach {
  readonly keys: string | null
  readonly dialect: string | null
  readonly mode: readonly Mode[]
}

/** A server that the options name, ready to be attacked. */
export interface Named extends Stranger {
  /** That it is judged by: of a dialect, by its binding. */
  readonly modes: readonly Mode[]
  /** The options that name it, for a command line. */
  readonly given: string
  /** False: somebody else started it. */
  restart(): Promise<boolean>
  stop(): Promise<void>
}

/** After this attack honest clients were not served. */
export interface Unserved {
  readonly name: string
  readonly why: string
}

/** One attack after the other, honest clients in between; ends where `signal` says so, and where these are not served and it cannot be started anew. */
export const attackStranger = async (
  mode: Mode,
  attacks: readonly NamedAttack[],
  s: Named,
  done: (r: AttackResult) => void,
  signal: AbortSignal,
  columns?: number,
): Promise<{ readonly results: readonly AttackResult[]; readonly unserved: readonly Unserved[] }> => {
  const results: AttackResult[] = []
  const unserved: Unserved[] = []
  for (const a of attacks) {
    if (signal.aborted) break
    const result = await performOnStranger(a, mode, s, columns)
    results.push(result)
    done(result)
    if ((await honestly(mode, s)) === null) continue
    await pause(BREATH_MS)
    const why = await honestly(mode, s)
    if (why !== null) unserved.push({ name: a.name, why })
    if (why !== null && !(await s.restart())) break
  }
  return { results, unserved }
}

/** Null: one of our own for each attack. Throws a UsageError, also where an honest conversation does not come about. */
export const strangerFrom = async (o: Asked): Promise<Named | null> => {
  if (o.connect === null && o.start === null) {
    for (const name of ['keys', 'dialect'] as const)
      if (o[name] !== null) throw new OptionError(`--${name}: expected with --connect or --start, got it alone`)
    return null
  }
  const reach = reachOf(o)
  if (o.keys === null) throw new UsageError('--keys: expected a keyring file or demo, got none')
  const { keyring } = keysFrom(o.keys, o.dialect !== null)
  const [mode = 'bound'] = o.mode
  const dialect = o.dialect === null ? null : playable(spokenIn(o.dialect, mode).dialect, `--dialect ${o.dialect}`)
  const target = new Target({ ...reach, rate: null, maxConnections: MOST }, dialect ?? PROTOCOL[mode])
  await target.start()
  const stranger = {
    get address() {
      return target.address
    },
    keyring,
    dialect,
  }
  const modes: readonly Mode[] = dialect === null ? [mode] : [dialect.binding === 'bound' ? 'bound' : 'literal']
  try {
    const why = await honestly(modes[0]!, stranger)
    if (why !== null) {
      const reached = (await target.alive()) ? why : 'no connection can be made'
      throw new UsageError(`an honest conversation does not come about: ${reached}`)
    }
  } catch (e) {
    await target.stop()
    throw e instanceof RangeError ? new UsageError(`--keys ${o.keys}: ${e.message}`) : e
  }
  return Object.assign(stranger, {
    modes,
    given: givenBy(o),
    async restart() {
      if (target.restartable) await target.start()
      return target.restartable
    },
    stop: () => target.stop(),
  })
}

const givenBy = (o: Asked): string =>
  [
    ...(o.connect === null ? [] : ['--connect', `${o.connect.host}:${o.connect.port}`]),
    ...(o.start === null ? [] : ['--start', quoted(o.start)]),
    ...['--keys', quoted(o.keys ?? ''), ...(o.dialect === null ? [] : ['--dialect', quoted(o.dialect)])],
    ...(o['i-own-this-host'] ? ['--i-own-this-host'] : []),
  ].join(' ')
