/**
 * Somebody else's mutants, from a JSON file, or from text (records.ts) whose name ends in .txt. Every complaint names the
 * field, what it expects and what it got.
 */
import { z } from 'zod'
import { CHECK_IDS } from '../judging/examine.ts'
import { readText } from '../process/files.ts'
import { type Parsed, parseWith } from '../schedules/schedule-file.ts'
import { wordsOf } from '../terminal/text.ts'
import { type Mutant, SOAK } from './mutant.ts'
import { recordsOf } from './records.ts'

const word = z.string().regex(/^\S+$/, 'expected a name without spaces')
const sentence = z.string().min(1, 'expected some text')

const mutant = z.strictObject({
  id: word,
  bug: sentence,
  replacements: z
    .array(
      z.strictObject({
        file: z.string().regex(/^src\/[\w/-]+\.ts$/, 'expected a file such as src/frame.ts'),
        find: sentence,
        replace: z.string(),
      }),
    )
    .min(1, 'expected at least one replacement'),
  expect: z
    .string()
    .refine(
      (id) => CHECK_IDS.includes(id) || id === SOAK || /^src\/[\w/-]+\.test\.ts$/.test(id),
      `expected an invariant (${CHECK_IDS.join(', ')}), a test file of src, or ${SOAK}`,
    )
    .nullable()
    .default(null),
  equivalent: sentence.exactOptional(),
  instead: sentence.exactOptional(),
})

const catalogue = z.array(mutant).min(1, 'expected at least one mutant')

export const parseCatalogue = (name: string, text: string): Parsed<readonly Mutant[]> => {
  const parsed = parseWith<readonly Mutant[]>(catalogue, name, text)
  if (parsed.kind === 'bad') return parsed
  const ids = parsed.value.map((m) => m.id)
  const twice = ids.find((id, i) => ids.indexOf(id) < i)
  return twice === undefined ? parsed : { kind: 'bad', why: `${name}: expected every id once, got ${twice} twice` }
}

/** Text as JSON, to be judged alike; what it says for our own catalogue only is left out. */
const ofRecords = (file: string): string => JSON.stringify(recordsOf(file).map(({ covers: _, breaks: __, ...m }) => m))

export const readCatalogue = (file: string): Parsed<readonly Mutant[]> => {
  try {
    return parseCatalogue(file, file.endsWith('.txt') ? ofRecords(file) : readText(file))
  } catch (e) {
    return { kind: 'bad', why: `${file}: expected a readable file, got ${wordsOf(e)}` }
  }
}
