/** Streams, errors and numbers: what a server owes to everybody. */
import { setTimeout as pause } from 'node:timers/promises'
import { isPrefixed } from '../../../../spec/dialects/dialect.ts'
import type { Follower } from '../../../../spec/dialects/follower.ts'
import { writeData } from '../../../../spec/dialects/payload.ts'
import { enframe } from '../../../../spec/dialects/stream.ts'
import { OP } from '../../../../spec/opcodes.ts'
import { ascii, concat, EMPTY, toHex, utf8 } from '../../../../spec/reference/bytes.ts'
import { MAX_FRAME } from '../../../../spec/reference/frame.ts'
import { MAX_VALUES } from '../../../../spec/reference/payload.ts'
import { groupsBy } from '../../groups.ts'
import { numbersOf, unreadData } from '../arithmetic.ts'
import { badlySealed, goesOn, gone, isAsked, leaveFor, strikeElsewhere, twoInSession, victims } from '../strike.ts'
import { Prerequisite, type Reaction, type Trial } from '../trial.ts'
import { about, type Case, type Class, failed, inconclusive, informational, type Judged, ok } from '../verdicts.ts'
import { prefixes } from './altered.ts'
import { NUMBERS } from './sums.ts'

const streamAdvice =
  'TCP has no messages: a client behind a slow or busy link loses its session for nothing. Collect bytes until a frame is whole, and keep what follows it.'
const prefixAdvice =
  'A few bytes reserve memory or hold a connection for ever. Refuse a length outside of what a frame can have as soon as its four bytes are there.'

const WRONG_LENGTHS = prefixes<Trial>(prefixAdvice, (t, bytes) =>
  strikeElsewhere(t, async () => {
    const peer = await t.open()
    peer.raw(bytes)
    const r = await t.reaction(peer, t.start(t.x))
    const text = `the connection stays open for a frame of that length (${r.text})`
    return r.open ? { ...r, accepted: true, text } : r
  }),
)

const PIECES: Case = {
  ...about('stream/in-pieces', 'A', 'L1', 'PROTOCOL §2'),
  says: 'a HELLO and a DATA that arrive in three pieces, the first of one byte, are answered',
  advice: streamAdvice,
  async play(t): Promise<Judged> {
    const hello = t.helloOf(t.x)
    const peer = await t.open()
    const inPieces = async (frame: Uint8Array, at: Follower): Promise<Reaction> => {
      const bytes = enframe(t.dialect.framing, frame)
      for (const [from, to] of [[0, 1], [1, 30], [30]]) {
        if (from! > 0) await pause(60)
        peer.raw(bytes.subarray(from, to))
      }
      return t.reaction(peer, at)
    }
    const greeted = t.start(t.x).after(hello)
    const r = await inPieces(hello, greeted)
    if (!r.accepted) return failed(`a HELLO in three pieces, 60 ms apart: ${r.text}`)
    const x = greeted.after(r.frame!)
    await t.surround(peer)
    const data = t.seal(x, OP.DATA, writeData(t.dialect, [9]))
    const second = await inPieces(data, x.after(data))
    return second.accepted ? ok('both are answered') : failed(`a DATA in three pieces, 60 ms apart: ${second.text}`)
  },
}

const TOGETHER: Case = {
  ...about('stream/two-in-one-piece', 'A', 'L1', 'PROTOCOL §2'),
  says: 'a DATA is answered though the next frame arrives with it',
  advice: streamAdvice,
  async play(t): Promise<Judged> {
    const x = await t.login(t.x)
    await t.surround(x.peer)
    const data = t.dataOf(x, [9])
    const next = enframe(t.dialect.framing, data).subarray(0, 20) // a bad one would end a session that answers late
    x.peer.raw(concat(enframe(t.dialect.framing, data), next))
    const r = await t.reaction(x.peer, x.position)
    return r.accepted ? ok('answered') : failed(`a DATA and part of the next frame in one piece: ${r.text}`)
  },
}

const ONE_ONLY = 'two values are refused as well: a submission is one number'

/**
 * Decimals with commas look like one decimal where nobody typed two: what a file says of that may be a guess. True where
 * honest clients are not served any more: that is no refusal of two.
 */
const takesTwo = async (t: Trial): Promise<boolean> => {
  const pair = await twoInSession(t).catch((e: unknown) => {
    if (e instanceof Prerequisite) return null
    throw e
  })
  if (pair === null) return true
  const { x, y } = pair
  const [r] = await t.together([x, y], [3, 4], [7])
  return r!.answered
}

/** As long as PROTOCOL §5 lets it be, where a submission may hold so many values, and the dialect so long a frame. */
const LONG: Case = {
  ...about('stream/long-data', 'A', 'L1', 'PROTOCOL §5'),
  says: 'a DATA with as many values as one may have is answered, and they all count',
  advice:
    'Whoever has much to say is not heard: a read that gives less than it was asked for is taken for the whole. Read until the length is reached, allow frames of 4,167 bytes, and add up every value.',
  unsupported: (d) => unreadData(d) ?? (numbersOf(d).many ? null : 'a submission is one number here'),
  async play(t): Promise<Judged> {
    const { x, y } = await twoInSession(t)
    const { framing } = t.dialect
    const most = isPrefixed(framing) ? Math.min(framing.max, MAX_FRAME) : MAX_FRAME
    let count = MAX_VALUES
    const values = (): number[] => Array.from({ length: count }, (_, i) => i % 10)
    while (t.dataOf(x, values()).length > most) count >>= 1
    const [r] = await t.together([x, y], values(), [7])
    if (!r!.answered) {
      if (!(await t.alive())) return gone(t, `${count} values: ${r!.text}`)
      return (await takesTwo(t)) ? failed(`${count} values: ${r!.text}`) : informational(ONE_ONLY)
    }
    return r!.right === false
      ? { ...failed(`the answer to ${count} values is wrong: ${r!.text}`, 'I'), invariant: 'G1' }
      : ok(`${count} values: answered`)
  },
}

/** Served: who is in a session, and who comes. */
const blocking = (what: string, says: string, bytes: (t: Trial) => Uint8Array): Case => ({
  ...about(`stream/${what}-blocks-nobody`, 'A', 'L1', 'PROTOCOL §7'),
  says: `while ${says} on one connection, the others are served, and who comes gets in`,
  advice:
    'One slow connection stops everybody. Serve connections independently: no blocking read, no lock held while reading.',
  async play(t) {
    const { x, y } = await twoInSession(t)
    t.judgesNumbers = false // who comes now is in another round
    await leaveFor(t, y)
    const peer = await t.open()
    const sent = bytes(t)
    if (sent.length > 0) peer.raw(sent)
    await pause(100) // Y has left, and the server has taken the connection
    const back = await t.greet(t.start(t.y), t.helloOf(t.y), await t.open())
    if (typeof back === 'string') return failed(`the HELLO of a client that comes: ${back}`)
    if (!isAsked(t)) return ok('who comes gets in; whether the others go on was not judged')
    const hurt = await victims(t, { X: x, Y: back })
    return hurt === null ? ok('the others are served') : failed(hurt)
  },
})

/** What a bad frame met; `on`: the session goes on. */
interface Met {
  readonly cause: string
  readonly r: Reaction
  readonly on: boolean
  /** What the answer holds. */
  readonly holds: string
}

const CODE_BYTES = 2

/** What of a plaintext is the same for the same cause: words, or a code; of numbers in text nobody knows. */
const wordsOf = (plaintext: Uint8Array | null): string => {
  if (plaintext === null) return ''
  const text = utf8(plaintext)
  if (text !== null && /^[ -~]+$/.test(text)) return `, “${text.replace(/[0-9a-f]{8,}|\d+/gi, '#')}”`
  return plaintext.length > CODE_BYTES ? '' : `, ${toHex(plaintext)}`
}

/** Bad frames of X by cause, each in a session of its own. */
const reactions = async (
  t: Trial,
  causes: readonly (readonly [
    string,
    (
      t: Trial,
      p: { readonly data: Uint8Array; readonly seal: (text: Uint8Array, pad?: Uint8Array) => Uint8Array },
    ) => Uint8Array,
  ])[],
): Promise<readonly Met[]> => {
  const seen: Met[] = []
  for (const [cause, make] of causes) {
    const { x, y } = await twoInSession(t)
    const seal = (text: Uint8Array, pad?: Uint8Array) => t.seal(x.position, OP.DATA, text, {}, pad)
    x.peer.send(make(t, { data: t.dataOf(x, [9]), seal }))
    await t.surround(x.peer)
    const r = await t.reaction(x.peer, x.position)
    const holds = r.frame === null ? '' : wordsOf(x.position.opens(r.frame, 's2c').plaintext)
    seen.push({ cause, r, holds, on: !r.accepted && (await goesOn(t, x, r)) })
    await leaveFor(t, x)
    await leaveFor(t, y)
  }
  return seen
}

/** `read`: by whoever has the key, so that what an answer holds counts as well. */
const alike = (all: readonly Met[], read: boolean): Judged => {
  const seen = all.filter(({ r }) => !r.accepted)
  if (seen.length === 0) return inconclusive('all of them are accepted, which other cases judge')
  const texts = groupsBy(seen, ({ r, holds }) => (read ? r.text + holds : r.text))
  const said = [...texts].map(([text, met]) => `${met.map((m) => m.cause).join(', ')}: ${text}`).join('; ')
  return texts.size === 1 ? ok(said) : failed(said)
}

const at = (i: number, mask: number) => (t: Trial, p: { readonly data: Uint8Array }) =>
  i === 0 ? t.withOpcode(p.data, (op) => op ^ mask) : p.data.with(i, p.data.at(i)! ^ mask)

const uniformAdvice =
  'The reaction tells which check failed, which is an oracle for whoever alters frames. Check the tag first, and answer every cause with one and the same frame and a close.'

const endAdvice =
  'Whoever alters frames may try as often as they like, and each try tells them something. End the session on the first frame that fails, whatever fails in it.'

const ending = (seen: readonly Met[]): Judged => {
  const on = seen.filter((m) => m.on).map((m) => m.cause)
  return on.length === 0 ? ok('it ends') : failed(`it goes on after ${on.join(', ')}`)
}

type Causes = Parameters<typeof reactions>[1]

const errors = (whom: string, as: Class, says: string, causes: Causes, ofPayloads: Causes = []): readonly Case[] => {
  const common = { class: as, clause: 'PROTOCOL §6' }
  const all = (t: Trial): Causes => (unreadData(t.dialect) === null ? [...causes, ...ofPayloads] : causes)
  return [
    {
      ...common,
      id: `errors/alike-${whom}`,
      invariant: 'O1',
      says: `${says} meet the same reaction`,
      advice: uniformAdvice,
      play: async (t) => alike(await reactions(t, all(t)), as === 'I'),
    },
    {
      ...common,
      id: `errors/end-${whom}`,
      invariant: 'S4',
      says: `each of ${says} ends the session`,
      advice: endAdvice,
      play: async (t) => ending(await reactions(t, all(t))),
    },
  ]
}

const ERRORS: readonly Case[] = [
  ...errors('without-key', 'K', 'changed tag, round, direction, id, opcode and ciphertext', [
    ['bad tag', at(-1, 1)],
    ['a lower round', at(5, 3)],
    ['a higher round', at(4, 1)],
    ['direction', at(6, 3)],
    ['ciphertext', at(30, 1)],
    ['client id', at(1, 2)],
    ['unknown opcode', at(0, 0x40)],
  ]),
  ...errors(
    'for-insiders',
    'I',
    'a bad tag, bad padding and a payload that is none',
    [
      ['bad tag', at(-1, 1)],
      ['bad padding', (u, p) => p.seal(writeData(u.dialect, [9]), new Uint8Array(16))],
    ],
    [
      ['no number', (_, p) => p.seal(ascii('abc'))],
      ['one byte', (_, p) => p.seal(Uint8Array.of(1))],
    ],
  ),
  {
    ...about('errors/sealed', 'K', 'O3', 'PROTOCOL §6'),
    says: 'an error frame is sealed under the current keys of its session',
    advice:
      'Anybody can forge the error frame, or tell it from others. Seal it under the current server keys of the session, or send none.',
    async play(t) {
      const [{ r }] = (await reactions(t, [['bad tag', at(-1, 1)]])) as [Met]
      if (r.frame === null) return ok(`no frame: ${r.text}`)
      return badlySealed(t, r) || r.under === 'initial' ? failed(r.text) : ok(r.text)
    },
  },
]

const SERVED: Case = {
  ...about('robust/after-empty-and-junk', 'A', 'L1', 'PROTOCOL §7'),
  says: 'after 200 connections with junk, X and Y are served',
  advice: 'Junk from anybody wears the server out. Free everything a connection holds when it ends.',
  async play(t) {
    const { x, y } = await twoInSession(t)
    for (let i = 0; i < 200; i++) {
      const peer = await t.open()
      peer.raw(t.bytes(1 + (i % 90)))
      peer.leave()
    }
    if (!(await t.alive())) return gone(t, '')
    const hurt = await victims(t, { X: x, Y: y })
    return hurt === null ? ok('both are served') : failed(hurt)
  },
}

export const WORLD: readonly Case[] = [
  PIECES,
  TOGETHER,
  LONG,
  blocking('half-frame', 'half a frame hangs', (t) => enframe(t.dialect.framing, t.helloOf(t.y)).subarray(0, 20)),
  blocking('silence', 'nothing comes', () => EMPTY),
  ...WRONG_LENGTHS,
  ...ERRORS,
  ...NUMBERS,
  SERVED,
]
