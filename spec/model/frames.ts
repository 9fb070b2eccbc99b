/** PROTOCOL §2 and §5 on terms: making frames. */
import type { Body, Header } from '../events.ts'
import { endName } from '../events.ts'
import { pair } from './keys.ts'
import { type Contents, type Endpoint, type Frame, type Symbols, sentBy } from './state.ts'

/** A frame that an endpoint sends, under its keys; `answers`: the frame whose acceptance made it do so. */
export const seal = (symbols: Symbols, by: Endpoint, opcode: number, body: Body, answers: Frame | null): Frame => {
  const direction = sentBy(by.at.side)
  const [enc, mac] = pair(by.keys!, direction)
  const iv = symbols.term('iv', endName(by.at), by.sent.length) // §2: fresh for every frame, so this name tells it from all others
  const header: Header = { opcode, id: by.id!, round: by.round, direction }
  const made = { header, iv, enc, mac, plain: symbols.plain(body), body, padded: true, malformed: false } as const
  return symbols.frame({ ...made, origin: 'genuine' }, { by, id: by.id!, answers })
}

/** What an insider, or the thief of a session's keys, puts into a frame (powers I and L). */
export interface Forgery extends Pick<Contents, 'header' | 'enc' | 'mac' | 'body' | 'padded'> {
  readonly name: string // distinguishes forgeries whose content is the same: their IVs differ
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
