/** What a peer did about a frame and why, in sentences that cite PROTOCOL. */
import { type EndedBy, type Event, endName, type Reason, sameEnd } from '../../../../spec/events.ts'
import type { End, Mode } from '../../../../spec/language.ts'
import { isControl, OP, opcodeName } from '../../../../spec/opcodes.ts'
import type { Delivery, Happened, Judged } from './remote-play.ts'

/** A line for a person; `odd`: the peer did not do what PROTOCOL asks for. */
interface Remark {
  readonly text: string
  readonly odd: boolean
}

/** Why a frame fails, by the first check of PROTOCOL §6 that it fails at. */
const WHY: Readonly<Record<Reason, (j: Judged) => string>> = {
  malformed: ({ frame }) =>
    frame === null
      ? 'a length prefix outside 71..4167 is no frame, and nothing is buffered for it (§2)'
      : 'whole cipher blocks make a length that is 7 more than a multiple of 16 (§2)',
  'unknown-opcode': ({ opcode }) => `${opcode} is none of the six (§2)`,
  'wrong-client': ({ frame, session }) =>
    session
      ? 'a session belongs to its connection and has one client id (§7)'
      : `the keyring has no client ${frame![1]}, and the network must not be able to tell (§6)`,
  'wrong-direction': () => 'the direction byte says that it travels the other way, as what is reflected does (§2, §6)',
  'stale-round': ({ round }) =>
    `that round has ended, the session is in round ${round} (§6), and its keys have moved on (§4)`,
  'future-round': ({ session, round }) =>
    session ? `the session is in round ${round} (§6)` : 'without a session only a HELLO, of round 0, can pass (§7)',
  'out-of-phase': ({ opcode }) => `${opcodeName(opcode)} is not legal at this receiver now (§2, table of opcodes)`,
  'bad-tag': () =>
    'the tag does not verify under the key of this session, direction and round, so nothing is decrypted (§3)',
  'bad-padding': () => 'the tag is right, the padding under it is not PKCS#7 (§3)',
  'bad-payload': ({ opcode }) => `it opens, but is no payload of ${opcodeName(opcode)} (§5)`,
  superseded: () => 'a newer session of this client is confirmed (§7)',
}

/** What PROTOCOL has a receiver do: the frames it sends, whether the session ends, and why that is so. */
interface Due {
  readonly sends: readonly number[]
  readonly ends: boolean
  readonly rule: string
}

const goesOn = (rule: string, ...sends: number[]): Due => ({ sends, ends: false, rule })
const closes = (rule: string, ...sends: number[]): Due => ({ sends, ends: true, rule })

const dueAtServer = ({ opcode, reason, session }: Judged): Due => {
  if (reason === 'superseded') return closes('§6: that is answered with TERMINATE', OP.TERMINATE)
  if (reason !== null) {
    if (!session) return closes('§6: before a session any failing frame meets a close, no frame')
    return isControl(opcode)
      ? closes('§6: a 50 or 60 is never answered')
      : closes('§6: one KEY_DESYNC_ERROR under the keys as they were, and close', OP.DESYNC)
  }
  switch (opcode) {
    case OP.HELLO:
      return goesOn('§7: the session is ACTIVE in round 1 and unconfirmed', OP.CHALLENGE)
    case OP.DATA:
      return goesOn('§8: counted, and answered on arrival', OP.RESPONSE)
    default:
      return closes('§6: a valid TERMINATE ends the session and is never answered')
  }
}

const dueAtClient = ({ opcode, reason }: Judged): Due => {
  if (reason !== null) return closes('§6: a client is TERMINATED and closes, nothing is sent')
  return isControl(opcode)
    ? closes('§6: a valid KEY_DESYNC_ERROR or TERMINATE ends the session and is never answered')
    : goesOn('§4: the client commits when the answer has passed every check')
}

const sentBy = (at: End, events: readonly Event[]): readonly number[] =>
  events.flatMap((e) => (e.on === 'sent' && sameEnd(e.at, at) ? [e.header.opcode] : []))

const endedAt = (at: End, events: readonly Event[]): boolean =>
  events.some((e) => e.on === 'ended' && sameEnd(e.at, at))

const reaction = (at: End, sends: readonly number[], ends: boolean): string => {
  if (at.side === 'client') return ends ? 'is TERMINATED and closes' : 'goes on'
  const said = sends.map(opcodeName).join(', ')
  if (said === '') return ends ? 'closes without a frame' : 'says nothing'
  return `answers ${said}${ends ? ' and closes' : ''}`
}

/** A dialect sets how its servers react, save that what fails is not answered as what passes. */
const remarksOnStranger = (f: Delivery, reacts: string): readonly Remark[] => {
  const reason = f.first?.reason ?? null
  const did = { text: `${endName(f.at)} ${reacts}; ${reason ?? 'the frame passes every check (§6)'}`, odd: false }
  const accepted = f.events.some((e) => e.on === 'accepted' && sameEnd(e.at, f.at))
  if (reason === null || !accepted || f.at.side === 'client' || f.more > 0) return [did]
  return [did, { text: 'NOT as PROTOCOL §6: it is answered as what passes every check', odd: true }]
}

const remarks = (f: Delivery): readonly Remark[] => {
  const who = endName(f.at)
  if (f.gone) return [{ text: `${who} has ended: TERMINATED is final, nobody reads this (§1)`, odd: false }]
  if (f.first === null)
    return [{ text: `${who} waits: ${f.held} bytes are no whole frame yet, and extend no timer (§7)`, odd: false }]
  const due = f.at.side === 'server' ? dueAtServer(f.first) : dueAtClient(f.first)
  const [sends, ends] = [sentBy(f.at, f.events), endedAt(f.at, f.events)]
  const { reason } = f.first
  if (f.stranger) return remarksOnStranger(f, reaction(f.at, sends, ends))
  const why = reason === null ? 'the frame passes every check (§6)' : `${reason}: ${WHY[reason](f.first)}`
  const did = { text: `${who} ${reaction(f.at, sends, ends)}; ${why}`, odd: false }
  // with more frames behind the first, what came back answers those as well
  if (f.more > 0) return [did, { text: `${f.more} more frames follow in the same chunk (§6)`, odd: false }]
  if (sends.join() === due.sends.join() && ends === due.ends)
    return [did, { text: `as PROTOCOL ${due.rule}`, odd: false }]
  const expected = `expected that it ${reaction(f.at, due.sends, due.ends)} (if it has the keys and the mode given here)`
  return [did, { text: `NOT as PROTOCOL ${due.rule}; ${expected}`, odd: true }]
}

/** How receivers reacted. `terse`: only where it is not what honest parties want. */
export const reactions = (h: Happened, terse: boolean): readonly Remark[] =>
  h.deliveries.flatMap((d) => {
    const made = remarks(d)
    const smooth = !d.gone && d.first?.reason === null && !made.some((r) => r.odd)
    return terse && smooth ? [] : made
  })

/** Sessions that ended without having received anything. */
export const bystanders = (h: Happened): readonly Remark[] =>
  h.events.flatMap((e) =>
    e.on === 'ended' && e.at.side === 'server' && !h.deliveries.some((d) => sameEnd(d.at, e.at))
      ? [{ text: aside(endName(e.at), e.by), odd: false }]
      : [],
  )

const aside = (who: string, by: EndedBy): string => {
  if (by === 'supersede')
    return `${who} got TERMINATE: a newer session of the same client is confirmed, a timer, or the server stops (§7)`
  return by === 'evicted'
    ? `${who} got TERMINATE: it gave way to newer unconfirmed sessions, a timer, or the server stops (§7)`
    : `${who} was closed`
}

/** Which invariants and goals broke. In literal that may be what PROTOCOL §9 says of it. */
export const violations = (h: Happened, mode: Mode, mustHold: (id: string) => boolean): readonly Remark[] =>
  h.findings.map((f) => {
    const must = mustHold(f.invariant)
    const says = must
      ? `must hold in ${mode}`
      : mode === 'literal'
        ? 'PROTOCOL §9 says so of literal'
        : 'PROTOCOL §7 concedes it'
    return { text: `${f.invariant} is broken: ${f.why} (${says})`, odd: must }
  })
