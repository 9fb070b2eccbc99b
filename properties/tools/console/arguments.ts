/** The kinds of words that follow verbs; last, the edits of the schedule language, which are verbs of their own too. */
import type { Edit, End, Field, Region } from '../../../spec/language.ts'
import { parseNumbers } from '../../../src/cli/terminal.ts'
import { UsageError } from '../../harness/terminal/options.ts'
import type { Choice } from './surroundings.ts'
import {
  type Arg,
  among,
  arg,
  asChoices,
  countFrom,
  endFrom,
  entry,
  hexFrom,
  type Now,
  oneFrom,
  refused,
  shown,
  text,
  type Words,
} from './words.ts'

const anywhere = (now: Now): readonly Choice[] => [
  ...now.connections,
  { value: 'new', label: 'new  a new connection' },
  ...now.runs,
]

/** Where something goes: an endpoint, or a new connection to the server. */
export type Place = End | 'new'

const placeFrom = (about: string, word: string | undefined): Place => (word === 'new' ? 'new' : endFrom(about, word))

const valuesFrom = (w: Words, text: string): readonly number[] => {
  const values = parseNumbers(text)
  if (values.kind === 'ok') return values.values
  throw new UsageError(`${w.verb}: ${values.problem}`)
}

/** A client id of the keyring. */
export const ID = arg(
  'ID',
  (w) => {
    const id = countFrom(w.verb, w.take(), 255)
    if (id === 0) throw refused(w.verb, '1..255', '0')
    return id
  },
  (now) => among('Which client?', asChoices(now.clients.map(String))),
)

/** Any client id, also of a client without a key. */
export const ANY_ID: Arg<number> = { ...ID, ask: () => [text('Which id?', '1')] }

export const ROUNDS = arg(
  '[VALUES ...]',
  (w): readonly (readonly number[])[] => w.takeAll().map((t) => valuesFrom(w, t)),
  text('Values to submit, one group a round, such as 10,20 30 (none: it only connects)?', ''),
)

export const VALUES = arg('VALUES', (w) => valuesFrom(w, w.takeAll().join('')), text('Values?', '10,20'))

export const RUN = arg(
  'cN',
  (w) => {
    const end = endFrom(w.verb, w.next)
    if (end.side === 'server') throw refused(w.verb, 'a client such as c0', shown(w.next))
    w.take()
    return end
  },
  (now) => among('Which client?', now.runs),
)

export const CONNECTION = arg(
  'END',
  (w) => endFrom(w.verb, w.take()),
  (now) => among('Which?', now.connections),
)

export const FRAME = arg(
  'fN',
  (w) => {
    const name = w.take()
    if (name === undefined) throw refused(w.verb, 'a frame such as f0', 'nothing')
    return name
  },
  (now) => among('Which frame?', now.frames),
)

export const PLACE = arg(
  'END',
  (w) => placeFrom(w.verb, w.take()),
  (now) => among('Where to?', anywhere(now)),
)

/** Null: where it goes by itself. The word `to` may be left out. */
export const TO = arg(
  '[to END]',
  (w): Place | null => {
    if (w.next === 'to') w.take()
    else if (w.next === undefined) return null
    return placeFrom('to', w.take())
  },
  (now) =>
    among(
      'Where to?',
      anywhere(now).map((c) => ({ ...c, value: `to ${c.value}` })),
    ),
)

/** What becomes of a key; `hex` is repeated to its length. */
export type Corruption = { readonly how: 'reverse' | 'zero' } | { readonly how: 'xor' | 'custom'; readonly hex: string }

const WITH = [text('With (hex)?', '5a')]

export const CORRUPTION = arg(
  'HOW',
  (w): Corruption => {
    const how = oneFrom(w.verb, w.take(), ['reverse', 'zero', 'xor', 'custom'])
    return how === 'reverse' || how === 'zero' ? { how } : { how, hex: hexFrom(`${w.verb}: ${how}`, w.take()) }
  },
  among('How?', [
    ...asChoices(['reverse', 'zero']),
    ...asChoices(['xor', 'custom']).map((c) => ({ ...c, questions: WITH })),
  ]),
)

const KEYS = ['both', 'enc', 'mac'] as const
export const WHICH_KEYS = arg(
  '[KEYS]',
  (w) => (w.next === undefined ? 'both' : oneFrom(w.verb, w.take(), KEYS)),
  among('Which keys?', asChoices(KEYS)),
)

export const ROUNDS_OFF = arg(
  '+N|-N',
  (w) => {
    const by = w.take()
    if (!/^[+-]\d{1,9}$/.test(by ?? '') || Number(by) === 0)
      throw refused(w.verb, 'how many rounds off, such as +1 or -1', shown(by))
    return Number(by)
  },
  text('How many rounds off?', '+1'),
)

export const MASTER_KEY = arg(
  'KEY',
  (w) => {
    const hex = hexFrom(`${w.verb}: key`, w.take())
    const bytes = hex.length / 2
    if (bytes < 16 || bytes > 64) throw refused(`${w.verb}: key`, '16..64 bytes (§1)', String(bytes))
    return hex
  },
  text('Under which key (hex, 16..64 bytes)?', '00'.repeat(32)),
)

export const HEX = arg('HEX', (w) => hexFrom(w.verb, w.take()), text('Which (hex)?', '00000000'))

const LONGEST_DELAY_MS = 60_000

/** Null: not said. */
export const DELAY: Arg<number | null> = {
  usage: '[MS]',
  read: (w) => (w.next === undefined ? null : countFrom(`${w.verb}: milliseconds`, w.take(), LONGEST_DELAY_MS)),
  ask: (now) => (now.timed ? [text('By how many ms?', '1000')] : []),
}

export const FILE = arg(
  'FILE',
  (w) => {
    if (w.next === undefined) throw refused(w.verb, 'a file', 'nothing')
    return w.takeAll().join(' ')
  },
  text('File?', 'attack.json'),
)

// edits

const REGIONS = ['header', 'iv', 'ciphertext', 'tag', 'length'] as const satisfies readonly (Region | 'length')[]
const FIELDS = ['opcode', 'id', 'round', 'direction'] as const satisfies readonly Field[]
const LONGEST = 4_166 // bytes of a frame but one (PROTOCOL §2)

const FLIP = arg<Edit>(
  'PART POS [XOR]',
  (w) => {
    const at = oneFrom('flip', w.take(), REGIONS)
    const pos = countFrom('flip: position', w.take(), LONGEST)
    const word = w.next === undefined || w.next === 'to' ? '01' : w.take()
    const xor = hexFrom('flip: XOR', word)
    if (xor.length !== 2 || xor === '00') throw refused('flip: XOR', '01..ff', shown(word))
    return { do: 'flip', at, pos, xor: Number.parseInt(xor, 16) }
  },
  among('Which part?', asChoices(REGIONS)),
  text('Which byte of it, from 0?', '0'),
  text('XOR with (hex)?', '01'),
)

const SET = arg<Edit>(
  'FIELD VALUE',
  (w) => {
    const field = oneFrom('set', w.take(), FIELDS)
    return { do: 'set', field, value: countFrom(`set ${field}`, w.take(), field === 'round' ? 0xffffffff : 255) }
  },
  among('Which field?', asChoices(FIELDS)),
  text('To which value?', '1'),
)

const CUT = arg<Edit>(
  'BYTES',
  (w) => ({ do: 'truncate', bytes: countFrom('cut', w.take(), LONGEST) }),
  text('Keep how many bytes?', '70'),
)

const EXTEND = arg<Edit>('HEX', (w) => ({ do: 'extend', hex: hexFrom('extend', w.take()) }), text('Which (hex)?', '00'))

/** By verb; `says` as in verbs.ts. */
export const EDITS = {
  flip: { edit: FLIP, says: 'change a byte of its header, iv, ciphertext, tag or length\n(XOR in hex, default 01)' },
  set: { edit: SET, says: 'set opcode, id, round or direction in its header' },
  cut: { edit: CUT, says: 'keep its first BYTES bytes' },
  extend: { edit: EXTEND, says: 'append bytes after its tag' },
} as const satisfies Record<string, { readonly edit: Arg<Edit>; readonly says: string }>

const VERBS = Object.entries(EDITS)

/** Null: unchanged. Whoever says `modify` must say how. */
export const EDIT = arg<Edit | null>(
  '[EDIT]',
  (w) => {
    const [, found] = VERBS.find(([verb]) => verb === w.next) ?? []
    if (found === undefined && w.verb !== 'modify') return null
    if (found === undefined)
      throw new UsageError(`expected an edit (${Object.keys(EDITS).join(', ')}), got ${shown(w.next)}`)
    w.take()
    return found.edit.read(w)
  },
  (now) =>
    among('Changed?', [
      { value: '', label: 'as it was' },
      ...VERBS.map(([verb, { edit, says }]) => entry(verb, says, edit.ask(now))),
    ]),
)
