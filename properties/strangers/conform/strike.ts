/** The shape that most cases have: an honest round, one frame that must not pass, and what everybody's next round shows. */
import { opcodeIn } from '../../../spec/dialects/opcodes.ts'
import { writeData } from '../../../spec/dialects/payload.ts'
import { OP } from '../../../spec/opcodes.ts'
import { same } from '../../../spec/reference/bytes.ts'
import { IV_BYTES, ivOf } from '../../../spec/reference/frame.ts'
import { mixesRounds } from './arithmetic.ts'
import { differenceOf } from './exchange.ts'
import { Prerequisite, type Reaction, type Session, type Trial } from './trial.ts'
import { failed, inconclusive, type Judged, nonStrict, ok } from './verdicts.ts'

export interface Pair {
  readonly x: Session
  readonly y: Session
}

/**
 * Two honest clients after their first round, or after as many as `t.rounds` says: the twin that is accepted, and the
 * control of the arithmetic.
 */
export const twoInSession = async (t: Trial): Promise<Pair> => {
  const x = await t.login(t.x)
  const y = await t.login(t.y)
  for (let round = 1; round <= t.rounds; round++) {
    const rounds = await t.together([x, y], [5], [7])
    const which = round === 1 ? 'the first round' : `round ${round}`
    for (const [i, r] of rounds.entries())
      if (!r.answered) throw new Prerequisite(`${which} of an honest client (${i === 0 ? 'X' : 'Y'}): ${r.text}`)
    if (rounds.some((r) => r.right === false)) t.judgesNumbers = false
  }
  return { x, y }
}

/** Whether somebody can be asked alone: a round that only clients in step complete, nobody who comes now can complete. */
export const isAsked = ({ manners }: Trial): boolean => !manners.waits || manners.inStep !== true

/** What honest clients notice after a strike; null: nothing, or one that cannot be asked. */
export const victims = async (t: Trial, who: Readonly<Record<string, Session>>): Promise<string | null> => {
  const all = Object.entries(who)
  const waiting = t.manners.waits && all.length < 2
  if (waiting && !isAsked(t)) return null
  if (waiting) all.push(['another client', await t.login(all[0]![1].id === t.x ? t.y : t.x)])
  // Where values of earlier rounds count, those that a strike in the name of the first took away are missed by the others.
  if (mixesRounds(t.manners.sums)) all.reverse()
  const sessions = all.map(([, s]) => s)
  const rounds = await t.together(sessions, ...sessions.map((_, i) => [11 + 2 * i]))
  for (const [i, r] of rounds.entries()) {
    const name = all[i]![0]
    if (!r.answered) return `the next round of ${name}: ${r.text}`
    if (r.right === false && !waiting) return `the next answer to ${name} is wrong: ${r.text}`
  }
  return null
}

/** After a frame that was refused on the connection of X: a session that goes on broke PROTOCOL §6. */
export const goesOn = async (t: Trial, x: Session, r: Reaction): Promise<boolean> => {
  if (!r.open) return false
  await t.surround(x.peer)
  return (await t.round(x, [13])).answered
}

/** Ends a session whose connection may still be open, so that its values count no more. */
export const leaveFor = async (t: Trial, x: Session): Promise<void> => {
  const open = !x.peer.closed
  t.leave(x)
  if (open) await x.peer.hear(30)
}

/** What a frame of the server in answer to a bad one is sealed with (O3). */
export const badlySealed = (t: Trial, r: Reaction): boolean =>
  r.frame !== null && opcodeIn(t.dialect, r.frame) !== 57 && (r.under === 'zero key' || r.under === 'no known key')

/** Where it differs from a DATA that X could send: the one it was made of, or one under the same keys and IV. */
const fromTwin = (t: Trial, x: Session, bytes: Uint8Array): string | null => {
  if ([...x.sent, ...x.got].some((f) => same(f, bytes))) return null // a replay of the whole
  const iv = ivOf(bytes)
  if (t.honest === null && iv.length < IV_BYTES) return null
  const twin = t.honest ?? x.position.sealNext('c2s', OP.DATA, writeData(t.dialect, [9]), () => iv)
  return differenceOf(bytes, twin)
}

/**
 * A frame on the connection of X that must be refused, and must not hurt Y. Where the answer is a frame that X cannot
 * verify, O3 has a case of its own; here it is only said.
 */
export const strikeInSession = async (
  t: Trial,
  make: (p: Pair) => Uint8Array,
  options: { readonly goingOn?: 'non-strict' | 'fine' } = {},
): Promise<Judged> => {
  const p = await twoInSession(t)
  t.honest = null
  const bytes = make(p)
  t.difference = fromTwin(t, p.x, bytes)
  p.x.peer.send(bytes)
  await t.surround(p.x.peer)
  const r = await t.reaction(p.x.peer, p.x.position)
  if (r.accepted) return failed(`it is accepted: ${r.text}`)
  if (!(await t.alive())) return gone(t, r.text)
  const on = await goesOn(t, p.x, r)
  await leaveFor(t, p.x)
  const hurt = await victims(t, { Y: p.y })
  if (hurt !== null) return { ...(await blame(t, r.text, hurt)), invariant: 'I4' } // whatever was to be refused
  // A frame that was taken for one of another round would wait as well.
  if (!on && r.open && r.frame === null && !isAsked(t))
    return inconclusive(`${r.text}: rounds of clients in step show no more`)
  // Which breaks PROTOCOL §6, and has cases of its own (errors/end-*): here nothing was accepted.
  if (on && options.goingOn !== 'fine') return nonStrict(`${r.text}; the session goes on as if nothing had come`)
  return ok(!isAsked(t) ? `${r.text}; whether others go on was not judged` : r.text)
}

/** The server does not accept connections any more; `said`: after what. */
export const gone = (t: Trial, said: string): Judged => ({
  verdict: 'failed',
  class: 'A',
  fatal: true,
  observed: `${said}${said === '' ? '' : '; '}the server is gone${t.exit === null ? '' : ` (${t.exit})`}`,
})

/** It failed by what hurts honest clients, or by ending the server, which would hurt them too. */
export const blame = async (t: Trial, said: string, hurt: string): Promise<Judged> =>
  (await t.serves()) ? failed(`${said}; ${hurt}`) : gone(t, said)

/** Something done elsewhere, after which X and Y, both in their sessions, must notice nothing. */
export const strikeElsewhere = async (t: Trial, act: (p: Pair) => Promise<Reaction | string>): Promise<Judged> => {
  const p = await twoInSession(t)
  const r = await act(p)
  const said = typeof r === 'string' ? r : r.text
  if (typeof r !== 'string' && r.accepted) return failed(`it is accepted: ${r.text}`)
  if (!(await t.alive())) return gone(t, said)
  const hurt = await victims(t, { X: p.x, Y: p.y })
  return hurt === null ? ok(said) : blame(t, said, hurt)
}
