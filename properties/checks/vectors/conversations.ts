/** Valid conversations: what is said in them. The reference says how. */
import type { Mode } from '../../../spec/language.ts'
import { ascii, concat, toUtf8, u32 } from '../../../spec/reference/bytes.ts'
import { sha256 } from '../../../spec/reference/primitives.ts'
import type { ConversationJson } from './format.ts'
import { Recorder } from './recorder.ts'

/** `length` bytes that look random and are the same for ever. */
export const masterOf = (id: number, length: number): Uint8Array =>
  concat(sha256(concat(ascii('vectors'), u32(id))), sha256(concat(ascii('more'), u32(id)))).subarray(0, length)

interface Script {
  readonly name: string
  readonly says: string
  readonly masters?: ReadonlyMap<number, Uint8Array> // default: those of client 1
  readonly challenge?: Uint8Array // default: fresh
  play(s: Recorder): void
}

/** PROTOCOL §1: master keys of 16..64 bytes, ids of 1..255. */
const THREE = new Map([
  [1, masterOf(1, 16)],
  [2, masterOf(2, 32)],
  [255, masterOf(255, 64)],
])
const ONE = new Map([[1, masterOf(1, 32)]])
const count = (n: number): number[] => Array.from({ length: n }, (_, i) => i / 4 - 5)

/** Text of so many bytes of UTF-8, not all of them ASCII. */
const textOf = (bytes: number): Uint8Array => {
  const wide = toUtf8('Grüße, 測試 ✓ ')
  return bytes < wide.length
    ? ascii('0123456789abcdefghij'.slice(0, bytes))
    : concat(wide, new Uint8Array(bytes - wide.length).fill(0x2e))
}

const EXAMPLE: Script = {
  name: 'example',
  says: 'PROTOCOL §8: three clients, several rounds each, with master keys of 16, 32 and 64 bytes; all end gracefully',
  masters: THREE,
  play(s) {
    const one = s.connect(1)
    s.exchange(one, [10, 20])
    const two = s.connect(2)
    s.exchange(two, [30, 40])
    const last = s.connect(255)
    s.exchange(last, [-0.5])
    for (const [n, values] of [
      [two, [1, 2, 3]],
      [one, [0.25]],
      [last, [7]],
      [one, [5, 5]],
    ] as const)
      s.exchange(n, values)
    for (const n of [one, last, two]) s.leave(n)
  },
}

/** Both texts of the same length, so that the plaintexts have every remainder mod 16, none and the most bytes included. */
const LENGTHS: readonly Script[] = [...Array(18).keys(), 254, 255].map((n) => ({
  name: `texts-of-${n}-bytes`,
  says: `HELLO and CHALLENGE with ${n} bytes of text`,
  masters: new Map([[9, masterOf(n, 16 + (n % 49))]]),
  challenge: textOf(n),
  play(s) {
    s.exchange(s.connect(9, textOf(n)), [n])
  },
}))

const MARKED: Script = {
  name: 'texts-with-a-byte-order-mark',
  says: 'a byte order mark is part of the text',
  challenge: toUtf8('\ufeffwho is there?'),
  play: (s) => void s.connect(1, toUtf8('\ufeffone')),
}

const VALUES: Script = {
  name: 'values',
  says: 'the least and the most values, extreme ones, and sums that only exact addition gets right',
  masters: THREE,
  play(s) {
    const one = s.connect(1)
    s.exchange(one, [1e300, -1e300, 0.1])
    s.exchange(one, [-0])
    s.exchange(one, [Number.MIN_VALUE, -2.5e-308])
    s.exchange(one, [1e15, 0.1, -1e15])
    s.exchange(one, count(510))
    s.exchange(one, count(511))
    // Two more submit for rounds 1 and 2: in another order, and a sum that lies half way between two doubles.
    const two = s.connect(2)
    s.exchange(two, [2 ** 53, 1])
    s.exchange(two, [-Number.MIN_VALUE])
    const last = s.connect(255)
    s.exchange(last, [Number.MIN_VALUE, 1e300])
  },
}

const ROUNDS: readonly Script[] = [
  {
    name: 'rounds-around-16-bits',
    says: 'from round 0xFFFE to 0x10001',
    play(s) {
      const n = s.connect(1)
      s.exchange(n, [1])
      s.continueIn(n, 0xfffe)
      for (const value of [2, 3, 4]) s.exchange(n, [value])
      s.leave(n)
    },
  },
  {
    name: 'rounds-around-8-and-24-bits',
    says: 'from round 0xFF to 0x101, and from 0xFFFFFF to 0x1000001',
    play(s) {
      const n = s.connect(1)
      s.continueIn(n, 0xff)
      for (const value of [1, 2]) s.exchange(n, [value])
      s.continueIn(n, 0xffffff)
      for (const value of [3, 4]) s.exchange(n, [value])
    },
  },
  {
    name: 'the-last-round',
    says: 'round 0xFFFFFFFF cannot be left: DATA is neither counted nor answered, the server sends TERMINATE',
    play(s) {
      const n = s.connect(1)
      s.continueIn(n, 0x7fffffff)
      for (const value of [1, 2]) s.exchange(n, [value])
      s.continueIn(n, 0xfffffffd)
      for (const value of [3, 4]) s.exchange(n, [value])
      s.submit(n, [5])
      s.pass(n, 'server')
      s.pass(n, 'client')
    },
  },
  {
    name: 'leaving-in-the-last-round',
    says: 'a client may still say TERMINATE in round 0xFFFFFFFF',
    play(s) {
      const n = s.connect(1)
      s.continueIn(n, 0xffffffff)
      s.leave(n)
    },
  },
]

const SESSIONS: readonly Script[] = [
  {
    name: 'superseded',
    says: 'a second session of client 1 confirms and supersedes the first, whose values are withdrawn',
    masters: THREE,
    play(s) {
      const [old, other] = [s.connect(1), s.connect(2)]
      s.exchange(old, [100])
      s.exchange(other, [1])
      const young = s.connect(1)
      s.exchange(young, [10])
      s.pass(old, 'client') // the TERMINATE
      s.exchange(young, [20])
      s.leave(other)
      s.exchange(young, [30])
    },
  },
  {
    name: 'five-half-open-sessions',
    says: 'at most 4 unconfirmed sessions of an id: the fifth HELLO ends the oldest with TERMINATE',
    play(s) {
      const five = [1, 1, 1, 1, 1].map((id) => s.connect(id))
      s.pass(five[0]!, 'client')
      s.exchange(five[1]!, [1])
    },
  },
  {
    name: 'the-oldest-hello-gives-way',
    says: 'the oldest of them is the one whose HELLO came first, not the connection that was opened first',
    play(s) {
      const five = [1, 1, 1, 1, 1].map((id) => s.start(id))
      for (const n of [five[2]!, five[0]!, five[1]!, five[4]!, five[3]!]) {
        s.pass(n, 'server')
        s.pass(n, 'client')
      }
      s.pass(five[2]!, 'client') // the TERMINATE
      s.exchange(five[0]!, [1])
    },
  },
  {
    name: 'key-desync',
    says: 'a damaged DATA is answered with KEY_DESYNC_ERROR under the keys as they were, which the client accepts; starting again works',
    play(s) {
      const n = s.connect(1)
      s.exchange(n, [1])
      s.submit(n, [2])
      s.receive(n, 'server', s.newest(n, 'client').with(-1, s.newest(n, 'client').at(-1)! ^ 1))
      s.pass(n, 'client')
      s.exchange(s.connect(1), [3])
    },
  },
]

const FAMILIES: readonly { readonly name: string; readonly about: string; readonly scripts: readonly Script[] }[] = [
  {
    name: 'sessions',
    about: 'whole sessions: several clients and rounds, and how sessions end',
    scripts: [EXAMPLE, ...SESSIONS],
  },
  { name: 'lengths', about: 'HELLO and CHALLENGE texts of every length mod 16', scripts: [...LENGTHS, MARKED] },
  { name: 'values', about: 'values, and their aggregates', scripts: [VALUES] },
  { name: 'rounds', about: 'rounds near the ends of 8, 16, 24 and 32 bits', scripts: ROUNDS },
]

const played = (script: Script, mode: Mode): ConversationJson => {
  const recorder = new Recorder({ masters: ONE, challenge: null, ...script, mode })
  script.play(recorder)
  return recorder.conversation()
}

/** The families, and what is played in each. */
export const conversations = (mode: Mode) =>
  FAMILIES.map(({ name, about, scripts }) => ({ name, about, conversations: scripts.map((s) => played(s, mode)) }))
