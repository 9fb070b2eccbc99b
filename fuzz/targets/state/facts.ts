/**
 * State as feedback: the cells of the model that an execution hit (role, phase, opcode, verdict; and the round, in
 * buckets), which one after which other, and how endpoints ended.
 */
import { type Cell, cellName } from '../../../spec/checker/lockstep/cells.ts'
import type { EndedBy, Event, Phase, Reason } from '../../../spec/events.ts'
import { endName, REASONS } from '../../../spec/events.ts'
import type { End } from '../../../spec/language.ts'
import { OP } from '../../../spec/opcodes.ts'
import type { Note } from '../../engine/target.ts'

const PHASES: readonly Phase[] = ['INIT', 'ACTIVE', 'TERMINATED']
const OPCODES: readonly (number | null)[] = [null, 0, ...Object.values(OP)] // as cells have them
const VERDICTS = ['accepted', ...REASONS] as const
const ENDS: readonly EndedBy[] = ['peer', 'rejection', 'timer', 'supersede', 'evicted', 'close', 'finish', 'fault']
const ROUNDS = 4 // buckets: 0, 1, up to 2^16, beyond

const CELLS = 2 * PHASES.length * OPCODES.length * VERDICTS.length
const LAST_CELL_TAG = Math.ceil((CELLS * ROUNDS) / 256) - 1

// Tags of notes; a note has 256 values.
const PAIRS = 16 // 32 tags: two cells in a row, hashed
const TRIPLES = 48 // 8 tags: three
const ENDED = 208
const SENT = 209
const OPENED = 210
const AGGREGATE = 211

const roundBucket = (round: number): number => (round <= 1 ? round : round < 0x1_0000 ? 2 : 3)

const codeOf = (at: End, phase: Phase, opcode: number | null, verdict: Reason | 'accepted', round: number): number => {
  const role = at.side === 'client' ? 0 : 1
  const known = Math.max(1, OPCODES.indexOf(opcode)) // any opcode that is none is 0
  const o = opcode === null ? 0 : known
  const cell =
    ((role * PHASES.length + PHASES.indexOf(phase)) * OPCODES.length + o) * VERDICTS.length + VERDICTS.indexOf(verdict)
  return cell * ROUNDS + roundBucket(round)
}

/** The model cell a note stands for, whatever the round; null for a note of another kind. */
export const cellOfNote = (tag: number, value: number): string | null => {
  if (tag > LAST_CELL_TAG) return null
  let rest = Math.floor((256 * tag + value) / ROUNDS)
  const take = <T>(all: readonly T[]): T => {
    const x = all[rest % all.length]!
    rest = Math.floor(rest / all.length)
    return x
  }
  const verdict = take(VERDICTS)
  const opcode = take(OPCODES)
  const phase = take(PHASES)
  const role = take(['client', 'server'] as const)
  return cellName({ role, phase, opcode, verdict } satisfies Cell)
}

const hashed = (a: number, b: number): number => {
  const x = Math.imul(a ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(b + 0x7f4a7c15, 0xc2b2ae35)
  return (x ^ (x >>> 15)) >>> 0
}

/** Follows one execution. */
export class Facts {
  readonly #note: Note
  readonly #phases: Map<string, { readonly phase: Phase; readonly round: number }>
  #last = 0
  #pair = 0
  #opened = 0

  /** `base`: an execution that this one goes on from. */
  constructor(note: Note, base: Facts | null = null) {
    this.#note = note
    this.#phases = new Map(base === null ? null : base.#phases)
    if (base === null) return
    this.#last = base.#last
    this.#pair = base.#pair
    this.#opened = base.#opened
  }

  /** What an endpoint shows when the execution begins. */
  know(at: End, view: { readonly phase: Phase; readonly round: number }): void {
    this.#phases.set(endName(at), view)
  }

  see(e: Event): void {
    switch (e.on) {
      case 'committed':
        this.#phases.set(endName(e.at), e.view)
        return
      case 'accepted':
        this.#cell(e.at, e.header.opcode, 'accepted')
        return
      case 'rejected':
        if (e.reason !== null) this.#cell(e.at, e.header?.opcode ?? null, e.reason)
        return
      case 'ended':
        this.#note(ENDED, (e.at.side === 'client' ? 0 : ENDS.length) + ENDS.indexOf(e.by))
        return
      case 'opened':
        this.#opened++
        this.#note(OPENED, Math.min(this.#opened, 255))
        return
      case 'sent':
        this.#note(SENT, e.header.opcode & 0xff)
        if (e.body.kind === 'aggregate') this.#note(AGGREGATE, Math.min(e.body.count, 255))
        return
      default:
        return
    }
  }

  #cell(at: End, opcode: number | null, verdict: Reason | 'accepted'): void {
    const { phase, round } = this.#phases.get(endName(at)) ?? { phase: 'INIT', round: 0 }
    const code = codeOf(at, phase, opcode, verdict, round)
    this.#note(code >> 8, code & 0xff)
    const cell = Math.floor(code / ROUNDS) // sequences without rounds: there are enough of them
    const pair = hashed(this.#last, cell)
    const triple = hashed(this.#pair, cell)
    this.#note(PAIRS + ((pair >> 8) & 0x1f), pair & 0xff)
    this.#note(TRIPLES + ((triple >> 8) & 0x7), triple & 0xff)
    this.#last = cell
    this.#pair = pair
  }
}
