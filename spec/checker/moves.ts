/** The alphabet of the model: what can happen to an endpoint, grouped into the steps that are counted. */
import { endName } from '../events.ts'
import type { Action, End, FrameRef, Seal, Side } from '../language.ts'
import { LIMITS } from '../language.ts'
import { hexOf } from '../model/body.ts'
import type { Frame, Keys } from './context.ts'

export type Act =
  | { readonly do: 'connect'; readonly id: number }
  | { readonly do: 'open' }
  | { readonly do: 'submit'; readonly run: number; readonly values: readonly number[] }
  | { readonly do: 'finish'; readonly run: number }
  | { readonly do: 'receive'; readonly at: End; readonly frame: Frame }
  | { readonly do: 'drop'; readonly at: End; readonly by: 'close' | 'timer' }
  | { readonly do: 'failNext'; readonly at: End }
  | { readonly do: 'restart' }

/** One action of the schedule language, and what it does to endpoints. `target`: the endpoint it feeds. */
export interface Deed {
  readonly action: Action
  readonly target: End | null
  readonly acts: readonly Act[]
}

/**
 * One step of the model. A client reacts at once (PROTOCOL §9 counts so): a frame delivered to a client and what its
 * application does about it are one move of two deeds. All deeds of a move concern one side.
 */
export interface Move {
  readonly n: number
  readonly side: Side
  readonly deeds: readonly Deed[]
  readonly faults: 0 | 1
  readonly leaks: Keys | null
  readonly uses: '' | 'I' | 'L' // the power it takes
  /** False: to be judged, but not gone on from, since what follows follows from another move as well. */
  readonly leads: boolean
}

const PLAIN = { faults: 0, leaks: null, uses: '', leads: true } as const
const client = (n: number): End => ({ side: 'client', n })

/** Where a frame comes from, as schedules name it; null for one that no endpoint sent. */
const originOf = (f: Frame): FrameRef | null => (f.sent?.by ? { by: f.sent.by, nth: f.nth } : null)

const delivery = (frame: Frame, at: End, opens: boolean): Deed => {
  const arrives: Act = { do: 'receive', at, frame }
  const from = originOf(frame)
  const action: Action =
    from === null ? { do: 'inject', to: at, hex: junkHex(frame) } : { do: 'deliver', frame: from, to: at }
  return { action, target: at, acts: opens ? [{ do: 'open' }, arrives] : [arrives] }
}

const submission = (run: number, values: readonly number[]): Deed => ({
  action: { do: 'submit', run, values },
  target: client(run),
  acts: [{ do: 'submit', run, values }],
})

const ending = (run: number): Deed => ({
  action: { do: 'finish', run },
  target: client(run),
  acts: [{ do: 'finish', run }],
})

/** A frame of 71 bytes with this header and zeros for the rest, behind its length prefix (PROTOCOL §2). */
const junkHex = (f: Frame): string => {
  const { opcode, id, round, direction } = f.header
  const hex = (v: number, bytes: number) => v.toString(16).padStart(2 * bytes, '0')
  return `00000047${hex(opcode, 1)}${hex(id, 1)}${hex(round, 4)}${hex(direction, 1)}${'00'.repeat(64)}`
}

/** Equal moves are the same object. */
export class Moves {
  readonly #byName = new Map<string, Move>()
  readonly #deliveries = new Map<number, Move>()

  #move(name: string, make: () => Omit<Move, 'n'>): Move {
    let move = this.#byName.get(name)
    if (move === undefined) {
      move = { ...make(), n: this.#byName.size }
      this.#byName.set(name, move)
    }
    return move
  }

  connect(index: number, id: number): Move {
    const deed: Deed = { action: { do: 'connect', client: index }, target: null, acts: [{ do: 'connect', id }] }
    return this.#move(`connect ${index}`, () => ({ ...PLAIN, side: 'client', deeds: [deed] }))
  }

  submit(run: number, values: readonly number[]): Move {
    return this.#move(`submit ${run} ${values}`, () => ({ ...PLAIN, side: 'client', deeds: [submission(run, values)] }))
  }

  finish(run: number): Move {
    return this.#move(`finish ${run}`, () => ({ ...PLAIN, side: 'client', deeds: [ending(run)] }))
  }

  /** `opens`: the connection does not exist yet. The fast path: most moves are deliveries. */
  deliver(frame: Frame, at: End, opens: boolean): Move {
    const key = (frame.n * 16 + at.n) * 4 + (at.side === 'server' ? 1 : 0) + (opens ? 2 : 0)
    let move = this.#deliveries.get(key)
    if (move === undefined) {
      move = this.#move(`deliver ${key}`, () => ({ ...PLAIN, side: at.side, deeds: [delivery(frame, at, opens)] }))
      this.#deliveries.set(key, move)
    }
    return move
  }

  deliverThenSubmit(frame: Frame, run: number, values: readonly number[]): Move {
    const deeds = () => [delivery(frame, client(run), false), submission(run, values)]
    return this.#move(`deliver ${frame.n} ${run} ${values}`, () => ({ ...PLAIN, side: 'client', deeds: deeds() }))
  }

  deliverThenFinish(frame: Frame, run: number): Move {
    const deeds = () => [delivery(frame, client(run), false), ending(run)]
    return this.#move(`deliver ${frame.n} ${run} finish`, () => ({ ...PLAIN, side: 'client', deeds: deeds() }))
  }

  /** A frame whose answer cannot be handed over (PROTOCOL §4). */
  deliverFailing(frame: Frame, at: End, opens: boolean): Move {
    const open: Deed = { action: { do: 'inject', to: at, hex: '' }, target: at, acts: [{ do: 'open' }] }
    const fail: Deed = { action: { do: 'failSend', at }, target: at, acts: [{ do: 'failNext', at }] }
    return this.#move(`fail ${endName(at)} ${frame.n} ${opens}`, () => ({
      ...PLAIN,
      side: at.side,
      faults: 1,
      deeds: [...(opens ? [open] : []), fail, delivery(frame, at, false)],
    }))
  }

  /** The connection dies, or a timer of the endpoint fires (time itself is not part of the model's state). */
  drop(at: End, by: 'close' | 'timer', confirmed: boolean): Move {
    const ms = confirmed ? LIMITS.idleMs : LIMITS.unconfirmedMs
    const action: Action = by === 'close' ? { do: 'close', at } : { do: 'advance', ms }
    const deed: Deed = { action, target: by === 'close' ? at : null, acts: [{ do: 'drop', at, by }] }
    return this.#move(`${by} ${endName(at)} ${confirmed}`, () => ({
      ...PLAIN,
      side: at.side,
      faults: 1,
      deeds: [deed],
    }))
  }

  restart(): Move {
    const deed: Deed = { action: { do: 'restart' }, target: null, acts: [{ do: 'restart' }] }
    return this.#move('restart', () => ({ ...PLAIN, side: 'server', faults: 1, deeds: [deed] }))
  }

  /** A frame under a valid tag. `stolen`: the keys that the adversary takes from `victim` at this moment. */
  forged(
    frame: Frame,
    at: End,
    f: { opens: boolean; round: number; stolen: Keys | null; power: 'I' | 'L'; leads: boolean },
  ): Move {
    const { opcode, id, direction } = frame.header
    const seal: Seal = {
      do: 'seal',
      power: f.power,
      as: at,
      under: f.opens ? 'initial' : 'current',
      to: at,
      opcode,
      id,
      round: f.round,
      direction,
      body: hexOf(frame.body),
      ...(frame.padded ? {} : { pad: '00' }),
    }
    const open: readonly Act[] = f.opens ? [{ do: 'open' }] : []
    const sealing: Deed = { action: seal, target: at, acts: [...open, { do: 'receive', at, frame }] }
    const theft: Deed = { action: { do: 'leak', at }, target: at, acts: [] }
    return this.#move(`forged ${endName(at)} ${frame.n} ${f.opens} ${f.stolen?.n} ${f.leads}`, () => ({
      side: at.side,
      deeds: f.stolen === null ? [sealing] : [theft, sealing],
      faults: 0,
      leaks: f.stolen,
      uses: f.power,
      leads: f.leads,
    }))
  }
}
