/** Frames under the right keys that break a rule: what a client with its own key can send. */
import type { Follower } from '../../../../spec/dialects/follower.ts'
import { writeData, writeGoodbye } from '../../../../spec/dialects/payload.ts'
import type { Header } from '../../../../spec/events.ts'
import { OP } from '../../../../spec/opcodes.ts'
import { ascii, EMPTY, utf8 } from '../../../../spec/reference/bytes.ts'
import { ivOf } from '../../../../spec/reference/frame.ts'
import { countField, numbersOf, saysCount, unreadData } from '../arithmetic.ts'
import { goesOn, gone, leaveFor, strikeInSession, twoInSession, victims } from '../strike.ts'
import type { Session, Trial } from '../trial.ts'
import { about, type Case, failed, type Judged, ok } from '../verdicts.ts'
import { flip, PADDING, PADS } from './altered.ts'

type Make = (t: Trial, s: Session) => Uint8Array

const good = (t: Trial): Uint8Array => writeData(t.dialect, [9])

const withHeader =
  (change: (s: Session) => Partial<Header>): Make =>
  (t, x) =>
    t.seal(x.position, OP.DATA, good(t), change(x))

/** A byte that is no direction here. */
const neither = ({ dialect: { directions } }: Trial): number =>
  [7, 8, 9].find((d) => d !== directions.c2s && d !== directions.s2c)!

const HEADERS: readonly (readonly [string, string, Make, string])[] = [
  ['round-before', 'the round before', withHeader((x) => ({ round: (x.position.round - 1) >>> 0 })), 'A3'],
  ['round-after', 'the round after', withHeader((x) => ({ round: (x.position.round + 1) >>> 0 })), 'A3'],
  // The same to whoever keeps one byte, or two, of it.
  ['round-256-later', 'a round 256 later', withHeader((x) => ({ round: (x.position.round + 0x100) >>> 0 })), 'A3'],
  [
    'round-65536-later',
    'a round 65,536 later',
    withHeader((x) => ({ round: (x.position.round + 0x10000) >>> 0 })),
    'A3',
  ],
  ['round-far', 'round 4,294,967,295', withHeader(() => ({ round: 0xffff_ffff })), 'A3'],
  [
    'other-direction',
    'the direction of the server',
    withHeader((x) => ({ direction: x.position.dialect.directions.s2c })),
    'S2',
  ],
  [
    'unknown-direction',
    'a direction that is neither',
    (t, x) => t.seal(x.position, OP.DATA, good(t), { direction: neither(t) }),
    'S2',
  ],
  ['other-id', 'the id of another client', (t, x) => t.seal(x.position, OP.DATA, good(t), { id: t.y }), 'S2'],
  ['unknown-id', 'an id that nobody has', (t, x) => t.seal(x.position, OP.DATA, good(t), { id: t.stranger }), 'S2'],
]

const headerAdvice =
  'A client may claim another round, direction or id than its session has, and be counted under it. Compare every field of the header with what the session expects before the frame is used.'

const header = ([name, says, make, invariant]: (typeof HEADERS)[number]): Case => ({
  ...about(`insider/${name}`, 'I', invariant, 'PROTOCOL §6'),
  says: `a DATA with a good tag that names ${says} must be refused`,
  advice: headerAdvice,
  play: (t) => strikeInSession(t, ({ x }) => make(t, x)),
})

/** A frame with an opcode that a client never sends in a session; then a DATA under the keys that it would have moved. */
const opcode = (op: number, name: string): Case => ({
  ...about(`insider/opcode-${op}`, 'I', 'S1', 'PROTOCOL §4'),
  says: `a frame with a good tag and opcode ${op} (${name}) must be refused`,
  advice:
    'A frame that no client ever sends is taken, answered or moves the keys. Accept from a client in its session opcodes 30 and 60 only, and end the session on any other.',
  async play(t) {
    const direct = await strikeInSession(t, ({ x }) => t.seal(x.position, op, good(t)))
    if (direct.verdict !== 'ok' || direct.observed !== 'silence') return direct
    const { x, y } = await twoInSession(t)
    const strange = t.seal(x.position, op, good(t))
    const moved = movedBy(t, x, strange)
    x.peer.send(strange)
    await x.peer.hear(Math.min(100, t.manners.patienceMs))
    x.peer.send(t.seal(moved, OP.DATA, good(t)))
    await t.surround(x.peer)
    const r = await t.reaction(x.peer, moved)
    if (r.accepted) return failed(`silence, and the session goes on under keys that moved: ${r.text}`)
    await leaveFor(t, x)
    const hurt = await victims(t, { Y: y })
    return hurt === null ? ok(direct.observed) : { ...failed(hurt), invariant: 'I4' }
  },
})

/** Where the client would be, had the server taken the frame as it takes a DATA: the same IV and ciphertext move its keys. */
const movedBy = (t: Trial, x: Session, frame: Uint8Array): Follower =>
  x.position.after(x.position.sealNext('c2s', OP.DATA, good(t), () => ivOf(frame)))

const pad = (
  name: string,
  says: string,
  rawPad: (free: number) => Uint8Array,
  text: (t: Trial) => Uint8Array = good,
): Case => ({
  ...about(name, 'I', 'C3', 'PROTOCOL §3'),
  says: `a DATA with a good tag ${says} must be refused`,
  advice: PADDING,
  unsupported: (d) => (d.emptyOpcodes.includes(OP.DATA) ? 'DATA has no ciphertext here' : null),
  play: (t) =>
    strikeInSession(t, ({ x }) => t.seal(x.position, OP.DATA, text(t), {}, rawPad(16 - (text(t).length % 16)))),
})

const PADDINGS: readonly Case[] = [
  pad('insider/padding-zero', 'whose padding is all zeros', PADS.zero),
  pad('insider/padding-17', 'whose padding is longer than a block', PADS[17]),
  pad('insider/padding-inconsistent', 'whose padding differs in its first byte', PADS.inconsistent),
  {
    ...pad(
      'insider/no-ciphertext',
      'and no ciphertext at all',
      () => EMPTY,
      () => EMPTY,
    ),
    advice: 'A frame without ciphertext stops whatever looks for its last byte. Refuse what is shorter than 71 bytes.',
  },
]

const payload = (
  name: string,
  says: string,
  text: (t: Trial) => Uint8Array,
  advice: string,
  skip?: Case['unsupported'],
): Case => ({
  ...about(`payload/${name}`, 'I', 'G5', 'PROTOCOL §5'),
  says: `a DATA that says ${says} must be refused`,
  advice,
  unsupported: (d) => unreadData(d) ?? skip?.(d) ?? null,
  play: (t) => strikeInSession(t, ({ x }) => t.seal(x.position, OP.DATA, text(t))),
})

const numberAdvice =
  'One client makes the aggregate of everybody NaN, infinite or wrong. Accept finite numbers in the range of the dialect only, written the one way that clients write them, and end the session on anything else.'
const needsText: Case['unsupported'] = (d) => (numbersOf(d).text ? null : 'numbers are not decimal text here')
const needsFloats: Case['unsupported'] = (d) => (numbersOf(d).floats ? null : 'values are integers here')
const float = (x: number) => (t: Trial) =>
  t.dialect.data === 'counted-f64'
    ? Uint8Array.of(0, 1, ...new Uint8Array(Float64Array.of(x).buffer).reverse())
    : numbersOf(t.dialect).text
      ? saying(Number.isNaN(x) ? 'nan' : x === Infinity ? 'inf' : String(x))(t)
      : writeData(t.dialect, [x])

/** A DATA whose number is written as this word. */
const saying =
  (word: string) =>
  (t: Trial): Uint8Array =>
    numbersOf(t.dialect).text
      ? ascii((utf8(writeData(t.dialect, [7_777])) ?? '').replace(/7777(\.0+)?/, word))
      : ascii(word)

const countAdvice =
  'A number of the sender says how much is read, beyond the end or not at all. Refuse a DATA whose length is not that of the values it announces, computed in a type that holds it.'
const needsCount =
  (fits: (c: NonNullable<ReturnType<typeof countField>>) => boolean): NonNullable<Case['unsupported']> =>
  (d) => {
    const counted = countField(d)
    return counted !== null && fits(counted) ? null : 'nothing says how many values there are, or in too many bytes'
  }

const PAYLOADS = [
  payload('nan', 'NaN', float(Number.NaN), numberAdvice, needsFloats),
  payload('infinity', 'infinity', float(Number.POSITIVE_INFINITY), numberAdvice, needsFloats),
  payload('huge', '1e301', float(1e301), numberAdvice, needsFloats),
  payload('underscore', '1_000', saying('1_000'), numberAdvice, needsText),
  payload('hexadecimal', '0x1F', saying('0x1F'), numberAdvice, needsText),
  payload('3000-digits', 'an integer of 3,000 digits', saying('7'.repeat(3_000)), numberAdvice, (d) =>
    numbersOf(d).text && !numbersOf(d).floats ? null : 'values are no decimal integers here',
  ),
  payload(
    'empty',
    'nothing',
    () => EMPTY,
    'A DATA without a value stops the server or is counted. Refuse it as any other bad payload, and let no lock or thread be lost on the way.',
  ),
  payload('no-number', '"abc"', saying('abc'), numberAdvice),
  payload('one-byte', 'one byte 01', () => Uint8Array.of(1), numberAdvice),
  payload(
    'count-more',
    'two values and has one',
    (t) => saysCount(t.dialect, 2),
    countAdvice,
    needsCount(() => true),
  ),
  payload(
    'count-wraps',
    'so many values that their length is that of one, counted in too few bits,',
    (t) => {
      const { count, value } = countField(t.dialect)!
      return saysCount(t.dialect, 1 + 2 ** (8 * count) / value)
    },
    countAdvice,
    needsCount(({ count, value }) => count <= 4 && value > 1),
  ),
  payload('trailing', 'a number, then bytes ff 00', (t) => Uint8Array.of(...good(t), 0xff, 0), numberAdvice),
]

/** Whatever begins with 50 or 60 is never answered, or two ends could answer each other for ever. */
const CONTROL: readonly Case[] = [
  {
    ...about('insider/terminate', 'I', 'S5', 'PROTOCOL §6'),
    says: 'a valid TERMINATE ends the session, without an answer',
    advice:
      'A last frame that is answered can be answered again, and tells an attacker that the session lived. Close the connection on a valid TERMINATE and send nothing.',
    async play(t): Promise<Judged> {
      const { x, y } = await twoInSession(t)
      x.peer.send(t.seal(x.position, OP.TERMINATE, writeGoodbye(t.dialect) ?? Uint8Array.of(0)))
      const r = await t.reaction(x.peer, x.position)
      if (r.frame !== null) return failed(`it is answered: ${r.text}`)
      if (!(await t.alive())) return gone(t, r.text)
      const on = await goesOn(t, x, r)
      await leaveFor(t, x)
      const hurt = await victims(t, { Y: y })
      if (hurt !== null) return failed(`${r.text}; ${hurt}`)
      return on ? failed(`${r.text}; the session goes on after its last frame`) : ok(r.text)
    },
  },
  {
    ...about('insider/hello-after-end', 'I', 'S3', 'PROTOCOL §1'),
    says: 'a connection whose session ended, with a valid 50 or 60 or a bad tag, has ended: a good HELLO on it is not answered',
    advice:
      'Whoever ends a session gets fresh keys and round 0 where they were, past every limit on connections. Close the connection with its session, and derive no key anew on it.',
    async play(t): Promise<Judged> {
      const seen: string[] = []
      const end = (op: number) => (x: Session) => t.seal(x.position, op, writeGoodbye(t.dialect) ?? Uint8Array.of(0))
      const badTag = (x: Session) => flip(-1)(t.dataOf(x, [9]))
      for (const [what, make] of [
        ['50', end(OP.DESYNC)],
        ['60', end(OP.TERMINATE)],
        ['a bad tag', badTag],
      ] as const) {
        const x = await t.login(t.x)
        x.peer.send(make(x))
        const r = await t.reaction(x.peer, x.position)
        const again = r.open ? await t.greet(t.start(t.x), t.helloOf(t.x), x.peer) : r.text
        if (typeof again !== 'string') return failed(`${what}: ${r.text}; a good HELLO after it is answered`)
        seen.push(again)
        t.leave(x)
      }
      return ok(seen.join(', '))
    },
  },
  {
    ...about('altered/control-opcode', 'K', 'S5', 'PROTOCOL §6'),
    says: 'junk whose first byte is 50 or 60 is not answered',
    advice:
      'An answer to an error frame lets an attacker make two ends talk for ever, and tells it of the session. Send nothing in answer to a frame whose opcode is 50 or 60.',
    async play(t): Promise<Judged> {
      const seen: string[] = []
      for (const op of [OP.DESYNC, OP.TERMINATE]) {
        const { x, y } = await twoInSession(t)
        const junk = t.dataOf(x, [9]).map((b, i) => (i === 0 ? t.byteOf(op) : i > 22 ? b ^ 0x5a : b))
        x.peer.send(junk)
        const r = await t.reaction(x.peer, x.position)
        if (r.frame !== null) return failed(`${op}: ${r.text}`)
        await leaveFor(t, x)
        const hurt = await victims(t, { Y: y })
        if (hurt !== null) return failed(`${op}: ${r.text}; ${hurt}`)
        seen.push(r.text)
        t.leave(y)
      }
      return ok(seen.join(', '))
    },
  },
]

export const INSIDER: readonly Case[] = [
  ...HEADERS.map(header),
  opcode(OP.CHALLENGE, 'CHALLENGE'),
  opcode(OP.RESPONSE, 'AGGR_RESPONSE'),
  opcode(OP.DESYNC, 'KEY_DESYNC_ERROR'),
  opcode(99, 'unknown'),
  opcode(OP.HELLO, 'HELLO, in a session'),
  ...PADDINGS,
  ...PAYLOADS,
  ...CONTROL,
]
