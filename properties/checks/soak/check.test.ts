import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { loader } from '../../harness/process/programs.ts'
import { perform } from '../../harness/terminal/command.ts'
import { recordedScreen } from '../../harness/terminal/testkit.ts'
import { commandOf } from '../check.ts'
import { soak } from './check.ts'
import { newFigures, problemsOf, rssBound } from './figures.ts'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

/** The command in this process, as far as it starts nothing. */
const told = async (argv: readonly string[]) => {
  const { screen, out, err } = recordedScreen()
  const code = await perform(commandOf(soak), argv, screen)
  return { code, out: out(), err: err() }
}

/** The program; `live` sees what it prints while it runs. Nothing here depends on how fast it is. */
const run = (
  args: readonly string[],
  live: (text: string, kill: (signal: NodeJS.Signals) => void) => void = () => {},
) =>
  new Promise<{ code: number | null; out: string; err: string }>((resolve) => {
    const argv = [...loader([]), 'properties/checks/soak/run.ts', '--answer-ms', '600000', ...args]
    const child = spawn(process.execPath, argv, { cwd: ROOT })
    let [out, err] = ['', '']
    child.stdout.on('data', (d) => {
      out += d
    })
    child.stderr.on('data', (d) => {
      err += d
      live(err, (signal) => child.kill(signal))
    })
    child.on('close', (code) => resolve({ code, out, err }))
  })

describe('npm run soak', () => {
  it('loses no honest round with every kind of hostile peer about', async () => {
    const { code, out } = await run(['--clients', '5', '--rounds', '6', '--hostile', '8'])
    expect(out).toMatch(/^honest rounds +30 answered, 0 lost$/m)
    const [, checked] = /^aggregates +(\d+) checked/m.exec(out)!
    const [, served] = /^newcomer +served (\d+) times/m.exec(out)!
    expect(Number(served)).toBeGreaterThan(0)
    expect(Number(checked)).toBe(30 + Number(served))
    for (const kind of ['insider', 'half frame', 'garbage', 'giant prefix', 'zero prefix', 'slowloris', 'reset'])
      expect(out.replace(/\n +/g, ' ')).toMatch(new RegExp(`^hostile .*${kind} \\d`, 'm'))
    expect(out).toMatch(/^ratio to the echo +\d+\.\d\d .* \d+\.\d\d by the server's CPU time/m)
    expect(out).toMatch(/^and to cryptography 0\.\d\d of it .* [1-9]\d*\.\d µs/m)
    expect(out).toMatch(/^all held$/m)
    expect(code).toBe(0)
  })

  it('plays literal as well, and all ids', async () => {
    const { code, out } = await run(['--clients', '255', '--rounds', '2', '--hostile', '8', '--mode', 'literal'])
    expect(out).toContain('no id is left for insiders')
    expect(out).toMatch(/^honest rounds +508 answered, 0 lost$/m)
    expect(code).toBe(0)
  })

  it('ends with the figures so far when it is interrupted', async () => {
    let killed = false // a second signal would end it at once
    const { code, out, err } = await run(['--clients', '3', '--rounds', '1000000', '--hostile', '0'], (text, kill) => {
      if (killed || !/^[1-9][\d,]* of [\d,]+ rounds, /m.test(text)) return
      killed = true
      kill('SIGINT')
    })
    expect(err).toMatch(/burst \d+ of 15625/)
    expect(out).toMatch(/^honest rounds +[1-9][\d,]* answered, 0 lost$/m)
    expect(out).toMatch(/^all held until it was interrupted$/m)
    expect(code).toBe(0)
  })

  it('shows its options', async () => {
    const { code, out } = await told(['--help'])
    expect(code).toBe(0)
    expect(out).toContain('--hostile N')
  })

  it.each([
    [['--clients', '256'], '--clients: expected an integer 1..255, got 256'],
    [['--clients', '0'], '--clients: expected an integer 1..255, got 0'],
    [['--rounds', 'many'], '--rounds: expected an integer 2..1000000, got many'],
    [['--hostile', '1e3'], '--hostile: expected an integer 0..2000, got 1e3'],
    [['--mode', 'safe'], '--mode: expected one of bound, literal, got safe'],
    [['--fast'], "Unknown option '--fast'"],
    [['100'], "Unexpected argument '100'"],
  ])('refuses %j in one line', async (argv, why) => {
    const { code, out, err } = await told(argv)
    expect([code, out]).toEqual([2, ''])
    expect(err).toContain(why)
    expect(err).not.toContain('\n')
  })
})

describe('the verdict', () => {
  const fine = () => {
    const f = newFigures(1_000)
    f.server = { startRss: 1_000, peakRss: rssBound(1_000), ended: {} }
    f.newcomer = { ...f.newcomer, longestMs: 1_000 }
    return f
  }

  it('is that all held, at the limits', () => {
    expect(problemsOf(fine())).toEqual([])
    expect(soak.verdict!(fine(), 0)).toBe('all held')
  })

  it.each([
    [
      'a lost round',
      (f: ReturnType<typeof fine>) => {
        f.lost = 1
      },
      '1 honest rounds lost',
    ],
    [
      'a round of the newcomer',
      (f: ReturnType<typeof fine>) => {
        f.newcomer = { ...f.newcomer, lost: 2 }
      },
      '2 honest rounds lost',
    ],
    [
      'a newcomer that waits',
      (f: ReturnType<typeof fine>) => {
        f.newcomer = { ...f.newcomer, longestMs: 1_001 }
      },
      'a new honest client waited 1001 ms, at most 1000 are allowed',
    ],
    [
      'memory',
      (f: ReturnType<typeof fine>) => {
        f.server = { ...f.server, peakRss: f.server.peakRss + 1 }
      },
      'at most',
    ],
    ['anything else', (f: ReturnType<typeof fine>) => void f.problems.push('the server ended'), 'the server ended'],
  ])('is that not all held, because of %s', (_, spoil, why) => {
    const f = fine()
    spoil(f)
    const problems = problemsOf(f)
    expect(problems).toEqual([{ kind: 'violation', text: expect.stringContaining(why) }])
    expect(soak.verdict!(f, problems.length)).toBe('NOT all held')
  })
})
