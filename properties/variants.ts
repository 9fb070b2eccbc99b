/**
 * A changed copy of the implementation, made at load time: mutants, planted bugs and instrumentation all come from
 * here, so that `src/` needs no switch for any of them (DESIGN rule 7).
 */
import { readFileSync } from 'node:fs'
import { relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

/** `find` must occur exactly once in `file`, which is named from the repository's root: 'src/server-session.ts'. */
export interface Replacement {
  readonly file: string
  readonly find: string
  readonly replace: string
}

/** Changes a whole module after the replacements; gets and gives TypeScript or JavaScript. */
export type Transform = (file: string, source: string) => string | Promise<string>

/** A replacement that does not apply: the source has moved on, and the variant would silently be no variant. */
export class VariantError extends Error {
  override readonly name = 'VariantError'
}

type Implementation = typeof import('../src/index.ts')

const ROOT_URL = new URL('../', import.meta.url).href
const ROOT = fileURLToPath(ROOT_URL)
const posix = (path: string): string => path.split(sep).join('/')

const occurrences = (text: string, find: string): number => (find === '' ? 0 : text.split(find).length - 1)

const replaceOnce = (source: string, r: Replacement): string => {
  const n = occurrences(source, r.find)
  if (n !== 1) throw new VariantError(`${r.file}: expected this text once, found it ${n} times: ${r.find}`)
  return source.replace(r.find, () => r.replace) // a function: `$` in the replacement is just a dollar
}

const read = (file: string): string => {
  try {
    return readFileSync(ROOT + file, 'utf8')
  } catch {
    throw new VariantError(`${file}: expected a file of this repository to replace text in`)
  }
}

/** The changed files, checked before anything is built. */
const changedFiles = (replacements: readonly Replacement[]): Map<string, string> => {
  const changed = new Map<string, string>()
  for (const r of replacements) changed.set(r.file, replaceOnce(changed.get(r.file) ?? read(r.file), r))
  return changed
}

/**
 * The module `entry` with the replacements in force. Equal variants are one module instance, and no instance is ever
 * unloaded. Stack traces name the TypeScript lines where source maps are switched on, as tsx and vitest do.
 *
 * Throws VariantError where a replacement's text does not occur exactly once, or its file is no part of `entry`.
 */
export const loadVariant = async (
  replacements: readonly Replacement[],
  entry = 'src/index.ts',
  transform?: Transform,
): Promise<Implementation> => {
  const changed = changedFiles(replacements)
  const unused = new Set(changed.keys())
  const { outputFiles } = await build({
    entryPoints: [ROOT + entry],
    absWorkingDir: ROOT,
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    sourcemap: 'inline',
    sourcesContent: false,
    sourceRoot: ROOT_URL,
    outdir: ROOT,
    logLevel: 'silent',
    plugins: [
      {
        name: 'variant',
        setup: ({ onLoad }) => {
          onLoad({ filter: /\.ts$/ }, async ({ path }) => {
            const file = posix(relative(ROOT, path))
            unused.delete(file)
            const source = changed.get(file) ?? read(file)
            return { contents: transform === undefined ? source : await transform(file, source), loader: 'ts' }
          })
        },
      },
    ],
  })
  for (const file of unused) throw new VariantError(`${file}: expected a module that ${entry} imports`)
  const url = `data:text/javascript;base64,${Buffer.from(outputFiles[0]!.contents).toString('base64')}`
  return (await import(/* @vite-ignore */ url)) as Implementation
}
