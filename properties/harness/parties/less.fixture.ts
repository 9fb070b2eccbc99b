/** The reference as somebody else would wire it up: with less of it shown, or otherwise told. */
import { createHash } from 'node:crypto'
import { type Event, endName } from '../../../spec/events.ts'
import type { End } from '../../../spec/language.ts'
import { PrefixedStream } from '../../../spec/reference/frame.ts'
import { type System, systemOf } from '../world/system.ts'
import { changed, type Host, type MakeParty, type Party, type Report } from './party.ts'
import { referenceParty } from './reference.ts'

export type Change = (make: MakeParty) => MakeParty

type Members = { readonly [K in keyof Party]?: Party[K] | undefined }

export const altered =
  (changes: (p: Party) => Members): Change =>
  (make) =>
  (host, setup) => {
    const party = make(host, setup)
    return changed(party, changes(party))
  }

const reporting =
  (report: (r: Report, host: Host) => void, members: (p: Party) => Members = () => ({})): Change =>
  (make) => {
    const told = (host: Host): Host => ({
      send: (at, frame) => host.send(at, frame),
      rng: (at) => host.rng(at),
      report: (r) => report(r, host),
    })
    const telling = (party: Party): Party =>
      changed(party, {
        ...members(party),
        fork: (other) => telling(party.fork!(told(other))),
        ...(party.fork === undefined && { fork: undefined }),
      })
    return (host, setup) => telling(make(told(host), setup))
  }

const silent = (kind: Event['on']): Change =>
  reporting(
    (r, host) => (r.on === kind ? undefined : host.report(r)),
    (p) => ({ emits: p.emits.filter((e) => e !== kind), ...(kind === 'committed' && { view: () => null }) }),
  )

/** What an adapter may leave out. */
export const LESS: Readonly<Record<string, Change>> = {
  submit: altered(() => ({ submit: undefined })),
  finish: altered(() => ({ finish: undefined })),
  restart: altered(() => ({ restart: undefined })),
  setRound: altered(() => ({ setRound: undefined })),
  fork: altered(() => ({ fork: undefined })),
  timers: altered(() => ({ tick: () => {}, timeless: true })),
  memory: altered((p) => ({ emits: [...p.emits, 'memory'] })), // said, and not there
  accepted: silent('accepted'),
  rejected: silent('rejected'),
  ended: silent('ended'),
  view: silent('committed'),
  reasons: reporting((r, host) => host.report(r.on === 'rejected' ? { ...r, reason: null } : r)),
}

/** Does what it is asked when it is next polled, but for what must be answered at once. */
const late: Change = (make) => (host, setup) => {
  const party = make(host, setup)
  let waiting: (() => void)[] = []
  const poll = (): void => {
    const now = waiting
    waiting = []
    for (const act of now) act()
  }
  const later = (act: () => void): void => void waiting.push(act)
  return changed(party, {
    open: (at, id, now) => later(() => party.open(at, id, now)),
    receive: (at, bytes, now) => later(() => party.receive(at, bytes.slice(), now)),
    close: (at, now) => later(() => party.close(at, now)),
    tick: (now) => later(() => party.tick(now)),
    finish: (at, now) => later(() => party.finish?.(at, now)),
    restart: (now) => later(() => party.restart?.(now)),
    poll,
  })
}

/** Tells of each frame how the session ends before it tells why, and both when it has sent its answer. */
const endsFirst: Change = (make) => (host, setup) => {
  let held: Report[] | null = null
  const report = (r: Report): void => (held === null ? host.report(r) : void held.push(r))
  const party = make({ send: (at, frame) => host.send(at, frame), rng: (at) => host.rng(at), report }, setup)
  const tell = (all: readonly Report[]): void => {
    const judged = all.some((r) => r.on === 'accepted' || r.on === 'rejected')
    // one by a fault, or with the last round, is on account of a frame that gets no verdict
    const ends = (r: Report): boolean => judged && r.on === 'ended' && r.by !== 'fault' && r.by !== 'finish'
    for (const r of [...all.filter(ends), ...all.filter((r) => !ends(r))]) host.report(r)
  }
  return changed(party, {
    receive(at: End, bytes: Uint8Array, now: number) {
      for (const byte of bytes) {
        const all: Report[] = []
        held = all // of one frame at most
        party.receive(at, Uint8Array.of(byte), now)
        held = null
        tell(all)
      }
    },
  })
}

/** Says that it has accepted the DATA of the round that cannot be left, which passed every check. */
const lastAccepted: Change = (make) => (host, setup) => {
  const streams = new Map<number, PrefixedStream>()
  let frame = new Uint8Array(0)
  const report = (r: Report): void => {
    if (r.on === 'ended' && r.by === 'finish' && setup.side === 'server')
      host.report({ on: 'accepted', at: r.at, frame })
    host.report(r)
  }
  const party = make({ send: (at, f) => host.send(at, f), rng: (at) => host.rng(at), report }, setup)
  return changed(party, {
    receive(at: End, bytes: Uint8Array, now: number) {
      const stream = streams.get(at.n) ?? new PrefixedStream()
      streams.set(at.n, stream)
      for (const piece of stream.push(bytes)) if (piece.kind === 'frame') frame = new Uint8Array(piece.frame)
      party.receive(at, bytes, now)
    },
    fork: undefined,
  })
}

/** Shows a new object each time it is asked. */
const copies = altered((p) => ({
  view(at) {
    const view = p.view(at)
    return view && { ...view }
  },
}))

/** Still shows of a session that has ended what was true of it before. */
const remembers = altered((p) => {
  const last = new Map<string, NonNullable<ReturnType<Party['view']>>>()
  return {
    view(at) {
      const view = p.view(at)
      if (view?.phase !== 'TERMINATED') {
        if (view !== null) last.set(endName(at), view)
        return view
      }
      const { confirmed = false, outstanding = false } = last.get(endName(at)) ?? {}
      return { ...view, confirmed, outstanding }
    },
  }
})

/** Draws its own random bytes: all together, `often` times the same. */
export const drawing =
  (often = 1): Change =>
  (make) =>
  (host, setup) => {
    let draws = 0
    const next = (bytes: number) =>
      createHash('sha256')
        .update(`${setup.side} ${Math.floor(draws++ / often)}`)
        .digest()
        .subarray(0, bytes)
    const party = make({ send: (at, f) => host.send(at, f), rng: () => next, report: (r) => host.report(r) }, setup)
    return changed(party, { ownRng: true, fork: undefined })
  }

export const OTHERWISE: Readonly<Record<string, Change>> = {
  late,
  endsFirst,
  lastAccepted,
  copies,
  remembers,
  draws: drawing(),
}

const MEMBERS = [
  'open',
  'receive',
  'submit',
  'finish',
  'close',
  'tick',
  'restart',
  'view',
  'memory',
  'setRound',
  'poll',
] as const

/** One that throws in a member, the first time or ever. */
export const THROWING: Readonly<Record<string, Change>> = Object.fromEntries(
  MEMBERS.map((member) => [
    member,
    altered(() => ({
      [member]: () => {
        throw new Error(`no ${member}`)
      },
    })),
  ]),
)

export type Sides = 'client' | 'server' | 'both'

export const changedSystem = (name: string, changes: readonly Change[], sides: Sides): System => {
  const made = changes.reduce<MakeParty>((make, change) => change(make), referenceParty)
  return systemOf(name, sides === 'server' ? referenceParty : made, sides === 'client' ? referenceParty : made)
}
