/** The process of the server: src/net as `npm run server` starts it, a journal, and an echo beside it. */
import { once } from 'node:events'
import { createServer } from 'node:net'
import { type EndReason, frame, nodeCrypto } from '../../../src/index.ts'
import { Channel, CLOSING_MS, listen, type ServerEvent, Turns } from '../../../src/net/index.ts'
import { onAsk, type ServerAsk, type ServerReply, type Usage } from './child.ts'
import { cryptoUs } from './crypto-cost.ts'
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
