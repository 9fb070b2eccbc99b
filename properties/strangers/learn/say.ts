/** Says a word to a server, as whoever has all keys can, and puts into words what comes back. */
import { type Follower, sealedUnder } from '../../../spec/dialects/follower.ts'
import { opcodeIn } from '../../../spec/dialects/opcodes.ts'
import { writeData, writeGoodbye, writeHello } from '../../../spec/dialects/payload.ts'
import type { Header } from '../../../spec/events.ts'
import { OP } from '../../../spec/opcodes.ts'
import { EMPTY } from '../../../spec/reference/bytes.ts'
import { CONTROL } from '../../../spec/reference/payload.ts'
import { Unreachable } from '../../harness/peer.ts'
import { type ActName, parse } from './alphabet.ts'
import type { Line, Visit } from './doors.ts'
import type { Word } from './machine.ts'

export const SILENCE = 'silence'
export const CLOSES = 'closes'
export const GONE = 'no connection'
const FAULT = 'an exception'
/** Of symbols that nothing is sent for: their connection is closed, or there is nothing yet that could be sent again. */
export const INERT = { closed: 'closed', nothing: 'nothing to send' } as const

export const VALUE = 5
export const UNKNOWN_OPCODE = 99
const MOST_FRAMES = 4

/** Whether an output says that the connection has ended. */
export const hasEnded = (output: string): boolean =>
  output.endsWith(CLOSES) || output === GONE || output.endsWith(FAULT)

/** Whether an output is an answer to something that was taken. */
export const isTaken = (output: string): boolean => /\b(20|40)$/.test(output)

interface Side {
  line: Line | null
  at: Follower
  /** Of a HELLO that was sent and may begin a session. */
  greeted: Follower | null
  hello: Uint8Array | null
  data: Uint8Array | null
  lastData: Uint8Array | null
}

interface Speaker {
  readonly id: number
  /** The position before its HELLO. */
  readonly start: Follower
  /** Up to 32 bytes a call. */
  random(bytes: number): Uint8Array
}

class Saying {
  readonly #speaker: Speaker
  readonly #visit: Visit
  readonly #sides: readonly [Side, Side]

  constructor(speaker: Speaker, visit: Visit) {
    this.#speaker = speaker
    this.#visit = visit
    const fresh = (): Side => ({
      line: null,
      at: this.#speaker.start,
      greeted: null,
      hello: null,
      data: null,
      lastData: null,
    })
    this.#sides = [fresh(), fresh()]
  }

  async symbol(symbol: string): Promise<string> {
    const { on, act } = parse(symbol)
    const [side, other] = [this.#sides[on], this.#sides[1 - on]!]
    const frame = this.#frame(act, side, other)
    if (frame === null) return INERT.nothing
    try {
      side.line ??= await this.#visit.open()
    } catch (e) {
      if (e instanceof Unreachable) return GONE
      throw e
    }
    side.line.send(frame)
    this.#sent(act, side, frame)
    return this.#heard(side, side.line)
  }

  #seal(at: Follower, opcode: number, plaintext: Uint8Array, change: Partial<Header> = {}, rawPad?: Uint8Array) {
    return at.sealNext('c2s', opcode, plaintext, (bytes) => this.#speaker.random(bytes), change, rawPad)
  }

  /** Null: there is nothing that could be sent again. */
  #frame(act: ActName, side: Side, other: Side): Uint8Array | null {
    const { at } = side
    const d = at.dialect
    const hello = (): Uint8Array => this.#seal(this.#speaker.start, OP.HELLO, writeHello(d, this.#speaker.id))
    const data = (change: Partial<Header> = {}, rawPad?: Uint8Array): Uint8Array =>
      this.#seal(at, OP.DATA, writeData(d, [VALUE]), change, rawPad)
    const badly = (f: Uint8Array): Uint8Array => f.with(f.length - 1, f[f.length - 1]! ^ 1)
    switch (act) {
      case 'hello':
        return hello()
      case 'hello-again':
        return side.hello
      case 'hello-bad-tag':
        return badly(hello())
      case 'data':
        return data()
      case 'data-again':
        return side.lastData
      case 'data-future':
        return data({ round: (at.round + 1) >>> 0 })
      case 'data-bad-tag':
        return badly(data())
      case 'data-bad-padding':
        return data({}, Uint8Array.of(0))
      case 'data-wrong-direction':
        return data({ direction: d.directions.s2c })
      case 'data-wrong-id':
        return data({ id: (this.#speaker.id % 255) + 1 })
      case 'unknown-opcode':
        return data({ opcode: UNKNOWN_OPCODE })
      case 'challenge':
        return this.#seal(at, OP.CHALLENGE, CONTROL)
      case 'error':
        return this.#seal(at, OP.DESYNC, CONTROL)
      case 'terminate':
        return this.#seal(at, OP.TERMINATE, writeGoodbye(d) ?? EMPTY)
      case 'hello-of-other':
        return other.hello
      case 'data-of-other':
        return other.data
    }
  }

  #sent(act: ActName, side: Side, frame: Uint8Array): void {
    if (act === 'hello' || act === 'hello-again' || act === 'hello-of-other') {
      side.hello ??= frame
      side.greeted = this.#speaker.start.after(frame)
      if (side.at.hello === null) side.at = side.greeted
    } else {
      side.at = side.at.after(frame)
    }
    if (act === 'data' || act === 'data-of-other') {
      side.data ??= frame
      side.lastData = frame
    }
  }

  async #heard(side: Side, line: Line): Promise<string> {
    const said: string[] = []
    for (;;) {
      const heard = await line.hear()
      switch (heard.kind) {
        case 'closed':
          return [...said, CLOSES].join(', ')
        case 'silence':
          return said.length === 0 ? SILENCE : [...said, 'stays open'].join(', ')
        case 'fault':
          return [...said, FAULT].join(', ')
        case 'nonsense':
          return [...said, 'no frame'].join(', ')
        case 'frame':
          said.push(this.#answer(side, heard.bytes))
          if (isTaken(said.at(-1)!) || said.length === MOST_FRAMES) return said.join(', ')
      }
    }
  }

  /** Its opcode, and under what it is sealed where that is not what was to be expected. */
  #answer(side: Side, frame: Uint8Array): string {
    const opcode = opcodeIn(side.at.dialect, frame)
    const begun = opcode === OP.CHALLENGE && side.greeted !== null ? side.greeted : side.at
    const from = [begun, side.at].find((f) => f.opens(frame, 's2c').padOk)
    if (from !== undefined) {
      side.at = from.after(frame)
      return String(opcode)
    }
    const under = sealedUnder(frame, side.at, this.#speaker.start)
    if (under === 'current') return `${opcode} that does not open`
    return `${opcode} under ${under === 'initial' ? 'the initial keys' : under}`
  }
}

/** The outputs, one for each symbol. */
export const say = async (word: Word, visit: Visit, speaker: Speaker): Promise<readonly string[]> => {
  const saying = new Saying(speaker, visit)
  const outputs: string[] = []
  const ended = new Set<number>()
  try {
    for (const symbol of word) {
      const { on } = parse(symbol)
      const output = ended.has(on) ? INERT.closed : await saying.symbol(symbol)
      if (hasEnded(output)) ended.add(on)
      outputs.push(output)
    }
    return outputs
  } finally {
    await visit.end()
  }
}
