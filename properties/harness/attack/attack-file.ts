/** The attacks of corpus/schedules/attacks, checked: their form, and what they say against what memory shows. */
import { basename } from 'node:path'
import { MODES } from '../../../spec/language.ts'
import type { Parsed, Stored } from '../schedules/schedule-file.ts'
import { CORPUS, difference, readStored, storedNames } from '../schedules/stored.ts'
import { play } from '../world/play.ts'
import type { System } from '../world/system.ts'
import { GOALS } from './goals.ts'
import { disagreement, type NamedAttack, performHere } from './perform.ts'

/** Where attacks are, below corpus/schedules. */
const FOLDER = 'attacks/'

/** Checks what the schema cannot: that goals and strikes exist. */
export const asAttack = (file: string, stored: Stored): Parsed<NamedAttack> => {
  const { attack, schedule } = stored
  const bad = (field: string, expected: string, got: string): Parsed<NamedAttack> => ({
    kind: 'bad',
    why: `${file}: ${field}: expected ${expected}, got ${got}`,
  })
  if (attack === undefined) return bad('attack', 'a description of the attack', 'nothing')
  const goal = attack.goals.find((g) => !GOALS.some((m) => m.id === g))
  if (goal !== undefined) return bad('attack.goals', 'ids of monitors', goal)
  const strike = attack.strikes.find((i) => i >= schedule.actions.length)
  if (strike !== undefined) return bad('attack.strikes', `indices below ${schedule.actions.length}`, String(strike))
  return { kind: 'ok', value: { ...stored, attack, name: basename(file, '.json') } }
}

const readAll = (files: readonly { readonly name: string; readonly at: URL | string }[]): Parsed<NamedAttack[]> => {
  const attacks: NamedAttack[] = []
  for (const { name, at } of files) {
    const stored = readStored(name, at)
    const read = stored.kind === 'bad' ? stored : asAttack(name, stored.value)
    if (read.kind === 'bad') return read
    attacks.push(read.value)
  }
  return { kind: 'ok', value: attacks }
}

/** All of them, in the order of their numbers; or what is wrong with the first bad file. */
export const readAttacks = (): Parsed<readonly NamedAttack[]> => {
  const names = storedNames().filter((f) => f.startsWith(FOLDER))
  const all = readAll(names.map((f) => ({ name: `corpus/schedules/${f}`, at: new URL(f, CORPUS) })))
  if (all.kind === 'ok') all.value.sort((a, b) => a.attack.n - b.attack.n)
  return all
}

/** Attacks from files of the same form elsewhere, in the order given. */
export const readAttackFiles = (files: readonly string[]): Parsed<readonly NamedAttack[]> =>
  readAll(files.map((name) => ({ name, at: name })))

/**
 * What a stored attack says of either mode that memory shows otherwise; null: nothing. `file`: relative to
 * corpus/schedules. By the monitors alone: attacks are many and every run begins with them.
 */
export const attackProblem = (file: string, stored: Stored, system: System): string | null => {
  const attack = asAttack(`corpus/schedules/${file}`, stored)
  if (attack.kind === 'bad') return attack.why
  for (const mode of MODES) {
    const odd = disagreement(performHere(attack.value, mode, system))
    if (odd !== null) return odd
  }
  return difference(stored, play(stored.schedule, system).findings)
}
