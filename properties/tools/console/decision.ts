/** What somebody in the middle decides about one frame, in words: pass, drop, duplicate, delay, or an edit. */
import type { Edit, Field, Region } from '../../../spec/language.ts'
import type { Parsed } from '../../harness/schedule-file.ts'
import type { Menu } from './prompter.ts'

export type Decision =
  | { readonly do: 'pass' | 'drop' | 'duplicate' | 'rest' } // rest: pass this one and all that follow
  | { readonly do: 'delay'; readonly ms: number | null } // null: not said
  | { readonly do: 'edit'; readonly edit: Edit }

export const EDIT_USAGE = `flip PART POS [XOR]   a byte of header, iv, ciphertext, tag or length; XOR in hex (default 01)
set FIELD VALUE       opcode, id, round or direction of the header
cut BYTES             keep the first BYTES bytes
extend HEX            append bytes after the tag`

export const DECISION_USAGE = `pass                  as it is
drop                  never
duplicate             twice
delay [MS]            later
${EDIT_USAGE}`

const REGIONS: readonly string[] = ['header', 'iv', 'ciphertext', 'tag', 'length']
const FIELDS: readonly string[] = ['opcode', 'id', 'round', 'direction']
const EDITS: readonly string[] = ['flip', 'set', 'cut', 'extend']

const bad = (why: string): Parsed<never> => ({ kind: 'bad', why })
const shown = (word: string | undefined): string => (word === undefined ? 'nothing' : JSON.stringify(word))

/** A whole number from 0 to `most`, or what is wrong with it. */
export const count = (name: string, word: string | undefined, most: number): Parsed<number> =>
  word !== undefined && /^\d+$/.test(word) && Number(word) <= most
    ? { kind: 'ok', value: Number(word) }
    : bad(`${name}: expected a whole number from 0 to ${most}, got ${shown(word)}`)

/** Bytes in hex, lower case. */
export const hexWord = (name: string, word: string | undefined): Parsed<string> =>
  word !== undefined && /^([0-9a-f]{2})+$/i.test(word)
    ? { kind: 'ok', value: word.toLowerCase() }
    : bad(`${name}: expected pairs of hex digits, got ${shown(word)}`)

export const noMore = (words: readonly string[]): Parsed<null> =>
  words.length === 0 ? { kind: 'ok', value: null } : bad(`expected nothing more, got ${shown(words.join(' '))}`)

/** An edit in words, the first of which says which. */
export const parseEdit = (words: readonly string[]): Parsed<Edit> => {
  const [what, first, second, third] = words
  const rest = noMore(words.slice(what === 'flip' ? 4 : what === 'set' ? 3 : 2))
  if (rest.kind === 'bad') return rest
  switch (what) {
    case 'flip': {
      if (!REGIONS.includes(first ?? '')) return bad(`flip: expected one of ${REGIONS.join(', ')}, got ${shown(first)}`)
      const pos = count('flip: position', second, 4_166)
      const xor = hexWord('flip: XOR', third ?? '01')
      if (pos.kind === 'bad') return pos
      if (xor.kind === 'bad') return xor
      if (xor.value.length !== 2 || xor.value === '00') return bad(`flip: XOR: expected 01..ff, got ${shown(third)}`)
      const at = first as Region | 'length'
      return { kind: 'ok', value: { do: 'flip', at, pos: pos.value, xor: Number.parseInt(xor.value, 16) } }
    }
    case 'set': {
      if (!FIELDS.includes(first ?? '')) return bad(`set: expected one of ${FIELDS.join(', ')}, got ${shown(first)}`)
      const value = count(`set ${first}`, second, first === 'round' ? 0xffffffff : 255)
      if (value.kind === 'bad') return value
      return { kind: 'ok', value: { do: 'set', field: first as Field, value: value.value } }
    }
    case 'cut': {
      const bytes = count('cut', first, 4_166)
      return bytes.kind === 'bad' ? bytes : { kind: 'ok', value: { do: 'truncate', bytes: bytes.value } }
    }
    case 'extend': {
      const hex = hexWord('extend', first)
      return hex.kind === 'bad' ? hex : { kind: 'ok', value: { do: 'extend', hex: hex.value } }
    }
    default:
      return bad(`expected an edit (${EDITS.join(', ')}), got ${shown(what)}`)
  }
}

const LONGEST_DELAY_MS = 60_000

/** `words`: not empty. Null: the first word is no decision. */
export const parseDecision = (words: readonly string[]): Parsed<Decision> | null => {
  const [what, ...more] = words
  switch (what) {
    case 'pass':
    case 'drop':
    case 'duplicate':
    case 'rest': {
      const rest = noMore(more)
      return rest.kind === 'bad' ? rest : { kind: 'ok', value: { do: what } }
    }
    case 'delay': {
      if (more.length === 0) return { kind: 'ok', value: { do: 'delay', ms: null } }
      const ms = count('delay: milliseconds', more[0], LONGEST_DELAY_MS)
      const rest = noMore(more.slice(1))
      if (ms.kind === 'bad') return ms
      return rest.kind === 'bad' ? rest : { kind: 'ok', value: { do: 'delay', ms: ms.value } }
    }
    default: {
      if (!EDITS.includes(what ?? '')) return null
      const edit = parseEdit(words)
      return edit.kind === 'bad' ? edit : { kind: 'ok', value: { do: 'edit', edit: edit.value } }
    }
  }
}

type Entry = Menu['entries'][number]

const place: Entry['fields'][number] = {
  ask: 'choice',
  question: 'Which part?',
  choices: REGIONS.map((value) => ({ value, label: value })),
}

/** The edits as entries of a menu. */
export const EDIT_ENTRIES: readonly Entry[] = [
  {
    words: ['flip'],
    label: 'modify a byte',
    fields: [
      place,
      { ask: 'text', question: 'Which byte of it, from 0?', initial: '0' },
      { ask: 'text', question: 'XOR with (hex)?', initial: '01' },
    ],
  },
  {
    words: ['set'],
    label: 'set a header field',
    fields: [
      { ask: 'choice', question: 'Which field?', choices: FIELDS.map((value) => ({ value, label: value })) },
      { ask: 'text', question: 'To which value?', initial: '1' },
    ],
  },
  { words: ['cut'], label: 'cut it short', fields: [{ ask: 'text', question: 'Keep how many bytes?', initial: '70' }] },
  { words: ['extend'], label: 'append bytes', fields: [{ ask: 'text', question: 'Which (hex)?', initial: '00' }] },
]

/** The decisions as entries of a menu; `timed`: a delay is so many milliseconds. */
export const decisionEntries = (timed: boolean): readonly Entry[] => [
  { words: ['pass'], label: 'pass it on', fields: [] },
  ...EDIT_ENTRIES,
  { words: ['drop'], label: 'drop it', fields: [] },
  { words: ['duplicate'], label: 'pass it on twice', fields: [] },
  {
    words: ['delay'],
    label: 'delay it',
    fields: timed ? [{ ask: 'text', question: 'By how many ms?', initial: '1000' }] : [],
  },
]
