/** What the adversary can read (A9, R5), asked of its knowledge in every state instead of looked for in bytes. */
import { INVARIANTS, type Invariant } from '../invariants/index.ts'
import { knows } from '../model/forgeries.ts'
import type { Frame } from '../model/state.ts'
import { OP } from '../opcodes.ts'
import type { Client, Conn, State } from './endpoints.ts'
import type { Model } from './model.ts'
import { Pairs } from './pairs.ts'

const named = (id: string): Invariant => INVARIANTS.find((i) => i.id === id)!

/** A property of states. The sentence is the invariant's; `witness` says what shows that it was put to the test. */
export interface StateProperty {
  readonly invariant: Invariant
  readonly witness: string
  check(s: State): { readonly violated: string | null; readonly witnessed: boolean }
}

const NOTHING = { violated: null, witnessed: false }
const WITNESSED = { violated: null, witnessed: true }

/** A9: no key that a DATA of an honest client is encrypted under follows from what the adversary owns. */
export const valuesStaySecret = (m: Model): StateProperty => {
  const judged: ReturnType<StateProperty['check']>[] = [] // by the client runs
  const { insiders } = m.context.setup
  return {
    invariant: named('A9'),
    witness: 'a DATA of an honest client was on the network',
    check(s) {
      let known = judged[s.clients.n]
      if (known === undefined) {
        const honest = s.clients.ends.filter((e) => !insiders.includes(e.id))
        const data = honest.flatMap((e) => e.sent).filter((f) => f.header.opcode === OP.DATA)
        const read = data.find((f) => knows(m.context, null, f.enc))
        known = { violated: read ? `the adversary can read ${read.id}` : null, witnessed: data.length > 0 }
        judged[s.clients.n] = known
      }
      return known
    },
  }
}

/**
 * R5: the keys of any session, stolen now, open only frames of that session from this round on. Those of a client that
 * waits for its CHALLENGE are of no session yet: they open what any session of its HELLO sends.
 */
export const leaksStayLocal = (m: Model): StateProperty => {
  const { insiders } = m.context.setup
  const tables = { client: new Pairs<number>(), server: new Pairs<number>() } // (victim, sender) -> 0 nothing, 1 opens, 2 too much
  const sentIn = (f: Frame, e: Client | Conn): boolean => {
    const [from] = m.context.senders(f.id)
    return from?.hello === e.hello!.id && (e.phase === 'INIT' || from.challenge === e.challenge!.id)
  }
  const judge = (e: Client | Conn, from: Client | Conn): number => {
    const opened = from.sent.filter((f) => !insiders.includes(f.header.id) && knows(m.context, e.keys, f.enc))
    const mine = opened.every((f) => f.header.round >= e.round && sentIn(f, e))
    return opened.length === 0 ? 0 : mine ? 1 : 2
  }
  const opens = (e: Client | Conn, senders: readonly (Client | Conn)[]): number => {
    const table = tables[e.at.side]
    let worst = 0
    for (const from of senders)
      worst = Math.max(worst, table.get(e.n, from.shows) ?? table.put(e.n, from.shows, judge(e, from)))
    return worst
  }
  return {
    invariant: named('R5'),
    witness: 'the keys of a session open a frame of its own round',
    check(s) {
      let witnessed = false
      for (const victims of [s.clients.ends, s.conns.ends])
        for (const e of victims) {
          // nothing to steal; and an insider's keys are the adversary's anyway
          if (e.keys === null || e.hello === null || insiders.includes(e.id!)) continue
          const worst = Math.max(opens(e, s.clients.ends), opens(e, s.conns.ends))
          if (worst === 2)
            return {
              violated: `the keys of ${e.at.side} ${e.at.n} in round ${e.round} open a frame of another session or round`,
              witnessed,
            }
          witnessed ||= worst === 1
        }
      return witnessed ? WITNESSED : NOTHING
    },
  }
}
