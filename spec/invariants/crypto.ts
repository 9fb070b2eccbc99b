/** C and KAT: what is accepted, opened and sealed, and under which keys. */
import type { KeyId, View } from '../events.ts'
import { endName } from '../events.ts'
import { define, plus, violated } from './invariant.ts'

export const C1 = define<null>({
  id: 'C1',
  says: 'no altered frame is accepted',
  needs: ['accepted', 'delivered'],
  witness: {
    says: 'an altered frame was delivered',
    floor: 1_600,
    hit: (e) => e.on === 'delivered' && e.origin === 'altered' && e.frame !== null,
  },
  step: (s, e, l) =>
    e.on === 'accepted' && l.senders(e.frame).length === 0
      ? violated(
          `${endName(e.at)} accepted a frame that nobody sent (opcode ${e.header.opcode}, round ${e.header.round})`,
        )
      : s,
})

export const C2 = define<null>({
  id: 'C2',
  says: 'AES never runs on a frame whose full 32-byte tag has not verified',
  needs: ['primitive', 'rejected'],
  witness: {
    says: 'a frame passed every check before the tag and failed at the tag',
    floor: 210,
    hit: (e) => e.on === 'rejected' && e.reason === 'bad-tag',
  },
  step(s, e, l) {
    if (e.on !== 'primitive' || e.op !== 'decrypt') return s
    if (e.during === null) return violated(`${endName(e.at)} decrypted bytes that are no delivered ciphertext`)
    return l.verifies(e.during, e.at) ? s : violated(`${endName(e.at)} decrypted a frame whose tag does not verify`)
  },
})

export const C3 = define<null>({
  id: 'C3',
  says: 'PKCS#7 is checked strictly on every frame that is accepted, whatever its opcode',
  needs: ['accepted', 'rejected'],
  witness: {
    says: 'a frame under a valid tag was rejected for its padding',
    floor: 100,
    hit: (e) => e.on === 'rejected' && e.reason === 'bad-padding',
  },
  step(s, e, l) {
    if (e.on !== 'accepted') return s
    const sent = l.senders(e.frame)
    return sent.length > 0 && sent.every((x) => x.by === null && x.body.kind === 'sealed') && l.verifies(e.frame, e.at)
      ? violated(`${endName(e.at)} accepted opcode ${e.header.opcode} with padding that is not PKCS#7`)
      : s
  },
})

/** C4: the IVs seen so far. Of an endpoint that draws its own, that none comes twice; not whence it was drawn. */
export const C4 = define<ReadonlySet<string>>({
  id: 'C4',
  says: 'every frame has an IV of its own, drawn freshly from the generator of its sender',
  needs: ['sent'],
  witness: {
    says: 'the IV of a sent frame was looked at',
    floor: 50_000,
    hit: (e) => e.on === 'sent' && e.iv !== undefined,
  },
  start: new Set(),
  step(seen, e, l) {
    if (e.on !== 'sent' || e.iv === undefined) return seen
    if (e.iv.drawn === false) return violated(`${endName(e.at)} sent an IV that is none of its random draws`)
    if (l.rngRepeats) return seen
    return seen.has(e.iv.value) ? violated(`${endName(e.at)} sent an IV that was used before`) : plus(seen, e.iv.value)
  },
})

const KINDS = ['C2S-ENC', 'C2S-MAC', 'S2C-ENC', 'S2C-MAC'] as const

/** C5: key value -> the one place it belongs to. */
export const C5 = define<ReadonlyMap<KeyId, string>>({
  id: 'C5',
  says: 'every key value belongs to one kind, one client, one round and (bound) one session',
  needs: ['committed'],
  // In `literal` only within what the formulas distinguish: sessions share S2C-MAC by design (PROTOCOL §9 row 6).
  witness: {
    says: 'the keys of an ACTIVE session were compared with all others',
    floor: 70_000,
    hit: (e) => e.on === 'committed' && e.view.phase === 'ACTIVE' && e.view.keys !== null,
  },
  start: new Map(),
  step(seen, e, l) {
    if (e.on !== 'committed' || e.view.keys === null) return seen
    const { before, view } = e
    if (before?.keys === view.keys && before.round === view.round && before.phase === view.phase) return seen
    const f = l.facts(e.at)
    const where = (kind: string): string => {
      if (view.phase === 'INIT') {
        // PROTOCOL §4: the hello step sets all four apart from those of any other session
        return `${kind} of client ${view.id} in the handshake${l.mode === 'bound' ? ` of ${f?.hello}` : ''}`
      }
      const session = l.mode === 'bound' ? ` of session ${f?.hello}/${f?.challenge}` : ''
      return `${kind} of client ${view.id} in round ${view.round}${session}`
    }
    let fresh: Map<KeyId, string> | null = null
    for (const [i, kind] of KINDS.entries()) {
      const key = (view.keys as View['keys'] & object)[i]!
      const place = where(kind)
      const known = (fresh ?? seen).get(key)
      if (known !== undefined && known !== place) return violated(`one key serves as ${known} and as ${place}`)
      if (known === undefined) {
        fresh ??= new Map(seen)
        fresh.set(key, place)
      }
    }
    return fresh ?? seen
  },
})

const sameKeys = (a: View['keys'], b: View['keys']): boolean =>
  a === null || b === null ? a === b : a.every((k, i) => k === b[i])

export const KAT = define<null>({
  id: 'KAT',
  says: 'every frame, initial key and evolved key equals the independent reference’s',
  needs: ['sent', 'committed'],
  asks: ['bytes'],
  witness: {
    says: 'the keys of a session were compared with the reference',
    floor: 90_000,
    hit: (e) => e.on === 'committed' && e.view.keys !== null,
  },
  step(s, e, l) {
    if (e.on === 'sent') {
      const expected = l.facts(e.at)?.expected ?? null
      if (e.body.kind === 'sealed' || e.body.kind === 'opaque')
        return violated(
          `${endName(e.at)} sent a frame (opcode ${e.header.opcode}) ${e.body.kind === 'sealed' ? 'that no key of the reference opens' : 'whose plaintext is no payload of PROTOCOL §5'}`,
        )
      const direction = e.at.side === 'client' ? 1 : 2 // PROTOCOL §2
      if (e.header.direction !== direction) return violated(`${endName(e.at)} sent direction ${e.header.direction}`)
      if (expected !== null && e.header.id !== expected.id)
        return violated(`${endName(e.at)} sent client id ${e.header.id}`)
      return s
    }
    if (e.on !== 'committed' || e.view.phase === 'TERMINATED') return s
    const expected = l.facts(e.at)?.expected
    if (!expected) return violated(`${endName(e.at)} has a session where the reference has none`)
    if (expected.round !== e.view.round)
      return violated(`${endName(e.at)} is in round ${e.view.round}, the reference in ${expected.round}`)
    if (sameKeys(expected.keys, e.view.keys)) return s
    const wrong = KINDS.filter((_, i) => expected.keys?.[i] !== e.view.keys?.[i])
    return violated(`${endName(e.at)} holds another ${wrong.join(', ')} than the reference in round ${e.view.round}`)
  },
})
