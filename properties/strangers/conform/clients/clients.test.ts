import { describe, expect, it } from 'vitest'
import { type Dialect, PROTOCOL } from '../../../../spec/dialects/dialect.ts'
import { parseDialect } from '../../../../spec/dialects/file.ts'
import { Followers } from '../../../../spec/dialects/follower.ts'
import type { Mode } from '../../../../spec/language.ts'
import { OP } from '../../../../spec/opcodes.ts'
import { DEMO_KEYRING } from '../../../../src/cli/keyring.ts'
import { MUTANTS } from '../../../harness/mutants/catalogue.ts'
import { readText } from '../../../harness/process/files.ts'
import { playable } from '../../../harness/target/dialects.ts'
import { CLIENT_CASES } from '../cases/index.ts'
import { NotJudged } from '../judge.ts'
import { dialectClient, ownClient } from './clients.testkit.ts'
import { commandLaunch, type Launch } from './host.ts'
import { type ClientJudgement, judgeClient } from './judge.ts'
import type { ClientCase } from './strike.ts'

const QUICK = CLIENT_CASES.filter((c) => !c.slow)
const OVERDUE_MS = 2_500 // well above the patience, as in PROTOCOL
const named = (id: string): ClientCase => CLIENT_CASES.find((c) => c.id === id)!

const judged = (launch: Launch, dialect: Dialect, cases: readonly ClientCase[], seed = 1): Promise<ClientJudgement> =>
  judgeClient(cases, {
    followers: new Followers(dialect),
    keyring: DEMO_KEYRING,
    launch,
    lines: ['5', '7', '9'],
    givesUpMs: 2 * OVERDUE_MS,
    seed,
    signal: new AbortController().signal,
    progress() {},
  })

const other = (j: ClientJudgement): readonly string[] =>
  j.rows.filter((r) => !['ok', 'unsupported'].includes(r.verdict)).map((r) => `${r.verdict} ${r.id} ${r.class}`)

describe('our own client', { timeout: 60_000 }, () => {
  const WHAT_IS_KNOWN: Readonly<Record<Mode, readonly string[]>> = {
    bound: [],
    literal: ['failed replay/challenge P', 'failed replay/server P'], // PROTOCOL §9
  }
  it.each(['bound', 'literal'] as const)('has a card in %s as PROTOCOL says, the same each time', async (mode) => {
    const launch = await ownClient(mode, [], OVERDUE_MS)
    const [a, b] = [
      await judged(launch, PROTOCOL[mode], CLIENT_CASES),
      await judged(launch, PROTOCOL[mode], CLIENT_CASES),
    ]
    expect(other(a)).toEqual(WHAT_IS_KNOWN[mode])
    expect(b.rows).toEqual(a.rows)
    expect(a.habits.rounds).toBe(3)
  })
})

/** Mutant of the catalogue → the case that is there for it. */
const PLANTED: Readonly<Record<string, string>> = {
  'chunk-is-frame': 'stream/in-pieces',
  'tag-half': 'answer/tag-middle',
  'tag-last-byte': 'challenge/tag-last',
  'tag-first-byte': 'answer/tag-first',
  'tag-unchecked': 'answer/tag-zero',
  'tag-unchecked-challenge': 'challenge/tag-middle',
  'tag-zero-passes': 'challenge/tag-zero',
  'trailing-bytes': 'answer/longer-by-1',
  'padding-zero': 'challenge/padding-zero',
  'padding-last-byte': 'answer/padding-inconsistent',
  'any-opcode-is-response': 'answer/opcode-30',
  'any-opcode-is-challenge': 'challenge/answer-instead',
  'second-challenge': 'errors/end-for-rogue-servers',
  'unknown-opcode-ignored-at-client': 'errors/end-for-rogue-servers',
  'direction-unchecked-at-client': 'answer/sealed-direction',
  'id-unchecked-at-client': 'challenge/sealed-id',
  'round-unchecked-at-client': 'answer/sealed-round-before',
  'bad-tag-dropped-at-client': 'errors/end-without-key',
  'bad-padding-dropped-at-client': 'errors/end-for-rogue-servers',
  'malformed-dropped-at-client': 'errors/end-without-key',
  'out-of-phase-dropped-at-client': 'errors/end-for-rogue-servers',
  'client-answers-bad-frame': 'answer/tag-last',
  'client-answers-terminate': 'control/terminate',
  'control-unverified-at-client': 'control/forged-terminate',
  'desync-unverified-at-client': 'control/forged-desync',
  'desync-ignored': 'control/desync',
  'terminate-ignored-at-client': 'control/terminate',
  'status-unchecked': 'payload/status',
  'response-count-zero': 'payload/count-zero',
  'response-nan-sum': 'payload/sum-nan',
  'response-nan-average': 'payload/average-nan',
  'response-length-unchecked': 'payload/trailing',
  'hello-reused': 'iv/fresh',
  'iv-zero': 'iv/fresh',
  'challenge-timer-missing': 'silence/no-challenge',
  'response-timer-missing': 'silence/no-answer',
}

describe('a planted bug', { timeout: 60_000 }, () => {
  it.concurrent.each(Object.entries(PLANTED))('%s is found by %s', async (id, wanted) => {
    const { replacements } = MUTANTS.find((m) => m.id === id)!
    const j = await judged(await ownClient('bound', replacements, OVERDUE_MS), PROTOCOL.bound, [named(wanted)])
    const verdict = id === 'client-answers-bad-frame' ? 'non-strict' : 'failed' // it is safe all the same
    expect(other(j)).toEqual([expect.stringMatching(`^${verdict} ${wanted} `)])
  })
})

it('a tag that is checked in the first round only: late/tag-last', async () => {
  const find = "  if (typeof plaintext === 'string') return rejected(plaintext)\n  switch (header.opcode as"
  const late = [
    { file: 'src/client-state.ts', find: 'const plaintext = open(', replace: 'const tagged = open(' },
    {
      file: 'src/client-state.ts',
      find,
      replace: `  const plaintext = tagged === 'bad-tag' && round > 1 ? decrypt(c, keys.s2c.enc, frame) : tagged\n${find}`,
    },
    {
      file: 'src/client-state.ts',
      find: "import { open } from './primitives.ts'",
      replace: "import { decrypt, open } from './primitives.ts'",
    },
  ]
  const cases = [named('answer/tag-last'), named('late/tag-last')]
  const j = await judged(await ownClient('bound', late, OVERDUE_MS), PROTOCOL.bound, cases)
  expect(other(j)).toEqual(['failed late/tag-last K'])
})

/** What DIALECTS records of the clients of three implementations, in the words of a card. */
const RECORDED: Readonly<Record<string, readonly string[]>> = {
  a: [
    ...['stream/prefix-ffffffff K', 'stream/prefix-1-mib K'].map((c) => `failed ${c}`), // no limit
    ...['replay/challenge P', 'replay/server P'].map((c) => `failed ${c}`), // no session binding
  ],
  b: [
    'failed stream/in-pieces A', // one recv is one frame
    ...['replay/challenge P', 'replay/server P', 'replay/answer-of-another-run P'].map((c) => `failed ${c}`),
  ],
  c: ['failed replay/challenge P', 'failed replay/server P'],
}

describe('a client of dialect', { timeout: 60_000 }, () => {
  it.concurrent.each(Object.entries(RECORDED))('%s gets what is recorded of it', async (name, known) => {
    const json = JSON.parse(readText(new URL(`../../../../corpus/dialects/${name}.json`, import.meta.url)))
    const parsed = parseDialect(json, name, '')
    if (parsed.kind === 'bad') throw new Error(parsed.problem)
    expect(other(await judged(dialectClient(parsed.dialect), parsed.dialect, QUICK))).toEqual(known)
  })
})

it('a client whose payloads nobody reads is judged by all the rest', { timeout: 60_000 }, async () => {
  const json = JSON.parse(readText(new URL('../../../../corpus/dialects/c.json', import.meta.url)))
  const unread = { ...json, data_payload: 'any', aggr_response_payload: 'any:000000010000000500000000' }
  const [own, parsed] = [parseDialect(json, 'c', ''), parseDialect(unread, 'c', '')]
  if (own.kind === 'bad' || parsed.kind === 'bad') throw new Error('no dialect')
  const cases = QUICK.filter((c) => /^(answer|replay)\//.test(c.id))
  const j = await judged(dialectClient(own.dialect), playable(parsed.dialect, '--dialect c', 'server'), cases)
  expect(other(j)).toEqual(RECORDED.c)
  expect(j.rows.filter((r) => r.verdict === 'ok').length).toBeGreaterThan(20)
  expect(() => playable(parsed.dialect, '--dialect c')).toThrow(
    '--dialect c: data_payload: expected any:HEX, a payload that clients send, got any',
  )
})

it('a client that knows no control frames is not blamed for obeying them', { timeout: 30_000 }, async () => {
  const words = {
    rejected: (f: Uint8Array | null) => (f?.[0] === OP.RESPONSE ? 'bad tag' : 'bad opcode'),
    ended: 'bad opcode',
  }
  const asked = ['control/forged-desync', 'control/forged-terminate'].map(named)
  expect(other(await judged(dialectClient(PROTOCOL.literal, words), PROTOCOL.literal, asked))).toEqual([])
  const obeys = { ...words, rejected: (f: Uint8Array | null) => (f?.[0] === 99 ? 'what is that?' : words.rejected(f)) }
  expect(other(await judged(dialectClient(PROTOCOL.literal, obeys), PROTOCOL.literal, asked))).toEqual([
    'failed control/forged-desync K',
    'failed control/forged-terminate K',
  ])
})

describe('what is no such client', { timeout: 60_000 }, () => {
  it.each([
    ['exit 3 # {port} {id}', 'it ended before it connected (exit code 3); it printed nothing'],
    ['echo "no module named aes" >&2; exit 1', 'it printed: no module named aes'],
    [
      `node -e "const s=require('net').connect(+process.argv[1],'127.0.0.1');s.write('GET / HTTP/1.1\\r\\n\\r\\n')" {port}`,
      'no HELLO: nonsense',
    ],
    [
      `node -e "require('net').connect(+process.argv[1],'127.0.0.1').write(Buffer.concat([Buffer.from([0,0,0,71]),Buffer.alloc(71,7)]))" {port}`,
      'its first frame is no HELLO of client 1 under this key and dialect (7 of 71 bytes)',
    ],
    [`node -e "require('net').connect(+process.argv[1],'127.0.0.1').end()" {port}`, 'no HELLO: it closes'],
  ])('is not judged: %s', async (command, why) => {
    const problem = await judged(commandLaunch(command), PROTOCOL.bound, QUICK).catch((e: unknown) => e)
    expect(problem).toBeInstanceOf(NotJudged)
    expect((problem as Error).message).toContain(why)
  })

  it('is one whose keys do not move with its DATA', async () => {
    const { evolves } = PROTOCOL.literal
    const still = { ...PROTOCOL.literal, evolves: { ...evolves, c2s: { ...evolves.c2s, on: [OP.HELLO] } } }
    await expect(judged(dialectClient(still), PROTOCOL.literal, QUICK)).rejects.toThrow(
      'after an honest SERVER_AGGR_RESPONSE: 30 of 71 bytes, a DATA that does not open under the keys',
    )
  })

  it('is one that is ended by a signal over a frame', async () => {
    const crashes = `node --import tsx src/cli/client.ts {id} --port {port}; kill -SEGV $$`
    const j = await judged(commandLaunch(crashes), PROTOCOL.bound, [named('answer/tag-last')])
    expect(j.rows[0]).toMatchObject({
      verdict: 'failed',
      class: 'A',
      observed: 'closes; the client is ended by SIGSEGV',
    })
  })
})
