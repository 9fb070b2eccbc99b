/** The history of a capture as monitors may ask about it, of what is open and of the newest frames only. */
import type { Dialect } from '../../../spec/dialects/dialect.ts'
import type { Follower } from '../../../spec/dialects/follower.ts'
import type { Body, Facts, FrameId, Header, Ledger, Sent, Submission, View } from '../../../spec/events.ts'
import { type End, LIMITS } from '../../../spec/language.ts'
import { isControl, OP, opcodeName } from '../../../spec/opcodes.ts'
import { HOLDS, MADE, Seen } from './seen.ts'

/** A frame of the capture. One that passed before has the name that it got then. */
export interface Frame {
  readonly n: number // in the capture, from 0
  readonly conn: number
  readonly packet: number
  readonly at: number // ms since 1970
  readonly name: FrameId
  readonly index: number // among the frames seen; -1: a length that no frame has
  readonly bytes: Uint8Array
  readonly header: Header | null
  readonly copy: boolean
}

export const frameName = (n: number): FrameId => `f${n}` as FrameId
/** A frame for people. */
export const whatOf = (h: Header | null): string =>
  h === null ? 'no frame' : `${opcodeName(h.opcode)} of round ${h.round}, client ${h.id}`
const nameOrNone = (n: number): FrameId | null => (n < 0 ? null : frameName(n))

/** One end of a connection. */
export class Endpoint implements Facts {
  readonly at: End
  /** Where its server is. */
  readonly server: string
  id: number | null = null
  hello: FrameId | null = null
  challenge: FrameId | null = null
  readonly view = null
  order: number | null = null
  readonly transcript = ''
  ended = false
  node: Follower | null = null
  lastAccepted: Frame | null = null
  /** Number of the DATA that a client sent last; -1: none. */
  asked = -1

  constructor(at: End, server: string) {
    this.at = at
    this.server = server
  }

  get expected(): View | null {
    const { node } = this
    if (node === null) return null
    const { id, phase, round } = node
    return { id, phase, round, confirmed: false, outstanding: node.outstanding !== null, keys: null }
  }
}

/** What a frame held, as far as a memory of numbers tells. */
const bodyOf = (holds: number, opcode: number): Body => {
  if (holds === HOLDS.opaque) return { kind: 'opaque', hex: '' }
  if (holds === HOLDS.sealed) return { kind: 'sealed' }
  if (isControl(opcode)) return { kind: 'control' }
  if (opcode === OP.DATA) return { kind: 'data', values: [] }
  if (opcode === OP.RESPONSE) return { kind: 'aggregate', sum: 0, count: 0, average: 0 }
  return { kind: opcode === OP.HELLO ? 'hello' : 'challenge', text: '' }
}

export interface Known {
  endpoint(at: End): Endpoint | undefined
  /** Live sessions of a client that have submitted. */
  confirmed(id: number): readonly End[]
  /** Where a connection without a session is judged from. */
  start(at: End, id: number): Follower
}

export class WireLedger implements Ledger {
  readonly mode
  readonly powers = 'N'
  readonly limits = LIMITS
  readonly insiders: ReadonlySet<number> = new Set()
  readonly rngRepeats = false
  readonly seen: Seen
  step = 0
  /** What the event that is judged is about, by name. */
  readonly inPlay = new Map<FrameId, Frame>()
  readonly #senders = new Map<FrameId, readonly Sent[]>()
  readonly #known: Known

  constructor(dialect: Dialect, known: Known, remembered?: number) {
    this.seen = new Seen(remembered)
    this.mode = dialect.binding === 'bound' ? ('bound' as const) : ('literal' as const)
    this.#known = known
  }

  #indexOf(frame: FrameId): number {
    return this.inPlay.get(frame)?.index ?? this.seen.byNumber(Number(frame.slice(1)))
  }

  senders(frame: FrameId): readonly Sent[] {
    const known = this.#senders.get(frame)
    if (known !== undefined) return known
    const sent = this.#sent(frame)
    this.#senders.set(frame, sent)
    return sent
  }

  /** A step begins: what it is about. */
  play(frames: readonly Frame[]): void {
    this.#senders.clear()
    this.inPlay.clear()
    for (const f of frames) if (f.index >= 0) this.inPlay.set(f.name, f)
  }

  #sent(frame: FrameId): readonly Sent[] {
    const { seen } = this
    const index = this.#indexOf(frame)
    const made = index < 0 ? MADE.nobody : seen.get(index, 'made')
    if (made === MADE.nobody) return []
    const [id, opcode, round] = [seen.get(index, 'id'), seen.get(index, 'opcode'), seen.get(index, 'round') >>> 0]
    const side = made === MADE.server ? 'server' : 'client'
    return [
      {
        by: made === MADE.holder ? null : { side, n: seen.get(index, 'conn') },
        id,
        frame,
        header: this.inPlay.get(frame)?.header ?? { opcode, id, round, direction: side === 'client' ? 1 : 2 },
        body: bodyOf(seen.get(index, 'holds'), opcode),
        hello: nameOrNone(seen.get(index, 'hello')),
        challenge: nameOrNone(seen.get(index, 'challenge')),
        answers: nameOrNone(seen.get(index, 'answers')),
        step: seen.get(index, 'n'),
      },
    ]
  }

  accepted(frame: FrameId): number {
    const index = this.#indexOf(frame)
    return index < 0 ? 0 : this.seen.get(index, 'accepted')
  }

  facts(at: End): Facts | undefined {
    return this.#known.endpoint(at)
  }

  connections(): readonly Facts[] {
    return []
  }

  submissions(): readonly Submission[] {
    const ids = new Set([...this.inPlay.values()].map((f) => f.header?.id ?? 0))
    const of = (id: number): Submission[] =>
      this.#known.confirmed(id).map((at) => ({ at, id, round: 0, values: [], live: true }))
    return [...ids].flatMap(of)
  }

  verifies(frame: FrameId, at: End): boolean {
    const f = this.inPlay.get(frame)
    const e = this.#known.endpoint(at)
    if (f === undefined || e === undefined || f.header === null) return false
    const node = e.node ?? this.#known.start(at, f.header.id)
    return node.verifies(f.bytes, at.side === 'server' ? 'c2s' : 's2c')
  }
}
