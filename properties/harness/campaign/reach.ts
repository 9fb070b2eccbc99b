/**
 * How far schedules went: every quantity of the protocol by powers of two, and where an altered frame got as far as the
 * check of its tag. What no schedule reached, no schedule has tested.
 */
import { type Event, endName, type Phase } from '../../../spec/events.ts'
import type { Schedule } from '../../../spec/language.ts'
import { OP, OPCODE_NAMES } from '../../../spec/opcodes.ts'

/** Quantity -> the powers of two that a default run must reach, lowest and highest. */
const POWERS = {
  round: [0, 31],
  'rounds of a session': [0, 8],
  'rounds of a session before an older one is refused': [0, 5],
  'frames of an endpoint': [0, 8],
  'frames accepted of one chunk': [0, 5],
  'connections open at once': [0, 10],
  'sessions of a client at once': [0, 6],
  'rounds kept': [0, 8],
  'values of a submission': [0, 8],
  'values of an aggregate': [0, 16],
  'parts of a sum': [0, 5],
  'bytes of a frame': [6, 12],
  'client id': [0, 7],
  'HELLOs counted': [0, 52],
  'clock (ms)': [0, 50],
  'altered frame, bytes': [6, 12],
  'altered frame to a server, client id': [0, 7],
  'altered frame to a client, client id': [0, 7],
  'altered frame to a server, round': [0, 31],
  'altered frame to a client, round': [0, 31],
} as const
type Quantity = keyof typeof POWERS

const kindOf = (opcode: number): string => OPCODE_NAMES[opcode]!

/** An altered frame that its tag alone gives away, by what it is and how it came. */
const CLASSES = [
  ...[OP.HELLO, OP.DATA, OP.TERMINATE].map((opcode) => `${kindOf(opcode)} to a server`),
  ...[OP.CHALLENGE, OP.RESPONSE, OP.DESYNC, OP.TERMINATE].map((opcode) => `${kindOf(opcode)} to a client`),
  ...['iv', 'ciphertext', 'tag'].map((region) => `in its ${region}`),
  ...['whole', 'cut within an action', 'cut between actions'],
  ...['server', 'client'].flatMap((side) =>
    [8, 16, 24].flatMap((bits) => [0, 255].map((byte) => `to a ${side}, lowest ${bits} bits of the round all ${byte}`)),
  ),
].map((name) => `altered frame: ${name}`)

const cell = (quantity: Quantity, power: number): string => `${quantity}: 2^${power}`

/** Every cell that a default run must reach in each mode. */
export const REACHABLE: readonly string[] = [
  ...Object.entries(POWERS).flatMap(([quantity, [low, high]]) =>
    Array.from({ length: high - low + 1 }, (_, i) => cell(quantity as Quantity, low + i)),
  ),
  ...CLASSES,
]
const KNOWN = new Set(REACHABLE)

/** Distinct scales that a double keeps apart. */
const partsOf = (values: readonly number[]): number =>
  new Set(
    values.flatMap((v) => (v === 0 || !Number.isFinite(v) ? [] : [Math.floor((Math.log2(Math.abs(v)) + 1_080) / 54)])),
  ).size

/** Counts while schedules are played; `counts` has how often each cell was reached. */
export class Reach {
  readonly counts: Record<string, number> = {}
  readonly #tally = new Map<string, number>() // of the schedule being played
  readonly #phases = new Map<string, Phase>()
  readonly #ids = new Map<string, number>() // of connections with a session that has not ended
  #open = 0
  #hellos = 0
  #now = 0
  #step: Extract<Event, { on: 'step' }> | null = null

  /** A schedule begins. */
  begin(s: Schedule): void {
    this.#tally.clear()
    this.#phases.clear()
    this.#ids.clear()
    this.#open = this.#now = 0
    this.#hellos = s.setup.startHello ?? 0
  }

  see(e: Event): void {
    switch (e.on) {
      case 'step':
        this.#step = e
        if (e.action.do !== 'advance') return
        this.#now += Math.max(0, e.action.ms)
        this.#reached('clock (ms)', this.#now)
        return
      case 'settled':
        this.#tally.delete('chunk')
        return
      case 'opened':
        if (e.at.side === 'server') this.#reached('connections open at once', ++this.#open)
        return
      case 'submitted':
        if (e.refused) return
        this.#reached('values of a submission', e.values.length)
        this.#reached('parts of a sum', partsOf(e.values))
        return
      case 'sent':
        this.#reached('frames of an endpoint', this.#count(`sent ${endName(e.at)}`))
        this.#reached('bytes of a frame', e.bytes)
        if (e.body.kind === 'aggregate') this.#reached('values of an aggregate', e.body.count)
        return
      case 'accepted':
        this.#accepted(e)
        return
      case 'rejected':
        this.#rejected(e)
        return
      case 'committed':
        this.#phases.set(endName(e.at), e.view.phase)
        return
      case 'memory':
        this.#reached('rounds kept', e.retained)
        return
      case 'ended':
        if (e.at.side === 'server') this.#open--
        this.#ids.delete(endName(e.at))
        return
      default:
        return
    }
  }

  #accepted(e: Extract<Event, { on: 'accepted' }>): void {
    this.#reached('round', e.header.round)
    this.#reached('client id', e.header.id)
    this.#reached('frames accepted of one chunk', this.#count('chunk'))
    if (e.at.side !== 'server') return
    if (e.header.opcode === OP.DATA) this.#reached('rounds of a session', this.#count(`rounds ${endName(e.at)}`))
    if (e.header.opcode !== OP.HELLO) return
    this.#reached('HELLOs counted', this.#hellos++)
    this.#ids.set(endName(e.at), e.header.id)
    this.#reached('sessions of a client at once', [...this.#ids.values()].filter((id) => id === e.header.id).length)
  }

  #rejected({ at, frame, header, reason }: Extract<Event, { on: 'rejected' }>): void {
    if (frame === null || header === null) return
    if (reason === 'superseded') {
      const id = this.#ids.get(endName(at))
      const rivals = [...this.#ids].flatMap(([end, other]) =>
        other === id ? [this.#tally.get(`rounds ${end}`) ?? 0] : [],
      )
      this.#reached('rounds of a session before an older one is refused', Math.max(0, ...rivals))
    }
    const action = this.#step?.action
    if (reason !== 'bad-tag' || action === undefined) return
    const { side } = at
    this.#reached(`altered frame to a ${side}, round`, header.round)
    this.#reached(`altered frame to a ${side}, client id`, header.id)
    this.#altered(`${kindOf(header.opcode)} to a ${side}`)
    for (const bits of [8, 16, 24])
      for (const byte of [0, 255])
        if (header.round >= 2 ** bits - 1 && header.round % 2 ** bits === (byte === 0 ? 0 : 2 ** bits - 1))
          this.#altered(`to a ${side}, lowest ${bits} bits of the round all ${byte}`)
    if (action.do === 'continue') this.#altered('cut between actions')
    if (action.do !== 'deliver' || action.edit === undefined) return
    this.#altered((action.cuts ?? []).length > 0 ? 'cut within an action' : 'whole')
    if ('at' in action.edit) this.#altered(`in its ${action.edit.at}`)
  }

  /** The length of an altered frame that was rejected for its tag, in bytes. */
  alteredLength(bytes: number): void {
    this.#reached('altered frame, bytes', bytes)
  }

  #count(what: string): number {
    const n = (this.#tally.get(what) ?? 0) + 1
    this.#tally.set(what, n)
    return n
  }

  #reached(quantity: Quantity, value: number): void {
    if (value >= 1) this.#hit(cell(quantity, Math.floor(Math.log2(value))))
  }

  #altered(what: string): void {
    this.#hit(`altered frame: ${what}`)
  }

  #hit(name: string): void {
    if (KNOWN.has(name)) this.counts[name] = (this.counts[name] ?? 0) + 1
  }
}
