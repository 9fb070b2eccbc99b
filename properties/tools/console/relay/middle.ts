/** A relay with a policy: what arrives is shown and decided on, what is given is kept. */
import { PROTOCOL } from '../../../../spec/dialects/dialect.ts'
import { endName, type FrameId } from '../../../../spec/events.ts'
import type { End, Mode } from '../../../../spec/language.ts'
import { crossing, type FrameLine, frameLine, frameText, opposite } from '../../../harness/attack/frames.ts'
import { type Cut, framesOf, Reader } from '../../../harness/capture/reader.ts'
import type { Recording } from '../../../harness/capture/recording.ts'
import { newNames, toHex, Wire } from '../../../harness/wire.ts'
import type { Hand, Policy } from './policy.ts'
import { Relay, type RelayOptions } from './relay.ts'

export interface MiddleOptions extends RelayOptions {
  readonly mode: Mode
  readonly keyring: ReadonlyMap<number, Uint8Array> | null
  readonly recording: Recording
  readonly say: (text: string) => void
  readonly policy: (hand: Hand) => Policy
}

export class Middle implements Hand {
  readonly wire = new Wire(newNames())
  readonly say: (text: string) => void
  readonly #recording: Recording
  readonly #reader: Reader
  readonly #relay: Relay
  readonly #policy: Policy
  readonly #shown = new Map<string, FrameLine>() // by the bytes of the frame
  #stopped = false
  readonly #timers = new Set<NodeJS.Timeout>()

  constructor(o: MiddleOptions) {
    this.say = (text) => {
      if (!this.#stopped) o.say(text)
    }
    this.#recording = o.recording
    this.#reader = new Reader(PROTOCOL[o.mode], o.keyring)
    this.#relay = new Relay(o, {
      opened: (n, client, server) => {
        o.recording.opened(n, client, server)
        this.say(`connection ${n}: ${client === null ? 'opened by the relay' : `from ${client.ip}:${client.port}`}`)
        this.#relay.later(() => {
          this.#policy.opened()
          this.#relay.retry()
        })
      },
      arrived: (from, cut) => this.#arrived(from, cut),
      ended: (from) => this.#ended(from),
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

  // Hand, called by the policy

  get connections(): number {
    return this.#relay.connections
  }

  connect(): number {
    return this.#relay.connect()
  }

  give(to: End, chunks: readonly Uint8Array[], note: string): void {
    if (!this.#relay.isOpen(to)) {
      this.say(`  for ${endName(to)}, which is gone`)
      return
    }
    if (note !== '') this.say(`  to ${endName(to)}: ${note}`)
    const from = opposite(to).side
    const frames = framesOf(Buffer.concat(chunks))
    const comment = [...frames.map((f) => this.#summary(f)), ...(note === '' ? [] : [note])].join('; ')
    for (const bytes of chunks) {
      this.#recording.passed(to.n, from, bytes, comment)
      this.#relay.deliver(to, bytes)
    }
    for (const frame of frames) this.#reader.given(to, frame)
  }

  close(n: number): void {
    this.#relay.close(n)
  }

  after(ms: number, job: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      this.#relay.later(() => {
        job()
        this.#relay.retry()
      })
    }, ms)
    this.#timers.add(timer)
  }

  // what happens at the relay

  async #arrived(from: End, { kind, bytes }: Cut): Promise<void> {
    if (kind === 'raw') {
      const first = toHex(bytes.subarray(0, 16))
      this.say(crossing(from, `${bytes.length} bytes that are no frame: ${first}`))
      this.give(opposite(from), [bytes], '')
      return
    }
    const frame = this.wire.add(from, bytes)
    const line = this.#reader.sent(from, frame.id, bytes)
    this.#shown.set(toHex(bytes), line)
    this.say(crossing(from, frameText(line)))
    await this.#policy.frame(frame)
    this.#relay.retry()
  }

  /** A frame for somebody who reads the capture, since Wireshark does not know the protocol. */
  #summary(frame: Uint8Array): string {
    const { name, round, id, says } = this.#shown.get(toHex(frame)) ?? frameLine('' as FrameId, frame, '')
    return `${name} r${round} client ${id}${says === '' ? '' : `: ${says}`}`
  }

  #ended(from: End): boolean {
    if (!this.#policy.mayEnd(from.n)) return false
    this.#recording.ended(from.n, from.side)
    return true
  }
}
