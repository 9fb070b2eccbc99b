/** A relay with a policy: what arrives is shown and decided on, what is given is kept. */
import { enframe } from '../../../../spec/dialects/stream.ts'
import { endName, type FrameId } from '../../../../spec/events.ts'
import type { Edit, End, Side } from '../../../../spec/language.ts'
import { crossing, endsText, type FrameLine, frameLine, opposite } from '../../../harness/attack/frames.ts'
import { type Cut, framesOf, Reader } from '../../../harness/capture/reader.ts'
import type { Recording } from '../../../harness/capture/recording.ts'
import { UsageError } from '../../../harness/terminal/options.ts'
import { theirEdit } from '../../../harness/world/foreign.ts'
import { edited, newNames, toHex, Wire, type WireFrame } from '../../../harness/world/wire.ts'
import { Relay, type RelayOptions } from './relay.ts'

const PREFIX_BYTES = 4 // of an edited frame

/** Who decides what becomes of the frames. */
export interface Policy {
  opened(): void
  /** A frame has arrived from its sender; what is never given is dropped. */
  frame(f: WireFrame): Promise<void> | void
  /** Whether the end of a stream on connection `n` may be passed on now: nothing is held back there. */
  mayEnd(n: number): boolean
}

interface MiddleOptions extends RelayOptions {
  readonly keyring: ReadonlyMap<number, Uint8Array> | null
  readonly recording: Recording
  readonly say: (text: string) => void
  readonly columns: number | undefined // that what is said of a frame fits into
  readonly policy: (middle: Middle) => Policy
}

/** What a policy can do, and see. */
export class Middle {
  /** Every frame that has arrived, by origin. */
  readonly wire = new Wire(newNames())
  readonly #options: MiddleOptions
  readonly #reader: Reader
  readonly #relay: Relay
  readonly #policy: Policy
  readonly #shown = new Map<string, FrameLine>() // by the bytes of the frame
  readonly #timers = new Set<NodeJS.Timeout>()
  #stopped = false

  constructor(o: MiddleOptions) {
    this.#options = o
    this.#reader = new Reader(o.dialect, o.keyring)
    this.#relay = new Relay(o, {
      opened: (n, client, server) => {
        o.recording.opened(n, client, server)
        this.say(`connection ${n}: ${client === null ? 'opened by the relay' : `from ${client.ip}:${client.port}`}`)
        this.#decide(() => this.#policy.opened())
      },
      arrived: (from, cut) => this.#arrived(from, cut),
      ended: (from) => {
        const may = this.#policy.mayEnd(from.n)
        if (may) o.recording.ended(from.n, from.side)
        return may
      },
      closed: (n) => this.say(`connection ${n}: closed`),
      trouble: (text) => this.say(text),
    })
    this.#policy = o.policy(this)
  }

  start(): Promise<number> {
    return this.#relay.start()
  }

  /** Nothing is said of what follows from it. */
  async stop(): Promise<void> {
    this.#stopped = true
    for (const t of this.#timers) clearTimeout(t)
    await this.#relay.stop()
  }

  say(text: string): void {
    if (!this.#stopped) this.#options.say(text)
  }

  /** Connections there were, the open ones included. */
  get connections(): number {
    return this.#relay.connections
  }

  /** Stream bytes for an end, in these chunks; one past the last connection is opened. `note`: what is unusual about it. */
  give(to: End, chunks: readonly Uint8Array[], note: string): void {
    if (to.side === 'server' && to.n === this.connections) this.#relay.connect()
    if (!this.#relay.isOpen(to)) {
      this.say(`  for ${endName(to)}, which is gone`)
      return
    }
    if (note !== '') this.say(`  to ${endName(to)}: ${note}`)
    const frames = framesOf(this.#options.dialect, Buffer.concat(chunks))
    const comment = [...frames.map((f) => this.#summary(f)), ...(note === '' ? [] : [note])].join('; ')
    for (const bytes of chunks) {
      this.#options.recording.passed(to.n, opposite(to).side, bytes, comment)
      this.#relay.deliver(to, bytes)
    }
    for (const frame of frames) this.#reader.given(to, frame)
  }

  /** Gives a frame to the other end, as it is. */
  pass(f: WireFrame, note = ''): void {
    this.give(opposite(f.ref.by), [this.framed(f.bytes)], note)
  }

  /** A frame as it crosses a connection. */
  framed(frame: Uint8Array): Uint8Array {
    return enframe(this.#options.dialect.framing, frame)
  }

  /** An edited frame as it crosses a connection; opcodes and directions are those of PROTOCOL. Throws a UsageError. */
  edited(frame: Uint8Array, towards: Side, edit: Edit | undefined): Uint8Array {
    const { dialect } = this.#options
    const prefixed = dialect.framing.kind === 'u32be'
    if (edit?.do === 'flip' && edit.at === 'length' && !prefixed)
      throw new UsageError('flip: expected a part of the frame, got length, which is no u32be in this dialect')
    const bytes = edited(this.wire, frame, towards, edit && theirEdit(dialect, edit))
    return prefixed ? bytes : this.framed(bytes.subarray(PREFIX_BYTES))
  }

  /** Breaks connection `n`. */
  close(n: number): void {
    this.#relay.close(n)
  }

  /** Does something after so many milliseconds, when nothing else is being done. */
  after(ms: number, job: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      this.#decide(job)
    }, ms)
    this.#timers.add(timer)
  }

  #decide(job: () => void): void {
    this.#relay.later(() => {
      job()
      this.#relay.retry()
    })
  }

  async #arrived(from: End, { kind, bytes }: Cut): Promise<void> {
    if (kind !== 'frame') {
      const what = kind === 'banner' ? 'bytes before the first frame' : 'bytes that are no frame'
      this.say(`${endsText(from)}${bytes.length} ${what}: ${toHex(bytes.subarray(0, 16))}`)
      this.give(opposite(from), [bytes], '')
      return
    }
    const frame = this.wire.add(from, bytes)
    const line = this.#reader.sent(from, frame.id, bytes)
    this.#shown.set(toHex(bytes), line)
    this.say(crossing(from, line, this.#options.columns))
    await this.#policy.frame(frame)
    this.#relay.retry()
  }

  /** A frame for somebody who reads the capture, since Wireshark does not know the protocol. */
  #summary(frame: Uint8Array): string {
    const { name, round, id, says } =
      this.#shown.get(toHex(frame)) ?? frameLine('' as FrameId, frame, '', this.#options.dialect)
    return `${name} r${round} client ${id}${says === '' ? '' : `: ${says}`}`
  }
}
