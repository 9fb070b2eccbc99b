/** Forging under a valid tag: what an insider, or the owner of leaked keys, can make (ADVERSARY §1, powers I and L). */
import type { Follower } from '../../../spec/dialects/follower.ts'
import type { Event, Header } from '../../../spec/events.ts'
import type { Seal } from '../../../spec/language.ts'
import { hmac } from '../../../spec/reference/primitives.ts'
import { theirSeal } from './foreign.ts'
import type { PlayLedger } from './ledger.ts'
import { stream } from './rng.ts'
import { fromHex, type Wire } from './wire.ts'

/** The keys the adversary may use for this; null where it has no such power over that session. */
const keysFor = (ledger: PlayLedger, a: Seal): Follower | null => {
  const as = ledger.endpoint(a.as)
  if (a.power === 'L') return as?.leaked ?? null
  const id = as?.id ?? a.id
  if (!ledger.insiders.has(id)) return null
  switch (a.under) {
    case 'current':
      return as?.node ?? null
    case 'previous':
      return as?.previous ?? null
    case 'initial':
      return ledger.start(id)
  }
}

/** More bytes behind the ciphertext, and the tag over all of it. */
const withTail = (keys: Follower, direction: 'c2s' | 's2c', frame: Uint8Array, tail: Uint8Array): Uint8Array => {
  const beforeTag = Uint8Array.from([...frame.subarray(0, frame.length - 32), ...tail])
  const mac = keys.keys[direction === 'c2s' ? 1 : 3]!
  return Uint8Array.from([...beforeTag, ...hmac(mac, beforeTag)])
}

/** The frame and the event that names it, its holder counted as its sender; null without the power. */
export const forge = (
  ledger: PlayLedger,
  wire: Wire,
  seed: number,
  a: Seal,
): { readonly action: Seal; readonly bytes: Uint8Array; readonly event: Event } | null => {
  const keys = keysFor(ledger, a)
  if (keys === null) return null
  const to = ledger.endpoint(a.to)
  const direction = a.to.side === 'server' ? 'c2s' : 's2c'
  const { direction: byte, plaintext } = theirSeal(keys.dialect, a, keys.id)
  const header: Header = {
    opcode: a.opcode & 0xff,
    id: (a.id === 0 ? keys.id : a.id) & 0xff,
    round: ((to?.node?.round ?? 0) + a.round) >>> 0,
    direction: byte,
  }
  const iv = stream(seed, `adversary ${JSON.stringify(a)}`)(16)
  const sealed = keys.seal(direction, header, plaintext, iv, a.pad === undefined ? undefined : fromHex(a.pad))
  const bytes = a.tail === undefined ? sealed : withTail(keys, direction, sealed, fromHex(a.tail))
  const { body } = keys.opens(bytes, direction)
  const frame = wire.frameNames.of(bytes)
  const as = ledger.endpoint(a.as)
  const session = { hello: as?.hello ?? null, challenge: as?.challenge ?? null, answers: null }
  const shown = { ...header, direction: a.direction & 0xff }
  ledger.addSender({ by: null, id: keys.id, frame, header: shown, body, ...session, step: ledger.step })
  return { action: a, bytes, event: { on: 'sealed', to: a.to, frame, header: shown, body } }
}
