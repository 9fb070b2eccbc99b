import { execFile } from 'node:child_process'
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loader, ROOT } from './process/programs.ts'

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'gauntlet-start-')))
const write = (file: string, text: string): void => writeFileSync(join(folder, file), text)

const node = (args: readonly string[]): Promise<{ readonly out: string; readonly err: string }> =>
  new Promise((resolve) => execFile(process.execPath, args, (_, out, err) => resolve({ out, err })))
const run = (program: string, ...args: readonly string[]) => node([...loader([]), join(folder, program), ...args])

describe('start.mjs', () => {
  write('package.json', '{ "type": "module" }')
  write('one.ts', "import { word } from './other.ts'\nconsole.log(word, import.meta.url, process.argv[2])\n")

  it('shows a change of any module the next time, and what has gone', async () => {
    const said = (word: string): string => `${word} file://${folder}/one.ts seven\n`
    for (const word of ['before', 'after', 'again']) {
      write('other.ts', `export const word: string = '${word}'\n`)
      expect((await run('one.ts', 'seven')).out).toBe(said(word))
    }
    expect((await run('one.ts', 'seven')).out).toBe(said('again'))
    rmSync(join(folder, 'other.ts'))
    expect(await run('one.ts', 'seven')).toEqual({ out: '', err: expect.stringContaining('Could not resolve') })

    for (const to of ['first', 'second']) {
      write(`${to}.ts`, `console.log('${to}')\n`)
      rmSync(join(folder, 'link.ts'), { force: true })
      symlinkSync(join(folder, `${to}.ts`), join(folder, 'link.ts'))
      expect((await run('link.ts')).out).toBe(`${to}\n`)
    }

    for (const sub of ['properties/harness', 'node_modules/dep']) mkdirSync(join(folder, sub), { recursive: true })
    const start = join(folder, 'properties/harness/start.mjs')
    copyFileSync(join(ROOT, 'properties/harness/start.mjs'), start)
    symlinkSync(join(ROOT, 'node_modules/esbuild'), join(folder, 'node_modules/esbuild'))
    write('package.json', '{ "type": "module", "devDependencies": {} }')
    write('tsconfig.json', '{}')
    write('depends.ts', "import 'dep'\n")
    for (const name of ['old', 'new']) write(`node_modules/dep/${name}.mjs`, `console.log('${name}')\n`)
    for (const name of ['old', 'new']) {
      write('node_modules/dep/package.json', `{ "main": "${name}.mjs" }`)
      write('node_modules/.package-lock.json', `"${name}"`)
      expect((await node(['--import', start, join(folder, 'depends.ts')])).out).toBe(`${name}\n`)
    }
    expect(readdirSync(join(folder, 'node_modules/.cache/gauntlet'))).toHaveLength(1)
  })

  it('names positions of TypeScript', async () => {
    write('fails.ts', "interface A {\n  readonly a: 1\n}\nexport const a: A = { a: 1 }\nthrow new Error('this')\n")
    expect((await run('fails.ts')).err).toContain(`${folder}/fails.ts:5:7`)
  })

  it('lets a program use a tool that has threads', async () => {
    write(
      'prover.ts',
      `import { createRequire } from 'node:module'
const { init } = createRequire('${ROOT}package.json')('z3-solver')
const { Context } = await init()
const { Solver, Bool } = Context('main')
const solver = new Solver()
solver.add(Bool.const('a'))
console.log(await solver.check())
process.exit()
`,
    )
    expect(await run('prover.ts')).toEqual({ out: 'sat\n', err: '' })
  })

  it('lets a program share its modules with one that it is told to load', async () => {
    write('shared.ts', 'export const shared = {}\n')
    write('told.ts', "export { shared } from './shared.ts'\n")
    write(
      'loads.ts',
      "import { shared } from './shared.ts'\nconst told = await import(process.argv[2]!)\nconsole.log(told.shared === shared)\n",
    )
    expect((await run('loads.ts', join(folder, 'told.ts'))).out).toBe('true\n')
  })
})
