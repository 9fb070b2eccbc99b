/** A mutant: a small bug put into src at load time, and the invariant that must notice it first. */
import type { Side } from '../../../spec/language.ts'
import type { Replacement } from '../variants.ts'

export interface Mutant {
  readonly id: string
  /** The bug in one line. */
  readonly bug: string
  readonly replacements: readonly Replacement[]
  /** The invariant that must be among the first to fire; null: no opinion (catalogues from elsewhere only). */
  readonly expect: string | null
  /** The bugs of `WANTED` that it is an instance of. */
  readonly covers?: readonly string[]
  /** Why no run can tell it from the original. One that is killed all the same is an error. */
  readonly equivalent?: string
  /** Why others may fire before the expected invariant does. */
  readonly instead?: string
}

/** One replacement: `find` occurs exactly once in src/`file`.ts. */
export const swap = (file: string, find: string, replace: string): Replacement => ({
  file: `src/${file}.ts`,
  find,
  replace,
})

/** The files of src that mutants change, and the side whose behaviour is in it; null: both sides. */
const SIDE_OF_FILE = {
  aggregate: 'server',
  checks: null,
  'client-session': 'client',
  'client-state': 'client',
  connection: 'server',
  crypto: null,
  frame: null,
  keys: null,
  payload: null,
  primitives: null,
  server: 'server',
  'server-session': 'server',
} as const satisfies Readonly<Record<string, Side | null>>
type SrcFile = keyof typeof SIDE_OF_FILE

/** A text that occurs exactly once, and what stands there instead. */
type Edit = readonly [find: string, replace: string]
type Edits = { readonly [F in SrcFile]?: Edit | readonly Edit[] }
type Facts = Pick<Mutant, 'covers' | 'equivalent' | 'instead'>

const isOne = (edits: Edit | readonly Edit[]): edits is Edit => typeof edits[0] === 'string'

/**
 * A record of the catalogue. `change` names a file of src (without folder and extension) with one edit or several of
 * them, which apply in the order written; `by` holds replacements that several mutants share or that mix files.
 */
export const mutant = (
  id: string,
  expect: string,
  bug: string,
  { covers, equivalent, instead, by = [], ...files }: Edits & Facts & { readonly by?: readonly Replacement[] },
): Mutant => {
  const edited = Object.entries(files).flatMap(([file, edits]) =>
    (isOne(edits) ? [edits] : edits).map(([find, replace]) => swap(file, find, replace)),
  )
  return {
    id,
    bug,
    ...(covers && { covers }),
    replacements: [...edited, ...by],
    expect,
    ...(equivalent && { equivalent }),
    ...(instead && { instead }),
  }
}

const sides: Readonly<Record<string, Side | null>> = SIDE_OF_FILE

/** The sides whose behaviour a mutant can change. */
export const sidesOf = (m: Mutant): readonly Side[] => {
  const touched = new Set(m.replacements.map((r) => sides[r.file.replace(/^src\/|\.ts$/g, '')] ?? null))
  const [only] = touched
  return touched.size === 1 && only != null ? [only] : ['client', 'server']
}
