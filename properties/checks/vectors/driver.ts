/**
 * A conversation of corpus/vectors in a world of the harness, step by step. A schedule cannot say all of it: the texts of
 * HELLO and CHALLENGE, random bytes that are given, and sessions that go on in another round.
 */
import { type Mode, SCHEDULE_VERSION, type Side } from '../../../spec/language.ts'
import { concat, EMPTY, toUtf8, u32 } from '../../../spec/reference/bytes.ts'
import type { Host, MakeParty, Report } from '../../harness/parties/party.ts'
import { fromHex, newNames, toHex } from '../../harness/wire.ts'
import { World } from '../../harness/world.ts'
import { type DoJson, keysHex, type StateJson, type StepJson } from './format.ts'

export interface Sent {
  readonly session: number
  readonly frame: Uint8Array
  readonly random: Uint8Array // what its sender drew for it
}

/** What a step made the parties do, in order. */
export interface Told {
  outcome: StepJson['outcome'] | null // null: no frame was judged
  readonly sends: Sent[]
  readonly ends: number[] // sessions
  readonly texts: string[] // of accepted HELLOs and CHALLENGEs, in hex, where the party tells
}

export interface Setup {
  readonly mode: Mode
  readonly masters: ReadonlyMap<number, Uint8Array>
  readonly challenge: Uint8Array | null // text of every CHALLENGE; null: fresh
}

/** The next bytes that one end of a session draws. */
export type Draw = (side: Side, session: number, bytes: number) => Uint8Array

export class Driver {
  readonly world: World
  readonly #hellos: Uint8Array[] = [] // texts, by session
  #drawn: Uint8Array = EMPTY // since the last frame was sent
  #told: Told = nothing()

  /** `make` makes both parties. Sessions have the same number at both ends. */
  constructor({ mode, masters, challenge }: Setup, make: MakeParty, draw: Draw) {
    const hosted: MakeParty = (host, setup) =>
      make(this.#hosted(host, draw), { ...setup, challenge: challenge ?? 'fresh', hello: (n) => this.#hellos[n] })
    const system = { name: 'vectors', client: hosted, server: hosted, emits: new Set<never>(), ownRng: true }
    const setup = { clients: [], insiders: [], challenge: 'fresh', startRound: 1, limits: {} } as const
    const schedule = { version: SCHEDULE_VERSION, seed: 0, mode, powers: 'N', setup, actions: [] } as const
    this.world = new World(schedule, { ...system, keyring: masters }, () => {}, newNames())
  }

  /** `prefix`: before a received frame, where it lies about its length. */
  step(step: DoJson & { readonly session: number; readonly at: Side }, prefix?: number): Told {
    this.#told = nothing()
    const { world } = this
    const { session: n, at } = step
    switch (step.do) {
      case 'open':
        world.open('server', 0)
        world.ledger.open({ side: 'client', n }, null) // nobody
        break
      case 'start':
        world.open('server', 0)
        this.#hellos[n] = fromHex(step.text_hex)
        world.open('client', step.id)
        break
      case 'submit':
        world.parties.client.submit?.({ side: 'client', n }, step.values, 0)
        break
      case 'finish':
        world.parties.client.finish?.({ side: 'client', n }, 0)
        break
      case 'continue':
        for (const side of ['client', 'server'] as const) {
          world.parties[side].setRound?.({ side, n }, step.round)
          world.ledger.endpoint({ side, n })!.setRound(step.round)
        }
        break
      case 'receive': {
        const frame = fromHex(step.frame_hex)
        world.receive(world.ledger.endpoint({ side: at, n })!, concat(u32(prefix ?? frame.length), frame))
      }
    }
    world.flush()
    return this.#told
  }

  state(side: Side, n: number): StateJson | null {
    const view = this.world.parties[side].view({ side, n })
    if (view === null) return null
    const { phase, round, outstanding, confirmed, keys } = view
    return { phase, round, ...(side === 'client' ? { outstanding } : { confirmed }), keys: keys && keysHex(keys) }
  }

  #hosted(host: Host, draw: Draw): Host {
    return {
      send: (at, frame) => {
        this.#told.sends.push({ session: at.n, frame, random: this.#drawn })
        this.#drawn = EMPTY
        return host.send(at, frame)
      },
      report: (r) => {
        this.#hear(r)
        host.report(r)
      },
      rng: (at) => (bytes) => {
        const fresh = draw(at.side, at.n, bytes)
        this.#drawn = concat(this.#drawn, fresh)
        return fresh
      },
    }
  }

  #hear(r: Report): void {
    const told = this.#told
    if (r.on === 'accepted') {
      told.outcome ??= r.on
      if (r.text !== undefined) told.texts.push(toHex(toUtf8(r.text)))
    }
    if (r.on === 'rejected') told.outcome ??= r.reason
    if (r.on !== 'ended') return
    if (r.at.side === 'server' && r.by === 'finish') told.outcome ??= 'rounds-exhausted'
    told.ends.push(r.at.n)
  }
}

const nothing = (): Told => ({ outcome: null, sends: [], ends: [], texts: [] })
