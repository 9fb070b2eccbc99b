/**
 * Frames as the conversations of clients: which opcode is what, which byte is which direction, when rounds advance, and
 * what cannot be used.
 */
import { type Direction, PROTOCOL } from '../../../spec/dialects/dialect.ts'
import { type Opcodes, type OpcodeWord, opcodesOf } from '../../../spec/dialects/opcodes.ts'
import type { Recorded } from '../../../spec/dialects/transcript.ts'
import { isControl, OP, opcodeName } from '../../../spec/opcodes.ts'
import { HEADER_BYTES, isAligned, parseFrame } from '../../../spec/reference/frame.ts'
import { plural, printable } from '../../harness/terminal/text.ts'
import { groupsBy } from '../groups.ts'

/** A frame at its place; `opcode` is that of PROTOCOL, `byte` that on the wire. */
export interface Heard extends Recorded {
  readonly n: number
  readonly opcode: number
  readonly byte: number
  readonly id: number
  readonly round: number
  readonly direction: Direction
  readonly iv: Uint8Array
  readonly ciphertext: Uint8Array
}

/** One client from its HELLO on. */
export interface Session {
  readonly conn: number
  readonly id: number
  readonly frames: readonly Heard[]
  readonly c2s: readonly Heard[]
  readonly s2c: readonly Heard[]
}

export interface Conversation {
  readonly opcodes: Opcodes
  /** Those that are not PROTOCOL's. */
  readonly numbers: { readonly [W in OpcodeWord]?: number }
  readonly directions: Readonly<Record<Direction, number>>
  readonly sessions: readonly Session[]
  /** What cannot be used, and why: a sentence each. */
  readonly left: readonly string[]
  /** Frames that carry no seal: a server that refuses in clear. */
  readonly clear: number
}

const directionOf = (from: Recorded['from']): Direction => (from === 'client' ? 'c2s' : 's2c')

const commonest = (all: readonly number[]): number | null => {
  const counts = new Map<number, number>()
  for (const x of all) counts.set(x, (counts.get(x) ?? 0) + 1)
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? null
}

const PLACES: readonly (readonly [OpcodeWord, Recorded['from'], number])[] = [
  ['HELLO', 'client', 0],
  ['CHALLENGE', 'server', 0],
  ['DATA', 'client', 1],
  ['RESPONSE', 'server', 1],
]

/** By their places in a connection, unless they are PROTOCOL's. */
const numbersOf = (connections: readonly (readonly Recorded[])[]): { [W in OpcodeWord]?: number } => {
  const own = Object.values(OP) as readonly number[]
  const all = connections.flat().map((f) => f.bytes[0]!)
  if (all.filter((b) => own.includes(b)).length * 2 > all.length) return {}
  const numbers: { [W in OpcodeWord]?: number } = {}
  for (const [word, from, place] of PLACES) {
    const found = commonest(connections.flatMap((c) => c.filter((f) => f.from === from)[place]?.bytes[0] ?? []))
    if (found !== null && !Object.values(numbers).includes(found)) numbers[word] = found
  }
  const taken = Object.values(numbers)
  const last = connections.flatMap((c) => c.filter((f) => f.from === 'client').at(-1)?.bytes[0] ?? [])
  const goodbye = commonest(last.filter((b) => !taken.includes(b)))
  if (goodbye !== null) numbers.TERMINATE = goodbye
  return numbers
}

/** Connections in which several clients speak, or one twice, are several. */
const parted = (frames: readonly Heard[]): readonly (readonly Heard[])[] => {
  const parts: Heard[][] = []
  const open = new Map<number, Heard[]>()
  for (const f of frames) {
    const known = open.get(f.id)
    const part = known === undefined || f.opcode === OP.HELLO ? [] : known
    if (part.length === 0) parts.push(part)
    part.push(f)
    open.set(f.id, part)
  }
  return parts
}

/** What may follow; null: nothing of an exchange. */
const NEXT: Readonly<Record<number, number>> = {
  [OP.HELLO]: OP.CHALLENGE,
  [OP.CHALLENGE]: OP.DATA,
  [OP.DATA]: OP.RESPONSE,
  [OP.RESPONSE]: OP.DATA,
}

/** How many of the frames are an exchange without a hole, and what breaks it. */
const unbroken = (frames: readonly Heard[]): { readonly length: number; readonly why: string | null } => {
  const [first] = frames
  if (first === undefined || first.opcode !== OP.HELLO)
    return { length: 0, why: `begins in the middle, with ${opcodeName(first?.opcode ?? 0)} of round ${first?.round}` }
  for (const [i, f] of frames.entries()) {
    const before = frames[i - 1]
    if (before === undefined) continue
    const exchange = f.opcode <= OP.RESPONSE && NEXT[f.opcode] !== undefined
    if (exchange && NEXT[before.opcode] !== f.opcode) {
      const broken = isControl(before.opcode) || NEXT[before.opcode] === undefined
      const what = broken ? 'after the end of its session' : 'a frame between them is missing'
      const follows = `${opcodeName(f.opcode)} of round ${f.round} follows ${opcodeName(before.opcode)} of round ${before.round}`
      return { length: i, why: `${follows}: ${what}` }
    }
  }
  return { length: frames.length, why: null }
}

const usable = (f: Recorded): boolean => {
  const frame = parseFrame(f.bytes)
  return frame !== null && isAligned(frame)
}

export const conversationOf = (recorded: readonly Recorded[]): Conversation => {
  const left: string[] = []
  const byConn = groupsBy(recorded, (f) => f.conn)
  const places = new Map(recorded.map((f, n) => [f, n]))
  const numbers = numbersOf([...byConn.values()])
  const opcodes = opcodesOf(numbers)
  const sideByte = (from: Recorded['from'], fallback: number): number =>
    commonest(recorded.filter((f) => f.from === from && usable(f)).map((f) => f.bytes[6]!)) ?? fallback
  const directions = { c2s: sideByte('client', PROTOCOL.bound.directions.c2s), s2c: sideByte('server', 2) }
  const sessions: Session[] = []
  let conns = 0
  let clear = 0
  for (const [conn, frames] of byConn) {
    const heard: Heard[] = []
    for (const [i, f] of frames.entries()) {
      const frame = parseFrame(f.bytes)
      if (frame === null || !isAligned(frame)) {
        const refusal = f.from === 'server' && heard.every((h) => h.from === 'client')
        const said = printable(Buffer.from(f.bytes.subarray(HEADER_BYTES)).toString('latin1'))
        if (refusal) clear++
        left.push(
          refusal
            ? `connection ${conn}: client ${f.bytes[1]} was refused in clear: ${JSON.stringify(said)}`
            : `connection ${conn}: ${f.from} sends ${f.bytes.length} bytes that are no sealed frame (frame ${i} of it)`,
        )
        continue
      }
      const { opcode: byte, id, round } = frame.header
      const n = places.get(f)!
      const place = { n, opcode: opcodes.ours[byte]!, byte, id, round, direction: directionOf(f.from) }
      heard.push({ ...f, ...place, iv: frame.iv, ciphertext: frame.ciphertext })
    }
    const parts = parted(heard)
    const ids = new Set(heard.map((f) => f.id))
    if (ids.size > 1) left.push(`connection ${conn} carries clients ${[...ids].join(' and ')}: taken apart by id`)
    for (const part of parts) {
      const { length, why } = unbroken(part)
      const good = part.slice(0, length)
      const rest = part.length - length
      if (why !== null)
        left.push(`connection ${conn}, client ${part[0]!.id}: ${why}; ${plural(rest, 'frame')} from there on not used`)
      if (good.length === 0) continue
      const at = conns++
      const whole = good.map((f) => ({ ...f, conn: at }))
      sessions.push({ conn: at, id: part[0]!.id, ...byDirection(whole) })
    }
  }
  return { opcodes, numbers, directions, sessions, left, clear }
}

/** Up to where the server complains, or leaves a submission unanswered: whatever it did not like may not open. */
export const undisputed = (s: Session): Session => {
  const bad = s.frames.findIndex((f) => f.direction === 's2c' && f.opcode > OP.RESPONSE)
  const frames = bad < 0 ? [...s.frames] : s.frames.slice(0, bad)
  if (bad < 0 && frames.at(-1)!.opcode === OP.TERMINATE) return s
  while (frames.length > 1 && frames.at(-1)!.direction === 'c2s') frames.pop()
  return frames.length === s.frames.length ? s : { ...s, ...byDirection(frames) }
}
const byDirection = (frames: readonly Heard[]) => ({
  frames,
  c2s: frames.filter((f) => f.direction === 'c2s'),
  s2c: frames.filter((f) => f.direction === 's2c'),
})

/** Clients that got no CHALLENGE; a sentence each. */
export const refusalsIn = (sessions: readonly Session[]): readonly string[] =>
  sessions.flatMap((s) => {
    const [first] = s.s2c
    const who = `connection ${s.conn}: client ${s.id} was refused`
    if (first !== undefined) return first.opcode === OP.CHALLENGE ? [] : [`${who}, with ${opcodeName(first.opcode)}`]
    return sessions.some((x) => x.s2c.length > 0) ? [`${who}: no CHALLENGE answers its HELLO`] : []
  })

export type Rounds =
  | {
      readonly kind: 'ok'
      readonly start: number
      readonly advances: readonly string[] | 'every' | 'active'
      readonly says: string
      readonly frames: number
    }
  | { readonly kind: 'bad'; readonly why: string }

/** What the kinds of frames are called; those that end a session last. */
export const WORDS = [
  ['HELLO', OP.HELLO],
  ['CHALLENGE', OP.CHALLENGE],
  ['DATA', OP.DATA],
  ['RESPONSE', OP.RESPONSE],
  ['KEY_DESYNC_ERROR', OP.DESYNC],
  ['TERMINATE', OP.TERMINATE],
] as const

export const roundsOf = (sessions: readonly Session[]): Rounds => {
  const bad = (why: string): Rounds => ({ kind: 'bad', why: `rounds: ${why}, which no dialect file can say` })
  const starts = [...new Set(sessions.map((s) => s.frames[0]!.round))]
  if (starts.length > 1) return bad(`sessions begin in rounds ${starts.join(' and ')}`)
  const steps = new Map<number, number>() // by opcode: what it adds
  let frames = 0
  for (const s of sessions)
    for (const [i, f] of s.frames.entries()) {
      frames++
      const next = s.frames[i + 1]
      if (next === undefined || f.opcode > OP.RESPONSE || next.opcode > OP.RESPONSE) continue
      const by = next.round - f.round
      const known = steps.get(f.opcode) ?? by
      const word = WORDS.find(([, op]) => op === f.opcode)?.[0]
      if (by !== known || (by !== 0 && by !== 1))
        return bad(`after a ${word} of round ${f.round} comes round ${next.round}`)
      steps.set(f.opcode, by)
    }
  // A recording of one round does not show what its answer does: as the CHALLENGE does.
  const last = steps.get(OP.RESPONSE) ?? steps.get(OP.CHALLENGE) ?? 0
  steps.set(OP.RESPONSE, last)
  const words = WORDS.filter(([, op]) => steps.get(op) === 1).map(([w]) => w)
  const advances = words.length === 4 ? 'every' : words.join() === 'DATA,RESPONSE' ? 'active' : words
  const says =
    typeof advances === 'string' ? (advances === 'every' ? 'every frame' : 'every frame once active') : words.join(', ')
  return { kind: 'ok', start: starts[0]!, advances, says: says === '' ? 'nothing' : says, frames }
}
