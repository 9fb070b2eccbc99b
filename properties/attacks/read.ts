/** The attacks of corpus/schedules/attacks, checked. */
import type { Parsed, Stored } from '../schedule-file.ts'
import { CORPUS, readStored, storedNames } from '../stored.ts'
import { GOALS } from './goals.ts'
import type { NamedAttack } from './perform.ts'

/** Where attacks are, below corpus/schedules. */
const FOLDER = 'attacks/'

/** `file`: relative to corpus/schedules. Checks what the schema cannot: that goals and strikes exist. */
export const asAttack = (file: string, stored: Stored): Parsed<NamedAttack> => {
  const { attack, schedule } = stored
  const bad = (field: string, expected: string, got: string): Parsed<NamedAttack> => ({
    kind: 'bad',
    why: `corpus/schedules/${file}: ${field}: expected ${expected}, got ${got}`,
  })
  if (attack === undefined) return bad('attack', 'how it is told', 'nothing')
  const goal = attack.goals.find((g) => !GOALS.some((m) => m.id === g))
  if (goal !== undefined) return bad('attack.goals', 'ids of monitors', goal)
  const strike = attack.strikes.find((i) => i >= schedule.actions.length)
  if (strike !== undefined) return bad('attack.strikes', `indices below ${schedule.actions.length}`, String(strike))
  const name = file.slice(file.lastIndexOf('/') + 1, -'.json'.length)
  return { kind: 'ok', value: { ...stored, attack, name } }
}

/** All of them, in the order of their numbers; or what is wrong with the first bad file. */
export const readAttacks = (): Parsed<readonly NamedAttack[]> => {
  const attacks: NamedAttack[] = []
  for (const file of storedNames().filter((f) => f.startsWith(FOLDER))) {
    const stored = readStored(`corpus/schedules/${file}`, new URL(file, CORPUS))
    const read = stored.kind === 'bad' ? stored : asAttack(file, stored.value)
    if (read.kind === 'bad') return read
    attacks.push(read.value)
  }
  return { kind: 'ok', value: attacks.sort((a, b) => a.attack.n - b.attack.n) }
}
