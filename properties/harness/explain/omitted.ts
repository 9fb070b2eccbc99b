/** The reference without a rule, once for each of omissions.txt: all of them in one build, made when first asked for. */
import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { build } from 'esbuild'
import { parseRecords } from '../mutants/records.ts'
import type { MakeParty } from '../parties/party.ts'
import { ROOT } from '../process/programs.ts'
import { replaceOnce } from '../process/variants.ts'
import type { RuleId } from './rules.ts'

interface Omission {
  readonly id: string
  /** The rules that it leaves out together. */
  readonly rules: readonly RuleId[]
  readonly party: MakeParty
}

const PARTY = `${ROOT}properties/harness/parties/reference.ts`
const OWN = /\/(?:spec\/reference\/[\w-]+|harness\/parties\/reference)\.ts$/ // what each copy has of its own

const ALL = parseRecords(readFileSync(new URL('./omissions.txt', import.meta.url), 'utf8'))

type Loaded = Readonly<Record<string, () => Promise<{ readonly referenceParty: MakeParty }>>>

const sourceOf = (path: string, n: number): string =>
  ALL[n]!.replacements.filter((r) => ROOT + r.file === path).reduce(replaceOnce, readFileSync(path, 'utf8'))

/** Throws VariantError where a text of omissions.txt does not occur exactly once. */
const load = async (wanted: (rules: readonly string[]) => boolean): Promise<readonly Omission[]> => {
  const numbers = [...ALL.keys()].filter((n) => wanted(ALL[n]!.breaks ?? []))
  const entry = numbers.map((n) => `export const o${n} = () => import(${JSON.stringify(`${PARTY}?${n}`)})`)
  const { outputFiles } = await build({
    stdin: { contents: entry.join('\n'), resolveDir: ROOT, loader: 'ts' },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    logLevel: 'silent',
    plugins: [
      {
        name: 'omissions',
        setup(b) {
          b.onResolve({ filter: /\.ts(\?\d+)?$/ }, ({ path, importer, resolveDir }) => {
            const [file, given] = path.split('?')
            const from = importer.split('?')
            const at = resolve(given === undefined ? dirname(from[0]!) || resolveDir : resolveDir, file!)
            const n = given ?? from[1]
            return OWN.test(at) && n !== undefined ? { path: `${at}?${n}`, namespace: 'omission' } : { path: at }
          })
          b.onResolve({ filter: /^[^./]/, namespace: 'omission' }, ({ path, kind }) =>
            b.resolve(path, { kind, resolveDir: ROOT }),
          )
          b.onLoad({ filter: /./, namespace: 'omission' }, ({ path }) => {
            const [file, n] = path.split('?')
            return { contents: sourceOf(file!, Number(n)), loader: 'ts', resolveDir: dirname(file!) }
          })
        },
      },
    ],
  })
  const code = outputFiles[0]!.text
  const made = (await import(/* @vite-ignore */ `data:text/javascript,${encodeURIComponent(code)}`)) as Loaded
  return Promise.all(
    numbers.map(async (n) => {
      const { id, breaks } = ALL[n]!
      const { referenceParty: party } = await made[`o${n}`]!()
      return { id, rules: breaks as readonly RuleId[], party }
    }),
  )
}

let all: ReturnType<typeof load> | undefined
let binding: ReturnType<typeof load> | undefined

export const omissions = (): ReturnType<typeof load> => {
  all ??= load(() => true)
  return all
}

const STEPS: readonly string[] = ['hello-step', 'bind-step']

/** Of the two steps that `literal` omits. */
export const unbound = (): ReturnType<typeof load> => {
  binding ??= load((rules) => rules.length > 0 && rules.every((r) => STEPS.includes(r)))
  return binding
}
