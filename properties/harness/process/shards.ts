/** Shares of the work of one run, for as many machines; and what they came to, each in a file, put together again. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import { deserialize, serialize } from 'node:v8'
import { z } from 'zod'
import { PROBLEM_KINDS, type Problem } from '../report/outcome.ts'
import { parseWith } from '../schedules/schedule-file.ts'
import { custom, expecting, UsageError } from '../terminal/options.ts'
import { readText, writeWhole } from './files.ts'
import { ROOT } from './programs.ts'

export interface Shard {
  /** 1..of */
  readonly index: number
  readonly of: number
}

export const shardText = (s: Shard): string => `${s.index}/${s.of}`

const MOST_SHARDS = 64

/** Options of what can be shared out. */
export const SHARD_SHAPE = {
  shard: custom<Shard, null>(
    { value: 'I/N', says: `this share of the work alone, 1/1..${MOST_SHARDS}/${MOST_SHARDS}`, default: null },
    (text) => {
      const [, index, of] = (/^([1-9]\d?)\/([1-9]\d?)$/.exec(text) ?? []).map(Number)
      if (index === undefined || of === undefined || index > of || of > MOST_SHARDS)
        return { expected: `I/N with I from 1 to N and N at most ${MOST_SHARDS}` }
      return { value: { index, of } }
    },
  ),
}

/** What of `all` this share has: every one is in exactly one share. Null: all of it. */
export const shareOf = <T>(all: readonly T[], shard: Shard | null): readonly T[] =>
  shard === null ? all : all.filter((_, i) => i % shard.of === shard.index - 1)

/** What all pieces of a run have in common, and the run that puts them together. */
const originSchema = z.strictObject({
  /** The commit, and a digest of what differs from it in files that git has; REPORT.md, which a run makes, is no part of that. */
  commit: z.string(),
  profile: z.string(),
  seed: z.int(),
  /** Of the stages in their order. */
  stages: z.array(z.string()).readonly(),
  /** The major version, on which figures may depend. */
  node: z.string(),
  /** Whether findings are explained: one that is not would stand beside those that are. */
  explain: z.boolean(),
})
export type Origin = Readonly<z.output<typeof originSchema>>

/** What a share of one stage came to. */
export interface Gathered {
  readonly name: string
  readonly value: unknown
  readonly problems: readonly Problem[]
  readonly seconds: number
}

export interface Piece extends Origin {
  readonly shard: Shard
  readonly gathered: readonly Gathered[]
}

const git = (...args: readonly string[]): string =>
  execFileSync('git', args, { cwd: ROOT, encoding: 'utf8', maxBuffer: 2 ** 28, stdio: ['ignore', 'pipe', 'ignore'] })

const digest = (text: string): string => createHash('sha256').update(text).digest('hex')

/** Throws a UsageError outside a checkout of git: nobody could say what a piece is of. */
export const commitHere = (): string =>
  expecting('expected a checkout of git, to tell what commit a piece is of', () => {
    const changes = git('diff', 'HEAD', '--', '.', ':!REPORT.md')
    return `${git('rev-parse', 'HEAD').trim()}${changes === '' ? '' : ` with changes ${digest(changes).slice(0, 12)}`}`
  })

export const nodeHere = process.versions.node.split('.')[0]!

const problem = z.strictObject({ kind: z.enum(PROBLEM_KINDS), text: z.string() })

/** `value`: a structured clone in base64, since figures have numbers that JSON has not. */
const schema = originSchema.extend({
  version: z.literal(1),
  shard: z.strictObject({ index: z.int(), of: z.int() }),
  gathered: z.array(
    z.strictObject({ name: z.string(), seconds: z.number(), problems: z.array(problem), value: z.string() }),
  ),
  /** SHA-256 of the file without this. */
  sum: z.string(),
})

const NAME = /^piece-\d+-of-\d+\.json$/
const text = (piece: object): string => JSON.stringify(piece, null, 1)

/** Returns its path. */
export const writePiece = (folder: string, { gathered, ...piece }: Piece): string => {
  const file = join(folder, `piece-${shardText(piece.shard).replace('/', '-of-')}.json`)
  const told = gathered.map((g) => ({
    name: g.name,
    seconds: g.seconds,
    problems: g.problems.map(({ kind, text }) => ({ kind, text })),
    value: serialize(g.value).toString('base64'),
  }))
  const all = { version: 1, ...piece, gathered: told }
  writeWhole(file, `${text({ ...all, sum: digest(text(all)) })}\n`)
  return file
}

interface Read extends Piece {
  readonly file: string
}

/** Throws a UsageError that names the file. */
const readPiece = (file: string): Read => {
  const name = relative('.', file)
  const told = expecting(`${name}: expected a piece of a run`, () => readText(file))
  const parsed = parseWith(schema, name, told)
  if (parsed.kind === 'bad') throw new UsageError(`${parsed.why} (a broken piece)`)
  const { sum: _, ...summed } = JSON.parse(told) // in the order of the file
  const { sum, gathered, ...rest } = parsed.value
  if (digest(text(summed)) !== sum) throw new UsageError(`${name}: expected what its sum says, got a broken piece`)
  return {
    ...rest,
    file: name,
    gathered: gathered.map((g) => ({ ...g, value: deserialize(Buffer.from(g.value, 'base64')) as unknown })),
  }
}

const filesIn = (folder: string): readonly string[] =>
  expecting('--merge: expected a folder of pieces', () => readdirSync(folder, { recursive: true, encoding: 'utf8' }))
    .filter((path) => NAME.test(path.split(/[\\/]/).at(-1)!))
    .sort()
    .map((path) => join(folder, path))

/** Every piece of one run of this origin, in the order of the shares, from anywhere below `folder`. Throws a UsageError. */
export const readPieces = (folder: string, origin: Origin): readonly Piece[] => {
  const all = filesIn(folder).map(readPiece)
  const [first] = all
  if (first === undefined) throw new UsageError(`--merge: expected piece-I-of-N.json in ${folder}, got none`)
  const { of } = first.shard
  const found = new Map<number, Read>()
  for (const p of all) {
    for (const what of originSchema.keyof().options)
      if (String(p[what]) !== String(origin[what]))
        throw new UsageError(`${p.file}: expected ${what} ${origin[what]}, got ${p[what]} (a stale piece)`)
    if (p.shard.of !== of)
      throw new UsageError(`${p.file}: expected a piece of ${of} as ${first.file} is, got one of ${p.shard.of}`)
    const other = found.get(p.shard.index)
    if (other !== undefined)
      throw new UsageError(
        `${p.file}: expected piece ${shardText(p.shard)} once, got it in ${other.file} too (doubled)`,
      )
    found.set(p.shard.index, p)
  }
  return Array.from({ length: of }, (_, i) => {
    const piece = found.get(i + 1)
    if (piece !== undefined) return piece
    throw new UsageError(`--merge: expected piece-${i + 1}-of-${of}.json below ${folder}, got none (a missing piece)`)
  })
}
