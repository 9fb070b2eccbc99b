/** The newest frames that passed, in memory that does not grow: who sent them, and how often each was accepted. */
import { hash } from 'node:crypto'
import type { Header } from '../../../spec/events.ts'
import { HEADER_BYTES, IV_BYTES } from '../../../spec/reference/frame.ts'

/** As many as are remembered, 73 bytes each. */
export const MOST_SEEN = 1 << 21

/** By whom a frame was made, and what its payload is. */
export const MADE = { nobody: 0, client: 1, server: 2, holder: 3 } as const // holder: of the key, as no honest client would
export const HOLDS = { valid: 0, opaque: 1, sealed: 2 } as const

/** Of one frame, in numbers; frames are named by theirs in the capture, and -1 is none. */
const WORDS_OF = ['n', 'packet', 'conn', 'round', 'hello', 'challenge', 'answers', 'next', 'nextIv'] as const
const BYTES_OF = ['id', 'opcode', 'made', 'holds', 'accepted'] as const
type Word = (typeof WORDS_OF)[number]
type Byte = (typeof BYTES_OF)[number]
type Field = Word | Byte
type Link = 'next' | 'nextIv'
type Fields = Readonly<Record<Word, Int32Array> & Record<Byte, Uint8Array>>
type Heads = Readonly<Record<Link, Int32Array>>

const DIGEST = 4 // where the digest of a frame begins, after its IV
const WORDS = 6
const FIRST = 1 << 10
const MOST_OF_AN_IV = 64 // frames that are looked at: a flood of copies must not cost the square

const wordAt = (b: Uint8Array, at: number): number =>
  (b[at]! << 24) | (b[at + 1]! << 16) | (b[at + 2]! << 8) | b[at + 3]!

const fieldsOf = (room: number): Fields =>
  Object.fromEntries([
    ...WORDS_OF.map((f) => [f, new Int32Array(room)] as const),
    ...BYTES_OF.map((f) => [f, new Uint8Array(room)] as const),
  ]) as unknown as Fields
const headsOf = (room: number): Heads => ({
  next: new Int32Array(room).fill(-1),
  nextIv: new Int32Array(room).fill(-1),
})

/** Puts a frame before those of the same digest, and before those of the same IV. */
const link = (heads: Heads, fields: Fields, index: number, at: number, marks: Int32Array, from: number): void => {
  const digest = marks[from + DIGEST]! & (heads.next.length - 1)
  const iv = marks[from]! & (heads.nextIv.length - 1)
  fields.next[at] = heads.next[digest]!
  heads.next[digest] = index
  fields.nextIv[at] = heads.nextIv[iv]!
  heads.nextIv[iv] = index
}

export class Seen {
  readonly #most: number
  #room: number
  #count = 0
  #heads: Heads
  #marks: Int32Array
  #fields: Fields
  readonly #mark = new Int32Array(WORDS)

  /** `most`: a power of 2. */
  constructor(most = MOST_SEEN) {
    this.#most = most
    this.#room = Math.min(FIRST, most)
    this.#heads = headsOf(this.#room)
    this.#marks = new Int32Array(WORDS * this.#room)
    this.#fields = fieldsOf(this.#room)
  }

  /** Frames that are forgotten. */
  get forgotten(): number {
    return Math.max(0, this.#count - this.#room)
  }

  /** The index of a frame of exactly these bytes; -1: none is remembered. Indices of frames that are forgotten read as others. */
  find(frame: Uint8Array): number {
    const mark = this.#mark
    const text = hash('sha256', frame, 'binary')
    for (let i = 0; i < DIGEST; i++)
      mark[i] = frame.length < HEADER_BYTES + IV_BYTES ? 0 : wordAt(frame, HEADER_BYTES + 4 * i)
    for (let i = 0; i < WORDS - DIGEST; i++)
      mark[DIGEST + i] =
        (text.charCodeAt(4 * i) << 24) |
        (text.charCodeAt(4 * i + 1) << 16) |
        (text.charCodeAt(4 * i + 2) << 8) |
        text.charCodeAt(4 * i + 3)
    return this.#first('next')
  }

  /** The frame that `find` was asked for last, and did not find. What it answers, and in which session, is told later. */
  add(n: number, packet: number, conn: number, h: Header | null): number {
    if (this.#count >= this.#room && this.#room < this.#most) this.#grow()
    const index = this.#count++
    const at = index % this.#room
    const f = this.#fields
    this.#marks.set(this.#mark, WORDS * at)
    f.n[at] = n
    f.packet[at] = packet
    f.conn[at] = conn
    f.id[at] = h?.id ?? 0
    f.opcode[at] = h?.opcode ?? 0
    f.round[at] = h?.round ?? 0
    f.hello[at] = -1
    f.challenge[at] = -1
    f.answers[at] = -1
    f.made[at] = MADE.nobody
    f.holds[at] = HOLDS.sealed
    f.accepted[at] = 0
    link(this.#heads, f, index, at, this.#mark, 0)
    return index
  }

  /** Another frame with the IV of the one that `find` was asked for last, made by somebody; -1: none. */
  sameIv(): number {
    return this.#first('nextIv')
  }

  get(index: number, field: Field): number {
    return this.#fields[field][index % this.#room]!
  }

  set(index: number, field: Exclude<Field, Link>, value: number): void {
    this.#fields[field][index % this.#room] = value
  }

  /** The index of the frame with that number; -1: it is not remembered. */
  byNumber(n: number): number {
    let [low, high] = [this.forgotten, this.#count - 1]
    while (low <= high) {
      const middle = (low + high) >> 1
      const found = this.get(middle, 'n')
      if (found === n) return middle
      if (found < n) low = middle + 1
      else high = middle - 1
    }
    return -1
  }

  #same(at: number, from: number, to: number): boolean {
    for (let i = from; i < to; i++) if (this.#marks[WORDS * at + i] !== this.#mark[i]) return false
    return true
  }

  /** A chain goes from the newest to the oldest, and ends where they are forgotten. */
  #first(chain: Link): number {
    const digests = chain === 'next'
    const links = this.#fields[chain]
    const most = digests ? this.#room : MOST_OF_AN_IV
    const oldest = this.forgotten
    let index = this.#heads[chain][this.#mark[digests ? DIGEST : 0]! & (this.#room - 1)]!
    for (let n = 0; index >= oldest && index >= 0 && n < most; n++) {
      const at = index % this.#room
      if (this.#same(at, 0, DIGEST) && this.#same(at, DIGEST, WORDS) === digests)
        if (digests || this.#fields.made[at] !== MADE.nobody) return index
      index = links[at]!
    }
    return -1
  }

  #grow(): void {
    const room = Math.min(2 * this.#room, this.#most)
    const fields = fieldsOf(room)
    for (const field of [...WORDS_OF, ...BYTES_OF]) fields[field].set(this.#fields[field])
    const marks = new Int32Array(WORDS * room)
    marks.set(this.#marks)
    const heads = headsOf(room)
    for (let index = 0; index < this.#count; index++) link(heads, fields, index, index, marks, WORDS * index)
    this.#room = room
    this.#fields = fields
    this.#marks = marks
    this.#heads = heads
  }
}
