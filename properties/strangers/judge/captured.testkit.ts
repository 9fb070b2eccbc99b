/** Captures: of schedules on a real server over sockets, on both sides of the adversary; and generated. */
import { PROTOCOL } from '../../../spec/dialects/dialect.ts'
import { endName } from '../../../spec/events.ts'
import type { End, Schedule } from '../../../spec/language.ts'
import { nodeCrypto } from '../../../src/index.ts'
import { listen } from '../../../src/net/index.ts'
import { parseCapture } from '../../harness/capture/packet-file.ts'
import { Recording } from '../../harness/capture/recording.ts'
import { changed, type Host, type MakeParty } from '../../harness/parties/party.ts'
import { srcParty } from '../../harness/parties/src.ts'
import { tcpServer } from '../../harness/parties/tcp-server.ts'
import { Player, play } from '../../harness/world/play.ts'
import { keyringOf } from '../../harness/world/rng.ts'
import { type System, systemOf } from '../../harness/world/system.ts'
import { framed } from '../../harness/world/wire.ts'
import { Generated, generate } from './generate.ts'
import { Judge, type Trouble } from './judge.ts'
import { readCapture } from './source.ts'
import type { Finding } from './telling.ts'

const HOST = '127.0.0.1'

/** A capture of so many frames of generated conversations. */
export const made = (frames: number, mode: 'bound' | 'literal', replay: boolean, clients = 4, seed = 5): Buffer => {
  const parts: Uint8Array[] = []
  const g = new Generated(mode, seed, (bytes) => parts.push(bytes))
  generate(
    g,
    clients,
    () => g.frames >= frames,
    () => replay && g.frames >= frames / 2,
  )
  return Buffer.concat(parts)
}

export const packetsOf = (capture: Uint8Array): readonly Uint8Array[] => {
  const read = parseCapture('x', capture)
  if (read.kind === 'bad') throw new Error(read.why)
  return read.value.map((p) => p.bytes)
}

/** A tap beside every connection: client runs come to port 9998, where the adversary is, who goes to port 9999. */
const tap = (stepMs = 0.25) => {
  const file: Uint8Array[] = []
  let now = 1_700_000_000_000
  const recording = new Recording(
    () => (now += stepMs),
    PROTOCOL.bound,
    (bytes) => file.push(bytes),
  )
  const conns = new Map<string, number>()
  const silent = new Set<string>()
  const connOf = ({ side, n }: End): number => {
    const known = conns.get(endName({ side, n })) ?? conns.size
    if (!conns.has(endName({ side, n })))
      recording.opened(known, null, { ip: HOST, port: side === 'client' ? 9_998 : 9_999 })
    conns.set(endName({ side, n }), known)
    return known
  }
  const passed = (at: End, from: End['side'], bytes: Uint8Array): void => {
    const conn = connOf(at)
    if (!silent.has(`${conn} ${from}`)) recording.passed(conn, from, bytes, '')
  }
  const ended = (at: End, from: End['side']): void => {
    const conn = connOf(at)
    silent.add(`${conn} ${from}`)
    recording.ended(conn, from)
  }
  const OTHER = { client: 'server', server: 'client' } as const
  const tapped =
    (make: MakeParty): MakeParty =>
    (host, setup) => {
      const listening: Host = {
        rng: (at) => host.rng(at),
        ...(host.answered && { answered: (...a) => host.answered!(...a) }),
        send: (at, frame) => {
          const sent = host.send(at, frame)
          if (sent) passed(at, setup.side, framed(frame))
          return sent
        },
        report: (r) => {
          host.report(r)
          if (r.on === 'ended') ended(r.at, setup.side)
        },
      }
      const party = make(listening, setup)
      return changed(party, {
        open: (at, id, at_) => {
          connOf(at)
          party.open(at, id, at_)
        },
        receive: (at, bytes, at_) => {
          passed(at, OTHER[setup.side], bytes)
          party.receive(at, bytes, at_)
        },
        close: (at, at_) => {
          ended(at, OTHER[setup.side])
          party.close(at, at_)
        },
      })
    }
  return { tapped, capture: () => Buffer.concat(file) }
}

/** The capture of a schedule that is played in memory, in pcapng, and what the monitors of the harness say of it. */
export const capturedHere = (s: Schedule, { client, server }: Pick<System, 'client' | 'server'>, stepMs?: number) => {
  const { tapped, capture } = tap(stepMs)
  const played = play(s, systemOf('tapped', tapped(client), tapped(server)))
  return { played, capture: capture() }
}

/** The same over sockets, with a server of its own. */
export const captured = async (s: Schedule): Promise<Uint8Array> => {
  const { clients, insiders, limits, challenge } = s.setup
  const text = challenge === 'constant' ? { challengeText: 'constant' } : {}
  const keyring = keyringOf(clients, insiders)
  const listening = await listen(
    { host: HOST, port: 0, mode: s.mode, keyring, crypto: nodeCrypto, limits, ...text },
    () => {},
  )
  if (listening.kind === 'failed') throw listening.error
  const server = tcpServer({ host: HOST, port: listening.port })
  const { tapped, capture } = tap()
  const player = new Player(s, systemOf('src over TCP, tapped', tapped(srcParty), tapped(server.party)), () => {})
  for (const _ of player.play()) await server.quiet()
  server.disconnect()
  await listening.stop()
  return capture()
}

export interface Judged {
  readonly judge: Judge
  readonly found: readonly Finding[]
  readonly troubles: readonly Trouble[]
}

export const judged = async (
  capture: Uint8Array,
  mode: Schedule['mode'],
  keyring: ReadonlyMap<number, Uint8Array>,
  plain = false,
): Promise<Judged> => {
  const found: Finding[] = []
  const troubles: Trouble[] = []
  const judge = new Judge({
    dialect: PROTOCOL[mode],
    own: true,
    keyring,
    plain,
    found: (f) => found.push(f),
    trouble: (t) => troubles.push(t),
  })
  await readCapture('x', [capture], judge)
  return { judge, found, troubles }
}
