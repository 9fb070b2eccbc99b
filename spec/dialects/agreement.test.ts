/**
 * The parties of a dialect, the follower and the reference, told apart by nothing: the same conversations in `bound` and
 * `literal` give the same frames, keys and reasons. Sessions that supersede or displace others are the reference's alone.
 */
import { describe, expect, it } from 'vitest'
import type { EndedBy, Reason } from '../events.ts'
import { LIMITS, type Mode, type Side } from '../language.ts'
import { MAX_ROUND } from '../opcodes.ts'
import { ascii, concat, fromHex, toHex, u32 } from '../reference/bytes.ts'
import { Client } from '../reference/client.ts'
import { encodeHeader, parseFrame, prefixed } from '../reference/frame.ts'
import { type Environment, initialPosition } from '../reference/position.ts'
import { Server } from '../reference/server.ts'
import { DialectClient } from './client.ts'
import { PROTOCOL } from './dialect.ts'
import { type Follower, Followers } from './follower.ts'
import { DialectServer } from './server.ts'

const MODES = ['bound', 'literal'] as const
const KEYRING = new Map([1, 2, 255].map((id) => [id, ascii(`master key number ${id}`)]))

interface End {
  readonly env: Environment
  readonly sent: string[] // hex
  readonly said: (Reason | EndedBy | 'accepted')[]
}

/** Both implementations behind one interface: what an endpoint is told, and the keys it has. */
interface Endpoint {
  receive(bytes: Uint8Array): void
  keys(): readonly string[] | null
  round(): number
  submit?(values: readonly number[]): boolean
  finish?(): void
}
interface Implementation {
  server(mode: Mode): (env: Environment) => Endpoint
  client(mode: Mode, id: number, env: Environment): Endpoint
}

const hex = (keys: readonly Uint8Array[] | null | undefined): readonly string[] | null => keys?.map(toHex) ?? null

const REFERENCE: Implementation = {
  server(mode) {
    const server = new Server({ mode, keyring: KEYRING, limits: LIMITS, challenge: 'fresh' })
    return (env) => {
      const c = server.accept(env, 0)
      return {
        receive: (bytes) => server.receive(c, bytes, 0),
        keys: () => hex(c.view?.keys),
        round: () => c.view?.round ?? 0,
      }
    }
  },
  client(mode, id, env) {
    const client = Client.start(initialPosition(mode, id, KEYRING.get(id)!), LIMITS, env, 0)
    return {
      receive: (bytes) => client.receive(bytes, 0),
      keys: () => hex(client.view.keys),
      round: () => client.view.round,
      submit: (values) => client.submit(values, 0),
      finish: () => client.finish(),
    }
  },
}

/** Its parties keep no state that an ended session has: keys are compared while it lives. */
const DIALECT: Implementation = {
  server(mode) {
    const server = new DialectServer({ followers: new Followers(PROTOCOL[mode]), keyring: KEYRING, expects: 1 })
    return (env) => {
      const line = server.accept(env)
      return {
        receive: (bytes) => server.receive(line, bytes, 0),
        keys: () => hex(line.position?.keys),
        round: () => line.position?.round ?? 0,
      }
    }
  },
  client(mode, id, env) {
    const client = new DialectClient(new Followers(PROTOCOL[mode]), id, KEYRING.get(id)!, env)
    return {
      receive: (bytes) => client.receive(bytes),
      keys: () => hex(client.position.keys),
      round: () => client.position.round,
      submit: (values) => client.submit(values),
      finish: () => client.finish(),
    }
  },
}

/** A server and its clients; an end's random bytes follow from its name. */
class Talk {
  readonly ends = new Map<string, End>()
  readonly steps: unknown[] = []
  readonly #mode: Mode
  readonly #implementation: Implementation
  readonly #accept: (env: Environment) => Endpoint
  readonly #endpoints = new Map<string, Endpoint>()

  constructor(implementation: Implementation, mode: Mode) {
    this.#mode = mode
    this.#implementation = implementation
    this.#accept = implementation.server(mode)
  }

  #end(name: string): End {
    let draws = 0
    const said: End['said'] = []
    const sent: string[] = []
    const env: Environment = {
      send: (frame) => sent.push(toHex(frame)) > 0,
      random: (bytes) => concat(ascii(name.padEnd(12)), u32(draws++)).subarray(0, bytes),
      accepted: () => said.push('accepted'),
      rejected: (_, reason) => said.push(reason),
      ended: (by) => said.push(by),
    }
    this.ends.set(name, { env, sent, said })
    return { env, sent, said }
  }

  at(side: Side, id: number): Endpoint {
    return this.#endpoints.get(`${side} ${id}`)!
  }
  newest(side: Side, id: number): Uint8Array {
    return fromHex(this.ends.get(`${side} ${id}`)!.sent.at(-1)!)
  }
  start(id: number): void {
    this.#endpoints.set(`server ${id}`, this.#accept(this.#end(`server ${id}`).env))
    const name = `client ${id}`
    this.#endpoints.set(name, this.#implementation.client(this.#mode, id, this.#end(name).env))
  }
  /** Bytes of the stream; what they led to is noted. */
  give(side: Side, id: number, bytes: Uint8Array): void {
    const it = this.at(side, id)
    const { said } = this.ends.get(`${side} ${id}`)!
    const before = said.length
    it.receive(bytes)
    const lives = said.length === before + 1
    this.steps.push({ side, id, said: said.slice(before), ...(lives ? { keys: it.keys(), round: it.round() } : {}) })
  }
  pass(to: Side, id: number): void {
    this.give(to, id, prefixed(this.newest(to === 'server' ? 'client' : 'server', id)))
  }
  connect(id: number): void {
    this.start(id)
    this.pass('server', id)
    this.pass('client', id)
  }
  exchange(id: number, values: readonly number[]): void {
    expect(this.at('client', id).submit?.(values)).toBe(true)
    this.pass('server', id)
    this.pass('client', id)
  }
  /** Everything that can be told from outside. */
  get record() {
    return { steps: this.steps, ends: [...this.ends].map(([name, { sent, said }]) => ({ name, sent, said })) }
  }
}

const both = (mode: Mode, act: (talk: Talk) => void) =>
  [REFERENCE, DIALECT].map((implementation) => {
    const talk = new Talk(implementation, mode)
    act(talk)
    return talk
  }) as [Talk, Talk]

/** Follows one session of a conversation of the reference, which must have got as far. */
function following(mode: Mode, id: number, talk: Talk): Follower {
  const start = new Followers(PROTOCOL[mode]).start(id, KEYRING.get(id)!)
  const [sent, answers] = [talk.ends.get(`client ${id}`)!.sent, talk.ends.get(`server ${id}`)!.sent]
  return sent.reduce((at, frame, i) => {
    const asked = at.after(fromHex(frame))
    const answer = answers[i]
    return answer === undefined ? asked : asked.after(fromHex(answer))
  }, start)
}

describe.each(MODES)('%s', (mode) => {
  it('several clients, several rounds, exact sums, both ways to leave', () => {
    const [reference, dialect] = both(mode, (t) => {
      t.connect(1)
      t.exchange(1, [10, 20])
      t.connect(2)
      t.exchange(2, [30, 40])
      for (let n = 0; n < 5; n++) t.exchange(1, [1e300, -1e300, 0.1 * n])
      t.exchange(2, [1e15, 0.1, -1e15])
      t.connect(255)
      t.exchange(255, [-0])
      for (const refused of [[], Array(512).fill(1), [Number.NaN]]) {
        expect(t.at('client', 255).submit?.(refused)).toBe(false)
      }
      t.at('client', 1).finish?.()
      t.pass('server', 1)
      t.at('client', 2).submit?.([1])
      t.at('client', 2).finish?.() // a request is outstanding: no TERMINATE
    })
    expect(dialect.record).toEqual(reference.record)
    expect(reference.record.steps.length).toBeGreaterThan(20)
  })

  it('the follower has the keys of both ends after every step', () => {
    const talk = new Talk(REFERENCE, mode)
    talk.connect(1)
    for (let n = 0; n < 4; n++) {
      const at = following(mode, 1, talk)
      expect(hex(at.keys)).toEqual(talk.at('client', 1).keys())
      expect(hex(at.keys)).toEqual(talk.at('server', 1).keys())
      expect(at.round).toBe(talk.at('client', 1).round())
      talk.exchange(1, [n, 0.5])
    }
    expect(following(mode, 1, talk).round).toBe(5)
  })

  /** Whom an altered frame reaches, whether the newest frame for it is still on its way, and how it came to that. */
  const waiting = (t: Talk): void => {
    t.connect(1)
    t.exchange(1, [1])
    t.at('client', 1).submit?.([2])
  }
  const MOMENTS: readonly (readonly [string, Side, boolean, (t: Talk) => void])[] = [
    ['a server before the HELLO', 'server', true, (t) => t.start(1)],
    [
      'a client before the CHALLENGE',
      'client',
      true,
      (t) => {
        t.start(1)
        t.pass('server', 1)
      },
    ],
    ['a server with a DATA to come', 'server', true, waiting],
    [
      'a client with a response to come',
      'client',
      true,
      (t) => {
        waiting(t)
        t.pass('server', 1)
      },
    ],
    ['an idle client', 'client', false, (t) => t.connect(1)],
    ['an idle server', 'server', false, (t) => t.connect(1)],
  ]

  it.each(MOMENTS)('every altered frame at %s', { timeout: 60_000 }, (name, side, pending, begin) => {
    const reached = new Set<string>()
    const first = new Talk(REFERENCE, mode)
    begin(first)
    const { sent } = first.ends.get(`${side === 'server' ? 'client' : 'server'} 1`)!
    const genuine = fromHex(sent.at(-1)!)
    if (pending) sent.pop() // whoever seals is where the receiver is
    const at = following(mode, 1, first)
    for (const bytes of [prefixed(genuine), ...alterations(genuine, side, at)]) {
      const [reference, dialect] = both(mode, (t) => {
        begin(t)
        t.give(side, 1, bytes)
      })
      expect(dialect.record, toHex(bytes)).toEqual(reference.record)
      for (const said of reference.ends.get(`${side} 1`)!.said) reached.add(said)
    }
    const reasons = ['malformed', 'unknown-opcode', 'wrong-client', 'wrong-direction', 'future-round', 'out-of-phase']
    reasons.push('bad-tag', 'bad-padding', 'bad-payload', ...(name.includes('before') ? [] : ['stale-round']))
    expect([...reached]).toEqual(expect.arrayContaining(reasons))
  })
})

/** Stream bytes: every header byte, lengths, tag, and everything that can be wrong under a valid tag. */
function alterations(genuine: Uint8Array, side: Side, at: Follower): Uint8Array[] {
  const { header } = parseFrame(genuine)!
  const changed = (n: number, xor: number): Uint8Array => genuine.with(n, genuine.at(n)! ^ xor)
  const wires = [0, 1, 2, 5, 6, 7, 30, -1, -32].flatMap((n) => [3, 128].map((xor) => changed(n, xor)))
  const opcodes = [0, 10, 20, 30, 40, 50, 51, 60, 61, 255]
  for (const opcode of opcodes) wires.push(concat(encodeHeader({ ...header, opcode }), genuine.subarray(7)))
  wires.push(genuine.subarray(1), concat(genuine, Uint8Array.of(0)), concat(genuine, genuine))
  const direction = side === 'server' ? 'c2s' : 's2c'
  const of = { id: 1, round: at.round, direction: at.dialect.directions[direction] }
  const iv = ascii('forged initial v').subarray(0, 16)
  const plaintexts = [
    '',
    '00',
    '01',
    'ff',
    '0000',
    '00013ff0000000000000',
    '00017ff8000000000000',
    '00'.repeat(21),
  ].map(fromHex)
  plaintexts.push(concat(Uint8Array.of(0), new Uint8Array(8), u32(1), new Uint8Array(8)), new Uint8Array(256).fill(65))
  wires.push(at.seal(direction, { ...of, opcode: 255 }, Uint8Array.of(0), iv))
  for (const opcode of [10, 20, 30, 40, 50, 60]) {
    for (const plaintext of plaintexts) wires.push(at.seal(direction, { ...of, opcode }, plaintext, iv))
    for (const pad of ['00', '11', '0303', '0102']) {
      wires.push(at.seal(direction, { ...of, opcode }, new Uint8Array(16 - pad.length / 2), iv, fromHex(pad)))
    }
    const control = at.seal(direction, { ...of, opcode }, Uint8Array.of(0), iv)
    wires.push(control.with(-1, control.at(-1)! ^ 1))
    wires.push(at.seal(direction, { ...of, opcode, round: MAX_ROUND }, Uint8Array.of(0), iv))
    if (at.round > 0) wires.push(at.seal(direction, { ...of, opcode, round: at.round - 1 }, Uint8Array.of(0), iv))
  }
  return [...wires.map((wire) => prefixed(wire)), fromHex('00000046'), fromHex('ffffffff'), concat(u32(4_168), genuine)]
}
