/** Clients of any dialect as a party: those of spec/dialects. */
import { DialectClient } from '../../../spec/dialects/client.ts'
import type { Dialect } from '../../../spec/dialects/dialect.ts'
import { Followers } from '../../../spec/dialects/follower.ts'
import { inWorld } from '../foreign.ts'
import type { MakeParty } from './party.ts'
import { At } from './reference.ts'

/** Clients have no timers. */
export const dialectClients = (dialect: Dialect): MakeParty => {
  const followers = new Followers(inWorld(dialect))
  return (host, { keyring }) => {
    const runs = new Map<number, DialectClient>()
    return {
      emits: ['accepted', 'rejected', 'ended'],
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
