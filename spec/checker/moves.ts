/** The alphabet of the model: what can happen to an endpoint, grouped into the steps that are counted. */
import { endName } from '../events.ts'
import type { Action, End, FrameRef, Seal, Side } from '../language.ts'
import { LIMITS } from '../language.ts'
import type { Frame, Keys } from '../model/state.ts'
import { hexOf } from './body.ts'
import type { Context } from './context.ts'

export type Effect =
  | { readonly do: 'connect'; readonly id: number }
  | { readonly do: 'open' }
  | { readonly do: 'submit'; readonly run: number; readonly values: readonly number[] }
  | { readonly do: 'finish'; readonly run: number }
  | { readonly do: 'receive'; readonly at: End; readonly frame: Frame }
  | { readonly do: 'drop'; readonly at: End; readonly by: 'close' | 'timer' }
  | { readonly do: 'failNext'; readonly at: End }
  | { readonly do: 'restart' }

/** One action of the schedule language, and what it does to endpoints. `target`: the endpoint it feeds. */
export interface MovePart {
  readonly action: Action
  readonly target: End | null
  readonly effects: readonly Effect[]
}

/**
 * One step of the model. A client reacts at once (PROTOCOL §9 counts so): a frame delivered to a client and what its
 * application does about it are one move of two parts. All parts of a move concern one side.
 */
export interface Move {
  readonly n: number
  readonly side: Side
  readonly parts: readonly MovePart[]
  readonly faults: 0 | 1
  readonly leaks: Keys | null
  readonly uses: '' | 'I' | 'L' // the power it takes
  /** False: to be judged, but not gone on from, since what follows follows from another move as well. */
  readonly leads: boolean
}

const PLAIN = { faults: 0, leaks: null, uses: '', leads: true } as const
const client = (n: number): End => ({ side: 'client', n })

const delivery = (frame: Frame, from: FrameRef | null, at: End, opens: boolean): MovePart => {
  const arrives: Effect = { do: 'receive', at, frame }
  const action: Action =
    from === null ? { do: 'inject', to: at, hex: junkHex(frame) } : { do: 'deliver', frame: from, to: at }
  return { action, target: at, effects: opens ? [{ do: 'open' }, arrives] : [arrives] }
}

const submission = (run: number, values: readonly number[]): MovePart => ({
  action: { do: 'submit', run, values },
  target: client(run),
  effects: [{ do: 'submit', run, values }],
})

const ending = (run: number): MovePart => ({
  action: { do: 'finish', run },
  target: client(run),
  effects: [{ do: 'finish', run }],
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
  readonly #context: Context

  constructor(c: Context) {
    this.#context = c
  }

  #delivery(frame: Frame, at: End, opens: boolean): MovePart {
    return delivery(frame, this.#context.refOf(frame), at, opens)
  }

  #move(name: string, make: () => Omit<Move, 'n'>): Move {
    let move = this.#byName.get(name)
    if (move === undefined) {
      move = { ...make(), n: this.#byName.size }
      this.#byName.set(name, move)
    }
    return move
  }

  connect(index: number, id: number): Move {
    const part: MovePart = { action: { do: 'connect', client: index }, target: null, effects: [{ do: 'connect', id }] }
    return this.#move(`connect ${index}`, () => ({ ...PLAIN, side: 'client', parts: [part] }))
  }

  submit(run: number, values: readonly number[]): Move {
    return this.#move(`submit ${run} ${values}`, () => ({ ...PLAIN, side: 'client', parts: [submission(run, values)] }))
  }

  finish(run: number): Move {
    return this.#move(`finish ${run}`, () => ({ ...PLAIN, side: 'client', parts: [ending(run)] }))
  }

  /** `opens`: the connection does not exist yet. */
  deliver(frame: Frame, at: End, opens: boolean): Move {
    return this.#move(`deliver ${frame.id} ${endName(at)} ${opens}`, () => ({
      ...PLAIN,
      side: at.side,
      parts: [this.#delivery(frame, at, opens)],
    }))
  }

  deliverThenSubmit(frame: Frame, run: number, values: readonly number[]): Move {
    const parts = () => [this.#delivery(frame, client(run), false), submission(run, values)]
    return this.#move(`deliver ${frame.id} ${run} ${values}`, () => ({ ...PLAIN, side: 'client', parts: parts() }))
  }

  deliverThenFinish(frame: Frame, run: number): Move {
    const parts = () => [this.#delivery(frame, client(run), false), ending(run)]
    return this.#move(`deliver ${frame.id} ${run} finish`, () => ({ ...PLAIN, side: 'client', parts: parts() }))
  }

  /** A frame whose answer cannot be handed over (PROTOCOL §4). */
  deliverFailing(frame: Frame, at: End, opens: boolean): Move {
    const open: MovePart = { action: { do: 'inject', to: at, hex: '' }, target: at, effects: [{ do: 'open' }] }
    const fail: MovePart = { action: { do: 'failSend', at }, target: at, effects: [{ do: 'failNext', at }] }
    return this.#move(`fail ${endName(at)} ${frame.id} ${opens}`, () => ({
      ...PLAIN,
      side: at.side,
      faults: 1,
      parts: [...(opens ? [open] : []), fail, this.#delivery(frame, at, false)],
    }))
  }

  /** The connection dies, or a timer of the endpoint fires (time itself is not part of the model's state). */
  drop(at: End, by: 'close' | 'timer', confirmed: boolean): Move {
    const ms = confirmed ? LIMITS.idleMs : LIMITS.unconfirmedMs
    const action: Action = by === 'close' ? { do: 'close', at } : { do: 'advance', ms }
    const part: MovePart = { action, target: by === 'close' ? at : null, effects: [{ do: 'drop', at, by }] }
    return this.#move(`${by} ${endName(at)} ${confirmed}`, () => ({
      ...PLAIN,
      side: at.side,
      faults: 1,
      parts: [part],
    }))
  }

  restart(): Move {
    const part: MovePart = { action: { do: 'restart' }, target: null, effects: [{ do: 'restart' }] }
    return this.#move('restart', () => ({ ...PLAIN, side: 'server', faults: 1, parts: [part] }))
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
    const open: readonly Effect[] = f.opens ? [{ do: 'open' }] : []
    const sealing: MovePart = { action: seal, target: at, effects: [...open, { do: 'receive', at, frame }] }
    const theft: MovePart = { action: { do: 'leak', at }, target: at, effects: [] }
    return this.#move(`forged ${endName(at)} ${frame.id} ${f.opens} ${f.stolen} ${f.leads}`, () => ({
      side: at.side,
      parts: f.stolen === null ? [sealing] : [theft, sealing],
      faults: 0,
      leaks: f.stolen,
      uses: f.power,
      leads: f.leads,
    }))
  }
}
