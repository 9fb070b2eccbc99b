/**
 * Raw bytes for a live endpoint in the middle of a genuine conversation. Every monitor judges, and the reaction is
 * compared with the model's and the reference's. A first frame with a valid tag that nobody sent is what an insider
 * made, where there are insiders (and is made again with an IV that a schedule gives).
 */
import { chunksOf } from '../../properties/harness/world/actions.ts'
import { toHex } from '../../properties/harness/world/wire.ts'
import { encIndex, macIndex } from '../../spec/dialects/keys.ts'
import { decrypt, tagVerifies } from '../../spec/dialects/sealing.ts'
import { Reassembler } from '../../spec/dialects/stream.ts'
import type { Action, End, Schedule, Seal, Side } from '../../spec/language.ts'
import { concat, same } from '../../spec/reference/bytes.ts'
import { isAligned, parseFrame } from '../../spec/reference/frame.ts'
import { aesCbcDecrypt } from '../../spec/reference/primitives.ts'
import { HEADER_WORDS, LENGTH_WORDS } from '../engine/dictionary.ts'
import { u32 } from '../engine/input.ts'
import type { Target } from '../engine/target.ts'
import { DIALECT } from './conversation.ts'
import { CHOICES, decode, encode, HEAD, liveMutators, openingAt, type Place, placeOf, settingAt } from './live-input.ts'
import { Checkpoints, realProvider } from './state/checkpoints.ts'
import { cellOfNote } from './state/facts.ts'
import { OPENINGS, SETTINGS, scheduleOf } from './state/openings.ts'

const MAX_STREAM = 2 * (4 + 4_167) // two of the longest frames

/** The whole frames up to an illegal prefix. */
const framesOf = (stream: Uint8Array): readonly Uint8Array[] =>
  new Reassembler(DIALECT.framing).push(stream).flatMap((p) => (p.kind === 'frame' ? [p.frame] : []))

/** The tag verifies where the frame is going, and nobody sent it. */
const isForged = (frame: Uint8Array, { node, direction, frames }: Place): boolean => {
  const parts = parseFrame(frame)
  // Not by the node itself, which would remember every frame.
  if (parts === null || !isAligned(parts) || !tagVerifies(DIALECT, node.key(macIndex(direction)), frame)) return false
  return !frames.some((f) => same(f, frame))
}

const sealOf = (frame: Uint8Array, { node, direction }: Place): Seal => {
  const to: End = { side: direction === 'c2s' ? 'server' : 'client', n: -1 }
  const parts = parseFrame(frame)!
  const enc = node.key(encIndex(direction))
  const { header, iv, ciphertext } = parts
  const plaintext = decrypt(enc, parts)
  const seal: Seal = {
    do: 'seal',
    power: 'I',
    as: to,
    under: node.phase === 'INIT' && direction === 'c2s' ? 'initial' : 'current',
    to,
    opcode: header.opcode,
    id: header.id,
    round: header.round - node.round,
    direction: header.direction,
    body: plaintext === null ? '' : toHex(plaintext),
  }
  // What does not unpad is all padding.
  return plaintext === null ? { ...seal, pad: toHex(aesCbcDecrypt(enc, iv, ciphertext)) } : seal
}

const live = (name: string, side: Side, modules: readonly string[]): Target => {
  const to: End = { side, n: -1 }
  const inject = (bytes: Uint8Array): Action => ({ do: 'inject', to, hex: toHex(bytes) })

  const actionsOf = (data: Uint8Array): readonly Action[] => {
    const { opening, setting, cut, stream } = decode(data)
    const place = placeOf(side, settingAt(setting), openingAt(side, opening))
    const [first] = framesOf(stream)
    if (first === undefined || !isForged(first, place)) return chunksOf(stream, [cut]).map(inject)
    // Where there is no session yet, the id in the header says whose keys it is made with.
    const owner = place.node.hello === null ? first[1]! : place.node.id
    if (!SETTINGS[settingAt(setting)]!.setup.insiders.includes(owner)) return []
    return [sealOf(first, place), inject(stream.subarray(4 + first.length))]
  }
  const scheduled = (data: Uint8Array): Schedule => {
    const { opening, setting } = decode(data)
    return scheduleOf(SETTINGS[settingAt(setting)]!, [
      ...OPENINGS[openingAt(side, opening)]!.actions,
      ...actionsOf(data),
    ])
  }

  return {
    name,
    says: `a live ${side} takes any bytes at any point of a conversation as model and reference would`,
    modules: ['src/frame.ts', 'src/checks.ts', ...modules],
    maxBytes: HEAD + MAX_STREAM,
    seeds: () =>
      Array.from({ length: CHOICES.openings * CHOICES.settings }, (_, i) => {
        const [opening, setting] = [i % CHOICES.openings, Math.floor(i / CHOICES.openings)]
        const frame = placeOf(side, settingAt(setting), openingAt(side, opening)).frames.at(-1)
        const stream = frame === undefined ? u32(70) : concat(u32(frame.length), frame)
        return encode({ opening, setting, cut: 0, stream })
      }),
    dictionary: [...HEADER_WORDS, ...LENGTH_WORDS],
    mutators: liveMutators(side),
    oracle(src, counts = null) {
      const checkpoints = new Checkpoints(src, realProvider(src), counts)
      return (data, note) => {
        const { opening, setting } = decode(data)
        checkpoints.play(settingAt(setting), openingAt(side, opening), actionsOf(data), note)
      }
    },
    cell: cellOfNote,
    feeds: side,
    cost: 10,
    schedule: scheduled,
    render(data) {
      const { opening, setting, cut, stream } = decode(data)
      const [first] = framesOf(stream)
      const { says } = SETTINGS[settingAt(setting)]!
      return [
        `${says}; ${OPENINGS[openingAt(side, opening)]!.says}`,
        `${stream.length} bytes${cut % (stream.length || 1) > 0 ? `, cut at ${cut % stream.length}` : ''}`,
        first === undefined
          ? `no whole frame ${toHex(stream.subarray(0, 64))}`
          : `frame ${toHex(first.subarray(0, 128))}`,
      ]
    },
  }
}

export const session = live('session', 'server', ['src/server.ts', 'src/server-session.ts'])
export const client = live('client', 'client', ['src/client-session.ts', 'src/client-state.ts'])
