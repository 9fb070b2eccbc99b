/** The shape that most cases have: an honest beginning, one frame that must not pass, and what the client does then. */
import type { Header } from '../../../../spec/events.ts'
import { Prerequisite } from '../trial.ts'
import { type Case, type Class, failed, type Judged, nonStrict, ok } from '../verdicts.ts'
import type { Guest, Host, Reaction } from './host.ts'

export type ClientCase = Case<Host>
export type Make = (h: Host, g: Guest) => Uint8Array

export const CHECK_HEADER =
  'Compare opcode, id, round and direction with what is due before anything else, whoever sealed the frame, and end the run on any other.'

const sealing =
  (text: (h: Host, g: Guest) => Uint8Array) =>
  (opcode: number, change?: (h: Host, g: Guest) => Partial<Header>, pad?: (free: number) => Uint8Array): Make =>
  (h, g) => {
    const said = text(h, g)
    return h.seal(g, opcode, said, change?.(h, g), pad?.(16 - (said.length % 16)))
  }
/** Frames of a server under this opcode that say what an honest answer does, or an honest CHALLENGE. */
export const answer = sealing((h, g) => h.answerText(g))
export const challenge = sealing((h) => h.challengeText())

export const GOES_ON = 'the run goes on as if nothing had come'

/** After a frame that was refused: a run that goes on with the genuine one broke PROTOCOL §6. */
export const goesOn = async (h: Host, g: Guest, genuine: Uint8Array): Promise<boolean> => {
  g.peer.send(genuine)
  return (await h.reaction(g)).accepted
}

/** `genuine`: what was due. `as`: the class of an acceptance, where it is another than the case's. */
export const strike = async (
  h: Host,
  g: Guest,
  frame: Uint8Array,
  genuine: Uint8Array,
  as?: Class,
): Promise<Judged> => {
  g.peer.send(frame)
  return judgeReaction(h, g, await h.reaction(g), genuine, as)
}

export const judgeReaction = async (
  h: Host,
  g: Guest,
  r: Reaction,
  genuine: Uint8Array,
  as?: Class,
): Promise<Judged> => {
  if (r.accepted) return failed(`it is accepted: ${r.text}`, as)
  // PROTOCOL §6: nothing is sent. Other dialects may have their way of saying goodbye.
  if (r.frame !== null && h.dialect.reaction === 'uniform') return nonStrict(r.text)
  // Which breaks PROTOCOL §6, and has cases of its own (errors/end-*): here nothing was accepted.
  if (r.open && (await goesOn(h, g, genuine))) return nonStrict(`${r.text}; ${GOES_ON}`)
  return ok(r.text)
}

/** In the place of the CHALLENGE. */
export const inPlaceOfChallenge = async (h: Host, make: (g: Guest) => Uint8Array, as?: Class): Promise<Judged> => {
  const g = await h.welcome()
  return strike(h, g, make(g), h.challengeFor(g), as)
}

/** In the place of the answer to the DATA of round `round`; without one, of that at which the host is to strike. */
export const inPlaceOfAnswer = async (
  h: Host,
  make: (g: Guest) => Uint8Array,
  options: { readonly round?: number; readonly as?: Class } = {},
): Promise<Judged> => {
  const round = options.round ?? h.round
  needsRounds(h, round + 1) // so that the next DATA shows an acceptance
  const g = await h.session(round)
  return strike(h, g, make(g), h.answerFor(g), options.as)
}

/** Throws Prerequisite where the client submits less often. */
export const needsRounds = (h: Host, rounds: number): void => {
  if (h.habits.rounds < rounds)
    throw new Prerequisite(`it submits ${h.habits.rounds} times in a run; to see what it takes, ${rounds} are needed`)
}
