/** An attack over real sockets: a server of its own, and the interpreter's clients in front of it. */
import type { Mode, Schedule } from '../../../spec/language.ts'
import { nodeCrypto } from '../../../src/index.ts'
import { listen } from '../../../src/net/index.ts'
import { type AttackResult, type NamedAttack, perform } from '../../harness/attack/perform.ts'
import { srcParty } from '../../harness/parties/src.ts'
import { tcpServer } from '../../harness/parties/tcp-server.ts'
import { keyringOf } from '../../harness/world/rng.ts'
import { systemOf } from '../../harness/world/system.ts'
import { needsMemory, settling } from './stranger.ts'

const HOST = '127.0.0.1'

/** What starts servers: src/net, or a changed copy of it. */
export type Listen = typeof listen

const start = async (s: Schedule, mode: Mode, listenWith: Listen) => {
  const { clients, insiders, limits, challenge } = s.setup
  const keyring = keyringOf(clients, insiders)
  const text = challenge === 'constant' ? { challengeText: 'constant' } : {}
  const options = { host: HOST, port: 0, mode, keyring, crypto: nodeCrypto, limits, ...text }
  const listening = await listenWith(options, () => {})
  if (listening.kind === 'failed') throw listening.error
  return listening
}

/**
 * Plays one attack. Throws a RangeError where the schedule cannot be played over sockets, and the system's error where
 * no port can be had. `columns`: what every line of its drawing fits into.
 */
export const performOverTcp = async (
  a: NamedAttack,
  mode: Mode,
  listenWith: Listen = listen,
  columns?: number,
): Promise<AttackResult> => {
  const why = needsMemory(a.schedule)
  if (why !== null) throw new RangeError(`${a.name}: ${why}`)
  const listening = await start(a.schedule, mode, listenWith)
  const server = tcpServer({ host: HOST, port: listening.port })
  const system = systemOf('src over TCP', srcParty, server.party)
  return settling(perform(a, mode, system, columns), server).finally(() => listening.stop())
}
