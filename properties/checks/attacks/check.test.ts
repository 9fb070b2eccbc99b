import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { asAttack, attackProblem, readAttacks } from '../../harness/attack/attack-file.ts'
import type { NamedAttack } from '../../harness/attack/perform.ts'
import { srcSystem } from '../../harness/parties/party-file.ts'
import { loader } from '../../harness/process/programs.ts'
import type { Parsed, Stored } from '../../harness/schedules/schedule-file.ts'
import { attacks } from './check.ts'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

const read = readAttacks()
const all = read.kind === 'ok' ? read.value : []

/** The command in this process. */
const run = async (argv: readonly string[], given: Parsed<readonly NamedAttack[]> = read) => {
  const said: string[] = []
  const complaints: string[] = []
  const code = await attacks(argv, given, {
    say: (text) => said.push(text),
    complain: (text) => complaints.push(text),
    paint: (text) => text,
  })
  return { code, out: said.join('\n'), err: complaints.join('\n') }
}

describe('npm run attacks', () => {
  it('is a program', async () => {
    const args = [...loader([]), 'properties/checks/attacks/run.ts', '--only', 'replay']
    const { code, out } = await new Promise<{ code: number; out: string }>((resolve) => {
      execFile(process.execPath, args, { cwd: ROOT }, (e, stdout) =>
        resolve({ code: e ? Number(e.code) : 0, out: stdout }),
      )
    })
    expect(out).toContain('as PROTOCOL predicts: 1 attack in bound: 1 BLOCKED, 0 SUCCEEDED')
    expect(code).toBe(0)
  })

  it('tells what was played where it is interrupted', async () => {
    let said = ''
    const code = await attacks(['--only', '1,2'], read, {
      say(text) {
        said += `${text}\n`
        if (text.startsWith('mode bound')) process.emit('SIGINT')
      },
      complain() {},
      paint: (text) => text,
    })
    expect(said).toContain('interrupted: stopped after 0 of 2 attacks\ninterrupted; of what was played, as PROTOCOL')
    expect(code).toBe(130)
  })

  it('tells what the attacker does, the frames, what happened, the outcome and why', async () => {
    const { code, out } = await run(['--mode', 'literal', '--only', 'whole-session-replay'])
    expect(code).toBe(0)
    expect(out).toMatch(/^11 {2}whole-session replay on a new connection +SUCCEEDED$/m)
    expect(out).toContain('the attacker records HELLO and DATA of a session that has ended')
    expect(out).toMatch(
      /f2 {3}CLIENT_DATA r1 +client 1 +87 bytes +1e010000000101[0-9a-f]{8}…[0-9a-f]{8} {2}values 1, 1\.5$/m,
    )
    expect(out).toContain('· client 1: 1 faithful round (c0, s0)')
    expect(out).toMatch(/^ {2}» .* s1 {2}sum 2\.5 of 2$/m)
    expect(out).toContain('A2: s1 accepted a DATA that was accepted before')
    expect(out).toContain('SUCCEEDED, PROTOCOL §9 claim 1')
    expect(out).toContain('as PROTOCOL predicts: 1 attack in literal: 0 BLOCKED, 1 SUCCEEDED')
  })

  it('says of a frame that finds nobody that it does', async () => {
    const { out } = await run(['--only', 'server-transcript-replay,foreign-terminate'])
    expect(out).toContain('» · a frame for c1, which has ended')
  })

  it('exits 1 and shows everything where an outcome is not what the mode predicts', async () => {
    const replay = all.find((a) => a.name === 'replay')!
    const { bound } = replay.attack.expect
    const wrong = {
      ...replay,
      attack: { ...replay.attack, expect: { ...replay.attack.expect, bound: { ...bound, outcome: 'SUCCEEDED' } } },
    } as const
    const { code, out } = await run(['--mode', 'bound'], { kind: 'ok', value: [wrong] })
    expect(code).toBe(1)
    expect(out).toContain('NOT as expected: replay in bound: expected SUCCEEDED, got BLOCKED')
    expect(out).toContain('NOT as PROTOCOL predicts (1): 1 attack in bound')
    expect(out).toMatch(/^ {4}c0 ── CLIENT_HELLO r0/m) // faithful rounds too
  })

  it('lists the ten classic ones and what they overlook, and plays nothing', async () => {
    const { code, out } = await run(['--list'])
    expect(code).toBe(0)
    const lines = out.split('\n')
    expect(lines.filter((l) => l.includes('  classic ')).length).toBe(10)
    expect(lines.length).toBe(all.length)
    expect(lines[13]).toMatch(/^14 {2}hello-flood-half-open +overlooked +claim 9 +bound SUCCEEDED +literal SUCCEEDED$/)
  })

  it('takes names and numbers', async () => {
    const { out } = await run(['--list', '--only', '20,replay'])
    expect(out.split('\n')).toHaveLength(2)
    expect(out).toMatch(/^ 1 {2}replay /)
    expect(out).toMatch(/^20 {2}sibling-response /m)
  })

  it('takes files', async () => {
    const { code, out } = await run(['corpus/schedules/attacks/reflection.json'])
    expect(code).toBe(0)
    expect(out).toContain('as PROTOCOL predicts: 1 attack in bound: 1 BLOCKED')
  })

  it('shows its options', async () => {
    const { code, out } = await run(['--help'])
    expect(code).toBe(0)
    expect(out).toContain('--only NAME,...')
  })

  it.each([
    [['--mode', 'safe'], '--mode: expected one of bound, literal, got safe'],
    [['--only', 'replay,reply'], '--only: expected names or numbers that --list shows, got "reply"'],
    [['--fast'], "Unknown option '--fast'"],
    [['replay'], 'replay: expected a readable file'],
    [['--only', 'replay', 'x.json'], '--only: expected without files, got x.json as well'],
    [
      Array(2).fill('corpus/schedules/attacks/replay.json'),
      'replay.json: expected files of different names, got another of this name',
    ],
    [
      ['corpus/schedules/old-challenge.json'],
      'old-challenge.json: attack: expected a description of the attack, got nothing',
    ],
  ])('refuses %j in one line', async (argv, why) => {
    const { code, out, err } = await run(argv)
    expect(code).toBe(2)
    expect(out).toBe('')
    expect(err).toContain(why)
    expect(err).not.toContain('\n')
  })

  it('refuses attacks that cannot be read', async () => {
    const { code, err } = await run([], { kind: 'bad', why: 'x.json: expected JSON' })
    expect([code, err]).toEqual([2, 'x.json: expected JSON'])
  })
})

describe('a stored attack', () => {
  const { name: _, ...replay } = all[0]!
  const told = (change: Partial<NonNullable<Stored['attack']>>): Stored => ({
    ...replay,
    attack: { ...replay.attack, ...change },
  })

  it.each([
    [{ ...replay, attack: undefined }, 'attack: expected a description of the attack, got nothing'],
    [told({ goals: ['A2', 'Z9'] }), 'attack.goals: expected ids of monitors, got Z9'],
    [told({ strikes: [1, 4] }), 'attack.strikes: expected indices below 4, got 4'],
  ])('that is wrong is refused: %#', (stored, why) => {
    expect(asAttack('x.json', stored)).toEqual({ kind: 'bad', why: `x.json: ${why}` })
  })

  it('that says the wrong thing of a mode is found out by every replay of the corpus, in memory', () => {
    const { bound } = replay.attack.expect
    expect(attackProblem('attacks/replay.json', told({}), srcSystem)).toBeNull()
    expect(
      attackProblem(
        'attacks/replay.json',
        told({ expect: { bound, literal: { ...bound, outcome: 'SUCCEEDED' } } }),
        srcSystem,
      ),
    ).toBe('replay in literal: expected SUCCEEDED, got BLOCKED')
    expect(attackProblem('attacks/replay.json', told({ goals: ['Z9'] }), srcSystem)).toContain('got Z9')
    expect(attackProblem('attacks/replay.json', { ...replay, violates: ['A2'] }, srcSystem)).toBe(
      'no longer violates A2',
    )
  })

  it('has a number of its own and one line of explanation that cites PROTOCOL and fits a terminal', () => {
    expect(all.map((a) => a.attack.n)).toEqual(all.map((_, i) => i + 1))
    for (const { name, says, attack } of all)
      for (const { outcome, why } of Object.values(attack.expect)) {
        expect(why, name).toMatch(/^§\d/)
        expect(`    ${outcome}, PROTOCOL ${why}`.length, name).toBeLessThanOrEqual(120)
        expect(`    ${says}`.length, name).toBeLessThanOrEqual(120)
      }
  })
})
