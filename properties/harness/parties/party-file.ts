/** Loads someone's own implementation: a TypeScript or JavaScript module that exports parties. */
import { existsSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { SCHEDULE_VERSION, type Schedule } from '../../../spec/language.ts'
import { play } from '../play.ts'
import type { Parsed } from '../schedule-file.ts'
import { type System, systemOf, unshown } from '../system.ts'
import type { MakeParty } from './party.ts'
import { referenceParty } from './reference.ts'
import { srcParty } from './src.ts'

const bad = (file: string, why: string): Parsed<never> => ({ kind: 'bad', why: `${file}: ${why.split('\n')[0]}` })
const said = (e: unknown): string => (e instanceof Error ? `${e.name}: ${e.message}` : String(e))

const CONVERSATION: Schedule = {
  version: SCHEDULE_VERSION,
  seed: 1,
  mode: 'bound',
  powers: 'N',
  setup: { clients: [1], insiders: [], challenge: 'fresh', startRound: 1, limits: {} },
  actions: [{ do: 'converse', client: 0, rounds: 1 }],
}

/** One that completes a conversation without ever showing a session says it reports `committed` and does not. */
const tried = (system: System): System => {
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
  if (!existsSync(file)) return bad(file, 'expected a TypeScript file that exports a party, got no such file')
  let module: Record<string, unknown>
  try {
    module = await import(pathToFileURL(resolve(file)).href)
  } catch (e) {
    return bad(file, `expected a module that loads, got ${said(e)}`)
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
    return bad(file, `expected parties of both sides to be made without a frame, got ${said(e)}`)
  }
}

/** The systems that schedules are played against by name. */
export const srcSystem: System = systemOf('src', srcParty, srcParty)

/** The implementation in `file`, else the one in src/. */
export const systemFor = async (file: string | null): Promise<Parsed<System>> =>
  file === null ? { kind: 'ok', value: srcSystem } : systemFrom(file)
