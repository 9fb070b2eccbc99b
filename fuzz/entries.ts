/**
 * `npm run fuzz:entries`: every target compiled to one CommonJS file that exports `fuzz`, as Jazzer.js, jsfuzz, and
 * through Jazzer.js ClusterFuzzLite and OSS-Fuzz call it. For instance, from the repository's root:
 *
 *     npx jazzer reports/entries/frame.cjs corpus/frame --sync
 *
 * With --corpora beside each its dictionary and its seed corpus, as .clusterfuzzlite/build.sh wants them.
 */
import { fileURLToPath } from 'node:url'
import { crc32 } from 'node:zlib'
import { z } from 'zod'
import { ROOT } from '../properties/harness/process/programs.ts'
import { buildVariant, type Replacement } from '../properties/harness/process/variants.ts'
import { command, main } from '../properties/harness/terminal/command.ts'
import { text } from '../properties/harness/terminal/options.ts'
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

const MOST = 64 // bytes of a word, beyond which libFuzzer leaves it out

const quoted = (word: Uint8Array): string =>
  [...word]
    .map((b) =>
      b >= 0x20 && b < 0x7f && b !== 0x22 && b !== 0x5c
        ? String.fromCharCode(b)
        : `\\x${b.toString(16).toUpperCase().padStart(2, '0')}`,
    )
    .join('')

/** A line for each word that libFuzzer takes, each once. */
export const dictionaryText = (words: readonly Uint8Array[]): string => {
  const taken = words.filter((w) => w.length > 0 && w.length <= MOST)
  return [...new Set(taken.map((w) => `"${quoted(w)}"\n`))].join('')
}

const LOCAL = 0x04034b50
const CENTRAL = 0x02014b50
const END = 0x06054b50
const VERSION = 20
const DATE = 0x21 // 1980-01-01, so that the same inputs make the same bytes

const u16 = (n: number): Buffer => Buffer.from(Uint16Array.of(n).buffer) // ZIP is little-endian, as are the machines
const u32 = (n: number): Buffer => Buffer.from(Uint32Array.of(n).buffer)

/** A ZIP file of files that are stored as they are; names are of ASCII. */
export const zipped = (files: readonly { readonly name: string; readonly data: Uint8Array }[]): Uint8Array => {
  const [locals, centrals]: [Buffer[], Buffer[]] = [[], []]
  let at = 0
  for (const { name, data } of files) {
    const bytes = Buffer.from(name, 'latin1')
    const sizes = [u32(crc32(data)), u32(data.length), u32(data.length), u16(bytes.length), u16(0)]
    const common = [u16(VERSION), u16(0), u16(0), u16(0), u16(DATE), ...sizes]
    const local = Buffer.concat([u32(LOCAL), ...common, bytes, data])
    centrals.push(
      Buffer.concat([u32(CENTRAL), u16(VERSION), ...common, u16(0), u16(0), u16(0), u32(0), u32(at), bytes]),
    )
    locals.push(local)
    at += local.length
  }
  const central = Buffer.concat(centrals)
  const count = u16(files.length)
  const end = [u32(END), u16(0), u16(0), count, count, u32(central.length), u32(at), u16(0)]
  return new Uint8Array(Buffer.concat([...locals, central, ...end]))
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
