import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { folder, Program, serve } from '../../../../src/cli/programs.ts'
import type { listen } from '../../../../src/net/index.ts'
import { attacks } from '../../../checks/attacks/check.ts'
import { srcSystem } from '../../../harness/parties/party-file.ts'
import { loadVariant } from '../../../harness/process/variants.ts'
import { replay } from '../../../harness/schedules/replay.ts'
import { readStored } from '../../../harness/schedules/stored.ts'
import { run, server } from '../testkit.ts'

const on = (port: number, ...more: string[]): readonly string[] => ['--port', String(port), ...more]

describe('in the middle', () => {
  it('every frame waits: passed, dropped, doubled, changed or put behind the others', async () => {
    const lines = ['middle 1', 'pass', 'pass', 'submit c0 10', 'duplicate', 'delay', 'drop', 'pass']
    const { out } = await run(on(await server()), [...lines, 'middle 2', 'flip iv 0', 'who', 'frames'])
    expect(out).toMatch(/> middle 1\n.*\n.*\nwaits: f0 +CLIENT_HELLO/)
    expect(out).toMatch(/> duplicate\n.*f2 .* accepted\n.*f3 .*\n.*f2 .* rejected\n.*f4 .*KEY_DESYNC_ERROR/)
    expect(out).toMatch(/> delay\nwaits: f4 +KEY_DESYNC_ERROR.*\n> drop\nwaits: f3 .*\n> pass\n.*c0 .* f3 +accepted/)
    expect(out).toMatch(/> flip iv 0\n(.*\n)*.*s1 closes without a frame; bad-tag/)
    expect(out).toMatch(/^c0 {2}client 1 {2}ACTIVE r2$/m)
    expect(out).toMatch(/^s1 {2}nobody yet {2}TERMINATED$/m)
    expect(out).toMatch(/^f4 +KEY_DESYNC_ERROR r2 +client 1 +71 bytes +32010000000202.* {2}the byte 00$/m)
  })

  it('users submit and end as they like elsewhere', async () => {
    const { out } = await run(on(await server()), [
      'client 1',
      'submit c0 1,2',
      'finish c0',
      'client 2 5',
      'client 2 6',
      'close s1',
    ])
    expect(out).toMatch(/> submit c0 1,2\n(.*\n)*.*sum 3 of 2/)
    expect(out).toMatch(/> finish c0\n(.*\n)*.*TERMINATE r2/)
    expect(out).toContain('client 2 goes on with its session (c1)')
    expect(out).toContain('· the connection of s1 dies')
  })
})

describe('what was done', () => {
  const said: string[] = []
  const screen = {
    say: (t: string) => void said.push(t),
    complain: (t: string) => void said.push(t),
    paint: (t: string) => t,
  }
  const play = async (file: string, mode: string): Promise<number> => {
    said.length = 0
    return attacks([file, '--mode', mode], { kind: 'ok', value: [] }, screen)
  }

  it('is saved as a schedule that prop and attacks play, with what either mode makes of it', async () => {
    const file = join(folder(), 'x.json')
    const lines = [
      'client 1 10',
      'replay f0 new',
      'replay f2 s1',
      `save ${file}`,
      'middle 2',
      'pass',
      'flip tag 0',
      `save ${file}`,
    ]
    const { code, out } = await run(on(await server('literal'), '--mode', 'literal'), lines)
    expect(code).toBe(0) // PROTOCOL §9 says so of literal
    expect(out).toContain('A2 is broken: s1 accepted a DATA that was accepted before (PROTOCOL §9 says so of literal)')
    expect(out).toContain(`and npm run attacks -- ${file} (bound: BLOCKED, literal: SUCCEEDED)`)
    const stored = readStored(file, file)
    expect(stored).toMatchObject({
      kind: 'ok',
      value: { schedule: { mode: 'literal', powers: 'N', setup: { insiders: [] } } },
    })
    const played = replay(file, srcSystem, (t) => t)
    expect(played.code).toBe(0)
    expect(played.lines.at(-1)).toBe('as stored: it violates A1s, A2 in literal')
    expect(await play(file, 'literal')).toBe(0)
    expect(said.join('\n')).toContain('1 attack in literal: 0 BLOCKED, 1 SUCCEEDED')
    expect(await play(file, 'bound')).toBe(0)
    expect(said.join('\n')).toContain('1 attack in bound: 1 BLOCKED, 0 SUCCEEDED')
  })

  it('needs no more powers than it used, and raw bytes where no action has words for it', async () => {
    const file = join(folder(), 'x.json')
    const lines = [
      'client 2 1',
      'corrupt c0 reverse',
      'client 3',
      'corrupt c1 zero enc',
      `impersonate 1 ${'ab'.repeat(16)}`,
      'client 4',
      'close s3',
    ]
    const { out } = await run(on(await server()), [...lines, `save ${file}`])
    expect(out).toContain('(bound: BLOCKED, literal: BLOCKED)')
    const { schedule } = JSON.parse(readFileSync(file, 'utf8'))
    expect(schedule).toMatchObject({ powers: 'NIF', setup: { insiders: [3], clients: [1, 2, 3, 4, 5] } })
    expect(schedule.actions.map((a: { do: string }) => a.do)).toEqual([
      ...['converse', 'submit', 'deliver', 'deliver', 'inject', 'converse', 'seal', 'inject', 'converse', 'close'],
    ])
    expect(replay(file, srcSystem, (t) => t)).toMatchObject({ code: 0 })
    for (const mode of ['bound', 'literal']) expect(await play(file, mode)).toBe(0)
  })

  it('that was no attack is saved for prop alone; nothing is written over', async () => {
    const dir = folder()
    writeFileSync(join(dir, 'other'), 'x')
    const lines = [
      `save ${join(dir, 'x')}`,
      'client 1',
      `save ${join(dir, 'y')}`,
      `save ${join(dir, 'other')}`,
      `save ${join(dir, 'no', 'z')}`,
    ]
    const { out, code } = await run(on(await server()), lines, true)
    expect(code).toBe(0)
    expect(out).toContain('save: expected something that was done, got nothing yet')
    expect(out).toContain('npm run attacks has no use for it: no attack in it reached anybody')
    expect(out).toContain('save: expected a file that does not exist yet and can be written')
    expect([existsSync(join(dir, 'x')), readFileSync(join(dir, 'other'), 'utf8')]).toEqual([false, 'x'])
    expect(replay(join(dir, 'y'), srcSystem, (t) => t).code).toBe(0)
    expect(await play(join(dir, 'y'), 'bound')).toBe(2)
  })
})

describe('a server that does not do as PROTOCOL says', () => {
  it.each([
    [
      'verifies no tags',
      'src/primitives.ts',
      'sameTag(c.hmac(mac, taggedOf(frame)), tagOf(frame))',
      'c.hmac(mac, taggedOf(frame)).length > 0',
      ['client 1', 'craft s0 tag=broken'],
      /NOT as PROTOCOL §6: one KEY_DESYNC_ERROR .*expected that it answers KEY_DESYNC_ERROR and closes(.|\n)*C1 is broken: .*\(must hold in bound\)/,
    ],
  ] as const)('is found out: it %s', async (_, file, find, replace, lines, said) => {
    const variant = (await loadVariant([{ file, find, replace }], 'src/net/index.ts')) as unknown as {
      listen: typeof listen
    }
    const { code, out } = await run(on(await server('bound', variant.listen)), lines)
    expect(out).toMatch(said)
    expect(code).toBe(1)
  })

  it('in another mode is not taken for one', async () => {
    const { code, out } = await run(on(await server('literal')), ['client 1 10'])
    expect(out).toContain(
      'client 1 got no session; most likely the server has other keys, or another mode, than given here',
    )
    expect(code).toBe(2)
  })
})

describe('npm run attack', () => {
  it('is usable through a pipe: comments, blank lines, the end; a bad line ends it with exit code 2', async () => {
    const port = await server()
    expect(await run(on(port), ['# nothing', '', 'who'])).toMatchObject({
      code: 0,
      said: expect.arrayContaining(['> who', 'nobody yet']),
    })
    const { code, said } = await run(on(port), ['frames', 'replay f7', 'who'])
    expect(code).toBe(2)
    expect(said.at(-1)).toBe('expected a captured frame, got f7; nothing was captured yet (converse 1 10,20 would do)')
    expect(await run(on(port), ['quit', 'nonsense'])).toMatchObject({ code: 0 })
  })

  it.each([
    [['client 9'], 'expected a client with a key (1-5), got 9'],
    [['middle 9'], 'expected a client with a key (1-5), got 9'],
    [['client 1', 'replay f9'], 'expected a captured frame (frames lists them), got "f9"'],
    [['client 1', 'replay f0 s7'], 'expected an endpoint that exists (who lists them), got s7'],
    [['client 1', 'finish c0', 'replay f1'], 'f1: no client waits for it; say where to, as in: deliver f1 to c0'],
    [['submit c0 1'], 'expected a client in a session (who lists them), got c0'],
    [['raw s0 00'], 'expected an endpoint that exists (who lists them), got s0'],
    [['close c0'], 'expected an endpoint that exists (who lists them), got c0'],
    [['craft new'], 'seal: expected a session with current keys, got s0 (keys=initial needs none)'],
    [['craft new keys=initial id=9'], 'seal: id: expected a client with a key (1-5), got 9'],
    [['client 1', 'corrupt c0 xor 00'], 'corrupt: expected keys that differ from the right ones, got the same'],
    [['pass'], 'expected a frame that waits for a decision, got none (connect ID starts a session)'],
    [['middle 1', 'delay 5'], 'delay: expected no time here: it goes behind the others, and waits until you pass it'],
    [
      [`impersonate 1 ${Buffer.from('gauntlet demo key of client 1').toString('hex')}`],
      'impersonate: expected another key than that of client 1',
    ],
    [['client 1', `submit c0 ${Array(512).fill('1').join()}`], 'submit: expected 1..511 numbers, got 512'],
  ])('refuses %j in one line', async (lines, why) => {
    const { said } = await run(on(await server()), lines)
    expect(said.at(-1)).toContain(why)
  })

  it('refuses what it cannot start with, and shows its options and commands', async () => {
    const port = await server()
    const wrong: [readonly string[], string][] = [
      [['--port', '0'], '--port: expected an integer 1..65535, got 0'],
      [['--mode', 'safe'], '--mode: expected one of bound, literal, got safe'],
      [['--seed', '-1'], 'Option'],
      [['--seed', 'x'], '--seed: expected an integer 0..4294967295, got x'],
      [['--keys', 'none.json'], '--keys: expected a readable file, got none.json (ENOENT)'],
      [['now'], "Unexpected argument 'now'"],
      [['--port', '1'], '--host, --port: expected a server, got none at 127.0.0.1:1 (ECONNREFUSED)'],
    ]
    for (const [argv, why] of wrong) {
      const { code, said } = await run(argv, [])
      expect([code, said.length], why).toEqual([2, 1])
      expect(said[0]).toContain(why)
    }
    const help = await run(['--help'], [])
    const asked = await run(on(port), ['help'])
    for (const { code, out } of [help, asked]) {
      expect(code).toBe(0)
      expect(out).toContain('impersonate ID KEY')
    }
    expect(help.out).toContain('--seed N')
  })

  it('fits 80 columns: no line of a drawing is broken, short of words instead', async () => {
    const lines = ['client 1 10,20', 'replay f2', 'client 2', 'reflect f4', 'middle 3', 'flip tag 0', 'frames', 'help']
    const { said } = await run(on(await server()), [...lines, `raw new ${'ab'.repeat(60)}`], false, 80)
    const shown = said.filter((l) => !l.startsWith('> ')).flatMap((text) => text.split('\n'))
    expect(shown.filter((l) => l.length > 80)).toEqual([])
    const drawn = said.filter((l) => /[▶◀]/.test(l))
    expect(drawn).toContainEqual('                          f3  ◀─ RESPONSE r1 ──── s0  sum 30 of 2')
    expect(drawn.length).toBeGreaterThan(10)
    expect(drawn.filter((l) => /…|\n/.test(l))).toEqual([])
    expect(shown.filter((l) => /^f\d/.test(l))[3]).toBe(
      'f3   RESPONSE r1   client 1   87 bytes   sum 30, count 2, average 15',
    )
  })

  it('is a program: a pipe, the seed it was given, the end of its input', async () => {
    const { port } = await serve()
    const it = new Program(new URL('../run.ts', import.meta.url), ['attack', '--port', port, '--seed', '5'])
    expect(await it.end('client 1 10,20\nreplay f2\n')).toBe(0)
    expect(it.out).toContain(`attacking 127.0.0.1:${port}, mode bound, seed 5`)
    expect(it.out).toContain('s0 answers KEY_DESYNC_ERROR and closes; stale-round')
    expect(it.err).toContain('DEMO KEYS')
  })

  it('as a program lets nothing of what it is given command the terminal', async () => {
    const { port } = await serve()
    const odd = new Program(new URL('../run.ts', import.meta.url), ['attack', '--port', port])
    expect(await odd.end('client\u001b[2J 1\u202e\u009b\n')).toBe(2)
    expect(odd.out + odd.err).toContain('> client\\u001b[2J 1\\u202e\\u009b\n')
    expect((odd.out + odd.err).replaceAll('\n', '')).not.toMatch(/\p{C}/u)
  })
})
