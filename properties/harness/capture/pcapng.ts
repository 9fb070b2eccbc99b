/**
 * Capture files as Wireshark writes and opens them (draft-ietf-opsawg-pcapng): one section, one interface, enhanced
 * packet blocks. Reads those of others too, in either byte order.
 */
import { concat, viewOf } from '../../../spec/reference/bytes.ts'
import type { Parsed } from '../schedule-file.ts'

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

/** Bytes that the body of a block has at least: before its options, or before the packet. */
const LEAST_BODY: ReadonlyMap<number, readonly [bytes: number, what: string]> = new Map([
  [INTERFACE, [8, 'an interface description']],
  [SIMPLE_PACKET, [4, 'a packet block']],
  [ENHANCED_PACKET, [20, 'a packet block']],
])

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
  readonly bytes: Uint8Array
}

/** Reads a file; `name` is for complaints. */
export const parsePcapng = (name: string, file: Uint8Array): Parsed<readonly Packet[]> => {
  const bad = (at: number, expected: string, got: string): Parsed<never> => ({
    kind: 'bad',
    why: `${name}: byte ${at}: expected ${expected}, got ${got}`,
  })
  const view = viewOf(file)
  const packets: Packet[] = []
  let links: number[] = []
  let little = true
  for (let at = 0; at < file.length; ) {
    if (file.length - at < LEAST_BLOCK) return bad(at, 'a whole block', `${file.length - at} bytes`)
    if (view.getUint32(at, true) === SECTION) {
      const order = view.getUint32(at + 8, true)
      if (order !== BYTE_ORDER && order !== OTHER_ORDER) return bad(at + 8, 'a byte-order magic', hex(order))
      little = order === BYTE_ORDER
      links = []
    } else if (at === 0) {
      return bad(at, 'a pcapng section header (0a0d0d0a)', hex(view.getUint32(0)))
    }
    const type = view.getUint32(at, little)
    const length = view.getUint32(at + 4, little)
    if (length < LEAST_BLOCK || length % 4 !== 0 || at + length > file.length)
      return bad(at + 4, `a block length of 12..${file.length - at}, a multiple of 4`, String(length))
    const body = at + 8
    const room = length - LEAST_BLOCK
    const [least, what] = LEAST_BODY.get(type) ?? [0, '']
    if (room < least) return bad(body, `${what} of ${least} bytes and more`, String(room))
    if (type === INTERFACE) links.push(view.getUint16(body, little))
    if (type === ENHANCED_PACKET || type === SIMPLE_PACKET) {
      const enhanced = type === ENHANCED_PACKET
      const link = links[enhanced ? view.getUint32(body, little) : 0]
      const most = room - least
      const captured = enhanced ? view.getUint32(body + 12, little) : Math.min(view.getUint32(body, little), most)
      if (link === undefined) return bad(body, 'a packet of a described interface', 'another')
      if (captured > most) return bad(body, `at most ${most} bytes of packet`, String(captured))
      packets.push({ link, bytes: file.subarray(body + least, body + least + captured) })
    }
    at += length
  }
  return file.length === 0 ? bad(0, 'a pcapng file', 'an empty one') : { kind: 'ok', value: packets }
}

const hex = (word: number): string => word.toString(16).padStart(8, '0')
