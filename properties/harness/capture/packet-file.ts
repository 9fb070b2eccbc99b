/**
 * Capture files: pcapng (draft-ietf-opsawg-pcapng), and classic pcap as tcpdump writes it, read as they come, in memory that
 * does not grow; pcapng written, with one section, one interface and enhanced packet blocks.
 */
import { concat, EMPTY, viewOf } from '../../../spec/reference/bytes.ts'
import type { Parsed } from '../schedules/schedule-file.ts'

const SECTION = 0x0a0d0d0a
const INTERFACE = 1
const SIMPLE_PACKET = 3
const ENHANCED_PACKET = 6
const BYTE_ORDER = 0x1a2b3c4d
const OTHER_ORDER = 0x4d3c2b1a
const ETHERNET = 1 // LINKTYPE_ETHERNET

const COMMENT = 1
const IF_NAME = 2
const SHB_USERAPPL = 4
const END_OF_OPTIONS = 0

const LEAST_BLOCK = 12 // type, length, length again

const words = (...all: readonly number[]): Uint8Array => {
  const view = new DataView(new ArrayBuffer(4 * all.length))
  for (const [i, word] of all.entries()) view.setUint32(4 * i, word, true)
  return new Uint8Array(view.buffer)
}

/** To a multiple of 4 bytes. */
const padded = (bytes: Uint8Array): Uint8Array => concat(bytes, new Uint8Array((4 - (bytes.length % 4)) % 4))

const option = (code: number, text: string): Uint8Array => {
  const bytes = new TextEncoder().encode(text)
  return concat(words((bytes.length << 16) | code), padded(bytes))
}

const options = (...all: readonly Uint8Array[]): Uint8Array => concat(...all, words(END_OF_OPTIONS))

const block = (type: number, body: Uint8Array): Uint8Array => {
  const length = LEAST_BLOCK + body.length
  return concat(words(type, length), body, words(length))
}

/** What a file begins with: section header and the description of one Ethernet interface. */
export const pcapngStart = (interfaceName: string): Uint8Array =>
  concat(
    // version 1.0; the length of the section is not known
    block(SECTION, concat(words(BYTE_ORDER, 1, 0xffffffff, 0xffffffff), options(option(SHB_USERAPPL, 'gauntlet')))),
    block(INTERFACE, concat(words(ETHERNET, 0), options(option(IF_NAME, interfaceName)))),
  )

/** `at`: ms since 1970, kept to the µs. `comment` is shown beside the packet. */
export const pcapngPacket = (at: number, packet: Uint8Array, comment: string | null): Uint8Array => {
  const micros = Math.round(at * 1_000)
  const head = words(0, Math.floor(micros / 2 ** 32), micros % 2 ** 32, packet.length, packet.length)
  const beside = comment === null ? new Uint8Array(0) : options(option(COMMENT, comment))
  return block(ENHANCED_PACKET, concat(head, padded(packet), beside))
}

export interface Packet {
  readonly link: number // LINKTYPE of its interface
  readonly at: number // ms since 1970; 0 where nothing says
  readonly bytes: Uint8Array // as far as they were captured
}

/** It is no capture, or is damaged from a byte on. */
export class BadCapture extends Error {}

const MOST_BLOCK = 16 << 20

/** Bytes that the body of a block has at least: before its options, or before the packet. */
const LEAST_BODY: ReadonlyMap<number, readonly [bytes: number, what: string]> = new Map([
  [INTERFACE, [8, 'an interface description']],
  [SIMPLE_PACKET, [4, 'a packet block']],
  [ENHANCED_PACKET, [20, 'a packet block']],
])

/** The first word of a classic file, read big-endian: whether its numbers are little-endian, and a fraction of a second. */
const CLASSIC: ReadonlyMap<number, readonly [little: boolean, perSecond: number]> = new Map([
  [0xa1b2c3d4, [false, 1e6]],
  [0xd4c3b2a1, [true, 1e6]],
  [0xa1b23c4d, [false, 1e9]],
  [0x4d3cb2a1, [true, 1e9]],
])
const CLASSIC_HEADER = 24
const CLASSIC_PACKET = 16

interface Interface {
  readonly link: number
  readonly perSecond: number
}

export class PacketFile {
  readonly #name: string
  readonly #take: (p: Packet) => void
  #rest: Uint8Array = EMPTY
  #at = 0 // of the rest, in the file
  #little = true
  #interfaces: Interface[] = []
  #classic: Interface | null = null

  /** `name` is for complaints. `take` gets the packets in order; their bytes are views of what was pushed. */
  constructor(name: string, take: (p: Packet) => void) {
    this.#name = name
    this.#take = take
  }

  /** Bytes after the last whole block: a recorder that was killed leaves some. */
  get left(): number {
    return this.#rest.length
  }

  /** The next bytes of the file. Throws a BadCapture. */
  push(chunk: Uint8Array): void {
    const bytes = this.#rest.length === 0 ? chunk : concat(this.#rest, chunk)
    const view = viewOf(bytes)
    let at = 0
    for (;;) {
      const length = this.#next(view, at, bytes.length - at)
      if (length === null) break
      this.#block(bytes, view, at, length)
      at += length
    }
    this.#rest = bytes.slice(at) // the memory of a piece is used again
    this.#at += at
  }

  #bad(at: number, expected: string, got: string): never {
    throw new BadCapture(`${this.#name}: byte ${this.#at + at}: expected ${expected}, got ${got}`)
  }

  /** The length of what comes next; null: it has not come whole. */
  #next(view: DataView, at: number, room: number): number | null {
    const first = this.#at + at === 0
    if (first && room >= 4 && CLASSIC.has(view.getUint32(at))) return room < CLASSIC_HEADER ? null : CLASSIC_HEADER
    if (this.#classic !== null) {
      if (room < CLASSIC_PACKET) return null
      const length = CLASSIC_PACKET + view.getUint32(at + 8, this.#little)
      if (length > MOST_BLOCK) this.#bad(at + 8, `at most ${MOST_BLOCK} bytes of packet`, String(length))
      return length > room ? null : length
    }
    if (room < LEAST_BLOCK) return null
    if (view.getUint32(at, true) === SECTION) {
      const order = view.getUint32(at + 8, true)
      if (order !== BYTE_ORDER && order !== OTHER_ORDER) this.#bad(at + 8, 'a byte-order magic', hex(order))
      this.#little = order === BYTE_ORDER
    } else if (first) this.#bad(at, 'a capture: pcapng (0a0d0d0a) or pcap (a1b2c3d4)', hex(view.getUint32(at)))
    const length = view.getUint32(at + 4, this.#little)
    if (length < LEAST_BLOCK || length % 4 !== 0 || length > MOST_BLOCK)
      this.#bad(at + 4, `a block length of 12..${MOST_BLOCK}, a multiple of 4`, String(length))
    return length > room ? null : length
  }

  #block(bytes: Uint8Array, view: DataView, at: number, length: number): void {
    const little = this.#little
    if (this.#classic !== null) {
      const { link, perSecond } = this.#classic
      const ms = view.getUint32(at, little) * 1e3 + view.getUint32(at + 4, little) / (perSecond / 1e3)
      this.#take({ link, at: ms, bytes: bytes.subarray(at + CLASSIC_PACKET, at + length) })
      return
    }
    const classic = this.#at + at === 0 ? CLASSIC.get(view.getUint32(at)) : undefined
    if (classic !== undefined) {
      this.#little = classic[0]
      this.#classic = { link: view.getUint32(at + 20, this.#little) & 0xffff, perSecond: classic[1] }
      return
    }
    const type = view.getUint32(at, little)
    if (type === SECTION) this.#interfaces = []
    const body = at + 8
    const room = length - LEAST_BLOCK
    const [least, what] = LEAST_BODY.get(type) ?? [0, '']
    if (room < least) this.#bad(body, `${what} of ${least} bytes and more`, String(room))
    if (type === INTERFACE)
      this.#interfaces.push({
        link: view.getUint16(body, little),
        perSecond: this.#perSecond(view, body + 8, body + room),
      })
    if (type === ENHANCED_PACKET || type === SIMPLE_PACKET) {
      const enhanced = type === ENHANCED_PACKET
      const from = this.#interfaces[enhanced ? view.getUint32(body, little) : 0]
      const most = room - least
      const captured = enhanced ? view.getUint32(body + 12, little) : Math.min(view.getUint32(body, little), most)
      if (from === undefined) this.#bad(body, 'a packet of a described interface', 'another')
      if (captured > most) this.#bad(body, `at most ${most} bytes of packet`, String(captured))
      const time = enhanced ? view.getUint32(body + 4, little) * 2 ** 32 + view.getUint32(body + 8, little) : 0
      const packet = bytes.subarray(body + least, body + least + captured)
      this.#take({ link: from.link, at: time / (from.perSecond / 1e3), bytes: packet })
    }
  }

  /** Option 9 of an interface: its clock ticks 10^-n, or with the high bit 2^-n seconds; µs without. */
  #perSecond(view: DataView, from: number, end: number): number {
    for (let at = from; at + 4 <= end; ) {
      const [code, length] = [view.getUint16(at, this.#little), view.getUint16(at + 2, this.#little)]
      if (code === 9 && length >= 1 && at + 5 <= end) {
        const n = view.getUint8(at + 4)
        return n < 128 ? 10 ** n : 2 ** (n & 127)
      }
      at += 4 + length + ((4 - (length % 4)) % 4)
    }
    return 1e6
  }
}

/** Reads a whole file; `name` is for complaints. */
export const parseCapture = (name: string, file: Uint8Array): Parsed<readonly Packet[]> => {
  const packets: Packet[] = []
  const reader = new PacketFile(name, (p) => packets.push(p))
  const bad = (at: number, what: string): Parsed<never> => ({
    kind: 'bad',
    why: `${name}: byte ${at}: expected ${what}`,
  })
  try {
    reader.push(file)
  } catch (e) {
    if (e instanceof BadCapture) return { kind: 'bad', why: e.message }
    throw e
  }
  if (file.length === 0) return bad(0, 'a capture, got an empty file')
  const { left } = reader
  return left > 0 ? bad(file.length - left, `a whole block, got ${left} bytes`) : { kind: 'ok', value: packets }
}

const hex = (word: number): string => word.toString(16).padStart(8, '0')
