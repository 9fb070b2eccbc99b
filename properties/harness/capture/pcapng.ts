/**
 * Capture files as Wireshark opens them (draft-ietf-opsawg-pcapng), written: one section, one interface, enhanced packet
 * blocks. They are read by packet-file.ts.
 */
import { concat } from '../../../spec/reference/bytes.ts'

export const SECTION = 0x0a0d0d0a
export const INTERFACE = 1
export const SIMPLE_PACKET = 3
export const ENHANCED_PACKET = 6
export const BYTE_ORDER = 0x1a2b3c4d
export const OTHER_ORDER = 0x4d3c2b1a
const ETHERNET = 1 // LINKTYPE_ETHERNET

const COMMENT = 1
const IF_NAME = 2
const SHB_USERAPPL = 4
const END_OF_OPTIONS = 0

export const LEAST_BLOCK = 12 // type, length, length again

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
