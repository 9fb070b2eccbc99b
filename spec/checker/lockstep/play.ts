/** A schedule played on the model alone, step by step. */
import type { Body, Header } from '../../events.ts'
import { endName } from '../../events.ts'
import type { Action, Edit, End, Pick, Schedule, Seal } from '../../language.ts'
import type { Frame } from '../../model/state.ts'
import { bodyOf, bytesOf } from '../body.ts'
import { type Doings, Engine } from './engine.ts'

/** What the model may do in one step: one entry, or several for the garbage event. */
export type Step = readonly Doings[]

/**
 * What each action may lead to. Of several outcomes the first is gone on from. `ids`: whom the server knows beside the
 * clients and insiders. Throws a RangeError for what only bytes can tell: edits of the length prefix, several frames or
 * parts of one in a chunk, macros, frames by number.
 */
export const playOnModel = (s: Schedule, ids: readonly number[]): readonly Step[] => {
  const engine = new Engine(s, ids)
  return s.actions.map((a) => {
    perform(engine, s, a)
    const steps = engine.branches.map((b) => b.did)
    engine.settle(engine.branches[0]!)
    return steps
  })
}

const needsBytes = (a: Action): RangeError =>
  new RangeError(`the model plays whole frames by origin, got ${JSON.stringify(a)}`)

const perform = (engine: Engine, s: Schedule, a: Action): void => {
  switch (a.do) {
    case 'converse':
    case 'continue':
      throw needsBytes(a)
    case 'connect':
      engine.opened(
        { side: 'client', n: engine.branches[0]!.clients.ends.length },
        s.setup.clients[a.client]!,
        a.failSend,
      )
      return
    case 'deliver': {
      if (a.with !== undefined || a.upTo !== undefined) throw needsBytes(a)
      const frame = named(engine, a, a.frame)
      opening(engine, a.to)
      engine.receive(a.to, a.edit === undefined ? frame : edited(engine, a, frame, a.edit))
      return
    }
    case 'inject': {
      opening(engine, a.to)
      if (a.hex !== '') engine.receive(a.to, injected(engine, a, a.hex))
      return
    }
    case 'seal': {
      const made = sealed(engine, a)
      if (made === null) return
      opening(engine, a.to)
      engine.receive(a.to, made)
      return
    }
    case 'submit':
    case 'finish':
    case 'close':
    case 'failSend':
    case 'leak':
    case 'advance':
    case 'restart':
      engine.act(a)
      return
  }
  a satisfies never
}

const opening = (engine: Engine, to: End): void => {
  if (to.side === 'server' && to.n >= engine.branches[0]!.conns.ends.length) engine.opened(to, null)
}

const named = (engine: Engine, a: Action, p: Pick): Frame => {
  if (typeof p === 'number' || !('by' in p)) throw needsBytes(a)
  const frame = engine.sent(p.by, p.nth)
  if (frame === undefined) throw new RangeError(`${endName(p.by)} has sent no frame ${p.nth}`)
  return frame
}

/** Of the edits those whose effect does not depend on the bytes: another field, or any other bit behind the header. */
const edited = (engine: Engine, a: Action, f: Frame, e: Edit): Frame => {
  if (e.do === 'set') return e.value === f.header[e.field] ? f : engine.altered({ ...f.header, [e.field]: e.value })
  if (e.do === 'flip' && e.at !== 'length' && e.at !== 'header') return engine.altered(f.header)
  throw needsBytes(a)
}

/** One whole frame behind its prefix, or an illegal prefix (PROTOCOL §2). */
const injected = (engine: Engine, a: Action, hex: string): Frame => {
  const bytes = bytesOf(hex)
  const view = new DataView(bytes.buffer)
  const length = bytes.length < 4 ? 0 : view.getUint32(0)
  if (bytes.length >= 4 && (length < 71 || length > 4167)) return engine.altered(null)
  if (bytes.length !== 4 + length) throw needsBytes(a)
  const header = { opcode: bytes[4]!, id: bytes[5]!, round: view.getUint32(6), direction: bytes[10]! }
  return length % 16 === 7 ? engine.altered(header) : engine.malformed(header)
}

const sealed = (engine: Engine, a: Seal): Frame | null => {
  const to = engine.end(a.to)
  const header: Header = {
    opcode: a.opcode,
    id: a.id === 0 ? (engine.end(a.as)?.id ?? 0) : a.id,
    round: ((to?.facts.expected?.round ?? 0) + a.round) >>> 0,
    direction: a.direction,
  }
  const body: Body = a.pad === undefined ? bodyOf(a.opcode, a.body) : { kind: 'sealed' }
  return engine.forged(a, header, body)
}
