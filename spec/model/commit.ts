/**
 * The commit rule (PROTOCOL §4). Keys, round and exchanges of a session move here and nowhere else: together, once, or
 * not at all. The client commits when the answer passed every check (client.ts, `receive`), the server when the answer
 * was handed over (server.ts, `hello` and `data`), with confirmation, supersession and the submitted values.
 */
import { MAX_ROUND } from '../opcodes.ts'
import { bindStep, evolve, evolveHandshake } from './keys.ts'
import type { ClientRun, Connection, Frame, Symbols, Term } from './state.ts'

/** Round 0: the session becomes ACTIVE. `answer`: what the CHALLENGE opened to. */
export const commitHandshake = <S extends ClientRun | Connection>(
  symbols: Symbols,
  session: S,
  hello: Frame,
  challenge: Frame,
  answer: Term,
): S => ({
  ...session,
  phase: 'ACTIVE',
  round: symbols.setup.startRound,
  keys: bindStep(symbols, evolveHandshake(symbols, session.keys!, hello, answer), hello, challenge),
  challenge,
})

/** Round R ≥ 1: a DATA and its response. `answer`: what the response opened to. */
export const commitExchange = <S extends ClientRun | Connection>(
  symbols: Symbols,
  session: S,
  data: Frame,
  response: Frame,
  answer: Term,
): S => ({
  ...session,
  round: Math.min(session.round + 1, MAX_ROUND),
  keys: evolve(symbols, session.keys!, data, answer),
  exchanges: [...session.exchanges, data, response],
})
