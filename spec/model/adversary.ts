/** What may happen next (ADVERSARY §1), endpoint by endpoint: what users wish and what the adversary can do. */
import type { End, Powers } from '../language.ts'
import { isControl, OP } from '../opcodes.ts'
import type { Verdict } from './checks.ts'
import { altered } from './frames.ts'
import { type ClientRun, type Endpoint, type Frame, type Keys, receivedBy, type Symbols } from './state.ts'

/** How many of everything there are. */
export interface Bounds {
  readonly runs: number // of each client
  readonly connections: number // in all
  readonly rounds: number // in which a client submits
  readonly powers: Powers
  readonly concurrent: boolean // whether runs of a client overlap
  readonly idle: boolean // whether a client stays ACTIVE without a request until its user submits or leaves, at any moment
  readonly faults: number // per path (power F): closes, failed sends, timers, restarts
  readonly forgeries: number // per path (power L): frames accepted under stolen keys
}

/** What the adversary has used up. */
export interface Taken {
  readonly faults: number
  readonly forgeries: number
  readonly leaked: Keys | null // the stolen four keys, as long as they may be used again
  /** Powers used beyond N and F, in their order: an invariant promises nothing against those it does not name. */
  readonly powers: '' | 'I' | 'L' | 'IL'
}
export const NOTHING_TAKEN: Taken = { faults: 0, forgeries: 0, leaked: null, powers: '' }

export type Choice =
  | { readonly do: 'connect'; readonly id: number }
  | { readonly do: 'submit'; readonly run: number; readonly values: readonly number[] }
  | { readonly do: 'finish'; readonly run: number }
  | Delivery
  | { readonly do: 'drop'; readonly at: End; readonly timer: 'unconfirmedMs' | 'idleMs' | null } // null: the connection dies
  | { readonly do: 'restart' }

export interface Delivery {
  readonly do: 'deliver'
  readonly frame: Frame
  readonly to: End
  readonly opens: boolean // the connection is opened for it
  /** A client reacts at once (PROTOCOL §9 counts so): what its user does about the frame. */
  readonly reaction?: Choice
  readonly failing?: true // the answer cannot be handed over
  readonly forged?: Forged
}

/** How a frame under a valid tag was made. */
export interface Forged {
  readonly power: 'I' | 'L'
  readonly round: number // relative to the right one
  readonly theft: Keys | null // what is stolen for it at this moment
  /** False: to be judged, but not gone on from, since what follows follows from another choice as well. */
  readonly leads: boolean
}

/** What a run submits in a round: a power of two of its own, so that a sum tells what it is made of. */
const valuesOf = (b: Bounds, run: number, round: number): readonly number[] => [2 ** (run * b.rounds + round - 1)]

/** A client starts its next run; an idle one ends; a second request is asked for while one is outstanding. */
export const wishes = ({ setup }: Symbols, b: Bounds, clients: readonly ClientRun[]): readonly Choice[] => {
  const free = setup.keyring.filter((id) => {
    const runs = clients.filter((e) => e.id === id)
    const may = runs.length < b.runs && (b.concurrent || runs.every((e) => e.phase === 'TERMINATED'))
    return may && !setup.insiders.includes(id) // the adversary speaks for an insider
  })
  const active = clients.filter((e) => e.phase === 'ACTIVE')
  const wished = active.flatMap(({ at, round, outstanding }): readonly Choice[] => {
    const submit: Choice = { do: 'submit', run: at.n, values: valuesOf(b, at.n, round) }
    if (outstanding !== null) return [submit]
    return [{ do: 'finish', run: at.n }, ...(b.idle && round <= b.rounds ? [submit] : [])]
  })
  return [...free.map((id): Choice => ({ do: 'connect', id })), ...wished]
}

export const delivery = (frame: Frame, { at, phase }: Endpoint): Delivery => {
  return { do: 'deliver', frame, to: at, opens: at.side === 'server' && phase === 'INIT' }
}

/** A frame reaches an endpoint, which judges it so; the user of a client that goes on submits, ends the run, or is idle. */
type Arrivals = (symbols: Symbols, b: Bounds, e: Endpoint, frame: Frame, v: Verdict) => readonly Choice[]
export const arrivals: Arrivals = ({ setup }, b, e, frame, v) => {
  const { side, n: run } = e.at
  const arrives = delivery(frame, e)
  const round = e.phase === 'INIT' ? setup.startRound : e.round + 1
  if (side === 'server' || !goesOn(frame, v) || round > b.rounds || b.idle) return [arrives] // an idle user decides later
  const submit: Choice = { do: 'submit', run, values: valuesOf(b, run, round) }
  return [submit, { do: 'finish', run } as const].map((reaction) => ({ ...arrives, reaction }))
}

/** The frame is accepted, and ends nothing. */
const goesOn = (frame: Frame, v: Verdict): boolean => v.kind === 'accepted' && !isControl(frame.header.opcode)

/** An altered frame passes every check up to the tag; at an ACTIVE server also one of the kind never answered. */
export const junk = (symbols: Symbols, e: Endpoint): readonly Choice[] => {
  const { at, phase, round, id } = e
  const header = { id: id ?? symbols.setup.keyring[0]!, round, direction: receivedBy(at.side) }
  const server = phase === 'INIT' ? [OP.HELLO] : [OP.DATA, OP.TERMINATE]
  const opcodes = at.side === 'server' ? server : [phase === 'INIT' ? OP.CHALLENGE : OP.DESYNC]
  return opcodes.map((opcode) => delivery(altered(symbols, { opcode, ...header }), e))
}

/** Power F: a frame would be accepted and answered, but the answer cannot be handed over. */
export const failing = (e: Endpoint, frame: Frame, v: Verdict): readonly Choice[] =>
  e.at.side === 'server' && goesOn(frame, v) ? [{ ...delivery(frame, e), failing: true }] : []

/** Power F: the connection dies; at the server a timer fires. A client that gives up does what a dead connection does. */
export const drops = ({ at, phase, confirmed }: Endpoint): readonly Choice[] => {
  const dies: Choice = { do: 'drop', at, timer: null }
  if (at.side === 'client') return [dies]
  return phase === 'ACTIVE' ? [dies, { ...dies, timer: confirmed ? 'idleMs' : 'unconfirmedMs' }] : []
}

export const leads = (c: Choice): boolean => c.do !== 'deliver' || (c.forged?.leads ?? true)

/** Whether a choice takes something that is limited. */
export const costs = (c: Choice): boolean =>
  c.do === 'drop' || c.do === 'restart' || (c.do === 'deliver' && (c.failing === true || c.forged !== undefined))

export const spend = (b: Bounds, t: Taken, c: Choice): Taken => {
  if (!costs(c)) return t
  if (c.do !== 'deliver' || c.forged === undefined) return { ...t, faults: t.faults + 1 }
  const { power, theft } = c.forged
  const forgeries = t.forgeries + (power === 'L' && c.forged.leads ? 1 : 0)
  const leaked = forgeries < b.forgeries ? (theft ?? t.leaked) : null
  return { ...t, forgeries, leaked, powers: t.powers === '' || t.powers === power ? power : 'IL' }
}
