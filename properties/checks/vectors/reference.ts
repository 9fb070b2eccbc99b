/** The reference in spec/ as the subject of corpus/vectors. */

import { PROTOCOL } from '../../../spec/dialects/dialect.ts'
import { Followers } from '../../../spec/dialects/follower.ts'
import type { View } from '../../../spec/events.ts'
import { LIMITS } from '../../../spec/language.ts'
import { Client } from '../../../spec/reference/client.ts'
import { Server } from '../../../spec/reference/server.ts'
import type { Surroundings as Around } from '../../../spec/reference/surroundings.ts'
import { keysHex, type StateJson } from './made/format.ts'
import type { Subject, Surroundings } from './subject.ts'

const aroundOf = (around: Surroundings, server: boolean): Around => ({
  send: around.send,
  random: around.random,
  accepted: () => around.said('accepted'),
  rejected: (_, reason) => around.said(reason),
  ended(by) {
    if (server && by === 'finish') around.said('rounds-exhausted')
    around.ended()
  },
})

const common = ({ phase, round, keys }: View<Uint8Array>): StateJson => ({ phase, round, keys: keys && keysHex(keys) })

export const REFERENCE: Subject = {
  client(mode, id, master, text, around) {
    let run: Client | null = null
    const followers = new Followers(PROTOCOL[mode])
    return {
      start() {
        run = Client.start(followers.start(id, master), LIMITS, aroundOf(around, false), 0, text)
      },
      submit: (values) => void run?.submit(values, 0),
      finish: () => run?.finish(),
      receive: (bytes) => run?.receive(bytes, 0),
      continueIn: (round) => run?.setRound(round),
      state: () => run && { ...common(run.view), outstanding: run.view.outstanding },
    }
  },
  server(mode, keyring, text) {
    const followers = new Followers(PROTOCOL[mode])
    const server = new Server({ followers, keyring, limits: LIMITS, challenge: text ?? 'fresh' })
    return (around) => {
      const connection = server.accept(aroundOf(around, true), 0)
      return {
        receive: (bytes) => server.receive(connection, bytes, 0),
        continueIn: (round) => server.setRound(connection, round),
        state: () => connection.view && { ...common(connection.view), confirmed: connection.view.confirmed },
      }
    }
  },
}
