/** From Stryker's reports and the table of equivalents to a decision; of several shares as one run. */
import { z } from 'zod'
import {
  commitHere,
  nodeHere,
  type Origin,
  readPieces,
  type Shard,
  shareOf,
  writePiece,
} from '../../harness/process/shards.ts'
import { type Parsed, parseWith } from '../../harness/schedules/schedule-file.ts'
import { UsageError } from '../../harness/terminal/options.ts'

/** A mutant that no test can tell from the source, and why. Named by its text, so that it survives edits elsewhere. */
export interface Equivalent {
  readonly file: string
  readonly line: string // the source line it begins on, trimmed
  readonly original: string // the exact text that Stryker replaces
  readonly replacement: string
  readonly why: string
}

export interface Mutation extends Omit<Equivalent, 'why'> {
  readonly at: number // line number
  readonly status: string // as Stryker says it
}

const position = z.object({ line: z.number(), column: z.number() }) // counted from 1
const mutant = z.object({
  status: z.string(),
  replacement: z.string(),
  location: z.object({ start: position, end: position }),
})
/** The part of the mutation testing report schema that is looked at. */
const report = z.object({ files: z.record(z.string(), z.object({ source: z.string(), mutants: z.array(mutant) })) })

const offset = (lines: readonly string[], { line, column }: z.infer<typeof position>): number =>
  lines.slice(0, line - 1).reduce((sum, l) => sum + l.length + 1, 0) + column - 1

const mutationsOf = (file: string, source: string, mutants: readonly z.infer<typeof mutant>[]): readonly Mutation[] => {
  const lines = source.split('\n')
  return mutants.map(({ status, replacement, location: { start, end } }) => ({
    file,
    at: start.line,
    line: lines[start.line - 1]!.trim(),
    original: source.slice(offset(lines, start), offset(lines, end)),
    replacement,
    status,
  }))
}

const UNNOTICED = ['Survived', 'NoCoverage']
/** Most often a loop without end; on a busy machine sometimes nothing at all, which proves no entry of the table wrong. */
const TOO_LONG = 'Timeout'
const RAN = [...UNNOTICED, TOO_LONG, 'Killed']

/** `name`: the report's file, for complaints. A report of which no mutant ran says nothing, and is bad too. */
export const parseReport = (name: string, text: string): Parsed<readonly Mutation[]> => {
  const parsed = parseWith(report, name, text)
  if (parsed.kind === 'bad') return parsed
  const all = Object.entries(parsed.value.files).flatMap(([file, f]) => mutationsOf(file, f.source, f.mutants))
  if (all.some((m) => RAN.includes(m.status))) return { kind: 'ok', value: all }
  return { kind: 'bad', why: `${name}: expected mutants that ran, got ${all.length} that did not` }
}

/** An entry of the table that was killed after all, or that speaks of a mutant there is not. */
export interface Wrong {
  readonly entry: Equivalent
  readonly problem: 'killed' | 'no such mutant'
}

export interface Judgement {
  readonly killed: number
  readonly overdue: number // of these, those that ran too long
  readonly equivalent: number
  readonly survivors: readonly Mutation[]
  readonly wrong: readonly Wrong[]
}

/** Both without line breaks: Stryker prints replacements in its own layout. */
const flat = (text: string): string => text.replace(/\s+/g, ' ')
const isOf = (e: Equivalent, m: Mutation): boolean =>
  e.file === m.file &&
  e.line === m.line &&
  flat(e.original) === flat(m.original) &&
  flat(e.replacement) === flat(m.replacement)

/** `table`: the entries of the files that were mutated. Mutants that do not run at all count as none. */
export const judge = (mutations: readonly Mutation[], table: readonly Equivalent[]): Judgement => {
  const known = (m: Mutation): boolean => table.some((e) => isOf(e, m))
  const survivors = mutations.filter((m) => UNNOTICED.includes(m.status) && !known(m))
  const overdue = mutations.filter((m) => m.status === TOO_LONG && !known(m)).length
  const killed = mutations.filter((m) => m.status === 'Killed').length + overdue
  const equivalent = mutations.filter((m) => [...UNNOTICED, TOO_LONG].includes(m.status) && known(m)).length
  const wrong = table.flatMap((entry): Wrong[] => {
    const meant = mutations.filter((m) => isOf(entry, m))
    if (meant.length === 0) return [{ entry, problem: 'no such mutant' }]
    return meant.some((m) => m.status === 'Killed') ? [{ entry, problem: 'killed' }] : []
  })
  return { killed, overdue, equivalent, survivors, wrong }
}

/** What was found in each file, in the order in which they were mutated. */
export type Judged = ReadonlyMap<string, Judgement>

const originOf = (files: readonly string[]): Origin => ({
  commit: commitHere(),
  profile: 'stryker',
  seed: 0, // nothing is drawn
  stages: files,
  node: nodeHere,
  explain: false, // there is nothing to explain
})

/** `files`: those of all shares. Returns the path of the piece. */
export const leavePiece = (folder: string, shard: Shard, files: readonly string[], judged: Judged): string => {
  const gathered = [...judged].map(([name, value]) => ({ name, value, problems: [], seconds: 0 }))
  return writePiece(folder, { ...originOf(files), shard, gathered })
}

/** In the order of `files`. Throws a UsageError that names a piece that is missing, doubled, stale or broken. */
export const mergedOf = (folder: string, files: readonly string[]): Judged => {
  const pieces = readPieces(folder, originOf(files))
  const judged = new Map<string, Judgement>()
  for (const { shard, gathered } of pieces) {
    const [want, got] = [shareOf(files, shard), gathered.map((g) => g.name)]
    if (want.join() !== got.join())
      throw new UsageError(`--merge: expected piece ${shard.index} of ${shard.of} to judge ${want}, got ${got}`)
    for (const g of gathered) judged.set(g.name, g.value as Judgement)
  }
  return new Map(files.map((file) => [file, judged.get(file)!]))
}
