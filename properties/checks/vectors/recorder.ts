/** Clients and a server of the reference that talk to each other frame by frame, and a record of every step. */

import { type Dialect, PROTOCOL } from '../../../spec/dialects/dialect.ts'
import { type Follower, Followers } from '../../../spec/dialects/follower.ts'
import { derivedKey, encIndex, type KeyIndex, macIndex } from '../../../spec/dialects/keys.ts'
import type { Mode, Side } from '../../../spec/language.ts'
import { isControl } from '../../../spec/opcodes.ts'
import { ascii, concat, fromHex, toHex, u32 } from '../../../spec/reference/bytes.ts'
import { parseFrame } from '../../../spec/reference/frame.ts'
import { helloText } from '../../../spec/reference/payload.ts'
import { sha256 } from '../../../spec/reference/primitives.ts'
import {
  type ConversationJson,
  type DerivationJson,
  type DoJson,
  keysHex,
  onStream,
  type SentJson,
  type StateJson,
  type StepJson,
} from './format.ts'
import type { ClientEnd, Endpoint, Port } from './play.ts'
import { REFERENCE } from './reference.ts'

export interface Setup {
  readonly name: string
  readonly says: string
  readonly mode: Mode
  readonly masters: ReadonlyMap<number, Uint8Array>
  readonly challenge?: Uint8Array // default: fresh
}

/** A client run and its connection. */
interface Session {
  readonly id: number
  readonly line: Endpoint
  readonly run: ClientEnd | null // null where somebody else has the other end of the connection
  /** Follows what was sent, so that every frame can be shown with its plaintext and keys; oldest position first. */
  readonly codecs: Follower[]
}

export class Recorder {
  readonly setup: Setup
  readonly steps: StepJson[] = []
  readonly #followers: Followers
  readonly #connect: (port: Port) => Endpoint
  readonly #sessions: Session[] = []
  readonly #draws = new Map<string, number>()
  /** Of the step that is being played. */
  #sends: SentJson[] = []
  #said: StepJson['outcome'][] = []
  #ended: number[] = [] // sessions

  constructor(setup: Setup) {
    this.setup = setup
    this.#followers = new Followers(PROTOCOL[setup.mode])
    this.#connect = REFERENCE.server(setup.mode, setup.masters, setup.challenge ?? null)
  }

  /** A connection is accepted and a client run starts on it; its HELLO is not delivered yet. Returns the session. */
  start(id: number, text: Uint8Array = helloText(id)): number {
    const n = this.#sessions.length
    const { mode, masters } = this.setup
    const line = this.#connect(this.#port('server', n))
    const run = REFERENCE.client(mode, id, masters.get(id)!, text, this.#port('client', n))
    this.#sessions.push({ id, line, run, codecs: [this.#begin(id)] })
    this.#play('client', n, { do: 'start', id, text_hex: toHex(text) }, 'sent', () => run.start())
    return n
  }

  /** A connection of somebody who is no client: recorded or forged frames come in on it. Returns the session. */
  open(id: number): number {
    const n = this.#sessions.length
    const line = this.#connect(this.#port('server', n))
    this.#sessions.push({ id, line, run: null, codecs: [this.#begin(id)] })
    this.#play('server', n, { do: 'open' }, 'opened', () => {})
    return n
  }

  /** Delivers the newest frame of the other end. */
  pass(n: number, to: Side): void {
    this.receive(n, to, this.newest(n, to === 'server' ? 'client' : 'server'))
  }

  receive(n: number, at: Side, frame: Uint8Array, prefix?: number): StepJson {
    return this.#play(at, n, { do: 'receive', frame_hex: toHex(frame) }, 'accepted', (s) => {
      // A HELLO that is received on a connection without a client of its own.
      if (at === 'server' && s.codecs.length === 1) s.codecs.push(s.codecs[0]!.after(frame))
      const end = at === 'server' ? s.line : s.run!
      end.receive(onStream(frame, prefix))
    })
  }

  submit(n: number, values: readonly number[]): void {
    this.#play('client', n, { do: 'submit', values }, 'sent', (s) => s.run!.submit(values))
  }

  finish(n: number): void {
    this.#play('client', n, { do: 'finish' }, 'ended', (s) => s.run!.finish())
  }

  /** Both ends of an ACTIVE session go on in another round, with the keys they have. */
  continueIn(n: number, round: number): void {
    this.#play('client', n, { do: 'continue', round }, 'restored', (s) => {
      s.run!.continueIn(round)
      s.line.continueIn(round)
      s.codecs.push(s.codecs.at(-1)!.withRound(round))
    })
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
    this.finish(n)
    this.pass(n, 'server')
  }

  /** Every frame that an end has sent, oldest first. */
  sent(n: number, by: Side): readonly Uint8Array[] {
    const direction = this.#dialect.directions[by === 'client' ? 'c2s' : 's2c']
    const all = this.steps.flatMap((s) => s.sends).filter((f) => f.session === n && f.direction === direction)
    return all.map((f) => fromHex(f.frame_hex))
  }

  newest(n: number, by: Side): Uint8Array {
    return this.sent(n, by).at(-1)!
  }

  /** What somebody who knows the keys of the session can seal with. `back`: as it was so many frames ago. */
  codec(n: number, back = 0): Follower {
    return this.#sessions[n]!.codecs.at(-1 - back)!
  }

  state(n: number, side: Side): StateJson | null {
    const { line, run } = this.#sessions[n]!
    return (side === 'client' ? run?.state() : line.state()) ?? null
  }

  conversation(): ConversationJson {
    const { name, says, masters, challenge } = this.setup
    const keyring = Object.fromEntries([...masters].map(([id, key]) => [id, toHex(key)]))
    const text = challenge === undefined ? null : toHex(challenge)
    return { name, says, master_keys_hex: keyring, challenge_text_hex: text, steps: this.steps }
  }

  #begin(id: number): Follower {
    return this.#followers.start(id, this.setup.masters.get(id)!)
  }

  /** The evolution of round 0 is what lies between the hello step and the bind step (PROTOCOL §4). */
  #derivation({ codecs }: Session): DerivationJson {
    const [start, greeted, bound] = codecs as [Follower, Follower, Follower]
    const { ciphertext, iv } = parseFrame(bound.hello!)!
    const { plaintext } = greeted.opens(bound.challenge!, 's2c')
    const absorbed = [ciphertext, iv, plaintext!, Uint8Array.of(0)] as const
    const evolve = (i: KeyIndex): Uint8Array => derivedKey(this.#dialect, greeted.key(i), 'evolve', absorbed[i], i)
    return {
      initial: keysHex(start.keys),
      hello_step: keysHex(greeted.keys),
      evolved: keysHex([evolve(0), evolve(1), evolve(2), evolve(3)]),
      bind_step: keysHex(bound.keys),
    }
  }

  get #dialect(): Dialect {
    return this.#followers.dialect
  }

  #port(side: Side, n: number): Port {
    let drawn: Uint8Array[] = []
    return {
      random: (bytes) => {
        const stream = `${this.setup.name} ${side} ${n}`
        const draw = this.#draws.get(stream) ?? 0
        this.#draws.set(stream, draw + 1)
        const fresh = sha256(concat(ascii(stream), u32(draw))).subarray(0, bytes)
        drawn.push(fresh)
        return fresh
      },
      send: (frame) => {
        this.#sends.push(this.#show(n, frame, concat(...drawn)))
        drawn = []
        return true
      },
      said: (outcome) => this.#said.push(outcome),
      ended: () => this.#ended.push(n),
    }
  }

  #show(n: number, frame: Uint8Array, random: Uint8Array): SentJson {
    const s = this.#sessions[n]!
    const { header, iv } = parseFrame(frame)!
    const direction = header.direction === this.#dialect.directions.c2s ? 'c2s' : 's2c'
    const codec = s.codecs.at(-1)!
    const { plaintext, body } = codec.opens(frame, direction)
    if (plaintext === null) throw new Error(`${this.setup.name}: frame ${toHex(frame)} does not open`)
    if (!isControl(header.opcode)) s.codecs.push(codec.after(frame))
    return {
      session: n,
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

  #play(at: Side, n: number, what: DoJson, otherwise: StepJson['outcome'], act: (s: Session) => void): StepJson {
    this.#sends = []
    this.#said = []
    this.#ended = []
    const s = this.#sessions[n]!
    const round = s.codecs.at(-1)!.round
    act(s)
    const shaken = round === 0 && s.codecs.at(-1)!.round === 1
    const step: StepJson = {
      session: n,
      at,
      ...what,
      outcome: this.#said[0] ?? otherwise,
      ...(shaken ? { derivation: this.#derivation(s) } : {}),
      sends: this.#sends,
      ends: this.#ended,
      after: { client: this.state(n, 'client'), server: this.state(n, 'server') },
    }
    this.steps.push(step)
    return step
  }
}
