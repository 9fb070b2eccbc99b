/** TCP segments in IPv4 in Ethernet: made up for a capture file, and taken apart from one. */
import { concat, viewOf } from '../../../spec/reference/bytes.ts'
import type { Packet } from './packet-file.ts'

/** One end of a TCP connection. */
export interface Address {
  readonly ip: string
  readonly port: number
}

interface Flags {
  readonly syn?: boolean
  readonly fin?: boolean
  readonly rst?: boolean
  readonly psh?: boolean
  readonly ack?: boolean
}

export interface Segment {
  readonly from: Address
  readonly to: Address
  readonly seq: number
  readonly ack: number
  readonly flags: Flags
  readonly payload: Uint8Array
  /** Bytes at its end that were not captured. */
  readonly missing?: number
}

const BITS = { fin: 1, syn: 2, rst: 4, psh: 8, ack: 16 } as const // RFC 9293 §3.1

const ETHERTYPE_IPV4 = 0x0800
const TCP = 6
const WINDOW = 65_535
const TTL = 64
const DONT_FRAGMENT = 0x4000

const ipBytes = (ip: string): Uint8Array => Uint8Array.from(ip.split('.'), Number)

/** RFC 1071: the ones' complement of the ones' complement sum of 16-bit words. */
export const checksum = (bytes: Uint8Array): number => {
  let sum = 0
  for (let i = 0; i < bytes.length; i += 2) sum += (bytes[i]! << 8) | (bytes[i + 1] ?? 0)
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000)
  return ~sum & 0xffff
}

/** RFC 9293 §3.1: over a pseudo-header and the segment. */
const tcpChecksum = (source: Uint8Array, destination: Uint8Array, segment: Uint8Array): number => {
  const pseudo = new Uint8Array(4)
  viewOf(pseudo).setUint16(0, TCP)
  viewOf(pseudo).setUint16(2, segment.length)
  return checksum(concat(source, destination, pseudo, segment))
}

/** A whole Ethernet frame. Both addresses are IPv4. */
export const packetOf = (s: Segment): Uint8Array => {
  const [source, destination] = [ipBytes(s.from.ip), ipBytes(s.to.ip)]
  const tcp = new Uint8Array(20 + s.payload.length)
  const t = viewOf(tcp)
  t.setUint16(0, s.from.port)
  t.setUint16(2, s.to.port)
  t.setUint32(4, s.seq)
  t.setUint32(8, s.flags.ack ? s.ack : 0)
  tcp[12] = 5 << 4 // a header of 5 words
  for (const name of ['fin', 'syn', 'rst', 'psh', 'ack'] as const) if (s.flags[name]) tcp[13]! |= BITS[name]
  t.setUint16(14, WINDOW)
  tcp.set(s.payload, 20)
  t.setUint16(16, tcpChecksum(source, destination, tcp))

  const ip = new Uint8Array(20)
  const i = viewOf(ip)
  ip[0] = 0x45 // IPv4, a header of 5 words
  i.setUint16(2, ip.length + tcp.length)
  i.setUint16(6, DONT_FRAGMENT)
  ip[8] = TTL
  ip[9] = TCP
  ip.set(source, 12)
  ip.set(destination, 16)
  i.setUint16(10, checksum(ip))

  const ethernet = new Uint8Array(14)
  // locally administered addresses that tell the two ends apart
  ethernet.set([2, 0, ...destination], 0)
  ethernet.set([2, 0, ...source], 6)
  viewOf(ethernet).setUint16(12, ETHERTYPE_IPV4)
  return concat(ethernet, ip, tcp)
}

/** Bytes before the IP header, by LINKTYPE: BSD loopback, Ethernet, raw IP, OpenBSD loopback, Linux cooked v1 and v2. */
const LINK_BYTES: Readonly<Record<number, number>> = { 0: 4, 1: 14, 101: 0, 108: 4, 113: 16, 276: 20 }
const VLAN_BYTES = 4

export const readsLink = (link: number): boolean => LINK_BYTES[link] !== undefined

const v6 = (bytes: Uint8Array): string => {
  const view = viewOf(bytes)
  return Array.from({ length: 8 }, (_, i) => view.getUint16(2 * i).toString(16)).join(':')
}

const KEPT = 4_096
const names = new Map<number, string>() // of IPv4 addresses: a capture has few, and asks for them all the time
const v4 = (address: number): string => {
  let name = names.get(address)
  if (name === undefined) {
    name = [address >>> 24, (address >>> 16) & 255, (address >>> 8) & 255, address & 255].join('.')
    if (names.size >= KEPT) names.clear()
    names.set(address, name)
  }
  return name
}

/** The TCP segment of a packet, as far as it was captured; null where there is none. Checksums are not looked at. */
export const segmentOf = ({ link, bytes }: Pick<Packet, 'link' | 'bytes'>): Segment | null => {
  let at = LINK_BYTES[link] ?? Number.POSITIVE_INFINITY
  if (link === 1 && bytes.length >= 18 && bytes[12] === 0x81 && bytes[13] === 0) at += VLAN_BYTES
  const ip = bytes.subarray(Math.min(at, bytes.length))
  if (ip.length < 20) return null
  const view = viewOf(ip)
  switch (ip[0]! >> 4) {
    case 4: {
      const header = (ip[0]! & 15) * 4
      const total = view.getUint16(2) || ip.length // 0: a network card was to cut it up
      const fragmented = (view.getUint16(6) & 0x3fff) !== 0 // more follow, or not the first
      if (ip[9] !== TCP || fragmented || header < 20) return null
      return tcpOf(ip.subarray(header, total), v4(view.getUint32(12)), v4(view.getUint32(16)), total - ip.length)
    }
    case 6: {
      if (ip.length < 40 || ip[6] !== TCP) return null
      const end = view.getUint16(4) === 0 ? ip.length : 40 + view.getUint16(4)
      return tcpOf(ip.subarray(40, end), v6(ip.subarray(8, 24)), v6(ip.subarray(24, 40)), end - ip.length)
    }
    default:
      return null
  }
}

/** `missing`: bytes that its packet had and the capture has not; none where not above 0. */
const tcpOf = (tcp: Uint8Array, source: string, destination: string, missing: number): Segment | null => {
  if (tcp.length < 20) return null
  const view = viewOf(tcp)
  const header = (tcp[12]! >> 4) * 4
  if (header < 20 || header > tcp.length) return null
  const bits = tcp[13]!
  const has = (bit: number): boolean => (bits & bit) !== 0
  return {
    from: { ip: source, port: view.getUint16(0) },
    to: { ip: destination, port: view.getUint16(2) },
    seq: view.getUint32(4),
    ack: view.getUint32(8),
    flags: { syn: has(BITS.syn), fin: has(BITS.fin), rst: has(BITS.rst), psh: has(BITS.psh), ack: has(BITS.ack) },
    payload: tcp.subarray(header),
    ...(missing > 0 && { missing }),
  }
}

/** Whether IP and TCP checksums of an Ethernet frame that `packetOf` could have made are right. */
export const checksumsHold = (packet: Uint8Array): boolean => {
  const ip = packet.subarray(14, 34)
  return checksum(ip) === 0 && tcpChecksum(ip.subarray(12, 16), ip.subarray(16, 20), packet.subarray(34)) === 0
}
