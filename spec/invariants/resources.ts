/** B: nothing an attacker does makes a server keep more than it must, or longer (PROTOCOL §7). */
import type { Facts, KeyId, Ledger } from '../events.ts'
import { endName } from '../events.ts'
import type { End, LimitName } from '../language.ts'
import { OP } from '../opcodes.ts'
import { define, plus, violated, without } from './invariant.ts'

const open = (l: Ledger): readonly Facts[] => l.connections().filter((c) => !c.ended)
const halfOpen = (c: Facts): boolean => !c.ended && c.view?.phase === 'ACTIVE' && !c.view.confirmed

export const B1 = define<null>({
  id: 'B1',
  says: 'unconfirmed sessions of one client never exceed their cap',
  needs: ['settled', 'committed', 'accepted', 'ended'],
  witness: {
    says: 'a HELLO was accepted while the cap was reached',
    floor: 300,
    hit: (e, l) =>
      e.on === 'accepted' &&
      e.header.opcode === OP.HELLO &&
      e.at.side === 'server' &&
      l.connections().filter((c) => halfOpen(c) && c.id === e.header.id).length >= l.limits.unconfirmedPerId,
  },
  step(s, e, l) {
    if (e.on !== 'settled') return s
    const counts = new Map<number, number>()
    for (const c of l.connections()) if (halfOpen(c) && c.id !== null) counts.set(c.id, (counts.get(c.id) ?? 0) + 1)
    for (const [id, n] of counts)
      if (n > l.limits.unconfirmedPerId) return violated(`client ${id} has ${n} unconfirmed sessions`)
    return s
  },
})

interface Tables {
  readonly live: ReadonlySet<string> // connections opened and not ended
  readonly erased: readonly string[] // endpoint and key, within this step
}

const erasure = (at: End, key: KeyId): string => `${endName(at)} ${key}`

export const B2 = define<Tables>({
  id: 'B2',
  says: 'an ended session leaves nothing: its entry is gone; its keys, and what was made on the way to any, are overwritten',
  needs: ['step', 'opened', 'ended', 'primitive', 'committed', 'memory'],
  witness: {
    says: 'a session with keys ended',
    floor: 10_000,
    hit: (e) => e.on === 'committed' && e.view.phase === 'TERMINATED' && e.before !== null && e.before.keys !== null,
  },
  start: { live: new Set(), erased: [] },
  step(s, e) {
    switch (e.on) {
      case 'step':
        return s.erased.length > 0 ? { ...s, erased: [] } : s
      case 'opened':
        return e.at.side === 'server' ? { ...s, live: plus(s.live, endName(e.at)) } : s
      case 'ended':
        return s.live.has(endName(e.at)) ? { ...s, live: without(s.live, endName(e.at)) } : s
      case 'primitive':
        return e.op === 'erase' ? { ...s, erased: [...s.erased, erasure(e.at, e.key)] } : s
      case 'committed': {
        if (e.view.phase !== 'TERMINATED' || e.before === null) return s
        if (e.view.keys !== null) return violated(`${endName(e.at)} still holds keys after its end`)
        const kept = e.before.keys?.filter((k) => !s.erased.includes(erasure(e.at, k))) ?? []
        return kept.length > 0 ? violated(`${endName(e.at)} ended without overwriting ${kept.length} of its keys`) : s
      }
      case 'memory':
        if (e.secrets !== undefined && e.secrets > 0)
          return violated(`${endName(e.at)} has not overwritten ${e.secrets} secrets that are keys of no session`)
        return e.at.side === 'server' && e.connections > s.live.size
          ? violated(`the server keeps ${e.connections} connections, ${s.live.size} are open`)
          : s
      default:
        return s
    }
  },
})

export const B3 = define<null>({
  id: 'B3',
  says: 'a session keeps the values of its newest rounds only',
  needs: ['memory'],
  witness: {
    says: 'a session had submitted in more rounds than are kept',
    floor: 200,
    hit: (e, l) => e.on === 'memory' && e.retained === l.limits.retainedRounds,
  },
  step: (s, e, l) =>
    e.on === 'memory' && e.retained > l.limits.retainedRounds
      ? violated(`${endName(e.at)} keeps the values of ${e.retained} rounds`)
      : s,
})

/** B4: for each unconfirmed session, how many HELLOs of its client were accepted after its own. */
export const B4 = define<ReadonlyMap<string, number>>({
  id: 'B4',
  says: 'fewer HELLOs than the cap never evict a newcomer, and only a full server displaces a connection',
  needs: ['opened', 'accepted', 'ended'],
  witness: {
    says: 'a half-open session or a connection gave way',
    floor: 1_000,
    hit: (e) => e.on === 'ended' && e.by === 'evicted',
  },
  start: new Map(),
  step(later, e, l) {
    if (e.on === 'accepted' && e.at.side === 'server' && e.header.opcode === OP.HELLO) {
      const next = new Map(later)
      for (const c of l.connections())
        if (c.id === e.header.id && next.has(endName(c.at))) next.set(endName(c.at), next.get(endName(c.at))! + 1)
      return next.set(endName(e.at), 0)
    }
    if (e.on !== 'ended' || e.by !== 'evicted') return later
    const full = l.connections().filter((c) => !c.ended).length >= l.limits.connections
    const newer = later.get(endName(e.at))
    return full || (newer !== undefined && newer >= l.limits.unconfirmedPerId)
      ? later
      : violated(
          `${endName(e.at)} gave way after ${newer ?? 'no'} newer HELLOs, the cap is ${l.limits.unconfirmedPerId}`,
        )
  },
})

/** B6: an own addition. The connection whose opening is being worked on; before its first frame is judged. */
export const B6 = define<End | null>({
  id: 'B6',
  says: 'no more connections are open than allowed, and the oldest without a confirmed session gives way',
  needs: ['opened', 'delivered', 'committed', 'ended', 'settled'],
  witness: {
    says: 'a connection was opened at the limit',
    floor: 1_000,
    hit: (e, l) => e.on === 'opened' && e.at.side === 'server' && open(l).length > l.limits.connections,
  },
  step(opening, e, l) {
    switch (e.on) {
      case 'opened':
        return e.at.side === 'server' ? e.at : null
      case 'delivered':
        return null
      case 'ended': {
        if (opening === null || e.by !== 'evicted') return opening
        const older = open(l).find((c) => c.at.n < e.at.n && c.view?.confirmed !== true)
        return older ? violated(`${endName(e.at)} gave way, ${endName(older.at)} is older`) : opening
      }
      case 'settled': {
        const { length } = open(l)
        return length > l.limits.connections ? violated(`${length} connections are open`) : null
      }
      default:
        return opening
    }
  },
})

interface Due {
  readonly now: number
  readonly deadline: ReadonlyMap<string, number>
  readonly advanced: boolean
}

const limitAfter = (at: End, opcode: number): LimitName | null =>
  at.side === 'server' && opcode === OP.HELLO
    ? 'unconfirmedMs'
    : at.side === 'server' && opcode === OP.DATA
      ? 'idleMs'
      : null

const until = (s: Due, l: Ledger, at: End, limit: LimitName | null): Due => {
  if (limit === null && !s.deadline.has(endName(at))) return s
  const deadline = new Map(s.deadline)
  if (limit === null) deadline.delete(endName(at))
  else deadline.set(endName(at), s.now + l.limits[limit])
  return { ...s, deadline }
}

/** B5: an own addition: ADVERSARY asks that half-open sessions expire, and every other timer deserves the same. */
export const B5 = define<Due>({
  id: 'B5',
  says: 'every timer fires in its time: no session outlives its deadline, none is timed out before',
  needs: ['step', 'opened', 'sent', 'accepted', 'ended', 'settled'],
  asks: ['advance'],
  witness: { says: 'a session timed out', floor: 1_500, hit: (e) => e.on === 'ended' && e.by === 'timer' },
  start: { now: 0, deadline: new Map(), advanced: false },
  step(s, e, l) {
    switch (e.on) {
      case 'step':
        return e.action.do === 'advance'
          ? { ...s, now: s.now + Math.max(0, e.action.ms), advanced: true }
          : s.advanced
            ? { ...s, advanced: false }
            : s
      case 'opened':
        return until(s, l, e.at, e.at.side === 'server' ? 'helloMs' : 'challengeMs')
      case 'sent':
        return e.at.side === 'client' && e.header.opcode === OP.DATA ? until(s, l, e.at, 'responseMs') : s
      case 'accepted': {
        const limit = limitAfter(e.at, e.header.opcode)
        return e.at.side === 'client' || limit !== null ? until(s, l, e.at, limit) : s
      }
      case 'ended': {
        const deadline = s.deadline.get(endName(e.at))
        if (e.by === 'timer' && (deadline === undefined || deadline > s.now))
          return violated(`${endName(e.at)} timed out at ${s.now} ms, its deadline is ${deadline ?? 'none'}`)
        return until(s, l, e.at, null)
      }
      case 'settled': {
        if (!s.advanced) return s
        const late = [...s.deadline].find(([, deadline]) => deadline <= s.now)
        return late ? violated(`${late[0]} goes on at ${s.now} ms, its deadline was ${late[1]}`) : s
      }
      default:
        return s
    }
  },
})
