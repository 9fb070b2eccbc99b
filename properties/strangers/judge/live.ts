/** A canary: a relay in front of a real server, whose conversations are judged as they pass, in a thread of their own. */
import { stopping } from '../../checks/check.ts'
import type { Screen } from '../../harness/terminal/command.ts'
import { type Passing, relay, type Where } from '../relay.ts'
import { type Brief, Thread } from './brief.ts'
import type { Feed } from './feed.ts'
import type { Read, Tally } from './source.ts'
import type { Report } from './text.ts'

const FLUSH_MS = 40 // that what has passed may wait before it is judged, where nothing else is being judged
const TICK_MS = 1_000
const MOST_WAITING = 64 << 20 // bytes that may wait to be judged: what passes must not wait for it

/** What passes, on its way to a judge, a little later. What passes waits for nothing. `waiting`: bytes that are not judged yet. */
export const told = (
  feed: Feed,
  waiting: () => number = () => 0,
  trouble: (text: string) => void = () => {},
): Passing => {
  const missed = new Set<number>()
  let flushing = false
  /** While a batch is being judged the next one grows: a message costs what passes more than writing does. */
  const flush = (): void => {
    if (waiting() > 0) return void setTimeout(flush, FLUSH_MS)
    flushing = false
    feed.flush()
  }
  const tell = (conn: number, act: () => void): void => {
    if (missed.has(conn)) return
    feed.now = Date.now()
    feed.packet++
    act()
    if (flushing) return
    flushing = true
    setTimeout(flush, FLUSH_MS)
  }
  return {
    opened: (conn, client, server) => tell(conn, () => feed.opened(conn, client, server, true)),
    bytes(conn, from, bytes) {
      tell(conn, () => {
        if (waiting() < MOST_WAITING) return feed.bytes(conn, from, bytes)
        missed.add(conn)
        feed.missing(conn, from, 'more passes than can be judged')
      })
    },
    ended: (conn, from) => tell(conn, () => feed.ended(conn, from)),
    closed: (conn) => tell(conn, () => feed.closed(conn)),
    trouble,
  }
}

/** Until it is stopped. Throws a UsageError where it cannot listen. */
export const judgeLive = async (
  where: Where,
  brief: Brief,
  report: Report,
  screen: Screen,
): Promise<{ readonly read: Read; readonly tally: Tally }> => {
  const thread = new Thread(brief, report)
  const { feed } = thread
  let connections = 0
  const passing = told(
    feed,
    () => thread.waiting,
    (text) => screen.complain(text),
  )
  const opened: Passing['opened'] = (...all) => {
    connections++
    passing.opened?.(...all)
  }
  const relaying = await relay(where, { ...passing, opened })
  screen.say(`clients connect to 127.0.0.1:${relaying.port}; Ctrl-C ends it`)
  const ticking = setInterval(() => {
    feed.now = Date.now()
    feed.tick()
  }, TICK_MS)
  const stopped = stopping(
    (signal) => new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve())),
  )
  await Promise.race([stopped, thread.tally])
  clearInterval(ticking)
  relaying.stop()
  feed.now = Date.now()
  feed.end()
  return { read: { packets: feed.packet, connections, notes: [] }, tally: await thread.tally }
}
