/**
 * A client that stays. What it sends in a burst is sealed before, and what it gets is judged after, so that a burst
 * measures the server. The judge is the client of src: it must send the same bytes and accept every answer.
 */
import type { Keys, Mode, Outcome, Rng } from '../../../src/index.ts'
import { ClientSession, frame, keys, nodeCrypto, payload, primitives } from '../../../src/index.ts'
import { stream } from '../../harness/world/rng.ts'
import { Wire } from './burst.ts'
import type { Answer } from './child.ts'
import { HOST, KEYRING, valuesOf } from './plan.ts'

type Aggregate = Pick<Answer, 'round' | 'aggregate'>
interface Verified {
  readonly verified: readonly Aggregate[]
  readonly wrong: string | null
}

export class Steady {
  readonly id: number
  readonly wire: Wire
  readonly #seed: number
  readonly #ivs: Uint8Array[] = [] // drawn ahead and not used by the session yet
  readonly #draw: (bytes: number) => Uint8Array
  readonly #session: ClientSession
  #sent: Uint8Array | null = null
  #said: Outcome[] = []

  constructor(id: number, seed: number, mode: Mode, port: number) {
    this.id = id
    this.#seed = seed
    this.#draw = stream(seed, `soak client ${id}`)
    this.wire = new Wire(HOST, port)
    const rng = (bytes: number): Uint8Array => this.#ivs.shift() ?? this.#draw(bytes)
    this.#session = new ClientSession(
      { id, masterKey: KEYRING.get(id)!, mode, crypto: nodeCrypto, rng },
      {
        send: (f) => {
          this.#sent = frame.withPrefix(f)
          return true
        },
        report: (outcome) => void this.#said.push(outcome),
      },
    )
  }

  /** The handshake. Resolves with what went wrong, null when nothing did. */
  async join(patienceMs: number): Promise<string | null> {
    this.#session.start(0)
    const heard = await this.wire.ask(this.#sent!, patienceMs)
    return typeof heard === 'string' ? heard : this.#hear(heard, 'challenge')
  }

  /** The DATA of the next rounds, ready to be sent one after the other. */
  prepare(rounds: number): Uint8Array[] {
    const { state } = this.#session
    if (state.phase !== 'ACTIVE') return []
    const rng = (bytes: number): Uint8Array => {
      const iv = this.#draw(bytes)
      this.#ivs.push(iv)
      return iv
    }
    const next = ahead(state, rng, (round) => valuesOf(this.#seed, this.id, round))
    return Array.from({ length: rounds }, next)
  }

  /** What the session makes of the answers to the first requests; `wrong`: why it accepts no more of them. */
  verify(requests: readonly Uint8Array[], answers: readonly Uint8Array[]): Verified {
    const verified: Aggregate[] = []
    for (const [i, answer] of answers.entries()) {
      const { round } = this.#session.state
      const requested = this.#session.submit(valuesOf(this.#seed, this.id, round), 0)
      if (requested.kind !== 'sent' || Buffer.compare(this.#sent!, requests[i]!) !== 0)
        throw new Error(`client ${this.id} does not send in round ${round} what was sent for it`)
      const wrong = this.#hear(answer, 'aggregate')
      if (wrong !== null) return { verified, wrong: `client ${this.id}, round ${round}: ${wrong}` }
      const said = this.#said[0]!
      if (said.kind === 'accepted' && said.content.kind === 'aggregate') verified.push(said.content)
    }
    return { verified, wrong: null }
  }

  /** TERMINATE, and an end of stream. */
  leave(): void {
    this.#session.finish()
    this.wire.send(this.#sent!)
    this.wire.close()
  }

  #hear(whole: Uint8Array, expected: 'challenge' | 'aggregate'): string | null {
    this.#said = []
    this.#session.receive(frame.withPrefix(whole))
    const [first] = this.#said
    if (first?.kind === 'accepted' && first.content.kind === expected) return null
    return `expected ${expected}, got ${first === undefined ? 'nothing' : described(first)}`
  }
}

const described = (outcome: Outcome): string => {
  switch (outcome.kind) {
    case 'accepted':
      return outcome.content.kind
    case 'rejected':
      return `a frame that is rejected (${outcome.reason})`
    case 'ended':
      return `the end (${outcome.by})`
  }
}

interface Active {
  readonly id: number
  readonly round: number
  readonly keys: Keys
}
const UNKNOWN = new Uint8Array(0) // what the answers will be: it evolves the S2C keys, which are not used here

/**
 * The DATA frames of rounds to come, each with its length prefix. C2S keys evolve from the client's own frames alone
 * (PROTOCOL §4), so whoever holds a session can seal any number of rounds before the first is answered. `values`: of a round.
 */
export const ahead = (session: Active, rng: Rng, values: (round: number) => readonly number[]): (() => Uint8Array) => {
  let { round, keys: now } = session
  return () => {
    const header = { opcode: frame.OPCODE.data, id: session.id, round, direction: frame.TO_SERVER }
    const data = primitives.seal(nodeCrypto, now.c2s, rng, header, payload.encodeValues(values(round)))
    now = keys.evolve(nodeCrypto, now, data, UNKNOWN, UNKNOWN)
    round++
    return frame.withPrefix(data)
  }
}
