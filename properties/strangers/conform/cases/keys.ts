/** Keys and IVs: what a tag may be made with, and what must not come twice. */
import { happens } from '../../../../spec/dialects/dialect.ts'
import { opcodeIn } from '../../../../spec/dialects/opcodes.ts'
import { writeData } from '../../../../spec/dialects/payload.ts'
import { tagOver } from '../../../../spec/dialects/sealing.ts'
import { OP } from '../../../../spec/opcodes.ts'
import { concat, toHex } from '../../../../spec/reference/bytes.ts'
import { HEADER_BYTES, IV_BYTES, ivOf, TAG_BYTES } from '../../../../spec/reference/frame.ts'
import { blame, gone, leaveFor, strikeInSession, twoInSession, victims } from '../strike.ts'
import { Prerequisite, type Session, type Trial } from '../trial.ts'
import { about, type Case, failed, inconclusive, ok } from '../verdicts.ts'

const tagged = (t: Trial, frame: Uint8Array, key: Uint8Array): Uint8Array => {
  const before = frame.subarray(0, -TAG_BYTES)
  return concat(before, tagOver(t.dialect, key, before))
}

const refused = (name: string, says: string, advice: string, of: Pick<Case, 'class'>, make: Make): Case => ({
  ...of,
  id: `keys/${name}`,
  invariant: 'C1',
  clause: 'PROTOCOL §3',
  says: `${says} must be refused`,
  advice,
  play: (t) => strikeInSession(t, ({ x }) => make(t, x)),
})
type Make = (t: Trial, x: Session) => Uint8Array

const TRIES = 4_096 // one tag in 256 begins with 00: all but one play in nine million find one

const TAGS: readonly Case[] = [
  refused(
    'zero',
    'a genuine DATA with a tag under the all-zero key',
    'Anybody can make a tag that passes. Let no key be used before it is derived, and none after it has been wiped.',
    { class: 'K' },
    (t, x) => tagged(t, t.dataOf(x, [9]), new Uint8Array(t.dialect.macKeyBytes)),
  ),
  {
    ...refused(
      'initial',
      'a DATA in a session, sealed under the initial keys,',
      'Keys that have moved still open the door, so that whoever learns old ones is in. Forget a key when the next one is made.',
      { class: 'I' },
      (t, x) => t.seal(t.start(x.id), OP.DATA, writeData(t.dialect, [9]), { round: x.position.round }),
    ),
    unsupported: ({ binding, evolves: { c2s } }) =>
      binding === 'bound' || happens(c2s.on, OP.HELLO, false) || happens(c2s.on, OP.DATA, true)
        ? null
        : 'the keys of clients never move here',
  },
  refused(
    'tag-after-nul',
    'a DATA whose tag begins with a byte 00 and is another behind it',
    'One tag in 256 passes for all that begin like it, so tags are guessed. Compare all 32 bytes, as bytes and no text that ends at 00.',
    { class: 'K' },
    (t, x) => {
      for (let i = 0; i < TRIES; i++) {
        const frame = t.dataOf(x, [9])
        if (frame.at(-TAG_BYTES) === 0) return frame.map((b, at) => (at > frame.length - TAG_BYTES ? b ^ 0x5a : b))
      }
      throw new Prerequisite(`no tag of ${TRIES} begins with 00`)
    },
  ),
]

/** Which the last answer, sent again, would show as well as a new one. */
const PREVIOUS: Case = {
  ...about('keys/previous', 'I', 'R6', 'PROTOCOL §4'),
  says: 'a DATA that names its round, sealed under the keys of the one before, must be refused',
  advice: 'Keys that have moved still open the door. Forget a key when the next one is made, and resend no answer.',
  unsupported: ({ evolves: { c2s } }) =>
    happens(c2s.on, OP.DATA, true) ? null : 'a DATA moves no key of clients here',
  async play(t) {
    const { x, y } = await twoInSession(t)
    const frame = t.seal(x.previous, OP.DATA, writeData(t.dialect, [9]), { round: x.position.round })
    x.peer.send(frame)
    await t.surround(x.peer)
    const r = await t.reaction(x.peer, x.position)
    const answers = r.frame !== null && opcodeIn(t.dialect, r.frame) === OP.RESPONSE
    const old = answers && [x.previous, x.previous.after(x.sent.at(-1)!)].some((at) => at.opens(r.frame!, 's2c').tagOk)
    if (r.accepted || old) return failed(`it is answered: ${r.text}`)
    if (!(await t.alive())) return gone(t, r.text)
    await leaveFor(t, x)
    const hurt = await victims(t, { Y: y })
    return hurt === null ? ok(r.text) : blame(t, r.text, hurt)
  },
}

const ROUNDS = 3
const STILL_BYTES = 10 // that never change, of 16: of so many random IVs, not one does

const FRESH: Case = {
  ...about('keys/fresh-ivs', 'K', 'C4', 'PROTOCOL §2'),
  says: 'no IV of the server occurs twice, nor is one of a client, nor the one before and a little more',
  advice:
    'All freshness rests on IVs that nobody can foretell: equal ones show equal beginnings. Draw 16 bytes from the generator of the system for every frame.',
  async play(t) {
    const { x, y } = await twoInSession(t)
    for (let i = 1; i < ROUNDS; i++) {
      const rounds = await t.together([x, y], [5], [7])
      const lost = rounds.find((r) => !r.answered)
      if (lost !== undefined) throw new Prerequisite(`a round of an honest client: ${lost.text}`)
    }
    const has = (f: Uint8Array): boolean => f.length > HEADER_BYTES + IV_BYTES + TAG_BYTES
    const own = [...x.got, ...y.got].filter(has).map(ivOf)
    if (own.length < 2 * ROUNDS) return inconclusive('too few frames of the server have an IV')
    const names = own.map(toHex)
    if (new Set(names).size < names.length) return failed('an IV of the server occurs twice')
    const sent = [...x.sent, ...y.sent].map((f) => toHex(ivOf(f)))
    if (names.some((n) => sent.includes(n))) return failed('the server repeats an IV of a client')
    const still = own[0]!.filter((byte, i) => own.every((iv) => iv[i] === byte)).length
    return still >= STILL_BYTES ? failed(`${still} of 16 bytes never change`) : ok(`${own.length} IVs, all different`)
  },
}

const CHALLENGES = 3

/** Without a binding it is all that is fresh in the keys of the server; with one, the IV of its frame is. */
const FRESH_CHALLENGE: Case = {
  ...about('keys/fresh-challenge', 'K', 'C5', 'PROTOCOL §5'),
  says: 'no two CHALLENGEs hold the same',
  advice:
    'The keys of the server are the same in every session of a client, so that answers of one pass in another. Put 16 bytes from the generator of the system into every CHALLENGE.',
  unsupported({ binding, challenge, emptyOpcodes }) {
    if (binding === 'bound') return 'keys are bound to the whole frame here'
    if (emptyOpcodes.includes(OP.CHALLENGE)) return 'CHALLENGE has no ciphertext here'
    const isSaid = typeof challenge === 'object' && ('literal' in challenge || 'timed' in challenge)
    return isSaid ? 'a CHALLENGE holds a text or the time here' : null
  },
  async play(t) {
    const seen = new Set<string>()
    for (let i = 0; i < CHALLENGES; i++) {
      const at = t.start(t.x)
      const x = await t.login(t.x)
      seen.add(toHex(at.after(x.hello).opens(x.got[0]!, 's2c').plaintext!))
      await leaveFor(t, x)
    }
    return seen.size < CHALLENGES ? failed(`${seen.size} of ${CHALLENGES} are different`) : ok('all are different')
  },
}

export const KEYS: readonly Case[] = [...TAGS, PREVIOUS, FRESH, FRESH_CHALLENGE]
