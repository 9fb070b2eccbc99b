/**
 * Clients and a server that talk to each other step by step in a world of the harness, and a record of every step. No
 * schedule says all of it: texts of HELLO and CHALLENGE, random bytes that are given, sessions put into another round.
 */
import type { Follower } from '../../../spec/dialects/follower.ts'
import { derivedKey, directionOf, encIndex, type KeyIndex, macIndex } from '../../../spec/dialects/keys.ts'
import { type Mode, SCHEDULE_VERSION, type Side } from '../../../spec/language.ts'
import { isControl, OP } from '../../../spec/opcodes.ts'
import { ascii, concat, EMPTY, toUtf8, u32 } from '../../../spec/reference/bytes.ts'
import { parseFrame } from '../../../spec/reference/frame.ts'
import { helloText } from '../../../spec/reference/payload.ts'
import { sha256 } from '../../../spec/reference/primitives.ts'
import type { Host, MakeParty, Report } from '../../harness/parties/party.ts'
import { referenceParty } from '../../harness/parties/reference.ts'
import { fromHex, keysHex, newNames, toHex } from '../../harness/world/wire.ts'
import { World } from '../../harness/world/world.ts'
import type { ConversationJson, DerivationJson, DoJson, SentJson, StateJson, StepJson } from './format.ts'

export interface Setup {
  readonly name: string
  readonly says: string
  readonly mode: Mode
  readonly masters: ReadonlyMap<number, Uint8Array>
  readonly challenge: Uint8Array | null // text of every CHALLENGE; null: fresh
}

/** The next random bytes of an end, such as `client 0`. */
export type Draw = (end: string, bytes: number) => Uint8Array

/** For ever the same, as those of properties/harness/world/rng.ts are, but older than those. */
const hashed = (name: string): Draw => {
  const draws = new Map<string, number>()
  return (end, bytes) => {
    const draw = draws.get(end) ?? 0
    draws.set(end, draw + 1)
    return sha256(concat(ascii(`${name} ${end}`), u32(draw))).subarray(0, bytes)
  }
}

/** What the parties did in a step. */
interface Told {
  outcome: StepJson['outcome'] | null
  readonly sent: { readonly session: number; readonly frame: Uint8Array; readonly random: Uint8Array }[]
  readonly ends: number[]
  readonly texts: string[]
}

const nothing = (): Told => ({ outcome: null, sent: [], ends: [], texts: [] })

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
  readonly setup: Setup
  readonly steps: StepJson[] = []
  readonly #world: World
  readonly #hellos: Uint8Array[] = [] // texts, by session
  /** Of each session, oldest first: follow what was sent, so that every frame can be shown with its plaintext and keys. */
  readonly #positions: Follower[][] = []
  #drawn: Uint8Array = EMPTY // since the last frame was sent
  #told: Told = nothing()

  /** `make` makes both parties. */
  constructor(setup: Setup, make: MakeParty = referenceParty, draw: Draw = hashed(setup.name)) {
    this.setup = setup
    const { mode, masters: keyring, challenge } = setup
    const party: MakeParty = (host, given) =>
      make(this.#hosted(host, draw), { ...given, challenge: challenge ?? 'fresh', hello: (n) => this.#hellos[n] })
    const system = {
      name: 'vectors',
      client: party,
      server: party,
      emits: new Set<never>(),
      ownRng: true,
      lacks: new Set<never>(),
      keyring,
    }
    const nobody = { clients: [], insiders: [], challenge: 'fresh', startRound: 1, limits: {} } as const
    const schedule = { version: SCHEDULE_VERSION, seed: 0, mode, powers: 'N', setup: nobody, actions: [] } as const
    this.#world = new World(schedule, system, () => {}, newNames())
  }

  /** A connection is accepted and a client run starts on it; its HELLO is not delivered yet. Returns the session. */
  start(id: number, text: Uint8Array = helloText(id)): number {
    const session = this.#positions.length
    this.step({ session, at: 'client', do: 'start', id, text_hex: toHex(text) })
    return session
  }

  /** A connection of somebody who is no client: recorded or forged frames come in on it. Returns the session. */
  open(): number {
    const session = this.#positions.length
    this.step({ session, at: 'server', do: 'open' })
    return session
  }

  receive(session: number, at: Side, frame: Uint8Array, prefix?: number): StepJson {
    return this.step({ session, at, do: 'receive', frame_hex: toHex(frame) }, prefix)
  }

  /** Delivers the newest frame of the other end. */
  pass(n: number, to: Side): void {
    this.receive(n, to, this.newest(n, to === 'server' ? 'client' : 'server'))
  }

  submit(session: number, values: readonly number[]): void {
    this.step({ session, at: 'client', do: 'submit', values })
  }

  /** Both ends of an ACTIVE session go on in another round, with the keys they have. */
  continueIn(session: number, round: number): void {
    this.step({ session, at: 'client', do: 'continue', round })
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
  leave(session: number): void {
    this.step({ session, at: 'client', do: 'finish' })
    this.pass(session, 'server')
  }

  /** Every frame that an end has sent, oldest first. */
  sent(n: number, side: Side): readonly Uint8Array[] {
    return this.#world.wire.sentBy({ side, n }).map((f) => f.bytes)
  }

  newest(n: number, by: Side): Uint8Array {
    return this.sent(n, by).at(-1)!
  }

  /** In the last step: of accepted HELLOs and CHALLENGEs, in hex, where the party tells. */
  get texts(): readonly string[] {
    return this.#told.texts
  }

  /** What somebody who knows the keys of the session can seal with. `back`: as it was so many frames ago. */
  codec(n: number, back = 0): Follower {
    return this.#positions[n]!.at(-1 - back)!
  }

  state(n: number, side: Side): StateJson | null {
    const view = this.#world.parties[side].view({ side, n })
    if (view === null) return null
    const { phase, round, outstanding, confirmed, keys } = view
    return { phase, round, ...(side === 'client' ? { outstanding } : { confirmed }), keys: keys && keysHex(keys) }
  }

  conversation(): ConversationJson {
    const { name, says, masters, challenge } = this.setup
    const keyring = Object.fromEntries([...masters].map(([id, key]) => [id, toHex(key)]))
    const text = challenge && toHex(challenge)
    return { name, says, master_keys_hex: keyring, challenge_text_hex: text, steps: this.steps }
  }

  /** Plays and records a step. `prefix`: before a received frame, where it lies about its length. */
  step(step: DoJson & Pick<StepJson, 'session' | 'at'>, prefix?: number): StepJson {
    const told = nothing()
    this.#told = told
    this.#act(step, prefix)
    this.#world.flush()
    const { session } = step
    const sends = told.sent.map((s) => this.#show(s.session, s.frame, s.random))
    const recorded = {
      ...step,
      outcome: told.outcome ?? OUTCOMES[step.do],
      ...(sends.some((f) => f.opcode === OP.CHALLENGE) ? { derivation: this.#derivation(session) } : {}),
      sends,
      ends: told.ends,
      after: { client: this.state(session, 'client'), server: this.state(session, 'server') },
    }
    this.steps.push(recorded)
    return recorded
  }

  #act(step: DoJson & Pick<StepJson, 'session' | 'at'>, prefix?: number): void {
    const { parties, ledger } = this.#world
    const { session: n, at } = step
    switch (step.do) {
      case 'open':
        this.#positions[n] = []
        this.#world.open('server', 0)
        ledger.open({ side: 'client', n }, null) // nobody: a session has one number at both ends
        return
      case 'start':
        this.#positions[n] = [ledger.start(step.id)]
        this.#hellos[n] = fromHex(step.text_hex)
        this.#world.open('server', 0)
        this.#world.open('client', step.id)
        return
      case 'submit':
        parties.client.submit?.({ side: 'client', n }, step.values, 0)
        return
      case 'finish':
        parties.client.finish?.({ side: 'client', n }, 0)
        return
      case 'continue':
        this.#positions[n]!.push(this.codec(n).withRound(step.round))
        for (const side of ['client', 'server'] as const) {
          parties[side].setRound?.({ side, n }, step.round)
          ledger.endpoint({ side, n })!.setRound(step.round)
        }
        return
      case 'receive': {
        const frame = fromHex(step.frame_hex)
        const positions = this.#positions[n]!
        // A HELLO on a connection without a client of its own.
        if (positions.length === 0) positions.push(ledger.start(frame[1]!), ledger.start(frame[1]!).after(frame))
        this.#world.receive(ledger.endpoint({ side: at, n })!, concat(u32(prefix ?? frame.length), frame))
      }
    }
  }

  #hosted(host: Host, draw: Draw): Host {
    return {
      send: (at, frame) => {
        this.#told.sent.push({ session: at.n, frame, random: this.#drawn })
        this.#drawn = EMPTY
        return host.send(at, frame)
      },
      report: (r) => {
        this.#hear(r)
        host.report(r)
      },
      rng: (at) => (bytes) => {
        const fresh = draw(`${at.side} ${at.n}`, bytes)
        this.#drawn = concat(this.#drawn, fresh)
        return fresh
      },
    }
  }

  #hear(r: Report): void {
    const told = this.#told
    if (r.on === 'accepted') {
      told.outcome ??= r.on
      if (r.told !== undefined && 'text' in r.told.body) told.texts.push(toHex(toUtf8(r.told.body.text)))
    }
    if (r.on === 'rejected') told.outcome ??= r.reason
    if (r.on !== 'ended') return
    if (r.at.side === 'server' && r.by === 'finish') told.outcome ??= 'rounds-exhausted'
    told.ends.push(r.at.n)
  }

  #show(session: number, frame: Uint8Array, random: Uint8Array): SentJson {
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

  /** The evolution of round 0, of C2S in the hello step, lies between that and the bind step (PROTOCOL §4). */
  #derivation(session: number): DerivationJson {
    const [start, greeted, bound] = this.#positions[session] as [Follower, Follower, Follower]
    const { ciphertext, iv } = parseFrame(bound.hello!)!
    const { plaintext } = greeted.opens(bound.challenge!, 's2c')
    const absorbed = [ciphertext, iv, plaintext!, Uint8Array.of(0)] as const
    const early = (i: KeyIndex): boolean => directionOf(i) === 'c2s' && this.setup.mode === 'bound'
    const evolve = (i: KeyIndex): Uint8Array =>
      early(i) ? greeted.key(i) : derivedKey(greeted.dialect, greeted.key(i), 'evolve', absorbed[i], i)
    return {
      initial: keysHex(start.keys),
      hello_step: keysHex(greeted.keys),
      evolved: keysHex([evolve(0), evolve(1), evolve(2), evolve(3)]),
      bind_step: keysHex(bound.keys),
    }
  }
}
