/** Learning a server within this process: a party, the reference, a server of a dialect. Its reset is a new one for every word. */
import { type Dialect, PROTOCOL } from '../../../spec/dialects/dialect.ts'
import { Followers } from '../../../spec/dialects/follower.ts'
import { MODES, type Mode } from '../../../spec/language.ts'
import type { MakeParty } from '../../harness/parties/party.ts'
import { referenceParty } from '../../harness/parties/reference.ts'
import { keyringOf, stream } from '../../harness/world/rng.ts'
import { Asking, Ended, type Say } from './asking.ts'
import { type Door, toDialect, toParty } from './doors.ts'
import type { Machine, Word } from './machine.ts'
import { say } from './say.ts'
import { type Learned, type Plan, study } from './study.ts'

export const CLIENT = 1
const KEYRING = keyringOf([CLIENT])

export interface Limits {
  /** ms since the start of the process after which it ends with what it has. */
  readonly until: number
  readonly signal?: AbortSignal
  progress?(words: number): unknown
}

/** Throws Ended. */
export const checkLimits = ({ until, signal }: Limits): void => {
  if (signal?.aborted) throw new Ended('stopped')
  if (performance.now() > until) throw new Ended('the time was up')
}

const speaking = (dialect: Dialect, seed: number) => {
  const start = new Followers(dialect).start(CLIENT, KEYRING.get(CLIENT)!)
  return () => ({ id: CLIENT, start, random: stream(seed, 'client') })
}

const sayingAt = (door: Door, dialect: Dialect, seed: number, limits: Limits): Say => {
  const speaker = speaking(dialect, seed)
  return async (word, _client, _patient, words) => {
    checkLimits(limits)
    await limits.progress?.(words)
    return say(word, door.visit(), speaker())
  }
}

const learnAt = (door: Door, dialect: Dialect, plan: Plan, limits: Limits): Promise<Learned> =>
  study(plan, sayingAt(door, dialect, plan.seed, limits), 1)

/** A party, to be asked words without learning. */
export const askingParty = (make: MakeParty, mode: Mode, showsEnds: boolean, seed: number, limits: Limits): Asking =>
  new Asking(sayingAt(toParty(make, mode, { keyring: KEYRING, seed, showsEnds }), PROTOCOL[mode], seed, limits), 1)

export const learnParty = (
  make: MakeParty,
  mode: Mode,
  showsEnds: boolean,
  plan: Plan,
  limits: Limits,
): Promise<Learned> =>
  learnAt(toParty(make, mode, { keyring: KEYRING, seed: plan.seed, showsEnds }), PROTOCOL[mode], plan, limits)

/** Our model of what is spoken: the reference for PROTOCOL, the server of DIALECTS for the others. `waits`: for whom else. */
const modelDoor = (dialect: Dialect, expects: number | null, seed: number, showsEnds: boolean): Door => {
  const mode = MODES.find((m) => PROTOCOL[m] === dialect)
  if (mode !== undefined) return toParty(referenceParty, mode, { keyring: KEYRING, seed, showsEnds })
  return toDialect(new Followers(dialect), expects, { keyring: KEYRING, seed })
}

/** A server that waits for others answers nobody who is alone. */
const expecting = (waits: boolean, connections: 1 | 2): number | null =>
  !waits ? null : connections === 1 ? Number.POSITIVE_INFINITY : 2

/** The machine of our model. Throws Ended. `waits`: it answers when others have submitted too. */
export const modelMachine = async (
  dialect: Dialect,
  waits: boolean,
  plan: Omit<Plan, 'expected'>,
  limits: Limits,
  showsEnds = true,
): Promise<Machine> => {
  const door = modelDoor(dialect, expecting(waits, plan.connections), plan.seed, showsEnds)
  const learned = await learnAt(door, dialect, { ...plan, expected: null }, limits)
  if (learned.ended !== null) throw new Ended(learned.ended)
  return learned.machine
}

/** What our model answers to one word. */
export const modelAnswers = (word: Word, dialect: Dialect, waits: boolean): Promise<readonly string[]> => {
  const connections = word.some((s) => s.startsWith('b.')) ? 2 : 1
  const door = modelDoor(dialect, expecting(waits, connections), 1, true)
  return say(word, door.visit(), speaking(dialect, 1)())
}
