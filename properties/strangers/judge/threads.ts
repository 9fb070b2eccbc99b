/** Connections divided among threads by the client that their first frame names; the numbers of all are judged here. */
import type { Dialect } from '../../../spec/dialects/dialect.ts'
import type { Reassembler } from '../../../spec/dialects/stream.ts'
import { INVARIANTS } from '../../../spec/invariants/index.ts'
import type { Address } from '../../harness/capture/packets.ts'
import type { Chunk } from '../../harness/capture/streams.ts'
import { type Brief, type Heard, Thread } from './brief.ts'
import { ByServer, type Fact, Told } from './facts.ts'
import { addressText, cutOf } from './ledger.ts'
import { hidden } from './observable.ts'
import type { Reader, Tally } from './source.ts'
import { namedAnswer } from './sums.ts'

type From = Chunk['from']

interface Line {
  /** Null: its client has not sent a frame. */
  thread: Thread | null
  /** What was told before that. */
  readonly held: ((t: Thread) => void)[]
  readonly cut: Readonly<Record<From, Reassembler>>
}

export class Threads implements Reader {
  packet = 0
  now = 0
  #frames = 0
  readonly #threads: readonly Thread[]
  readonly #lines = new Map<number, Line>()
  readonly #dialect: Dialect
  readonly #sums: ByServer
  readonly #numbers: Told
  readonly #judgesNumbers: boolean
  /** By thread, of the batches that not all have judged. */
  readonly #facts: (readonly Fact[])[][]

  constructor(brief: Brief, dialect: Dialect, heard: Heard) {
    this.#dialect = dialect
    const g1 = INVARIANTS.find((i) => i.id === 'G1')!
    this.#judgesNumbers = brief.keys !== null && hidden(g1, brief.block === null ? null : dialect) === null
    this.#sums = new ByServer({
      broke: (invariant, why, f) => heard.found({ invariant, why, frames: [namedAnswer(f)] }),
      open: (f, why) =>
        heard.trouble({ ...namedAnswer(f), ends: '', why: `an answer is not judged: ${why}`, frame: namedAnswer(f) }),
    })
    this.#numbers = new Told(this.#sums)
    this.#facts = Array.from({ length: brief.threads }, () => [])
    this.#threads = this.#facts.map(
      (facts) =>
        new Thread(
          brief,
          heard,
          () => this.#flush(),
          (f) => {
            facts.push(f)
            this.#merge()
          },
        ),
    )
  }

  opened(conn: number, client: Address, server: Address, whole: boolean): void {
    const line: Line = { thread: null, held: [], cut: cutOf(this.#dialect) }
    this.#lines.set(conn, line)
    this.#numbers.opened(conn, addressText(server))
    this.#tell(line, ({ feed }) => feed.opened(conn, client, server, whole))
  }

  bytes(conn: number, from: From, bytes: Uint8Array): void {
    const line = this.#lines.get(conn)
    if (line === undefined) return
    const pieces = line.cut[from].push(bytes)
    const [first] = pieces
    if (line.thread === null && first !== undefined && (from === 'client' || first.kind !== 'frame'))
      this.#give(line, first.kind === 'frame' ? (first.frame[1] ?? 0) : 0)
    // what is held is told later, and its memory is used again
    const kept = line.thread === null ? Uint8Array.from(bytes) : bytes
    this.#tell(line, ({ feed }) => feed.bytes(conn, from, kept))
    this.#frames += pieces.length
  }

  ended(conn: number, from: From): void {
    this.#tell(this.#lines.get(conn), ({ feed }) => feed.ended(conn, from))
  }

  missing(conn: number, from: From, why: string): void {
    this.#tell(this.#lines.get(conn), ({ feed }) => feed.missing(conn, from, why))
  }

  closed(conn: number): void {
    const line = this.#lines.get(conn)
    if (line === undefined) return
    if (line.thread === null) this.#give(line, 0)
    this.#tell(line, ({ feed }) => feed.closed(conn))
    this.#lines.delete(conn)
  }

  end(): void {
    for (const conn of [...this.#lines.keys()]) this.closed(conn)
    this.#flush()
    for (const t of this.#threads) this.#at(t).feed.end()
  }

  /** Resolves when all is judged. */
  async tally(): Promise<Tally> {
    const all = await Promise.all(this.#threads.map((t) => t.tally))
    this.#sums.end()
    const sum = (of: (t: Tally) => number): number => all.reduce((n, t) => n + of(t), 0)
    const ids = all[0]!.hits.map(([id]) => id)
    const hits = ids.map((id) => [id, sum((t) => new Map(t.hits).get(id) ?? 0)] as const)
    return {
      frames: this.#frames,
      followed: sum((t) => t.followed),
      copies: sum((t) => t.copies),
      forgotten: sum((t) => t.forgotten),
      hits: this.#judgesNumbers ? [...hits, ...Object.entries(this.#sums.hits)] : hits,
    }
  }

  async below(bytes: number): Promise<void> {
    for (const t of this.#threads) await t.below(bytes)
  }

  #give(line: Line, id: number): void {
    const thread = this.#threads[id % this.#threads.length]!
    line.thread = thread
    for (const act of line.held.splice(0)) act(this.#at(thread))
  }

  #tell(line: Line | undefined, act: (t: Thread) => void): void {
    if (line === undefined) return
    if (line.thread !== null) {
      act(this.#at(line.thread))
      return
    }
    // as it was then, when it is told later
    const [packet, now, frames] = [this.packet, this.now, this.#frames]
    line.held.push((t) => {
      Object.assign(t.feed, { packet, now, frames })
      act(t)
    })
  }

  #at(t: Thread): Thread {
    t.feed.packet = this.packet
    t.feed.now = this.now
    t.feed.frames = this.#frames
    return t
  }

  /** All at once, so that their batches are of the same part of the capture. */
  #flush(): void {
    for (const t of this.#threads) t.feed.flush()
  }

  /** What all have judged, in the order of the capture. */
  #merge(): void {
    while (this.#facts.every((f) => f.length > 0)) {
      const part = this.#facts.flatMap((f) => f.shift()!)
      if (this.#judgesNumbers) this.#numbers.tell(part.sort((a, b) => a.n - b.n))
    }
  }
}
