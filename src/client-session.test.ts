import { describe, expect, test } from 'vitest'
import { ClientSession } from './client-session.ts'
import { nodeCrypto } from './crypto.ts'
import { MAX_ROUND, withPrefix } from './frame.ts'
import { encodeAggregate, encodeValues } from './payload.ts'
import { seal } from './primitives.ts'
import { altered, CONTROL, countingRng, hex, house, KEYRING, keysIn, type Pair, unpadded, Wire } from './testkit.ts'

const RESPONSE = encodeAggregate({ sum: 3, count: 1, average: 3 })

/** A frame to the client under the keys its session holds now, valid but for what is given. */
const forge = (
  { client, connection }: Pair,
  opcode: number,
  plaintext: Uint8Array,
  header: Partial<{ id: number; round: number; direction: number }> = {},
) => {
  const { keys, id, round } = client.state
  if (keys === null || connection.state.phase === 'TERMINATED') throw new Error('the session has ended')
  return seal(nodeCrypto, keys.s2c, countingRng(99), { opcode, id, round, direction: 2, ...header }, plaintext)
}
const greeted = () => {
  const p = house().pair(1)
  p.client.start(0)
  return p
}
const waiting = () => {
  const p = house().joined(1)
  p.client.submit([3], 0)
  p.up.log.length = 0
  return p
}

describe('a frame that fails a check ends the session, and nothing is sent', () => {
  test.each<[string, () => Pair, (p: Pair) => Uint8Array]>([
    ['malformed', waiting, () => new Uint8Array(72)],
    ['unknown-opcode', waiting, (p) => forge(p, 41, RESPONSE)],
    ['wrong-client', waiting, (p) => forge(p, 40, RESPONSE, { id: 2 })],
    ['wrong-direction', waiting, (p) => forge(p, 40, RESPONSE, { direction: 1 })],
    ['stale-round', waiting, (p) => forge(p, 40, RESPONSE, { round: 0 })],
    ['future-round', waiting, (p) => forge(p, 40, RESPONSE, { round: 2 })],
    ['out-of-phase', waiting, (p) => forge(p, 30, encodeValues([1]))],
    ['out-of-phase', () => house().joined(1), (p) => forge(p, 40, RESPONSE)],
    ['out-of-phase', () => house().pair(1), (p) => forge(p, 20, CONTROL)],
    ['out-of-phase', greeted, (p) => forge(p, 60, CONTROL)],
    ['bad-tag', waiting, (p) => altered(forge(p, 40, RESPONSE), -1)],
    ['bad-tag', waiting, (p) => altered(forge(p, 50, CONTROL), -33)],
    ['bad-payload', greeted, (p) => forge(p, 20, Uint8Array.of(0xff))],
    ['bad-payload', waiting, (p) => forge(p, 40, CONTROL)],
    ['bad-payload', waiting, (p) => forge(p, 60, Uint8Array.of(1))],
  ])('%s', (reason, make, frame) => {
    const p = make()
    const { round } = p.client.state
    p.up.log.length = 0
    p.serve(frame(p))
    expect(p.up.log).toEqual([`rejected ${reason}`, 'ended rejected-frame'])
    expect(p.client.state).toEqual({ id: 1, phase: 'TERMINATED', round, keys: null })
  })

  test('bad padding under a valid tag', () => {
    const p = waiting()
    const { keys } = p.client.state
    const header = { opcode: 40, id: 1, round: 1, direction: 2 }
    p.serve(seal(unpadded, keys!.s2c, countingRng(9), header, RESPONSE))
    expect(p.up.log).toEqual(['rejected bad-padding', 'ended rejected-frame'])
  })

  test('an illegal length prefix', () => {
    const p = waiting()
    p.client.receive(new Uint8Array(4))
    expect(p.up.log).toEqual(['rejected malformed', 'ended rejected-frame'])
  })

  test('what follows it in the same chunk is discarded', () => {
    const p = waiting()
    const good = withPrefix(forge(p, 40, RESPONSE))
    p.client.receive(Uint8Array.from([...withPrefix(new Uint8Array(71)), ...good]))
    p.client.receive(good)
    expect(p.up.log).toEqual(['rejected unknown-opcode', 'ended rejected-frame'])
  })

  test('nor is the beginning of another frame kept, then or later', () => {
    const p = waiting()
    const bad = withPrefix(new Uint8Array(71))
    for (let n = 0; n < 2; n++) {
      p.client.receive(Uint8Array.from([...bad, ...bad.subarray(0, 30)]))
      expect(p.client.held).toBe(0)
    }
  })
})

test.each([
  [50, 'desync'],
  [60, 'terminate'],
])('a valid %i is the decision of the peer and is not answered', (opcode, kind) => {
  const p = waiting()
  p.serve(forge(p, opcode, CONTROL))
  expect(p.up.log).toEqual([`accepted ${kind}`, 'ended peer'])
  expect(p.client.state.phase).toBe('TERMINATED')
})

test('in the last round a client may submit, and nothing but an end is accepted', () => {
  const p = house().joined(1)
  if (p.client.state.phase === 'ACTIVE') p.client.restore({ ...p.client.state, round: MAX_ROUND })
  expect(p.client.submit([1], 0)).toEqual({ kind: 'sent' })
  p.up.log.length = 0
  p.serve(forge(p, 40, RESPONSE))
  expect(p.up.log).toEqual(['rejected out-of-phase', 'ended rejected-frame'])
})

describe('commits', () => {
  test('a request that was sent is said to be', () => {
    const p = house().pair(1)
    expect(p.client.start(0)).toEqual({ kind: 'sent' })
    p.pump()
    expect(p.client.submit([1], 0)).toEqual({ kind: 'sent' })
  })

  test('sending DATA moves neither keys nor round; the answer moves both', () => {
    const p = house().joined(1)
    const before = p.client.snapshot().state
    p.client.submit([1], 7)
    expect(p.client.state).toMatchObject({ keys: before.keys, round: 1, deadline: 10_007 })
    p.pump()
    expect(p.client.state).toMatchObject({ round: 2, pending: null, deadline: null })
    expect(hex(p.client.state.keys!.c2s.mac)).not.toBe(hex(before.keys!.c2s.mac))
  })

  test.each(['HELLO', 'DATA'])('a %s that cannot be handed over ends the session with all keys overwritten', (what) => {
    const p = what === 'HELLO' ? house().pair(1) : house().joined(1)
    const { keys } = p.client.state
    p.up.up = false
    expect(what === 'HELLO' ? p.client.start(0) : p.client.submit([1], 0)).toEqual({ kind: 'failed' })
    expect(p.up.log).toEqual(['ended send-failed'])
    expect(p.client.state.keys).toBeNull()
    expect(keysIn(keys!).map(hex).join('')).toMatch(/^0+$/)
  })
})

describe('local refusals send nothing and move nothing', () => {
  test.each<[string, () => Pair, (p: Pair) => unknown]>([
    ['not-ready', greeted, (p) => p.client.start(0)],
    ['not-ready', () => house().joined(1), (p) => p.client.start(0)],
    ['not-ready', greeted, (p) => p.client.submit([1], 0)],
    ['outstanding', waiting, (p) => p.client.submit([1], 0)],
    ['no-values', () => house().joined(1), (p) => p.client.submit([], 0)],
    ['too-many-values', () => house().joined(1), (p) => p.client.submit(new Array<number>(512).fill(1), 0)],
    ['bad-value', () => house().joined(1), (p) => p.client.submit([1, Number.NaN], 0)],
    ['bad-value', () => house().joined(1), (p) => p.client.submit([-1.1e300], 0)],
  ])('%s', (why, make, ask) => {
    const p = make()
    const { state } = p.client
    p.up.log.length = 0
    expect(ask(p)).toEqual({ kind: 'refused', why })
    expect(p.client.state).toBe(state)
    expect(p.up.log).toEqual([])
  })
})

describe('ends', () => {
  test('finishing says TERMINATE only when nothing is outstanding', () => {
    const idle = house().joined(1, [1])
    idle.client.finish()
    expect(idle.up.log).toEqual(['sent 60', 'ended finished'])
    idle.pump()
    expect(idle.down.log).toEqual(['accepted terminate', 'ended peer'])
    for (const make of [() => house().pair(1), greeted, waiting]) {
      const p = make()
      p.up.log.length = 0
      p.client.finish()
      expect(p.up.log).toEqual(['ended finished'])
    }
  })

  test('an overdue CHALLENGE or response ends the session in silence, nothing else does', () => {
    for (const [make, due] of [
      [greeted, 5_000],
      [waiting, 10_000],
    ] as const) {
      const p = make()
      p.up.log.length = 0
      p.client.tick(due - 1)
      expect(p.up.log).toEqual([])
      p.client.tick(due)
      expect(p.up.log).toEqual(['ended timeout'])
    }
    const idle = house().joined(1)
    idle.client.tick(1e9)
    expect(idle.up.log).toEqual([])
  })

  test('an end is final: nothing is reported or sent after it', () => {
    const p = waiting()
    const response = forge(p, 40, RESPONSE)
    p.client.close()
    p.client.close()
    p.client.finish()
    p.client.tick(1e9)
    p.serve(response)
    expect(p.client.submit([1], 0)).toEqual({ kind: 'refused', why: 'not-ready' })
    expect(p.client.start(0)).toEqual({ kind: 'refused', why: 'not-ready' })
    expect(p.up.log).toEqual(['ended closed'])
    expect(p.client.snapshot().state).toEqual(p.client.state)
  })
})

test('a session restored from a snapshot goes on in the middle of a frame, as often as one likes', () => {
  const p = waiting()
  const bytes = withPrefix(forge(p, 40, RESPONSE))
  p.client.receive(bytes.subarray(0, 50))
  expect(p.client.held).toBe(50)
  const snapshot = p.client.snapshot()
  p.client.close()
  for (let n = 0; n < 2; n++) {
    const wire = new Wire()
    const options = {
      id: 1,
      masterKey: KEYRING.get(1)!,
      mode: 'bound',
      crypto: nodeCrypto,
      rng: countingRng(5),
    } as const
    const again = new ClientSession(options, wire.port, snapshot)
    again.receive(bytes.subarray(50))
    expect(wire.contents).toEqual([{ kind: 'aggregate', round: 1, aggregate: { sum: 3, count: 1, average: 3 } }])
    if (n === 1) again.close()
    again.restore(snapshot.state)
    expect(again.state).toEqual(snapshot.state)
    again.close() // overwrites its own keys, not those of the snapshot
  }
})

test('a session that goes on from its own state has the same keys, not overwritten', () => {
  const { client } = house().joined(1)
  const { state } = client
  const { keys } = client.snapshot().state
  if (state.phase === 'ACTIVE') client.restore({ ...state, round: 7 })
  expect(client.state).toEqual({ ...state, round: 7 })
  expect(client.state.keys).toBe(state.keys)
  expect(state.keys).toEqual(keys)
})

test('settings that PROTOCOL does not allow are refused in one line', () => {
  const make =
    (id: number, bytes: number, more: object = {}) =>
    () =>
      new ClientSession(
        { id, masterKey: new Uint8Array(bytes), mode: 'bound', crypto: nodeCrypto, rng: countingRng(1), ...more },
        new Wire().port,
      )
  expect(make(0, 16)).toThrow('client id: expected 1..255, got 0')
  expect(make(256, 16)).toThrow('client id: expected 1..255, got 256')
  expect(make(1.5, 16)).toThrow('client id: expected 1..255, got 1.5')
  expect(make(1, 15)).toThrow('master key of client 1: expected 16..64 bytes, got 15')
  expect(make(255, 65)).toThrow('master key of client 255: expected 16..64 bytes, got 65')
  expect(make(1, 16, { helloText: 'x'.repeat(256) })).toThrow('text: expected at most 255 bytes, got 256')
  expect(make(1, 64, { limits: { responseMs: 0 } })).toThrow('limit responseMs: expected a positive number, got 0')
  expect(make(255, 64)).not.toThrow()
})
