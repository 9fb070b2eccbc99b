/** The process of the hostile peers. */
import { connect, type Socket } from 'node:net'
import { Rng } from '../../../harness/rng.ts'
import type { HostileAsk, HostileReply } from '../messages.ts'
import { type Identity, insider } from './insider.ts'
import { KINDS, type Kind } from './kinds.ts'

const HOST = '127.0.0.1'
const LONGEST_MS = 12_000 // of a connection; the server has ended it by then
const REPORT_MS = 500
const INSIDER = 'insider'

const times: Record<string, number> = {}

/** One peer: connection after connection, as its kind has it. */
const live = (kind: Kind, port: number, rng: Rng): void => {
  let open = 0
  const again = (): void => {
    const [from, to] = kind.pauseMs
    setTimeout(knock, rng.between(from, to))
  }
  const knock = (): void => {
    if (kind.lying !== undefined) again()
    if (open >= (kind.lying ?? 1)) return
    open++
    const socket: Socket = connect({ host: HOST, port, noDelay: true }, () => {
      times[kind.name] = (times[kind.name] ?? 0) + 1
      kind.behave(socket, rng)
    })
    const longest = setTimeout(() => socket.destroy(), LONGEST_MS)
    socket.on('error', () => {}) // resets are what it is after
    socket.on('data', () => {})
    socket.on('close', () => {
      clearTimeout(longest)
      open--
      if (kind.lying === undefined) again()
    })
  }
  setTimeout(knock, rng.below(kind.pauseMs[1]))
}

/** Peers take turns with the kinds; insiders take ids of their own as long as there are any. */
const start = ({ port, mode, seed, peers, insiders, held }: HostileAsk): void => {
  let keyHolders = 0
  for (let n = 0; n < peers; n++) {
    const rng = new Rng(seed, n)
    const kind = KINDS[(n % (KINDS.length + 1)) - 1] // the first, and each eighth after it, holds a key
    if (kind !== undefined) {
      live(kind, port, rng)
      continue
    }
    const own = insiders[keyHolders]
    const identity: Identity = { id: own ?? held[keyHolders % held.length]!, own: own !== undefined, seed, mode }
    keyHolders++
    live({ name: INSIDER, behave: insider(identity), pauseMs: [500, 2_000] }, port, rng)
  }
  setInterval(() => process.send?.({ kind: 'begun', times } satisfies HostileReply), REPORT_MS)
}

process.on('message', start)
process.on('SIGINT', () => {}) // a terminal sends Ctrl-C to every process; the parent decides
process.on('disconnect', () => process.exit())
