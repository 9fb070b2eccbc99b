/**
 * Another dialect in the world of the harness. Streams there have a length before each frame, and events speak of the
 * opcodes and directions of PROTOCOL §2; frames are sealed, and their bytes are those of the dialect.
 */
import { type Dialect, PROTOCOL } from '../../../spec/dialects/dialect.ts'
import type { Follower } from '../../../spec/dialects/follower.ts'
import { headerIn } from '../../../spec/dialects/opcodes.ts'
import { writeData, writeHello } from '../../../spec/dialects/payload.ts'
import type { Header } from '../../../spec/events.ts'
import type { Edit, Schedule, Seal } from '../../../spec/language.ts'
import { OP } from '../../../spec/opcodes.ts'
import { EMPTY } from '../../../spec/reference/bytes.ts'
import { textOf, valuesOf } from '../../../spec/reference/payload.ts'
import type { System } from './system.ts'
import { fromHex } from './wire.ts'

/** The dialect as it is spoken in a world: framing and banners belong to the network outside. */
export const inWorld = (d: Dialect): Dialect => ({
  ...d,
  framing: { min: 0, max: 0xffff_ffff, ...d.framing, kind: 'u32be' },
  banners: { c2s: EMPTY, s2c: EMPTY },
})

/** What both sides speak in the world of a schedule. */
export const spokenBy = ({ dialect }: Pick<System, 'dialect'>, { mode }: Pick<Schedule, 'mode'>): Dialect =>
  dialect === undefined ? PROTOCOL[mode] : inWorld(dialect)

const [TO_SERVER, TO_CLIENT] = [1, 2] // PROTOCOL §2
const NOBODY = 255

const ownDirection = ({ directions: { c2s, s2c } }: Dialect, byte: number): number => {
  if (byte === c2s) return TO_SERVER
  if (byte === s2c) return TO_CLIENT
  return byte === TO_SERVER || byte === TO_CLIENT ? NOBODY : byte
}

const theirDirection = ({ directions: { c2s, s2c } }: Dialect, direction: number): number => {
  if (direction === TO_SERVER) return c2s
  if (direction === TO_CLIENT) return s2c
  return direction === c2s || direction === s2c ? NOBODY : direction
}

/** The header of a frame of the dialect in the numbers of PROTOCOL; null below 7 bytes. */
export const ownHeader = (d: Dialect, frame: Uint8Array): Header | null => {
  const header = headerIn(d, frame)
  const usual = d.directions.c2s === TO_SERVER && d.directions.s2c === TO_CLIENT
  return header === null || usual ? header : { ...header, direction: ownDirection(d, header.direction) }
}

const NO_HEADER: Header = { opcode: -1, id: -1, round: -1, direction: -1 }

/** The same, of what no frame is as well. */
export const headerOf = (d: Dialect, frame: Uint8Array): Header => ownHeader(d, frame) ?? NO_HEADER

/**
 * Which of these frames a server has taken that sends this answer; null: none, or nobody can tell. `before`: where its
 * session is, or would begin with the client of that id. An answer to what may pass also opens where something else
 * went before it and was passed over in silence.
 */
export const answeredBy = (
  answer: Uint8Array,
  frames: readonly (Uint8Array | null)[],
  before: (id: number) => Follower,
): number | null => {
  const fits = frames.map((frame): 'legal' | 'opens' | null => {
    if (frame === null || !frame[1]) return null
    const at = before(frame[1])
    const after = at.after(frame)
    if (!after.opens(answer, 's2c').padOk) return null
    return after === at ? 'opens' : 'legal'
  })
  if (fits.includes('legal')) return fits.indexOf('legal')
  return fits.filter((f) => f === 'opens').length === 1 ? fits.indexOf('opens') : null
}

/** A header field that is set in the numbers of PROTOCOL, in those of the dialect. */
export const theirEdit = (d: Dialect, edit: Edit): Edit => {
  if (edit.do !== 'set' || (edit.field !== 'opcode' && edit.field !== 'direction')) return edit
  const value = edit.value & 0xff
  return { ...edit, value: edit.field === 'opcode' ? d.opcodes.theirs[value]! : theirDirection(d, value) }
}

/** The direction byte and the plaintext of a frame under valid keys: what is a valid payload of PROTOCOL says the same here. */
export const theirSeal = (d: Dialect, a: Pick<Seal, 'opcode' | 'direction' | 'body'>, id: number) => {
  const body = fromHex(a.body)
  const values = a.opcode === OP.DATA && d.data !== 'counted-f64' ? valuesOf(body) : null
  const hello = a.opcode === OP.HELLO && d.hello !== 'text' && textOf(body) !== null
  const plaintext = values !== null ? writeData(d, values) : hello ? writeHello(d, id) : body
  return { direction: theirDirection(d, a.direction & 0xff), plaintext }
}
