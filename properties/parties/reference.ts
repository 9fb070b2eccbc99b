/** The reference of spec/reference as a party, for both sides and both modes. */
import type { End } from '../../spec/language.ts'
import { Client } from '../../spec/reference/client.ts'
import { PROTOCOL } from '../../spec/reference/dialect.ts'
import { type Follower, Followers } from '../../spec/reference/follower.ts'
import { type Connection, Server } from '../../spec/reference/server.ts'
import type { Surroundings } from '../../spec/reference/surroundings.ts'
import type { Host, MakeParty, Party, PartySetup } from './party.ts'

/** Kept for the process: they cache the initial keys of every master key. */
const FOLLOWERS = { bound: new Followers(PROTOCOL.bound), literal: new Followers(PROTOCOL.literal) }

const EMITS: Party['emits'] = ['accepted', 'rejected', 'committed', 'ended'] // which primitives it uses, it does not tell

const surroundings = (host: Host, at: End): Surroundings => {
  const random = host.rng(at)
  return {
    send: (frame) => host.send(at, frame),
    random,
    accepted: (frame) => host.report({ on: 'accepted', at, frame }),
    rejected: (frame, reason) => host.report({ on: 'rejected', at, frame, reason }),
    ended: (by) => host.report({ on: 'ended', at, by }),
  }
}

function clients(host: Host, setup: PartySetup, from: ReadonlyMap<number, Client> = new Map()): Party {
  const runs = new Map<number, Client>()
  const run = (at: End): Client | undefined => runs.get(at.n)
  const copies = new Map<Follower, Follower>()
  for (const [n, client] of from) runs.set(n, client.copy(surroundings(host, { side: 'client', n }), copies))
  return {
    emits: EMITS,
    open: (at, id, now) => {
      const master = setup.keyring.get(id)
      if (master === undefined) return
      const start = FOLLOWERS[setup.mode].start(id, master)
      runs.set(at.n, Client.start(start, setup.limits, surroundings(host, at), now))
    },
    fork: (other) => clients(other, setup, runs),
    receive: (at, bytes, now) => run(at)?.receive(bytes, now),
    submit: (at, values, now) => run(at)?.submit(values, now) ?? false,
    finish: (at) => run(at)?.finish(),
    close: (at) => run(at)?.close(),
    tick: (now) => {
      for (const client of runs.values()) client.tick(now)
    },
    view: (at) => run(at)?.view ?? null,
    setRound: (at, round) => run(at)?.setRound(round),
  }
}

interface Connected {
  readonly server: Server
  readonly connections: ReadonlyMap<number, Connection>
}

function server(host: Host, setup: PartySetup, from: Connected | null = null): Party {
  const { mode, keyring, limits, challenge } = setup
  const connections = new Map<number, Connection>()
  const copied = (): Server => {
    const n = new Map([...from!.connections].map(([i, c]) => [c, i]))
    const { server: it, moved } = from!.server.copy((c) => surroundings(host, { side: 'server', n: n.get(c)! }))
    for (const [c, i] of n) connections.set(i, moved.get(c) ?? c) // one that ended never changes again
    return it
  }
  const it = from === null ? new Server({ followers: FOLLOWERS[mode], keyring, limits, challenge }) : copied()
  const withConnection = (at: End, act: (c: Connection) => void): void => {
    const connection = connections.get(at.n)
    if (connection) act(connection)
  }
  return {
    emits: EMITS,
    open: (at, _, now) => {
      connections.set(at.n, it.accept(surroundings(host, at), now))
    },
    fork: (other) => server(other, setup, { server: it, connections }),
    receive: (at, bytes, now) => withConnection(at, (c) => it.receive(c, bytes, now)),
    close: (at) => withConnection(at, (c) => it.close(c)),
    tick: (now) => it.tick(now),
    restart: () => {
      it.restart()
      connections.clear()
    },
    view: (at) => connections.get(at.n)?.view ?? null,
    setRound: (at, round) => withConnection(at, (c) => it.setRound(c, round)),
  }
}

export const referenceParty: MakeParty = (host, setup) =>
  setup.side === 'client' ? clients(host, setup) : server(host, setup)
