/** Plays corpus/vectors against a party, and says where it does something else. Everything is read from the files. */
import { readdirSync, readFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import type { Mode } from '../../../spec/language.ts'
import { concat, EMPTY } from '../../../spec/reference/bytes.ts'
import type { MakeParty } from '../../harness/parties/party.ts'
import { fromHex } from '../../harness/world/wire.ts'
import type { CaseJson, ConversationJson, FileJson, SentJson, SituationJson, StepJson } from './format.ts'
import { Recorder } from './recorder.ts'

export const FOLDER = new URL('../../../corpus/vectors/', import.meta.url)

export const vectorFile = (name: string): FileJson => JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8'))
export const vectorNames = (): string[] => readdirSync(FOLDER).filter((name) => name.endsWith('.json'))

const sendsOf = (c: ConversationJson): readonly SentJson[] => c.steps.flatMap((s) => s.sends)

/** A recorder of a party that gets to draw what the frames that it is to send were drawn for. */
const recorderFor = (c: ConversationJson, mode: Mode, make: MakeParty, more: readonly SentJson[] = []): Recorder => {
  const random = new Map<string, Uint8Array>()
  for (const { direction, session, random_hex } of [...sendsOf(c), ...more]) {
    const end = `${direction === 1 ? 'client' : 'server'} ${session}`
    random.set(end, concat(random.get(end) ?? EMPTY, fromHex(random_hex)))
  }
  const masters = new Map(Object.entries(c.master_keys_hex).map(([id, key]) => [Number(id), fromHex(key)]))
  const challenge = c.challenge_text_hex === null ? null : fromHex(c.challenge_text_hex)
  return new Recorder({ name: c.name, says: c.says, mode, masters, challenge }, make, (end, bytes) => {
    const left = random.get(end) ?? EMPTY
    if (left.length < bytes) throw new RangeError(`${end}: expected to draw ${left.length} bytes, got ${bytes}`)
    random.set(end, left.subarray(bytes))
    return left.slice(0, bytes)
  })
}

const differ = (what: string, got: unknown, wanted: unknown): string | null =>
  isDeepStrictEqual(got, wanted) ? null : `${what}: expected ${JSON.stringify(wanted)}, got ${JSON.stringify(got)}`

const stepsProblem = (recorder: Recorder, c: ConversationJson): string | null => {
  const texts = new Map(sendsOf(c).map((f) => [f.frame_hex, f.plaintext_hex]))
  for (const [i, step] of c.steps.entries()) {
    const { outcome, sends, ends, after }: StepJson = recorder.step(step)
    const text = step.do === 'receive' ? texts.get(step.frame_hex) : undefined
    const problem =
      differ('sends', sends, step.sends) ??
      differ('outcome', outcome, step.outcome) ??
      differ('ends', ends, step.ends) ??
      differ('text', recorder.texts, recorder.texts.length === 0 ? [] : [text]) ??
      differ('state of the client', after.client, step.after.client) ??
      differ('state of the server', after.server, step.after.server)
    if (problem !== null) return `step ${i}: ${problem}`
  }
  return null
}

const caseProblem = (recorder: Recorder, { at, session }: SituationJson['receiver'], c: CaseJson): string | null => {
  const got = recorder.receive(session, at, fromHex(c.frame_hex), c.prefix)
  return (
    differ('reason', got.outcome, c.reason) ??
    differ('sends', got.sends, c.sends) ??
    differ('ends', got.ends, [session]) ??
    differ('keys', got.after[at]?.keys ?? null, null)
  )
}

/** The first difference, or null. */
export const playConversation = (c: ConversationJson, mode: Mode, make: MakeParty): string | null =>
  stepsProblem(recorderFor(c, mode, make), c)

/** Every difference: the situation is played anew for each of its cases. */
export const playSituation = (s: SituationJson, mode: Mode, make: MakeParty): readonly string[] =>
  s.cases.flatMap((c) => {
    const { receiver } = s
    const recorder = recorderFor(s, mode, make, c.sends)
    const problem =
      stepsProblem(recorder, s) ??
      differ('state of the receiver', recorder.state(receiver.session, receiver.at), receiver.state) ??
      caseProblem(recorder, receiver, c)
    return problem === null ? [] : [`${c.reason}, ${c.why}: ${problem}`]
  })

/** Every difference between a file and what a party does. */
export const playFile = ({ mode, conversations = [], situations = [] }: FileJson, make: MakeParty): string[] => [
  ...conversations.flatMap((c) => playConversation(c, mode, make) ?? []),
  ...situations.flatMap((s) => playSituation(s, mode, make)),
]
