/** Says a word to a server, as whoever has all keys can, and puts into words what comes back. */
import { type Follower, sealedUnder } from '../../../spec/dialects/follower.ts'
import { opcodeIn } from '../../../spec/dialects/opcodes.ts'
import { writeData, writeGoodbye, writeHello } from '../../../spec/dialects/payload.ts'
import type { Header } from '../../../spec/events.ts'
import { OP } from '../../../spec/opcodes.ts'
import { EMPTY } from '../../../spec/reference/bytes.ts'
import { CONTROL } from '../../../spec/reference/payload.ts'
import { Unreachable } from '../../harness/target/peer.ts'
import { type ActName, GREETS, parse, SUBMITS } from './alphabet.ts'
import type { Line, Visit } from './doors.ts'
import type { Word } from './machine.ts'

export const SILENCE = 'silence'
export const CLOSES = 'closes'
export const GONE = 'no connection'
const FAULT = 'an exception'
const ENDS = { closed: CLOSES, fault: FAULT, nonsense: 'no frame' } as const
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
    const { start: at } = speaker
    const fresh = (): Side => ({ line: null, at, greeted: null, hello: null, data: null, lastData: null })
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
    const frames: Readonly<Record<ActName, () => Uint8Array | null>> = {
      hello,
      'hello-again': () => side.hello,
      'hello-bad-tag': () => badly(hello()),
      data: () => data(),
      'data-again': () => side.lastData,
      'data-future': () => data({ round: (at.round + 1) >>> 0 }),
      'data-bad-tag': () => badly(data()),
      'data-bad-padding': () => data({}, Uint8Array.of(0)),
      'data-wrong-direction': () => data({ direction: d.directions.s2c }),
      'data-wrong-id': () => data({ id: (this.#speaker.id % 255) + 1 }),
      'unknown-opcode': () => data({ opcode: UNKNOWN_OPCODE }),
      challenge: () => this.#seal(at, OP.CHALLENGE, CONTROL),
      error: () => this.#seal(at, OP.DESYNC, CONTROL),
      terminate: () => this.#seal(at, OP.TERMINATE, writeGoodbye(d) ?? EMPTY),
      'hello-of-other': () => other.hello,
      'data-of-other': () => other.data,
    }
    return frames[act]()
  }

  #sent(act: ActName, side: Side, frame: Uint8Array): void {
    if (GREETS.includes(act)) {
      side.hello ??= frame
      side.greeted = this.#speaker.start.after(frame)
      if (side.at.hello === null) side.at = side.greeted
    } else {
      side.at = side.at.after(frame)
    }
    if (SUBMITS.includes(act)) {
      side.data ??= frame
      side.lastData = frame
    }
  }

  async #heard(side: Side, line: Line): Promise<string> {
    const said: string[] = []
    for (;;) {
      const heard = await line.hear()
      if (heard.kind === 'silence') return said.length === 0 ? SILENCE : [...said, 'stays open'].join(', ')
      if (heard.kind !== 'frame') return [...said, ENDS[heard.kind]].join(', ')
      said.push(this.#answer(side, heard.bytes))
      if (isTaken(said.at(-1)!) || said.length === MOST_FRAMES) return said.join(', ')
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
