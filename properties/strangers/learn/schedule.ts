/** A word as a schedule, which any system can play: `--replay` judges it by the invariants. */
import {
  type Action,
  type End,
  type FrameRef,
  type Mode,
  SCHEDULE_VERSION,
  type Schedule,
} from '../../../spec/language.ts'
import { OP } from '../../../spec/opcodes.ts'
import { type ActName, parse } from './alphabet.ts'
import type { Word } from './machine.ts'
import { INERT, isTaken, UNKNOWN_OPCODE, VALUE } from './say.ts'

const BODY = '00014014000000000000' // PROTOCOL §5: one value, 5
const CONTROL = '00'

/** One connection, and the client run whose session it carries, as long as the two agree. */
interface Side {
  server: End | null
  run: number | null
  hello: FrameRef | null
  data: FrameRef | null
  lastData: FrameRef | null
}

class Writer {
  readonly actions: Action[] = []
  readonly #id: number
  readonly #sides: readonly [Side, Side]
  #servers = 0
  #runs = 0
  readonly #sent = new Map<string, number>()

  constructor(id: number) {
    this.#id = id
    const fresh = (): Side => ({ server: null, run: null, hello: null, data: null, lastData: null })
    this.#sides = [fresh(), fresh()]
  }

  /** False: the language has no words for it. */
  symbol(symbol: string, output: string): boolean {
    const { on, act } = parse(symbol)
    if (output === INERT.closed || output === INERT.nothing) return true
    const [side, other] = [this.#sides[on], this.#sides[1 - on]!]
    side.server ??= { side: 'server', n: this.#servers++ }
    if (!this.#act(act, side, side.server, other)) return false
    const frames = output.split(', ').filter((o) => /^\d/.test(o)).length
    const { by, nth } = this.#next(side.server, frames)
    if (side.run !== null && isTaken(output))
      this.#deliver({ by, nth: nth + frames - 1 }, { side: 'client', n: side.run })
    else side.run = null // the client would not go on as the word does
    return true
  }

  #next(by: End, count: number): FrameRef {
    const name = `${by.side}${by.n}`
    const nth = this.#sent.get(name) ?? 0
    this.#sent.set(name, nth + count)
    return { by, nth }
  }

  #deliver(frame: FrameRef, to: End, edit?: Extract<Action, { do: 'deliver' }>['edit']): true {
    this.actions.push({ do: 'deliver', frame, to, ...(edit && { edit }) })
    return true
  }

  #connect(side: Side): FrameRef {
    side.run = this.#runs++
    this.actions.push({ do: 'connect', client: 0 })
    return this.#next({ side: 'client', n: side.run }, 1)
  }

  #submit(run: number): FrameRef {
    this.actions.push({ do: 'submit', run, values: [VALUE] })
    return this.#next({ side: 'client', n: run }, 1)
  }

  #seal(to: End, side: Side, opcode: number, change: Partial<Extract<Action, { do: 'seal' }>> = {}): true {
    const under = side.hello === null ? 'initial' : 'current'
    const body = opcode === OP.DATA || opcode === UNKNOWN_OPCODE ? BODY : CONTROL
    const header = { opcode, id: this.#id, round: 0, direction: 1 }
    this.actions.push({ do: 'seal', power: 'I', as: to, under, to, ...header, body, ...change })
    side.run = null
    return true
  }

  #act(act: ActName, side: Side, to: End, other: Side): boolean {
    const again = (frame: FrameRef | null): boolean => {
      side.run = null
      return frame !== null && this.#deliver(frame, to)
    }
    const badly = { do: 'flip', at: 'tag', pos: 31, xor: 1 } as const
    const acts: Readonly<Record<ActName, () => boolean>> = {
      hello: () => {
        const hello = this.#connect(side)
        side.hello ??= hello
        return this.#deliver(hello, to)
      },
      'hello-again': () => again(side.hello),
      'hello-bad-tag': () => this.#deliver(this.#connect(side), to, badly),
      data: () => {
        if (side.run === null) return this.#seal(to, side, OP.DATA)
        side.lastData = this.#submit(side.run)
        side.data ??= side.lastData
        return this.#deliver(side.lastData, to)
      },
      'data-bad-tag': () => side.run !== null && this.#deliver(this.#submit(side.run), to, badly),
      'data-again': () => again(side.lastData),
      'data-of-other': () => {
        side.lastData = other.data
        side.data ??= other.data
        return again(other.data)
      },
      'hello-of-other': () => {
        side.hello ??= other.hello
        return again(other.hello)
      },
      'data-future': () => this.#seal(to, side, OP.DATA, { round: 1 }),
      'data-bad-padding': () => this.#seal(to, side, OP.DATA, { pad: '00' }),
      'data-wrong-direction': () => this.#seal(to, side, OP.DATA, { direction: 2 }),
      'data-wrong-id': () => side.hello !== null && this.#seal(to, side, OP.DATA, { id: (this.#id % 255) + 1 }),
      'unknown-opcode': () => this.#seal(to, side, UNKNOWN_OPCODE),
      challenge: () => this.#seal(to, side, OP.CHALLENGE),
      error: () => this.#seal(to, side, OP.DESYNC),
      terminate: () => {
        if (side.run === null) return this.#seal(to, side, OP.TERMINATE)
        this.actions.push({ do: 'finish', run: side.run })
        return this.#deliver(this.#next({ side: 'client', n: side.run }, 1), to)
      },
    }
    return acts[act]()
  }
}

/** `outputs`: of all symbols, of the system that is to play it. Null: the language has no words for one of them. */
export const scheduleOf = (
  word: Word,
  outputs: readonly string[],
  id: number,
  mode: Mode,
  seed: number,
): Schedule | null => {
  const writer = new Writer(id)
  if (!word.every((symbol, i) => writer.symbol(symbol, outputs[i]!))) return null
  // An insider is judged by fewer invariants.
  const insiders = writer.actions.some((a) => a.do === 'seal') ? [id] : []
  const setup = { clients: [id], insiders, challenge: 'fresh', startRound: 1, limits: {} } as const
  const powers = insiders.length === 0 ? 'N' : 'NI'
  return { version: SCHEDULE_VERSION, seed, mode, powers, setup, actions: writer.actions }
}
