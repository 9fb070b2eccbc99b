/**
 * An implementation as a suite of Vitest: one test for each invariant, so that reporters, watch mode, `-t A2` and
 * `--shard` work on them.
 *
 *     import { gauntlet } from 'gauntlet-harness/vitest'
 *     gauntlet('my server', { server: makeMine, runs: 2_000 })
 */
import { existsSync, readdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import type { Mode, Schedule } from '../../spec/language.ts'
import { DEFAULT_SEED, plan, planScopes, runChunk } from '../harness/campaign/campaign.ts'
import { minimal, save } from '../harness/campaign/minimal.ts'
import { emptyResult, merge, type Result, rows } from '../harness/campaign/tally.ts'
import { BIASES } from '../harness/generate/biases.ts'
import { CELLS_SCOPE } from '../harness/generate/scopes/scopes.ts'
import { CHECKS, type Check, isExpected, violation } from '../harness/judging/examine.ts'
import type { MakeParty } from '../harness/parties/party.ts'
import { converses, tried } from '../harness/parties/party-file.ts'
import { referenceParty } from '../harness/parties/reference.ts'
import { readStored } from '../harness/schedules/stored.ts'
import { quoted } from '../harness/terminal/invocation.ts'
import { cut, n, printable } from '../harness/terminal/text.ts'
import { ladder } from '../harness/trace/ladder.ts'
import { type System, shows, systemOf } from '../harness/world/system.ts'

export interface GauntletOptions {
  /** What is on trial; the reference plays a side that is missing. One of them there must be. */
  readonly server?: MakeParty
  readonly client?: MakeParty
  /** Random schedules, over all biases; those that exercise every cell of the model are played beside them. Default: 2,000. */
  readonly runs?: number
  readonly seed?: number
  readonly mode?: Mode // default: bound
  /** Where failures are written, and read from, in a folder of the suite's name. Default: gauntlet-findings. */
  readonly findings?: string
  /** Of each test, in ms: the first one plays the schedules for all. Default: ten minutes. */
  readonly timeout?: number
}

const COLUMNS = 160 // of a drawing
const F1 = 'F1' // an exception that escapes is seen of every party

const playAll = async (system: System, mode: Mode, runs: number, seed: number): Promise<Result> => {
  const random = plan(seed, runs, [mode], Object.keys(BIASES))
  let result = emptyResult(system)
  for (const chunk of [...random, ...planScopes([CELLS_SCOPE], [mode], random.length)]) {
    result = merge(result, runChunk(chunk, system))
    await setImmediate() // a reporter, a time limit and Ctrl-C are heard
  }
  return result
}

/** The command that plays what is stored of one invariant again. */
const replayOf = (suite: string, id: string): string => {
  const file = expect.getState().testPath
  const at = file === undefined ? '' : ` ${quoted(relative('.', file))}`
  return `npx vitest run${at} -t ${quoted(`${suite} ${id}: `.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))}`
}

const failure = (suite: string, id: string, why: string, drawn: readonly string[], file: string): Error => {
  const lines = drawn.map((line) => `  ${cut(printable(line), COLUMNS)}`)
  return new Error([printable(why), ...lines, `schedule: ${file}`, `replay: ${replayOf(suite, id)}`].join('\n'))
}

interface StoredFailure {
  readonly path: string
  readonly schedule: Schedule
}

/** What earlier runs left of one invariant. Throws where a file cannot be read: it was a failure once. */
const storedOf = (id: string, folder: string): readonly StoredFailure[] => {
  const names = existsSync(folder) ? readdirSync(folder).filter((f) => f.endsWith('.json')) : []
  return names.sort().flatMap((name) => {
    const path = relative('.', join(folder, name))
    const file = readStored(path, path)
    if (file.kind === 'bad') throw new Error(`${file.why}; a failure that cannot be read is no failure that is gone`)
    const { violates, schedule } = file.value
    return violates.includes(id) && !isExpected(id, schedule.mode) ? [{ path, schedule }] : []
  })
}

/** Why a test says nothing about its invariant. */
const unseenBecause = (check: Check, { emits, lacks }: System): string => {
  const missing = [...check.needs.filter((e) => !emits.has(e)), ...(check.asks ?? []).filter((a) => lacks.has(a))]
  return `not observable: the party does not show ${missing.join(', ')}`
}

const systemOfOptions = (name: string, { server, client, runs }: GauntletOptions): System => {
  if (server === undefined && client === undefined)
    throw new RangeError(`gauntlet(${JSON.stringify(name)}): expected a server or a client, got neither`)
  if (runs !== undefined && !(Number.isSafeInteger(runs) && runs >= 1))
    throw new RangeError(`gauntlet(${JSON.stringify(name)}): runs: expected an integer from 1, got ${runs}`)
  return tried(systemOf(name, client ?? referenceParty, server ?? referenceParty))
}

/**
 * Registers the suite `name`. A test whose invariant cannot be observed, or that no schedule put to the test, is skipped
 * and says so: only what was seen to hold is green. A failure is made small and written to the folder of findings, where
 * the next run begins. Throws a RangeError where the options make no sense.
 */
export const gauntlet = (name: string, o: GauntletOptions): void => {
  const { runs = 2_000, seed = DEFAULT_SEED, mode = 'bound', timeout = 600_000 } = o
  const system = systemOfOptions(name, o)
  const folder = join(o.findings ?? 'gauntlet-findings', name.replaceAll(/[^\w.-]+/g, '-'))
  let played: Promise<Result> | undefined
  const judge = async (check: Check, skip: (why: string) => unknown): Promise<void> => {
    for (const { path, schedule } of storedOf(check.id, folder)) {
      const found = violation(check.id, schedule, system)
      if (found !== undefined) throw failure(name, check.id, found.why, ladder(schedule, system, found, COLUMNS), path)
    }
    if (!shows(system, check) && check.id !== F1) return void skip(unseenBecause(check, system))
    played ??= playAll(system, mode, runs, seed)
    const [row] = rows(await played, [mode], new Set([check.id]), false).filter((r) => r.invariant.id === check.id)
    const { verdict, tally } = row!
    if (verdict === 'holds') return
    if (verdict === 'not observable') return void skip(unseenBecause(check, system))
    if (verdict === 'violated as expected') return void skip('PROTOCOL §9: literal does not promise it')
    if (verdict !== 'violated')
      return void skip(`not reached: none of ${n(runs)} random schedules put it to the test; more runs may`)
    const small = minimal(check.id, tally.first!.schedule, system)
    throw failure(name, check.id, small.why, small.ladder, relative('.', save(small, folder)))
  }
  describe(name, () => {
    test('a faithful conversation comes about', { timeout }, () => {
      expect(converses(system, mode), 'too few frames: what holds of it says little').toBe(true)
    })
    for (const check of CHECKS)
      test(`${check.id}: ${check.says}`, { timeout }, ({ skip }) => judge(check, (why) => skip(why)))
  })
}
