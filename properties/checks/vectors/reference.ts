/** The reference in spec/ as the subject of corpus/vectors; the recorder makes them with it. */

import type { View } from '../../../spec/events.ts'
import { LIMITS, type Side } from '../../../spec/language.ts'
import { Client } from '../../../spec/reference/client.ts'
import { type Environment, initialPosition } from '../../../spec/reference/position.ts'
import { Server } from '../../../spec/reference/server.ts'
import { keysHex, type StateJson } from './format.ts'
import type { Port, Subject } from './play.ts'

const environmentOf = (port: Port, server: boolean): Environment => ({
  send: port.send,
  random: port.random,
  accepted: () => port.said('accepted'),
  rejected: (_, reason) => port.said(reason),
  ended(by) {
    if (server && by === 'finish') port.said('rounds-exhausted')
    port.ended()
  },
})

const stateOf = (view: View<Uint8Array>, side: Side): StateJson => ({
  phase: view.phase,
  round: view.round,
  ...(side === 'client' ? { outstanding: view.outstanding } : { confirmed: view.confirmed }),
  keys: view.keys && keysHex(view.keys),
})

export const REFERENCE: Subject = {
  client(mode, id, master, text, port) {
    let run: Client | null = null
    return {
      start() {
        run = Client.start(initialPosition(mode, id, master), LIMITS, environmentOf(port, false), 0, text)
      },
      submit: (values) => void run?.submit(values, 0),
      finish: () => run?.finish(),
      receive: (bytes) => run?.receive(bytes, 0),
      continueIn: (round) => run?.setRound(round),
      state: () => run && stateOf(run.view, 'client'),
    }
  },
  server(mode, keyring, text) {
    const server = new Server({ mode, keyring, limits: LIMITS, challenge: text ?? 'fresh' })
    return (port) => {
      const connection = server.accept(environmentOf(port, true), 0)
      return {
        receive: (bytes) => server.receive(connection, bytes, 0),
        continueIn: (round) => server.setRound(connection, round),
        state: () => connection.view && stateOf(connection.view, 'server'),
      }
    }
  },
}
