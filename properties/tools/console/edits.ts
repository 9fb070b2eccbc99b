/** The edits of the schedule language in words: verbs of their own, and arguments of `deliver`. */
import type { Edit, Field, Region } from '../../../spec/language.ts'
import { UsageError } from '../../harness/terminal/options.ts'
import { type Arg, arg, choice, text, words } from './arg.ts'
import { countFrom, hexFrom, oneFrom, refused, shown } from './words.ts'

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
  choice('Which part?', () => words(REGIONS)),
  text('Which byte of it, from 0?', '0'),
  text('XOR with (hex)?', '01'),
)

const SET = arg<Edit>(
  'FIELD VALUE',
  (w) => {
    const field = oneFrom('set', w.take(), FIELDS)
    return { do: 'set', field, value: countFrom(`set ${field}`, w.take(), field === 'round' ? 0xffffffff : 255) }
  },
  choice('Which field?', () => words(FIELDS)),
  text('To which value?', '1'),
)

const CUT = arg<Edit>(
  'BYTES',
  (w) => ({ do: 'truncate', bytes: countFrom('cut', w.take(), LONGEST) }),
  text('Keep how many bytes?', '70'),
)

const EXTEND = arg<Edit>('HEX', (w) => ({ do: 'extend', hex: hexFrom('extend', w.take()) }), text('Which (hex)?', '00'))

interface EditVerb {
  readonly edit: Arg<Edit>
  readonly says: string // in the help
  readonly label: string // in a menu
}

/** By verb. */
export const EDITS = {
  flip: {
    edit: FLIP,
    says: 'a byte of header, iv, ciphertext, tag or length; XOR in hex (default 01)',
    label: 'modify a byte',
  },
  set: { edit: SET, says: 'opcode, id, round or direction of the header', label: 'set a header field' },
  cut: { edit: CUT, says: 'keep the first BYTES bytes', label: 'cut it short' },
  extend: { edit: EXTEND, says: 'append bytes after the tag', label: 'append bytes' },
} as const satisfies Record<string, EditVerb>

const VERBS = Object.entries(EDITS)

/** Null: unchanged. Whoever says `modify` must say how. */
export const EDIT: Arg<Edit | null> = {
  usage: '[EDIT]',
  read(w) {
    const [, found] = VERBS.find(([verb]) => verb === w.next) ?? []
    if (found !== undefined) {
      w.take()
      return found.edit.read(w)
    }
    if (w.verb !== 'modify') return null
    throw new UsageError(`expected an edit (${Object.keys(EDITS).join(', ')}), got ${shown(w.next)}`)
  },
  ways: (now) => [
    { label: 'as it was', fields: [] },
    ...VERBS.flatMap(([verb, { edit, label }]) =>
      edit.ways(now).map(({ fields }) => ({ label, fields: [{ ask: 'fixed', words: [verb] } as const, ...fields] })),
    ),
  ],
}
