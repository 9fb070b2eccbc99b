/** PROTOCOL §2 and §5 on terms: making frames. */

import type { Context, Frame, Keys } from '../checker/context.ts'
import type { Term } from '../checker/terms.ts'
import type { Body, FrameId, Header } from '../events.ts'
import { endName } from '../events.ts'
import type { End } from '../language.ts'
import { OP } from '../opcodes.ts'

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
export const plainTerm = (c: Context, body: Body): Term => {
  switch (body.kind) {
    case 'hello':
    case 'challenge':
      return c.terms.make('plain', 'text', body.text)
    case 'data':
      return c.terms.make('plain', 'data', body.values.map((v) => (Object.is(v, -0) ? '-0' : v)).join(' '))
    case 'aggregate':
      return c.terms.make('plain', 'aggregate', body.sum, body.count, body.average)
    case 'control':
      return c.terms.make('plain', 'control')
    case 'opaque':
      return c.terms.make('plain', 'opaque', body.hex)
    case 'sealed':
      return c.terms.make('plain', 'sealed')
  }
}

/** ENC and MAC key of a direction (PROTOCOL §1). */
export const pair = (k: Keys, direction: 1 | 2): readonly [enc: Term, mac: Term] =>
  direction === 1 ? [k.terms[0], k.terms[1]] : [k.terms[2], k.terms[3]]

/** What an act of sending needs to know of its sender. */
export interface Sender {
  readonly at: End
  readonly id: number
  readonly hello: Frame | null
  readonly challenge: Frame | null
  readonly sent: readonly Frame[]
}

/**
 * A frame that an endpoint sends. `expected`: the keys that §4 makes of its transcript; a frame under others is opaque
 * to the passive tracker.
 */
export const seal = (
  c: Context,
  by: Sender,
  opcode: number,
  round: number,
  keys: Keys,
  expected: Keys,
  body: Body,
  answers: Frame | null,
): Frame => {
  const direction = by.at.side === 'client' ? 1 : 2
  const [enc, mac] = pair(keys, direction)
  const who = endName(by.at)
  const nth = by.sent.length // the IV is fresh for every frame (§2), so it has this name
  const context = [by.hello?.n, by.challenge?.n, answers?.n].join(' ')
  const plain = plainTerm(c, body)
  return c.frame(`${who} ${nth} ${opcode} ${by.id} ${round} ${enc} ${mac} ${plain} ${context}`, (n) => {
    const id = `f${n}` as FrameId
    const header: Header = { opcode, id: by.id, round, direction }
    const iv = c.terms.make('iv', who, nth)
    const [wantEnc, wantMac] = pair(expected, direction)
    const visible: Body = enc === wantEnc && mac === wantMac ? body : { kind: 'sealed' }
    // A HELLO and a CHALLENGE belong to the handshake that they themselves begin.
    const hello = opcode === OP.HELLO ? id : (by.hello?.id ?? null)
    const challenge = opcode === OP.CHALLENGE ? id : (by.challenge?.id ?? null)
    const sent = {
      by: by.at,
      id: by.id,
      frame: id,
      header,
      body: visible,
      hello,
      challenge,
      answers: answers?.id ?? null,
      step: 0,
    }
    return {
      n,
      id,
      nth,
      header,
      malformed: false,
      iv,
      enc,
      mac,
      plain,
      ciphertext: c.terms.make('ciphertext', enc, iv, plain),
      body,
      padded: true,
      bytes: frameBytes(body),
      origin: 'genuine',
      sent,
      senders: [sent],
    }
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

export const forge = (c: Context, f: Forgery): Frame => {
  const { opcode, id, round, direction } = f.header
  const plain = plainTerm(c, f.body)
  const name = `forged ${f.name} ${opcode} ${id} ${round} ${direction} ${f.enc} ${f.mac} ${plain} ${f.padded}`
  return c.frame(name, (n) => {
    const frame = `f${n}` as FrameId
    const iv = c.terms.make('iv', 'adversary', f.name)
    const { header, body } = f
    const visible: Body = f.padded ? body : { kind: 'sealed' } // what does not unpad has no content
    const sent = {
      by: null,
      id: f.owner,
      frame,
      header,
      body: visible,
      hello: null,
      challenge: null,
      answers: null,
      step: 0,
    }
    return {
      n,
      id: frame,
      nth: -1,
      header,
      malformed: false,
      iv,
      enc: f.enc,
      mac: f.mac,
      plain,
      ciphertext: c.terms.make('ciphertext', f.enc, iv, plain),
      body,
      padded: f.padded,
      bytes: frameBytes(body),
      origin: 'sealed',
      sent,
      senders: [sent],
    }
  })
}

/** A frame that nobody sealed: edited, forged without keys, junk. Its tag verifies under no key. */
export const altered = (c: Context, header: Header, malformed = false): Frame => {
  const { opcode, id, round, direction } = header
  const name = `altered ${opcode} ${id} ${round} ${direction} ${malformed}`
  return c.frame(name, (n) => {
    const alien = (what: string) => c.terms.make('alien', what, n)
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
