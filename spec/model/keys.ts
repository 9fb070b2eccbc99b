/** PROTOCOL §4: the key schedule and the commit rule. */
import { MAX_ROUND } from '../opcodes.ts'
import {
  DIRECTION,
  type Direction,
  type Endpoint,
  type Frame,
  type Keys,
  type Part,
  type Symbols,
  type Term,
} from './state.ts'

export const LABELS = ['C2S-ENC', 'C2S-MAC', 'S2C-ENC', 'S2C-MAC'] as const
const STATUS_OK = '00' // StatusCode: 00 is the only valid one (§5), and the single byte 00 in round 0

/** K0 = KDF(master, "init" ‖ 00 ‖ label). */
export const initialKeys = (symbols: Symbols, id: number): Keys => {
  const master = symbols.term('master', id)
  const initial = (label: (typeof LABELS)[number]): Term => symbols.term('initial', master, label)
  return [initial('C2S-ENC'), initial('C2S-MAC'), initial('S2C-ENC'), initial('S2C-MAC')]
}

const evolved = (symbols: Symbols, key: Term, input: Part): Term => symbols.term('evolve', key, input)

/** The evolution formulas of the client's keys: `request` is the client's frame, so both inputs are its own. */
const evolveC2S = (symbols: Symbols, keys: Keys, request: Frame): Keys => {
  const [c2sEnc, c2sMac, s2cEnc, s2cMac] = keys
  return [evolved(symbols, c2sEnc, request.ciphertext), evolved(symbols, c2sMac, request.iv), s2cEnc, s2cMac]
}

/** Those of the server's keys: plaintext `answer`, and the status. */
const evolveS2C = (symbols: Symbols, keys: Keys, answer: Term): Keys => {
  const [c2sEnc, c2sMac, s2cEnc, s2cMac] = keys
  return [c2sEnc, c2sMac, evolved(symbols, s2cEnc, answer), evolved(symbols, s2cMac, STATUS_OK)]
}

/** The four evolution formulas, for the exchange of `request` answered by plaintext `answer`. */
export const evolve = (symbols: Symbols, keys: Keys, request: Frame, answer: Term): Keys =>
  evolveS2C(symbols, evolveC2S(symbols, keys, request), answer)

/**
 * The hello step: S2C-ENC[0] and S2C-MAC[0] absorb the HELLO frame, and the client's two keys leave round 0 with it;
 * only in `bound`.
 */
export const helloStep = (symbols: Symbols, keys: Keys, hello: Frame): Keys => {
  if (symbols.setup.mode === 'literal') return keys // no hello step
  const absorb = (key: Term): Term => symbols.term('hello', key, hello.id)
  const [c2sEnc, c2sMac, s2cEnc, s2cMac] = evolveC2S(symbols, keys, hello)
  return [c2sEnc, c2sMac, absorb(s2cEnc), absorb(s2cMac)]
}

/** What is left of the evolution of round 0 once the hello step was taken: all of it in `literal`, S2C in `bound`. */
export const evolveHandshake = (symbols: Symbols, keys: Keys, hello: Frame, answer: Term): Keys =>
  symbols.setup.mode === 'literal' ? evolve(symbols, keys, hello, answer) : evolveS2C(symbols, keys, answer)

/** The bind step, after the evolution of round 0: all four keys absorb both handshake frames; only in `bound`. */
export const bindStep = (symbols: Symbols, keys: Keys, hello: Frame, challenge: Frame): Keys => {
  if (symbols.setup.mode === 'literal') return keys // no bind step
  const absorb = (key: Term): Term => symbols.term('bind', key, hello.id, challenge.id)
  const [c2sEnc, c2sMac, s2cEnc, s2cMac] = keys
  return [absorb(c2sEnc), absorb(c2sMac), absorb(s2cEnc), absorb(s2cMac)]
}

/** ENC and MAC key of a direction (PROTOCOL §1). */
export const pair = ([c2sEnc, c2sMac, s2cEnc, s2cMac]: Keys, direction: Direction): readonly [enc: Term, mac: Term] =>
  direction === DIRECTION.C2S ? [c2sEnc, c2sMac] : [s2cEnc, s2cMac]

// The commit rule. Keys, round and exchanges of a session move here and nowhere else: together, once, or not at all. The
// client commits when the answer passed every check (client.ts, `received`), the server when the answer was handed over
// (server.ts, `hello` and `data`), with confirmation, supersession and the submitted values.

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
