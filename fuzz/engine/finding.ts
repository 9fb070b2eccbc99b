/**
 * What went wrong with an input, in terms that stay the same from run to run; and a finding: the input, that, and how to
 * see it again.
 */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { basename } from 'node:path'
import { z } from 'zod'
import { readText } from '../../properties/harness/process/files.ts'
import { ROOT } from '../../properties/harness/process/programs.ts'
import { variantStack } from '../../properties/harness/process/variants.ts'
import { printStored } from '../../properties/harness/schedules/schedule-file.ts'
import { TARGET_NAMES } from '../targets/index.ts'
import { nameOf, readInput, regressionFolder, removeFile, StoreError, saveInput, shown, writeWhole } from './store.ts'
import { Hang, Mismatch, type Target } from './target.ts'

export type FaultKind =
  | 'mismatch' // two opinions about the input
  | 'crash' // an exception nobody expects
  | 'hang' // it does not come back
  | 'leak' // memory grows with every execution

export interface Fault {
  readonly kind: FaultKind
  /** Names the cause without data of the input. */
  readonly reason: string
  /** The innermost places in the implementation: file and function, no lines, so that edits elsewhere change nothing. */
  readonly frames: readonly string[]
}

const FRAMES = 3

/** `at Object.unpad (src/primitives.ts:45:3)` as `src/primitives.ts unpad`. */
const place = (line: string): string | null => {
  const found = /^\s*at (?:async )?(?:(?:\w+\.)?(\S+) )?\(?(?:file:\/\/)?(\S+?\.ts):\d+:\d+\)?$/.exec(line)
  if (found === null) return null
  const file = found[2]!.startsWith(ROOT) ? found[2]!.slice(ROOT.length) : found[2]!
  return `${file} ${found[1] ?? '(anonymous)'}`
}

const known = new Map<string, readonly string[]>() // the same few stacks come again and again

export const framesOf = (stack: string): readonly string[] => {
  const trace = stack.slice(Math.max(0, stack.search(/^\s*at /m)))
  const before = known.get(trace)
  if (before !== undefined) return before
  const places = variantStack(trace)
    .split('\n')
    .flatMap((line) => place(line) ?? [])
  const own = places.filter((p) => p.startsWith('src/'))
  const frames = (own.length > 0 ? own : places).slice(0, FRAMES)
  if (known.size < 1_000) known.set(trace, frames)
  return frames
}

const withoutData = (text: string): string => text.split('\n')[0]!.replace(/\d+/g, 'N').slice(0, 120)

export const faultOf = (error: unknown): Fault => {
  if (error instanceof Mismatch) return { kind: 'mismatch', reason: error.reason, frames: [] }
  if (error instanceof Hang) return { kind: 'hang', reason: 'endless loop', frames: framesOf(error.stack ?? '') }
  if (error instanceof Error)
    return {
      kind: 'crash',
      reason: withoutData(`${error.name}: ${error.message}`),
      frames: framesOf(error.stack ?? ''),
    }
  return { kind: 'crash', reason: withoutData(`thrown: ${String(error)}`), frames: [] }
}

/** Equal for equal bugs, as far as anyone can tell from outside. */
export const signatureOf = (target: string, { kind, reason, frames }: Fault): string =>
  createHash('sha1')
    .update(JSON.stringify([target, kind, reason, frames]))
    .digest('hex')
    .slice(0, 12)

export const describe = ({ kind, reason, frames }: Fault): string =>
  `${kind}: ${reason}${frames.length > 0 ? ` in ${frames[0]}` : ''}`

export interface Found {
  readonly signature: string
  /** False: another finding of this signature, which shows it alone, may follow. */
  readonly alone: boolean
  readonly path: string
  readonly lines: readonly string[]
}

export interface Finding {
  readonly target: string
  readonly signature: string
  readonly fault: Fault
  /** What was said when it happened, data included. */
  readonly detail: string
  readonly data: Uint8Array
  /** Bytes of the input before it was minimised. */
  readonly foundBytes: number
  readonly seed: number
  readonly execution: number
  /** Its schedule, if it has one, shows it without the inputs executed before it. */
  readonly alone: boolean
}

export const FINDINGS = `${ROOT}reports/findings/`

const NOTE = z.object({
  version: z.literal(1),
  target: z.string(),
  signature: z.string(),
  kind: z.enum(['mismatch', 'crash', 'hang', 'leak']),
  reason: z.string(),
  frames: z.array(z.string()),
  detail: z.string(),
  sha1: z.string(),
  bytes: z.number(),
  foundBytes: z.number(),
  seed: z.number(),
  execution: z.number(),
  shows: z.array(z.string()),
  replay: z.string(),
})
type FindingNote = z.infer<typeof NOTE>

export const findingOf = (
  target: Target,
  fault: Fault,
  found: Omit<Finding, 'target' | 'signature' | 'fault'>,
): Finding => ({
  ...found,
  target: target.name,
  signature: signatureOf(target.name, fault),
  fault,
})

/** Writes input and note; returns the path of the input. Throws StoreError. */
export const saveFinding = (target: Target, f: Finding, folder: string = FINDINGS): string => {
  const name = `${f.target}-${f.signature}`
  const path = writeWhole(folder, `${name}.bin`, f.data)
  const { fault, data, foundBytes, seed, execution } = f
  const note: FindingNote = {
    version: 1,
    target: f.target,
    signature: f.signature,
    ...fault,
    frames: [...fault.frames],
    detail: f.detail,
    sha1: nameOf(data),
    bytes: data.length,
    foundBytes,
    seed,
    execution,
    shows: [...target.render(data)],
    replay: replayCommand(path),
  }
  writeWhole(folder, `${name}.json`, `${JSON.stringify(note, null, 2)}\n`)
  const schedule = target.schedule?.(f.data)
  if (schedule !== undefined)
    writeWhole(folder, basename(scheduleBeside(path)), printStored({ says: note.reason, violates: [], schedule }))
  return path
}

/** Where the schedule of a finding lies, if it has one. */
const scheduleBeside = (path: string): string => path.replace(/\.bin$/, '.schedule.json')

/** The note beside an input, null where there is none that can be understood. */
export const noteBeside = (path: string): FindingNote | null => {
  try {
    return NOTE.parse(JSON.parse(readText(path.replace(/(\.bin)?$/, '.json'))))
  } catch {
    return null
  }
}

export const replayCommand = (path: string): string => `npm run fuzz -- --replay ${shown(path)}`

/** Saves a finding, then tells of it; what cannot be saved is told with its input. Throws StoreError. */
export const publishFinding = (target: Target, f: Finding, folder: string, tell: (found: Found) => void): void => {
  const { signature, alone } = f
  const lines = printFinding(target, f)
  try {
    const path = saveFinding(target, f, folder)
    const schedule = `  as a schedule: npm run prop -- --replay ${shown(scheduleBeside(path))}`
    const more = [`  replay: ${replayCommand(path)}`, ...(target.schedule === undefined ? [] : [schedule])]
    tell({ signature, alone, path, lines: [...lines, ...more] })
  } catch (e) {
    const more = `  not saved; the input in base64: ${Buffer.from(f.data).toString('base64')}`
    tell({ signature, alone, path: folder, lines: [...lines, more] })
    throw e
  }
}

/** For people: what it is and what the input looks like. */
const printFinding = (target: Target, f: Finding): readonly string[] => [
  `${f.target} ${describe(f.fault)}`,
  `  ${f.detail.split('\n')[0]}`,
  ...(f.alone ? [] : ['  by an input that does not show it alone; the search goes on for one that does']),
  ...f.fault.frames.map((frame) => `  at ${frame}`),
  `  input of ${f.data.length} bytes (found with ${f.foundBytes}), seed ${f.seed}, execution ${f.execution}:`,
  ...target.render(f.data).map((line) => `    ${line}`),
]

/** What became of a finding that was to be a regression, executed before everything else from then on. */
export type Promoted = { readonly kind: 'ok'; readonly to: string } | { readonly kind: 'bad'; readonly why: string }

/** Whether a file is one of the two files of a fuzz finding, rather than a schedule. */
export const isFuzzFinding = (file: string): boolean =>
  file.endsWith('.bin') || TARGET_NAMES.some((name) => new RegExp(`^${name}-[0-9a-f]{12}\\.json$`).test(basename(file)))

/** `file`: the input of a finding or the note beside it. Moves the input to corpus/TARGET/regressions; the note goes. */
export const promoteFinding = (file: string, folderOf: (target: string) => string = regressionFolder): Promoted => {
  const input = file.replace(/\.json$/, '.bin')
  const note = noteBeside(input)
  if (note === null || !TARGET_NAMES.includes(note.target))
    return { kind: 'bad', why: `${file}: expected a finding of the fuzzer with its note beside it, got none` }
  try {
    const data = readInput(input)
    if (nameOf(data) !== note.sha1)
      return { kind: 'bad', why: `${file}: expected the input that its note names, got another (sha1 ${nameOf(data)})` }
    const to = saveInput(folderOf(note.target), data)
    for (const path of [input, input.replace(/\.bin$/, '.json'), scheduleBeside(input)])
      if (existsSync(path)) removeFile(path)
    return { kind: 'ok', to: shown(to) }
  } catch (e) {
    if (e instanceof StoreError) return { kind: 'bad', why: e.message }
    throw e
  }
}
