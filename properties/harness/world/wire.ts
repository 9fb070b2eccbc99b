/** The network of one schedule: every frame ever sent, by origin, and what the adversary can do to its bytes. */
import type { Keys } from '../../../spec/dialects/keys.ts'
import { endName, type FrameId, type KeyId } from '../../../spec/events.ts'
import type { Edit, End, FrameRef, Pick, Region, Side } from '../../../spec/language.ts'
import { textOf } from './rng.ts'

export interface WireFrame {
  readonly ref: FrameRef
  readonly bytes: Uint8Array
  readonly id: FrameId
}

/** Content -> short name, in order of first appearance: equal bytes <=> equal name. */
export class Names<T extends string> {
  readonly #prefix: string
  readonly #base: Names<T> | null
  readonly #from: number // names of the base
  readonly #byContent = new Map<string, T>()
  readonly #content: Uint8Array[] = []

  /** `base`: names that these go on from and leave as they are; nothing may be named there any more. */
  constructor(prefix: string, base: Names<T> | null = null) {
    this.#prefix = prefix
    this.#base = base
    this.#from = base === null ? 0 : base.#from + base.#content.length
  }

  of(bytes: Uint8Array): T {
    const content = textOf(bytes)
    const known = this.#find(content)
    if (known !== undefined) return known
    const name = `${this.#prefix}${this.#from + this.#content.length}` as T
    this.#byContent.set(content, name)
    this.#content.push(new Uint8Array(bytes))
    return name
  }

  bytes(name: T): Uint8Array {
    const n = Number(name.slice(this.#prefix.length))
    return n < this.#from ? this.#base!.bytes(name) : this.#content[n - this.#from]!
  }

  #find(content: string): T | undefined {
    return this.#byContent.get(content) ?? (this.#base === null ? undefined : this.#base.#find(content))
  }
}

export interface NameTable {
  readonly frames: Names<FrameId>
  readonly keys: Names<KeyId>
}
export const newNames = (base: NameTable | null = null): NameTable => ({
  frames: new Names('f', base?.frames),
  keys: new Names('k', base?.keys),
})

export class Wire {
  readonly frames: WireFrame[]
  readonly frameNames: Names<FrameId>
  readonly keyNames: Names<KeyId>
  readonly #byEnd = new Map<string, WireFrame[]>()

  /** `base`: a network that this one goes on from and leaves as it is. */
  constructor(names: NameTable, base: Wire | null = null) {
    this.frameNames = names.frames
    this.keyNames = names.keys
    this.frames = [...(base?.frames ?? [])]
    if (base !== null) for (const [end, frames] of base.#byEnd) this.#byEnd.set(end, [...frames])
  }

  add(by: End, bytes: Uint8Array): WireFrame {
    const mine = this.#byEnd.get(endName(by)) ?? []
    const id = this.frameNames.of(bytes)
    const frame = { ref: { by, nth: mine.length }, bytes: this.frameNames.bytes(id), id }
    mine.push(frame)
    this.#byEnd.set(endName(by), mine)
    this.frames.push(frame)
    return frame
  }

  /** The frame a name stands for when it is to go to `to`; numbers wrap, an origin may be missing. */
  pick(p: Pick, to: Side): WireFrame | undefined {
    if (typeof p !== 'number' && 'by' in p) return this.#byEnd.get(endName(p.by))?.[p.nth]
    const among = typeof p === 'number' ? this.frames.filter((f) => f.ref.by.side !== to) : this.frames
    return among.at(wrap(typeof p === 'number' ? p : p.any, among.length) ?? 0)
  }

  sentBy(end: End): readonly WireFrame[] {
    return this.#byEnd.get(endName(end)) ?? []
  }
}

/** n modulo what exists; null where nothing does. */
export const wrap = (n: number, count: number): number | null => (count === 0 ? null : ((n % count) + count) % count)

/** PROTOCOL §2: header 7, IV 16, ciphertext, tag 32 bytes. */
export const regionOf = (at: Region, length: number): [start: number, end: number] => {
  const tag = Math.max(23, length - 32)
  switch (at) {
    case 'header':
      return [0, 7]
    case 'iv':
      return [7, 23]
    case 'ciphertext':
      return [23, tag]
    case 'tag':
      return [tag, length]
  }
}

const setField = (out: Uint8Array, field: 'opcode' | 'id' | 'round' | 'direction', value: number): void => {
  switch (field) {
    case 'opcode':
      out[0] = value
      return
    case 'id':
      out[1] = value
      return
    case 'round':
      new DataView(out.buffer, out.byteOffset).setUint32(2, value >>> 0)
      return
    case 'direction':
      out[6] = value
      return
  }
}

export const fromHex = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'))
export const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

/** The frame as u32 length prefix and bytes, as it crosses TCP. */
export const framed = (frame: Uint8Array): Uint8Array => {
  const out = new Uint8Array(4 + frame.length)
  for (let i = 0; i < 4; i++) out[i] = frame.length >>> (24 - 8 * i)
  out.set(frame, 4)
  return out
}

/** The edited frame with its prefix. An edit that addresses nothing leaves the frame as it is. */
export const edited = (wire: Wire, frame: Uint8Array, towards: Side, edit: Edit | undefined): Uint8Array => {
  if (edit === undefined) return framed(frame)
  const out = Uint8Array.from(frame)
  switch (edit.do) {
    case 'flip': {
      const whole = framed(out)
      const [start, end] = edit.at === 'length' ? ([0, 4] as const) : regionOf(edit.at, out.length).map((x) => x + 4)
      const at = start! + wrap(edit.pos, end! - start!)!
      whole[at] = whole[at]! ^ (edit.xor & 0xff || 1)
      return whole
    }
    case 'exchange': {
      const region = out.subarray(...regionOf(edit.at, out.length))
      const [a, b] = [wrap(edit.pos, region.length), wrap(edit.and, region.length)]
      if (a !== null && b !== null) [region[a], region[b]] = [region[b]!, region[a]!]
      return framed(out)
    }
    case 'fill':
      out.fill(edit.value & 0xff, ...regionOf(edit.at, out.length))
      return framed(out)
    case 'set':
      setField(out, edit.field, edit.value)
      return framed(out)
    case 'truncate':
      return framed(out.subarray(0, ((edit.bytes % out.length) + out.length) % out.length))
    case 'extend':
      return framed(Uint8Array.from([...out, ...fromHex(edit.hex)]))
    case 'splice': {
      const other = wire.pick(edit.from, towards)?.bytes
      if (other === undefined) return framed(out)
      const [start, end] = regionOf(edit.part, out.length)
      const [from, to] = regionOf(edit.part, other.length)
      return framed(Uint8Array.from([...out.subarray(0, start), ...other.subarray(from, to), ...out.subarray(end)]))
    }
  }
}

/** The four keys of a session, in hex, lower case. */
export interface KeysHex {
  readonly c2s_enc: string
  readonly c2s_mac: string
  readonly s2c_enc: string
  readonly s2c_mac: string
}

export const keysHex = (keys: Keys): KeysHex => ({
  c2s_enc: toHex(keys[0]),
  c2s_mac: toHex(keys[1]),
  s2c_enc: toHex(keys[2]),
  s2c_mac: toHex(keys[3]),
})
