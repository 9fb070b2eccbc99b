/** Plays corpus/vectors against a party, and says where it does something else. Everything is read from the files. */
import { readdirSync, readFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import type { Mode } from '../../../spec/language.ts'
import { concat, EMPTY } from '../../../spec/reference/bytes.ts'
import type { MakeParty } from '../../harness/parties/party.ts'
import { fromHex, toHex } from '../../harness/wire.ts'
import { Driver, type Told } from './driver.ts'
import type { CaseJson, ConversationJson, FileJson, SentJson, SituationJson, StepJson } from './format.ts'

export const FOLDER = new URL('../../../corpus/vectors/', import.meta.url)

export const vectorFile = (name: string): FileJson => JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8'))
export const vectorNames = (): string[] => readdirSync(FOLDER).filter((name) => name.endsWith('.json'))

/** A driver whose party gets to draw what the frames that are to be sent were drawn for. */
const driverFor = (c: ConversationJson, mode: Mode, make: MakeParty, expected: readonly SentJson[]): Driver => {
  const random = new Map<string, Uint8Array>()
  for (const { direction, session, random_hex } of expected) {
    const end = `${direction === 1 ? 'client' : 'server'} ${session}`
    random.set(end, concat(random.get(end) ?? EMPTY, fromHex(random_hex)))
  }
  const masters = new Map(Object.entries(c.master_keys_hex).map(([id, key]) => [Number(id), fromHex(key)]))
  const challenge = c.challenge_text_hex === null ? null : fromHex(c.challenge_text_hex)
  return new Driver({ mode, masters, challenge }, make, (side, session, bytes) => {
    const end = `${side} ${session}`
    const left = random.get(end) ?? EMPTY
    if (left.length < bytes) throw new RangeError(`${end}: expected to draw ${left.length} bytes, got ${bytes}`)
    random.set(end, left.subarray(bytes))
    return left.slice(0, bytes)
  })
}

const sendsOf = (c: ConversationJson): readonly SentJson[] => c.steps.flatMap((s) => s.sends)
const framesOf = (sends: readonly SentJson[]): string[] => sends.map((f) => `${f.session} ${f.frame_hex}`)
const framesTold = ({ sends }: Told): string[] => sends.map((f) => `${f.session} ${toHex(f.frame)}`)

const differ = (what: string, got: unknown, wanted: unknown): string | null =>
  isDeepStrictEqual(got, wanted) ? null : `${what}: expected ${JSON.stringify(wanted)}, got ${JSON.stringify(got)}`

/** `sent`: every frame of the conversation, of which a party may tell the texts. */
const stepProblem = (driver: Driver, step: StepJson, sent: readonly SentJson[]): string | null => {
  const told = driver.step(step)
  const text = step.do === 'receive' ? sent.find((f) => f.frame_hex === step.frame_hex)?.plaintext_hex : undefined
  return (
    differ('sends', framesTold(told), framesOf(step.sends)) ??
    // Where no frame is judged, as at a submission, the outcome shows in what is sent.
    differ('outcome', told.outcome, step.do === 'receive' ? step.outcome : null) ??
    differ('ends', told.ends, step.ends) ??
    differ('text', told.texts, told.texts.length === 0 ? [] : [text]) ??
    differ('state of the client', driver.state('client', step.session), step.after.client) ??
    differ('state of the server', driver.state('server', step.session), step.after.server)
  )
}

const stepsProblem = (driver: Driver, c: ConversationJson): string | null => {
  const sent = sendsOf(c)
  for (const [i, step] of c.steps.entries()) {
    const problem = stepProblem(driver, step, sent)
    if (problem !== null) return `step ${i}: ${problem}`
  }
  return null
}

const caseProblem = (driver: Driver, { at, session }: SituationJson['receiver'], c: CaseJson): string | null => {
  const told = driver.step({ do: 'receive', session, at, frame_hex: c.frame_hex }, c.prefix)
  return (
    differ('reason', told.outcome, c.reason) ??
    differ('sends', framesTold(told), framesOf(c.sends)) ??
    differ('ends', told.ends, [session]) ??
    differ('keys', driver.state(at, session)?.keys ?? null, null)
  )
}

/** The first difference, or null. */
export const playConversation = (c: ConversationJson, mode: Mode, make: MakeParty): string | null =>
  stepsProblem(driverFor(c, mode, make, sendsOf(c)), c)

/** Every difference: the situation is played anew for each of its cases. */
export const playSituation = (s: SituationJson, mode: Mode, make: MakeParty): readonly string[] =>
  s.cases.flatMap((c) => {
    const { receiver } = s
    const driver = driverFor(s, mode, make, [...sendsOf(s), ...c.sends])
    const problem =
      stepsProblem(driver, s) ??
      differ('state of the receiver', driver.state(receiver.at, receiver.session), receiver.state) ??
      caseProblem(driver, receiver, c)
    return problem === null ? [] : [`${c.reason}, ${c.why}: ${problem}`]
  })

/** Every difference between a file and what a party does. */
export const playFile = ({ mode, conversations = [], situations = [] }: FileJson, make: MakeParty): string[] => [
  ...conversations.flatMap((c) => playConversation(c, mode, make) ?? []),
  ...situations.flatMap((s) => playSituation(s, mode, make)),
]
