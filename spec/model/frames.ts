/** PROTOCOL §2 and §5 on terms: making frames. */
import type { Body, Header } from '../events.ts'
import { endName } from '../events.ts'
import { pair } from './keys.ts'
import { type Frame, type Keys, type Sender, type Symbols, sentBy, type Term } from './state.ts'

/** A frame that an endpoint sends; `answers`: the frame whose acceptance made it do so. */
export const seal = (
  symbols: Symbols,
  by: Sender,
  opcode: number,
  keys: Keys,
  body: Body,
  answers: Frame | null,
): Frame => {
  const { at, id, round, sent } = by
  const direction = sentBy(at.side)
  const [enc, mac] = pair(keys, direction)
  const plain = symbols.plain(body)
  const iv = symbols.term('iv', endName(at), sent.length) // §2: fresh for every frame, so this name tells it from all others
  const header: Header = { opcode, id: id!, round, direction }
  const contents = { header, iv, enc, mac, plain, body, padded: true, malformed: false, origin: 'genuine' } as const
  return symbols.frame(contents, { by, id: id!, answers })
}

/** What an insider, or the thief of a session's keys, puts into a frame (powers I and L). */
export interface Forgery {
  readonly name: string // distinguishes forgeries whose content is the same: their IVs differ
  readonly header: Header
  readonly enc: Term
  readonly mac: Term
  readonly body: Body
  readonly padded: boolean
  readonly owner: number // the client whose key it is sealed under
}

export const forge = (symbols: Symbols, { name, owner, ...f }: Forgery): Frame => {
  const plain = symbols.plain(f.body)
  const iv = symbols.term('iv', 'adversary', name)
  return symbols.frame({ ...f, iv, plain, malformed: false, origin: 'sealed' }, { by: null, id: owner, answers: null })
}

/** A frame that nobody sealed: edited, forged without keys, junk. Its tag verifies under no key. */
export const altered = (symbols: Symbols, header: Header, malformed = false): Frame => {
  const { opcode, id, round, direction } = header
  const alien = symbols.term('alien', opcode, id, round, direction, `${malformed}`)
  const contents = { iv: alien, enc: alien, mac: alien, plain: alien, body: { kind: 'sealed' }, padded: true } as const
  return symbols.frame({ ...contents, header, malformed, origin: 'altered' }, null)
}
