/** Bugs that no mutant of src/ is there for, planted in the server of a dialect, each with the case that finds it. */
import { describe, expect, it } from 'vitest'
import { PROTOCOL } from '../../../spec/dialects/dialect.ts'
import type { Replacement } from '../../harness/process/variants.ts'
import { serveDialect, serveOwn } from '../../harness/target/servers.testkit.ts'
import { judged, named, other, read } from './judge.testkit.ts'
import { NotJudged } from './judge.ts'

const SERVER = 'spec/dialects/server.ts'
const instead = (find: string, replace: string, file = SERVER): Replacement => ({ file, find, replace })
const before = (find: string, more: string, file = SERVER): Replacement => instead(find, more + find, file)

const BAD = "    if (judgement.kind === 'bad') {\n"
/** Takes a DATA of this reason for one that is fine, where `when`. */
const taken = (reason: string, when: string): Replacement =>
  before(
    BAD,
    `    if (judgement.kind === 'bad' && judgement.reason === '${reason}' && position.phase === 'ACTIVE' && (${when})) {
      this.#respond(line, [1], 1)
      return
    }
`,
  )
const CRYPTO = instead(
  "import { parseHeader } from '../reference/frame.ts'\n",
  "import { parseHeader } from '../reference/frame.ts'\nimport { hmac } from '../reference/primitives.ts'\n",
)
const START = 'this.#setup.followers.start(position.id, this.#setup.keyring.get(position.id))'
const A = {
  data_payload: 'csv value',
  aggr_response_payload: 'float sum | lit:; | int count',
  reaction: 'silent',
  challenge_payload: 'rand:16',
}
const CLOSES = "    if (this.#lines.has(line)) this.#end(line, 'close')\n"
const ENDS = "      this.#end(line, 'peer')\n"

const PLANTED: Readonly<Record<string, readonly [wanted: string, ...how: Replacement[]]>> = {
  'a tag under the all-zero key passes': [
    'keys/zero K',
    CRYPTO,
    taken('bad-tag', 'hmac(new Uint8Array(16), frame.subarray(0, -32)).every((b, i) => b === frame.at(i - 32))'),
  ],
  'differences of two bytes of a tag cancel out': [
    'altered/tag-two-bytes K',
    CRYPTO,
    taken(
      'bad-tag',
      'hmac(position.key(1), frame.subarray(0, -32)).reduce((x, b, i) => x ^ b ^ frame.at(i - 32), 0) === 0',
    ),
  ],
  'the initial keys still open': ['keys/initial I', taken('bad-tag', `${START}.opens(frame, 'c2s').padOk`)],
  'tags are compared as text that ends at 00': ['keys/tag-after-nul K', taken('bad-tag', 'frame.at(-32) === 0')],
  'the server takes the IV of the client': [
    'keys/fresh-ivs K',
    instead('line.env.random(16))', '(this.iv ?? line.env.random(16)))'),
    before('    const judgement = judge(', '    this.iv = frame.slice(7, 23)\n'),
  ],
  'the server counts its IVs': [
    'keys/fresh-ivs K',
    instead('line.env.random(16))', 'new Uint8Array(16).with(15, (this.n = (this.n ?? 0) + 1)))'),
  ],
  'what does not fit into one read of 1,024 bytes is cut off': [
    'stream/long-data A',
    instead("      if (piece.kind === 'frame') ", "      if (piece.kind === 'frame' && piece.frame.length < 1_024) "),
  ],
  'a connection is served when all before it have said something': [
    'stream/silence-blocks-nobody A',
    before(
      '    for (const piece of line.stream.push(chunk)) {\n',
      '    line.heard = true\n    if ([...this.#lines].slice(0, [...this.#lines].indexOf(line)).some((l) => !l.heard)) return\n',
    ),
  ],
  'a DATA without ciphertext counts': ['insider/no-ciphertext I', taken('bad-padding', 'frame.length === 55')],
  'numbers lose their fractions': [
    'numbers/fraction I',
    instead('set(position.round, judgement.body.values)', 'set(position.round, judgement.body.values.map(Math.trunc))'),
  ],
  'of two who submit at once, neither sees the other': [
    'numbers/at-once A',
    instead(
      "    if (waits.kind === 'no') this.#answerOne(line, round)\n",
      `    const seen = [...this.#lines].filter((l) => l === line || (!l.busy && l.submitted.has(round)))
    line.busy = true
    setTimeout(() => {
      line.busy = false
      const all = seen.flatMap((l) => (l.submitted.has(round) ? [l.submitted.get(round)] : []))
      if (this.#lines.has(line)) this.#respond(line, all.flat(), all.length)
    }, 20)
`,
    ),
  ],
  'values stay of whoever says goodbye': [
    'departure/goodbye I',
    instead(ENDS, "      this.left = new Map(line.submitted)\n      this.#end(line, 'peer')\n"),
    instead(
      '    this.#respond(line, submissions.flat(), submissions.length)\n',
      '    this.#respond(line, [...submissions.flat(), ...(this.left?.get(round) ?? [])], submissions.length)\n',
    ),
  ],
  'an id whose tag was wrong once is not let in again': [
    'altered/tag-first A',
    before('    line.env.rejected(frame, reason)\n', "    if (reason === 'bad-tag') this.out = at?.id\n"),
    instead('if (master !== undefined) return', 'if (master !== undefined && id !== this.out) return'),
  ],
  'only the first 300 values of a submission count': [
    'stream/long-data I',
    instead(
      '    this.#respond(line, submissions.flat(), submissions.length)\n',
      '    this.#respond(line, submissions.map((s) => s.slice(0, 300)).flat(), submissions.length)\n',
    ),
  ],
  'a tag is checked in the first five rounds': ['late/tag-last K', taken('bad-tag', 'position.round > 5')],
  'rounds are compared by sixteen bits': [
    'insider/round-65536-later I',
    taken('future-round', 'Buffer.from(frame).readUInt16BE(4) === position.round'),
  ],
  'the keys before the last round still open': [
    'keys/previous I',
    before('    line.position = position.after(frame)\n    line.env.acc', '    line.before = position\n'),
    taken('bad-tag', "line.before?.opens(frame, 'c2s').tagOk"),
  ],
  'every CHALLENGE is the same': [
    'keys/fresh-challenge K',
    instead('seconds, random))', 'seconds, (n) => new Uint8Array(n)))'),
  ],
  'the first two clients of a round count': [
    'numbers/everybody I',
    instead(
      'submissions.flat(), submissions.length)',
      'submissions.slice(0, 2).flat(), Math.min(2, submissions.length))',
    ),
  ],
  'the end of an old connection takes the values of its client along': [
    'sessions/old-ends I',
    before(CLOSES, '    for (const l of this.#lines) if (l.position?.id === line.position?.id) l.submitted.clear()\n'),
  ],
  'a connection begins anew after a TERMINATE': [
    'insider/hello-after-end I',
    instead(ENDS, '      line.position = null\n'),
  ],
  'a connection begins anew after a bad tag': [
    'insider/hello-after-end I',
    before(BAD, "    if (judgement.kind === 'bad' && judgement.reason === 'bad-tag') return (line.position = null)\n"),
  ],
  'values stay of whoever was greeted for with junk': [
    'departure/after-junk K',
    before('    line.env.rejected(frame, reason)\n', "    if (reason === 'bad-tag') this.junk = at?.id\n"),
    before(CLOSES, '    if (line.position?.id === this.junk) this.left = new Map(line.submitted)\n'),
    instead(
      '    this.#respond(line, submissions.flat(), submissions.length)\n',
      '    this.#respond(line, [...submissions.flat(), ...(this.left?.get(round) ?? [])], submissions.length)\n',
    ),
  ],
  'a number in hexadecimal is one': [
    'payload/hexadecimal I',
    taken('bad-payload', "/^0x/.test(Buffer.from(position.opens(frame, 'c2s').plaintext).toString())"),
  ],
}

describe('planted in the server of a dialect', { timeout: 60_000 }, () => {
  it('the count of a DATA is not looked at, and its length is computed in 16 bits', async () => {
    const file = 'src/payload.ts'
    const length = 'bytes.length !== 2 + 8 * count'
    const loop = 'i < count;'
    const ask = async (how: string): Promise<readonly string[]> => {
      const found = [instead(length, how, file), instead(loop, 'i < (bytes.length - 2) / 8;', file)]
      const cases = [named('payload/count-more'), named('payload/count-wraps')]
      return other(await judged(await serveOwn('bound', found), PROTOCOL.bound, cases))
    }
    expect(await ask(length)).toEqual([])
    expect(await ask('bytes.length % 8 !== 2')).toEqual(['failed payload/count-more I', 'failed payload/count-wraps I'])
    expect(await ask('bytes.length !== 2 + ((8 * count) & 0xffff)')).toEqual(['failed payload/count-wraps I'])
  })
  it.concurrent.each(Object.entries(PLANTED))('%s', async (_, [wanted, ...how]) => {
    const d = read('a', A)
    const asked = [named(wanted.split(' ')[0]!)]
    expect(other(await judged(await serveDialect(d), d, asked))).toEqual([])
    expect(other(await judged(await serveDialect(d, how), d, asked))).toEqual([`failed ${wanted}`])
  })
})

describe('planted in what a bad frame is answered with', { timeout: 60_000 }, () => {
  const under = START.replaceAll('position.', 'at.')
  const header = '{ opcode: 50, id: at.id, round: at.round, direction: at.dialect.directions.s2c }'
  it.each([
    ['errors/alike-for-insiders I', `at.seal('s2c', ${header}, Buffer.from(reason.slice(0, 9)), line.env.random(16))`],
    ['errors/sealed K', `${under}.seal('s2c', ${header}, CONTROL, line.env.random(16))`],
  ])('%s', async (wanted, frame) => {
    const d = read('a', { ...A, reaction: 'uniform' })
    const asked = [named(wanted.split(' ')[0]!)]
    expect(other(await judged(await serveDialect(d), d, asked))).toEqual([])
    const how = instead('line.env.send(answer.frame)', `line.env.send(${frame})`)
    expect(other(await judged(await serveDialect(d, [how]), d, asked))).toEqual([`failed ${wanted}`])
  })
})

describe('an honest answer that is none', { timeout: 60_000 }, () => {
  it.each([
    [
      'names another round',
      instead(
        'round: position.round, direction',
        'round: position.round + (opcode === OP.RESPONSE ? 1 : 0), direction',
      ),
      /the first DATA of an honest client: 40 of \d+ bytes, which opens and names round 2 where 1 belongs/,
    ],
    [
      'says something else',
      instead('writeResponse(this.#setup.followers.dialect, values, submissions)', 'CONTROL'),
      /which opens, and says what the dialect does not: 00/,
    ],
    [
      'comes twice',
      instead(
        "    if (!line.env.send(frame)) this.#end(line, 'fault')\n",
        "    if (opcode === OP.RESPONSE) line.env.send(frame)\n    if (!line.env.send(frame)) this.#end(line, 'fault')\n",
      ),
      /an honest client gets more frames than it has asked for/,
    ],
  ] as const)('is not judged: it %s', async (_, how, why) => {
    const d = read('a', A)
    const problem = await judged(await serveDialect(d, [how]), d, [named('keys/zero')]).catch((e: unknown) => e)
    expect(problem).toBeInstanceOf(NotJudged)
    expect((problem as Error).message).toMatch(why)
  })
})

it('a HELLO whose padding is not looked at: first/bad-padding', async () => {
  const text = 'const text = plaintext && payload.decodeText(plaintext)'
  const server = await serveOwn('bound', [
    { file: 'src/server-session.ts', find: text, replace: text.replace('plaintext &&', "!plaintext ? '' :") },
  ])
  expect(other(await judged(server, PROTOCOL.bound, [named('first/bad-padding')]))).toEqual([
    'failed first/bad-padding I',
  ])
})

it('a server that takes one number only is not blamed for refusing many: stream/long-data', async () => {
  const d = read('a', A)
  const many = "judgement.kind === 'fine' && judgement.body.kind === 'data' && judgement.body.values.length > 1"
  const one = [before(BAD, `    if (${many}) return this.#reject(line, frame, 'bad-payload', position)\n`)]
  const j = await judged(await serveDialect(d, one), d, [named('stream/long-data')])
  expect(other(j)).toEqual(['informational stream/long-data A'])
  const ends = [
    before(
      BAD,
      `    if (${many}) this.out = true\n    if (this.out) return this.#reject(line, frame, 'bad-payload', position)\n`,
    ),
    instead('if (master !== undefined) return', 'if (master !== undefined && !this.out) return'),
  ]
  const all = await judged(await serveDialect(d, ends), d, [named('stream/long-data')])
  // But for serving nobody since: this one cannot be started anew, to be asked again, so what it showed once counts.
  expect(other(all)).toEqual(['failed stream/long-data A'])
  expect(all.rows[0]!.observed).toMatch(/^\d+ values: closes; after it X and Y are not served any more$/)
  expect(all.stopped).toBe('honest clients are not served any more since stream/long-data')
})

it('a second round that nothing moved for is not judged, and named', async () => {
  const d = read('a', A)
  const still = [
    before(BAD, '    Object.assign(line, { first: position })\n'),
    before(
      "    if (!line.env.send(frame)) this.#end(line, 'fault')\n",
      '    if (opcode === OP.RESPONSE) line.position = line.first\n',
    ),
  ]
  await expect(judged(await serveDialect(d, still), d, [named('keys/zero')])).rejects.toThrow(
    /^the second DATA of an honest client: .*; it is answered under the keys and with the round of the first: nothing moves$/,
  )
})
