/** The reference of spec/reference as a party, for both sides and both modes. */
import { endName } from '../../spec/events.ts'
import type { End } from '../../spec/language.ts'
import { Client } from '../../spec/reference/client.ts'
import { PROTOCOL } from '../../spec/reference/dialect.ts'
import { Followers } from '../../spec/reference/follower.ts'
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

function clients(host: Host, setup: PartySetup): Party {
  const runs = new Map<string, Client>()
  const run = (at: End): Client | undefined => runs.get(endName(at))
  return {
    emits: EMITS,
    open: (at, id, now) => {
      const master = setup.keyring.get(id)
      if (master === undefined) return
      runs.set(endName(at), new Client(FOLLOWERS[setup.mode], id, master, setup.limits, surroundings(host, at), now))
    },
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

function server(host: Host, setup: PartySetup): Party {
  const { mode, keyring, limits, challenge } = setup
  const it = new Server({ followers: FOLLOWERS[mode], keyring, limits, challenge })
  const connections = new Map<string, Connection>()
  const withConnection = (at: End, act: (c: Connection) => void): void => {
    const connection = connections.get(endName(at))
    if (connection) act(connection)
  }
  return {
    emits: EMITS,
    open: (at, _, now) => {
      connections.set(endName(at), it.accept(surroundings(host, at), now))
    },
    receive: (at, bytes, now) => withConnection(at, (c) => it.receive(c, bytes, now)),
    close: (at) => withConnection(at, (c) => it.close(c)),
    tick: (now) => it.tick(now),
    restart: () => {
      it.restart()
      connections.clear()
    },
    view: (at) => connections.get(endName(at))?.view ?? null,
    setRound: (at, round) => withConnection(at, (c) => it.setRound(c, round)),
  }
}

export const referenceParty: MakeParty = (host, setup) =>
  setup.side === 'client' ? clients(host, setup) : server(host, setup)
