/** Time: connections that cost nothing end. These run beside the other cases, since they take so long. */
import { enframe } from '../../../../spec/dialects/stream.ts'
import { EMPTY } from '../../../../spec/reference/bytes.ts'
import type { Trial } from '../trial.ts'
import { type Case, failed, nonStrict, ok } from '../verdicts.ts'

const SILENT_MS = 5_000
const LATE_MS = 1_500

/** A connection that gives the server no reason to keep it. */
const timer = (name: string, says: string, bytes: (t: Trial) => Uint8Array): Case => ({
  id: `time/${name}`,
  class: 'K',
  invariant: 'B5',
  clause: 'PROTOCOL §7',
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

export const TIMERS: readonly Case[] = [
  DRIPPED,
  timer('silent-connection', 'a connection that says nothing', () => EMPTY),
  timer('half-a-hello', 'a connection with half a HELLO', (t) =>
    enframe(t.dialect.framing, t.helloOf(t.x)).subarray(0, 20),
  ),
]
