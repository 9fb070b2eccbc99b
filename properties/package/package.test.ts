/** The tarball as somebody else uses it: installed in an empty project outside of the repository. */
import { execFile } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { transformSync } from 'esbuild'
import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { ROOT } from '../harness/process/programs.ts'

const project = mkdtempSync(join(tmpdir(), 'gauntlet-outside-'))
const modules = join(project, 'node_modules')
const GAUNTLET = join(modules, 'gauntlet-harness/dist/properties/package/gauntlet.js')

interface Ended {
  readonly code: number
  readonly out: string
  readonly err: string
}

const run = (file: string, args: readonly string[], cwd = project): Promise<Ended> =>
  new Promise((resolve) => {
    const env = { ...process.env, NO_COLOR: '1', VITEST: undefined, NODE_OPTIONS: undefined }
    execFile(file, args, { cwd, env }, (e, out, err) => resolve({ code: e ? Number(e.code) : 0, out, err }))
  })
const node = (...args: readonly string[]): Promise<Ended> => run(process.execPath, args)

/** Another major of Vitest than the repository's, by its folder: a job of the workflow installs it. */
const OTHER_VITEST = process.env.OTHER_VITEST

/** The repository's copy of a package, under its own name. */
const link = (name: string): void => {
  mkdirSync(dirname(join(modules, name)), { recursive: true })
  const copy = name === 'vitest' && OTHER_VITEST ? resolve(OTHER_VITEST) : join(ROOT, 'node_modules', name)
  if (!existsSync(join(modules, name))) symlinkSync(copy, join(modules, name))
}
const write = (file: string, text: string): void => writeFileSync(join(project, file), text)

const SERVER = `(host, setup) => changed(referenceParty(host, setup), { tick() {} }) // its timers never fire`
/** The example of README.md, in TypeScript. */
const EXAMPLE =
  /## As a package[\s\S]*?```ts\n([\s\S]*?)```/.exec(readFileSync(join(ROOT, 'README.md'), 'utf8'))?.[1] ?? ''

const manifest = z.object({ dependencies: z.record(z.string(), z.string()) })

let bytes = 0
beforeAll(async () => {
  const packed = await run('npm', ['pack', '--json', '--pack-destination', project], ROOT)
  const [tarball] = readdirSync(project).filter((f) => f.endsWith('.tgz'))
  if (tarball === undefined) throw new Error(`npm pack left no tarball: ${packed.err}`)
  bytes = statSync(join(project, tarball)).size
  mkdirSync(join(modules, 'gauntlet-harness'), { recursive: true })
  await run('tar', ['xzf', tarball, '-C', join(modules, 'gauntlet-harness'), '--strip-components', '1'])
  // What it says it needs, and nothing else: no registry can be relied on here.
  const { dependencies } = manifest.parse(
    JSON.parse(readFileSync(join(modules, 'gauntlet-harness/package.json'), 'utf8')),
  )
  for (const name of Object.keys(dependencies)) link(name)
  write('package.json', '{ "name": "outside", "private": true, "type": "module" }')
  const imports = `import { changed, referenceParty } from 'gauntlet-harness'`
  write('mine.js', `${imports}\nexport const server = ${SERVER}\n`)
  write(
    'typed.ts',
    `${imports}\nimport type { MakeParty } from 'gauntlet-harness'\nexport const server: MakeParty = ${SERVER}\n`,
  )
}, 120_000)

describe('the package', { timeout: 120_000 }, () => {
  it('is small, and has no source, test or corpus that no command reads', () => {
    expect(bytes).toBeLessThan(400_000)
    const files = readdirSync(join(modules, 'gauntlet-harness'), { recursive: true, encoding: 'utf8' })
    expect(files.filter((f) => /(?<!\.d)\.ts$|\.test\.|corpus\/(?!schedules|dialects)\w/.test(f))).toEqual([])
  })

  it('runs the example of README.md in plain JavaScript, without a loader', async () => {
    write('example.js', transformSync(EXAMPLE, { loader: 'ts', format: 'esm' }).code)
    const { code, out } = await node('example.js')
    expect(code).toBe(0)
    expect(out).toMatch(/✗ B5: s0 goes on at/)
  })

  it('plays a party in JavaScript, says its exit codes, and what to install for one in TypeScript', async () => {
    const gate = await node(GAUNTLET, 'gate', '--party', './mine.js', '--profile', 'tiny', '--only', 'attacks')
    expect(gate.code).toBe(0)
    expect(readFileSync(join(project, 'reports/party/REPORT.md'), 'utf8')).toContain(
      'npx gauntlet gate --party ./mine.js',
    )
    const typed = await node(GAUNTLET, 'prop', '--party', './typed.ts')
    expect(typed.code).toBe(2)
    expect(typed.err).toBe(
      './typed.ts: expected tsx in your project to load TypeScript (npm install --save-dev tsx), or a party in JavaScript\n',
    )
    const odd = await node(GAUNTLET, 'stryker')
    expect([odd.code, odd.err.split('\n').length]).toEqual([2, 2])
    const help = await node(GAUNTLET, '--help')
    for (const [, name] of help.out.matchAll(/^ {2}(\S+)/gm)) {
      const told = await node(GAUNTLET, name!, '--help')
      expect([name, told.code, told.out.startsWith(`npx gauntlet ${name}`)]).toEqual([name, 0, true])
    }
  })

  it('is typed without @types/node, and runs the example and a party in TypeScript where there is tsx', async () => {
    for (const name of ['tsx', 'typescript', 'vitest']) link(name)
    write('example.ts', EXAMPLE)
    const strict = { strict: true, module: 'nodenext', target: 'es2022', noEmit: true, types: [] }
    write('tsconfig.json', JSON.stringify({ compilerOptions: strict, files: ['example.ts', 'typed.ts'] }))
    const [types, example] = await Promise.all([
      node('node_modules/typescript/bin/tsc'),
      node('--import', 'tsx', 'example.ts'),
    ])
    expect([types.code, types.out]).toEqual([0, ''])
    expect(example.out).toMatch(/✗ B5: s0 goes on at/)
    const typed = ['--party', './typed.ts', '--profile', 'tiny', '--only', 'attacks']
    expect((await node(GAUNTLET, 'gate', ...typed)).code).toBe(0)
  })
})

const suites = z.object({
  testResults: z.array(
    z.object({
      assertionResults: z.array(
        z.object({ fullName: z.string(), status: z.string(), failureMessages: z.array(z.string()) }),
      ),
    }),
  ),
})

/** A suite of Vitest in the project; resolves with its tests by full name. */
const vitest = async (...args: readonly string[]) => {
  link('vitest')
  const { code } = await node(
    'node_modules/vitest/vitest.mjs',
    'run',
    '--reporter=json',
    '--outputFile=out.json',
    ...args,
  )
  const { testResults } = suites.parse(JSON.parse(readFileSync(join(project, 'out.json'), 'utf8')))
  const of = new Map(testResults.flatMap((r) => r.assertionResults).map((a) => [a.fullName.split(':')[0]!, a]))
  return { code, of, with: (status: string) => [...of.values()].filter((a) => a.status === status) }
}

describe('the suite of Vitest', { timeout: 120_000 }, () => {
  it('is green for a right party, and red by name for one with a fault, which it then replays first', async () => {
    write(
      'suites.test.js',
      `import { referenceParty } from 'gauntlet-harness'
       import { gauntlet } from 'gauntlet-harness/vitest'
       import { server } from './mine.js'
       gauntlet('right', { server: referenceParty, runs: 100 })
       gauntlet('timeless', { server, runs: 100, findings: 'kept' })
       const dead = () => ({ emits: [], open() {}, receive() {}, close() {}, tick() {}, view: () => null })
       gauntlet('dead', { server: dead, runs: 20 })`,
    )
    const all = await vitest()
    expect(all.code).toBe(1)
    const failed = all.with('failed')
    expect(failed.map((a) => a.fullName.split(':')[0])).toEqual([
      ...['timeless B5', 'timeless SPEC', 'dead a faithful conversation comes about'],
    ])
    const [b5] = failed
    const [file] = readdirSync(join(project, 'kept/timeless')).filter((f) => f.startsWith('B5-'))
    expect(b5!.failureMessages[0]).toContain('✗ B5: s0 goes on at') // the ladder
    expect(b5!.failureMessages[0]).toContain(`schedule: kept/timeless/${file}`)
    expect(b5!.failureMessages[0]).toContain(`replay: npx vitest run suites.test.js -t 'timeless B5: '`)
    // what cannot be seen, or was not reached, is not green
    expect([all.of.get('right F4')?.status, all.of.get('right A2')?.status]).toEqual(['skipped', 'passed'])
    expect(all.of.get('dead A2')?.status).toBe('skipped')

    // Five schedules do not break it; the stored one does, before any is played.
    write(
      'suites.test.js',
      readFileSync(join(project, 'suites.test.js'), 'utf8').replace('runs: 100, findings', 'runs: 1, findings'),
    )
    const again = await vitest('-t', 'timeless B5: ')
    expect(again.with('failed').map((a) => a.failureMessages[0]?.includes(`kept/timeless/${file}`))).toEqual([true])
    const replayed = await node(GAUNTLET, 'prop', '--party', './mine.js', '--replay', `kept/timeless/${file}`)
    expect([replayed.code, replayed.out.includes('violated: B5')]).toEqual([1, true])
  })
})
