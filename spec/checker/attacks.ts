/**
 * The attacks of PROTOCOL §9 as monitors narrower than the invariants they break, so that each has a shortest
 * counterexample of its own. In `literal` every one must be found; in `bound` none.
 */
import type { Event, Ledger } from '../events.ts'
import { endName } from '../events.ts'
import { define, type Invariant, violated } from '../invariants/index.ts'
import { isControl, OP } from '../opcodes.ts'

type Broken = (e: Event, l: Ledger) => string | null

const attack = (
  id: string,
  says: string,
  needs: readonly Event['on'][],
  broken: Broken,
  tried: Invariant['witness'],
): Invariant =>
  define<null>({
    id,
    says,
    powers: 'N',
    needs: [...needs, 'delivered'],
    literal: 'violated',
    witness: tried,
    start: null,
    step(s, e, l) {
      const why = broken(e, l)
      return why === null ? s : violated(why)
    },
  }) as Invariant

const delivered = (says: string, opcodes: readonly number[]): Invariant['witness'] => ({
  says,
  floor: 1,
  hit: (e) => e.on === 'delivered' && e.header !== null && opcodes.includes(e.header.opcode),
})

/** Whether this frame was never sent within the handshake of the endpoint that obeyed it. */
const ofAnotherSession = (e: Extract<Event, { on: 'accepted' }>, l: Ledger): boolean => {
  const me = l.facts(e.at)
  return !l.senders(e.frame).some((x) => x.hello === me?.hello && x.challenge === me?.challenge)
}

const controlOf =
  (opcode: number, what: string, side: 'client' | 'server'): Broken =>
  (e, l) =>
    e.on === 'accepted' &&
    e.at.side === side &&
    isControl(e.header.opcode) &&
    e.header.opcode === opcode &&
    ofAnotherSession(e, l)
      ? `${endName(e.at)} obeyed ${what} of another session`
      : null

export const ATTACKS: readonly Invariant[] = [
  attack(
    'foreign-desync',
    'no KEY_DESYNC_ERROR of one session ends another',
    ['accepted'],
    controlOf(OP.DESYNC, 'a KEY_DESYNC_ERROR', 'client'),
    delivered('a KEY_DESYNC_ERROR was delivered', [OP.DESYNC]),
  ),
  attack(
    'foreign-terminate',
    'no TERMINATE of a client ends a server session that the client never joined',
    ['accepted'],
    controlOf(OP.TERMINATE, 'a TERMINATE', 'server'),
    delivered('a TERMINATE was delivered', [OP.TERMINATE]),
  ),
  attack(
    'sibling-response',
    'no genuine response of a sibling session verifies and then fails to unpad',
    ['rejected'],
    (e) =>
      e.on === 'rejected' &&
      e.header?.opcode === OP.RESPONSE &&
      (e.reason === 'bad-padding' || e.reason === 'bad-payload')
        ? `${endName(e.at)} decrypted a response of a sibling session to garbage`
        : null,
    delivered('a response was delivered', [OP.RESPONSE]),
  ),
  attack(
    'replay-supersedes',
    'no session is superseded by one that its client never joined',
    ['ended'],
    (e, l) => {
      if (e.on !== 'ended' || e.by !== 'supersede') return null
      const newcomer = l
        .connections()
        .find((c) => c.id === l.facts(e.at)?.id && c.view?.phase === 'ACTIVE' && c.view.confirmed)
      const owner = newcomer?.hello ? l.senders(newcomer.hello)[0]?.by : undefined
      return newcomer && owner && l.facts(owner)?.challenge !== newcomer.challenge
        ? `a replay on ${endName(newcomer.at)} superseded ${endName(e.at)}`
        : null
    },
    delivered('a DATA was delivered', [OP.DATA]),
  ),
]
