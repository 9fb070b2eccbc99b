import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { adapterJsonSchema } from '../../../spec/adapter.ts'
import { runChunk } from '../campaign/campaign.ts'
import { needs } from '../process/needs.ts'
import { ROOT } from '../process/programs.ts'
import { play } from '../world/play.ts'
import { faultColumn } from './adapter-lines.ts'
import { load, schedule, system } from './adapters.testkit.ts'
import { adapterLimits, stillLives } from './child.ts'
import { partyNamed } from './party-file.ts'
import { typed } from './typed.ts'

const POKE = schedule([
  { do: 'inject', to: { side: 'server', n: 0 }, hex: '00' },
  { do: 'inject', to: { side: 'server', n: 0 }, hex: '00' },
])

const INIT = '{"ok":true,"emits":["accepted","rejected","ended"],"can":[]}'
/** A server in shell that answers every `init`, and does `then` when it is first called. */
const bad = (then: string): string =>
  `while read -r l; do case $l in *'"init"'*'"client"'*) echo '{"unsupported":true}';; *'"init"'*) echo '${INIT}';; *) ${then};; esac; done`

describe('an adapter that misbehaves is a finding that says where and what', () => {
  const { callMs } = adapterLimits
  beforeAll(() => {
    adapterLimits.callMs = 1_500
  })
  afterAll(() => {
    adapterLimits.callMs = callMs
  })

  const asked = 'expected send, rng, report or the answer to open'
  it.each([
    ['garbage', "echo 'hello world'", `line 4, column 1: ${asked}, got "hello world"`],
    ['a slip in JSON', `echo '{"ok":true,}'`, `line 4, column 12: ${asked}, got "}"`],
    ['no object', "echo '[1]'", `line 4, column 1: ${asked}, got "[1]"`],
    ['no UTF-8', `printf '{"ok":"\\377"}\\n'`, `line 4, column 8: ${asked} in UTF-8, got the byte 0xff`],
    [
      'a line without its end',
      `printf '{"ok":tr'; exit 0`,
      'line 4, column 9: expected the end of the line, got "{\\"ok\\":tr" and then exit code 0',
    ],
    [
      'a missing newline',
      `printf '{"ok":true}'; sleep 60`,
      'line 4, column 12: expected the end of the line, got "{\\"ok\\":true}" and then nothing for 1500 ms',
    ],
    [
      'a huge line',
      "head -c 1200000 /dev/zero | tr '\\0' x; sleep 60",
      'line 4, column 1048576: expected the end of the line, got "xxxxx',
    ],
    [
      'an exit',
      "echo 'at main.py:7' >&2; echo 'KeyError: 3' >&2; exit 3",
      'line 4: expected an answer to open, got exit code 3; its standard error ends: "at main.py:7", "KeyError: 3"',
    ],
    [
      'a signal',
      "exec sh -c 'kill -9 $$'",
      'line 4: expected an answer to open, got the end of the program by signal 9',
    ],
    [
      'a hang',
      'echo thinking >&2; sleep 60',
      'line 4: expected an answer to open, got none within 1500 ms; its standard error ends: "thinking"',
    ],
    [
      'an answer too many',
      `printf '{"ok":true}\\n{"ok":true}\\n'`,
      'line 5: expected nothing before the next call, got "{\\"ok\\":true}\\n" after open was closed',
    ],
    [
      'an unknown field',
      `echo '{"ok":true,"okay":1}'`,
      'line 4, column 12: expected no other fields, got the unknown "okay"',
    ],
    [
      'an unknown report',
      `echo '{"report":{"on":"eaten","at":"s0"}}'`,
      'line 4, column 12: report.on: expected a known "on", got "eaten"',
    ],
    [
      'a bad endpoint',
      `echo '{"send":{"at":"x9","hex":""}}'`,
      'line 4, column 10: send.at: expected an endpoint such as s0 or c12, got "x9"',
    ],
    [
      'an endpoint of the other side',
      `echo '{"send":{"at":"c0","hex":""}}'`,
      'line 4: expected an endpoint of the server, got c0',
    ],
    ['too many random bytes', `echo '{"rng":{"at":"s0","bytes":33}}'`, 'line 4, column 19: rng.bytes: '],
    ['a call refused', `echo '{"ok":false,"error":"no memory"}'`, 'open: expected it to be done, got no memory'],
    ['a call not known', `echo '{"unsupported":true}'`, 'line 4: expected open to be done, got unsupported'],
    [
      'no end of lines',
      `yes '{"report":{"on":"ended","at":"s0","by":"peer"}}'`,
      'line 20003: expected the answer to open, got 20000 lines without it',
    ],
  ])('%s', async (_, then, why) => {
    const party = await system(bad(then))
    const errors: string[] = []
    const { findings } = play(POKE, party, (e) => e.on === 'fault' && errors.push(e.error))
    expect(errors).toHaveLength(then.includes('no memory') ? 2 : 1) // it is dead for the rest of the schedule, unless it only refused
    expect(errors[0]).toContain(`AdapterError: ${why}`)
    expect(errors[0]).not.toContain('\n')
    expect(findings.filter((f) => f.invariant === 'F1').length).toBeLessThanOrEqual(1)
    const again = play(POKE, party, (e) => e.on === 'fault' && errors.push(e.error))
    expect(again.executed).toHaveLength(2)
    expect(errors.length).toBeGreaterThan(1) // it was started anew for the next schedule
  })

  const INIT_AHEAD = INIT.replace('[]', '["rng","ahead"]')
  const closing = (rest: string) => `echo '{"ok":true,${rest}}'`
  it.each([
    ['more draws than there were', closing('"drew":4'), 'expected in the answer to open "drew" of at most 3, got 4'],
    [
      'a frame of the other side',
      closing('"said":[{"send":{"at":"c0","hex":""}}]'),
      'expected an endpoint of the server, got c0',
    ],
    [
      'a line in between',
      `echo '{"send":{"at":"s0","hex":""}}'`,
      'expected it in "said" of the answer to open, which had draws, got a line',
    ],
  ])('where it can say all in the closing line: %s', async (_, then, why) => {
    const party = await system(bad(then).replace(INIT, INIT_AHEAD))
    const errors: string[] = []
    play(POKE, party, (e) => e.on === 'fault' && errors.push(e.error))
    expect(errors).toEqual([`AdapterError: line 4: ${why}`])
  })

  it('says nothing in the closing line of a call that asked for nothing', async () => {
    const errors: string[] = []
    play(POKE, await system(bad(closing('"said":[]'))), (e) => e.on === 'fault' && errors.push(e.error))
    expect(errors).toEqual([])
    const party = await system(bad(closing('"said":[{"report":{"on":"ended","at":"s0","by":"peer"}}]')))
    play(POKE, party, (e) => e.on === 'fault' && errors.push(e.error))
    expect(errors).toEqual([
      'AdapterError: line 4: expected in the answer to open no "said", since it had no draws, got it',
    ])
  })

  it('does not end the run: each schedule of a chunk is played, and F1 is broken', async () => {
    const party = await system(bad('exit 1'))
    const chunk = { index: 0, mode: 'bound', runs: 8, profile: 'tamper', seed: 3 } as const
    const { tallies, distribution } = runChunk(chunk, party)
    expect(distribution.tamper!.schedules).toBe(8)
    expect(tallies.bound.F1!.broken).toBeGreaterThan(4)
  })

  it('is not started for ever where it ends in every schedule', async () => {
    const lasting = `while read -r l; do case $l in *'"init"'*) echo '${INIT}';; *) echo '{"ok":true}';; esac; done`
    const command = `if [ -z "$ENDS" ]; then ${lasting}; else ${bad('exit 3')}; fi`
    process.env.ENDS = 'yes'
    const party = { ...(await system(lasting)), server: (await system(command)).server } // its client lives
    expect(stillLives).not.toThrow()
    for (let n = 0; n < 65; n++) play(POKE, party)
    expect(stillLives).toThrow(/^it ended in most schedules, 64 times more often than not: not started again$/)
    delete process.env.ENDS
    for (let n = 0; n < 65; n++) play(POKE, party)
    expect(stillLives).not.toThrow()
  })
})

describe('an adapter that cannot be used is one clear line', () => {
  it.each([
    ['nowhere-to-be-found', null, 'expected an answer to init, got exit code 127; its standard error ends: '],
    ['cat', null, 'line 1, column 1: ok: expected true, got nothing'],
    ['read l; echo \'{"ok":true,"emits":[],"can":[]}\'', null, 'emits: expected accepted, rejected, ended and more'],
    [`read l; echo '{"ok":true}'`, null, 'emits: expected array, got nothing'],
    [
      `while read l; do echo '{"unsupported":true}'; done`,
      null,
      'expected it to play a role, got unsupported for both',
    ],
    [bad('exit'), 'client', 'expected it to play the client, got unsupported'],
  ] as const)('%s', async (command, side, why) => {
    const loaded = await load(command, side)
    expect(loaded).toMatchObject({ kind: 'bad', why: expect.stringContaining(why) })
  })

  it('is named as it is typed', () => {
    const name = (side: 'server' | null) => partyNamed({ party: null, 'party-cmd': "X='a b' python3 y.py", side })
    expect(typed(name('server'))).toBe(` --party-cmd 'X='\\''a b'\\'' python3 y.py' --side server`)
    expect(typed(name(null))).not.toContain('--side')
    expect(typed('a b.ts')).toBe(" --party 'a b.ts'")
    expect(typed(null)).toBe('')
  })
})

describe('spec/ADAPTER.md', () => {
  it('has the schema that the harness reads with', () => {
    const file = JSON.parse(readFileSync(join(ROOT, 'spec/adapter.schema.json'), 'utf8'))
    expect(file).toEqual(adapterJsonSchema())
  })

  it(
    'has an example that happens as it says',
    needs('python3', () => {
      const page = readFileSync(join(ROOT, 'spec/ADAPTER.md'), 'utf8')
      const lines = /```text\n([\s\S]*?)```/.exec(page)![1]!.trimEnd().split('\n')
      const of = (mark: string) => lines.filter((l) => l.startsWith(mark)).map((l) => l.slice(2))
      const ran = spawnSync('python3', ['properties/examples/stranger.py'], {
        cwd: ROOT,
        input: `${of('>').join('\n')}\n`,
        encoding: 'utf8',
      })
      const said = ran.stdout
        .trimEnd()
        .split('\n')
        .map((l) => JSON.parse(l))
      const HELLO = said.find((l) => l.send !== undefined)?.send.hex
      expect(HELLO).toMatch(/^0a0100000000010f0e/)
      expect(said.slice(0, of('<').length)).toEqual(of('<').map((l) => JSON.parse(l.replace('HELLO', HELLO))))
    }),
  )

  it.each([
    ['{"a":1', 7],
    ['{"a":}', 6],
    ['{a:1}', 2],
    ['[1,2,]', 6],
    ['nul', 1],
    ['{"a":"x', 6],
    ['1 2', 3],
    ['['.repeat(99), 66],
  ])('finds where %j stops being JSON', (text, column) => {
    expect(faultColumn(text as string)).toBe(column)
  })
})
