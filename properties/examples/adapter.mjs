/**
 * A server and clients in JavaScript behind spec/ADAPTER.md: src/ itself. In Node, standard input and output can be used
 * in turn like this; in between nothing else runs.
 *
 *     npm run prop -- --party-cmd 'node --import tsx properties/examples/adapter.mjs' --runs 256
 */
import { readSync, writeSync } from 'node:fs'
import { ClientSession, nodeCrypto, Server } from '../../src/index.ts'

let held = ''
const chunk = Buffer.alloc(65_536)
let said = ''
const say = (line) => {
  said += `${JSON.stringify(line)}\n`
}
const hear = () => {
  for (let rest = Buffer.from(said); rest.length > 0; ) rest = rest.subarray(writeSync(1, rest)) // before it waits
  said = ''
  for (;;) {
    const end = held.indexOf('\n')
    if (end >= 0) {
      const line = held.slice(0, end)
      held = held.slice(end + 1)
      return JSON.parse(line)
    }
    const n = readSync(0, chunk)
    if (n === 0) process.exit()
    held += chunk.toString('latin1', 0, n) // JSON of the harness is ASCII
  }
}
const ask = (line) => {
  say(line)
  return hear()
}

const hex = (bytes) => Buffer.from(bytes).toString('hex')
const bytes = (text) => new Uint8Array(Buffer.from(text, 'hex'))
let called, draws, drew, told // of a call that brings its random bytes
const rngOf = (at) => (n) =>
  bytes(at === called && drew < draws?.length ? draws[drew++] : ask({ rng: { at, bytes: n } }).hex)
const tell = (line) => (draws ? told.push(line) : say(line))
const BY = {
  ...{ 'rejected-frame': 'rejection', peer: 'peer', timeout: 'timer', superseded: 'supersede', displaced: 'evicted' },
  ...{ 'send-failed': 'fault', 'rounds-exhausted': 'finish', finished: 'finish', closed: 'close' },
}

const OPCODES = { hello: 10, challenge: 20, data: 30, aggregate: 40, desync: 50, terminate: 60 }
const number = (v) => (Object.is(v, -0) ? '-0' : v)
const sums = (a) => a && { ...a, sum: number(a.sum), average: number(a.average) }
const toldOf = ({ kind, id, round, text, values, aggregate, answer }) => ({
  ...{ opcode: OPCODES[kind], id, round, text }, // what is undefined is not said
  ...{ values: values?.map(number), aggregate: sums(aggregate), answer: sums(answer) },
})

const CAN = ['finish', 'tick', 'restart', 'rng', 'startRound', 'ahead']
let setup, server, ends, shown

const keysOf = ({ c2s, s2c }) => [c2s.enc, c2s.mac, s2c.enc, s2c.mac].map(hex)
const show = (at) => {
  const e = ends.get(at)
  if (
    e?.state.phase === 'ACTIVE' &&
    setup.startRound !== 1 &&
    !['ACTIVE', 'TERMINATED'].includes(shown.get(at)?.phase)
  ) {
    const moved = { ...e.state, round: setup.startRound }
    if (server === null) e.restore(moved)
    else server.restore(e, moved)
  }
  const state = e?.state
  if (!state || shown.get(at) === state || (state.phase === 'INIT' && at[0] === 's') || state.id === null) return
  shown.set(at, state)
  const { id, phase, round, confirmed = false, pending = null } = state
  const outstanding = phase === 'ACTIVE' && pending !== null
  const keys = phase === 'TERMINATED' ? null : keysOf(state.keys)
  tell({ report: { on: 'committed', at, view: { id, phase, round, confirmed, outstanding, keys } } })
}
const portOf = (at) => ({
  send: (frame) => (draws ? tell({ send: { at, hex: hex(frame) } }) > 0 : ask({ send: { at, hex: hex(frame) } }).ok),
  report(o) {
    show(at)
    const frame = o.kind === 'ended' || o.frame === null ? null : hex(o.frame)
    if (o.kind === 'ended') tell({ report: { on: 'ended', at, by: BY[o.by] } })
    else if (o.kind === 'rejected') tell({ report: { on: 'rejected', at, hex: frame, reason: o.reason } })
    else tell({ report: { on: 'accepted', at, hex: frame, told: toldOf(o.content) } })
  },
})

const begin = () => {
  const { mode, limits, challenge } = setup
  const keyring = new Map(Object.entries(setup.keys).map(([id, key]) => [Number(id), bytes(key)]))
  const text =
    challenge === 'constant' ? 'a constant text!' : challenge.hex && Buffer.from(challenge.hex, 'hex').toString()
  const options = { mode, keyring, crypto: nodeCrypto, limits, ...(text !== undefined && { challengeText: text }) }
  server = setup.role === 'server' ? new Server(options) : null
  ends = new Map()
  shown = new Map()
  setup.masters = keyring
}
const OPS = {
  init(c) {
    setup = c
    begin()
    return {
      ok: true,
      emits: ['accepted', 'rejected', 'ended', 'committed', 'told'],
      can: CAN,
    }
  },
  open({ at, id, now }) {
    if (server !== null) ends.set(at, server.open(portOf(at), rngOf(at), now))
    else {
      const { mode, limits, masters } = setup
      const options = { id, masterKey: masters.get(id), mode, crypto: nodeCrypto, rng: rngOf(at), limits }
      ends.set(at, new ClientSession(options, portOf(at)))
      ends.get(at).start(now)
    }
  },
  receive(c, e) {
    if (server === null) e.receive(bytes(c.hex))
    else server.receive(e, bytes(c.hex), c.now)
  },
  submit: ({ values, now }, e) => ({ ok: e.submit(values.map(Number), now).kind !== 'refused' }),
  finish: (_, e) => e.finish(),
  close: (_, e) => (server === null ? e.close() : server.close(e)),
  tick({ now }) {
    for (const e of server === null ? ends.values() : [server]) e.tick(now)
  },
  restart: begin,
}

for (;;) {
  const c = hear()
  called = c.at
  draws = c.draws
  drew = 0
  told = []
  const e = ends?.get(c.at)
  const idle = c.op !== 'open' && 'at' in c && e === undefined // unknown or gone
  const closing = OPS[c.op] ? !idle && OPS[c.op](c, e) : { unsupported: true }
  if ('at' in c) show(c.at)
  say({ ...(closing || { ok: true }), ...(draws && { drew, said: told }) })
}
