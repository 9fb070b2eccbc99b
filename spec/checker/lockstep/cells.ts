/**
 * Model coverage: every way in which a frame can be judged (role × phase × opcode × verdict), and for each a schedule
 * that brings it about, so that what exercises an implementation can be guaranteed rather than hoped for.
 */
import type { Body, Phase, Reason } from '../../events.ts'
import type { Action, End, Mode, Schedule, Seal, Side } from '../../language.ts'
import { SCHEDULE_VERSION } from '../../language.ts'
import { OP, OPCODE_NAMES } from '../../opcodes.ts'
import { hexNumber as hex, hexOf } from '../body.ts'
import { playOnModel } from './play.ts'

export interface Cell {
  readonly role: Side
  readonly phase: Phase
  readonly opcode: number | null // null: the length prefix was illegal; 0: any opcode that is none
  readonly verdict: 'accepted' | Reason
}

/** Opcodes that are none are one. */
export const cellOf = (j: Omit<Cell, 'role'> & { readonly at: End }): Cell => ({
  role: j.at.side,
  phase: j.phase,
  opcode: j.opcode === null || OPCODE_NAMES[j.opcode] !== undefined ? j.opcode : 0,
  verdict: j.verdict,
})

export const cellOpcode = ({ opcode }: Cell): string =>
  opcode === null ? 'illegal length' : (OPCODE_NAMES[opcode] ?? 'any other opcode')

export const cellName = (c: Cell): string => `${c.role} ${c.phase} ${cellOpcode(c)} ${c.verdict}`

interface Covering {
  readonly cell: Cell
  readonly schedule: Schedule
}

const c0: End = { side: 'client', n: 0 }
const s0: End = { side: 'server', n: 0 }
const s1: End = { side: 'server', n: 1 }
const pass = (by: End, nth: number, to: End): Action => ({ do: 'deliver', frame: { by, nth }, to })
const START: readonly Action[] = [{ do: 'connect', client: 0 }]
const HANDSHAKE: readonly Action[] = [...START, pass(c0, 0, s0), pass(s0, 0, c0)]

/** A receiver brought into a phase; the client is the insider, so that anything can be sealed for either side. */
interface Situation {
  readonly at: End
  readonly prefix: readonly Action[]
  readonly under: Seal['under']
}

const SITUATIONS: readonly Situation[] = [
  { at: s0, prefix: START, under: 'initial' },
  { at: s0, prefix: HANDSHAKE, under: 'current' },
  { at: c0, prefix: START, under: 'current' },
  { at: c0, prefix: HANDSHAKE, under: 'current' },
  { at: c0, prefix: [...HANDSHAKE, { do: 'submit', run: 0, values: [1] }], under: 'current' },
]

const VALID: Readonly<Record<number, Body>> = {
  [OP.HELLO]: { kind: 'hello', text: '' },
  [OP.CHALLENGE]: { kind: 'challenge', text: '' },
  [OP.DATA]: { kind: 'data', values: [1] },
  [OP.RESPONSE]: { kind: 'aggregate', sum: 1, count: 1, average: 1 },
  [OP.DESYNC]: { kind: 'control' },
  [OP.TERMINATE]: { kind: 'control' },
}
const NO_OPCODE = 7
const STRANGER = 200 // an id that no server in a schedule knows

/** One frame of every kind that some check can tell from the rest, for one opcode. */
const attempts = ({ at, under }: Situation, opcode: number): readonly Action[] => {
  const direction = at.side === 'server' ? 1 : 2
  const body = hexOf(VALID[opcode] ?? { kind: 'control' })
  const right: Seal = { do: 'seal', power: 'I', as: at, under, to: at, opcode, id: 1, round: 0, direction, body }
  const inject = (length: number, round: number, id = 1): Action => {
    const header = `${hex(opcode, 1)}${hex(id, 1)}${hex(round, 4)}${hex(direction, 1)}`
    return { do: 'inject', to: at, hex: `${hex(length, 4)}${header}${'00'.repeat(length - 7)}` }
  }
  return [
    right,
    { ...right, body: 'ff' },
    { ...right, pad: '00' },
    { ...right, id: STRANGER },
    { ...right, direction: 3 - direction },
    { ...right, round: 1 },
    { ...right, round: -1 },
    inject(71, 0), // no valid tag
    inject(71, 1),
    inject(71, 0, STRANGER),
    inject(72, 0), // no whole block
  ]
}

/** Two sessions of one client, the newer one confirmed: the older one's first DATA is `superseded` (PROTOCOL §7). */
const SUPERSEDED: readonly Action[] = [
  { do: 'connect', client: 0 },
  { do: 'connect', client: 0 },
  pass(c0, 0, s0),
  pass({ side: 'client', n: 1 }, 0, s1),
  pass(s0, 0, c0),
  pass(s1, 0, { side: 'client', n: 1 }),
  { do: 'submit', run: 0, values: [1] },
  { do: 'submit', run: 1, values: [2] },
  pass({ side: 'client', n: 1 }, 1, s1),
  pass(c0, 1, s0),
]

const schedule = (mode: Mode, actions: readonly Action[]): Schedule => ({
  version: SCHEDULE_VERSION,
  seed: 1,
  mode,
  powers: 'NI',
  setup: { clients: [1], insiders: [1], challenge: 'fresh', startRound: 1, limits: {} },
  actions,
})

/** Every cell the model can reach, each with the first schedule that hits it in its last action. */
export const coverings = (mode: Mode): readonly Covering[] => {
  const illegal = (s: Situation): Action => ({ do: 'inject', to: s.at, hex: '00000000' })
  const all = [
    ...SITUATIONS.flatMap((s) => [
      ...[...Object.values(OP), NO_OPCODE].flatMap((opcode) => attempts(s, opcode).map((a) => [...s.prefix, a])),
      [...s.prefix, illegal(s)],
    ]),
    SUPERSEDED,
  ]
  const found = new Map<string, Covering>()
  for (const actions of all) {
    const made = schedule(mode, actions)
    for (const judged of playOnModel(made, [])
      .at(-1)!
      .flatMap((d) => d.verdicts)) {
      const cell = cellOf(judged)
      if (!found.has(cellName(cell))) found.set(cellName(cell), { cell, schedule: made })
    }
  }
  return [...found.values()]
}
