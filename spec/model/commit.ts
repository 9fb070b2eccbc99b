/**
 * The commit rule (PROTOCOL §4). Keys, round and exchanges of a session move here and nowhere else: together, once, or
 * not at all. The client commits when the answer passed every check (client.ts, `received`), the server when the answer
 * was handed over (server.ts, `hello` and `data`), with confirmation, supersession and the submitted values.
 */
import { MAX_ROUND } from '../opcodes.ts'
import { bindStep, evolve, evolveHandshake } from './keys.ts'
import type { Endpoint, Frame, Symbols, Term } from './state.ts'

/** Round 0: the session of a HELLO becomes ACTIVE. `answer`: what the CHALLENGE opened to. */
export const commitHandshake = <E extends Endpoint>(symbols: Symbols, e: E, challenge: Frame, answer: Term): E => {
  const { keys, hello } = e
  const evolved = evolveHandshake(symbols, keys!, hello!, answer)
  const bound = bindStep(symbols, evolved, hello!, challenge)
  return { ...e, phase: 'ACTIVE', round: symbols.setup.startRound, keys: bound, challenge }
}

/** Round R ≥ 1: a DATA and its response. `answer`: what the response opened to. */
export const commitExchange = <E extends Endpoint>(
  symbols: Symbols,
  e: E,
  data: Frame,
  response: Frame,
  answer: Term,
): E => ({
  ...e,
  round: Math.min(e.round + 1, MAX_ROUND),
  keys: evolve(symbols, e.keys!, data, answer),
  exchanges: [...e.exchanges, data, response],
})
