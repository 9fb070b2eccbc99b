/** O: what the network sees tells nothing about why (PROTOCOL §6). */
import type { Event, Ledger } from '../events.ts'
import { endName } from '../events.ts'
import type { End } from '../language.ts'
import { isControl, OP } from '../opcodes.ts'
import { define, violated } from './invariant.ts'

interface Reaction {
  readonly at: string
  readonly want: readonly string[]
  readonly got: readonly string[]
  readonly unsent: boolean // what could not be sent cannot be seen, whichever is told first
}

const describe = (opcode: number, bytes: number, kind: string, round: number, id: number): string =>
  `opcode ${opcode}, ${bytes} bytes, ${kind}, round ${round}, id ${id}`

type Rejected = Extract<Event, { on: 'rejected' }>

/** Over TCP no reason is told; there the history has to tell that a newer session of the client is confirmed (§7). */
const isSuperseded = (e: Rejected, l: Ledger): boolean => {
  if (e.reason !== null || e.frame === null || e.header === null) return e.reason === 'superseded'
  const me = l.facts(e.at)
  const { opcode, id, round, direction } = e.header
  const fits = opcode === OP.DATA && id === me?.id && round === me.expected?.round && direction === 1
  return (
    fits &&
    l.verifies(e.frame, e.at) &&
    l.senders(e.frame).some((x) => x.body.kind === 'data') &&
    l.submissions().some((x) => x.live && x.id === id && (l.facts(x.at)?.order ?? -1) > (me.order ?? -1))
  )
}

/** The only reaction PROTOCOL §6 allows, by class. */
const reactionTo = (e: Rejected, l: Ledger): readonly string[] => {
  const me = l.facts(e.at)?.expected
  if (e.at.side === 'client') return [] // TERMINATED, close, nothing sent
  if (me?.phase !== 'ACTIVE') return [] // no session yet: close, no frame
  if (e.header !== null && isControl(e.header.opcode)) return [] // never answered, whatever its reason
  const opcode = isSuperseded(e, l) ? OP.TERMINATE : OP.DESYNC
  return [describe(opcode, 71, 'control', me.round, me.id)] // always 71 bytes
}

const reaction = (
  s: Reaction | null,
  e: Event,
  l: Ledger,
  concerns: (at: End) => boolean,
): Reaction | null | { violated: string } => {
  switch (e.on) {
    case 'step':
      return null
    case 'rejected':
      if (!concerns(e.at)) return null
      return { at: endName(e.at), want: reactionTo(e, l), got: [], unsent: s?.at === endName(e.at) && s.unsent }
    case 'sent':
      return s?.at === endName(e.at)
        ? { ...s, got: [...s.got, describe(e.header.opcode, e.bytes, e.body.kind, e.header.round, e.header.id)] }
        : s
    case 'unsent':
      return { at: endName(e.at), want: [], got: [], unsent: true }
    case 'ended': {
      if (s?.at !== endName(e.at)) return s
      if (s.unsent) return null
      const same = s.want.length === s.got.length && s.want.every((w, i) => w === s.got[i])
      const say = (xs: readonly string[]) => (xs.length === 0 ? 'nothing' : xs.join('; '))
      return same
        ? null
        : violated(`${s.at} answered a rejected frame with ${say(s.got)}; every cause must show ${say(s.want)}`)
    }
    default:
      return s
  }
}

export const O1 = define<Reaction | null>({
  id: 'O1',
  says: 'the reaction the network sees is the same for every cause of rejection, within each class of PROTOCOL §6',
  needs: ['step', 'rejected', 'sent', 'unsent', 'ended'],
  witness: { says: 'a frame was rejected', floor: 9_400, hit: (e) => e.on === 'rejected' },
  step: (s, e, l) => reaction(s, e, l, () => true),
})

export const O2 = define<Reaction | null>({
  id: 'O2',
  says: 'a first frame with an unknown id, a bad tag or junk is met with the same silence',
  needs: ['step', 'rejected', 'sent', 'unsent', 'ended'],
  witness: {
    says: 'the first frame of a connection was rejected',
    floor: 1_200,
    hit: (e, l) => e.on === 'rejected' && e.at.side === 'server' && l.facts(e.at)?.hello === null,
  },
  step: (s, e, l) => reaction(s, e, l, (at) => at.side === 'server' && l.facts(at)?.hello === null),
})

export const O3 = define<null>({
  id: 'O3',
  says: 'KEY_DESYNC_ERROR and TERMINATE are sealed under the current keys of their own session only',
  needs: ['sent'],
  witness: {
    says: 'a control frame was sent',
    floor: 5_400,
    hit: (e) => e.on === 'sent' && isControl(e.header.opcode),
  },
  step(s, e, l) {
    if (e.on !== 'sent' || !isControl(e.header.opcode)) return s
    const me = l.facts(e.at)?.expected
    return e.body.kind === 'control' && me?.round === e.header.round && me.id === e.header.id
      ? s
      : violated(
          `${endName(e.at)} sent opcode ${e.header.opcode} that is not sealed under its keys of round ${me?.round}`,
        )
  },
})

export const O4 = define<null>({
  id: 'O4',
  says: 'no genuine frame of another session reaches AES',
  powers: 'N',
  needs: ['primitive', 'delivered'],
  literal: 'violated',
  witness: {
    says: 'a genuine frame of another session was delivered',
    floor: 2_000,
    hit: (e, l) => e.on === 'delivered' && e.origin === 'genuine' && e.frame !== null && isForeign(l, e.at, e.frame),
  },
  step: (s, e, l) =>
    e.on === 'primitive' && e.op === 'decrypt' && e.during !== null && isForeign(l, e.at, e.during)
      ? violated(`${endName(e.at)} decrypted a genuine frame of another session`)
      : s,
})

/** A genuine frame whose senders all had another handshake. A HELLO belongs to whichever connection gets it first. */
const isForeign = (l: Ledger, at: End, frame: Parameters<Ledger['senders']>[0]): boolean => {
  const me = l.facts(at)
  const senders = l.senders(frame)
  return (
    senders.length > 0 &&
    senders.every((x) =>
      x.header.opcode === OP.HELLO
        ? false
        : x.header.opcode === OP.CHALLENGE
          ? x.hello !== me?.hello
          : x.hello !== me?.hello || x.challenge !== me?.challenge,
    )
  )
}
