/** The implementation in src/ as the subject of corpus/vectors. */

import * as src from '../../../src/index.ts'
import { type KeysHex, keysHex } from './format.ts'
import type { Port, Subject } from './play.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

const keysOf = ({ c2s, s2c }: src.Keys): KeysHex => keysHex([c2s.enc, c2s.mac, s2c.enc, s2c.mac])

const portOf = (port: Port): src.Port => ({
  send: port.send,
  report(outcome) {
    switch (outcome.kind) {
      case 'accepted':
        return port.said('accepted', 'text' in outcome.content ? outcome.content.text : undefined)
      case 'rejected':
        return port.said(outcome.reason)
      case 'ended':
        if (outcome.by === 'rounds-exhausted') port.said(outcome.by)
        return port.ended()
    }
  },
})

export const SRC: Subject = {
  client(mode, id, masterKey, text, port) {
    const { nodeCrypto: crypto } = src
    const options = { mode, id, masterKey, crypto, rng: port.random, helloText: utf8.decode(text) }
    const run = new src.ClientSession(options, portOf(port))
    return {
      start: () => void run.start(0),
      submit: (values) => void run.submit(values, 0),
      finish: () => run.finish(),
      receive: (bytes) => run.receive(bytes),
      continueIn(round) {
        if (run.state.keys !== null) run.restore({ ...run.state, round })
      },
      state() {
        const { state } = run
        const outstanding = state.phase === 'ACTIVE' && state.pending !== null
        return { phase: state.phase, round: state.round, outstanding, keys: state.keys && keysOf(state.keys) }
      },
    }
  },
  server(mode, keyring, text) {
    const challenge = text === null ? {} : { challengeText: utf8.decode(text) }
    const server = new src.Server({ mode, keyring, crypto: src.nodeCrypto, ...challenge })
    return (port) => {
      const connection = server.open(portOf(port), port.random, 0)
      return {
        receive: (bytes) => server.receive(connection, bytes, 0),
        continueIn(round) {
          if (connection.state.phase === 'ACTIVE') server.restore(connection, { ...connection.state, round })
        },
        state() {
          const { state } = connection
          if (state.phase === 'INIT' || state.id === null) return null
          const { phase, round } = state
          if (phase === 'TERMINATED') return { phase, round, confirmed: false, keys: null }
          return { phase, round, confirmed: state.confirmed, keys: keysOf(state.keys) }
        },
      }
    }
  },
}
