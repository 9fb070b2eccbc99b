/**
 * What was done as a file that `prop --replay` and `attacks` play: the actions, with what the reference makes of them in
 * both modes as what is expected.
 */
import { writeFileSync } from 'node:fs'
import { CLAIMS } from '../../../../spec/claims.ts'
import { type Mode, powerOf, type Schedule } from '../../../../spec/language.ts'
import { formatIds } from '../../../../src/cli/keyring.ts'
import { GOALS } from '../../../harness/attack/goals.ts'
import { type AttackOutcome, type NamedAttack, performHere } from '../../../harness/attack/perform.ts'
import { examine } from '../../../harness/judging/examine.ts'
import { MonitorSet } from '../../../harness/judging/monitors.ts'
import { referenceSystem } from '../../../harness/parties/reference.ts'
import { srcParty } from '../../../harness/parties/src.ts'
import { tcpServer } from '../../../harness/parties/tcp-server.ts'
import { type Attack, printStored, type Stored } from '../../../harness/schedules/schedule-file.ts'
import { invocation, invocationWith } from '../../../harness/terminal/invocation.ts'
import { UsageError } from '../../../harness/terminal/options.ts'
import { systemOf } from '../../../harness/world/system.ts'
import type { Done, RemotePlay } from './remote-play.ts'

const overTcp = systemOf('any server over TCP', srcParty, tcpServer({ host: '127.0.0.1', port: 1 }).party)

const idOf = (s: RemotePlay, as: { side: 'client' | 'server'; n: number }, id: number): number =>
  s.world.ledger.endpoint(as)?.id ?? id

/** The same with no more powers and insiders than it takes. */
const scheduleOf = (s: RemotePlay): Schedule => {
  const { schedule } = s.world
  const actions = s.done.map((d) => d.action)
  const insiders = actions.flatMap((a) => (a.do === 'seal' ? [idOf(s, a.as, a.id)] : []))
  const faults = actions.some((a) => powerOf(a) === 'F')
  return {
    ...schedule,
    powers: `N${insiders.length > 0 ? 'I' : ''}${faults ? 'F' : ''}`,
    setup: { ...schedule.setup, insiders: [...new Set(insiders)] },
    actions,
  }
}

const why = (claim: number, mode: Mode, outcome: AttackOutcome): string => {
  const { says, literally } = CLAIMS[claim - 1]!
  if (outcome === 'BLOCKED') return `§9 claim ${claim}: ${says}`
  return `§9 claim ${claim}: ${mode === 'literal' && literally !== '' ? literally : 'not against this, as the reference has it'}`
}

/** What was done as an attack; null where nothing of it was one, or a server over TCP cannot show how it went. */
const attackOf = (schedule: Schedule, done: readonly Done[]): Attack | null => {
  const strikes = done.flatMap((d, i) => (d.claim === null ? [] : [i]))
  const claims = [...new Set(done.flatMap((d) => d.claim ?? []))]
  const [claim] = claims
  if (claim === undefined) return null
  const wanted = new Set(claims.flatMap((n) => [...CLAIMS[n - 1]!.holds, ...Object.keys(CLAIMS[n - 1]!.breaks)]))
  const shown = new MonitorSet(GOALS, schedule.powers, overTcp).invariants.map((i) => i.id)
  const goals = shown.filter((id) => wanted.has(id))
  if (goals.length === 0) return null
  const blank = { outcome: 'BLOCKED', why: '' } as const
  const attack: Attack = {
    n: 1,
    title: `by hand, against claim ${formatIds(claims)}`,
    known: 'overlooked',
    claim,
    strikes,
    goals,
    expect: { bound: blank, literal: blank },
  }
  const expect = (mode: Mode): Attack['expect'][Mode] | null => {
    const tried: NamedAttack = { name: '', says: '', violates: [], attack, schedule }
    const { outcome } = performHere(tried, mode, referenceSystem)
    return outcome === 'UNTRIED' ? null : { outcome, why: why(claim, mode, outcome) }
  }
  const [bound, literal] = [expect('bound'), expect('literal')]
  return bound === null || literal === null ? null : { ...attack, expect: { bound, literal } }
}

const storedFrom = (s: RemotePlay): Stored => {
  const schedule = scheduleOf(s)
  const attack = attackOf(schedule, s.done)
  const violates = [...new Set(examine(schedule, referenceSystem).map((f) => f.invariant))]
  const says = `tried by hand: ${schedule.actions.length} actions, ${attack?.strikes.length ?? 0} of them attacks`
  return { says, violates, ...(attack === null ? {} : { attack }), schedule }
}

/** Writes what was done, over one of the files `mine` alone; in lines how to play it. Throws a UsageError. */
export const save = (s: RemotePlay, file: string, mine: Set<string>): readonly string[] => {
  if (s.done.length === 0) throw new UsageError('save: expected something that was done, got nothing yet')
  const stored = storedFrom(s)
  try {
    writeFileSync(file, printStored(stored), { flag: mine.has(file) ? 'w' : 'wx' })
  } catch (e) {
    const code = (e as NodeJS.ErrnoException).code
    if (code === undefined) throw e
    throw new UsageError(`save: expected a file that does not exist yet and can be written, got ${file} (${code})`)
  }
  mine.add(file)
  const { says, attack } = stored
  return [
    `${says}; play it again with ${invocationWith('prop')} --replay ${file}`,
    attack === undefined
      ? `${invocation('attacks')} has no use for it: no attack in it reached anybody`
      : `and ${invocationWith('attacks')} ${file} (bound: ${attack.expect.bound.outcome}, literal: ${attack.expect.literal.outcome})`,
  ]
}
