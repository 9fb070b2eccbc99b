/** Whether a dialect file, read back, explains every frame. */
import { parseDialect } from '../../../spec/dialects/file.ts'
import { follow } from '../../../spec/dialects/transcript.ts'
import { OP, opcodeName } from '../../../spec/opcodes.ts'
import { toHex } from '../../../spec/reference/bytes.ts'
import type { Block } from './block.ts'
import type { Session } from './conversation.ts'

/** The first frame that does not open, in words; null: all do. */
export const faultOf = (
  block: Block,
  sessions: readonly Session[],
  masters: ReadonlyMap<number, Uint8Array>,
): string | null => {
  const parsed = parseDialect(block, 'inferred')
  if (parsed.kind === 'bad') return parsed.problem
  const frames = sessions.flatMap((s) => s.frames).sort((a, b) => a.n - b.n)
  for (const [k, f] of [...follow(parsed.dialect, masters, frames)].entries()) {
    const { n, opcode, round } = frames[k]!
    const place = `frame ${n} (${opcodeName(opcode)} of round ${round})`
    if (!f.opened.tagOk) return `the tag of ${place} does not verify`
    if (!f.opened.padOk) return `the padding of ${place} does not hold`
    if (opcode > OP.RESPONSE) continue
    if (f.opened.body.kind === 'opaque')
      return `the plaintext of ${place}, ${toHex(f.opened.plaintext!)}, is not of its codec`
    if (f.before.round !== round) return `${place} is expected in round ${f.before.round}`
  }
  return null
}
