import { createHash, createHmac, hkdfSync } from 'node:crypto'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Dialect } from '../../../spec/dialects/dialect.ts'
import { dialectBlock, parseDialect } from '../../../spec/dialects/file.ts'
import type { Chunk } from '../../harness/capture/streams.ts'
import { Keyring, keyringOf } from '../../harness/target/keys.ts'
import { perform } from '../../harness/terminal/command.ts'
import { recordedScreen } from '../../harness/terminal/testkit.ts'
import { masterKey } from '../../harness/world/rng.ts'
import { exchangeCodecs } from './answers.ts'
import type { Plain } from './codecs.ts'
import { cut } from './cutting.ts'
import { converse, dialectOf, drawing, judged, type Played, randomDialect } from './dialects.testkit.ts'
import { type Inference, infer } from './infer.ts'
import { slices } from './inputs.ts'
import { captureOf, ofChunks, type Tapped } from './recording.ts'
import { inferCommand, outcomeOf, verdictOf } from './run.ts'

const corpus = (path: string): string => new URL(`../../../corpus/${path}`, import.meta.url).pathname
const corpusBlocks = ['a', 'b', 'c'].map((name) => JSON.parse(readFileSync(corpus(`dialects/${name}.json`), 'utf8')))
const folder = mkdtempSync(join(tmpdir(), 'gauntlet-infer-'))
const NO_LIMITS = { frame_min: undefined, frame_max: undefined }
const HINTS = { labels: null, values: [] }
const KEYS = new Map([1, 2, 3, 4, 5, 6].map((id) => [id, masterKey(id)]))

const run = async (...args: readonly string[]) => {
  const { screen, out, err } = recordedScreen()
  const code = await perform(inferCommand, args, screen)
  return { code, out: out(), err: err() }
}
const inferred = (chunks: readonly Chunk[], keyring = keyringOf(KEYS), quick = false): Inference =>
  infer(ofChunks(chunks, 'x'), keyring, { ...HINTS, quick })

/** What a recording can show of a dialect. */
const shown = ({ name, reaction, framing, emptyOpcodes, ...rest }: Dialect) => ({
  ...rest,
  framing: framing.kind,
  emptyOpcodes: [...emptyOpcodes].sort(),
})

describe('from the recorded transcripts', () => {
  it.each(['a', 'b', 'c'])('%s: its dialect, whatever the file says of it itself', async (name) => {
    const { implementation, dialect, ...recording } = JSON.parse(
      readFileSync(corpus(`transcripts/impl-${name}-3clients-5rounds.json`), 'utf8'),
    )
    const file = join(folder, `${name}.json`)
    const { framing_code } = dialect
    writeFileSync(file, JSON.stringify({ ...recording, dialect: { framing_code }, expected: undefined }))
    const to = join(folder, `${name}-dialect.json`)
    const { code, out } = await run(file, '--out', to)
    expect(code, out).toBe(name === 'a' ? 0 : 3)
    const [got, want] = [to, corpus(`dialects/${name}.json`)].map((f) => {
      const read = parseDialect(JSON.parse(readFileSync(f, 'utf8')), name)
      if (read.kind === 'bad') throw new Error(read.problem)
      return shown(read.dialect)
    })
    expect(got).toEqual(want)
  })

  it('takes the pass phrase of one client for those of all', async () => {
    const file = corpus('transcripts/impl-a-3clients-5rounds.json')
    for (const keys of ['client1_master_k', '1=client1_master_k,2=client2_master_k,3=client3_master_k'])
      expect(await run(file, '--keys', keys)).toMatchObject({ code: 0, err: '' })
    const lines = join(folder, 'lines')
    writeFileSync(lines, '# mine\n1: client1_master_k\n2 636c69656e74325f6d61737465725f6b\nclient3_master_k\n')
    const { code, out } = await run(file, '--keys', lines)
    expect(code).toBe(0)
    expect(out).toMatch(/key of a client +text, hex/)
  })

  it('says what the same bytes may be as well, and what would tell', async () => {
    const { out } = await run(corpus('transcripts/impl-c-3clients-5rounds.json'))
    expect(out).toContain(
      'open: S2C MAC key after RESPONSE, pt[-4:]: pt[-4:], or as well hex:00000000\n  to tell: an answer with',
    )
    expect(out).toContain('not confirmed: no KEY_DESYNC_ERROR in this recording')
    const narrow = recordedScreen()
    await perform(inferCommand, [corpus('transcripts/impl-c-3clients-5rounds.json')], { ...narrow.screen, columns: 80 })
    expect(
      narrow
        .out()
        .split('\n')
        .filter((l) => l.length > 80 && !l.startsWith('  "')),
    ).toEqual([])
  })
})

describe('from conversations of dialects at random', () => {
  it.each([304, 305, 307, 309, 310, 311, 313, 315, 316, 317, 320, 322])('seed %i', (seed) => {
    const { right, outcome, why } = judged(seed, { wild: false })
    expect(right, why).toBe(true)
    expect(['unique', 'open']).toContain(outcome)
  })

  it.each(['bound', 'literal'] as const)('PROTOCOL %s is recognised as itself', (mode) => {
    const i = inferred(converse(dialectBlock(mode), 7, { rounds: 3 }).chunks)
    expect(i.block).toEqual(dialectBlock(mode))
    expect(outcomeOf(i)).toBe('unique')
    const recv = inferred(
      converse({ ...dialectBlock(mode), framing_code: 'recv', ...NO_LIMITS }, 7, { rounds: 3 }).chunks,
    )
    expect(recv.block).toMatchObject({ framing_code: 'recv', session_binding: dialectBlock(mode).session_binding })
  })
})

describe('of a recording in which something is wrong, it says what', () => {
  const block = dialectBlock('literal')
  const played = converse(block, 5, { rounds: 3 })
  const not = (p: Played, drop: (c: Tapped, n: number) => boolean): readonly Tapped[] =>
    p.chunks.filter((c, n) => !drop(c, n))

  /** All that the other connections show. */
  const settled = (i: Inference, ...more: readonly string[]): void => {
    expect(i.block).toBeNull()
    expect(i.facts.map((f) => `${f.what}: ${f.says}`)).toEqual(
      expect.arrayContaining(['rounds: from 0, +1 after CHALLENGE, RESPONSE', ...more]),
    )
  }

  it('wrong keys', () => {
    const i = inferred(played.chunks, new Keyring(new Map([[null, ['another phrase']]])), true)
    expect(i.block).toBeNull()
    expect(verdictOf(i)).toMatch(
      /no key of --keys verifies the HELLO of client 1, 2, 3 in any derivation .* wrong keys/,
    )
    expect(i.facts.map((f) => f.what)).toEqual(['framing', 'directions'])
  })

  it('the key of one client missing', () => {
    const i = inferred(played.chunks, keyringOf(new Map([1, 2].map((id) => [id, masterKey(id)]))))
    expect(i.problems).toEqual([
      'client 3: no key of it is given; its frames are not read',
      'no dialect: it has to re-open every frame, and 9 frames had to be left out',
    ])
    settled(i)
  })

  it('a connection that begins in the middle, and one whose frame is missing', () => {
    const middle = inferred(not(played, (c, n) => c.conn === 1 && n < 8))
    expect(middle.problems[0]).toMatch(/^connection 1, client 2: begins in the middle, with CLIENT_DATA of round 1; 7 /)
    const answers = played.chunks.filter((c) => c.conn === 2 && c.from === 'server')
    const missing = inferred(not(played, (c) => c === answers[2]))
    expect(missing.problems[0]).toMatch(
      /^connection 2, client 3: CLIENT_DATA of round 3 follows CLIENT_DATA of round 2: /,
    )
    for (const i of [middle, missing]) settled(i)
  })

  it('two connections as one, and a client that was refused', () => {
    const one = inferred(played.chunks.map((c) => ({ ...c, conn: c.conn === 1 ? 0 : c.conn })))
    expect(one.problems).toEqual(['connection 0 carries clients 1 and 2: taken apart by id'])
    expect(one.reopened).toBe(one.frames)
    const refused = inferred(not(played, (c) => c.conn === 2 && c !== played.chunks.find((d) => d.conn === 2)))
    expect(refused.problems).toEqual(['connection 2: client 3 was refused: no CHALLENGE answers its HELLO'])
    expect(outcomeOf(refused)).toBe('unique')
  })

  it('an altered frame: no dialect at all', () => {
    for (const [n, c] of played.chunks.entries()) {
      if (n !== 3 && n !== 9) continue
      const bytes = Uint8Array.from(c.bytes)
      bytes[bytes.length - 40]! ^= 1
      const i = inferred(
        played.chunks.map((d) => (d === c ? { ...c, bytes } : d)),
        keyringOf(KEYS),
        true,
      )
      settled(i)
      expect(verdictOf(i)).toContain(`the tag of frame ${n} (`)
    }
  })

  it('one round only: what its frames do to keys is open', () => {
    const i = inferred(converse(block, 5, { rounds: 1 }).chunks)
    expect(i.open.map((o) => o.what)).toContain('S2C keys after RESPONSE')
  })

  it('another protocol, and a frame that is not whole', () => {
    const http = [{ conn: 0, from: 'client' as const, bytes: Buffer.from('GET / HTTP/1.1\r\nHost: here\r\n\r\n') }]
    expect(() => inferred(http)).toThrow('x: expected frames of header, IV, ciphertext and tag, got another protocol')
    const last = played.chunks.findLastIndex((c) => c.bytes.length > 0)
    const cut = played.chunks.map((c, n) => (n === last ? { ...c, bytes: c.bytes.subarray(0, 30) } : c))
    expect(inferred(cut).problems[0]).toBe('connection 2, client: ends with 30 bytes of a frame that is not whole')
  })

  it('first keys and inputs that no file can say', () => {
    const [a] = corpusBlocks
    const own = converse(a!, 5, { rounds: 3 })
    /** Tags of the client's frames under keys of another making. */
    const resealed = (
      first: (master: Uint8Array) => Uint8Array,
      next: (key: Uint8Array, frame: Buffer) => Uint8Array,
    ) => {
      const keys = new Map<number, Uint8Array>()
      return own.chunks.map((c) => {
        if (c.from === 'server' || c.bytes.length === 0) return c
        const frame = Buffer.from(c.bytes.subarray(4))
        const key = keys.get(c.conn) ?? first(masterKey(frame[1]!))
        keys.set(c.conn, next(key, frame))
        const tag = createHmac('sha256', key).update(frame.subarray(0, -32)).digest()
        return { ...c, bytes: Buffer.concat([c.bytes.subarray(0, -32), tag]) }
      })
    }
    const sha = (...parts: readonly Uint8Array[]) =>
      createHash('sha256').update(Buffer.concat(parts)).digest().subarray(0, 16)
    const usual = (master: Uint8Array) => sha(master, Buffer.from('C2S-MAC'))
    const rounds = inferred(resealed(usual, (key, frame) => sha(key, frame.subarray(2, 6))))
    expect(verdictOf(rounds)).toBe('no dialect: keys absorb the round as u32, which no dialect file can say')
    settled(rounds, 'C2S keys evolve: after HELLO, DATA: enc ct, mac the round as u32|HELLO=hex:00000000')
    const salt = inferred(
      resealed(
        (m) => new Uint8Array(hkdfSync('sha256', m, 'C2S-MAC', '', 16)),
        (key) => key,
      ),
    )
    expect(verdictOf(salt)).toBe(
      'no dialect: the first MAC key is 16 bytes of HKDF-SHA256 with the label as salt, label C2S-MAC, and the tag covers header, IV and ciphertext, which no dialect file can say',
    )
  })

  it('a capture that was cut off: what is whole is read', async () => {
    const capture = captureOf(played.chunks)
    const keys = join(folder, 'keys.json')
    writeFileSync(
      keys,
      JSON.stringify(Object.fromEntries([...KEYS].map(([id, k]) => [id, Buffer.from(k).toString('hex')]))),
    )
    const file = join(folder, 'x.pcapng')
    writeFileSync(file, capture)
    expect(await run(file, '--keys', keys)).toMatchObject({ code: 0 })
    writeFileSync(file, capture.subarray(0, -700))
    const { out } = await run(file, '--keys', keys)
    expect(out).toMatch(/ends within a block: its last \d+ bytes are not read/)
    expect(out).toMatch(/the dialect re-opens|had to be left out/)
  })

  it.each([
    [['nothing.json'], 'file: expected a readable file, got nothing.json (ENOENT)'],
    [[], 'RECORDING or --relay PORT --upstream HOST:PORT: expected one of them'],
    [
      [corpus('transcripts/impl-a-reconnect.json'), '--keys', 'none/at.json'],
      '--keys: expected a readable file or a pass phrase, got none/at.json',
    ],
    [['package.json'], 'package.json.frames: expected an array, got nothing'],
    [['--relay', '0'], '--relay and --upstream: expected both'],
    [['x', '--labels', 'a,b'], '--labels: expected four labels, got a,b'],
  ])('exits 2 with one line for %j', async (args, why) => {
    const r = await run(...args)
    expect(r).toMatchObject({ code: 2, out: '' })
    expect(r.err).toContain(why)
    expect(r.err).not.toContain('\n')
  })
})

it('draws dialects that a file can say', () => {
  for (let seed = 0; seed < 200; seed++) dialectOf(randomDialect(drawing(seed, 'dialect'), { wild: true }))
})

it('a connection on which the client says nothing hides no banner', () => {
  const block = {
    ...dialectBlock('bound'),
    framing_code: 'u16le',
    client_banner: 'lit:HI\n',
    server_banner: 'lit:SERVER\n',
  }
  const { chunks } = converse(block, 5, { ids: [1, 2], rounds: 1 })
  const { framing, banners } = cut([{ conn: 9, from: 'server', bytes: Buffer.from('SERVER\n') }, ...chunks])
  expect([framing, ...['c2s', 's2c'].map((d) => String(Buffer.from(banners[d as 'c2s'])))]).toEqual([
    'u16le',
    'HI\n',
    'SERVER\n',
  ])
})

it('a chunk is a frame, though two bytes of a frame may be a length by chance', () => {
  for (const seed of [10, 24, 27]) {
    const block = { ...dialectBlock('literal'), ...NO_LIMITS, framing_code: 'recv' }
    expect(cut(converse(block, seed, { ids: [1, 2], rounds: 4 }).chunks).framing).toBe('recv')
  }
})

it('an answer may leave out what was sent before, on another connection, and is not answered yet', () => {
  const said = (n: number, conn: number, text: string) =>
    ({ n, conn, round: 1, id: conn + 1, plaintext: Buffer.from(text) }) as unknown as Plain
  const data = [said(0, 0, '10.0'), said(1, 1, '7.25'), said(4, 2, '0.5')]
  const answers = [said(2, 1, '7.25|OK'), said(3, 0, '17.25|OK'), said(5, 2, '17.75|OK')]
  const stays = [0, 1, 2].map((conn) => ({ conn, from: 0, to: 9 }))
  const { response } = exchangeCodecs(data, answers, [], stays)
  expect(response.text).toBe('float:2 sum | lit:|OK')
})

it('a number in the middle of a long text is a slice of it', () => {
  const of = ['{"aggregate": 7.5, "count": 1, "status": "OK"}', '{"aggregate": 1017.25, "count": 2, "status": "OK"}']
  const found = slices(of.map((text) => ({ plaintext: Buffer.from(text) }) as unknown as Plain)).map((i) => i.text)
  expect(found).toContain('pt[14:-29]')
})
