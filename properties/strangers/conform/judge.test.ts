import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import { PROTOCOL } from '../../../spec/dialects/dialect.ts'
import type { Mode } from '../../../spec/language.ts'
import { MUTANTS } from '../../harness/mutants/catalogue.ts'
import { type Running, serve, serveDialect, serveOwn } from '../../harness/target/servers.testkit.ts'
import { judged, named, other, QUICK, read } from './judge.testkit.ts'
import { NotJudged } from './judge.ts'

describe('our own server', { timeout: 60_000 }, () => {
  const WHAT_IS_KNOWN: Readonly<Record<Mode, readonly string[]>> = {
    bound: [],
    literal: ['failed replay/session P'], // PROTOCOL §9
  }
  it.each(['bound', 'literal'] as const)('has a card in %s as PROTOCOL says, the same each time', async (mode) => {
    const once = async () => judged(await serveOwn(mode, []), PROTOCOL[mode], QUICK)
    const [a, b] = await Promise.all([once(), once()])
    expect(other(a)).toEqual(WHAT_IS_KNOWN[mode])
    expect(a.rows).toEqual(b.rows)
  })
})

/** Mutant of the catalogue → the case that is there for it. */
const PLANTED: Readonly<Record<string, string>> = {
  'chunk-is-frame': 'stream/in-pieces',
  'prefix-one-chunk': 'stream/in-pieces',
  'iv-zero': 'keys/fresh-ivs',
  'iv-per-session': 'keys/fresh-ivs',
  'hello-timer-extended': 'time/dripped-hello',
  'trailing-bytes': 'altered/longer-by-1',
  'tag-half': 'altered/tag-middle',
  'tag-last-byte': 'altered/tag-last',
  'tag-first-byte': 'altered/tag-first',
  'tag-unchecked': 'altered/tag-middle',
  'tag-zero-passes': 'altered/tag-zero',
  'padding-last-byte': 'insider/padding-inconsistent',
  'padding-long': 'insider/padding-17',
  'data-trailing-bytes': 'payload/trailing',
  'nan-accepted': 'payload/nan',
  'infinity-accepted': 'payload/infinity',
  'magnitude-unbounded': 'payload/huge',
  'hello-in-active': 'replay/hello-in-session',
  'any-opcode-is-data': 'insider/opcode-20',
  'response-is-data': 'insider/opcode-40',
  'unknown-opcode-ignored': 'errors/alike-without-key',
  'unknown-opcode-accepted': 'insider/opcode-99',
  'direction-unchecked-at-server': 'insider/other-direction',
  'id-unchecked-at-server': 'insider/other-id',
  'round-unchecked-at-server': 'insider/round-far',
  'stale-round-accepted': 'insider/round-before',
  'future-round-accepted': 'insider/round-after',
  'bad-tag-dropped-at-server': 'errors/end-without-key',
  'bad-padding-dropped-at-server': 'errors/end-for-insiders',
  'stale-round-dropped-at-server': 'errors/end-without-key',
  'bad-payload-dropped-at-server': 'errors/end-for-insiders',
  'terminate-answered': 'insider/terminate',
  'control-answered': 'altered/control-opcode',
  'hello-tears-down': 'elsewhere/hello-again',
  'any-hello-tears-down': 'first/junk',
  'lookup-by-header-id': 'elsewhere/data-on-the-connection-of-y',
  'lookup-newest-by-id': 'elsewhere/data-moved',
  'no-supersession': 'sessions/takeover',
  'newer-refused': 'sessions/takeover',
  'hello-confirms': 'sessions/takeover',
  'bad-first-frame-kills': 'first/junk',
  'unknown-id-answered': 'first/tells-ids',
  'departed-kept': 'departure/withdrawn',
  'flood-evicts-confirmed': 'flood/hellos-of-x',
  'float-sum': 'numbers/exact',
  'first-value-only': 'numbers/exact',
  'own-missing': 'numbers/shared',
  'others-missing': 'numbers/shared',
  'rounds-mixed': 'numbers/own-round',
  'own-rounds-mixed': 'numbers/own-round',
  'latest-of-each': 'numbers/own-round',
  'average-of-own': 'numbers/shared',
}

describe('a planted bug', { timeout: 60_000 }, () => {
  it.concurrent.each(Object.entries(PLANTED))('%s is found by %s', async (id, wanted) => {
    const { replacements } = MUTANTS.find((m) => m.id === id)!
    const j = await judged(await serveOwn('bound', replacements), PROTOCOL.bound, [named(wanted)])
    expect(other(j)).toEqual([expect.stringMatching(`^failed ${wanted} `)])
  })
})

/** It still takes a DATA under the keys that it had before its last answer. */
const KEEPS_OLD_KEYS = [
  {
    file: 'spec/dialects/server.ts',
    find: "    if (judgement.kind === 'bad') {\n",
    replace:
      "    if (judgement.kind === 'bad' && line.before && judge(frame, 'server', line.before, position.dialect).kind === 'fine') {\n      this.#respond(line, [100], 1)\n      return\n    }\n    if (judgement.kind === 'bad') {\n",
  },
  {
    file: 'spec/dialects/server.ts',
    find: '    line.position = position.after(frame)\n    line.env.accepted(frame)\n',
    replace:
      '    Object.assign(line, { before: position })\n    line.position = position.after(frame)\n    line.env.accepted(frame)\n',
  },
]

describe('a bug planted for a case that no mutant is there for', { timeout: 30_000 }, () => {
  it('old keys that go on: lost/resent', async () => {
    const d = read('a', {})
    const j = await judged(await serveDialect(d, KEEPS_OLD_KEYS), d, [named('lost/resent')])
    expect(other(j)).toEqual(['failed lost/resent I'])
  })

  it('a client that is not let in again: lost/back-after-reset', async () => {
    const d = read('a', {})
    const file = 'spec/dialects/server.ts'
    const server = await serveDialect(d, [
      {
        file,
        find: "    if (this.#lines.has(line)) this.#end(line, 'close')\n",
        replace:
          "    if ([...line.submitted.values()].flat().includes(100)) this.out = line.position?.id\n    this.#end(line, 'close')\n",
      },
      {
        file,
        find: 'if (master !== undefined) return',
        replace: 'if (master !== undefined && id !== this.out) return',
      },
    ])
    const j = await judged(server, d, [named('lost/back-after-reset')])
    expect(other(j)).toEqual(['failed lost/back-after-reset A'])
  })

  it('a duplicate that is passed over, and counts: replay/twice-in-a-row', async () => {
    const d = read('c', { server_waits_for_others: 'no' })
    const server = await serveDialect(d, [
      {
        file: 'spec/dialects/server.ts',
        find: "    if (judgement.kind === 'bad') {\n",
        replace:
          "    const last = [...line.submitted.keys()].at(-1)\n    if (judgement.kind === 'bad' && judgement.reason === 'stale-round') {\n      line.submitted.set(last, [...line.submitted.get(last), ...line.submitted.get(last)])\n      return\n    }\n    if (judgement.kind === 'bad') {\n",
      },
    ])
    const j = await judged(server, d, [named('replay/twice-in-a-row')])
    expect(other(j)).toEqual(['failed replay/twice-in-a-row K'])
  })

  it('values that go with an old connection of the same client: sessions/takeover', async () => {
    const server = await serveOwn('bound', [
      {
        file: 'src/server.ts',
        find: "      if (next.phase === 'TERMINATED') this.#lines.delete(line)\n",
        replace:
          "      if (next.phase === 'TERMINATED') this.#lines.delete(line)\n      if (next.phase === 'TERMINATED' && changes.length > 1) this.#totals.replace(submitted(changes[0][0].state), [])\n",
      },
    ])
    const j = await judged(server, PROTOCOL.bound, [named('sessions/takeover')])
    expect(other(j)).toEqual(['failed sessions/takeover I'])
  })

  it('sessions that give way to whoever connects: flood/half-frames', async () => {
    const server = await serveOwn('bound', [
      {
        file: 'src/server.ts',
        find: 'this.#lines.size >= this.#limits.connections',
        replace: 'this.#lines.size >= 16',
      },
      {
        file: 'src/server.ts',
        find: "({ state }) => state.phase !== 'ACTIVE' || !state.confirmed",
        replace: '() => true',
      },
    ])
    const j = await judged(server, PROTOCOL.bound, [named('flood/half-frames')])
    expect(other(j)).toEqual([expect.stringMatching(/^failed flood\/half-frames A/)])
  })
})

/** What DIALECTS records of three implementations, in the words of a card; each is a server of the dialect of that name. */
const RECORDED: Readonly<Record<string, readonly string[]>> = {
  a: [
    ...['prefix-ffffffff', 'prefix-1-mib', 'prefix-0', 'prefix-3'].map((p) => `failed stream/${p} K`), // no limit
    'failed errors/alike-without-key K', // 51 to 55 and 60 tell the cause
    'failed errors/end-without-key K', // another id is passed over
    'failed errors/alike-for-insiders I',
    'failed numbers/exact I', // added in order of arrival
    'failed first/tells-ids K', // 57 in clear
    'failed first/again-after-failure K',
    'non-strict altered/client-id K',
    'non-strict insider/other-id I',
    'non-strict insider/unknown-id I',
    'failed payload/nan I', // whatever float() takes
    'failed payload/infinity I',
    'failed payload/huge I',
    'failed insider/terminate I', // knows no TERMINATE
    'failed altered/control-opcode K',
    'failed replay/session P', // no session binding
    'failed sessions/takeover I',
  ],
  b: [
    'failed stream/in-pieces A', // one recv is one frame
    'failed stream/two-in-one-piece A',
    'failed numbers/shared I', // its own value, in practice
    'failed payload/3000-digits I',
    'failed replay/session P',
    'failed replay/first-data-of-another-session P',
    'failed sessions/takeover I',
  ],
  c: [
    'failed errors/sealed K', // tag under the all-zero key
    'informational numbers/everybody I',
    'failed numbers/answered-on-arrival A', // N submissions or 30 s
    'informational numbers/at-once A',
    'failed numbers/wrap I', // i32
    'failed first/tells-ids K',
    'failed altered/control-opcode K',
    'failed replay/session P',
    'failed replay/first-data-of-another-session P',
    'informational sessions/takeover I',
    'informational sessions/old-ends I',
    'informational lost/back-after-reset A',
    ...['withdrawn', 'goodbye', 'after-junk', 'back', 'hello-replayed', 'header-replayed'].map((d) =>
      /replayed|junk/.test(d) ? `informational departure/${d} K` : `informational departure/${d} I`,
    ),
  ],
}

describe('a server of dialect', { timeout: 120_000 }, () => {
  it.concurrent.each(Object.entries(RECORDED))(
    '%s gets what is recorded of it on its card, and nothing else',
    async (name, known) => {
      const d = read(name, {})
      const j = await judged(await serveDialect(d), d, QUICK)
      expect(other(j)).toEqual(known)
    },
  )
})

describe('a dialect that nobody recorded', { timeout: 60_000 }, () => {
  it('is judged by everything but its numbers, where these are not read', async () => {
    const d = read('c', {
      data_payload: 'any:00000005',
      aggr_response_payload: 'any:00',
      server_waits_for_others: 'no',
    })
    const cases = QUICK.filter((c) => /^(errors|numbers|payload|departure|sessions)\//.test(c.id))
    const j = await judged(await serveDialect(d), d, cases)
    expect(j.manners.sums).toBe('unread')
    expect(j.rows.filter((r) => r.verdict !== 'unsupported').map((r) => `${r.verdict} ${r.id}`)).toEqual([
      'ok errors/alike-without-key',
      'ok errors/end-without-key',
      'ok errors/alike-for-insiders',
      'ok errors/end-for-insiders',
      'failed errors/sealed',
      'ok numbers/answered-on-arrival',
      'failed sessions/takeover',
      'ok sessions/old-ends',
    ])
  })

  it('is judged from its file: payloads of fields, labels, HMAC, the label first, other opcodes, banners', async () => {
    const fields = {
      framing_code: 'u32be',
      client_banner: 'lit:HELLO v1\r\n',
      server_banner: 'hex:53525631',
      opcodes: { HELLO: 30, CHALLENGE: 10, DATA: 20, RESPONSE: 99, KEY_DESYNC_ERROR: 40 },
      labels: { c2s_enc: 'up/enc', c2s_mac: 'up/mac', s2c_enc: 'down/enc', s2c_mac: 'down/mac' },
      initial_key: 'key-last',
      evolved_key: 'hmac',
      data_payload: 'rand:16 | lit:DATA7: | float:3 value',
      aggr_response_payload: 'lit:SUM= | float sum | lit:;N= | int count',
    }
    const d = read('b', fields)
    const j = await judged(await serveDialect(d), d, QUICK)
    expect(j.manners).toMatchObject({ sums: 'shared', waits: false })
    expect(other(j)).toEqual([
      'failed stream/prefix-ffffffff K', // its file sets no limit
      'failed stream/prefix-1-mib K',
      'failed payload/nan I', // it takes every float
      'failed payload/infinity I',
      'failed payload/huge I',
      'failed replay/session P',
      'failed replay/first-data-of-another-session P',
      'failed sessions/takeover I', // whoever shakes hands takes part
    ])
    const taken = { start_round: 7, direction_c2s: 7, round_advances_after_opcodes: [], data_payload: 'f64 value' }
    const still = read('c', { ...taken, aggr_response_payload: 'f64 sum', server_waits_for_others: 'no' })
    const one = new Map([1, 2, 3].map((id) => [id, new Uint8Array(16).fill(5)]))
    const ids = ['first/other-round', 'first/other-id', 'insider/round-before', 'insider/unknown-direction']
    const l = await judged(await serveDialect(still, [], one), still, ids.map(named), one)
    expect(other(l)).toEqual(['informational first/other-id I']) // who has one key is the other
    const small = read('b', { ...fields, data_payload: 'u16 value', aggr_response_payload: 'u32 sum | u16 count' })
    const k = await judged(await serveDialect(small), small, [named('numbers/wrap'), named('numbers/negative')])
    expect(k.rows.map((r) => `${r.verdict} ${r.id}: ${r.observed}`)).toEqual([
      'ok numbers/wrap: sum 65538, count 2',
      'unsupported numbers/negative: no number is negative here',
    ])
  })
})

describe('what is no such server', { timeout: 30_000 }, () => {
  const http = (): Promise<Running> =>
    new Promise((resolve) => {
      const server = createServer()
      server.listen(0, '127.0.0.1', () => {
        const { port } = server.address() as AddressInfo
        resolve({ port, stop: async () => void server.close().closeAllConnections() })
      })
    })
  const serial = async (): Promise<Running> => {
    const inner = await serveOwn('bound', [])
    let turn = Promise.resolve()
    const outer = await serve((socket) => {
      socket.pause()
      const served = (): Promise<void> =>
        new Promise((done) => {
          const on = connect(inner.port, '127.0.0.1').on('error', () => {})
          socket.pipe(on).pipe(socket)
          socket.on('close', () => done(void on.destroy()))
        })
      turn = turn.then(served)
    })
    return { ...outer, stop: async () => void (await Promise.all([outer.stop(), inner.stop()])) }
  }
  const ODD: Readonly<Record<string, readonly [() => Promise<Running>, string]>> = {
    'an HTTP server': [http, 'it is an HTTP server: HTTP/1.1 400 Bad Request'],
    'an echo': [() => serve((s) => s.pipe(s)), 'it echoes what it gets'],
    'one that says nothing': [() => serve(() => {}), 'it accepts connections and says nothing within 3 s'],
    'one that closes on everything': [() => serve((s) => s.on('data', () => s.end())), 'it closes on an honest HELLO'],
    'one that resets': [() => serve((s) => s.on('data', () => s.resetAndDestroy())), 'it resets on an honest HELLO'],
    'one that babbles': [
      () => serve((s) => s.write(Buffer.alloc(80, 7))),
      'its answer to an honest HELLO is no CHALLENGE',
    ],
    'one that serves one connection at a time': [
      serial,
      'a second client, while the first is connected: the HELLO of an honest client: silence, until that one has left',
    ],
    'a port where nobody listens': [
      async () => {
        const s = await serve(() => {})
        await s.stop()
        return { ...s, stop: async () => {} }
      },
      'no connection: connect ECONNREFUSED',
    ],
  }
  it.each(Object.entries(ODD))('is not judged: %s', async (_, [start, why]) => {
    const problem = await judged(await start(), PROTOCOL.bound, QUICK).catch((e: unknown) => e)
    expect(problem).toBeInstanceOf(NotJudged)
    expect((problem as Error).message).toContain(why)
  })
})
