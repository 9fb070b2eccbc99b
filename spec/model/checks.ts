/** PROTOCOL §6: the checks on a complete frame, in their order; the first failure is its reason. */
import type { Body, Reason } from '../events.ts'
import { isControl, MAX_ROUND, OP, OPCODE_NAMES } from '../opcodes.ts'
import { initialKeys, pair } from './keys.ts'
import { type Endpoint, type Frame, receivedBy, type Symbols, type Term } from './state.ts'

/** `decrypted`: AES ran, with key `enc`. `plain`: what the frame opened to. */
export type Verdict =
  | { readonly kind: 'accepted'; readonly plain: Term; readonly decrypted: Term }
  | { readonly kind: 'rejected'; readonly reason: Reason; readonly decrypted: Term | null }

/** PROTOCOL §2, last column: which opcodes are legal at a receiver. */
const legal = ({ at, phase, outstanding, round }: Endpoint, opcode: number): boolean => {
  if (at.side === 'server')
    return phase === 'INIT' ? opcode === OP.HELLO : opcode === OP.DATA || opcode === OP.TERMINATE
  if (phase === 'INIT') return opcode === OP.CHALLENGE
  // §4: round 0xFFFFFFFF cannot be left, so no response is legal in it
  return isControl(opcode) || (opcode === OP.RESPONSE && outstanding !== null && round !== MAX_ROUND)
}

/** PROTOCOL §5: which plaintexts are valid for an opcode. */
const valid = (opcode: number, { kind }: Body): boolean => {
  if (opcode === OP.HELLO || opcode === OP.CHALLENGE) return kind === 'hello' || kind === 'challenge'
  if (opcode === OP.DATA) return kind === 'data'
  return opcode === OP.RESPONSE ? kind === 'aggregate' : kind === 'control'
}

/**
 * All verdicts possible of an endpoint; none once it is TERMINATED. Two only for the garbage event: the tag verifies
 * under an equal MAC key, but the ENC keys differ, so that what AES makes of the ciphertext is garbage, which about once
 * in 255 times even unpads.
 */
export const judge = (symbols: Symbols, e: Endpoint, f: Frame): readonly Verdict[] => {
  const rejected = (reason: Reason, decrypted: Term | null = null) => [{ kind: 'rejected', reason, decrypted } as const]
  const { opcode, id, round, direction } = f.header
  if (e.phase === 'TERMINATED') return []
  if (f.malformed) return rejected('malformed')
  if (OPCODE_NAMES[opcode] === undefined) return rejected('unknown-opcode')
  const known = e.id === null ? symbols.setup.keyring.includes(id) : id === e.id
  if (!known) return rejected('wrong-client')
  if (direction !== receivedBy(e.at.side)) return rejected('wrong-direction')
  if (round < e.round) return rejected('stale-round')
  if (round > e.round) return rejected('future-round')
  if (!legal(e, opcode)) return rejected('out-of-phase')
  const keys = e.id === null ? initialKeys(symbols, id) : e.keys! // a HELLO is judged by the keys of the client it names
  const [enc, mac] = pair(keys, receivedBy(e.at.side))
  if (f.mac !== mac) return rejected('bad-tag')
  if (f.enc !== enc) {
    const garbage = symbols.term('garbage', enc, f.ciphertext)
    // What unpads may be text (§5); no other payload leaves garbage that much room.
    const text = opcode === OP.HELLO || opcode === OP.CHALLENGE
    return [
      ...rejected('bad-padding', enc),
      ...rejected('bad-payload', enc),
      ...(text ? [{ kind: 'accepted', plain: garbage, decrypted: enc } as const] : []),
    ]
  }
  if (!f.padded) return rejected('bad-padding', enc)
  if (!valid(opcode, f.body)) return rejected('bad-payload', enc)
  return [{ kind: 'accepted', plain: f.plain, decrypted: enc }]
}
