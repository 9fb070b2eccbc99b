/** I: sessions do not touch each other, save by the one rule of PROTOCOL §7. */
import { endName } from '../events.ts'
import { OP } from '../opcodes.ts'
import { define, plus, violated, without } from './invariant.ts'

interface Watch {
  readonly confirmed: ReadonlySet<string> // connections with an accepted DATA, not ended
  readonly hello: boolean // the frame being processed is a HELLO
  readonly target: string | null
}

export const I2 = define<Watch>({
  id: 'I2',
  says: 'no HELLO, forged, replayed or genuine, and no flood of them, changes a confirmed session',
  needs: ['step', 'delivered', 'accepted', 'committed', 'ended'],
  witness: {
    says: 'a HELLO for a client with a confirmed session reached another connection',
    floor: 2_300,
    hit: (e, l) =>
      e.on === 'delivered' &&
      e.header?.opcode === OP.HELLO &&
      e.at.side === 'server' &&
      l.submissions().some((x) => x.live && x.id === e.header?.id),
  },
  start: { confirmed: new Set(), hello: false, target: null },
  step(s, e) {
    switch (e.on) {
      case 'step':
        return s.hello || s.target !== null || e.target !== null
          ? { ...s, hello: false, target: e.target ? endName(e.target) : null }
          : s
      case 'delivered':
        return { ...s, hello: e.header?.opcode === OP.HELLO }
      case 'accepted':
        return e.at.side === 'server' && e.header.opcode === OP.DATA && !s.confirmed.has(endName(e.at))
          ? { ...s, confirmed: plus(s.confirmed, endName(e.at)) }
          : s
      case 'committed':
      case 'ended': {
        const me = endName(e.at)
        if (s.hello && s.target !== me && s.confirmed.has(me))
          return violated(`a HELLO at ${s.target} changed the confirmed ${me}`)
        return e.on === 'ended' && s.confirmed.has(me) ? { ...s, confirmed: without(s.confirmed, me) } : s
      }
      default:
        return s
    }
  },
})

interface Cause {
  readonly confirmed: ReadonlySet<string>
  readonly target: string | null
  readonly opened: boolean
  readonly by: { readonly what: 'hello' | 'confirmation'; readonly id: number } | null
}

export const I4 = define<Cause>({
  id: 'I4',
  says: 'a frame changes no session but its own connection’s, except by the supersede and half-open rules',
  needs: ['step', 'opened', 'delivered', 'accepted', 'committed', 'ended'],
  witness: {
    says: 'a frame was delivered while another session was ACTIVE on the same side',
    floor: 17_000,
    hit: (e, l) =>
      e.on === 'delivered' &&
      e.at.side === 'server' &&
      l.connections().some((c) => c.view?.phase === 'ACTIVE' && endName(c.at) !== endName(e.at)),
  },
  start: { confirmed: new Set(), target: null, opened: false, by: null },
  step(s, e, l) {
    switch (e.on) {
      case 'step':
        return { ...s, target: e.target ? endName(e.target) : null, opened: false, by: null }
      case 'opened':
        return e.at.side === 'server' ? { ...s, opened: true } : s
      case 'accepted': {
        if (e.at.side !== 'server') return s
        const id = e.header.id
        if (e.header.opcode === OP.HELLO) return { ...s, by: { what: 'hello', id } }
        if (e.header.opcode !== OP.DATA || s.confirmed.has(endName(e.at))) return { ...s, by: null }
        const owner = l.facts(e.at)?.id ?? id
        return { ...s, confirmed: plus(s.confirmed, endName(e.at)), by: { what: 'confirmation', id: owner } }
      }
      case 'committed':
        return s.target !== null && endName(e.at) !== s.target && e.view.phase !== 'TERMINATED'
          ? violated(`what reached ${s.target} changed ${endName(e.at)}`)
          : s
      case 'ended': {
        const me = endName(e.at)
        const after = s.confirmed.has(me) ? { ...s, confirmed: without(s.confirmed, me) } : s
        if (s.target === null || s.target === me) return after
        const id = l.facts(e.at)?.id
        const confirmed = s.confirmed.has(me)
        const superseded = e.by === 'supersede' && s.by?.what === 'confirmation' && s.by.id === id && confirmed
        const gaveWay = e.by === 'evicted' && !confirmed && (s.opened || (s.by?.what === 'hello' && s.by.id === id))
        return superseded || gaveWay ? after : violated(`what reached ${s.target} ended ${me} (${e.by})`)
      }
      default:
        return s
    }
  },
})

export const I5 = define<string | null>({
  id: 'I5',
  says: 'an older session never supersedes a newer one',
  needs: ['step', 'accepted', 'ended', 'rejected'],
  witness: {
    says: 'a session was superseded, or a newcomer refused as superseded',
    floor: 930,
    hit: (e) => (e.on === 'ended' && e.by === 'supersede') || (e.on === 'rejected' && e.reason === 'superseded'),
  },
  step(newcomer, e, l) {
    switch (e.on) {
      case 'step':
        return null
      case 'accepted':
        return e.at.side === 'server' && e.header.opcode === OP.DATA ? String(l.facts(e.at)?.order) : newcomer
      case 'ended': {
        if (e.by !== 'supersede' || newcomer === null) return newcomer
        const order = l.facts(e.at)?.order ?? -1
        return order < Number(newcomer)
          ? newcomer
          : violated(`${endName(e.at)} (HELLO number ${order}) was superseded by HELLO number ${newcomer}`)
      }
      default:
        return newcomer
    }
  },
})
