import { expect, test } from 'vitest'
import type { Content, EndReason, Outcome } from '../index.ts'
import { ClientSession, frame, nodeCrypto, nodeRng } from '../index.ts'
import { Host, type ServerEvent } from '../net/index.ts'
import { SimulatedSocket } from '../net/simulated.ts'
import { KEYRING } from '../testkit.ts'
import { asLine, asObject } from './server-log.ts'

const plain = (_: unknown, text: string) => text

/** The events of a real session: HELLO, one DATA, a rejected frame. */
const session = (): ServerEvent[] => {
  const events: ServerEvent[] = []
  const host = new Host({ mode: 'bound', keyring: KEYRING, crypto: nodeCrypto, closingMs: 1 }, (e) => events.push(e))
  const socket = new SimulatedSocket()
  host.accept(socket, '10.0.0.1:5')
  const options = { id: 1, masterKey: KEYRING.get(1)!, mode: 'bound', crypto: nodeCrypto, rng: nodeRng } as const
  const client = new ClientSession(
    { ...options, helloText: '\u001b[2Jhi' },
    {
      send: (f) => {
        socket.deliver(frame.withPrefix(f))
        return true
      },
      report: () => {},
    },
  )
  client.start(0)
  socket.drain()
  client.receive(Uint8Array.from(socket.arrived))
  client.submit([10, 20], 0)
  socket.deliver(frame.withPrefix(new Uint8Array(71)))
  void host.stop()
  socket.emit('close')
  return events
}

test('a session as lines', () => {
  expect(session().map((e) => asLine(e, plain))).toEqual([
    '#1    INIT        connection from 10.0.0.1:5',
    '#1    ACTIVE      client 1: unconfirmed, says "\\u{1b}[2Jhi"',
    '#1    aggregate   client 1: round 1 (now confirmed): 10, 20 -> sum=30, count=2, avg=15.00',
    '#1    rejected    client 1: a frame of 71 bytes: unknown-opcode',
    '#1    TERMINATED  client 1: a frame was rejected',
    '#1    closed',
  ])
})

test('a session as objects: names and numbers, neither frames nor keys', () => {
  const objects = session().map(asObject)
  expect(objects).toEqual([
    { event: 'connected', connection: 1, peer: '10.0.0.1:5', phase: 'INIT' },
    { event: 'hello', text: '\u001b[2Jhi', connection: 1, client: 1, phase: 'ACTIVE', confirmed: false },
    {
      event: 'submission',
      round: 1,
      values: [10, 20],
      sum: 30,
      count: 2,
      average: 15,
      connection: 1,
      client: 1,
      phase: 'ACTIVE',
      confirmed: true,
    },
    {
      event: 'rejected',
      reason: 'unknown-opcode',
      bytes: 71,
      connection: 1,
      client: 1,
      phase: 'ACTIVE',
      confirmed: true,
    },
    { event: 'ended', by: 'rejected-frame', connection: 1, client: 1, phase: 'TERMINATED' },
    { event: 'closed', connection: 1 },
  ])
  expect(JSON.stringify(objects)).not.toContain('\u001b') // one line, whatever a text contains
})

const outcome = (o: Outcome, state: Extract<ServerEvent, { kind: 'outcome' }>['state'] = null): ServerEvent => ({
  kind: 'outcome',
  connection: 12,
  outcome: o,
  state,
})
const content = (c: Content) => outcome({ kind: 'accepted', frame: new Uint8Array(71), content: c })

test('what else can happen', () => {
  const events: ServerEvent[] = [
    outcome(
      { kind: 'rejected', frame: null, reason: 'malformed' },
      { id: null, phase: 'INIT', round: 0, keys: null, deadline: 0 },
    ),
    outcome({ kind: 'ended', by: 'displaced' }),
    content({ kind: 'terminate' }),
    content({ kind: 'aggregate', round: 1, aggregate: { sum: 1, count: 1, average: 1 } }),
    { kind: 'accept-failed', error: new Error('EMFILE') },
  ]
  expect(events.map((e) => asLine(e, plain))).toEqual([
    '#12   rejected    an illegal length: malformed',
    '#12   TERMINATED  gave way at a limit',
    '#12   TERMINATE   accepted',
    '#12   AGGREGATE   accepted',
    'could not accept a connection: EMFILE',
  ])
  expect(events.map(asObject)).toEqual([
    { event: 'rejected', reason: 'malformed', bytes: null, connection: 12, phase: 'INIT' },
    { event: 'ended', by: 'displaced', connection: 12 },
    { event: 'terminate', connection: 12 },
    { event: 'aggregate', round: 1, sum: 1, count: 1, average: 1, connection: 12 },
    { event: 'accept-failed', error: 'EMFILE' },
  ])
})

test('every reason for an end has its own words', () => {
  const reasons: EndReason[] = [
    'rejected-frame',
    'peer',
    'timeout',
    'superseded',
    'displaced',
    'send-failed',
    'rounds-exhausted',
    'finished',
    'closed',
  ]
  const lines = reasons.map((by) => asLine(outcome({ kind: 'ended', by }), plain))
  expect(new Set(lines).size).toBe(reasons.length)
})
