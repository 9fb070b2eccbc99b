import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { EndedBy, Reason } from '../events.ts'
import { fromHex, toHex, utf8 } from '../reference/bytes.ts'
import { parseFrame, parseHeader } from '../reference/frame.ts'
import type { Environment } from '../reference/position.ts'
import { sha256 } from '../reference/primitives.ts'
import { DialectClient } from './client.ts'
import type { Dialect } from './dialect.ts'
import { parseDialect } from './file.ts'
import { Followers } from './follower.ts'
import { twoDecimals } from './payload.ts'
import { DialectServer, type Line } from './server.ts'
import { enframe } from './stream.ts'
import { readTranscript, type Transcript } from './transcript.ts'

const corpus = (path: string): string => new URL(`../../corpus/${path}`, import.meta.url).pathname

const dialect = (name: string): Dialect => {
  const parsed = parseDialect(JSON.parse(readFileSync(corpus(`dialects/${name}.json`), 'utf8')), name)
  if (parsed.kind === 'bad') throw new Error(parsed.problem)
  return parsed.dialect
}

/** Keeps what an endpoint does; its frames go through `deliver`. */
function endpoint(random: (bytes: number) => Uint8Array, deliver: (frame: Uint8Array) => void) {
  const log: { accepted: number; rejected: Reason[]; ended: EndedBy[] } = { accepted: 0, rejected: [], ended: [] }
  const env: Environment = {
    send: (frame) => {
      deliver(frame)
      return true
    },
    random,
    accepted: () => {
      log.accepted++
    },
    rejected: (_, reason) => {
      log.rejected.push(reason)
    },
    ended: (by) => {
      log.ended.push(by)
    },
  }
  return { env, log }
}

describe('the reference plays itself', () => {
  /** Three clients shake hands, submit `rounds` times in turn, and leave; every frame crosses as stream bytes. */
  function conversation(d: Dialect, rounds: number, valuesOf: (id: number, round: number) => readonly number[]) {
    const followers = new Followers(d)
    const keyring = new Map([1, 2, 3].map((id) => [id, sha256(Uint8Array.of(id))]))
    const server = new DialectServer({ followers, keyring, expects: 3 })
    let draws = 0
    const random = (bytes: number): Uint8Array => sha256(Uint8Array.of(draws >> 8, draws++ & 255)).subarray(0, bytes)
    const queue: (() => void)[] = []
    const settle = (): void => {
      for (let next = queue.shift(); next; next = queue.shift()) next()
    }
    const parties = [...keyring].map(([id, master]) => {
      const there: { client?: DialectClient; line?: Line } = {}
      const far = endpoint(random, (frame) => queue.push(() => there.client?.receive(enframe(d.framing, frame))))
      const near = endpoint(random, (frame) =>
        queue.push(() => there.line && server.receive(there.line, enframe(d.framing, frame), 1_700_000_000 + draws)),
      )
      const line = server.accept(far.env)
      there.line = line
      const client = new DialectClient(followers, id, master, near.env)
      there.client = client
      return { id, client, line, near, far }
    })
    for (const { client, line } of parties) {
      client.receive(d.banners.s2c)
      server.receive(line, d.banners.c2s.subarray(0, 2), 0)
      server.receive(line, d.banners.c2s.subarray(2), 0)
    }
    settle()
    for (let round = 1; round <= rounds; round++) {
      for (const { id, client } of parties) {
        expect(client.submit(valuesOf(id, round))).toBe(true)
        settle()
      }
      for (const { client, line } of parties) {
        expect(client.position.keys.map(toHex)).toEqual(line.position?.keys.map(toHex))
        expect(client.position.round).toBe(line.position?.round)
      }
    }
    for (const { client } of parties) client.finish()
    settle()
    return parties.map(({ client, near, far }) => ({ answers: client.answers, client: near.log, server: far.log }))
  }

  const nan = Number.NaN
  const ended = (server: readonly EndedBy[], frames: { client: number; server: number }) => ({
    client: { accepted: frames.client, rejected: [], ended: ['finish'] },
    server: { accepted: frames.server, rejected: [], ended: server },
  })

  it('A: the mean over the clients so far', () => {
    // Client n submits n and 0.25 in rounds 1..4.
    const mean = (average: number) => ({ kind: 'aggregate', sum: nan, count: nan, average })
    const figures = [0.62, 0.88, 1.12] // 1.25/2, 3.5/4, 6.75/6: 0.625 and 0.875 are ties
    const all = figures.map((f) => ({ answers: Array(4).fill(mean(f)), ...ended([], { client: 5, server: 5 }) }))
    expect(conversation(dialect('a'), 4, (id) => [id, 0.25])).toEqual(all)
  })

  const variant = (name: string, fields: Readonly<Record<string, unknown>>): Dialect => {
    const block = { ...JSON.parse(readFileSync(corpus(`dialects/${name}.json`), 'utf8')), ...fields }
    const parsed = parseDialect(block, name)
    if (parsed.kind === 'bad') throw new Error(parsed.problem)
    return parsed.dialect
  }

  it.each(['a', 'b', 'c'])('%s: the same under other opcode numbers and after banners', (name) => {
    const usual = conversation(dialect(name), 3, (id, round) => [id + round])
    const opcodes = { HELLO: 1, CHALLENGE: 2, DATA: 10, RESPONSE: 20, TERMINATE: 250 }
    const other = variant(name, { opcodes, client_banner: 'lit:C1\r\n', server_banner: 'hex:00ff' })
    expect(conversation(other, 3, (id, round) => [id + round])).toEqual(usual)
  })

  it('C: keys move though nobody reads the numbers', () => {
    const unread = variant('c', { data_payload: 'any:00000005', aggr_response_payload: 'u32 other | any:0101' })
    for (const { answers, server, client } of conversation(unread, 3, () => [1])) {
      expect(answers).toEqual(Array(3).fill({ kind: 'aggregate', sum: nan, count: nan, average: nan }))
      expect({ client, server }).toEqual(ended(['peer'], { client: 4, server: 5 }))
    }
  })

  it('A: reactions by class, as its file describes them', () => {
    const opcodes = { KEY_DESYNC_ERROR: 7 }
    const reaction = { tag: '7 current close', round: '52 zero stay', padding: '99 clear close' }
    const d = variant('a', { opcodes, reaction })
    const master = sha256(Uint8Array.of(1))
    const server = new DialectServer({ followers: new Followers(d), keyring: new Map([[1, master]]), expects: 1 })
    const meet = (make: (at: DialectClient['position']) => Uint8Array) => {
      const toServer: Uint8Array[] = []
      const toClient: Uint8Array[] = []
      const random = (bytes: number): Uint8Array => new Uint8Array(bytes).fill(9)
      const far = endpoint(random, (f) => toClient.push(f))
      const line = server.accept(far.env)
      const client = new DialectClient(new Followers(d), 1, master, endpoint(random, (f) => toServer.push(f)).env)
      server.receive(line, enframe(d.framing, toServer[0]!), 0)
      client.receive(enframe(d.framing, toClient.splice(0)[0]!))
      const at = client.position
      server.receive(line, enframe(d.framing, make(at)), 0)
      const [frame] = toClient
      return {
        first: frame?.[0],
        opens: frame && at.opens(frame, 's2c').padOk,
        length: frame?.length,
        ended: far.log.ended,
      }
    }
    const header = (round: number) => ({ opcode: 30, id: 1, round, direction: 1 })
    const data = (at: DialectClient['position'], round: number, pad?: Uint8Array) =>
      at.seal('c2s', header(round), Uint8Array.of(0x35), new Uint8Array(16), pad)
    const closed = ['rejection']
    expect(meet((at) => data(at, 1).with(-1, 0))).toEqual({ first: 7, opens: true, length: 71, ended: closed })
    expect(meet((at) => data(at, 9))).toEqual({ first: 52, opens: false, length: 71, ended: [] })
    const badly = meet((at) => data(at, 1, new Uint8Array(15)))
    expect(badly).toEqual({ first: 99, opens: false, length: 7, ended: closed })
    expect(meet(() => new Uint8Array(60))).toEqual({
      first: undefined,
      opens: undefined,
      length: undefined,
      ended: closed,
    })
  })

  it('B: its own number back', () => {
    const sum = (n: number) => ({ kind: 'aggregate', sum: n, count: nan, average: nan })
    const all = [1, 2, 3].map((id) => ({
      answers: [sum(10 * id + 1), sum(10 * id + 2), sum(10 * id + 3)],
      ...ended(['peer'], { client: 4, server: 5 }),
    }))
    expect(conversation(dialect('b'), 3, (id, round) => [10 * id + round])).toEqual(all)
  })

  it('C: count and sum, once all have submitted', () => {
    const sums = [-6, -12, -18].map((sum) => ({ kind: 'aggregate', sum, count: 3, average: nan }))
    const one = { answers: sums, ...ended(['peer'], { client: 4, server: 5 }) }
    expect(conversation(dialect('c'), 3, (id, round) => [-id * round])).toEqual([one, one, one])
  })

  /** Two clients of C submit 7 at second 101 and 5 at 102 (`alone`: the first only): who is told what, and when. */
  const told = (waits: string, alone = false): readonly string[] => {
    const block = JSON.parse(readFileSync(corpus('dialects/c.json'), 'utf8'))
    const parsed = parseDialect({ ...block, server_waits_for_others: waits }, 'c')
    if (parsed.kind === 'bad') throw new Error(parsed.problem)
    const followers = new Followers(parsed.dialect)
    const masters = [1, 2].map((id) => [id, new Uint8Array(16).fill(id)] as const)
    const server = new DialectServer({ followers, keyring: new Map(masters), expects: 2 })
    const random = (bytes: number): Uint8Array => new Uint8Array(bytes).fill(9)
    const pipe = (): { env: Environment; chunks: Uint8Array[] } => {
      const chunks: Uint8Array[] = []
      return { env: endpoint(random, (f) => chunks.push(enframe(parsed.dialect.framing, f))).env, chunks }
    }
    const ends = masters.map(([id, master]) => {
      const [up, down] = [pipe(), pipe()]
      return { id, up, down, line: server.accept(down.env), client: new DialectClient(followers, id, master, up.env) }
    })
    const seen: string[] = []
    for (let seconds = 100; seconds <= 140; seconds += 0.5) {
      if (seconds === 101) ends[0]!.client.submit([7])
      if (seconds === 102 && !alone) ends[1]!.client.submit([5])
      for (const { up, line } of ends) for (const chunk of up.chunks.splice(0)) server.receive(line, chunk, seconds)
      server.tick(seconds)
      for (const { id, down, client } of ends) {
        const before = client.answers.length
        for (const chunk of down.chunks.splice(0)) client.receive(chunk)
        for (const a of client.answers.slice(before))
          if (a.kind === 'aggregate') seen.push(`${seconds}: ${id} ${a.sum}`)
      }
    }
    return seen
  }

  it('waits, as its file says: for clients, for a time, or for whichever comes first', () => {
    expect(told('no')).toEqual(['101: 1 7', '102: 2 12'])
    expect(told('all', true)).toEqual(['131: 1 7'])
    expect(told('barrier 2')).toEqual(['102: 1 12', '102: 2 12'])
    expect(told('barrier 2', true)).toEqual([])
    expect(told('barrier 3 2.5s')).toEqual(['103.5: 1 12', '103.5: 2 12'])
    expect(told('sleep 2s')).toEqual(['103: 1 12', '104: 2 12'])
    expect(told('window 4s')).toEqual(['105: 1 12', '105: 2 12'])
    expect(() => told('barrier 1')).toThrow('"barrier 3 2.5s"')
  })
})

describe('the reference in the place of a recorded party', () => {
  const transcript = (name: string): Transcript => {
    const parsed = readTranscript(corpus(`transcripts/${name}.json`))
    if (parsed.kind === 'bad') throw new Error(parsed.problem)
    return parsed.transcript
  }
  const noRandom = (): Uint8Array => {
    throw new Error('no random bytes are left')
  }

  /** What the recorded party of that connection drew: for a CHALLENGE of C its 8 bytes, and every IV. */
  function draws(t: Transcript, conn: number, from: 'client' | 'server'): (bytes: number) => Uint8Array {
    const recorded = t.frames.flatMap((f, n) => {
      const frame = f.conn === conn && f.from === from ? parseFrame(f.bytes) : null
      if (frame === null || t.dialect.emptyOpcodes.includes(frame.header.opcode)) return []
      const nonce =
        t.dialect.name === 'C' && frame.header.opcode === 20 ? t.expected[n]!.plaintext_hex!.slice(0, 16) : null
      return nonce === null ? [frame.iv] : [fromHex(nonce), frame.iv]
    })
    return () => recorded.shift() ?? noRandom()
  }

  /** The time in the recorded CHALLENGE of that connection. */
  function timeOf(t: Transcript, conn: number): number {
    const n = t.frames.findIndex((f) => f.conn === conn && f.bytes[0] === 20)
    const plaintext = n < 0 ? '' : t.expected[n]!.plaintext_hex!
    if (t.dialect.name === 'C') return Number.parseInt(plaintext.slice(16), 16)
    return Number(/[\d.]+$/.exec(utf8(fromHex(plaintext)) ?? '')?.[0] ?? 0)
  }

  /** Recorded dialect blocks do not describe challenge and reaction; the files of corpus/dialects do. */
  const completed = (t: Transcript): Dialect => dialect(t.dialect.name.toLowerCase())

  it.each([
    ['impl-a-3clients-5rounds', 18],
    ['impl-a-3clients-padding-lengths', 15],
    ['impl-a-reconnect', 10],
    ['impl-a-errors', 40],
    ['impl-b-3clients-5rounds', 18],
    ['impl-c-3clients-5rounds', 18],
  ])('server of %s: sends the same %i frames', (name, count) => {
    const t = transcript(name)
    const followers = new Followers(completed(t))
    const server = new DialectServer({ followers, keyring: t.masters, expects: 3 })
    const sent = new Map<number, string[]>()
    const lines = new Map<number, Line>()
    t.frames.forEach(({ conn, from, bytes }, n) => {
      if (from === 'server') return
      for (const end of t.ends) {
        const left = end.afterFrame < n ? lines.get(end.conn) : undefined
        if (left) server.close(left)
      }
      const frames = sent.get(conn) ?? []
      sent.set(conn, frames)
      const random = draws(t, conn, 'server')
      const far = endpoint(random, (frame) => frames.push(toHex(frame)))
      const line = lines.get(conn) ?? server.accept(far.env)
      lines.set(conn, line)
      server.receive(line, enframe(t.dialect.framing, bytes), timeOf(t, conn))
    })
    const recorded = new Map([...sent.keys()].map((conn) => [conn, [] as string[]]))
    for (const f of t.frames) if (f.from === 'server') recorded.get(f.conn)?.push(toHex(f.bytes))
    expect([...sent]).toEqual([...recorded])
    expect([...sent.values()].flat()).toHaveLength(count)
  })

  it.each([
    ['impl-b-3clients-5rounds', 21],
    ['impl-c-3clients-5rounds', 21],
    ['impl-a-3clients-padding-lengths', 15],
  ])('clients of %s: send the same %i frames', (name, count) => {
    const t = transcript(name)
    const followers = new Followers(completed(t))
    const sent = new Map<number, string[]>()
    const clients = new Map<number, DialectClient>()
    t.frames.forEach(({ conn, from, bytes }, n) => {
      const opcode = bytes[0]
      const client = clients.get(conn)
      if (from === 'server') client?.receive(enframe(t.dialect.framing, bytes))
      else if (opcode === 60) client?.finish()
      else if (opcode === 30) {
        const plaintext = fromHex(t.expected[n]!.plaintext_hex!)
        const c = new DataView(plaintext.buffer)
        client?.submit(t.dialect.data === 'i32' ? [c.getInt32(0)] : utf8(plaintext)!.split(',').map(Number))
      } else {
        const frames: string[] = []
        sent.set(conn, frames)
        const { env } = endpoint(draws(t, conn, 'client'), (frame) => frames.push(toHex(frame)))
        const id = parseHeader(bytes)!.id
        clients.set(conn, new DialectClient(followers, id, t.masters.get(id)!, env))
      }
    })
    const recorded = [...sent.keys()].map((conn) => [
      conn,
      t.frames.filter((f) => f.conn === conn && f.from === 'client').map((f) => toHex(f.bytes)),
    ])
    expect([...sent]).toEqual(recorded)
    expect([...sent.values()].flat()).toHaveLength(count)
  })
})

describe('two decimals as %.2f', () => {
  it.each([
    [0.125, '0.12'],
    [0.375, '0.38'],
    [0.625, '0.62'],
    [-98.875, '-98.88'],
    [2.375, '2.38'],
    [-0.125, '-0.12'],
    [16.975, '16.98'],
    [1422, '1422.00'],
    [Number.NaN, 'nan'],
    [Number.NEGATIVE_INFINITY, '-inf'],
  ])('%d', (x, text) => {
    expect(twoDecimals(x)).toBe(text)
  })
})
