import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readAttacks } from '../../harness/attack/attack-file.ts'
import { MUTANTS } from '../../harness/mutants/catalogue.ts'
import { spokenIn } from '../../harness/target/dialects.ts'
import { ANSWERS_ALL, type Running, serveDialect, serveOwn } from '../../harness/target/servers.testkit.ts'
import { attacks } from './check.ts'

const against = async (server: Running, ...argv: readonly string[]) => {
  const said: string[] = []
  const complaints: string[] = []
  const screen = {
    say: (text: string) => said.push(text),
    complain: (text: string) => complaints.push(text),
    paint: (text: string) => text,
  }
  const asked = ['--connect', `127.0.0.1:${server.port}`, '--keys', 'demo', ...argv]
  const code = await attacks(asked, readAttacks(), screen).finally(() => server.stop())
  const out = said.join('\n')
  const outcomes = Object.fromEntries(
    [...out.matchAll(/^ *(\d+) {2}.*claim \d+ +(.*)$/gm)].map(([, n, outcome]) => [n, outcome]),
  )
  return { code, out, err: complaints.join('\n'), outcomes }
}

/** The dialect b under other opcode numbers and after a banner. */
const file = (): string => {
  const b = JSON.parse(readFileSync('corpus/dialects/b.json', 'utf8'))
  const opcodes = { HELLO: 30, CHALLENGE: 10, DATA: 20, RESPONSE: 99 }
  const path = join(mkdtempSync(join(tmpdir(), 'gauntlet-attacks-')), 'other.json')
  writeFileSync(path, JSON.stringify({ ...b, opcodes, framing_code: 'u32be', server_banner: 'lit:B\n' }))
  return path
}

describe.concurrent("attacks on somebody else's server", { timeout: 120_000 }, () => {
  it('are judged by what frames show, in its own dialect; the rest is not observable, and why', async () => {
    const other = file()
    const r = await against(await serveDialect(spokenIn(other, 'bound').dialect), '--dialect', other)
    const blocked = [1, 2, 3, 4, 5, 7, 8, 9, 10, 15, 18].map((n) => [n, 'BLOCKED'])
    const open = [11, 13, 19].map((n) => [n, 'SUCCEEDED']) // no session binding
    const untold = [6, 12, 14, 16, 17, 20].map((n) => [n, 'not observable'])
    expect(r.outcomes).toEqual(Object.fromEntries([...blocked, ...open, ...untold]))
    expect(r).toMatchObject({ code: 0, err: '' })
    expect(r.out).toContain('A2: s1 accepted a DATA that was accepted before')
    expect(r.out).toContain('NOT OBSERVABLE: nothing that the attacker did reached anybody')
    expect(r.out).toContain('judged by A2; not observable: taken-over (the network does not show why a session ended)')
    expect(r.out).toContain('20 attacks in literal: 11 BLOCKED, 3 SUCCEEDED, 6 not observable or not played')
  })

  it('raise no alarm where nothing says where a frame ends', async () => {
    const { dialect } = spokenIn('b', 'bound')
    const r = await against(await serveDialect(dialect), '--dialect', 'b', '--only', 'modification,invalid-hmac')
    expect(r).toMatchObject({ code: 0, outcomes: { 2: 'BLOCKED', 8: 'BLOCKED' } })
    expect(r.out).toContain(
      'not observable: C2 (the network does not show it), S4 (nothing says where a frame ends in the dialect)',
    )
  })

  it('find a bug that was planted there', async () => {
    const { dialect } = spokenIn('a', 'bound')
    const asked = ['--dialect', 'a', '--only', 'invalid-hmac']
    expect(await against(await serveDialect(dialect), ...asked)).toMatchObject({ code: 0, outcomes: { 8: 'BLOCKED' } })
    const r = await against(await serveDialect(dialect, [ANSWERS_ALL]), ...asked)
    expect(r).toMatchObject({ code: 1, outcomes: { 8: 'SUCCEEDED  expected BLOCKED' } })
    expect(r.out).toContain('C1: s1 accepted a frame that nobody sent (opcode 30, round 1)')
    expect(r.out).toMatch(
      /replay: npm run attacks -- --connect \S+ --keys demo --dialect a --mode literal --only invalid/,
    )
  })

  it('see that honest clients are not served any more, and end there', async () => {
    const file = 'spec/dialects/server.ts'
    const begin = 'receive(line: Line, chunk: Uint8Array, seconds: number): void {\n'
    const rejects = '    line.env.rejected(frame, reason)\n    const answer'
    const server = await serveDialect(spokenIn('a', 'bound').dialect, [
      { file, find: begin, replace: `${begin}    if (this.dead) return\n` },
      { file, find: rejects, replace: `    if (reason === 'bad-tag') this.dead = true\n${rejects}` },
    ])
    const r = await against(server, '--dialect', 'a', '--only', 'invalid-hmac,replay,reflection')
    expect(r.code).toBe(1)
    expect(r.out).toContain('after invalid-hmac honest clients are not served: c0 completed 0 of 2 faithful rounds')
    expect(r.outcomes).toMatchObject({ 1: 'BLOCKED', 5: 'BLOCKED' })
  })

  it('find a bug of a server of PROTOCOL', async () => {
    const { replacements } = MUTANTS.find((m) => m.id === 'tag-unchecked')!
    const r = await against(await serveOwn('bound', replacements), '--only', 'invalid-hmac')
    expect(r).toMatchObject({ code: 1, outcomes: { 8: 'SUCCEEDED  expected BLOCKED' } })
  })

  it('exit 3 where nothing could be told, and 2 where no honest conversation comes about', async () => {
    const b = spokenIn('b', 'bound').dialect
    expect((await against(await serveDialect(b), '--dialect', 'b', '--only', 'sibling-response')).code).toBe(3)
    const wrong = await against(await serveDialect(b), '--dialect', 'a')
    expect(wrong).toMatchObject({ code: 2, out: '' })
    expect(wrong.err).toContain('an honest conversation does not come about: c0 completed 0 of 2 faithful rounds')
    const waits = await against(await serveDialect(spokenIn('c', 'bound').dialect), '--dialect', 'c')
    expect(waits).toMatchObject({ code: 2, out: '' })
  })

  it.each([
    [['--dialect', 'a'], '--dialect: expected with --connect or --start, got it alone'],
    [['--connect', '192.0.2.1:1', '--keys', 'demo'], '--connect: expected this machine, got 192.0.2.1'],
    [['--connect', '127.0.0.1:1'], '--keys: expected a keyring file or demo, got none'],
    [
      ['--connect', '127.0.0.1:1', '--keys', 'demo'],
      'an honest conversation does not come about: no connection can be made',
    ],
    [['--start', 'exit 3 # {port}', '--keys', 'demo'], '--start: expected a server, got exit code 3'],
  ])('%j is refused in one line', async (argv, why) => {
    const complaints: string[] = []
    const screen = { say() {}, complain: (t: string) => complaints.push(t), paint: (t: string) => t }
    expect(await attacks(argv, readAttacks(), screen)).toBe(2)
    expect(complaints.join('\n')).toContain(why)
  })
})
