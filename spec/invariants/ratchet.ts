/** R: keys and round move together, at the right moments, to the right values. */
import { endName } from '../events.ts'
import { OP } from '../opcodes.ts'
import { define, plus, violated, without } from './invariant.ts'

export const R1 = define<null>({
  id: 'R1',
  says: 'the keys after k exchanges are the fold of the four formulas over the transcript',
  needs: ['committed'],
  witness: {
    says: 'a session reached round 3 or later',
    floor: 25_000,
    hit: (e) => e.on === 'committed' && e.view.phase === 'ACTIVE' && e.view.round >= 3,
  },
  step(s, e, l) {
    if (e.on !== 'committed' || e.view.keys === null || e.before === null) return s
    const expected = l.facts(e.at)?.expected
    return expected?.keys?.every((k, i) => k === e.view.keys?.[i])
      ? s
      : violated(`${endName(e.at)}: the keys of round ${e.view.round} do not follow from the transcript`)
  },
})

export const R2 = define<null>({
  id: 'R2',
  says: 'equal transcripts mean equal round and keys on both sides, and (bound) only equal transcripts do',
  powers: 'N',
  needs: ['committed'],
  witness: {
    says: 'a client and a server session were compared',
    floor: 21_000,
    hit: (e) => e.on === 'committed' && e.at.side === 'client' && e.view.phase === 'ACTIVE' && e.view.round > 1,
  },
  step(s, e, l) {
    if (e.on !== 'committed' || e.at.side !== 'client' || e.view.phase !== 'ACTIVE') return s
    const mine = l.facts(e.at)!
    for (const other of l.connections()) {
      if (other.view?.phase !== 'ACTIVE' || other.id !== e.view.id) continue
      const sameTranscript = other.transcript === mine.transcript
      const sameState = other.view.round === e.view.round && other.view.keys?.every((k, i) => k === e.view.keys?.[i])
      if (sameTranscript && !sameState)
        return violated(`${endName(e.at)} and ${endName(other.at)} share the transcript, but not round and keys`)
      if (l.mode === 'bound' && sameState && !sameTranscript)
        return violated(`${endName(e.at)} and ${endName(other.at)} share the keys, but not the transcript`)
    }
    return s
  },
})

/** R4: the endpoint that is rejecting a frame in this step. */
export const R4 = define<string | null>({
  id: 'R4',
  says: 'no key evolves during a rejected frame; its error frame is sealed under the keys as they were',
  needs: ['step', 'rejected', 'sent', 'committed'],
  witness: {
    says: 'a rejected frame was answered with KEY_DESYNC_ERROR',
    floor: 4_100,
    hit: (e) => e.on === 'sent' && e.header.opcode === OP.DESYNC,
  },
  step(rejecting, e) {
    switch (e.on) {
      case 'step':
        return null
      case 'rejected':
        return endName(e.at)
      case 'sent':
        return rejecting === endName(e.at) && e.body.kind === 'sealed'
          ? violated(`${endName(e.at)} sealed its error frame under other keys than those of round ${e.header.round}`)
          : rejecting
      case 'committed':
        return rejecting === endName(e.at) && e.view.phase !== 'TERMINATED'
          ? violated(`${endName(e.at)} changed its state on a rejected frame`)
          : rejecting
      default:
        return rejecting
    }
  },
})

export const R6 = define<null>({
  id: 'R6',
  says: 'a frame sealed under the previous or the initial keys is rejected',
  needs: ['step', 'delivered', 'accepted'],
  witness: {
    says: 'a frame under the keys of an earlier round was delivered to a session',
    floor: 150,
    hit: (e, l) =>
      e.on === 'delivered' &&
      e.origin === 'sealed' &&
      l.facts(e.at)?.expected?.phase === 'ACTIVE' &&
      !l.verifies(e.frame!, e.at),
  },
  step: (s, e, l) =>
    e.on === 'accepted' && !l.verifies(e.frame, e.at)
      ? violated(`${endName(e.at)} accepted a frame that the keys of its round do not verify`)
      : s,
})

/** R3: what a commit must show after an endpoint had `before`, and who owes an end because its frame could not be sent. */
export const R3 = define<ReadonlySet<string>>({
  id: 'R3',
  says: 'keys, round and confirmation change together or not at all; a failed send ends the session',
  needs: ['unsent', 'accepted', 'committed', 'ended', 'settled'],
  witness: { says: 'a send failed', floor: 200, hit: (e) => e.on === 'unsent' },
  start: new Set(),
  step(owing, e) {
    switch (e.on) {
      case 'unsent':
        return plus(owing, endName(e.at))
      case 'ended':
        return owing.has(endName(e.at)) ? without(owing, endName(e.at)) : owing
      case 'accepted':
        return owing.has(endName(e.at))
          ? violated(`${endName(e.at)} accepted a frame whose answer could not be sent`)
          : owing
      case 'settled':
        return owing.size > 0 ? violated(`a send of ${[...owing].join(', ')} failed, and the session goes on`) : owing
      case 'committed': {
        const { before, view } = e
        if (before?.phase !== 'ACTIVE' || view.phase !== 'ACTIVE' || before.keys === null || view.keys === null)
          return owing
        const moved = before.keys.filter((k, i) => k !== view.keys?.[i]).length
        const round = view.round !== before.round
        const half = moved !== (round ? 4 : 0)
        const unconfirmed = e.at.side === 'server' && round && !view.confirmed
        const alone = !round && view.confirmed !== before.confirmed
        const how = unconfirmed ? ', unconfirmed' : alone ? ', but the confirmation' : ''
        return half || unconfirmed || alone
          ? violated(`${endName(e.at)} changed ${moved} of 4 keys, ${round ? 'and' : 'not'} the round${how}`)
          : owing
      }
      default:
        return owing
    }
  },
})

export const R5 = define<null>({
  id: 'R5',
  says: 'leaked keys open no frame of an earlier round of their session, and none of another session',
  powers: 'NL',
  needs: ['exposed', 'step'],
  literal: 'violated', // there all sessions of a client start from the same four keys (PROTOCOL §9 row 6)
  witness: {
    says: 'leaked keys were tried on every frame of the schedule',
    floor: 200,
    hit: (e) => e.on === 'step' && e.action.do === 'leak',
  },
  step(s, e, l) {
    if (e.on !== 'exposed') return s
    const me = l.facts(e.at)
    // Keys of round 0 are those of a client that waits for its CHALLENGE: of every session of its HELLO (§4).
    const known = l
      .senders(e.frame)
      .some(
        (f) => f.header.round >= e.round && f.hello === me?.hello && (e.round === 0 || f.challenge === me?.challenge),
      )
    return known
      ? s
      : violated(`the keys of round ${e.round} leaked from ${endName(e.at)} open a frame of another round or session`)
  },
})
