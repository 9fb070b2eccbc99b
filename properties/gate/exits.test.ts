import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { ROOT } from '../harness/process/programs.ts'
import { replaceOnce } from '../harness/process/variants.ts'

/** This repository, with a server that ends its process. */
const copy = mkdtempSync(join(tmpdir(), 'gauntlet-exits-'))
for (const name of ['src', 'spec', 'properties', 'corpus', 'package.json', 'tsconfig.json'])
  cpSync(join(ROOT, name), join(copy, name), { recursive: true })
symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'), 'junction')
afterAll(() => rmSync(copy, { recursive: true, force: true }), 60_000)

const FILE = 'src/server.ts'
const plant = (find: string, code: string): void => {
  const source = readFileSync(join(ROOT, FILE), 'utf8')
  writeFileSync(join(copy, FILE), replaceOnce(source, { file: FILE, find, replace: `${find}\n${code}` }))
}

const run = (
  ...args: readonly string[]
): Promise<{ readonly code: number; readonly out: string; readonly err: string }> =>
  new Promise((resolve) => {
    const argv = ['--import', './properties/harness/start.mjs', ...args]
    const done = (e: Error | null, out: string, err: string): void =>
      resolve({ code: e === null ? 0 : Number((e as NodeJS.ErrnoException).code), out, err })
    execFile(process.execPath, argv, { cwd: copy, env: { ...process.env, NO_COLOR: '1' } }, done)
  })

/** The exit code where the reader of standard output has left. */
const unread = async (...args: readonly string[]): Promise<unknown> => {
  const argv = ['--import', './properties/harness/start.mjs', ...args]
  const child = spawn(process.execPath, argv, { cwd: copy, stdio: ['ignore', 'pipe', 'ignore'] })
  child.stdout.destroy()
  return (await once(child, 'exit'))[0]
}

const REPLAY = ['properties/checks/prop/run.ts', '--replay', 'corpus/schedules/session-replay.json']
const ATTACK = ['properties/checks/attacks/run.ts', '--only', 'replay']

describe('src that ends its process with code 0', () => {
  it('while it is loaded leaves every command without an answer', async () => {
    plant('/** One with a session. */', 'process.exit(0)')
    for (const args of [REPLAY, ATTACK]) {
      const { code, out, err } = await run(...args)
      expect(err).toBe('the process ended with code 0 before there was an answer: while its modules were loaded\n')
      expect([code, out]).toEqual([4, ''])
    }
  })

  it('or replaces what the harness needs, is refused in one line', async () => {
    plant('/** One with a session. */', "JSON.stringify = () => '{}'")
    const { code, out, err } = await run(...REPLAY)
    expect(err).toMatch(/^a module could not be loaded: Cannot replace stringify: the harness needs it too \(.*\)\n$/)
    expect([code, out]).toEqual([4, ''])
  })

  it('or silences what it can of the process, changes neither what is said nor the exit code', async () => {
    const hush = [
      'const hush: any = () => true',
      'const out: any = process.stdout',
      'try { out.write = hush } catch {}',
      'try { Object.getPrototypeOf(Object.getPrototypeOf(out)).write = hush } catch {}',
      'out.end(); out.cork()',
      "process.on('exit', () => { process.exitCode = 0; process.exit(0) })",
      'setInterval(hush, 1_000)',
    ]
    plant('/** One with a session. */', hush.join('\n'))
    const { code, out } = await run(...REPLAY)
    expect(out).toMatch(/^as stored: it violates A2 in literal$/m)
    expect(code).toBe(0)
    expect(await run(...REPLAY.slice(0, 2), 'nowhere.json')).toMatchObject({
      code: 2,
      err: expect.stringMatching(/^nowhere\.json: expected a readable file, got ENOENT/),
    })
  })

  it('or takes standard output away, has no answer', async () => {
    plant('/** One with a session. */', "import('node:fs').then((fs) => fs.closeSync(1))")
    expect(await run(...REPLAY)).toMatchObject({ code: 4, out: '', err: expect.stringMatching(/^standard output/) })
  })

  it('or adds to every object, has no answer', async () => {
    plant('/** One with a session. */', 'Object.defineProperty(Object.prototype, "toJSON", { value: () => ({}) })')
    expect(await run(...REPLAY)).toMatchObject({ code: 4, err: expect.stringContaining('toJSON was added to every') })
  })

  it('when bytes come is told of each schedule and attack', async () => {
    plant('receive(connection: Connection, bytes: Uint8Array, now: number): void {', 'process.exit(0)')
    expect(await run(...REPLAY)).toMatchObject({
      code: 4,
      out: expect.stringContaining('its process ended with code 0'),
    })
    const attacked = await run(...ATTACK)
    expect(attacked.out).toContain('replay in bound: there is no answer: its process ended with code 0')
    expect(attacked.code).toBe(4)
    expect(await unread(...REPLAY)).toBe(4)
  })
})
