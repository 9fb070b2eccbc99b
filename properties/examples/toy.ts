/**
 * Your own implementation on trial: `npm run prop -- --party properties/examples/toy.ts`.
 *
 * A party file exports `server`, `client`, or `party` for both sides; the reference plays a side that is missing. Each is
 * a function `(host, setup) => Party`: the interpreter calls `open`, `receive` with stream bytes, `close`, and `tick` as
 * time passes; you call `host.send` with whole frames, and `host.report` when a frame was accepted or rejected and when
 * a session ended. `emits` names what you report; what needs more is "not observable". Draw bytes from `host.rng` only.
 *
 * This toy of a server works, yet it takes a chunk for a frame, checks neither direction nor values, ignores bad frames
 * and goes on, knows neither timers nor supersession, never withdraws a value, and tells nothing of its keys and rounds.
 */
import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync } from 'node:crypto'
import type { MakeParty } from '../harness/parties/index.ts'

type Session = { round: number; keys: Buffer[] } // keys in the order of LABELS, none before the HELLO
const LABELS = ['C2S-ENC', 'C2S-MAC', 'S2C-ENC', 'S2C-MAC'].map((label) => Buffer.from(label))
const cat = Buffer.concat
const kdf = (key: Uint8Array, what: string, x: Uint8Array, i: number): Buffer =>
  Buffer.from(hkdfSync('sha256', key, '', cat([Buffer.from(`${what}\0`), x]), i % 2 === 0 ? 16 : 32))
const hmac = (key: Buffer, data: Buffer): Buffer => createHmac('sha256', key).update(data).digest()

const seal = ({ keys, round }: Session, opcode: number, id: number, plain: Buffer, iv: Uint8Array): Buffer => {
  const header = Buffer.of(opcode, id, round >>> 24, round >>> 16, round >>> 8, round, 2)
  const aes = createCipheriv('aes-128-cbc', keys[2]!, iv)
  const body = cat([header, iv, aes.update(plain), aes.final()])
  return cat([body, hmac(keys[3]!, body)])
}
const open = (keys: Buffer[], frame: Buffer): Buffer | null => {
  if (!hmac(keys[1]!, frame.subarray(0, -32)).equals(frame.subarray(-32))) return null
  const aes = createDecipheriv('aes-128-cbc', keys[0]!, frame.subarray(7, 23))
  return cat([aes.update(frame.subarray(23, -32)), aes.final()])
}
const aggregate = (values: Map<number, number[]>, round: number, plain: Buffer): Buffer => {
  const all = values.get(round) ?? []
  for (let at = 2; at < plain.length; at += 8) all.push(plain.readDoubleBE(at))
  values.set(round, all)
  const out = Buffer.alloc(21)
  const sum = all.reduce((a, b) => a + b, 0)
  out.writeDoubleBE(sum, 1)
  out.writeUInt32BE(all.length, 9)
  out.writeDoubleBE(sum / all.length, 13)
  return out
}

export const server: MakeParty = (host, setup) => {
  const sessions = new Map<number, Session>()
  const values = new Map<number, number[]>() // by round, of everybody who ever submitted
  const challenge = (draw: Uint8Array): Buffer => Buffer.from(`Challenge from server ${cat([draw]).toString('hex')}`)
  /** The answer, and the session after it; null for what is neither HELLO nor DATA. */
  const take = (s: Session, f: Buffer, random: (bytes: number) => Uint8Array): [Buffer, Session] | null => {
    const [greeting, bound, master] = [s.keys.length === 0, setup.mode === 'bound', setup.keyring.get(f[1]!)]
    if (f.length < 71 || !master || f[0] !== (greeting ? 10 : 30) || f.readUInt32BE(2) !== s.round) return null
    let keys = greeting ? LABELS.map((label, i) => kdf(master, 'init', label, i)) : s.keys
    const plain = open(keys, f)
    if (plain === null) return null
    const step = (what: string, of: Buffer[], from: number): Buffer[] =>
      keys.map((k, i) => (i < from ? k : kdf(k, what, createHash('sha256').update(cat(of)).digest(), i)))
    if (greeting && bound) keys = step('hello', [f], 2)
    const said = greeting ? challenge(random(16)) : aggregate(values, s.round, plain)
    const answer = seal({ ...s, keys }, f[0]! + 10, f[1]!, said, random(16))
    const exchanged = [f.subarray(23, -32), f.subarray(7, 23), greeting ? said : said.subarray(1), Buffer.of(0)]
    keys = exchanged.map((x, i) => kdf(keys[i]!, 'evolve', x, i))
    return [answer, { round: s.round + 1, keys: greeting && bound ? step('bind', [f, answer], 0) : keys }]
  }
  return {
    emits: ['accepted', 'rejected', 'ended'],
    open: (at) => void sessions.set(at.n, { round: 0, keys: [] }),
    receive(at, chunk) {
      const [session, frame] = [sessions.get(at.n), Buffer.from(chunk.subarray(4))] // behind the length prefix
      if (!session) return
      const taken = take(session, frame, host.rng(at))
      if (!taken || !host.send(at, taken[0])) return host.report({ on: 'rejected', at, frame, reason: null })
      sessions.set(at.n, taken[1])
      host.report({ on: 'accepted', at, frame })
    },
    close: (at) => sessions.delete(at.n) && host.report({ on: 'ended', at, by: 'close' }),
    tick: () => {},
    view: () => null,
  }
}
