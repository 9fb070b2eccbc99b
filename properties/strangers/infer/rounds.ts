/** Rounds as headers tell them: where they begin, and after which frames they advance. */
import { OP } from '../../../spec/opcodes.ts'
import type { Session } from './conversation.ts'

export type Rounds =
  | {
      readonly kind: 'ok'
      readonly start: number
      readonly advances: readonly string[] | 'every' | 'active'
      readonly says: string
      readonly frames: number
    }
  | { readonly kind: 'bad'; readonly why: string }

/** What the kinds of frames are called; those that end a session last. */
export const WORDS = [
  ['HELLO', OP.HELLO],
  ['CHALLENGE', OP.CHALLENGE],
  ['DATA', OP.DATA],
  ['RESPONSE', OP.RESPONSE],
  ['KEY_DESYNC_ERROR', OP.DESYNC],
  ['TERMINATE', OP.TERMINATE],
] as const

export const roundsOf = (sessions: readonly Session[]): Rounds => {
  const bad = (why: string): Rounds => ({ kind: 'bad', why: `rounds: ${why}, which no dialect file can say` })
  const starts = [...new Set(sessions.map((s) => s.frames[0]!.round))]
  if (starts.length > 1) return bad(`sessions begin in rounds ${starts.join(' and ')}`)
  const steps = new Map<number, number>() // by opcode: what it adds
  let frames = 0
  for (const s of sessions)
    for (const [i, f] of s.frames.entries()) {
      frames++
      const next = s.frames[i + 1]
      if (next === undefined || f.opcode > OP.RESPONSE || next.opcode > OP.RESPONSE) continue
      const by = next.round - f.round
      const known = steps.get(f.opcode) ?? by
      const word = WORDS.find(([, op]) => op === f.opcode)?.[0]
      if (by !== known || (by !== 0 && by !== 1))
        return bad(`after a ${word} of round ${f.round} comes round ${next.round}`)
      steps.set(f.opcode, by)
    }
  // A recording of one round does not show what its answer does: as the CHALLENGE does.
  const last = steps.get(OP.RESPONSE) ?? steps.get(OP.CHALLENGE) ?? 0
  steps.set(OP.RESPONSE, last)
  const words = WORDS.filter(([, op]) => steps.get(op) === 1).map(([w]) => w)
  const advances = words.length === 4 ? 'every' : words.join() === 'DATA,RESPONSE' ? 'active' : words
  const says =
    typeof advances === 'string' ? (advances === 'every' ? 'every frame' : 'every frame once active') : words.join(', ')
  return { kind: 'ok', start: starts[0]!, advances, says: says === '' ? 'nothing' : says, frames }
}
