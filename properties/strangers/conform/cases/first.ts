/** First frames: what a connection may begin with, and what an attacker learns from it. */
import { opcodeIn } from '../../../../spec/dialects/opcodes.ts'
import { writeHello } from '../../../../spec/dialects/payload.ts'
import { OP } from '../../../../spec/opcodes.ts'
import { strikeElsewhere } from '../strike.ts'
import type { Reaction, Trial } from '../trial.ts'
import { about, type Case, failed, informational, type Judged, ok } from '../verdicts.ts'
import { flip, PADS } from './altered.ts'

/** A first frame on a connection of its own. */
const first = async (t: Trial, frame: Uint8Array, id = t.x): Promise<Reaction> => {
  const peer = await t.open()
  peer.send(frame)
  return t.reaction(peer, t.start(id).after(frame))
}

/** Bytes of the length of a HELLO that nobody sealed, under this opcode and id. */
const junk = (t: Trial, opcode: number, id: number): Uint8Array => {
  const like = t.helloOf(t.x)
  const bytes = t.bytes(like.length)
  bytes.set(like.subarray(0, 7))
  bytes[0] = t.byteOf(opcode)
  bytes[1] = id
  return bytes
}

const refused = (
  name: string,
  says: string,
  c: Pick<Case, 'class' | 'invariant' | 'advice'>,
  make: (t: Trial) => Uint8Array,
): Case => ({
  id: `first/${name}`,
  clause: 'PROTOCOL §6',
  says: `${says} as first frame must be refused, and hurt nobody`,
  ...c,
  play: (t) => strikeElsewhere(t, async () => first(t, make(t))),
})

const KEYLESS = {
  class: 'K',
  invariant: 'I2',
  advice:
    'Anybody who can connect throws a client out of its session, or gets one in its name. Touch no session before the tag of a HELLO has been verified, and replace an old one only when the new one has sent a good DATA.',
} as const
const SEALED = {
  class: 'I',
  invariant: 'S1',
  advice:
    'A conversation begins with what is no HELLO, so the challenge is skipped. Accept opcode 10, round and direction of a HELLO only, on a connection without a session.',
} as const

const zeroPadded = (t: Trial): Uint8Array => {
  const text = writeHello(t.dialect, t.x)
  return t.seal(t.start(t.x), OP.HELLO, text, {}, PADS.zero(16 - (text.length % 16)))
}
const PADDED = {
  class: 'I',
  invariant: 'C3',
  advice:
    'A HELLO means the same in many forms, and its padding is an oracle. Check it as that of any other frame, before the session begins.',
} as const

const FIRST: readonly Case[] = [
  refused('bad-tag', 'a HELLO with a bad tag', KEYLESS, (t) => flip(-1)(t.helloOf(t.x))),
  refused('junk', 'junk with the opcode of a HELLO and the id of X', KEYLESS, (t) => junk(t, OP.HELLO, t.x)),
  refused('junk-data', 'junk with the opcode of a DATA and the id of X', KEYLESS, (t) => junk(t, OP.DATA, t.x)),
  refused('junk-terminate', 'junk with the opcode of a TERMINATE and the id of X', KEYLESS, (t) =>
    junk(t, OP.TERMINATE, t.x),
  ),
  refused('data', 'a DATA under the initial keys', SEALED, (t) => t.seal(t.start(t.x), OP.DATA, Uint8Array.of(0x37))),
  refused('terminate', 'a TERMINATE under the initial keys', SEALED, (t) =>
    t.seal(t.start(t.x), OP.TERMINATE, Uint8Array.of(0)),
  ),
  refused('response', 'opcode 40 under the initial keys', SEALED, (t) =>
    t.seal(t.start(t.x), OP.RESPONSE, Uint8Array.of(0)),
  ),
  refused('other-round', 'a HELLO of a round 7 later', SEALED, (t) =>
    t.seal(t.start(t.x), OP.HELLO, writeHello(t.dialect, t.x), { round: (t.dialect.startRound + 7) >>> 0 }),
  ),
  {
    ...refused('bad-padding', 'a HELLO with a good tag whose padding is all zeros', PADDED, zeroPadded),
    // A CHALLENGE to it may be bound to the whole HELLO, which no follower takes: that one comes is enough.
    play: (t) =>
      strikeElsewhere(t, async () => {
        const r = await first(t, zeroPadded(t))
        return { ...r, accepted: r.accepted || (r.frame !== null && opcodeIn(t.dialect, r.frame) === OP.CHALLENGE) }
      }),
    unsupported: (d) => (d.emptyOpcodes.includes(OP.HELLO) ? 'HELLO has no ciphertext here' : null),
  },
  refused('other-direction', 'a HELLO in the direction of the server', SEALED, (t) =>
    t.seal(t.start(t.x), OP.HELLO, writeHello(t.dialect, t.x), { direction: t.dialect.directions.s2c }),
  ),
]

const namingY = (t: Trial): Uint8Array => t.seal(t.start(t.x), OP.HELLO, writeHello(t.dialect, t.y), { id: t.y })
const OTHER_ID = refused('other-id', 'a HELLO under the keys of X that names Y', SEALED, namingY)
const other: Case = {
  ...OTHER_ID,
  play: async (t) =>
    t.start(t.y).opens(namingY(t), 'c2s').tagOk ? informational('X and Y have one master key') : OTHER_ID.play(t),
}

const TELLS_IDS: Case = {
  ...about('first/tells-ids', 'K', 'O2', 'PROTOCOL §6'),
  says: 'junk in the name of a known and of an unknown id meets the same reaction',
  advice:
    'Anybody learns which client ids exist, and whether a tag was right. Before there is a session close without a frame, whatever the cause.',
  async play(t) {
    const known = await first(t, junk(t, OP.HELLO, t.x))
    const unknown = await first(t, junk(t, OP.HELLO, t.stranger), t.x)
    const said = (r: Reaction): string => r.text.replace(/ under .*?(?=,|$)/, '')
    if (known.text !== unknown.text) return failed(`known id: ${said(known)}; unknown id: ${said(unknown)}`)
    return known.frame === null ? ok(known.text) : failed(`both: ${said(known)}, where silence is asked for`)
  },
}

const RETRIES: Case = {
  ...about('first/again-after-failure', 'K', 'S4', 'PROTOCOL §6'),
  says: 'a connection whose HELLO was refused has ended: a good HELLO on it is not answered',
  advice:
    'One connection tries as many forged HELLOs as it likes, past every limit on connections. Close the connection on the first frame that is refused.',
  async play(t): Promise<Judged> {
    const peer = await t.open()
    peer.send(flip(-1)(t.helloOf(t.x)))
    const before = await t.reaction(peer, t.start(t.x))
    if (!before.open) return ok(before.text)
    const s = await t.greet(t.start(t.x), t.helloOf(t.x), peer)
    return typeof s === 'string'
      ? ok(`${before.text}; then ${s}`)
      : failed(`${before.text}; a good HELLO after it is answered`)
  },
}

export const FIRST_FRAMES: readonly Case[] = [...FIRST, other, TELLS_IDS, RETRIES]
