/**
 * A server and clients in JavaScript behind spec/ADAPTER.md: src/ itself. In Node, standard input and output can be used
 * in turn like this; in between nothing else runs.
 *
 *     npm run prop -- --party-cmd 'node --import tsx properties/examples/adapter.mjs' --runs 256
 */
import { readSync, writeSync } from 'node:fs'
import { ClientSession, nodeCrypto, Server } from '../../src/index.ts'

// --- lines and values
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
const hex = (bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex')
const bytes = (text) => new Uint8Array(Buffer.from(text, 'hex'))
const written = (v) => (Object.is(v, -0) ? '-0' : v)
const sums = (a) => a && { ...a, sum: written(a.sum), average: written(a.average) }
const BY = {
  ...{ 'rejected-frame': 'rejection', peer: 'peer', timeout: 'timer', superseded: 'supersede', displaced: 'evicted' },
  ...{ 'send-failed': 'fault', 'rounds-exhausted': 'finish', finished: 'finish', closed: 'close' },
}

// --- the adapter
class World {
  init(c) {
    this.setup = { ...c, keys: new Map(Object.entries(c.keys).map(([id, key]) => [Number(id), bytes(key)])) }
    const can = ['finish', 'tick', 'restart', 'rng', 'startRound', 'ahead', 'batch']
    return { ...this.restart(), emits: ['accepted', 'rejected', 'ended', 'committed', 'told'], can }
  }
  restart() {
    const { role, mode, keys: keyring, limits, challenge } = this.setup
    const text =
      challenge === 'constant' ? 'a constant text!' : challenge.hex && String(Buffer.from(challenge.hex, 'hex'))
    const options = { mode, keyring, crypto: nodeCrypto, limits, ...(text !== undefined && { challengeText: text }) }
    Object.assign(this, { server: role === 'server' ? new Server(options) : null, ends: {}, shown: {} })
    return { ok: true }
  }
  tell(line) {
    if (this.call.draws) return this.told.push(line) > 0
    say(line)
    return line.send === undefined || hear().ok
  }
  port = (at) => ({
    send: (frame) => this.tell({ send: { at, hex: hex(frame) } }),
    report: (o) => {
      this.show(at)
      if (o.kind === 'ended') return this.tell({ report: { on: o.kind, at, by: BY[o.by] } })
      const { kind, frame, reason, content } = o
      const { kind: _, values, aggregate, answer, ...more } = content ?? {}
      const told = {
        opcode: frame?.[0],
        ...more,
        values: values?.map(written),
        aggregate: sums(aggregate),
        answer: sums(answer),
      }
      this.tell({ report: { on: kind, at, hex: frame && hex(frame), reason, told: content && told } })
    },
  })
  rng = (at) => (n) => {
    const given = at === this.call.at && this.call.draws?.[this.drew]
    if (given) this.drew++
    else say({ rng: { at, bytes: n } })
    return bytes(given || hear().hex)
  }
  show(at) {
    const e = this.ends[at]
    const moves = this.setup.startRound !== 1 && e?.state.phase === 'ACTIVE' && !this.shown[at]?.active
    if (moves) (this.server ?? e).restore(...(this.server ? [e] : []), { ...e.state, round: this.setup.startRound })
    const { id = null, phase, round, confirmed = false, pending = null, keys } = e?.state ?? {}
    if (id === null || this.shown[at]?.state === e.state || (phase === 'INIT' && this.server)) return
    this.shown[at] = { state: e.state, active: phase !== 'INIT' }
    const four = phase === 'TERMINATED' ? null : [keys.c2s.enc, keys.c2s.mac, keys.s2c.enc, keys.s2c.mac].map(hex)
    const outstanding = phase === 'ACTIVE' && pending !== null
    this.tell({ report: { on: 'committed', at, view: { id, phase, round, confirmed, outstanding, keys: four } } })
  }
  open({ at, id, now }) {
    const { keys, mode, limits } = this.setup
    const options = { id, masterKey: keys.get(id), mode, crypto: nodeCrypto, rng: this.rng(at), limits }
    this.ends[at] = this.server?.open(this.port(at), this.rng(at), now) ?? new ClientSession(options, this.port(at))
    if (!this.server) this.ends[at].start(now)
  }
  receive = ({ hex, now }, e) => (this.server ? this.server.receive(e, bytes(hex), now) : e.receive(bytes(hex)))
  submit = ({ values, now }, e) => ({ ok: e.submit(values.map(Number), now).kind !== 'refused' })
  finish = (_, e) => e.finish()
  close = (_, e) => (this.server ? this.server.close(e) : e.close())
  tick({ now }) {
    for (const e of this.server ? [this.server] : Object.values(this.ends)) e.tick(now)
  }
  take(call) {
    Object.assign(this, { call, drew: 0, told: [] })
    const e = this.ends?.[call.at]
    if (!OPS.includes(call.op)) return { unsupported: true }
    const idle = 'at' in call && call.op !== 'open' && e === undefined // unknown or gone
    const closing = (!idle && this[call.op](call, e)) || { ok: true }
    if ('at' in call) this.show(call.at)
    return call.draws ? { ...closing, drew: this.drew, said: this.told } : closing
  }
}
const OPS = ['init', 'open', 'receive', 'submit', 'finish', 'close', 'tick', 'restart']
for (const worlds = {}; ; )
  for (const call of [hear()].flat()) {
    worlds[call.world] ??= new World()
    say(worlds[call.world].take(call))
  }
