/** The reference of spec/reference as a party, for both sides and both modes. */
import type { EndedBy, Reason } from '../../../spec/events.ts'
import type { End } from '../../../spec/language.ts'
import { Client } from '../../../spec/reference/client.ts'
import { type Environment, initialPosition } from '../../../spec/reference/position.ts'
import { type Connection, Server } from '../../../spec/reference/server.ts'
import { type System, systemOf } from '../world/system.ts'
import type { Host, MakeParty, Party, PartySetup } from './party.ts'

const EMITS: Party['emits'] = ['accepted', 'rejected', 'committed', 'ended'] // which primitives it uses, it does not tell

/** A class, as are the parties: worlds are made and forked thousands of times a second. */
export class At implements Environment {
  readonly #host: Host
  readonly #at: End
  readonly random: (bytes: number) => Uint8Array

  constructor(host: Host, at: End) {
    this.#host = host
    this.#at = at
    this.random = host.rng(at)
  }

  send(frame: Uint8Array): boolean {
    return this.#host.send(this.#at, frame)
  }
  accepted(frame: Uint8Array): void {
    this.#host.report({ on: 'accepted', at: this.#at, frame })
  }
  rejected(frame: Uint8Array | null, reason: Reason): void {
    this.#host.report({ on: 'rejected', at: this.#at, frame, reason })
  }
  ended(by: EndedBy): void {
    this.#host.report({ on: 'ended', at: this.#at, by })
  }
}

class Clients implements Party {
  readonly emits = EMITS
  readonly #host: Host
  readonly #setup: PartySetup
  readonly #runs = new Map<number, Client>()

  constructor(host: Host, setup: PartySetup, from: ReadonlyMap<number, Client> = new Map()) {
    this.#host = host
    this.#setup = setup
    for (const [n, client] of from) this.#runs.set(n, client.copy(new At(host, { side: 'client', n })))
  }

  open(at: End, id: number, now: number): void {
    const { keyring, mode, limits, hello } = this.#setup
    const master = keyring.get(id)
    if (master === undefined) return
    const start = initialPosition(mode, id, master)
    this.#runs.set(at.n, Client.start(start, limits, new At(this.#host, at), now, hello?.(at.n)))
  }
  fork(other: Host): Party {
    return new Clients(other, this.#setup, this.#runs)
  }
  receive(at: End, bytes: Uint8Array, now: number): void {
    this.#runs.get(at.n)?.receive(bytes, now)
  }
  submit(at: End, values: readonly number[], now: number): boolean {
    return this.#runs.get(at.n)?.submit(values, now) ?? false
  }
  finish(at: End): void {
    this.#runs.get(at.n)?.finish()
  }
  close(at: End): void {
    this.#runs.get(at.n)?.close()
  }
  tick(now: number): void {
    for (const client of this.#runs.values()) client.tick(now)
  }
  view(at: End): ReturnType<Party['view']> {
    return this.#runs.get(at.n)?.view ?? null
  }
  setRound(at: End, round: number): void {
    this.#runs.get(at.n)?.setRound(round)
  }
}

class Connections implements Party {
  readonly emits = EMITS
  readonly #host: Host
  readonly #setup: PartySetup
  readonly #server: Server
  readonly #connections = new Map<number, Connection>()

  constructor(host: Host, setup: PartySetup, from: Connections | null = null) {
    this.#host = host
    this.#setup = setup
    this.#server = from === null ? new Server(setup) : this.#copied(from)
  }

  #copied(from: Connections): Server {
    const n = new Map([...from.#connections].map(([i, c]) => [c, i]))
    const { server, moved } = from.#server.copy((c) => new At(this.#host, { side: 'server', n: n.get(c)! }))
    for (const [c, i] of n) this.#connections.set(i, moved.get(c) ?? c) // one that ended never changes again
    return server
  }

  open(at: End, _id: number, now: number): void {
    this.#connections.set(at.n, this.#server.accept(new At(this.#host, at), now))
  }
  fork(other: Host): Party {
    return new Connections(other, this.#setup, this)
  }
  receive(at: End, bytes: Uint8Array, now: number): void {
    const c = this.#connections.get(at.n)
    if (c !== undefined) this.#server.receive(c, bytes, now)
  }
  close(at: End): void {
    const c = this.#connections.get(at.n)
    if (c !== undefined) this.#server.close(c)
  }
  tick(now: number): void {
    this.#server.tick(now)
  }
  restart(): void {
    this.#server.restart()
    this.#connections.clear()
  }
  view(at: End): ReturnType<Party['view']> {
    return this.#connections.get(at.n)?.view ?? null
  }
  setRound(at: End, round: number): void {
    const c = this.#connections.get(at.n)
    if (c !== undefined) this.#server.setRound(c, round)
  }
}

export const referenceParty: MakeParty = (host, setup) =>
  setup.side === 'client' ? new Clients(host, setup) : new Connections(host, setup)

export const referenceSystem: System = systemOf('reference', referenceParty, referenceParty)
