/** What can be judged without keys: lengths, reactions, and what is sent twice. */
import type { Dialect } from '../../../spec/dialects/dialect.ts'
import type { Reassembler } from '../../../spec/dialects/stream.ts'
import { isControl, OP, opcodeName } from '../../../spec/opcodes.ts'
import { OVERHEAD } from '../../../spec/reference/frame.ts'
import { BLOCK } from '../../../spec/reference/primitives.ts'
import type { Chunk } from '../../harness/capture/streams.ts'
import { ownHeader } from '../../harness/world/foreign.ts'
import type { Trouble } from './judge.ts'
import { cutOf, type Frame, frameName, whatOf } from './ledger.ts'
import { MADE, Seen } from './seen.ts'
import type { Bench, Tally } from './source.ts'
import type { Finding, Named } from './telling.ts'

const CONTROL_BYTES = 71 // PROTOCOL §6

/** As they are called where there are no invariants. */
export const WITHOUT_KEYS = {
  lengths: 'a server sends frames of lengths that PROTOCOL §2 knows',
  reactions: 'a refusal is one control frame of 71 bytes, and the last one',
  repeats: 'no frame is answered as if it were accepted twice',
  IVs: 'no two frames of a server, and no two answered ones of clients, have one IV',
} as const
type Id = keyof typeof WITHOUT_KEYS

interface Line {
  readonly cut: Readonly<Record<Chunk['from'], Reassembler>>
  readonly whole: boolean
  readonly asked: Frame[]
  refused: Frame | null
  lost: boolean
}

interface KeylessOptions {
  readonly dialect: Dialect
  readonly own: boolean
  readonly remembered?: number
  readonly found: (f: Finding) => void
  readonly trouble: (t: Trouble) => void
}

export class Keyless implements Bench {
  packet = 0
  now = 0
  frames = 0
  copies = 0
  /** How often each was put to the test. */
  readonly hits: Record<Id, number> = { lengths: 0, reactions: 0, repeats: 0, IVs: 0 }
  readonly #o: KeylessOptions
  readonly #seen: Seen
  readonly #lines = new Map<number, Line>()

  constructor(o: KeylessOptions) {
    this.#o = o
    this.#seen = new Seen(o.remembered)
  }

  opened(conn: number, _client: unknown, _server: unknown, whole: boolean): void {
    this.#lines.set(conn, { cut: cutOf(this.#o.dialect), whole, asked: [], refused: null, lost: false })
    if (!whole) this.#lose(conn, 'the capture begins in the middle of it')
  }

  bytes(conn: number, from: Chunk['from'], bytes: Uint8Array): void {
    const line = this.#lines.get(conn)
    if (line === undefined || line.lost) return
    for (const piece of line.cut[from].push(bytes)) {
      const n = this.frames++
      if (piece.kind !== 'frame') {
        if (from === 'server') this.#lose(conn, 'the server sends what is no frame')
        continue
      }
      const header = ownHeader(this.#o.dialect, piece.frame)
      const known = this.#seen.find(piece.frame)
      const sameIv = known < 0 ? this.#seen.sameIv() : -1
      const copy = known >= 0
      if (copy) this.copies++
      const index = copy ? known : this.#seen.add(n, this.packet, conn, header)
      const name = frameName(n)
      const f: Frame = { n, conn, packet: this.packet, at: this.now, name, index, bytes: piece.frame, header, copy }
      if (from === 'client') line.asked.push(f)
      else this.#answers(line, f, sameIv)
    }
  }

  missing(conn: number, from: Chunk['from'], why: string): void {
    this.#lose(conn, `${why}, of the ${from}`)
  }

  ended(): void {}

  closed(conn: number): void {
    this.#lines.delete(conn)
  }

  end(): void {
    this.#lines.clear()
  }

  look(): void {}

  tally(): Tally {
    const { frames, copies } = this
    return { frames, followed: 0, copies, forgotten: this.#seen.forgotten, hits: Object.entries(this.hits) }
  }

  #answers(line: Line, f: Frame, sameIv: number): void {
    const asked = line.asked.shift()
    if (f.copy) return // passed on
    const { own } = this.#o
    const opcode = f.header?.opcode ?? 0
    this.#judge(
      'lengths',
      f.bytes.length < OVERHEAD || (f.bytes.length - OVERHEAD) % BLOCK !== 0,
      [f],
      `it has ${f.bytes.length} bytes`,
    )
    this.#judge('IVs', sameIv >= 0, [f], 'it has the IV of another frame', sameIv)
    this.#seen.set(f.index, 'made', MADE.server)
    if (own && (isControl(opcode) || line.refused !== null)) {
      const last = line.refused
      this.#judge(
        'reactions',
        last !== null,
        [...(last === null ? [] : [last]), f],
        'the server sends on after its refusal',
      )
      if (last === null)
        this.#judge('reactions', f.bytes.length !== CONTROL_BYTES, [f], `a refusal of ${f.bytes.length} bytes`)
      line.refused ??= f
    }
    if (asked === undefined || asked.index < 0 || (opcode !== OP.CHALLENGE && opcode !== OP.RESPONSE)) return
    if (asked.header?.opcode !== OP.DATA) return
    const before = this.#seen.get(asked.index, 'accepted')
    this.#judge('repeats', before > 0, [asked, f], 'it was answered before', asked.index)
    this.#seen.set(asked.index, 'accepted', Math.min(255, before + 1))
    this.#seen.set(asked.index, 'made', MADE.client)
  }

  #judge(id: Id, broken: boolean, about: readonly Frame[], why: string, earlier = -1): void {
    this.hits[id]++
    if (!broken) return
    const first = earlier < 0 ? [] : [this.#firstSeen(earlier)]
    this.#o.found({ invariant: id, why: `${WITHOUT_KEYS[id]}: ${why}`, frames: [...first, ...about.map(named)] })
  }

  #firstSeen(index: number): Named {
    const seen = this.#seen
    const what = `${opcodeName(seen.get(index, 'opcode'))} of round ${seen.get(index, 'round') >>> 0}, client ${seen.get(index, 'id')}`
    return { n: seen.get(index, 'n'), packet: seen.get(index, 'packet'), conn: seen.get(index, 'conn'), what }
  }

  #lose(conn: number, why: string): void {
    const line = this.#lines.get(conn)
    if (line === undefined || line.lost) return
    line.lost = true
    this.#o.trouble({ conn, ends: '', packet: this.packet, why, frame: null })
  }
}

const named = ({ n, packet, conn, header }: Frame): Named => ({ n, packet, conn, what: whatOf(header) })
