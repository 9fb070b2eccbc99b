/**
 * What attackers want, as monitors: an attack succeeds where a goal of its own is violated. Nearly all goals are
 * invariants, or the narrower monitors of the explorer; those below say what none of these says over sockets.
 */
import { ATTACKS } from '../../../spec/checker/attacks.ts'
import { type Dialect, isPrefixed } from '../../../spec/dialects/dialect.ts'
import { endName } from '../../../spec/events.ts'
import { define, INVARIANTS, type Invariant, plus, violated, without } from '../../../spec/invariants/index.ts'
import { OP } from '../../../spec/opcodes.ts'

const REFLECTED = define<null>({
  id: 'reflected',
  says: 'no side accepts a frame that only its own side has sent',
  powers: 'N',
  needs: ['accepted', 'delivered'],
  literal: 'holds',
  witness: {
    says: 'a frame was delivered to the side that had sent it',
    floor: 1,
    hit: (e, l) => e.on === 'delivered' && e.frame !== null && l.senders(e.frame).some((x) => x.by?.side === e.at.side),
  },
  start: null,
  step(s, e, l) {
    if (e.on !== 'accepted') return s
    const senders = l.senders(e.frame)
    return senders.length > 0 && senders.every((x) => x.by?.side === e.at.side)
      ? violated(`${endName(e.at)} accepted a frame of its own side`)
      : s
  },
})

/** PROTOCOL §7 concedes it in both modes. */
const EVICTED = define<null>({
  id: 'half-open-evicted',
  says: 'no session gives way to newer HELLOs before its first DATA',
  powers: 'N',
  needs: ['ended', 'delivered'],
  literal: 'violated',
  witness: {
    says: 'a HELLO was delivered to the server',
    floor: 1,
    hit: (e) => e.on === 'delivered' && e.at.side === 'server' && e.header?.opcode === OP.HELLO,
  },
  start: null,
  step: (s, e) =>
    e.on === 'ended' && e.by === 'evicted' ? violated(`${endName(e.at)} gave way before its first DATA`) : s,
})

interface Flood {
  readonly confirmed: ReadonlySet<string>
  readonly hello: boolean // a HELLO is being processed
}

const FLOODED = define<Flood>({
  id: 'confirmed-flooded',
  says: 'no HELLO ends a session that has submitted',
  powers: 'N',
  needs: ['step', 'accepted', 'delivered', 'ended'],
  literal: 'holds',
  witness: {
    says: 'a HELLO was delivered while a session had submitted',
    floor: 1,
    hit: (e, l) => e.on === 'delivered' && e.header?.opcode === OP.HELLO && l.submissions().some((x) => x.live),
  },
  start: { confirmed: new Set(), hello: false },
  step(s, e) {
    switch (e.on) {
      case 'step':
        return { ...s, hello: false }
      case 'delivered':
        return { ...s, hello: e.at.side === 'server' && e.header?.opcode === OP.HELLO }
      case 'accepted':
        return e.at.side === 'server' && e.header.opcode === OP.DATA
          ? { ...s, confirmed: plus(s.confirmed, endName(e.at)) }
          : s
      case 'ended':
        return s.hello && s.confirmed.has(endName(e.at))
          ? violated(`a HELLO ended ${endName(e.at)}, which had submitted`)
          : { ...s, confirmed: without(s.confirmed, endName(e.at)) }
      default:
        return s
    }
  },
})

/** `start`: whether the DATA accepted last, in this step, had been accepted before. */
const TAKEN_OVER = define<boolean>({
  id: 'taken-over',
  says: 'no replay supersedes the session of a client',
  powers: 'N',
  needs: ['step', 'accepted', 'delivered', 'ended'],
  literal: 'violated',
  witness: {
    says: 'an accepted DATA was delivered again while its client was connected',
    floor: 1,
    hit: (e, l) =>
      e.on === 'delivered' &&
      e.frame !== null &&
      e.header?.opcode === OP.DATA &&
      l.accepted(e.frame) > 0 &&
      l.submissions().some((x) => x.live && x.id === e.header?.id),
  },
  start: false,
  step(replayed, e, l) {
    switch (e.on) {
      case 'step':
        return false
      case 'accepted':
        return e.at.side === 'server' && e.header.opcode === OP.DATA && l.accepted(e.frame) > 0
      case 'ended':
        return e.by === 'supersede' && replayed ? violated(`a replay took the place of ${endName(e.at)}`) : replayed
      default:
        return replayed
    }
  },
})

/** Those that are said here alone. */
export const OWN_GOALS: readonly Invariant[] = [REFLECTED, EVICTED, FLOODED, TAKEN_OVER]

export const GOALS: readonly Invariant[] = [...INVARIANTS, ...ATTACKS, ...OWN_GOALS]

/** What an attack on a server that speaks another dialect can be judged by: what frames alone show, and no dialect sets. */
const JUDGED = ['A1', 'A1s', 'A2', 'C1', 'L1', 'S1', 'S2', 'S3', 'S4', 'S5', 'reflected', 'confirmed-flooded']

const OF_CLIENTS = 'it is about clients, and the clients here are ours'
const OF_ENDS = 'the network does not show why a session ended'
const REASONS: Readonly<Record<string, string>> = {
  A3: OF_CLIENTS,
  A8: OF_CLIENTS,
  A10: OF_CLIENTS,
  'foreign-desync': OF_CLIENTS,
  'sibling-response': OF_CLIENTS,
  'half-open-evicted': OF_ENDS,
  'taken-over': OF_ENDS,
}
const FAMILIES: Readonly<Record<string, string>> = {
  O: 'reactions are those of the dialect',
  G: 'npm run conform judges the numbers of a dialect',
  B: 'limits and times are those of PROTOCOL',
}

/** Whether a connection goes on after some bad frame. */
const survives = ({ reaction }: Dialect): boolean =>
  typeof reaction === 'object' ? Object.values(reaction).some((told) => told.stays) : reaction === 'telling'

/** Why this goal cannot be judged of a server that speaks the dialect; null: it can. */
export const unjudged = (id: string, d: Dialect): string | null => {
  if (id === 'S2' && d.startRound !== 0) return 'the dialect starts in another round than PROTOCOL'
  if (id === 'S4' && survives(d)) return 'connections survive a bad frame in the dialect'
  if (id === 'S4' && !isPrefixed(d.framing)) return 'nothing says where a frame ends in the dialect'
  if (JUDGED.includes(id)) return null
  return REASONS[id] ?? FAMILIES[id[0]!] ?? 'the network does not show it'
}
