/** The second round of the honest conversation: keys and rounds have to move, or no later frame shows anything. */
import { opcodeIn } from '../../../spec/dialects/opcodes.ts'
import { writeData } from '../../../spec/dialects/payload.ts'
import { OP } from '../../../spec/opcodes.ts'
import { leaveFor } from './strike.ts'
import { Prerequisite, type Round, type Session, type Trial } from './trial.ts'

/** Told of each answer, and of the round that it is to. */
export type Heard = (of: Session, round: number, r: Round) => void

/**
 * What answers hold of earlier rounds shows in it. Throws Prerequisite where it is refused: every case would blame its own
 * frame for that. Silence is none: a server may wait for others there.
 */
export const secondRound = async (t: Trial, x: Session, y: Session, heard: Heard): Promise<void> => {
  const asked = [x.position.round, y.position.round] as const
  const known = async (s: Session, round: number, r: Round): Promise<void> => {
    heard(s, round, r)
    if (r.answered || r.text === 'silence') return
    throw new Prerequisite(
      `the second DATA of an honest client: ${r.text}${t.manners.waits ? '' : await takenInstead(t, [x, y])}`,
    )
  }
  if (t.manners.waits) {
    const [a, b] = await t.together([x, y], [11], [13])
    await known(x, asked[0], a!)
    await known(y, asked[1], b!)
    return
  }
  const a = await t.round(x, [11])
  await known(x, asked[0], a)
  if (a.answered) await known(y, asked[1], await t.round(y, [13]))
}

const INSTEAD = [
  ['keys', 'it is answered under the keys of the first: they do not move'],
  ['round', 'it is answered with the round of the first: rounds do not advance'],
  ['both', 'it is answered under the keys and with the round of the first: nothing moves'],
] as const

/** What of the first round a second DATA must have to be taken, each in a session of its own; empty: it is nothing of it. */
const takenInstead = async (t: Trial, before: readonly Session[]): Promise<string> => {
  for (const s of before) await leaveFor(t, s)
  for (const [what, says] of INSTEAD) {
    const s = await t.login(t.x).catch(() => null)
    if (s === null) return ''
    const { position: first } = s
    if (!(await t.round(s, [5])).answered) return ''
    const [keys, round] = [what === 'round' ? s.position : first, what === 'keys' ? s.position.round : first.round]
    s.peer.send(t.seal(keys, OP.DATA, writeData(t.dialect, [11]), { round }))
    const { frame } = await t.reaction(s.peer, s.position)
    if (frame !== null && opcodeIn(t.dialect, frame) === OP.RESPONSE) return `; ${says}`
    await leaveFor(t, s)
  }
  return ''
}
