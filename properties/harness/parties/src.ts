/** The implementation in src/ as a party. Takes the module as a value, so that a mutant of it plugs in the same way. */
import type { View } from '../../../spec/events.ts'
import type { End } from '../../../spec/language.ts'
import * as implementation from '../../../src/index.ts'
import type { Host, MakeParty, Party, PartySetup } from './party.ts'
import { ObservedCrypto, ObservedPort, type Owners, own } from './src-reports.ts'

type Src = typeof implementation

const NOBODY = (): never => {
  throw new RangeError('a server without connections has none to attach')
}

const EMITS: Party['emits'] = ['accepted', 'told', 'rejected', 'committed', 'ended', 'primitive', 'memory']

export const partyOf =
  (src: Src): MakeParty =>
  (host, setup) =>
    setup.side === 'client' ? new Clients(src, host, setup) : new Connections(src, host, setup)

export const srcParty: MakeParty = partyOf(implementation)

/** A class, as is the server's party: worlds are made and forked thousands of times a second. */
class Clients implements Party {
  readonly emits = EMITS
  readonly #src: Src
  readonly #host: Host
  readonly #setup: PartySetup
  readonly #runs = new Map<number, implementation.ClientSession>()
  readonly #cryptos = new Map<number, ObservedCrypto>()
  readonly #owners: Owners = new Map()
  readonly #views = new Views<implementation.ClientState>()

  constructor(src: Src, host: Host, setup: PartySetup, from: ClientsSnapshot = []) {
    this.#src = src
    this.#host = host
    this.#setup = setup
    for (const { n, snapshot } of from) this.#make({ side: 'client', n }, snapshot.state.id, snapshot)
  }

  #make(at: End, id: number, snapshot?: implementation.ClientSnapshot): implementation.ClientSession {
    const host = this.#host
    const { keyring, mode, limits, hello } = this.#setup
    const masterKey = keyring.get(id)
    if (masterKey === undefined) throw new RangeError(`client id: expected one of the keyring, got ${id}`)
    const crypto = new ObservedCrypto(this.#src, host, this.#owners, at)
    const port = new ObservedPort(host, at, null)
    const text = hello?.(at.n)
    const helloText = text === undefined ? {} : { helloText: utf8(text) }
    const options = { id, masterKey, mode, crypto, rng: host.rng(at), limits, ...helloText }
    const run = new this.#src.ClientSession(options, port, snapshot)
    this.#runs.set(at.n, run)
    this.#cryptos.set(at.n, crypto)
    return run
  }

  open(at: End, id: number, now: number): void {
    const run = this.#make(at, id)
    run.start(now)
    run.start(now) // a run says HELLO once, whatever its application asks
  }
  fork(other: Host): Party {
    const snapshots = [...this.#runs].map(([n, run]) => ({ n, snapshot: run.snapshot() }))
    return new Clients(this.#src, other, this.#setup, snapshots)
  }
  receive(at: End, bytes: Uint8Array): void {
    this.#runs.get(at.n)?.receive(bytes)
  }
  submit(at: End, values: readonly number[], now: number): boolean {
    const requested = this.#runs.get(at.n)?.submit(values, now)
    return requested !== undefined && requested.kind !== 'refused'
  }
  finish(at: End): void {
    this.#runs.get(at.n)?.finish()
  }
  close(at: End): void {
    this.#runs.get(at.n)?.close()
  }
  tick(now: number): void {
    for (const run of this.#runs.values()) run.tick(now)
  }
  view(at: End): View<Uint8Array> | null {
    const run = this.#runs.get(at.n)
    return run === undefined ? null : this.#views.of(at, run.state, (state) => this.#shown(at, state))
  }
  #shown(at: End, state: implementation.ClientState): View<Uint8Array> {
    if (state.keys !== null) own(this.#owners, state.keys, at)
    return {
      id: state.id,
      phase: state.phase,
      round: state.round,
      confirmed: false,
      outstanding: state.phase === 'ACTIVE' && state.pending !== null,
      keys: keysOf(state.keys),
    }
  }
  memory(at: End): ReturnType<NonNullable<Party['memory']>> {
    const run = this.#runs.get(at.n)
    if (run === undefined) return null
    const secrets = this.#cryptos.get(at.n)!.left([run.state])
    return { buffered: run.held, retained: 0, connections: 0, ...(secrets > 0 && { secrets }) }
  }
  setRound(at: End, round: number): void {
    const run = this.#runs.get(at.n)
    if (run?.state.phase === 'ACTIVE') run.restore({ ...run.state, round })
  }
}

class Connections implements Party {
  readonly emits = EMITS
  readonly #src: Src
  readonly #host: Host
  readonly #setup: PartySetup
  readonly #owners: Owners = new Map()
  readonly #connections = new Map<number, implementation.Connection>()
  readonly #crypto: ObservedCrypto
  readonly #views = new Views<implementation.ServerState>()
  readonly #committed = (at: End): void => {
    const state = this.#connections.get(at.n)?.state
    if (state?.phase === 'ACTIVE') own(this.#owners, state.keys, at)
  }
  #server: implementation.Server

  constructor(src: Src, host: Host, setup: PartySetup, from?: ConnectionsSnapshot) {
    this.#src = src
    this.#host = host
    this.#setup = setup
    this.#crypto = new ObservedCrypto(src, host, this.#owners, { side: 'server', n: 0 })
    this.#server = this.#start(from)
  }

  #start(from?: ConnectionsSnapshot): implementation.Server {
    const { mode, keyring, limits, challenge, hellos } = this.#setup
    const text = typeof challenge === 'string' ? 'a constant text!' : utf8(challenge)
    const challengeText = challenge === 'fresh' ? {} : { challengeText: text }
    const options = { mode, keyring, crypto: this.#crypto, limits, ...challengeText }
    if (from === undefined)
      return new this.#src.Server(
        options,
        hellos ? { snapshot: { hellos, connections: [] }, attach: NOBODY } : undefined,
      )
    const ends = from.open.map((n): End => ({ side: 'server', n }))
    const attach = (i: number) => ({
      port: new ObservedPort(this.#host, ends[i]!, this.#committed),
      rng: this.#host.rng(ends[i]!),
    })
    const server = new this.#src.Server(options, { snapshot: from.snapshot, attach })
    for (const [n, connection] of from.ended) this.#connections.set(n, connection)
    for (const [i, connection] of [...server.connections].entries()) {
      this.#connections.set(ends[i]!.n, connection)
      this.#committed(ends[i]!)
    }
    return server
  }

  open(at: End, _id: number, now: number): void {
    this.#crypto.at = at
    const port = new ObservedPort(this.#host, at, this.#committed)
    this.#connections.set(at.n, this.#server.open(port, this.#host.rng(at), now))
  }
  receive(at: End, bytes: Uint8Array, now: number): void {
    const connection = this.#connections.get(at.n)
    if (connection === undefined) return
    this.#crypto.at = at
    this.#server.receive(connection, bytes, now)
  }
  close(at: End): void {
    const connection = this.#connections.get(at.n)
    if (connection !== undefined) this.#server.close(connection)
  }
  tick(now: number): void {
    this.#server.tick(now)
  }
  fork(other: Host): Party {
    const numbers = new Map([...this.#connections].map(([n, c]) => [c, n]))
    const open = [...this.#server.connections].map((c) => numbers.get(c)!)
    const ended = [...this.#connections].filter(([n]) => !open.includes(n))
    return new Connections(this.#src, other, this.#setup, { snapshot: this.#server.snapshot(), open, ended })
  }
  restart(): void {
    this.#connections.clear()
    this.#owners.clear()
    this.#crypto.forget()
    this.#server = this.#start()
  }
  view(at: End): View<Uint8Array> | null {
    const connection = this.#connections.get(at.n)
    return connection === undefined ? null : this.#views.of(at, connection.state, shownAtServer)
  }
  memory(at: End): ReturnType<NonNullable<Party['memory']>> {
    const connection = this.#connections.get(at.n)
    if (connection === undefined) return null
    const { state, held } = connection
    const retained = state.phase === 'ACTIVE' ? state.submissions.length : 0
    const secrets = this.#crypto.left([...this.#server.connections].map((c) => c.state))
    return {
      buffered: state.phase === 'TERMINATED' ? 0 : held,
      retained,
      connections: this.#server.connections.size,
      ...(secrets > 0 && { secrets }),
    }
  }
  setRound(at: End, round: number): void {
    const connection = this.#connections.get(at.n)
    if (connection?.state.phase === 'ACTIVE') this.#server.restore(connection, { ...connection.state, round })
  }
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const utf8 = (text: Uint8Array): string => UTF8.decode(text)

const shownAtServer = (state: implementation.ServerState): View<Uint8Array> | null => {
  if (state.phase === 'INIT' || state.id === null) return null
  const { id, phase, round } = state
  if (phase === 'TERMINATED') return { id, phase, round, confirmed: false, outstanding: false, keys: null }
  return { id, phase, round, confirmed: state.confirmed, outstanding: false, keys: keysOf(state.keys) }
}

type ClientsSnapshot = readonly { readonly n: number; readonly snapshot: implementation.ClientSnapshot }[]

/** `open`: the numbers of the connections in the snapshot, in its order. Those that ended never change again. */
interface ConnectionsSnapshot {
  readonly snapshot: implementation.ServerSnapshot
  readonly open: readonly number[]
  readonly ended: readonly (readonly [number, implementation.Connection])[]
}

/** In the order of a view, and copied: the session overwrites its own when it replaces them. */
const keysOf = (keys: implementation.Keys | null): View<Uint8Array>['keys'] =>
  keys && [keys.c2s.enc.slice(), keys.c2s.mac.slice(), keys.s2c.enc.slice(), keys.s2c.mac.slice()]

/** A session's state is a new object after every change, so one view per state is enough. */
class Views<S extends object> {
  readonly #last = new Map<number, { readonly state: S; readonly view: View<Uint8Array> | null }>()

  of(at: End, state: S, make: (state: S) => View<Uint8Array> | null): View<Uint8Array> | null {
    const known = this.#last.get(at.n)
    if (known?.state === state) return known.view
    const view = make(state)
    this.#last.set(at.n, { state, view })
    return view
  }
}
