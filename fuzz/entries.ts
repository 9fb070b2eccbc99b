/**
 * `npm run fuzz:entries`: every target compiled to one CommonJS file that exports `fuzz`, as Jazzer.js, jsfuzz, and
 * through Jazzer.js ClusterFuzzLite and OSS-Fuzz call it. For instance, from the repository's root:
 *
 *     npx jazzer reports/entries/frame.cjs corpus/frame --sync
 */
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { command, main } from '../properties/harness/terminal/command.ts'
import { buildVariant, type Replacement } from '../properties/harness/variants.ts'
import { shown, writeWhole } from './engine/store.ts'
import { TARGET_NAMES } from './targets/index.ts'

const ROOT = fileURLToPath(new URL('../', import.meta.url))
const FOLDER = `${ROOT}reports/entries`

/** Writes FOLDER/TARGET.cjs and returns its path. */
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

const entries = command({
  name: 'fuzz:entries',
  options: z.strictObject({}),
  notes:
    'Writes reports/entries/TARGET.cjs for every target. Exit codes: 0 written, 2 usage, or a folder that cannot be used.',
  async run(_, { say }) {
    for (const target of TARGET_NAMES) say(shown(await writeEntry(target)))
    return 0
  },
})

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(entries)
