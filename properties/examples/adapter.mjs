/**
 * A server and clients in JavaScript behind spec/ADAPTER.md: src/ itself. In Node, standard input and output can be used
 * in turn like this; in between nothing else runs.
 *
 *     npm run prop -- --party-cmd 'node --import tsx properties/examples/adapter.mjs' --runs 256
 */
import { readSync, writeSync } from 'node:fs'
import { ClientSession, nodeCrypto, Server } from '../../src/index.ts'

// --- one side, and what it says of itself
const hex = (bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex')
const bytes = (text) => new Uint8Array(Buffer.from(text, 'hex'))
const written = (v) => (Object.is(v, -0) ? '-0' : v)
const sums = (a) => a && { ...a, sum: written(a.sum), average: written(a.average) }
const BY = {
  ...{ 'rejected-frame': 'rejection', peer: 'peer', timeout: 'timer', superseded: 'supersede', displaced: 'evicted' },
  ...{ 'send-failed': 'fault', 'rounds-exhausted': 'finish', finished: 'finish', closed: 'close' },
}
class Side {
  ends = {}
  shown = {}
  constructor(io, { role, mode, keys, limits, challenge, startRound }) {
    const keyring = new Map(Object.entries(keys).map(([id, key]) => [Number(id), bytes(key)]))
    const text = challenge === 'constant' ? 'a constant text!' : challenge.hex && `${Buffer.from(challenge.hex, 'hex')}`
    const options = { mode, keyring, crypto: nodeCrypto, limits, ...(text !== undefined && { challengeText: text }) }
    Object.assign(this, { io, options, startRound, server: role === 'server' ? new Server(options) : null })
  }
  port = (at) => ({
    send: (frame) => this.io.send(at, hex(frame)),
    report: (o) => {
      this.show(at)
      if (o.kind === 'ended') return this.io.report({ on: o.kind, at, by: BY[o.by] })
      const { kind, frame, reason, content } = o
      const { kind: _, values, ...more } = content ?? {}
      const numbers = { values: values?.map(written), aggregate: sums(more.aggregate), answer: sums(more.answer) }
      const told = content && { opcode: frame[0], ...more, ...numbers } // what is undefined is not said
      this.io.report({ on: kind, at, hex: frame && hex(frame), reason, told })
    },
  })
  show(at) {
    const e = this.ends[at]
    const moves = this.startRound !== 1 && e?.state.phase === 'ACTIVE' && !this.shown[at]?.began
    if (moves) (this.server ?? e).restore(...(this.server ? [e] : []), { ...e.state, round: this.startRound })
    const { id = null, phase, round, confirmed = false, pending = null, keys } = e?.state ?? {}
    if (id === null || this.shown[at]?.state === e.state || (phase === 'INIT' && this.server)) return
    this.shown[at] = { state: e.state, began: phase !== 'INIT' }
    const four = phase === 'TERMINATED' ? null : [keys.c2s.enc, keys.c2s.mac, keys.s2c.enc, keys.s2c.mac].map(hex)
    const outstanding = phase === 'ACTIVE' && pending !== null
    this.io.report({ on: 'committed', at, view: { id, phase, round, confirmed, outstanding, keys: four } })
  }
  open({ at, id, now }) {
    const [port, rng] = [this.port(at), this.io.rng(at)]
    const options = { ...this.options, id, masterKey: this.options.keyring.get(id), rng }
    this.ends[at] = this.server?.open(port, rng, now) ?? new ClientSession(options, port)
    if (!this.server) this.ends[at].start(now)
  }
  receive = ({ hex, now }, e) => (this.server ? this.server.receive(e, bytes(hex), now) : e.receive(bytes(hex)))
  submit = ({ values, now }, e) => e.submit(values.map(Number), now).kind !== 'refused'
  finish = (_, e) => e.finish()
  close = (_, e) => (this.server ? this.server.close(e) : e.close())
  tick({ now }) {
    for (const e of this.server ? [this.server] : Object.values(this.ends)) e.tick(now)
  }
}

// --- the adapter
const chunk = Buffer.alloc(65_536)
let [held, said] = ['', '']
const say = (line) => {
  said += `${JSON.stringify(line)}\n`
}
const hear = () => {
  for (let rest = Buffer.from(said); rest.length > 0; ) rest = rest.subarray(writeSync(1, rest)) // before it waits
  said = ''
  while (!held.includes('\n')) held += chunk.toString('latin1', 0, readSync(0, chunk) || process.exit())
  const line = held.slice(0, held.indexOf('\n'))
  held = held.slice(line.length + 1)
  return JSON.parse(line)
}
const EMITS = ['accepted', 'rejected', 'ended', 'committed', 'told']
const CAN = ['finish', 'tick', 'restart', 'rng', 'startRound', 'ahead', 'batch']
class World {
  tell = (line) => (this.call.draws ? this.told.push(line) : say(line))
  report = (report) => this.tell({ report })
  send(at, hex) {
    this.tell({ send: { at, hex } })
    return this.call.draws !== undefined || hear().ok
  }
  rng = (at) => (n) => {
    const given = at === this.call.at && this.call.draws?.[this.drew]
    if (given) this.drew++
    else say({ rng: { at, bytes: n } })
    return bytes(given || hear().hex)
  }
  take(call) {
    Object.assign(this, { call, drew: 0, told: [] })
    const { op, at, draws } = call
    if (op === 'init') this.setup = call
    if (op === 'init' || op === 'restart') this.side = new Side(this, this.setup)
    else if (!['open', 'receive', 'submit', 'finish', 'close', 'tick'].includes(op)) return { unsupported: true }
    const e = this.side.ends[at] // none where it is unknown or gone
    const ok = (e || op === 'open' || op === 'tick' ? this.side[op](call, e) : undefined) ?? true
    if (at !== undefined) this.side.show(at)
    return { ok, ...(op === 'init' && { emits: EMITS, can: CAN }), ...(draws && { drew: this.drew, said: this.told }) }
  }
}
for (const worlds = {}; ; )
  for (const call of [hear()].flat()) {
    worlds[call.world] ??= new World()
    say(worlds[call.world].take(call))
  }
