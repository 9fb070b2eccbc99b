/** Clients and a server of the reference that talk to each other frame by frame, and a record of every step. */
import { PROTOCOL } from '../../../spec/dialects/dialect.ts'
import { type Follower, Followers } from '../../../spec/dialects/follower.ts'
import { encIndex, evolvedKey, type KeyIndex, macIndex } from '../../../spec/dialects/keys.ts'
import type { Side } from '../../../spec/language.ts'
import { isControl, OP } from '../../../spec/opcodes.ts'
import { ascii, concat, u32 } from '../../../spec/reference/bytes.ts'
import { parseFrame } from '../../../spec/reference/frame.ts'
import { helloText } from '../../../spec/reference/payload.ts'
import { sha256 } from '../../../spec/reference/primitives.ts'
import { referenceParty } from '../../harness/parties/reference.ts'
import { toHex } from '../../harness/wire.ts'
import { Driver, type Sent, type Setup } from './driver.ts'
import {
  type ConversationJson,
  type DerivationJson,
  type DoJson,
  keysHex,
  type SentJson,
  type StateJson,
  type StepJson,
} from './format.ts'

/** What is said of a step in which no frame is judged. */
const OUTCOMES = {
  open: 'opened',
  start: 'sent',
  submit: 'sent',
  finish: 'ended',
  continue: 'restored',
  receive: 'accepted',
} as const

export class Recorder {
  readonly setup: Setup & { readonly name: string; readonly says: string }
  readonly steps: StepJson[] = []
  readonly #driver: Driver
  readonly #followers: Followers
  /** Of each session, oldest first: follow what was sent, so that every frame can be shown with its plaintext and keys. */
  readonly #positions: Follower[][] = []

  constructor(setup: Recorder['setup']) {
    this.setup = setup
    this.#followers = new Followers(PROTOCOL[setup.mode])
    const draws = new Map<string, number>()
    this.#driver = new Driver(setup, referenceParty, (side, n, bytes) => {
      const stream = `${setup.name} ${side} ${n}`
      const draw = draws.get(stream) ?? 0
      draws.set(stream, draw + 1)
      return sha256(concat(ascii(stream), u32(draw))).subarray(0, bytes)
    })
  }

  /** A connection is accepted and a client run starts on it; its HELLO is not delivered yet. Returns the session. */
  start(id: number, text: Uint8Array = helloText(id)): number {
    const n = this.#positions.push([this.#begin(id)]) - 1
    this.#play('client', n, { do: 'start', id, text_hex: toHex(text) })
    return n
  }

  /** A connection of somebody who is no client: recorded or forged frames come in on it. Returns the session. */
  open(): number {
    const n = this.#positions.push([]) - 1
    this.#play('server', n, { do: 'open' })
    return n
  }

  receive(n: number, at: Side, frame: Uint8Array, prefix?: number): StepJson {
    const positions = this.#positions[n]!
    // A HELLO on a connection without a client of its own.
    if (positions.length === 0) positions.push(this.#begin(frame[1]!), this.#begin(frame[1]!).after(frame))
    return this.#play(at, n, { do: 'receive', frame_hex: toHex(frame) }, prefix)
  }

  /** Delivers the newest frame of the other end. */
  pass(n: number, to: Side): void {
    this.receive(n, to, this.newest(n, to === 'server' ? 'client' : 'server'))
  }

  submit(n: number, values: readonly number[]): void {
    this.#play('client', n, { do: 'submit', values })
  }

  /** Both ends of an ACTIVE session go on in another round, with the keys they have. */
  continueIn(n: number, round: number): void {
    this.#positions[n]!.push(this.codec(n).withRound(round))
    this.#play('client', n, { do: 'continue', round })
  }

  /** A whole handshake. */
  connect(id: number, text?: Uint8Array): number {
    const n = this.start(id, text)
    this.pass(n, 'server')
    this.pass(n, 'client')
    return n
  }

  /** A whole round. */
  exchange(n: number, values: readonly number[]): void {
    this.submit(n, values)
    this.pass(n, 'server')
    this.pass(n, 'client')
  }

  /** A whole session's graceful end. */
  leave(n: number): void {
    this.#play('client', n, { do: 'finish' })
    this.pass(n, 'server')
  }

  /** Every frame that an end has sent, oldest first. */
  sent(n: number, side: Side): readonly Uint8Array[] {
    return this.#driver.world.wire.sentBy({ side, n }).map((f) => f.bytes)
  }

  newest(n: number, by: Side): Uint8Array {
    return this.sent(n, by).at(-1)!
  }

  /** What somebody who knows the keys of the session can seal with. `back`: as it was so many frames ago. */
  codec(n: number, back = 0): Follower {
    return this.#positions[n]!.at(-1 - back)!
  }

  state(n: number, side: Side): StateJson | null {
    return this.#driver.state(side, n)
  }

  conversation(): ConversationJson {
    const { name, says, masters, challenge } = this.setup
    const keyring = Object.fromEntries([...masters].map(([id, key]) => [id, toHex(key)]))
    const text = challenge && toHex(challenge)
    return { name, says, master_keys_hex: keyring, challenge_text_hex: text, steps: this.steps }
  }

  #begin(id: number): Follower {
    return this.#followers.start(id, this.setup.masters.get(id)!)
  }

  #play(at: Side, session: number, what: DoJson, prefix?: number): StepJson {
    const { outcome, sends, ends } = this.#driver.step({ session, at, ...what }, prefix)
    const shown = sends.map((s) => this.#show(s))
    const step: StepJson = {
      session,
      at,
      ...what,
      outcome: outcome ?? OUTCOMES[what.do],
      ...(shown.some((f) => f.opcode === OP.CHALLENGE) ? { derivation: this.#derivation(session) } : {}),
      sends: shown,
      ends,
      after: { client: this.state(session, 'client'), server: this.state(session, 'server') },
    }
    this.steps.push(step)
    return step
  }

  #show({ session, frame, random }: Sent): SentJson {
    const codec = this.codec(session)
    const { header, iv } = parseFrame(frame)!
    const direction = header.direction === codec.dialect.directions.c2s ? 'c2s' : 's2c'
    const { plaintext, body } = codec.opens(frame, direction)
    if (plaintext === null) throw new Error(`${this.setup.name}: frame ${toHex(frame)} does not open`)
    if (!isControl(header.opcode)) this.#positions[session]!.push(codec.after(frame))
    return {
      session,
      ...header,
      random_hex: toHex(random),
      iv_hex: toHex(iv),
      plaintext_hex: toHex(plaintext),
      ...(body.kind === 'aggregate' ? { aggregate: { sum: body.sum, count: body.count, average: body.average } } : {}),
      enc_key: toHex(codec.key(encIndex(direction))),
      mac_key: toHex(codec.key(macIndex(direction))),
      frame_hex: toHex(frame),
    }
  }

  /** The evolution of round 0 is what lies between the hello step and the bind step (PROTOCOL §4). */
  #derivation(session: number): DerivationJson {
    const [start, greeted, bound] = this.#positions[session] as [Follower, Follower, Follower]
    const { ciphertext, iv } = parseFrame(bound.hello!)!
    const { plaintext } = greeted.opens(bound.challenge!, 's2c')
    const absorbed = [ciphertext, iv, plaintext!, Uint8Array.of(0)] as const
    const evolve = (i: KeyIndex): Uint8Array => evolvedKey(greeted.dialect, greeted.key(i), absorbed[i], i)
    return {
      initial: keysHex(start.keys),
      hello_step: keysHex(greeted.keys),
      evolved: keysHex([evolve(0), evolve(1), evolve(2), evolve(3)]),
      bind_step: keysHex(bound.keys),
    }
  }
}
