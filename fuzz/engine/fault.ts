/** What went wrong with an input, in terms that stay the same from run to run. */
import { createHash } from 'node:crypto'
import { ROOT } from '../../properties/harness/programs.ts'
import { variantStack } from '../../properties/harness/variants.ts'
import { Hang, Mismatch } from './target.ts'

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
