/** The implementation in src/ as a party. Takes the module as a value, so that a mutant of it plugs in the same way. */
import type { EndedBy, View } from '../../spec/events.ts'
import type { End } from '../../spec/language.ts'
import * as implementation from '../../src/index.ts'
import type { Host, MakeParty, Party, PartySetup } from './party.ts'

type Src = typeof implementation

const EMITS: Party['emits'] = ['accepted', 'rejected', 'committed', 'ended', 'primitive', 'memory']

const ENDED_BY: Readonly<Record<implementation.EndReason, EndedBy>> = {
  'rejected-frame': 'rejection',
  peer: 'peer',
  timeout: 'timer',
  superseded: 'supersede',
  displaced: 'evicted',
  'send-failed': 'fault',
  'rounds-exhausted': 'finish',
  finished: 'finish',
  closed: 'close',
}

export const partyOf =
  (src: Src): MakeParty =>
  (host, setup) =>
    setup.side === 'client' ? clientsOf(src, host, setup) : serverOf(src, host, setup)

export const srcParty: MakeParty = partyOf(implementation)

const clientsOf = (src: Src, host: Host, setup: PartySetup, from: ClientsSnapshot = []): Party => {
  const runs = new Map<number, implementation.ClientSession>()
  const sessionKeys = new WeakSet<Uint8Array>()
  const view = cached((state: implementation.ClientState) => {
    for (const key of Object.values(state.keys ?? {})) sessionKeys.add(key)
    return {
      id: state.id,
      phase: state.phase,
      round: state.round,
      confirmed: false,
      outstanding: state.phase === 'ACTIVE' && state.pending !== null,
      keys: keysOf(state.keys),
    }
  })
  const make = (at: End, id: number, snapshot?: implementation.ClientSnapshot): implementation.ClientSession => {
    const masterKey = setup.keyring.get(id)
    if (masterKey === undefined) throw new RangeError(`client id: expected one of the keyring, got ${id}`)
    const crypto = observed(
      src,
      host,
      () => at,
      (key) => sessionKeys.has(key),
    )
    const { mode, limits } = setup
    const options = { id, masterKey, mode, crypto, rng: host.rng(at), limits }
    const run = new src.ClientSession(options, portOf(host, at), snapshot)
    runs.set(at.n, run)
    return run
  }
  for (const { n, snapshot } of from) make({ side: 'client', n }, snapshot.state.id, snapshot)
  return {
    emits: EMITS,
    open(at, id, now) {
      make(at, id).start(now)
    },
    fork: (other) =>
      clientsOf(
        src,
        other,
        setup,
        [...runs].map(([n, run]) => ({ n, snapshot: run.snapshot() })),
      ),
    receive: (at, bytes) => runs.get(at.n)?.receive(bytes),
    submit(at, values, now) {
      const requested = runs.get(at.n)?.submit(values, now)
      return requested !== undefined && requested.kind !== 'refused'
    },
    finish: (at) => runs.get(at.n)?.finish(),
    close: (at) => runs.get(at.n)?.close(),
    tick(now) {
      for (const run of runs.values()) run.tick(now)
    },
    view(at) {
      const run = runs.get(at.n)
      return run === undefined ? null : view(at, run.state)
    },
    memory(at) {
      const run = runs.get(at.n)
      return run === undefined ? null : { buffered: run.held, retained: 0, connections: 0 }
    },
    setRound(at, round) {
      const run = runs.get(at.n)
      if (run?.state.phase === 'ACTIVE') run.restore({ ...run.state, round })
    },
  }
}

const serverOf = (src: Src, host: Host, setup: PartySetup, from?: ConnectionsSnapshot): Party => {
  let current: End = { side: 'server', n: 0 } // whose input is being processed
  let owners = new WeakMap<Uint8Array, End>() // session keys: an input of one connection can end the session of another
  const connections = new Map<number, implementation.Connection>()
  const crypto = observed(
    src,
    host,
    (key) => owners.get(key) ?? current,
    (key) => owners.has(key),
  )
  const start = () =>
    new src.Server({
      mode: setup.mode,
      keyring: setup.keyring,
      crypto,
      limits: setup.limits,
      ...(setup.challenge === 'constant' ? { challengeText: 'constant' } : {}),
    })
  let server = start()
  const view = cached((state: implementation.ServerState): View<Uint8Array> | null => {
    if (state.phase === 'INIT' || state.id === null) return null
    const { id, phase, round } = state
    if (phase === 'TERMINATED') return { id, phase, round, confirmed: false, outstanding: false, keys: null }
    return { id, phase, round, confirmed: state.confirmed, outstanding: false, keys: keysOf(state.keys) }
  })
  const own = (at: End) => {
    const state = connections.get(at.n)?.state
    if (state?.phase === 'ACTIVE') for (const key of Object.values(state.keys)) owners.set(key, at)
  }
  if (from !== undefined) {
    for (const [n, connection] of from.ended) connections.set(n, connection)
    const ends = from.open.map((n): End => ({ side: 'server', n }))
    const attach = (i: number) => ({ port: portOf(host, ends[i]!, () => own(ends[i]!)), rng: host.rng(ends[i]!) })
    for (const [i, connection] of server.restore(from.snapshot, attach).entries()) {
      connections.set(from.open[i]!, connection)
      own(ends[i]!)
    }
  }
  return {
    emits: EMITS,
    open(at, _id, now) {
      current = at
      const port = portOf(host, at, () => own(at))
      connections.set(at.n, server.open(port, host.rng(at), now))
    },
    receive(at, bytes, now) {
      const connection = connections.get(at.n)
      if (connection === undefined) return
      current = at
      server.receive(connection, bytes, now)
    },
    close(at) {
      const connection = connections.get(at.n)
      if (connection !== undefined) server.close(connection)
    },
    tick: (now) => server.tick(now),
    fork(other) {
      const all = [...connections]
      const open = [...server.connections].map((c) => all.find(([, known]) => known === c)![0])
      const ended = all.filter(([n]) => !open.includes(n))
      return serverOf(src, other, setup, { snapshot: server.snapshot(), open, ended })
    },
    restart() {
      connections.clear()
      owners = new WeakMap()
      server = start()
    },
    view(at) {
      const connection = connections.get(at.n)
      return connection === undefined ? null : view(at, connection.state)
    },
    memory(at) {
      const connection = connections.get(at.n)
      if (connection === undefined) return null
      const { state, held } = connection
      const retained = state.phase === 'ACTIVE' ? state.submissions.length : 0
      return { buffered: state.phase === 'TERMINATED' ? 0 : held, retained, connections: server.connections.size }
    },
    setRound(at, round) {
      const connection = connections.get(at.n)
      if (connection?.state.phase === 'ACTIVE') server.restoreSession(connection, { ...connection.state, round })
    },
  }
}

type ClientsSnapshot = readonly { readonly n: number; readonly snapshot: implementation.ClientSnapshot }[]

/** `open`: the numbers of the connections in the snapshot, in its order. Those that ended never change again. */
interface ConnectionsSnapshot {
  readonly snapshot: implementation.ServerSnapshot
  readonly open: readonly number[]
  readonly ended: readonly (readonly [number, implementation.Connection])[]
}

/** `committed` runs when a frame was accepted, before the host hears of it. */
const portOf = (host: Host, at: End, committed: () => void = () => {}): implementation.Port => ({
  send: (frame) => host.send(at, frame),
  report(outcome) {
    switch (outcome.kind) {
      case 'accepted':
        committed()
        return host.report({ on: 'accepted', at, frame: outcome.frame })
      case 'rejected':
        return host.report({ on: 'rejected', at, frame: outcome.frame, reason: outcome.reason })
      case 'ended':
        return host.report({ on: 'ended', at, by: ENDED_BY[outcome.by] })
    }
  },
})

const NOTHING = new Uint8Array(0)

/** The provider of src, every use of a key reported before it takes place. `key` is live: it may be erased later. */
const observed = (
  src: Src,
  host: Host,
  whose: (key: Uint8Array) => End,
  isSessionKey: (key: Uint8Array) => boolean, // intermediate secrets are erased too, of which nobody needs to hear
): implementation.Crypto => {
  const real = src.nodeCrypto
  return {
    hmac(key, data) {
      host.report({ on: 'primitive', at: whose(key), op: 'hmac', key, data })
      return real.hmac(key, data)
    },
    sha256: (data) => real.sha256(data),
    aesEncrypt(key, iv, padded) {
      host.report({ on: 'primitive', at: whose(key), op: 'encrypt', key, data: padded })
      return real.aesEncrypt(key, iv, padded)
    },
    aesDecrypt(key, iv, ciphertext) {
      host.report({ on: 'primitive', at: whose(key), op: 'decrypt', key, data: ciphertext })
      return real.aesDecrypt(key, iv, ciphertext)
    },
    erase(secret) {
      if (isSessionKey(secret))
        host.report({ on: 'primitive', at: whose(secret), op: 'erase', key: secret, data: NOTHING })
      real.erase(secret)
    },
  }
}

/** In the order of a view, and copied: the session overwrites its own when it replaces them. */
const keysOf = (keys: implementation.Keys | null): View<Uint8Array>['keys'] =>
  keys && [keys.c2sEnc.slice(), keys.c2sMac.slice(), keys.s2cEnc.slice(), keys.s2cMac.slice()]

/** A session's state is a new object after every change, so one view per state is enough. */
const cached = <S extends object>(make: (state: S) => View<Uint8Array> | null) => {
  const last = new Map<number, { state: S; view: View<Uint8Array> | null }>()
  return (at: End, state: S): View<Uint8Array> | null => {
    const known = last.get(at.n)
    if (known?.state === state) return known.view
    const view = make(state)
    last.set(at.n, { state, view })
    return view
  }
}
