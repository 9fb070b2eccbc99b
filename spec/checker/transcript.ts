/**
 * PROTOCOL §4 once more, as one fold over a whole transcript: written apart from the steps of spec/model, so that each
 * shows a mistake in the other.
 */
import { initialKeys } from '../model/keys.ts'
import type { Frame, Keys, Symbols, Term, Transcript } from '../model/state.ts'

export const keysAfter = (symbols: Symbols, { id, hello, challenge, exchanges }: Transcript): Keys => {
  const bound = symbols.setup.mode === 'bound'
  let [c2sEnc, c2sMac, s2cEnc, s2cMac] = initialKeys(symbols, id).terms
  const exchange = (request: Frame, answer: Term): void => {
    c2sEnc = symbols.term('evolve', c2sEnc, request.ciphertext)
    c2sMac = symbols.term('evolve', c2sMac, request.iv)
    s2cEnc = symbols.term('evolve', s2cEnc, answer)
    s2cMac = symbols.term('evolve', s2cMac, '00')
  }
  if (hello !== null && bound) {
    s2cEnc = symbols.term('hello', s2cEnc, hello.id)
    s2cMac = symbols.term('hello', s2cMac, hello.id)
  }
  if (hello !== null && challenge !== null) {
    exchange(hello, challenge.plain)
    if (bound) {
      c2sEnc = symbols.term('bind', c2sEnc, hello.id, challenge.id)
      c2sMac = symbols.term('bind', c2sMac, hello.id, challenge.id)
      s2cEnc = symbols.term('bind', s2cEnc, hello.id, challenge.id)
      s2cMac = symbols.term('bind', s2cMac, hello.id, challenge.id)
    }
    for (let i = 0; i + 1 < exchanges.length; i += 2) exchange(exchanges[i]!, exchanges[i + 1]!.plain)
  }
  return symbols.keys(c2sEnc, c2sMac, s2cEnc, s2cMac)
}
