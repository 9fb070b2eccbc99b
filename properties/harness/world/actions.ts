/** Each action of the language with its names resolved: what to do to the world, and the action as it is stored. */
import { type Action, type End, numberOf, type Pick, type Side } from '../../../spec/language.ts'
import { concat } from '../../../spec/reference/bytes.ts'
import type { Party } from '../parties/party.ts'
import { theirEdit } from './foreign.ts'
import type { Endpoint } from './ledger.ts'
import { forge } from './seal.ts'
import { edited, framed, fromHex, wrap } from './wire.ts'
import type { World } from './world.ts'

/** A part of an action; `calls`: those that it makes to parties, each at most once; not there: it cannot be known. */
export interface Step {
  readonly calls?: readonly (readonly [Side, (p: Party) => void])[]
  readonly act: () => void
}

/** A primitive action with its names resolved, ready to be applied. */
export interface Prepared {
  readonly action: Action
  readonly steps: readonly Step[]
  readonly target?: Endpoint
}

/** Splits at the given positions, taken modulo the length. */
export const chunksOf = (bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] => {
  if (cuts.length === 0) return [bytes]
  const at = [...new Set(cuts.map((c) => wrap(c, bytes.length) ?? 0))].filter((c) => c > 0).sort((a, b) => a - b)
  return [0, ...at].map((start, i) => bytes.subarray(start, at[i] ?? bytes.length))
}

const NOTHING = new Uint8Array(0)

/** What arrives of these bytes at once, and what the adversary holds back. */
const parted = (bytes: Uint8Array, upTo: number | undefined, cuts: readonly number[] = []) => {
  if (upTo === undefined) return { chunks: chunksOf(bytes, cuts), rest: NOTHING }
  const at = wrap(upTo, bytes.length) ?? 0
  return { chunks: chunksOf(bytes.subarray(0, at), cuts), rest: bytes.slice(at) }
}

const calls = (...calls: NonNullable<Step['calls']>): { readonly calls: Step['calls'] & object } => ({ calls })

const client = (world: World, n: number): Endpoint | null => world.find({ side: 'client', n })

/** Resolves names; null where there is nothing to act on. */
export const prepare = (world: World, a: Action): Prepared | null => {
  const { clients } = world.schedule.setup
  if (world.lacks.has(a.do)) return null
  switch (a.do) {
    case 'converse':
      return null // expanded before
    case 'connect': {
      const client = wrap(a.client, clients.length)
      if (client === null) return null
      const id = clients[client]!
      const at = { side: 'client', n: world.ledger.clients.length } as const
      const opens: Step = {
        ...calls(['client', (p) => p.open(at, id, world.now)]),
        act: () => world.open('client', id),
      }
      const fails: Step = { act: () => world.open('client', id, true) }
      return { action: { ...a, client }, steps: [a.failSend ? fails : opens] }
    }
    case 'submit': {
      const e = client(world, a.run)
      if (e === null) return null
      const values = a.values.map(numberOf)
      const act = (): void => {
        const sent = world.parties.client.submit?.(e.at, values, world.now) ?? false
        if (sent && !world.ledger.insiders.has(e.id ?? 0)) world.watch.submitted(values)
        world.emit({ on: 'submitted', at: e.at, values, refused: !sent })
      }
      const submit = calls(['client', (p) => p.submit?.(e.at, values, world.now)])
      return { action: { ...a, run: e.at.n }, steps: [{ ...submit, act }], target: e }
    }
    case 'finish': {
      const e = client(world, a.run)
      if (e === null) return null
      const finish = (p: Party): void => p.finish?.(e.at, world.now)
      const steps = [{ ...calls(['client', finish]), act: () => finish(world.parties.client) }]
      return { action: { ...a, run: e.at.n }, steps, target: e }
    }
    case 'deliver':
      return deliver(world, a)
    case 'continue': {
      const e = world.find(a.to)
      if (e === null || e.rest.length === 0) return null
      return feed(world, a, e.at, (to) => ({ action: { ...a, to }, ...parted(e.rest, a.upTo) }))
    }
    case 'inject':
      return feed(world, a, a.to, (to) => ({ action: { ...a, to }, chunks: [fromHex(a.hex)] }))
    case 'seal':
      return feed(world, a, a.to, (to) => {
        const made = forge(world.ledger, world.wire, world.schedule.seed, {
          ...a,
          as: world.find(a.as)?.at ?? a.as,
          to,
        })
        return made && { action: made.action, chunks: [framed(made.bytes)], before: () => world.emit(made.event) }
      })
    case 'close':
    case 'failSend':
    case 'leak':
      return disturb(world, a.do, a.at)
    case 'advance': {
      const ms = Math.max(0, a.ms)
      const tick = (p: Party): void => p.tick(world.now + ms)
      return { action: a, steps: [{ ...calls(['client', tick], ['server', tick]), act: () => world.advance(ms) }] }
    }
    case 'restart':
      return { action: a, steps: [{ act: () => world.restart(a.sameRng === true) }] }
  }
}

const deliver = (world: World, a: Extract<Action, { do: 'deliver' }>): Prepared | null => {
  const { side } = a.to
  const frame = world.wire.pick(a.frame, side)
  if (frame === undefined) return null
  return feed(world, a, a.to, (to) => {
    const more = (a.with ?? []).flatMap((p) => world.wire.pick(p, side) ?? [])
    const name = (p: Pick): Pick => world.wire.pick(p, side)?.ref ?? p
    const named = a.edit?.do === 'splice' ? { ...a.edit, from: name(a.edit.from) } : a.edit
    const first = edited(world.wire, frame.bytes, side, named && theirEdit(world.ledger.dialect, named))
    const edit = named && Buffer.compare(first, framed(frame.bytes)) !== 0 ? named : undefined // one without effect is none
    const bytes = more.length === 0 ? first : concat(first, ...more.map((f) => framed(f.bytes)))
    const action: Action = {
      do: 'deliver',
      frame: frame.ref,
      to,
      ...(edit && { edit }),
      ...(a.cuts && { cuts: a.cuts }),
      ...(more.length > 0 && { with: more.map((f) => f.ref) }),
      ...(a.upTo !== undefined && { upTo: a.upTo }),
    }
    return { action, ...parted(bytes, a.upTo, a.cuts) }
  })
}

/** Bytes for an endpoint; one past the last connection opens it. */
const feed = (
  world: World,
  a: Action,
  to: End,
  make: (
    to: End,
  ) => { action: Action; chunks: Uint8Array[]; rest?: Uint8Array<ArrayBuffer>; before?: () => void } | null,
): Prepared | null => {
  const opens = to.side === 'server' && (to.n >= world.ledger.servers.length || world.ledger.servers.length === 0)
  const known = opens ? null : world.find(to)
  if (!opens && known === null) return null
  const end = opens ? { side: 'server' as const, n: world.ledger.servers.length } : known!.at
  const made = make(end)
  if (made === null) return null
  // The new endpoint exists before the step begins, so that the step can name it; it is opened within the step.
  const e = known ?? world.ledger.open(end, null)
  const opening: Step = { ...calls([end.side, (p) => p.open(end, 0, world.now)]), act: () => world.opened(e, 0) }
  const before = (): void => {
    made.before?.()
    if (made.rest !== undefined && (made.rest.length > 0 || a.do === 'continue')) e.rest = made.rest
  }
  const feeding = made.chunks.map((chunk, i): Step => {
    const act = (): void => {
      if (i === 0) before()
      world.receive(e, chunk)
    }
    return { ...calls([end.side, (p) => p.receive(end, chunk, world.now)]), act }
  })
  return { action: made.action ?? a, steps: opens ? [opening, ...feeding] : feeding, target: e }
}

const disturb = (world: World, what: 'close' | 'failSend' | 'leak', at: End): Prepared | null => {
  const e = world.find(at)
  if (e === null || e.ended) return null
  const act = (): void => {
    switch (what) {
      case 'close':
        e.closed = true
        world.parties[e.at.side].close(e.at, world.now)
        return
      case 'failSend':
        e.failSend = true
        return
      case 'leak':
        leak(world, e)
        return
    }
  }
  const step = what === 'close' ? calls([e.at.side, (p) => p.close(e.at, world.now)]) : {}
  return { action: { do: what, at: e.at }, steps: [{ ...step, act }], target: e }
}

/** Power L: the adversary learns the four current keys, as the system itself shows them where it does. */
const leak = (world: World, e: Endpoint): void => {
  const keys = world.parties[e.at.side].view(e.at)?.keys ?? e.node?.keys
  if (e.node === null || keys === undefined || world.ledger.hasLeaked) return
  world.ledger.hasLeaked = true
  e.leaked = e.node
  world.watch.leaks(e.at, e.node, keys)
  for (const x of world.watch.exposed(world.wire.frames)) world.emit({ on: 'exposed', ...x })
}
