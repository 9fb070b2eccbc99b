/** Catalogue files: somebody's own mutants. */
import { CHECKS } from '../../properties/harness/judging/examine.ts'
import { parseCatalogue } from '../../properties/harness/mutants/catalogue-file.ts'
import type { Mutant } from '../../properties/harness/mutants/mutant.ts'
import { Mismatch } from '../engine/target.ts'
import { fileTarget } from './file-target.ts'

const mutant = (id: string, more = ''): string =>
  `{"id":"${id}","bug":"what is wrong","replacements":[{"file":"src/frame.ts","find":"a","replace":"b"}]${more}}`

const IDS = new Set(CHECKS.map((c) => c.id))

export const catalogue = fileTarget<readonly Mutant[]>({
  name: 'catalogue',
  says: 'a catalogue file is refused in one clear line, or every mutant in it has an id of its own and something to replace',
  maxBytes: 2_048,
  seeds: [
    `[${mutant('a')},${mutant('b', ',"expect":"C1","equivalent":"no run can tell","instead":"another may fire"')}]`,
    `[${mutant('a', ',"expect":null')}]`,
    '[]',
  ],
  words: [
    ...['"C1"', '"TWIN"', '"src/frame.ts"', '"src/net/server.ts"', '"src/../x.ts"', '"expect"', '"equivalent"'],
    mutant('c'),
  ],
  read: (text) => parseCatalogue('file', text),
  check(mutants, _, note) {
    const ids = mutants.map((m) => m.id)
    if (ids.length === 0 || new Set(ids).size < ids.length) throw new Mismatch('ids not all different', ids.join())
    for (const { id, bug, replacements, expect } of mutants) {
      if (/\s/.test(id) || id === '' || bug === '') throw new Mismatch('a mutant without a name', id)
      if (replacements.length === 0) throw new Mismatch('a mutant that changes nothing', id)
      if (expect !== null && !IDS.has(expect)) throw new Mismatch('an unknown invariant expected', expect)
      if (replacements.some((r) => !r.file.startsWith('src/') || r.file.includes('..')))
        throw new Mismatch('a file outside src', replacements.map((r) => r.file).join())
      note(2, Math.min(replacements.length, 255))
    }
    note(3, Math.min(mutants.length, 255))
  },
})
