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
  const owners: Owners = new Map()
  const view = cached((state: implementation.ClientState, at) => {
    if (state.keys !== null) own(owners, state.keys, at)
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
    const crypto = new ObservedCrypto(src, host, owners, at)
    const { mode, limits } = setup
    const port = new ObservedPort(host, at, null)
    const run = new src.ClientSession({ id, masterKey, mode, crypto, rng: host.rng(at), limits }, port, snapshot)
    runs.set(at.n, run)
    return run
  }
  for (const { n, snapshot } of from) make({ side: 'client', n }, snapshot.state.id, snapshot)
  return {
    emits: EMITS,
    open(at, id, now) {
      make(at, id).start(now)
    },
    fork(other) {
      const snapshots = [...runs].map(([n, run]) => ({ n, snapshot: run.snapshot() }))
      return clientsOf(src, other, setup, snapshots)
    },
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
  const owners: Owners = new Map()
  const connections = new Map<number, implementation.Connection>()
  const crypto = new ObservedCrypto(src, host, owners, { side: 'server', n: 0 })
  const start = () =>
    new src.Server({
      mode: setup.mode,
      keyring: setup.keyring,
      crypto,
      limits: setup.limits,
      ...(setup.challenge === 'constant' ? { challengeText: 'a constant text!' } : {}),
    })
  let server = start()
  const view = cached((state: implementation.ServerState): View<Uint8Array> | null => {
    if (state.phase === 'INIT' || state.id === null) return null
    const { id, phase, round } = state
    if (phase === 'TERMINATED') return { id, phase, round, confirmed: false, outstanding: false, keys: null }
    return { id, phase, round, confirmed: state.confirmed, outstanding: false, keys: keysOf(state.keys) }
  })
  const committed = (at: End): void => {
    const state = connections.get(at.n)?.state
    if (state?.phase === 'ACTIVE') own(owners, state.keys, at)
  }
  if (from !== undefined) {
    for (const [n, connection] of from.ended) connections.set(n, connection)
    const ends = from.open.map((n): End => ({ side: 'server', n }))
    const attach = (i: number) => ({ port: new ObservedPort(host, ends[i]!, committed), rng: host.rng(ends[i]!) })
    for (const [i, connection] of server.restore(from.snapshot, attach).entries()) {
      connections.set(ends[i]!.n, connection)
      committed(ends[i]!)
    }
  }
  return {
    emits: EMITS,
    open(at, _id, now) {
      crypto.at = at
      const port = new ObservedPort(host, at, committed)
      connections.set(at.n, server.open(port, host.rng(at), now))
    },
    receive(at, bytes, now) {
      const connection = connections.get(at.n)
      if (connection === undefined) return
      crypto.at = at
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
      owners.clear()
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

class ObservedPort implements implementation.Port {
  readonly #host: Host
  readonly #at: End
  readonly #committed: ((at: End) => void) | null

  /** `committed` runs when a frame was accepted, before the host hears of it. */
  constructor(host: Host, at: End, committed: ((at: End) => void) | null) {
    this.#host = host
    this.#at = at
    this.#committed = committed
  }

  send(frame: Uint8Array): boolean {
    return this.#host.send(this.#at, frame)
  }

  report(outcome: implementation.Outcome): void {
    const at = this.#at
    switch (outcome.kind) {
      case 'accepted':
        this.#committed?.(at)
        this.#host.report({ on: 'accepted', at, frame: outcome.frame })
        return
      case 'rejected':
        this.#host.report({ on: 'rejected', at, frame: outcome.frame, reason: outcome.reason })
        return
      case 'ended':
        this.#host.report({ on: 'ended', at, by: ENDED_BY[outcome.by] })
        return
    }
  }
}

const NOTHING = new Uint8Array(0)

/** Session keys: an input of one connection can end the session of another. */
type Owners = Map<Uint8Array, End>

/** The provider of src, every use of a key reported before it takes place. `key` is live: it may be erased later. */
class ObservedCrypto implements implementation.Crypto {
  readonly #real: implementation.Crypto
  readonly #host: Host
  readonly #owners: Owners
  /** Whose input is being processed: keys that belong to no session yet are its. */
  at: End

  constructor(src: Src, host: Host, owners: Owners, at: End) {
    this.#real = src.nodeCrypto
    this.#host = host
    this.#owners = owners
    this.at = at
  }

  hmac(key: Uint8Array, data: Uint8Array): Uint8Array {
    this.#host.report({ on: 'primitive', at: this.#owners.get(key) ?? this.at, op: 'hmac', key, data })
    return this.#real.hmac(key, data)
  }

  sha256(data: Uint8Array): Uint8Array {
    return this.#real.sha256(data)
  }

  aesEncrypt(key: Uint8Array, iv: Uint8Array, padded: Uint8Array): Uint8Array {
    this.#host.report({ on: 'primitive', at: this.#owners.get(key) ?? this.at, op: 'encrypt', key, data: padded })
    return this.#real.aesEncrypt(key, iv, padded)
  }

  aesDecrypt(key: Uint8Array, iv: Uint8Array, ciphertext: Uint8Array): Uint8Array {
    this.#host.report({ on: 'primitive', at: this.#owners.get(key) ?? this.at, op: 'decrypt', key, data: ciphertext })
    return this.#real.aesDecrypt(key, iv, ciphertext)
  }

  /** Intermediate secrets are erased too, of which nobody needs to hear. A key of which a part is left was not erased. */
  erase(secret: Uint8Array): void {
    const at = this.#owners.get(secret)
    const key = at && secret.slice()
    this.#real.erase(secret)
    if (at !== undefined && key !== undefined && secret.every((b) => b === 0))
      this.#host.report({ on: 'primitive', at, op: 'erase', key, data: NOTHING })
  }
}

const own = (owners: Owners, keys: implementation.Keys, at: End): void => {
  owners.set(keys.c2sEnc, at).set(keys.c2sMac, at).set(keys.s2cEnc, at).set(keys.s2cMac, at)
}

/** In the order of a view, and copied: the session overwrites its own when it replaces them. */
const keysOf = (keys: implementation.Keys | null): View<Uint8Array>['keys'] =>
  keys && [keys.c2sEnc.slice(), keys.c2sMac.slice(), keys.s2cEnc.slice(), keys.s2cMac.slice()]

/** A session's state is a new object after every change, so one view per state is enough. */
const cached = <S extends object>(make: (state: S, at: End) => View<Uint8Array> | null) => {
  const last = new Map<number, { state: S; view: View<Uint8Array> | null }>()
  return (at: End, state: S): View<Uint8Array> | null => {
    const known = last.get(at.n)
    if (known?.state === state) return known.view
    const view = make(state, at)
    last.set(at.n, { state, view })
    return view
  }
}
