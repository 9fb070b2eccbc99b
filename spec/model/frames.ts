/** PROTOCOL §2 and §5 on terms: making frames. */
import type { Body, FrameId, Header, Origin, Sent } from '../events.ts'
import { endName } from '../events.ts'
import type { End } from '../language.ts'
import { OP } from '../opcodes.ts'
import { pair } from './keys.ts'
import { type Frame, type Keys, type Symbols, sentBy, type Term } from './state.ts'

/** Bytes of a plaintext (PROTOCOL §5). */
const plainBytes = (body: Body): number => {
  switch (body.kind) {
    case 'hello':
    case 'challenge':
      return new TextEncoder().encode(body.text).length
    case 'data':
      return 2 + 8 * body.values.length
    case 'aggregate':
      return 21
    case 'control':
      return 1
    case 'opaque':
      return body.hex.length / 2
    case 'sealed':
      return 0
  }
}

/** 55 bytes around the ciphertext, which is the plaintext padded to the next multiple of 16 (PROTOCOL §2). */
export const frameBytes = (body: Body): number => 55 + 16 * (Math.floor(plainBytes(body) / 16) + 1)

/** Equal plaintext <=> equal term. */
export const plainTerm = (symbols: Symbols, body: Body): Term => {
  switch (body.kind) {
    case 'hello':
    case 'challenge':
      return symbols.term('plain', 'text', body.text)
    case 'data':
      return symbols.term('plain', 'data', body.values.map((v) => (Object.is(v, -0) ? '-0' : v)).join(' '))
    case 'aggregate':
      return symbols.term('plain', 'aggregate', body.sum, body.count, body.average)
    case 'control':
      return symbols.term('plain', 'control')
    case 'opaque':
      return symbols.term('plain', 'opaque', body.hex)
    case 'sealed':
      return symbols.term('plain', 'sealed')
  }
}

/** What sealing a frame needs to know of its sender. */
export interface Sender {
  readonly at: End
  readonly id: number | null
  readonly round: number
  readonly hello: Frame | null
  readonly challenge: Frame | null
  readonly exchanges: readonly Frame[]
  readonly sent: readonly Frame[]
}

/** What goes into a frame that somebody seals. */
interface Contents {
  readonly nth: number
  readonly header: Header
  readonly iv: Term
  readonly enc: Term
  readonly mac: Term
  readonly plain: Term
  readonly body: Body
  readonly padded: boolean
  readonly origin: Origin
}

const sealedFrame = (
  symbols: Symbols,
  n: number,
  made: Contents,
  by: Omit<Sent, 'frame' | 'header' | 'step'>,
): Frame => {
  const id = `f${n}` as FrameId
  const sent: Sent = { ...by, frame: id, header: made.header, step: 0 }
  const ciphertext = symbols.term('ciphertext', made.enc, made.iv, made.plain)
  return { ...made, n, id, malformed: false, ciphertext, bytes: frameBytes(made.body), sent, senders: [sent] }
}

/** A frame that an endpoint sends. Under other keys than §4 makes of its transcript it is opaque to one who listens. */
export const seal = (
  symbols: Symbols,
  by: Sender,
  opcode: number,
  keys: Keys,
  body: Body,
  answers: Frame | null,
): Frame => {
  const id = by.id!
  const { round, sent } = by
  const direction = sentBy(by.at.side)
  const [enc, mac] = pair(keys, direction)
  const who = endName(by.at)
  const nth = sent.length // the IV is fresh for every frame (§2), so it has this name
  const context = [by.hello?.n, by.challenge?.n, answers?.n].join(' ')
  const plain = plainTerm(symbols, body)
  return symbols.frame(`${who} ${nth} ${opcode} ${id} ${round} ${enc} ${mac} ${plain} ${context}`, (n) => {
    const frame = `f${n}` as FrameId
    const header: Header = { opcode, id, round, direction }
    const iv = symbols.term('iv', who, nth)
    const [dueEnc, dueMac] = pair(symbols.due({ ...by, id }), direction)
    return sealedFrame(
      symbols,
      n,
      { nth, header, iv, enc, mac, plain, body, padded: true, origin: 'genuine' },
      {
        by: by.at,
        id,
        body: enc === dueEnc && mac === dueMac ? body : { kind: 'sealed' },
        // A HELLO and a CHALLENGE belong to the handshake that they themselves begin.
        hello: opcode === OP.HELLO ? frame : (by.hello?.id ?? null),
        challenge: opcode === OP.CHALLENGE ? frame : (by.challenge?.id ?? null),
        answers: answers?.id ?? null,
      },
    )
  })
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

export const forge = (symbols: Symbols, f: Forgery): Frame => {
  const { header, enc, mac, body, padded, owner } = f
  const { opcode, id, round, direction } = header
  const plain = plainTerm(symbols, body)
  const name = `forged ${f.name} ${opcode} ${id} ${round} ${direction} ${enc} ${mac} ${plain} ${padded}`
  return symbols.frame(name, (n) => {
    const iv = symbols.term('iv', 'adversary', f.name)
    const visible: Body = padded ? body : { kind: 'sealed' } // what does not unpad has no content
    return sealedFrame(
      symbols,
      n,
      { nth: -1, header, iv, enc, mac, plain, body, padded, origin: 'sealed' },
      { by: null, id: owner, body: visible, hello: null, challenge: null, answers: null },
    )
  })
}

/** A frame that nobody sealed: edited, forged without keys, junk. Its tag verifies under no key. */
export const altered = (symbols: Symbols, header: Header, malformed = false): Frame => {
  const { opcode, id, round, direction } = header
  const name = `altered ${opcode} ${id} ${round} ${direction} ${malformed}`
  return symbols.frame(name, (n) => {
    const alien = (what: string) => symbols.term('alien', what, n)
    return {
      n,
      id: `f${n}` as FrameId,
      nth: -1,
      header,
      malformed,
      iv: alien('iv'),
      enc: alien('enc'),
      mac: alien('mac'),
      plain: alien('plain'),
      ciphertext: alien('ciphertext'),
      body: { kind: 'sealed' },
      padded: true,
      bytes: 71,
      origin: 'altered',
      sent: null,
      senders: [],
    }
  })
}
