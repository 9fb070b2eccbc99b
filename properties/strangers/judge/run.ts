/** `npm run judge`: the monitors on what passed between clients and a server, from a file or as it passes (a canary). */
import { statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { stopping } from '../../checks/check.ts'
import { BadCapture } from '../../harness/capture/packet-file.ts'
import { dialectOption, spokenIn } from '../../harness/target/dialects.ts'
import { keysFrom } from '../../harness/target/keys.ts'
import { command, main, type Screen } from '../../harness/terminal/command.ts'
import { modeOption, text, UsageError } from '../../harness/terminal/options.ts'
import { counting } from '../../harness/terminal/progress.ts'
import { type Passing, relay, relayShape, type Where } from '../relay.ts'
import { type Brief, benchOf, spokenOf, Thread } from './brief.ts'
import type { Feed } from './feed.ts'
import { piecesOf, type Read, readCapture, readFrames, type Tally, transcriptIn } from './source.ts'
import { Report } from './text.ts'
import { Threads } from './threads.ts'

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
const judgeLive = async (
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

const SMALL = 4 << 20 // bytes of a file that is judged while it is read
const MOST_READ = 4 << 20 // bytes of a file that may wait to be judged: whoever interrupts waits for them
const THREADS = 2 // whatever the machine has, so that what is found and remembered does not depend on it

const options = z.strictObject({
  keys: text({
    value: 'FILE',
    says: 'keyring: JSON of client id and key in hex; demo: the demo keys\n(default: those in a transcript; without any only what needs no key is judged)',
    default: null,
  }),
  mode: modeOption('bound or literal, where PROTOCOL is spoken'),
  dialect: dialectOption,
  ...relayShape('judge what passes here'),
})
type Options = z.output<typeof options>

const judgeFile = async (file: string, o: Options, screen: Screen): Promise<number> => {
  const asked = o.dialect === null ? null : spokenIn(o.dialect, o.mode)
  const transcript = transcriptIn(file, asked?.dialect)
  const keyring =
    o.keys === null ? transcript?.masters : keysFrom(o.keys, asked !== null || transcript !== null).keyring
  const keys = keyring === undefined || keyring.size === 0 ? null : keyring
  const brief: Brief = { mode: o.mode, block: asked?.block ?? null, keys, beside: false, threads: THREADS }
  const spoken = transcript === null ? spokenOf(brief) : { dialect: transcript.dialect, own: false }
  const report = new Report(screen)
  const conclude = (read: Read, tally: Tally): number =>
    report.conclude(spoken.own ? null : spoken.dialect, keys !== null, read, tally)
  if (transcript !== null || statSync(file).size < SMALL) {
    const bench = benchOf(spoken, keys, report)
    const read =
      transcript === null
        ? await readCapture(file, piecesOf(file), bench)
        : readFrames(transcript, spoken.dialect, bench)
    return conclude(read, bench.tally())
  }
  const threads = new Threads(brief, spoken.dialect, report)
  const line = screen.progress()
  const read = await stopping((signal) => readCapture(file, paced(file, threads, counting(line), signal), threads))
  const tally = await threads.tally()
  line.clear()
  return conclude(read, tally)
}

/** Reading does not run ahead of judging, and ends where the signal says so, which is thrown as a BadCapture. */
export async function* paced(
  file: string,
  threads: Pick<Threads, 'below'>,
  progress: ReturnType<typeof counting>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const whole = statSync(file).size
  const mib = (bytes: number): number => Math.floor(bytes / (1 << 20))
  let done = 0
  for (const piece of piecesOf(file)) {
    yield piece
    done += piece.length
    progress(mib(done), mib(whole), 'MiB')
    await threads.below(MOST_READ)
    if (signal.aborted) throw new BadCapture(`interrupted at ${mib(done)} of ${mib(whole)} MiB`)
  }
}

export const judgeCommand = command({
  name: 'judge',
  options,
  rest: { value: 'FILE', says: 'a capture (pcapng, pcap) or a transcript (JSON)' },
  notes: `Follows every session of a recording and judges every invariant that frames alone can show; of the others it says why \
not. What cannot be followed is named with its first frame, and is never "nothing found".
Exit codes: 0 all was followed and nothing is violated, 1 something is violated, 3 not all could be followed, 2 usage.`,
  async run(o, screen, [file]) {
    if ((o.relay === null) !== (o.upstream === null)) throw new UsageError('--relay and --upstream: expected both')
    if ((file === undefined) === (o.relay === null))
      throw new UsageError('FILE or --relay PORT --upstream HOST:PORT: expected one of them')
    if (file !== undefined) return judgeFile(file, o, screen)
    const asked = o.dialect === null ? null : spokenIn(o.dialect, o.mode)
    const keys = o.keys === null ? null : keysFrom(o.keys, asked !== null).keyring
    const brief: Brief = { mode: o.mode, block: asked?.block ?? null, keys, beside: true, threads: 1 }
    const report = new Report(screen)
    const { read, tally } = await judgeLive({ port: o.relay!, upstream: o.upstream! }, brief, report, screen)
    return report.conclude(asked?.dialect ?? null, keys !== null, read, tally)
  },
})

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(judgeCommand)
