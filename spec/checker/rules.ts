/** The rules of spec/model as steps between interned sides. */
import * as client from '../model/client.ts'
import * as server from '../model/server.ts'
import type { Frame } from '../model/state.ts'
import { failNext } from '../model/step.ts'
import type { Context } from './context.ts'
import type { Clients, Conn, Conns, Endpoints, SideStep } from './endpoints.ts'

export class ClientRules {
  readonly #c: Context
  readonly #ends: Endpoints

  constructor(c: Context, ends: Endpoints) {
    this.#c = c
    this.#ends = ends
  }

  connect(side: Clients, id: number, failing = false): SideStep<Clients> {
    return this.#ends.clientStep(side, client.connect(this.#c, side.ends, id, failing))
  }

  submit(side: Clients, n: number, values: readonly number[]): SideStep<Clients> {
    return this.#ends.clientStep(side, client.submit(this.#c, side.ends, n, values))
  }

  finish(side: Clients, n: number): SideStep<Clients> {
    return this.#ends.clientStep(side, client.finish(this.#c, side.ends, n))
  }

  drop(side: Clients, n: number, by: 'close' | 'timer'): SideStep<Clients> {
    return this.#ends.clientStep(side, client.drop(side.ends, n, by))
  }

  failNext(side: Clients, n: number): SideStep<Clients> {
    return this.#ends.clientStep(side, failNext(side.ends, n))
  }

  receive(side: Clients, n: number, f: Frame): readonly SideStep<Clients>[] {
    return client.receive(this.#c, side.ends, n, f).map((step) => this.#ends.clientStep(side, step))
  }
}

export class ServerRules {
  readonly #c: Context
  readonly #ends: Endpoints
  readonly #unheard: Conn[] = []

  constructor(c: Context, ends: Endpoints) {
    this.#c = c
    this.#ends = ends
  }

  /** The connection that is accepted next, before anything was heard on it. */
  next(n: number): Conn {
    this.#unheard[n] ??= this.#ends.conn(server.unheard(n))
    return this.#unheard[n]
  }

  open(side: Conns): SideStep<Conns> {
    return this.#ends.connStep(side, server.open(this.#c, side.ends))
  }

  drop(side: Conns, n: number, by: 'close' | 'timer'): SideStep<Conns> {
    return this.#ends.connStep(side, server.drop(this.#c, side.ends, n, by))
  }

  restart(side: Conns): SideStep<Conns> {
    return this.#ends.connStep(side, server.restart(side.ends))
  }

  failNext(side: Conns, n: number): SideStep<Conns> {
    return this.#ends.connStep(side, failNext(side.ends, n))
  }

  receive(side: Conns, n: number, f: Frame): readonly SideStep<Conns>[] {
    return server.receive(this.#c, side.ends, n, f).map((step) => this.#ends.connStep(side, step))
  }
}
