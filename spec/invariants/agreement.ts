/** A: what one side accepted, the other side meant for it, once. */
import type { Body, FrameId } from '../events.ts'
import { endName, sameEnd } from '../events.ts'
import { isControl, OP } from '../opcodes.ts'
import { define, plus, violated } from './invariant.ts'

const atServer = (e: { at: { side: string }; header: { opcode: number } }): boolean =>
  e.at.side === 'server' && e.header.opcode === OP.DATA

export const A1 = define<null>({
  id: 'A1',
  says: 'values the server accepts for a client and round were sent by the holder of that client’s key in that round',
  powers: 'NI',
  needs: ['accepted'],
  witness: { says: 'a DATA was accepted', floor: 14_000, hit: (e) => e.on === 'accepted' && atServer(e) },
  step(s, e, l) {
    if (e.on !== 'accepted' || !atServer(e)) return s
    const me = l.facts(e.at)
    const meant = l
      .senders(e.frame)
      .some(
        (x) =>
          x.by?.side !== 'server' &&
          x.id === me?.id &&
          x.header.opcode === OP.DATA &&
          x.header.round === me.expected?.round &&
          x.body.kind === 'data',
      )
    return meant
      ? s
      : violated(`${endName(e.at)} accepted values that client ${me?.id} never sent in round ${me?.expected?.round}`)
  },
})

export const A1s = define<null>({
  id: 'A1s',
  says: 'values the server accepts were sent in the session with the same HELLO and CHALLENGE',
  powers: 'N',
  needs: ['accepted', 'delivered'],
  literal: 'violated',
  witness: {
    says: 'a DATA of one session was delivered to another of the same client',
    floor: 77,
    hit: (e, l) => {
      if (e.on !== 'delivered' || e.frame === null || e.header?.opcode !== OP.DATA || e.at.side !== 'server')
        return false
      const me = l.facts(e.at)
      return me?.id != null && l.senders(e.frame).some((x) => x.id === me.id && x.challenge !== me.challenge)
    },
  },
  step(s, e, l) {
    if (e.on !== 'accepted' || !atServer(e)) return s
    const me = l.facts(e.at)
    const here = l.senders(e.frame).some((x) => x.hello === me?.hello && x.challenge === me?.challenge)
    return here ? s : violated(`${endName(e.at)} accepted values of a session with another HELLO or CHALLENGE`)
  },
})

/** A2: the DATA frames accepted so far, over all connections and restarts. */
export const A2 = define<ReadonlySet<FrameId>>({
  id: 'A2',
  says: 'each DATA is accepted at most once, over all connections and restarts',
  powers: 'N',
  needs: ['accepted', 'delivered'],
  literal: 'violated',
  witness: {
    says: 'an accepted DATA was delivered again',
    floor: 1_000,
    hit: (e, l) =>
      e.on === 'delivered' && e.header?.opcode === OP.DATA && e.at.side === 'server' && isAccepted(e.frame, l),
  },
  start: new Set(),
  step(seen, e, l) {
    if (e.on !== 'accepted' || !atServer(e) || l.rngRepeats) return seen
    return seen.has(e.frame)
      ? violated(`${endName(e.at)} accepted a DATA that was accepted before`)
      : plus(seen, e.frame)
  },
})

const isAccepted = (frame: FrameId | null, l: { accepted(f: FrameId): number }): boolean =>
  frame !== null && l.accepted(frame) > 0

/** A3: the responses accepted so far. */
export const A3 = define<ReadonlySet<FrameId>>({
  id: 'A3',
  says: 'each accepted response answers this run’s DATA of this round, and is accepted once',
  powers: 'N',
  needs: ['accepted', 'delivered'],
  literal: 'violated',
  witness: {
    says: 'a response that was accepted before, or made for another run, was delivered to a client',
    floor: 830,
    hit: (e, l) =>
      e.on === 'delivered' &&
      e.frame !== null &&
      e.header?.opcode === OP.RESPONSE &&
      e.at.side === 'client' &&
      (l.accepted(e.frame) > 0 ||
        l
          .senders(e.frame)
          .some((x) => x.answers !== null && !l.senders(x.answers).some((d) => d.by && sameEnd(d.by, e.at)))),
  },
  start: new Set(),
  step(seen, e, l) {
    if (e.on !== 'accepted' || e.at.side !== 'client' || e.header.opcode !== OP.RESPONSE || l.rngRepeats) return seen
    if (seen.has(e.frame)) return violated(`${endName(e.at)} accepted a response that was accepted before`)
    const round = l.facts(e.at)?.expected?.round
    const mine = l
      .senders(e.frame)
      .some(
        (x) =>
          x.answers !== null &&
          l.senders(x.answers).some((d) => d.by !== null && sameEnd(d.by, e.at) && d.header.round === round),
      )
    return mine
      ? plus(seen, e.frame)
      : violated(`${endName(e.at)} accepted a response to a DATA it did not send in round ${round}`)
  },
})

/** Whether two bodies say the same; -0 is not 0. */
const alike = (a: Body, b: Body): boolean => {
  if (a.kind === 'data' && b.kind === 'data')
    return a.values.length === b.values.length && a.values.every((v, i) => Object.is(v, b.values[i]))
  const said = Object.keys(a) as (keyof Body)[]
  return said.length === Object.keys(b).length && said.every((k) => Object.is(a[k], b[k]))
}

/** A4: the aggregate that was answered last, until its acceptance is told. */
export const A4 = define<Body | null>({
  id: 'A4',
  says: 'the application is told what an accepted frame says, of whom and of which round, and what was answered to it',
  needs: ['sent', 'told'],
  witness: { says: 'the application was told of an accepted frame', floor: 20_000, hit: (e) => e.on === 'told' },
  step(answered, e, l) {
    if (e.on === 'sent') return e.body.kind === 'aggregate' ? e.body : answered
    if (e.on !== 'told') return answered
    const { header, told } = e
    const where = `${endName(e.at)} was told of`
    if (told.opcode !== header.opcode) return violated(`${where} opcode ${told.opcode}, it is ${header.opcode}`)
    if (told.id !== null && told.id !== header.id) return violated(`${where} client ${told.id}, it is ${header.id}`)
    if (told.round !== null && told.round !== header.round)
      return violated(`${where} round ${told.round}, it is ${header.round}`)
    const said = l.senders(e.frame).filter((x) => x.body.kind !== 'opaque' && x.body.kind !== 'sealed') // else: G5
    if (said.length > 0 && !said.some((x) => alike(x.body, told.body)))
      return violated(`${where} other contents than those of the frame (opcode ${header.opcode})`)
    if (told.answer !== null && answered !== null && !alike(told.answer, answered))
      return violated(`${where} another aggregate than the one that it answered`)
    return null
  },
})

export const A8 = define<null>({
  id: 'A8',
  says: 'an accepted CHALLENGE was made for this HELLO',
  powers: 'N',
  needs: ['accepted', 'delivered'],
  literal: 'violated',
  witness: {
    says: 'a CHALLENGE made for another HELLO was delivered to a client that waits for one',
    floor: 200,
    hit: (e, l) => {
      if (e.on !== 'delivered' || e.frame === null || e.header?.opcode !== OP.CHALLENGE || e.at.side !== 'client')
        return false
      const me = l.facts(e.at)
      return me?.expected?.phase === 'INIT' && l.senders(e.frame).some((x) => x.id === me.id && x.hello !== me.hello)
    },
  },
  step(s, e, l) {
    if (e.on !== 'accepted' || e.at.side !== 'client' || e.header.opcode !== OP.CHALLENGE) return s
    const hello = l.facts(e.at)?.hello
    return l.senders(e.frame).some((x) => x.hello === hello)
      ? s
      : violated(`${endName(e.at)} accepted a CHALLENGE that was made for another HELLO`)
  },
})

export const A10 = define<null>({
  id: 'A10',
  says: 'an accepted KEY_DESYNC_ERROR or TERMINATE was sent by the session whose HELLO and CHALLENGE this endpoint shares',
  powers: 'N',
  needs: ['accepted', 'delivered'],
  literal: 'violated',
  witness: {
    says: 'an authentic control frame of one session was delivered to another of the same client',
    floor: 400,
    hit: (e, l) => {
      if (e.on !== 'delivered' || e.frame === null || e.header === null || !isControl(e.header.opcode)) return false
      const me = l.facts(e.at)
      return l.senders(e.frame).some((x) => x.id === me?.id && (x.hello !== me.hello || x.challenge !== me.challenge))
    },
  },
  step(s, e, l) {
    if (e.on !== 'accepted' || !isControl(e.header.opcode)) return s
    const me = l.facts(e.at)
    return l.senders(e.frame).some((x) => x.hello === me?.hello && x.challenge === me?.challenge)
      ? s
      : violated(`${endName(e.at)} obeyed a control frame of another session`)
  },
})

export const A9 = define<null>({
  id: 'A9',
  says: 'no value that an honest client submitted stands on the wire in clear',
  needs: ['sent'],
  asks: ['bytes'],
  witness: {
    says: 'a frame that carries values, or their aggregate, was searched for them',
    floor: 10_000,
    hit: (e) =>
      e.on === 'sent' && e.exposes !== undefined && (e.header.opcode === OP.DATA || e.header.opcode === OP.RESPONSE),
  },
  step: (s, e) =>
    e.on === 'sent' && e.exposes === true
      ? violated(`${endName(e.at)} sent opcode ${e.header.opcode} with a submitted value in clear`)
      : s,
})
