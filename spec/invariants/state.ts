/** S: what a state machine may accept, and what follows when it does not. */
import type { FrameId, Header } from '../events.ts'
import { endName } from '../events.ts'
import type { End } from '../language.ts'
import { isControl, MAX_ROUND, OP } from '../opcodes.ts'
import { define, plus, violated, without } from './invariant.ts'

export const S1 = define<null>({
  id: 'S1',
  says: 'an accepted opcode is legal for the role and phase of its receiver',
  needs: ['accepted', 'rejected'],
  witness: {
    says: 'a frame under a valid tag was refused as out of phase',
    floor: 320,
    hit: (e, l) =>
      e.on === 'rejected' && e.reason === 'out-of-phase' && e.frame !== null && l.senders(e.frame).length > 0,
  },
  step(s, e, l) {
    if (e.on !== 'accepted') return s
    const { opcode } = e.header
    const before = e.before ?? l.facts(e.at)?.expected // a party that shows no state is taken at its transcript
    const phase = before?.phase ?? 'INIT'
    const legal =
      e.at.side === 'server' // PROTOCOL §2, last column
        ? phase === 'INIT'
          ? opcode === OP.HELLO
          : phase === 'ACTIVE' && (opcode === OP.DATA || opcode === OP.TERMINATE)
        : phase === 'INIT'
          ? opcode === OP.CHALLENGE
          : phase === 'ACTIVE' && (isControl(opcode) || (opcode === OP.RESPONSE && before?.outstanding === true))
    return legal ? s : violated(`${endName(e.at)} accepted opcode ${opcode} in phase ${phase}`)
  },
})

/** What PROTOCOL §6 demands of the header before anything else is looked at. A first frame of round 0 is a HELLO or CHALLENGE. */
const due = (at: { side: string }, expected: { id: number; round: number } | null, h: Header): Header => ({
  opcode: h.opcode,
  id: expected?.id ?? h.id, // a first frame names its client itself
  round: expected?.round ?? (h.opcode === OP.HELLO || h.opcode === OP.CHALLENGE ? 0 : 1),
  direction: at.side === 'server' ? 1 : 2,
})

export const S2 = define<null>({
  id: 'S2',
  says: 'an accepted frame has exactly the expected direction, client id and round',
  needs: ['accepted', 'rejected', 'delivered'],
  witness: {
    says: 'a frame under a valid tag carried a wrong direction, id or round',
    floor: 280,
    hit: (e, l) => {
      if (e.on !== 'delivered' || e.header === null || e.origin !== 'sealed') return false
      const want = due(e.at, l.facts(e.at)?.expected ?? null, e.header)
      return want.id !== e.header.id || want.round !== e.header.round || want.direction !== e.header.direction
    },
  },
  step(s, e, l) {
    if (e.on !== 'accepted') return s
    const want = due(e.at, l.facts(e.at)?.expected ?? null, e.header)
    for (const field of ['direction', 'id', 'round'] as const)
      if (want[field] !== e.header[field])
        return violated(`${endName(e.at)} accepted ${field} ${e.header[field]}, expected ${want[field]}`)
    return s
  },
})

/** S3: the endpoints that have ended. */
export const S3 = define<ReadonlySet<string>>({
  id: 'S3',
  says: 'TERMINATED absorbs everything, later frames of the same chunk and a new HELLO included',
  needs: ['step', 'ended', 'accepted', 'rejected', 'sent', 'committed'],
  witness: {
    says: 'bytes arrived at an endpoint that had ended',
    floor: 6_100,
    hit: (e, l) => e.on === 'step' && e.target !== null && l.facts(e.target)?.ended === true,
  },
  start: new Set(),
  step(ended, e) {
    switch (e.on) {
      case 'ended':
        return plus(ended, endName(e.at))
      case 'accepted':
      case 'rejected':
      case 'sent':
      case 'committed':
        return ended.has(endName(e.at)) ? violated(`${endName(e.at)} had ended, then: ${e.on}`) : ended
      default:
        return ended
    }
  },
})

const debt = (e: { at: End; frame: FrameId | null }): string => `${endName(e.at)} ${e.frame}`

/** S4: endpoints that owe an end, each with the frame that it owes it for. */
export const S4 = define<ReadonlySet<string>>({
  id: 'S4',
  says: 'every complete frame that is not accepted, and every control frame that is, ends the session that received it',
  needs: ['delivered', 'accepted', 'rejected', 'ended', 'settled'],
  witness: { says: 'a complete frame was rejected', floor: 9_400, hit: (e) => e.on === 'rejected' },
  start: new Set(),
  step(owing, e) {
    switch (e.on) {
      case 'delivered':
        return plus(owing, debt(e))
      case 'accepted':
        // PROTOCOL §6: a valid 50 or 60 ends the session
        return !isControl(e.header.opcode) && owing.has(debt(e)) ? without(owing, debt(e)) : owing
      case 'ended': {
        const still = [...owing].filter((d) => !d.startsWith(`${endName(e.at)} `))
        return still.length < owing.size ? new Set(still) : owing
      }
      case 'settled': {
        const [at] = [...owing].map((d) => d.split(' ')[0])
        return at === undefined ? owing : violated(`${at} went on after a frame that had to be its last`)
      }
      default:
        return owing
    }
  },
})

/** S5: which endpoint took a control frame in this step; one that it accepted licenses an end "by the peer". */
export const S5 = define<string | null>({
  id: 'S5',
  says: 'an unverified KEY_DESYNC_ERROR or TERMINATE is never obeyed, and none is ever answered',
  needs: ['step', 'accepted', 'rejected', 'sent', 'ended'],
  witness: {
    says: 'a control frame without a valid tag was rejected',
    floor: 1_000,
    hit: (e) => e.on === 'rejected' && e.header !== null && isControl(e.header.opcode),
  },
  step(s, e, l) {
    switch (e.on) {
      case 'step':
        return null
      case 'accepted':
        if (!isControl(e.header.opcode)) return s
        return l.verifies(e.frame, e.at)
          ? `obeyed ${endName(e.at)}`
          : violated(`${endName(e.at)} obeyed a control frame whose tag does not verify`)
      case 'rejected':
        return e.header !== null && isControl(e.header.opcode) ? `silent ${endName(e.at)}` : s
      case 'sent':
        // PROTOCOL §6: whether it was valid or not
        return s === `silent ${endName(e.at)}` || s === `obeyed ${endName(e.at)}`
          ? violated(`${endName(e.at)} answered a control frame`)
          : s
      case 'ended':
        return e.by !== 'peer' || s === `obeyed ${endName(e.at)}`
          ? s
          : violated(`${endName(e.at)} ended as if by its peer, without an authentic control frame`)
      default:
        return s
    }
  },
})

export const S6 = define<null>({
  id: 'S6',
  says: 'the round grows by exactly 1 per committed exchange, over all 32 bits, and never wraps',
  needs: ['committed'],
  witness: {
    says: 'a session moved from one round to the next',
    floor: 28_000,
    hit: (e) => e.on === 'committed' && e.before?.phase === 'ACTIVE' && e.view.round !== e.before.round,
  },
  step(s, e) {
    if (e.on !== 'committed' || e.before?.phase !== 'ACTIVE' || e.view.phase !== 'ACTIVE') return s
    const { before, view } = e
    if (view.round < 0 || view.round > MAX_ROUND) return violated(`${endName(e.at)} is in round ${view.round}`)
    const evolved = before.keys?.some((k, i) => k !== view.keys?.[i]) ?? before.round !== view.round
    const moved = view.round - before.round
    return moved === (evolved ? 1 : 0)
      ? s
      : violated(
          `${endName(e.at)} went from round ${before.round} to ${view.round}, keys ${evolved ? 'evolved' : 'unchanged'}`,
        )
  },
})

/** S7: clients with a DATA outstanding. */
export const S7 = define<ReadonlySet<string>>({
  id: 'S7',
  says: 'a client has at most one request outstanding and accepts a response only then',
  needs: ['sent', 'accepted', 'ended', 'submitted'],
  witness: {
    says: 'a second request was refused while one was outstanding',
    floor: 950,
    hit: (e, l) => {
      const me = e.on === 'submitted' && e.refused ? l.facts(e.at) : undefined
      return me?.expected?.outstanding === true && !me.ended
    },
  },
  start: new Set(),
  step(waiting, e) {
    if (!('at' in e) || e.at.side !== 'client') return waiting
    const me = endName(e.at)
    switch (e.on) {
      case 'sent':
        if (e.header.opcode !== OP.DATA) return waiting
        return waiting.has(me) ? violated(`${me} sent a second DATA in round ${e.header.round}`) : plus(waiting, me)
      case 'accepted':
        if (e.header.opcode !== OP.RESPONSE) return waiting
        return waiting.has(me) ? without(waiting, me) : violated(`${me} accepted a response without a request`)
      case 'ended':
        return waiting.has(me) ? without(waiting, me) : waiting
      default:
        return waiting
    }
  },
})
