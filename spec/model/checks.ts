/** PROTOCOL §6: the checks on a complete frame, in their order; the first failure is its reason. */
import type { Reason } from '../events.ts'
import type { Side } from '../language.ts'
import { isControl, MAX_ROUND, OP, OPCODE_NAMES } from '../opcodes.ts'
import { pair } from './keys.ts'
import { type Frame, type Keys, receivedBy, type Symbols, type Term } from './state.ts'

/** What decides at a receiver. */
export interface Receiver {
  readonly side: Side
  readonly phase: 'INIT' | 'ACTIVE'
  readonly id: number | null // null: a connection that has not heard a HELLO yet
  readonly round: number
  readonly outstanding: boolean
  /** The keys it judges by; a connection without a HELLO takes those of the id in the header. */
  readonly keys: Keys | null
}

/** `decrypted`: AES ran, with key `enc`. `plain`: what the frame opened to. */
export type Verdict =
  | { readonly kind: 'accepted'; readonly plain: Term; readonly decrypted: Term }
  | { readonly kind: 'rejected'; readonly reason: Reason; readonly decrypted: Term | null }

const legal = (r: Receiver, opcode: number): boolean => {
  // PROTOCOL §2, last column
  if (r.side === 'server')
    return r.phase === 'INIT' ? opcode === OP.HELLO : opcode === OP.DATA || opcode === OP.TERMINATE
  if (r.phase === 'INIT') return opcode === OP.CHALLENGE
  // §4: round 0xFFFFFFFF cannot be left, so no response is legal in it
  return isControl(opcode) || (opcode === OP.RESPONSE && r.outstanding && r.round !== MAX_ROUND)
}

/** PROTOCOL §5: which plaintexts are valid for an opcode. */
const valid = (opcode: number, f: Frame): boolean => {
  switch (opcode) {
    case OP.HELLO:
    case OP.CHALLENGE:
      return f.body.kind === 'hello' || f.body.kind === 'challenge'
    case OP.DATA:
      return f.body.kind === 'data'
    case OP.RESPONSE:
      return f.body.kind === 'aggregate'
    default:
      return f.body.kind === 'control'
  }
}

/**
 * All verdicts possible. Two only for the garbage event: the tag verifies under an equal MAC key, but the ENC keys
 * differ, so that what AES makes of the ciphertext is garbage, which about once in 255 times even unpads.
 */
export const judge = (symbols: Symbols, r: Receiver, f: Frame): readonly Verdict[] => {
  const rejected = (reason: Reason, decrypted: Term | null = null): readonly Verdict[] => [
    { kind: 'rejected', reason, decrypted },
  ]
  const { opcode, id, round, direction } = f.header
  if (f.malformed) return rejected('malformed')
  if (OPCODE_NAMES[opcode] === undefined) return rejected('unknown-opcode')
  const known = r.id === null ? symbols.setup.keyring.includes(id) : id === r.id
  if (!known) return rejected('wrong-client')
  if (direction !== receivedBy(r.side)) return rejected('wrong-direction')
  if (round < r.round) return rejected('stale-round')
  if (round > r.round) return rejected('future-round')
  if (!legal(r, opcode)) return rejected('out-of-phase')
  const [enc, mac] = pair(r.keys!, receivedBy(r.side))
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
  if (!valid(opcode, f)) return rejected('bad-payload', enc)
  return [{ kind: 'accepted', plain: f.plain, decrypted: enc }]
}
