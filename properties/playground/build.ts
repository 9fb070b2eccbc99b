/** The playground as files: one bundle of the page, one of its worker, and for each exercise its server. */
import { readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type BuildOptions, build, type Plugin } from 'esbuild'
import { MUTANTS } from '../harness/mutants/catalogue.ts'
import { ROOT } from '../harness/process/programs.ts'
import { type Replacement, replaceOnce } from '../harness/process/variants.ts'
import { EXERCISES } from './exercises.ts'

const HERE = fileURLToPath(new URL('.', import.meta.url))
const SRC = join(ROOT, 'src')

/** In whose place shims/node.ts stands: what a browser has not, or need not load. */
const SHIMMED = ['node:crypto', 'node:util', 'cli-table3']

/** Node's modules and the languages of zod's complaints stay out; one that is really used fails the build. */
const browser: Plugin = {
  name: 'browser',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(node:\w+|cli-table3)$/ }, ({ path }) => {
      if (SHIMMED.includes(path)) return { path: join(HERE, 'shims/node.ts'), sideEffects: false }
      return { path, namespace: 'absent', sideEffects: false }
    })
    onLoad({ filter: /./, namespace: 'absent' }, () => ({ contents: 'export default null', loader: 'js' }))
    onResolve({ filter: /^\.\.\/locales\/index\.js$/ }, () => ({ path: 'locales', namespace: 'zod' }))
    onLoad({ filter: /./, namespace: 'zod' }, () => ({ contents: '', loader: 'js' }))
  },
}

/** Files of src/ that import a changed one, at however many removes, and those: the rest is the same in every variant. */
const affected = (changed: readonly string[]): ReadonlySet<string> => {
  const files = readdirSync(SRC).filter((f) => f.endsWith('.ts') && !f.includes('.test'))
  const imports = new Map(
    files.map((f) => [f, readFileSync(join(SRC, f), 'utf8').match(/(?<=from '\.\/)[^']+/g) ?? []]),
  )
  const all = new Set(changed.map((f) => basename(f)))
  for (let before = -1; before !== all.size; ) {
    before = all.size
    for (const [f, of] of imports) if (of.some((other) => all.has(other))) all.add(f)
  }
  return all
}

const replacementsOf = (mutant: string): readonly Replacement[] => {
  const found = MUTANTS.find((m) => m.id === mutant)
  if (found === undefined) throw new Error(`exercise: expected a mutant of the catalogue, got ${mutant}`)
  return found.replacements
}

/** `exercise/ID`: the party of the server that ID makes of src/. Modules that are not affected are shared with the page. */
const exercises: Plugin = {
  name: 'exercises',
  setup({ onResolve, onLoad, onEnd }) {
    const untouched = new Set<string>()
    const changes = new Map(EXERCISES.map((x) => [x.mutant, replacementsOf(x.mutant)]))
    const reach = new Map([...changes].map(([id, all]) => [id, affected(all.map((r) => r.file))]))
    const inVariant = (path: string, id: string) =>
      dirname(path) === SRC && reach.get(id)?.has(basename(path))
        ? { path, suffix: `?${id}`, namespace: 'variant', pluginData: id }
        : { path }
    onResolve({ filter: /^exercise\// }, ({ path }) => ({ path: path.slice(9), namespace: 'exercise' }))
    onLoad({ filter: /./, namespace: 'exercise' }, ({ path }) => {
      for (const { file } of changes.get(path)!) untouched.add(`${path}: ${file}`)
      return {
        contents: `import { partyOf } from './properties/harness/parties/src.ts'
import * as changed from './src/index.ts?${path}'
export const server = partyOf(changed)`,
        resolveDir: ROOT,
        loader: 'ts',
      }
    })
    onResolve({ filter: /\?[\w-]+$/ }, ({ path, resolveDir }) => {
      const [file, id] = path.split('?') as [string, string]
      return inVariant(resolve(resolveDir, file), id)
    })
    onResolve({ filter: /^\.\//, namespace: 'variant' }, ({ path, resolveDir, pluginData }) =>
      inVariant(resolve(resolveDir, path), pluginData as string),
    )
    onLoad({ filter: /./, namespace: 'variant' }, ({ path, pluginData }) => {
      const file = relative(ROOT, path)
      const mine = changes.get(pluginData as string)!.filter((r) => r.file === file)
      untouched.delete(`${pluginData}: ${file}`)
      const contents = mine.reduce(replaceOnce, readFileSync(path, 'utf8'))
      return { contents, resolveDir: SRC, loader: 'ts', pluginData }
    })
    onEnd(() => ({
      errors: [...untouched].map((text) => ({ text: `${text}: expected to be a part of the exercise` })),
    }))
  },
}

const forBrowser = {
  absWorkingDir: ROOT,
  bundle: true,
  write: false,
  format: 'esm',
  platform: 'browser',
  target: 'es2022',
  minify: true,
  legalComments: 'none',
  logLevel: 'silent',
  jsx: 'automatic',
  jsxImportSource: 'preact',
  inject: [join(HERE, 'shims/globals.ts')],
} as const satisfies BuildOptions

export const bundle = async (entries: Readonly<Record<string, string>>): Promise<ReadonlyMap<string, Uint8Array>> => {
  const { outputFiles } = await build({
    ...forBrowser,
    entryPoints: entries,
    outdir: ROOT, // nothing is written
    splitting: true,
    chunkNames: 'parts/[hash]',
    plugins: [browser, exercises],
  })
  return new Map(outputFiles.map((f) => [relative(ROOT, f.path), f.contents]))
}

/** Every file of the playground by its path in the folder. */
export const playground = async (): Promise<ReadonlyMap<string, Uint8Array>> => {
  const servers = EXERCISES.map(({ mutant }) => [`exercises/${mutant}`, `exercise/${mutant}`])
  const app = {
    page: join(HERE, 'app/page.tsx'),
    worker: join(HERE, 'app/worker.ts'),
    style: join(HERE, 'app/style.css'),
  }
  const made = await bundle({ ...app, ...Object.fromEntries(servers) })
  const own = ['index.html', 'icon.svg'].map((f) => [f, readFileSync(join(HERE, 'app', f))] as const)
  return new Map([...own, ...made].sort(([a], [b]) => (a < b ? -1 : 1)))
}
