/**
 * `npm run fuzz:entries`: every target compiled to one CommonJS file that exports `fuzz`, as Jazzer.js, jsfuzz, and
 * through Jazzer.js ClusterFuzzLite and OSS-Fuzz call it. For instance, from the repository's root:
 *
 *     npx jazzer reports/entries/frame.cjs corpus/frame --sync
 *
 * With --corpora beside each its dictionary and its seed corpus, as .clusterfuzzlite/build.sh wants them.
 */
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { ROOT } from '../properties/harness/programs.ts'
import { command, main } from '../properties/harness/terminal/command.ts'
import { text } from '../properties/harness/terminal/options.ts'
import { buildVariant, type Replacement } from '../properties/harness/variants.ts'
import { dictionaryText, zipped } from './engine/formats.ts'
import { corpusFolder, nameOf, readFolder, regressionFolder, shown, writeWhole } from './engine/store.ts'
import { TARGET_NAMES, targetNamed } from './targets/index.ts'

const FOLDER = `${ROOT}reports/entries`

/** Writes FOLDER/TARGET.cjs and returns its path. It needs nothing else of this repository. */
export const writeEntry = async (
  target: string,
  folder: string = FOLDER,
  replacements: readonly Replacement[] = [],
): Promise<string> => {
  const contents = `import { targetNamed } from './fuzz/targets/index.ts'
import { entryOf } from './fuzz/engine/target.ts'
import * as src from './src/index.ts'
export const fuzz = entryOf(targetNamed('${target}'), src)`
  const stdin = { contents, resolveDir: ROOT, sourcefile: 'entry.ts', loader: 'ts' } as const
  const { code } = await buildVariant(replacements, { stdin, format: 'cjs' })
  return writeWhole(folder, `${target}.cjs`, code)
}

/** Writes FOLDER/TARGET.dict and FOLDER/TARGET_seed_corpus.zip, whose inputs are named by their SHA-1. */
const writeCorpus = (name: string, folder: string): void => {
  const target = targetNamed(name)
  const stored = [corpusFolder(name), regressionFolder(name)].flatMap((f) => readFolder(f).map((s) => s.data))
  const inputs = new Map([...target.seeds(), ...stored].map((data) => [nameOf(data), data]))
  const files = [...inputs].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, data]) => ({ name, data }))
  writeWhole(folder, `${name}.dict`, dictionaryText(target.dictionary))
  writeWhole(folder, `${name}_seed_corpus.zip`, zipped(files))
}

const entries = command({
  name: 'fuzz:entries',
  options: z.strictObject({
    out: text({ value: 'DIR', says: 'where the entries go (default reports/entries)', default: null }),
    corpora: text({ value: 'DIR', says: 'where dictionaries and seed corpora go (default: nowhere)', default: null }),
  }),
  notes: 'Writes DIR/TARGET.cjs for every target. Exit codes: 0 written, 2 usage, or a folder that cannot be used.',
  async run({ out, corpora }, { say }) {
    for (const target of TARGET_NAMES) {
      say(shown(await writeEntry(target, out ?? FOLDER)))
      if (corpora !== null) writeCorpus(target, corpora)
    }
    return 0
  },
})

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(entries)
