/**
 * One session as the server sees it: what a frame means in a state, and which answer and next state follow from it.
 * Pure apart from the draws from `rng`; who else is affected, and the commit, are the server's business.
 */
import { type Submission, withSubmission } from './aggregate.ts'
import { checkHeader, type Keyring, type Rejected, rejected } from './checks.ts'
import type { Crypto, Rng } from './crypto.ts'
import { OPCODE, type Opcode, TO_CLIENT, TO_SERVER } from './frame.ts'
import {
  eraseReplaced,
  evolve,
  helloMacKey,
  helloStep,
  initialKeys,
  type Keys,
  keysOfRoundOne,
  type Mode,
} from './keys.ts'
import type { Reason } from './outcome.ts'
import * as payload from './payload.ts'
import { decrypt, open, seal, verifies } from './primitives.ts'

/** Plain data, one value per connection; `deadline` in ms. */
export type ServerState =
  | { readonly id: null; readonly phase: 'INIT'; readonly round: 0; readonly keys: null; readonly deadline: number }
  | Active
  /** `id` is null when no HELLO had been accepted. */
  | { readonly id: number | null; readonly phase: 'TERMINATED'; readonly round: number; readonly keys: null }
export interface Active {
  readonly phase: 'ACTIVE'
  readonly id: number
  readonly round: number
  readonly keys: Keys
  readonly confirmed: boolean
  readonly order: number // of its HELLO among all accepted ones (§7)
  readonly deadline: number
  readonly submissions: readonly Submission[] // ascending rounds
}

type Greeting = { readonly kind: 'hello'; readonly id: number; readonly text: string; readonly keys: Keys }

/** PROTOCOL §6–§7: a first frame must be a HELLO that passes every check; `keys` are the initial ones. */
export const examineFirst = (c: Crypto, keyring: Keyring, frame: Uint8Array): Greeting | Rejected => {
  const id = frame[1]!
  const master = keyring.get(id)
  const expected = { id: master ? id : null, direction: TO_SERVER, round: 0, legal: [OPCODE.hello] } as const
  const header = checkHeader(frame, expected)
  if (typeof header === 'string') return rejected(header)
  const c2sMac = helloMacKey(c, master!)
  if (!verifies(c, c2sMac, frame)) {
    c.erase(c2sMac)
    return rejected('bad-tag')
  }
  const keys = initialKeys(c, master!, c2sMac)
  const plaintext = decrypt(c, keys.c2s.enc, frame)
  const text = plaintext && payload.decodeText(plaintext)
  if (text !== null) return { kind: 'hello', id, text, keys }
  eraseReplaced(c, keys, null)
  return rejected(plaintext === null ? 'bad-padding' : 'bad-payload')
}

export type Asked = { readonly kind: 'data'; readonly values: readonly number[] } | { readonly kind: 'terminate' }

/** What a later frame asks for, after every check that needs this session only. */
export const examine = (c: Crypto, state: Active, frame: Uint8Array): Asked | Rejected => {
  const { id, round, keys } = state
  const header = checkHeader(frame, { id, direction: TO_SERVER, round, legal: [OPCODE.data, OPCODE.terminate] })
  if (typeof header === 'string') return rejected(header)
  const plaintext = open(c, keys.c2s, frame)
  if (typeof plaintext === 'string') return rejected(plaintext)
  if (header.opcode === OPCODE.terminate)
    return payload.isControlPayload(plaintext) ? { kind: 'terminate' } : rejected('bad-payload')
  const values = payload.decodeValues(plaintext)
  return values === null ? rejected('bad-payload') : { kind: 'data', values }
}

/** An answer and the state that holds once it was handed over. */
export interface Step {
  readonly answer: Uint8Array
  readonly next: Active
}

/** The CHALLENGE to an accepted HELLO, and the session it opens. Uses up `greeting.keys`. */
export const answerHello = (
  c: Crypto,
  mode: Mode,
  rng: Rng,
  greeting: Greeting,
  hello: Uint8Array,
  challengeText: string | null, // null: fresh
  place: { readonly order: number; readonly deadline: number },
): Step => {
  const { id, keys: initial } = greeting
  const text = payload.encodeText(challengeText ?? `Challenge from server ${hex(rng(16))}`)
  // PROTOCOL §4: the CHALLENGE is sealed under the hello-stepped S2C keys.
  const stepped = helloStep(c, mode, initial, hello)
  const header = { opcode: OPCODE.challenge, id, round: 0, direction: TO_CLIENT }
  const answer = seal(c, stepped.s2c, rng, header, text)
  const keys = keysOfRoundOne(c, mode, stepped, hello, answer, text)
  eraseReplaced(c, initial, stepped)
  eraseReplaced(c, stepped, null)
  return { answer, next: { phase: 'ACTIVE', id, round: 1, keys, confirmed: false, submissions: [], ...place } }
}

/** The AGGR_RESPONSE to an accepted DATA, and the session after it: confirmed, one round on, the values kept. */
export const answerData = (
  c: Crypto,
  rng: Rng,
  state: Active,
  data: Uint8Array,
  aggregate: payload.Aggregate,
  submission: Submission,
  place: { readonly retainedRounds: number; readonly deadline: number },
): Step => {
  const { id, round, keys, order } = state
  const plaintext = payload.encodeAggregate(aggregate)
  const header = { opcode: OPCODE.aggregate, id, round, direction: TO_CLIENT }
  const answer = seal(c, keys.s2c, rng, header, plaintext)
  return {
    answer,
    next: {
      phase: 'ACTIVE',
      id,
      round: round + 1,
      keys: evolve(c, keys, data, payload.aggregatedDataOf(plaintext), payload.statusOf(plaintext)),
      confirmed: true,
      order,
      deadline: place.deadline,
      submissions: withSubmission(state.submissions, submission, place.retainedRounds),
    },
  }
}

/** KEY_DESYNC_ERROR or TERMINATE under the keys and the round as they are (§6). */
export const sealControl = (c: Crypto, rng: Rng, { id, round, keys }: Active, opcode: Opcode): Uint8Array =>
  seal(c, keys.s2c, rng, { opcode, id, round, direction: TO_CLIENT }, payload.CONTROL)

/** What a session is told when it ends; null: nothing. */
export type Farewell = typeof OPCODE.desync | typeof OPCODE.terminate | null

/** PROTOCOL §6: what a rejected frame is answered with in ACTIVE; before that there is no key to seal it with. */
export const errorFor = (frame: Uint8Array | null, reason: Reason): Farewell => {
  if (reason === 'superseded') return OPCODE.terminate
  // Whatever its reason, a frame that begins like a 50 or 60 is never answered.
  const silent = frame !== null && (frame[0] === OPCODE.desync || frame[0] === OPCODE.terminate)
  return silent ? null : OPCODE.desync
}

export const silent = (deadline: number): ServerState => ({ id: null, phase: 'INIT', round: 0, keys: null, deadline })
export const terminated = ({ id, round }: ServerState): ServerState => ({ id, phase: 'TERMINATED', round, keys: null })

const hex = (bytes: Uint8Array): string => {
  let text = ''
  for (const byte of bytes) text += byte < 16 ? `0${byte.toString(16)}` : byte.toString(16)
  return text
}
