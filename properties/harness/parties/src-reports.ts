/** What the implementation tells while it works, as a party reports it: its outcomes, and every use of a key. */
import type { EndedBy, Told } from '../../../spec/events.ts'
import type { End } from '../../../spec/language.ts'
import { OP } from '../../../spec/opcodes.ts'
import type * as implementation from '../../../src/index.ts'
import type { Host } from './party.ts'

const ENDED_BY: Readonly<Record<implementation.EndReason, EndedBy>> = {
  'rejected-frame': 'rejection',
  peer: 'peer',
  timeout: 'timer',
  superseded: 'supersede',
  displaced: 'evicted',
  'send-failed': 'fault',
  'rounds-exhausted': 'finish',
  finished: 'finish',
  closed: 'close',
}

/** What the application is told, in the words of events. */
const toldOf = (c: implementation.Content): Told => {
  const [id, round, answer] = [null, null, null]
  switch (c.kind) {
    case 'hello':
      return { opcode: OP.HELLO, id: c.id, round, body: { kind: 'hello', text: c.text }, answer }
    case 'challenge':
      return { opcode: OP.CHALLENGE, id, round, body: { kind: 'challenge', text: c.text }, answer }
    case 'data': {
      const body = { kind: 'data', values: c.values } as const
      return { opcode: OP.DATA, id: c.id, round: c.round, body, answer: { kind: 'aggregate', ...c.answer } }
    }
    case 'aggregate':
      return { opcode: OP.RESPONSE, id, round: c.round, body: { kind: 'aggregate', ...c.aggregate }, answer }
    case 'desync':
    case 'terminate':
      return { opcode: c.kind === 'desync' ? OP.DESYNC : OP.TERMINATE, id, round, body: { kind: 'control' }, answer }
  }
}

export class ObservedPort implements implementation.Port {
  readonly #host: Host
  readonly #at: End
  readonly #committed: ((at: End) => void) | null

  /** `committed` runs when a frame was accepted, before the host hears of it. */
  constructor(host: Host, at: End, committed: ((at: End) => void) | null) {
    this.#host = host
    this.#at = at
    this.#committed = committed
  }

  send(frame: Uint8Array): boolean {
    return this.#host.send(this.#at, frame)
  }

  report(outcome: implementation.Outcome): void {
    const at = this.#at
    switch (outcome.kind) {
      case 'accepted':
        this.#committed?.(at)
        this.#host.report({ on: 'accepted', at, frame: outcome.frame, told: toldOf(outcome.content) })
        return
      case 'rejected':
        this.#host.report({ on: 'rejected', at, frame: outcome.frame, reason: outcome.reason })
        return
      case 'ended':
        this.#host.report({ on: 'ended', at, by: ENDED_BY[outcome.by] })
        return
    }
  }
}

const NOTHING = new Uint8Array(0)

/** Session keys: an input of one connection can end the session of another. */
export type Owners = Map<Uint8Array, End>

/** The provider of src, every use of a key reported before it takes place. `key` is live: it may be erased later. */
export class ObservedCrypto implements implementation.Crypto {
  readonly #real: implementation.Crypto
  readonly #host: Host
  readonly #owners: Owners
  readonly #prks = new WeakSet<Uint8Array>()
  /** Made or used here and not seen erased: PRKs, the blocks that keys are cut from, keys. */
  readonly #secrets = new Set<Uint8Array>()
  /** Whose input is being processed: keys that belong to no session yet are its. */
  at: End

  constructor(src: typeof implementation, host: Host, owners: Owners, at: End) {
    this.#real = src.nodeCrypto
    this.#host = host
    this.#owners = owners
    this.at = at
  }

  hmac(key: Uint8Array, data: Uint8Array): Uint8Array {
    this.#host.report({ on: 'primitive', at: this.#owners.get(key) ?? this.at, op: 'hmac', key, data })
    const made = this.#real.hmac(key, data)
    // PROTOCOL §3: the salt of the KDF is empty, which is zeros; it makes a PRK, and that a block. The rest are tags.
    const isSalt = isZero(key)
    if (isSalt) this.#prks.add(made)
    if (isSalt || this.#prks.has(key)) this.#secrets.add(made)
    return made
  }

  sha256(data: Uint8Array): Uint8Array {
    return this.#real.sha256(data)
  }

  aesEncrypt(key: Uint8Array, iv: Uint8Array, padded: Uint8Array): Uint8Array {
    this.#host.report({ on: 'primitive', at: this.#owners.get(key) ?? this.at, op: 'encrypt', key, data: padded })
    this.#secrets.add(key)
    return this.#real.aesEncrypt(key, iv, padded)
  }

  aesDecrypt(key: Uint8Array, iv: Uint8Array, ciphertext: Uint8Array): Uint8Array {
    this.#host.report({ on: 'primitive', at: this.#owners.get(key) ?? this.at, op: 'decrypt', key, data: ciphertext })
    this.#secrets.add(key)
    return this.#real.aesDecrypt(key, iv, ciphertext)
  }

  /** How many secrets are left that are no keys of these states. */
  left(states: Iterable<{ readonly keys: implementation.Keys | null }>): number {
    const held = new Set<Uint8Array>()
    for (const { keys } of states)
      if (keys !== null) for (const of of [keys.c2s, keys.s2c]) held.add(of.enc).add(of.mac)
    let left = 0
    for (const secret of this.#secrets)
      if (isZero(secret)) this.#secrets.delete(secret)
      else if (!held.has(secret)) left++
    return left
  }

  /** The process that had them has gone. */
  forget(): void {
    this.#secrets.clear()
  }

  /** Intermediate secrets are erased too, of which nobody needs to hear. A key of which a part is left was not erased. */
  erase(secret: Uint8Array): void {
    const at = this.#owners.get(secret)
    const key = at && secret.slice()
    this.#real.erase(secret)
    if (at !== undefined && key !== undefined && isZero(secret))
      this.#host.report({ on: 'primitive', at, op: 'erase', key, data: NOTHING })
  }
}

const isZero = (bytes: Uint8Array): boolean => {
  for (let i = 0; i < bytes.length; i++) if (bytes[i] !== 0) return false
  return true
}

export const own = (owners: Owners, keys: implementation.Keys, at: End): void => {
  owners.set(keys.c2s.enc, at).set(keys.c2s.mac, at).set(keys.s2c.enc, at).set(keys.s2c.mac, at)
}
