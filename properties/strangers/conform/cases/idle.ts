/** Connections that cost whoever opens them nothing: as many as `--max-connections` allows, and as long as they may stay. */
import { setTimeout as pause } from 'node:timers/promises'
import { enframe } from '../../../../spec/dialects/stream.ts'
import { EMPTY } from '../../../../spec/reference/bytes.ts'
import type { Peer } from '../../../harness/target/peer.ts'
import { type Pair, strikeElsewhere } from '../strike.ts'
import type { Trial } from '../trial.ts'
import { about, type Case, failed, nonStrict, ok } from '../verdicts.ts'

const SPARE = 6 // for X, Y, the three timers, and whoever looks whether the server is there
const TAKEN_MS = 100 // a connection is made before the server has taken it

const flood = (
  of: ReturnType<typeof about>,
  says: string,
  what: string,
  act: (peer: Peer, t: Trial, p: Pair) => void,
  advice = 'Connections that say nothing keep clients out. Limit them, and let the oldest without a session go first.',
): Case => ({
  ...of,
  says,
  advice,
  play: (t) =>
    strikeElsewhere(t, async (p) => {
      const many = t.maxConnections - SPARE
      for (let i = 0; i < many; i++) act(await t.open(), t, p)
      await pause(TAKEN_MS)
      return `${many} ${what}`
    }),
})

const FLOODS: readonly Case[] = [
  flood(
    about('robust/many-connections', 'A', 'B6', 'PROTOCOL §7'),
    'silent connections, as many as --max-connections allows, leave X and Y in their sessions',
    'silent connections',
    () => {},
  ),
  flood(
    about('flood/half-frames', 'A', 'B6', 'PROTOCOL §7'),
    'half a HELLO on each of as many connections leaves X and Y in their sessions',
    'connections with half a HELLO',
    (peer, t) => peer.raw(enframe(t.dialect.framing, t.helloOf(t.y)).subarray(0, 20)),
  ),
  flood(
    about('flood/hellos-of-x', 'K', 'I2', 'PROTOCOL §7'),
    'the recorded HELLO of X on each of as many connections leaves X and Y in their sessions',
    'HELLOs of X',
    (peer, _, p) => peer.send(p.x.hello),
    'Whoever has recorded a HELLO throws its client out by sending it often enough. Count sessions without a DATA apart, let the oldest of them give way, and never one that has submitted.',
  ),
]

const SILENT_MS = 5_000
const LATE_MS = 1_500

/** A connection that gives the server no reason to keep it. */
const timer = (name: string, says: string, bytes: (t: Trial) => Uint8Array): Case => ({
  ...about(`time/${name}`, 'K', 'B5', 'PROTOCOL §7'),
  slow: true,
  says: `${says} is closed within 5 s`,
  advice:
    'Connections that cost nothing stay for ever, until none is left for others. Close one whose HELLO has not come within 5 s.',
  async play(t) {
    const peer = await t.open()
    const sent = bytes(t)
    if (sent.length > 0) peer.raw(sent)
    const heard = await peer.hear(SILENT_MS + LATE_MS)
    if (heard.kind === 'silence') return failed(`open after ${(SILENT_MS + LATE_MS) / 1_000} s`)
    return heard.kind === 'closed' ? ok('closed in time') : nonStrict('it is answered')
  },
})

const DROP_MS = 500

/** A byte now and then is no reason either: each begins the patience of a server anew that counts from the last one. */
const DRIPPED: Case = {
  ...timer('dripped-hello', 'a connection whose HELLO comes a byte each half second', () => EMPTY),
  async play(t) {
    const peer = await t.open()
    const bytes = enframe(t.dialect.framing, t.helloOf(t.x))
    for (let i = 0; i * DROP_MS < SILENT_MS + LATE_MS; i++) {
      peer.raw(bytes.subarray(i, i + 1))
      const heard = await peer.hear(DROP_MS)
      if (heard.kind !== 'silence') return heard.kind === 'closed' ? ok('closed in time') : nonStrict('it is answered')
    }
    return failed(`open after ${(SILENT_MS + LATE_MS) / 1_000} s`)
  },
}

export const IDLE: readonly Case[] = [
  ...FLOODS,
  DRIPPED,
  timer('silent-connection', 'a connection that says nothing', () => EMPTY),
  timer('half-a-hello', 'a connection with half a HELLO', (t) =>
    enframe(t.dialect.framing, t.helloOf(t.x)).subarray(0, 20),
  ),
]
