/** The process of the server: src/net as `npm run server` starts it, a journal, and an echo beside it. */
import { once } from 'node:events'
import { createServer } from 'node:net'
import { ClientSession, type EndReason, frame, nodeCrypto, nodeRng, Server } from '../../../src/index.ts'
import { Channel, CLOSING_MS, listen, type ServerEvent, Turns } from '../../../src/net/index.ts'
import { onAsk, type ServerAsk, type ServerReply, type Usage } from './child.ts'
import { HOST, KEYRING } from './plan.ts'

const LOOK_MS = 50
const BATCH = 3 * 512 // numbers of the journal in one message

const say = (reply: ServerReply): void => void process.send?.(reply)

const ports = new Map<number, number>() // connection -> port of its client
const counted = new Set<number>() // connections with an accepted DATA
const ended: Partial<Record<EndReason, number>> = {}
const troubles: string[] = []
const journal = new Uint32Array(BATCH)
let filled = 0
let peakRss = 0

const flush = (): void => {
  if (filled > 0) say({ kind: 'journal', entries: journal.slice(0, filled) })
  filled = 0
}

const note = (connection: number, id: number, round: number): void => {
  journal[filled++] = ports.get(connection)!
  journal[filled++] = id
  journal[filled++] = round
  if (filled === BATCH) flush()
}

/** The server reports an outcome when it has taken effect, so the order of the reports is the order of the effects. */
const report = (event: ServerEvent): void => {
  switch (event.kind) {
    case 'connected':
      ports.set(event.connection, Number(event.peer.slice(event.peer.lastIndexOf(':') + 1)))
      return
    case 'outcome': {
      const { connection, outcome } = event
      if (outcome.kind === 'accepted' && outcome.content.kind === 'data') {
        counted.add(connection)
        note(connection, outcome.content.id, outcome.content.round)
      }
      if (outcome.kind !== 'ended') return
      ended[outcome.by] = (ended[outcome.by] ?? 0) + 1
      if (counted.delete(connection)) note(connection, 0, 0)
      return
    }
    case 'closed':
      ports.delete(event.connection)
      return
    case 'accept-failed':
      troubles.push(event.error.message)
  }
}

const look = (): number => {
  const rss = process.memoryUsage.rss()
  peakRss = Math.max(peakRss, rss)
  return rss
}

const usage = (): Usage => {
  const { user, system } = process.cpuUsage()
  look()
  return { kind: 'usage', cpuUs: user + system, peakRss, ended, troubles: troubles.splice(0) }
}

// What the cryptography of a round costs a server by itself: the least that its rounds can cost beside their frames.
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
const cryptoUs = (): number => {
  const before = process.cpuUsage()
  for (let i = 0; i < TIMES; i++) for (const call of CALLS) call()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / TIMES
}

onAsk<ServerAsk>(async (ask) => {
  if (ask.ask === 'usage') {
    flush()
    return say(usage())
  }
  if (ask.ask === 'crypto') return say({ kind: 'crypto', cpuUs: cryptoUs() })
  const options = { host: HOST, port: 0, mode: ask.mode, keyring: KEYRING, crypto: nodeCrypto }
  const listening = await listen(options, report)
  if (listening.kind === 'failed') throw listening.error
  const echoPort = await listenEcho()
  setInterval(look, LOOK_MS)
  say({ kind: 'listening', port: listening.port, echoPort, rss: look() })
})

/**
 * The same server without a protocol: sockets, channels and reassembly of src/net, every frame sent back as it is.
 * Resolves with the port.
 */
const listenEcho = async (): Promise<number> => {
  const turns = new Turns()
  const listener = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    const stream = new frame.Reassembler()
    const heard = {
      received: (bytes: Uint8Array) => stream.push(bytes, (whole) => whole !== null && channel.send(whole)),
      lost: () => {},
      closed: () => {},
    }
    const channel: Channel = new Channel(socket, heard, CLOSING_MS, turns)
  })
  await once(listener.listen(0, HOST), 'listening')
  const address = listener.address()
  return typeof address === 'object' ? address!.port : 0
}
