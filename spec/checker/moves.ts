/** The choices of spec/model as moves: actions of the schedule language, and what each does to endpoints. */
import { endName } from '../events.ts'
import type { Action, End, Seal, Side } from '../language.ts'
import { LIMITS } from '../language.ts'
import { type Choice, costs, type Delivery, leads } from '../model/adversary.ts'
import type { Frame } from '../model/state.ts'
import { hexNumber, hexOf } from './body.ts'
import { type Context, Interned } from './context.ts'

export type Effect =
  | Exclude<Choice, Delivery>
  | { readonly do: 'open' }
  | { readonly do: 'receive'; readonly at: End; readonly frame: Frame }
  | { readonly do: 'failNext'; readonly at: End }

/** One action of the schedule language, and what it does to endpoints. `target`: the endpoint it feeds. */
export interface MovePart {
  readonly action: Action
  readonly target: End | null
  readonly effects: readonly Effect[]
}

/** One step of the model: a frame delivered to a client and what its application does about it are one move of two parts. */
export interface Move {
  readonly n: number
  readonly choice: Choice
  readonly side: Side // which all parts concern
  readonly parts: readonly MovePart[]
  readonly costs: boolean // takes something that is limited
  /** False: to be judged, but not gone on from, since what follows follows from another move as well. */
  readonly leads: boolean
}

const nameOf = (c: Choice): string => {
  switch (c.do) {
    case 'connect':
      return `connect ${c.id}`
    case 'submit':
      return `submit ${c.run} ${c.values}`
    case 'finish':
      return `finish ${c.run}`
    case 'drop':
      return `drop ${endName(c.at)} ${c.timer}`
    case 'restart':
      return 'restart'
    case 'deliver': {
      const forged = c.forged && `${c.forged.power} ${c.forged.round} ${c.forged.theft} ${c.forged.leads}`
      const reaction = c.reaction && nameOf(c.reaction)
      return `deliver ${c.frame.id} ${endName(c.to)} ${c.opens} ${c.failing} ${reaction} ${forged}`
    }
  }
}

const sideOf = (c: Choice): Side => {
  switch (c.do) {
    case 'connect':
    case 'submit':
    case 'finish':
      return 'client'
    case 'restart':
      return 'server'
    case 'drop':
      return c.at.side
    case 'deliver':
      return c.to.side
  }
}

/** Time itself is not part of the model's state. */
const part = (c: Exclude<Choice, Delivery>, keyring: readonly number[]): MovePart => {
  switch (c.do) {
    case 'connect':
      return { action: { do: 'connect', client: keyring.indexOf(c.id) }, target: null, effects: [c] }
    case 'submit':
    case 'finish':
      return { action: c, target: { side: 'client', n: c.run }, effects: [c] }
    case 'drop':
      return c.timer === null
        ? { action: { do: 'close', at: c.at }, target: c.at, effects: [c] }
        : { action: { do: 'advance', ms: LIMITS[c.timer] }, target: null, effects: [c] }
    case 'restart':
      return { action: c, target: null, effects: [c] }
  }
}

/** A frame of 71 bytes with this header and zeros for the rest, behind its length prefix (PROTOCOL §2). */
const junkHex = ({ opcode, id, round, direction }: Frame['header']): string => {
  return `00000047${hexNumber(opcode, 1)}${hexNumber(id, 1)}${hexNumber(round, 4)}${hexNumber(direction, 1)}${'00'.repeat(64)}`
}

const sealing = ({ frame, to, opens, forged }: Delivery): Seal => {
  const { opcode, id, direction } = frame.header
  return {
    do: 'seal',
    power: forged!.power,
    as: to,
    under: opens ? 'initial' : 'current',
    to,
    opcode,
    id,
    round: forged!.round,
    direction,
    body: hexOf(frame.body),
    ...(frame.padded ? {} : { pad: '00' }),
  }
}

/** Equal moves are the same object. */
export class Moves {
  readonly #context: Context
  readonly #moves = new Interned<Move>()

  constructor(c: Context) {
    this.#context = c
  }

  of(c: Choice): Move {
    return this.#moves.of(nameOf(c), (n) => ({
      n,
      choice: c,
      side: sideOf(c),
      parts: this.#parts(c),
      costs: costs(c),
      leads: leads(c),
    }))
  }

  #parts(c: Choice): readonly MovePart[] {
    if (c.do !== 'deliver') return [part(c, this.#context.setup.keyring)]
    const { frame, to, failing, forged, reaction } = c
    const from = this.#context.refOf(frame)
    const injected: Action = { do: 'inject', to, hex: from === null ? junkHex(frame.header) : '' }
    const action: Action = forged ? sealing(c) : from === null ? injected : { do: 'deliver', frame: from, to }
    const opening: readonly Effect[] = c.opens ? [{ do: 'open' }] : []
    const arriving: Effect = { do: 'receive', at: to, frame }
    if (failing)
      return [
        ...(c.opens ? [{ action: { ...injected, hex: '' }, target: to, effects: opening }] : []),
        { action: { do: 'failSend', at: to }, target: to, effects: [{ do: 'failNext', at: to }] },
        { action, target: to, effects: [arriving] },
      ]
    return [
      ...(forged?.theft ? [{ action: { do: 'leak', at: to } as const, target: to, effects: [] }] : []),
      { action, target: to, effects: [...opening, arriving] },
      ...(reaction ? this.#parts(reaction) : []),
    ]
  }
}
