/** What both a browser and Node are asked: every frame that a stored schedule makes, and what breaks. Imports nothing of Node's. */
import { srcParty } from '../harness/parties/src.ts'
import { parseStored } from '../harness/schedules/schedule-file.ts'
import { play } from '../harness/world/play.ts'
import { systemOf } from '../harness/world/system.ts'
import { newNames, toHex } from '../harness/world/wire.ts'

/** One line a frame: who sent it, and its bytes; then one line an invariant. */
export const framesOf = (text: string): readonly string[] => {
  const stored = parseStored('stored', text)
  if (stored.kind === 'bad') return [stored.why]
  const names = newNames()
  const lines: string[] = []
  const { findings } = play(
    stored.value.schedule,
    systemOf('src', srcParty, srcParty),
    (e) => {
      if (e.on === 'sent') lines.push(`${e.at.side} ${e.at.n} ${toHex(names.frames.bytes(e.frame))}`)
    },
    names,
  )
  return [...lines, ...findings.map((f) => `${f.invariant} ${f.step} ${f.why}`)]
}
