/** Mutations that know records: they come, go, change places; each kind has its likely contents; and short inputs anew. */
import type { Rng } from '../../../properties/harness/rng.ts'
import type { Covers } from '../../../spec/language.ts'
import type { Input } from '../../engine/input.ts'
import type { Mutator } from '../../engine/mutators.ts'
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

/** A forged frame; most are right but for one thing. */
const seal = (rng: Rng): Uint8Array => {
  const to = rng.oneIn(4) ? rng.below(7) : rng.below(2)
  const own = { as: rng.below(8), keys: 0, opcode: to === CLIENT ? 1 : 0, header: 0, body: 0, pad: 0, id: 0 }
  const change = (name: keyof typeof own, below: number): void => {
    own[name] = rng.below(below)
  }
  for (let left = rng.pick([0, 1, 1, 1, 2, 3]); left > 0; left--)
    switch (rng.below(8)) {
      case 0:
        own.as = 8 + rng.below(8)
        break
      case 1:
        change('keys', 3)
        break
      case 2:
        change('opcode', 9)
        break
      case 3:
        change('header', 256)
        break
      case 4:
      case 5:
        change('body', 32)
        break
      case 6:
        change('pad', 13)
        break
      case 7:
        change('id', rng.oneIn(2) ? 6 : 256)
        break
    }
  return record('seal', to | (own.as << 4), own.keys, own.opcode, own.header, own.body, own.pad, own.id)
}

const MAKE: Readonly<Record<Kind, (rng: Rng) => Uint8Array>> = {
  pass: (rng) => record('pass', rng.oneIn(4) ? ANOTHER : someEnd(rng), someFrame(rng)),
  edit: (rng) => record('edit', someEnd(rng), someFrame(rng), any(rng), any(rng), any(rng)),
  seal,
  submit: (rng) => record('submit', rng.oneIn(3) ? rng.below(3) : 0, rng.oneIn(2) ? rng.below(3) : rng.below(21)),
  connect: (rng) => record('connect', rng.below(3), rng.oneIn(4) ? 1 : 0),
  converse: (rng) => record('converse', rng.below(3), rng.below(3), rng.below(5)),
  join: (rng) =>
    record(
      'join',
      someEnd(rng),
      someFrame(rng),
      rng.below(21),
      rng.oneIn(2) ? 0 : any(rng),
      rng.oneIn(2) ? 0 : any(rng),
    ),
  inject: (rng) =>
    record(
      'inject',
      someEnd(rng),
      rng.oneIn(2) ? 0 : rng.below(11),
      rng.below(9),
      rng.below(4),
      rng.below(4),
      rng.below(4),
    ),
  finish: (rng) => record('finish', rng.below(2)),
  close: (rng) => record('close', someEnd(rng)),
  failSend: (rng) => record('failSend', someEnd(rng)),
  advance: (rng) => record('advance', rng.below(9)),
  restart: () => record('restart'),
  leak: (rng) => record('leak', someEnd(rng)),
  part: (rng) => record('part', someEnd(rng), someFrame(rng), any(rng)),
  continue: (rng) => record('continue', someEnd(rng), rng.oneIn(4) ? any(rng) : 0),
}

/** How often each kind is made. */
const LIKELY = [
  'pass',
  'pass',
  'pass',
  'pass',
  'pass',
  'submit',
  'submit',
  'submit',
  'seal',
  'seal',
  'seal',
  'seal',
  'edit',
  'edit',
  'edit',
  'connect',
  'connect',
  'converse',
  'join',
  'inject',
  'failSend',
  'leak',
  'advance',
  'close',
  'finish',
  'restart',
  'part',
  'continue',
] as const
true satisfies Covers<Kind, (typeof LIKELY)[number]>

const make = (rng: Rng): Uint8Array => MAKE[rng.pick(LIKELY)](rng)
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
  const [header, body, pad, id] = [0, 0, 0, 0].map((_, i) => (rng.oneIn(3) ? rng.below(i === 0 ? 256 : 32) : 0)) as [
    number,
    number,
    number,
    number,
  ]
  const bytes = record(
    'seal',
    to,
    keys,
    opcode,
    rng.oneIn(4) ? header : 0,
    body,
    pad,
    rng.oneIn(4) ? id : opcode === HELLO ? 1 : 0,
  )
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
  insertRecord,
  insertRecord,
  appendRecord,
  appendRecord,
  appendStep,
  appendParts,
  replaceRecord,
  replaceRecord,
  deleteRecord,
  repeatRecord,
  swapRecords,
  setField,
  setField,
  setSetting,
  setOpening,
]
