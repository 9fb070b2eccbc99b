/** Frames under keys that are not as they should be, and frames whose tag is not. */
import type { Dialect } from '../../../../spec/dialects/dialect.ts'
import { type Follower, Followers } from '../../../../spec/dialects/follower.ts'
import { writeData, writeHello } from '../../../../spec/dialects/payload.ts'
import { aesKey, seal } from '../../../../spec/dialects/sealing.ts'
import type { Header } from '../../../../spec/events.ts'
import type { Action, End } from '../../../../spec/language.ts'
import { OP } from '../../../../spec/opcodes.ts'
import { same } from '../../../../spec/reference/bytes.ts'
import { TAG_BYTES } from '../../../../spec/reference/frame.ts'
import { aesCbcDecrypt, aesCbcEncrypt, pad } from '../../../../spec/reference/primitives.ts'
import { theirSeal } from '../../../harness/world/foreign.ts'
import type { PlayLedger } from '../../../harness/world/ledger.ts'
import { framed, fromHex, toHex } from '../../../harness/world/wire.ts'
import type { Corruption } from '../arguments.ts'
import type { Craft } from '../craft.ts'

/** `key` after a corruption; `hex` is repeated, or cut, to its length. */
const corrupted = (key: Uint8Array, c: Corruption): Uint8Array => {
  switch (c.how) {
    case 'reverse':
      return Uint8Array.from(key).reverse()
    case 'zero':
      return new Uint8Array(key.length)
    case 'xor':
    case 'custom': {
      const other = fromHex(c.hex)
      return key.map((b, i) => (c.how === 'xor' ? b : 0) ^ other[i % other.length]!)
    }
  }
}

interface Corrupt {
  readonly as: End // the client run
  readonly to: End
  readonly at: Follower
  readonly corruption: Corruption
  readonly keys: 'enc' | 'mac' | 'both'
  readonly iv: Uint8Array
}

/**
 * A DATA that is right but for the keys. With a wrong MAC key no tag verifies, whatever the keys of the session, so it is
 * raw bytes. With a wrong ENC key alone the tag is right and the receiver decrypts to garbage: that is a seal of just
 * this garbage, without padding. Null: the corruption leaves the keys as they are.
 */
export const corruptedData = (c: Corrupt): Action | null => {
  const [enc, mac] = [c.at.key(0), c.at.key(1)]
  const wrong = {
    enc: c.keys === 'mac' ? enc : corrupted(enc, c.corruption),
    mac: c.keys === 'enc' ? mac : corrupted(mac, c.corruption),
  }
  if (same(wrong.enc, enc) && same(wrong.mac, mac)) return null
  const { dialect } = c.at
  const header: Header = { opcode: OP.DATA, id: c.at.id, round: c.at.round, direction: dialect.directions.c2s }
  const body = writeData(dialect, [1])
  if (!same(wrong.mac, mac))
    return { do: 'inject', to: c.to, hex: toHex(framed(seal(dialect, wrong, header, body, c.iv))) }
  const garbage = aesCbcDecrypt(aesKey(enc), c.iv, aesCbcEncrypt(aesKey(wrong.enc), c.iv, pad(body)))
  const { as, to } = c
  const honest = { opcode: header.opcode, id: 0, round: 0, direction: 1 } as const
  return { do: 'seal', power: 'I', as, under: 'current', to, ...honest, body: toHex(garbage), pad: '' }
}

/** The HELLO of somebody who holds another key than the server has for that id, or for an id that it does not have. */
export const impersonation = (d: Dialect, id: number, key: Uint8Array, to: End, iv: Uint8Array): Action => {
  const start = new Followers(d).start(id, key)
  const header = { opcode: OP.HELLO, id, round: start.round, direction: d.directions.c2s }
  const hello = start.seal('c2s', header, writeHello(d, id), iv)
  return { do: 'inject', to, hex: toHex(framed(hello)) }
}

/** The frame with the last bit of its tag changed, or with this tag. */
const withTag = (frame: Uint8Array, tag: 'broken' | { readonly hex: string }): Uint8Array => {
  const out = Uint8Array.from(frame)
  if (tag === 'broken') out[out.length - 1]! ^= 1
  else out.set(fromHex(tag.hex), out.length - TAG_BYTES)
  return out
}

interface Crafting {
  readonly as: End // whose keys
  readonly to: End
  readonly craft: Craft
  readonly random: (bytes: number) => Uint8Array
}

/** With a valid tag it is a seal, else raw bytes. Null: `as` has no such keys. */
export const crafted = (ledger: PlayLedger, { as, to, craft: c, random }: Crafting): Action | null => {
  const from = ledger.endpoint(as)
  const keys = { current: from?.node, previous: from?.previous, initial: from && ledger.start(from.id!) }[c.keys]
  if (!keys) return null
  const { opcode, id, body } = c
  const expected = ledger.endpoint(to)?.node?.round ?? 0
  const round = c.round.absolute ? c.round.by - expected : c.round.by
  const direction = c.direction ?? (to.side === 'server' ? 1 : 2)
  if (c.tag === 'valid') {
    const pad = c.pad === null ? {} : { pad: c.pad }
    return { do: 'seal', power: 'I', as, under: c.keys, to, opcode, id, round, direction, body, ...pad }
  }
  const made = theirSeal(keys.dialect, { opcode, direction, body }, keys.id)
  const header = { opcode, id: id === 0 ? keys.id : id, round: (expected + round) >>> 0, direction: made.direction }
  const pad = c.pad === null ? undefined : fromHex(c.pad)
  const valid = keys.seal(to.side === 'server' ? 'c2s' : 's2c', header, made.plaintext, random(16), pad)
  return { do: 'inject', to, hex: toHex(framed(withTag(valid, c.tag))) }
}
