/** As many connections as `--max-connections` allows, while X and Y are in their sessions. */
import { setTimeout as pause } from 'node:timers/promises'
import { enframe } from '../../../../spec/dialects/stream.ts'
import type { Peer } from '../../../harness/peer.ts'
import { type Pair, strikeElsewhere } from '../strike.ts'
import type { Trial } from '../trial.ts'
import type { Case } from '../verdicts.ts'

const SPARE = 6 // for X, Y, the two timers, and whoever looks whether the server is there

const TAKEN_MS = 100 // a connection is made before the server has taken it

const flood = (
  about: Pick<Case, 'id' | 'class' | 'invariant' | 'says' | 'advice'>,
  what: string,
  act: (peer: Peer, t: Trial, p: Pair) => void,
): Case => ({
  ...about,
  clause: 'PROTOCOL §7',
  play: (t) =>
    strikeElsewhere(t, async (p) => {
      const many = t.maxConnections - SPARE
      for (let i = 0; i < many; i++) act(await t.open(), t, p)
      await pause(TAKEN_MS)
      return `${many} ${what}`
    }),
})

const advice =
  'Connections that say nothing keep clients out. Limit them, and let the oldest without a session go first.'

export const FLOODS: readonly Case[] = [
  flood(
    {
      id: 'robust/many-connections',
      class: 'A',
      invariant: 'B6',
      says: 'silent connections, as many as --max-connections allows, leave X and Y in their sessions',
      advice,
    },
    'silent connections',
    () => {},
  ),
  flood(
    {
      id: 'flood/half-frames',
      class: 'A',
      invariant: 'B6',
      says: 'half a HELLO on each of as many connections leaves X and Y in their sessions',
      advice,
    },
    'connections with half a HELLO',
    (peer, t) => peer.raw(enframe(t.dialect.framing, t.helloOf(t.y)).subarray(0, 20)),
  ),
  flood(
    {
      id: 'flood/hellos-of-x',
      class: 'K',
      invariant: 'I2',
      says: 'the recorded HELLO of X on each of as many connections leaves X and Y in their sessions',
      advice:
        'Whoever has recorded a HELLO throws its client out by sending it often enough. Count sessions without a DATA apart, let the oldest of them give way, and never one that has submitted.',
    },
    'HELLOs of X',
    (peer, _, p) => peer.send(p.x.hello),
  ),
]
