/**
 * A changed copy of the implementation, made at load time: mutants, planted bugs and instrumentation all come from
 * here, so that `src/` needs no switch for any of them (ARCHITECTURE rule 7).
 */
import { readFileSync } from 'node:fs'
import { SourceMap } from 'node:module'
import { relative, resolve, sep } from 'node:path'
import { type BuildOptions, build } from 'esbuild'
import { ROOT } from './programs.ts'

/** `find` must occur exactly once in `file`, which is named from the repository's root: 'src/server-session.ts'. */
export interface Replacement {
  readonly file: string
  readonly find: string
  readonly replace: string
}

/** Changes every module, after the replacements; gets and gives TypeScript or JavaScript. */
type Transform = (file: string, source: string) => string | Promise<string>

/** A replacement that does not apply: the source has moved on, and the variant would silently be no variant. */
export class VariantError extends Error {
  override readonly name = 'VariantError'
}

type Implementation = typeof import('../../../src/index.ts')

const nameOf = (path: string): string => relative(ROOT, path).split(sep).join('/')

const read = (file: string): string => {
  try {
    return readFileSync(ROOT + file, 'utf8')
  } catch {
    throw new VariantError(`${file}: expected a file of this repository to replace text in`)
  }
}

/** `source` with the replacement. Throws VariantError where its text does not occur exactly once. */
export const replaceOnce = (source: string, { file, find, replace }: Replacement): string => {
  const n = find === '' ? 0 : source.split(find).length - 1
  if (n !== 1) throw new VariantError(`${file}: expected this text once, found it ${n} times: ${find}`)
  return source.replace(find, () => replace) // a function: `$` in the replacement is just a dollar
}

/** By name in stack traces: the code and its source map, parsed only when asked for. */
const loaded = new Map<string, { readonly code: string; readonly map: string }>()

/** What of a build is up to the caller: where it begins, and for whom it is. */
type BuildFrom = Pick<BuildOptions, 'entryPoints' | 'stdin' | 'format'>

/**
 * One JavaScript file out of the sources with the replacements in force, and its source map.
 * Throws VariantError where a text does not occur exactly once, or its file is no part of the build.
 */
export const buildVariant = async (
  replacements: readonly Replacement[],
  from: BuildFrom,
  transform?: Transform,
): Promise<{ readonly code: string; readonly map: string }> => {
  const changed = new Map<string, string>()
  for (const r of replacements) changed.set(r.file, replaceOnce(changed.get(r.file) ?? read(r.file), r))
  const unused = new Set(changed.keys())
  const { outputFiles } = await build({
    ...from,
    absWorkingDir: ROOT,
    outdir: ROOT, // nothing is written; source maps name their sources from here
    bundle: true,
    write: false,
    platform: 'node',
    target: 'node20',
    sourcemap: 'external',
    sourcesContent: false,
    logLevel: 'silent',
    plugins: [
      {
        name: 'variant',
        setup: ({ onLoad }) => {
          onLoad({ filter: /\.ts$/ }, async ({ path }) => {
            const file = nameOf(path)
            unused.delete(file)
            const source = changed.get(file) ?? read(file)
            return { contents: transform === undefined ? source : await transform(file, source), loader: 'ts' }
          })
        },
      },
    ],
  })
  for (const file of unused) throw new VariantError(`${file}: expected a module that is part of the build`)
  const output = (end: string): string => outputFiles.find((f) => f.path.endsWith(end))!.text
  return { code: output('.js'), map: output('.map') }
}

/** A fresh instance of the module `entry` with the replacements in force. Instances are never unloaded. */
export const loadVariant = async (
  replacements: readonly Replacement[],
  entry = 'src/index.ts',
  transform?: Transform,
): Promise<Implementation> => {
  const { code, map } = await buildVariant(replacements, { entryPoints: [ROOT + entry], format: 'esm' }, transform)
  const name = `variant-${loaded.size}`
  loaded.set(name, { code, map })
  const url = `data:text/javascript,${encodeURIComponent(`${code}\n//# sourceURL=${name}`)}`
  return (await import(/* @vite-ignore */ url)) as Implementation
}

/** The place in a TypeScript source, counted from 1, of one in a variant, counted from 0. */
const originOf = (name: string, line: number, column: number) => {
  const map = loaded.get(name)?.map
  if (map === undefined) return null
  const entry = new SourceMap(JSON.parse(map)).findEntry(line, column)
  if (!('originalSource' in entry)) return null
  const file = nameOf(resolve(ROOT, entry.originalSource))
  return { file, line: entry.originalLine + 1, column: entry.originalColumn + 1 }
}

/** The file that the character at `offset` of a variant comes from; null: it is no variant. */
export const variantFile = (name: string, offset: number): string | null => {
  const before = loaded.get(name)?.code.slice(0, offset).split('\n')
  return before === undefined ? null : (originOf(name, before.length - 1, before.at(-1)!.length)?.file ?? null)
}

/** A stack trace in which positions inside variants are those of their TypeScript source: `src/frame.ts:60:9`. */
export const variantStack = (stack: string): string =>
  // vitest names the whole data: URL, which ends with the comment that names the variant.
  stack.replace(
    /(?:data:\S*%3D|\b)(variant-\d+):(\d+):(\d+)/g,
    (position, name: string, line: string, column: string) => {
      const entry = originOf(name, Number(line) - 1, Number(column) - 1)
      return entry === null ? position : `${entry.file}:${entry.line}:${entry.column}`
    },
  )
