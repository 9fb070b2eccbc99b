/** Loads someone's own implementation: a module that exports parties, or a program that speaks spec/ADAPTER.md. */
import { existsSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Capability, Started } from '../../../spec/adapter.ts'
import { LIMITS, type Mode, SCHEDULE_VERSION, type Schedule, type Side } from '../../../spec/language.ts'
import type { Parsed } from '../schedules/schedule-file.ts'
import { playable, spokenIn } from '../target/dialects.ts'
import { UsageError } from '../terminal/options.ts'
import { thrown } from '../terminal/text.ts'
import { play } from '../world/play.ts'
import { type System, systemOf, unshown } from '../world/system.ts'
import { together } from './batch.ts'
import { dialectSystem } from './dialect.ts'
import type { MakeParty } from './party.ts'
import { referenceParty, referenceSystem } from './reference.ts'
import { srcParty } from './src.ts'
import { adapterSays, stdioParty } from './stdio.ts'
import { COMMAND } from './typed.ts'

const bad = (file: string, why: string): Parsed<never> => ({ kind: 'bad', why: `${file}: ${why.split('\n')[0]}` })

const CONVERSATION: Schedule = {
  version: SCHEDULE_VERSION,
  seed: 1,
  mode: 'bound',
  powers: 'N',
  setup: { clients: [1], insiders: [], challenge: 'fresh', startRound: 1, limits: {} },
  actions: [{ do: 'converse', client: 0, rounds: 1 }],
}

/**
 * Whether a faithful conversation of one round comes about, as far as frames on the wire tell, whatever the system reports:
 * of one that sends nothing, hardly any invariant could ever break.
 */
export const converses = (system: System, mode: Mode): boolean => {
  const sent = { client: 0, server: 0 }
  play({ ...CONVERSATION, mode }, system, (e) => {
    if (e.on === 'sent' && e.at !== null) sent[e.at.side]++
  })
  return Math.min(sent.client, sent.server) >= (system.lacks.has('submit') ? 1 : 2)
}

/** One that completes a conversation without ever showing a session says it reports `committed` and does not. */
export const tried = (system: System): System => {
  if (!system.emits.has('committed') || !system.emits.has('conversed')) return system
  const showed = new Set<string>()
  let done = false
  play(CONVERSATION, system, (e) => {
    if (e.on === 'committed') showed.add(e.at.side)
    if (e.on === 'conversed') done = e.done === e.asked
  })
  return done && showed.size < 2 ? unshown(system) : system
}

/**
 * The module exports `party` for both sides, or `client` or `server` (or both): a side that is not exported is played
 * by the reference.
 */
export const systemFrom = async (file: string): Promise<Parsed<System>> => {
  if (!existsSync(file))
    return bad(file, 'expected a TypeScript or JavaScript file that exports a party, got no such file')
  let module: Record<string, unknown>
  try {
    module = await import(pathToFileURL(resolve(file)).href)
  } catch (e) {
    const { code } = e as NodeJS.ErrnoException
    if (code === 'ERR_UNKNOWN_FILE_EXTENSION' && /\.[cm]?tsx?$/.test(file))
      return bad(
        file,
        'expected tsx in your project to load TypeScript (npm install --save-dev tsx), or a party in JavaScript',
      )
    return bad(file, `expected a module that loads, got ${thrown(e)}`)
  }
  const { party, client = party, server = party } = module
  if (client === undefined && server === undefined)
    return bad(
      file,
      `expected an export \`party\`, \`client\` or \`server\`, got ${Object.keys(module).join(', ') || 'none'}`,
    )
  for (const [name, made] of Object.entries({ client, server }))
    if (made !== undefined && typeof made !== 'function')
      return bad(file, `${name}: expected a function (host, setup) => Party, got ${typeof made}`)
  try {
    const make = (side: unknown): MakeParty => (side === undefined ? referenceParty : (side as MakeParty))
    return { kind: 'ok', value: tried(systemOf(basename(file).replace(/\.\w+$/, ''), make(client), make(server))) }
  } catch (e) {
    return bad(file, `expected parties of both sides to be made without a frame, got ${thrown(e)}`)
  }
}

/** The systems that schedules are played against by name. */
export const srcSystem: System = systemOf('src', srcParty, srcParty)
const NAMED = { src: srcSystem, reference: referenceSystem } as const

type Sides = Side | 'both' | 'any'

/** How an implementation is named on a command line; all null: the one in src/. */
export interface PartyOptions {
  readonly party: string | null // a module
  readonly 'party-cmd': string | null // for /bin/sh
  /** Which sides the command plays; null: all that it can. The reference plays the other. */
  readonly side: Exclude<Sides, 'any'> | null
}

/** A setup for asking a program what it can. */
export const setupOf = (side: Side) =>
  ({ side, mode: 'bound', keyring: new Map(), challenge: 'fresh', limits: LIMITS }) as const

/** What it takes to play several schedules at once. */
const BATCHED: readonly Capability[] = ['batch', 'ahead', 'restart']

/** The program that `command` starts, in the roles that it plays. */
const systemOfCommand = (command: string, sides: Sides): Parsed<System> => {
  try {
    const wanted = (side: Side): boolean => sides === 'any' || sides === 'both' || sides === side
    const cans: Started['can'][] = []
    const plays = (side: Side): boolean => {
      const says = wanted(side) ? adapterSays(command, setupOf(side)) : null
      if (says !== null) cans.push(says.can)
      return says !== null
    }
    const roles = { client: plays('client'), server: plays('server') }
    const missing = (['client', 'server'] as const).find((s) => wanted(s) && !roles[s] && sides !== 'any')
    if (missing !== undefined) return bad(command, `expected it to play the ${missing}, got unsupported`)
    if (!roles.client && !roles.server) return bad(command, 'expected it to play a role, got unsupported for both')
    const make = (side: Side): MakeParty => (roles[side] ? stdioParty(command) : referenceParty)
    const words = command.split(/\s+/).filter((w) => /^[\w./-]*\w\.\w+$/.test(w))
    const name = basename(words.at(-1) ?? command.split(/\s+/)[0]!).replace(/\.\w+$/, '') || 'adapter'
    const value = tried(systemOf(name.replace(/[^\w.-]/g, '-'), make('client'), make('server')))
    const batch = cans.every((can) => BATCHED.every((c) => can.includes(c)) && !can.includes('view'))
    return { kind: 'ok', value: batch ? { ...value, together: together(command) } : value }
  } catch (e) {
    return bad(command, thrown(e).replace(/^AdapterError: /, ''))
  }
}

const named = (file: string | null, command: string | null, side: PartyOptions['side']): string | null =>
  command === null ? file : `stdio:${side ?? 'any'}:${command}`

/** The name of the implementation that the options of a command line ask for; null: the one in src/. */
export const partyNamed = (o: PartyOptions): string | null => {
  const name = named(o.party, o['party-cmd'], o.side)
  return name === 'src' ? null : name
}

/** A second implementation, to compare the first one with. */
interface TwinOptions {
  readonly twin: string | null
  readonly 'twin-cmd': string | null
  readonly side: PartyOptions['side']
}

/** The name of the twin that the options ask for; null: there is none. */
export const twinNamed = (o: TwinOptions): string | null => named(o.twin, o['twin-cmd'], o.side)

/** Of the server and the clients of spec/dialects, and the dialect that they speak: a file, or a name in corpus/dialects. */
const DIALECT = /^dialect:(.+)$/s

/** The implementation of this name, or in this file; null: the one in src/. */
export const systemFor = async (party: string | null): Promise<Parsed<System>> => {
  if (party === null || party === 'src') return { kind: 'ok', value: NAMED.src }
  if (party === 'reference') return { kind: 'ok', value: NAMED.reference }
  const [, side, command] = COMMAND.exec(party) ?? []
  if (DIALECT.test(party)) return bad(party, 'expected a twin beside it: invariants are those of PROTOCOL, got none')
  return command === undefined ? systemFrom(party) : systemOfCommand(command, side as Sides)
}

/** The same of one of two that are compared, which may be the server and the clients of a dialect. */
export const comparedFor = async (party: string | null): Promise<Parsed<System>> => {
  const [name, given] = DIALECT.exec(party ?? '') ?? []
  if (name === undefined) return systemFor(party)
  try {
    const { dialect } = spokenIn(given!, 'bound', name)
    for (const side of ['client', 'server'] as const) playable(dialect, name, side)
    return { kind: 'ok', value: dialectSystem(`dialect ${basename(given!, '.json')}`, dialect) }
  } catch (e) {
    if (!(e instanceof UsageError)) throw e
    return { kind: 'bad', why: e.message }
  }
}
