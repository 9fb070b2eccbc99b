/** Mutations that know records: they come, go, change places; each kind has its likely contents; and short inputs anew. */
import type { Rng } from '../../../properties/harness/world/rng.ts'
import type { Input, Mutator } from '../../engine/input.ts'
import { OPENINGS, SETTINGS } from '../state/openings.ts'
import { HEAD, type Kind, MAX_BYTES, RECORD, record, recordsOf } from './codec.ts'

// Into the tables of codec.ts.
const [SERVER, CLIENT, ANOTHER] = [0, 1, 2]
const NEWEST = 0
const HELLO = 2 // has no session whose id it could take

const any = (rng: Rng): number => rng.below(256)
/** Mostly the newest endpoint of either side. */
const someEnd = (rng: Rng): number => (rng.oneIn(3) ? rng.below(11) : rng.below(2))
const someFrame = (rng: Rng): number => (rng.oneIn(2) ? NEWEST : rng.below(20))

/** One thing about a forged frame that is not as it should be. */
const WRONGS: readonly (readonly [
  'as' | 'keys' | 'opcode' | 'header' | 'body' | 'pad' | 'id',
  (rng: Rng) => number,
])[] = [
  ['as', (rng) => 8 + rng.below(8)],
  ['keys', (rng) => rng.below(3)],
  ['opcode', (rng) => rng.below(9)],
  ['header', any],
  ['body', (rng) => rng.below(32)],
  ['body', (rng) => rng.below(32)],
  ['pad', (rng) => rng.below(13)],
  ['id', (rng) => rng.below(rng.oneIn(2) ? 6 : 256)],
]

/** A forged frame; most are right but for one thing. */
const seal = (rng: Rng): Uint8Array => {
  const to = rng.oneIn(4) ? rng.below(7) : rng.below(2)
  const own = { as: rng.below(8), keys: 0, opcode: to === CLIENT ? 1 : 0, header: 0, body: 0, pad: 0, id: 0 }
  for (let left = rng.pick([0, 1, 1, 1, 2, 3]); left > 0; left--) {
    const [name, wrong] = rng.pick(WRONGS)
    own[name] = wrong(rng)
  }
  return record('seal', to | (own.as << 4), own.keys, own.opcode, own.header, own.body, own.pad, own.id)
}

const cutBy = (rng: Rng): number => (rng.oneIn(2) ? 0 : any(rng))
const lengthBy = (rng: Rng): number => (rng.oneIn(2) ? 0 : rng.below(11))
const fieldsBy = (rng: Rng): readonly number[] => [rng.below(4), rng.below(4), rng.below(4)]

/** How often each kind is made, in the order in which they are drawn from, and its likely contents. */
const MAKE: Readonly<Record<Kind, readonly [times: number, make: (rng: Rng) => Uint8Array]>> = {
  pass: [5, (rng) => record('pass', rng.oneIn(4) ? ANOTHER : someEnd(rng), someFrame(rng))],
  submit: [3, (rng) => record('submit', rng.oneIn(3) ? rng.below(3) : 0, rng.oneIn(2) ? rng.below(3) : rng.below(21))],
  seal: [4, seal],
  edit: [3, (rng) => record('edit', someEnd(rng), someFrame(rng), any(rng), any(rng), any(rng))],
  connect: [2, (rng) => record('connect', rng.below(3), rng.oneIn(4) ? 1 : 0)],
  converse: [1, (rng) => record('converse', rng.below(3), rng.below(3), rng.below(5))],
  join: [1, (rng) => record('join', someEnd(rng), someFrame(rng), rng.below(21), cutBy(rng), cutBy(rng))],
  inject: [1, (rng) => record('inject', someEnd(rng), lengthBy(rng), rng.below(9), ...fieldsBy(rng))],
  failSend: [1, (rng) => record('failSend', someEnd(rng))],
  leak: [1, (rng) => record('leak', someEnd(rng))],
  advance: [1, (rng) => record('advance', rng.below(9))],
  close: [1, (rng) => record('close', someEnd(rng))],
  finish: [1, (rng) => record('finish', rng.below(2))],
  restart: [1, () => record('restart')],
  part: [1, (rng) => record('part', someEnd(rng), someFrame(rng), any(rng))],
  continue: [1, (rng) => record('continue', someEnd(rng), rng.oneIn(4) ? any(rng) : 0)],
}
const LIKELY = Object.values(MAKE).flatMap(([times, one]) => Array.from({ length: times }, () => one))

const make = (rng: Rng): Uint8Array => rng.pick(LIKELY)(rng)
/** Where the nth record begins. */
const at = (n: number): number => HEAD + n * RECORD
const someRecord = (input: Input, rng: Rng): number => rng.below(recordsOf(input.bytes))

const insertRecord: Mutator = (input, rng) => {
  if (input.length < HEAD) input.resize(HEAD)
  input.insert(at(rng.below(recordsOf(input.bytes) + 1)), make(rng))
}

const appendRecord: Mutator = (input, rng) => {
  input.resize(at(recordsOf(input.bytes)))
  if (input.length < MAX_BYTES) input.insert(input.length, make(rng))
}

/** One honest step further: a newcomer, a request, or a frame passed on to whoever waits for it. */
const step = (rng: Rng): readonly Uint8Array[] => {
  switch (rng.below(6)) {
    case 0:
      return [record('connect', rng.below(3)), record('pass', rng.oneIn(3) ? someEnd(rng) : ANOTHER, NEWEST)]
    case 1:
    case 2:
      return [record('submit', 0, 0)]
    default:
      return [record('pass', rng.oneIn(2) ? SERVER : CLIENT, NEWEST)]
  }
}

const appendStep: Mutator = (input, rng) => {
  input.resize(at(recordsOf(input.bytes)))
  for (const r of step(rng)) if (input.length < MAX_BYTES) input.insert(input.length, r)
}

/** A frame cut between two actions, and what another connection gets in between, in part or whole. */
const appendParts: Mutator = (input, rng) => {
  input.resize(at(recordsOf(input.bytes)))
  const [one, other] = rng.oneIn(2) ? [SERVER, rng.pick([3, 5, 7])] : [rng.pick([3, 5, 7]), SERVER]
  const part = (to: number): Uint8Array => record('part', to, someFrame(rng), any(rng))
  const between = rng.oneIn(2) ? part(other) : record('pass', other, someFrame(rng))
  for (const r of [part(one), between, record('continue', one)])
    if (input.length < MAX_BYTES) input.insert(input.length, r)
}

const replaceRecord: Mutator = (input, rng) => input.write(at(someRecord(input, rng)), make(rng))
const deleteRecord: Mutator = (input, rng) => input.delete(at(someRecord(input, rng)), RECORD)
const repeatRecord: Mutator = (input, rng) => {
  const bytes = input.copyOf(at(someRecord(input, rng)), RECORD)
  input.insert(at(rng.below(recordsOf(input.bytes) + 1)), bytes)
}
const swapRecords: Mutator = (input, rng) => {
  const [i, j] = [at(someRecord(input, rng)), at(someRecord(input, rng))]
  const [a, b] = [input.copyOf(i, RECORD), input.copyOf(j, RECORD)]
  input.write(i, b)
  input.write(j, a)
}

/** One field of one record. */
const setField: Mutator = (input, rng) =>
  input.put(at(someRecord(input, rng)) + 1 + rng.below(RECORD - 1), rng.oneIn(2) ? rng.below(16) : any(rng))

/** Situations in which a forged frame passes every check before those of its content: opening, to, keys, opcode. */
const SITUATIONS: readonly (readonly [opening: number, to: number, keys: number, opcode: number])[] = [
  [0, ANOTHER, 2, HELLO], // on a new connection
  [2, CLIENT, 0, 3], // CHALLENGE
  ...[3, 6, 8, 9].flatMap((o) => [[o, SERVER, 0, 0] as const, [o, SERVER, 0, 5] as const]), // DATA, TERMINATE
  ...[4, 5, 10].flatMap((o) => [1, 1, 4, 5].map((opcode) => [o, CLIENT, 0, opcode] as const)), // response, DESYNC, TERMINATE
]
const INSIDERS = SETTINGS.flatMap((c, i) => (c.setup.insiders.length > 0 ? [i] : []))

/** A new, short input: one forged frame with one thing wrong, and perhaps a step after it. */
const forgeAnew: Mutator = (input, rng) => {
  const [opening, to, keys, opcode] = rng.pick(SITUATIONS)
  const perhaps = (below: number): number => (rng.oneIn(3) ? rng.below(below) : 0)
  const [header, body, pad, id] = [perhaps(256), perhaps(32), perhaps(32), perhaps(32)]
  const first = [to, keys, opcode, rng.oneIn(4) ? header : 0, body, pad]
  const bytes = record('seal', ...first, rng.oneIn(4) ? id : opcode === HELLO ? 1 : 0)
  input.resize(0)
  input.insert(0, Uint8Array.of(rng.pick(INSIDERS), opening, ...bytes))
  if (rng.oneIn(3)) appendStep(input, rng)
}

/** A new, short input: some steps and records from somewhere on. */
const beginAnew: Mutator = (input, rng) => {
  input.resize(0)
  input.insert(0, Uint8Array.of(rng.below(SETTINGS.length), rng.below(OPENINGS.length)))
  for (let left = rng.between(1, 4); left > 0; left--) (rng.oneIn(2) ? appendStep : appendRecord)(input, rng)
}

const setSetting: Mutator = (input, rng) => input.put(0, rng.below(SETTINGS.length))
const setOpening: Mutator = (input, rng) => input.put(1, rng.below(OPENINGS.length))

export const ANEW: readonly Mutator[] = [forgeAnew, forgeAnew, forgeAnew, beginAnew, beginAnew]

export const SEQUENCE_MUTATORS: readonly Mutator[] = [
  ...[insertRecord, insertRecord, appendRecord, appendRecord, appendStep, appendParts],
  ...[replaceRecord, replaceRecord, deleteRecord, repeatRecord, swapRecords],
  ...[setField, setField, setSetting, setOpening],
]
