/** The edits of the schedule language in words. */
import type { Edit, Field, Region } from '../../../spec/language.ts'
import type { Field as Question } from './prompter.ts'
import { countFrom, hexFrom, oneFrom, refused, shown, type Words } from './words.ts'

const REGIONS = ['header', 'iv', 'ciphertext', 'tag', 'length'] as const satisfies readonly (Region | 'length')[]
const FIELDS = ['opcode', 'id', 'round', 'direction'] as const satisfies readonly Field[]
const LONGEST = 4_166 // bytes of a frame but one (PROTOCOL §2)

interface Spelling {
  readonly usage: string
  readonly says: string
  readonly label: string
  readonly ask: readonly Question[]
  read(w: Words): Edit
}

const text = (question: string, initial: string): Question => ({ ask: 'text', question, initial })
const choice = (question: string, all: readonly string[]): Question => ({
  ask: 'choice',
  question,
  choices: all.map((value) => ({ value, label: value })),
})

export const EDITS = {
  flip: {
    usage: 'PART POS [XOR]',
    says: 'a byte of header, iv, ciphertext, tag or length; XOR in hex (default 01)',
    label: 'modify a byte',
    ask: [choice('Which part?', REGIONS), text('Which byte of it, from 0?', '0'), text('XOR with (hex)?', '01')],
    read(w) {
      const at = oneFrom('flip', w.take(), REGIONS)
      const pos = countFrom('flip: position', w.take(), LONGEST)
      const word = w.next === undefined || w.next === 'to' ? '01' : w.take()
      const xor = hexFrom('flip: XOR', word)
      if (xor.length !== 2 || xor === '00') throw refused('flip: XOR', '01..ff', shown(word))
      return { do: 'flip', at, pos, xor: Number.parseInt(xor, 16) }
    },
  },
  set: {
    usage: 'FIELD VALUE',
    says: 'opcode, id, round or direction of the header',
    label: 'set a header field',
    ask: [choice('Which field?', FIELDS), text('To which value?', '1')],
    read(w) {
      const field = oneFrom('set', w.take(), FIELDS)
      return { do: 'set', field, value: countFrom(`set ${field}`, w.take(), field === 'round' ? 0xffffffff : 255) }
    },
  },
  cut: {
    usage: 'BYTES',
    says: 'keep the first BYTES bytes',
    label: 'cut it short',
    ask: [text('Keep how many bytes?', '70')],
    read: (w) => ({ do: 'truncate', bytes: countFrom('cut', w.take(), LONGEST) }),
  },
  extend: {
    usage: 'HEX',
    says: 'append bytes after the tag',
    label: 'append bytes',
    ask: [text('Which (hex)?', '00')],
    read: (w) => ({ do: 'extend', hex: hexFrom('extend', w.take()) }),
  },
} as const satisfies Record<string, Spelling>

export type EditVerb = keyof typeof EDITS
export const EDIT_VERBS = Object.keys(EDITS) as readonly EditVerb[]

export const isEdit = (word: string | undefined): word is EditVerb => EDIT_VERBS.some((v) => v === word)
