/**
 * `npm run fuzz:entries`: every target compiled to one CommonJS file that exports `fuzz`, as Jazzer.js, jsfuzz, and
 * through Jazzer.js ClusterFuzzLite and OSS-Fuzz call it. For instance, from the repository's root:
 *
 *     npx jazzer reports/entries/frame.cjs corpus/frame --sync
 */
import { fileURLToPath } from 'node:url'
import { buildVariant, type Replacement } from '../properties/harness/variants.ts'
import { StoreError, shown, writeWhole } from './engine/store.ts'
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

const main = async (): Promise<number> => {
  try {
    for (const target of TARGET_NAMES) process.stdout.write(`${shown(await writeEntry(target))}\n`)
    return 0
  } catch (e) {
    if (!(e instanceof StoreError)) throw e
    process.stderr.write(`${e.message}\n`)
    return 2
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = await main()
