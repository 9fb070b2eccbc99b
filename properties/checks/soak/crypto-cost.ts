/** What the cryptography of a round costs a server by itself: the least that its rounds can cost beside their frames. */
import { ClientSession, frame, nodeCrypto, nodeRng, Server } from '../../../src/index.ts'

const TIMES = 2_000
const MASTER = new Uint8Array(32)

/** The cryptographic calls with which a server takes a DATA and answers it, with arguments of their own. */
const callsOfRound = (): readonly (() => unknown)[] => {
  const calls: (() => unknown)[] = []
  let noting = false
  const { hmac, aesEncrypt, aesDecrypt } = nodeCrypto
  const noted =
    <A extends readonly Uint8Array[]>(call: (...args: A) => Uint8Array) =>
    (...args: A): Uint8Array => {
      const own = args.map((a) => a.slice()) as unknown as A
      if (noting) calls.push(() => call(...own))
      return call(...args)
    }
  const crypto = { ...nodeCrypto, hmac: noted(hmac), aesEncrypt: noted(aesEncrypt), aesDecrypt: noted(aesDecrypt) }
  const toClient: Uint8Array[] = []
  const server = new Server({ mode: 'bound', keyring: new Map([[1, MASTER]]), crypto })
  const port = { send: (f: Uint8Array) => toClient.push(frame.withPrefix(f)) > 0, report: () => {} }
  const connection = server.open(port, nodeRng, 0)
  const send = (f: Uint8Array): boolean => {
    server.receive(connection, frame.withPrefix(f), 0)
    return true
  }
  const options = { id: 1, masterKey: MASTER, mode: 'bound', crypto: nodeCrypto, rng: nodeRng } as const
  const client = new ClientSession(options, { send, report: () => {} })
  client.start(0)
  client.receive(toClient[0]!)
  noting = true
  client.submit([10, 20], 0)
  return calls
}

const CALLS = callsOfRound()

/** Microseconds of this process's processor time. */
export const cryptoUs = (): number => {
  const before = process.cpuUsage()
  for (let i = 0; i < TIMES; i++) for (const call of CALLS) call()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / TIMES
}
