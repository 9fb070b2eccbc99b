/** Clients and a server of any dialect as parties: those of spec/dialects. */
import { DialectClient } from '../../../spec/dialects/client.ts'
import type { Dialect } from '../../../spec/dialects/dialect.ts'
import { Followers } from '../../../spec/dialects/follower.ts'
import { DialectServer, type Line } from '../../../spec/dialects/server.ts'
import { inWorld } from '../world/foreign.ts'
import { type System, systemOf } from '../world/system.ts'
import type { MakeParty, Party } from './party.ts'
import { At } from './reference.ts'

const EMITS: Party['emits'] = ['accepted', 'rejected', 'ended']

/** Clients have no timers. */
export const dialectClients = (dialect: Dialect): MakeParty => {
  const followers = new Followers(inWorld(dialect))
  return (host, { keyring }) => {
    const runs = new Map<number, DialectClient>()
    return {
      emits: EMITS,
      open(at, id) {
        const master = keyring.get(id)
        if (master !== undefined) runs.set(at.n, new DialectClient(followers, id, master, new At(host, at)))
      },
      receive: (at, bytes) => runs.get(at.n)?.receive(bytes),
      submit: (at, values) => runs.get(at.n)?.submit(values) ?? false,
      finish: (at) => runs.get(at.n)?.finish(),
      close: (at) => runs.get(at.n)?.close(),
      tick() {},
      view: () => null,
    }
  }
}

/** Where the dialect waits for all clients, it waits for one. */
const dialectServer = (dialect: Dialect): MakeParty => {
  const followers = new Followers(inWorld(dialect))
  return (host, { keyring }) => {
    const begin = () => new DialectServer({ followers, keyring, expects: 1 })
    let server = begin()
    const lines = new Map<number, Line>()
    const on = (n: number, act: (line: Line) => void): void => {
      const line = lines.get(n)
      if (line !== undefined) act(line)
    }
    return {
      emits: EMITS,
      open: (at) => void lines.set(at.n, server.accept(new At(host, at))),
      receive: (at, bytes, now) => on(at.n, (line) => server.receive(line, bytes, now / 1_000)),
      close: (at) => on(at.n, (line) => server.close(line)),
      tick: (now) => server.tick(now / 1_000),
      restart() {
        lines.clear()
        server = begin()
      },
      view: () => null,
    }
  }
}

/** Both sides as spec/DIALECTS.md has them. It has none of the limits and timers of PROTOCOL. */
export const dialectSystem = (name: string, dialect: Dialect): System => ({
  ...systemOf(name, dialectClients(dialect), dialectServer(dialect)),
  dialect,
})
