/** For the tests of the reference parties: clients and a server in one place, every frame passed on by hand. */
import { expect } from 'vitest'
import type { Body, EndedBy, Reason } from '../events.ts'
import { LIMITS, type LimitName, type Mode } from '../language.ts'
import { toHex } from './bytes.ts'
import { Client } from './client.ts'
import { parseHeader, prefixed } from './frame.ts'
import { judge } from './judging.ts'
import { afterRequest, type Environment, initialPosition, type Position } from './position.ts'
import { sha256 } from './primitives.ts'
import { type Connection, Server } from './server.ts'

const KEYRING = new Map([1, 2, 255].map((id) => [id, sha256(Uint8Array.of(id))]))

/** One end of a connection: what it sent, and what it said of itself. */
export interface End extends Environment {
  readonly sent: Uint8Array[]
  readonly said: (Reason | EndedBy | 'accepted')[]
  draws: number
  fails: boolean
}

let ends = 0
function end(): End {
  const name = ends++
  const it: End = {
    sent: [],
    said: [],
    draws: 0,
    fails: false,
    send: (frame) => {
      if (!it.fails) it.sent.push(frame)
      return !it.fails
    },
    random: (bytes) => sha256(Uint8Array.of(name >> 8, name & 255, it.draws++)).subarray(0, bytes),
    accepted: () => it.said.push('accepted'),
    rejected: (_, reason) => it.said.push(reason),
    ended: (by) => it.said.push(by),
  }
  return it
}

/** A client run and its connection. */
export interface Conversation {
  readonly near: End
  readonly run: Client
  readonly far: End
  readonly line: Connection
}

/** A server and everything to talk to it by hand. */
export function world(mode: Mode = 'bound', limits: Partial<Record<LimitName, number>> = {}) {
  const all = { ...LIMITS, ...limits }
  const server = new Server({ mode, keyring: KEYRING, limits: all, challenge: 'fresh' })
  const accept = (now = 0) => {
    const far = end()
    return { far, line: server.accept(far, now) }
  }
  const client = (id: number, now = 0) => {
    const near = end()
    return { near, run: Client.start(initialPosition(mode, id, KEYRING.get(id)!), all, near, now) }
  }
  /** The newest frame of one end goes to the other. */
  const toServer = (near: End, line: Connection, now = 0) => server.receive(line, prefixed(near.sent.at(-1)!), now)
  const toClient = (far: End, run: Client, now = 0) => run.receive(prefixed(far.sent.at(-1)!), now)
  const connect = (id: number, now = 0): Conversation => {
    const session = { ...client(id, now), ...accept(now) }
    toServer(session.near, session.line, now)
    toClient(session.far, session.run, now)
    return session
  }
  const submit = (s: Conversation, values: readonly number[], now = 0) => {
    expect(s.run.submit(values, now)).toBe(true)
    toServer(s.near, s.line, now)
  }
  /** One whole round; what the server answered. */
  const exchange = (s: Conversation, values: readonly number[], now = 0): Body => {
    const before = s.line.session!.position
    submit(s, values, now)
    toClient(s.far, s.run, now)
    expect(s.line.view?.keys?.map(toHex)).toEqual(s.run.view.keys?.map(toHex))
    return opened(afterRequest(before, s.near.sent.at(-1)!), s.far.sent.at(-1)!)
  }
  return { server, accept, client, connect, submit, exchange, toServer, toClient }
}

/** What a client at this position makes of a frame. */
export function opened(at: Position, frame: Uint8Array): Body {
  const judgement = judge(frame, 'client', at)
  if (judgement.kind === 'bad') throw new Error(judgement.reason)
  return judgement.body
}

export const opcodes = (e: End): number[] => e.sent.map((f) => parseHeader(f)!.opcode)
