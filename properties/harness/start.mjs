/**
 * Starts a program of this repository, which is TypeScript: `node --import ./properties/harness/start.mjs PROGRAM.ts`.
 * Plain JavaScript, because nothing is compiled yet. All modules of the program are bundled once into one file, kept
 * under node_modules/.cache, and used while neither one of them nor what decides how they are bundled has changed: Node
 * takes longer to find and compile several hundred modules than most commands take to run. A program that is told of a
 * module to load, such as a party, gets tsx: that module shares modules with the program, which a bundle would have twice.
 */
import { createHash } from 'node:crypto'
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { register } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { isMainThread, Worker } from 'node:worker_threads'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const CACHE = `${ROOT}node_modules/.cache/gauntlet/`
const DAY_MS = 86_400_000
const TICK_MS = 20 // of the clock that files get their times from, which is behind Date.now() by as much
const MODULE = /\.[cm]?[jt]sx?\b/

/**
 * What decides how modules are bundled: this file, the options, what is external, what is installed (esbuild too).
 * A module of a package that is edited by hand in node_modules is read again, as each module is that is bundled; after a
 * package.json or esbuild itself has been edited there, node_modules/.cache is to be removed.
 */
const SETTINGS = ['properties/harness/start.mjs', 'tsconfig.json', 'package.json', 'node_modules/.package-lock.json']

/** What tells one state of a file from another. */
const stateOf = (file) => {
  const { mtimeMs, ctimeMs, size } = statSync(ROOT + file)
  return `${mtimeMs} ${ctimeMs} ${size}`
}

/** The bundle in a file of the cache; null: there is none, or a module of it has changed since. */
const cached = (file) => {
  try {
    const bytes = readFileSync(file)
    const end = bytes.indexOf('\n')
    const states = Object.entries(JSON.parse(bytes.subarray(2, end).toString()))
    return states.every(([module, state]) => stateOf(module) === state) ? bytes.subarray(end + 1) : null
  } catch {
    return null
  }
}

/** In one piece, because other processes read it meanwhile. What is older than a day goes: its program may be gone. */
const keep = (file, code, states) => {
  const part = `${file}.${process.pid}`
  mkdirSync(CACHE, { recursive: true })
  for (const old of readdirSync(CACHE))
    if ((statSync(CACHE + old, { throwIfNoEntry: false })?.mtimeMs ?? 0) < Date.now() - DAY_MS)
      rmSync(CACHE + old, { force: true })
  writeFileSync(part, `//${JSON.stringify(states)}\n${code}`)
  renameSync(part, file)
}

/** Only what programs depend on is bundled; tools are loaded where they are used. */
const bundle = async (program, file) => {
  const { build } = await import('esbuild')
  const began = Date.now()
  const { devDependencies } = JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8'))
  const { outputFiles, metafile } = await build({
    entryPoints: [program],
    inject: isCommand ? [`${ROOT}properties/harness/process/sealed.ts`] : [],
    absWorkingDir: ROOT,
    outfile: `${program}.mjs`, // is not written; source maps name their sources from here
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    external: Object.keys(devDependencies),
    sourcemap: 'inline',
    sourcesContent: false,
    logLevel: 'silent',
    banner: {
      js: "import { createRequire as $require } from 'node:module'; const require = $require(import.meta.url)",
    },
    plugins: [
      {
        name: 'where modules are',
        setup: ({ onLoad }) =>
          onLoad({ filter: /\.ts$/ }, ({ path }) => ({
            contents: readFileSync(path, 'utf8').replaceAll(
              'import.meta.url',
              JSON.stringify(pathToFileURL(path).href),
            ),
            loader: 'ts',
          })),
      },
    ],
  })
  try {
    const files = [...SETTINGS, ...Object.keys(metafile.inputs)]
    const states = Object.fromEntries(files.map((f) => [f, stateOf(f)]))
    // Asked after the states were: what was changed since it was read is read again the next time.
    if (files.every((f) => statSync(ROOT + f).ctimeMs < began - TICK_MS)) keep(file, outputFiles[0].text, states)
  } catch {} // something has gone, or nothing can be written there: it is made again the next time
  return outputFiles[0].contents
}

const HOOKS = `
let program
export const initialize = (given) => void (program = given)
export const load = (url, context, next) =>
  url === program.url ? { format: 'module', source: program.source, shortCircuit: true } : next(url, context)
`

const LOADS_MS = 60_000
const UNANSWERED = 4
const LOADED = Symbol.for('gauntlet: loaded') // harness/terminal/ending.ts
const WATCH = `
const { workerData: { ms } } = require('node:worker_threads')
setTimeout(() => {
  require('node:fs').writeSync(2, 'the program was not loaded within ' + ms / 1000 + ' s: src, or what it imports, does not end\\n')
  process.kill(process.pid, 'SIGKILL')
}, ms)
`

/**
 * What a command loads is under test too, from its first line on: where it ends the process, that is no answer, and
 * where it does not end, nobody waits for ever. Over as soon as the command begins (harness/terminal/command.ts).
 */
const watchLoading = () => {
  const ended = (code) => {
    process.exitCode = code || UNANSWERED
    process.stderr.write(
      `the process ended with code ${code} before there was an answer: while its modules were loaded\n`,
    )
  }
  const threw = (e) => {
    const at = /^ +at .*?([^ (]*:\d+):\d+\)?$/m.exec(e?.stack ?? '')?.[1] ?? ''
    process.stderr.write(`a module could not be loaded: ${e?.message ?? e} (${at.replace(`file://${ROOT}`, '')})\n`)
    process.off('exit', ended)
    globalThis[LOADED].said = true
    process.exit(UNANSWERED)
  }
  const late = new Worker(WATCH, { eval: true, execArgv: [], workerData: { ms: LOADS_MS } })
  late.unref()
  process.on('exit', ended)
  process.on('uncaughtException', threw)
  globalThis[LOADED] = () => {
    process.off('exit', ended)
    process.off('uncaughtException', threw)
    void late.terminate()
  }
}

const [, named, ...args] = process.argv
const isCommand =
  named !== undefined &&
  process.send === undefined &&
  ['properties', 'fuzz'].some((f) => realpathSync(named).startsWith(ROOT + f))
if (isMainThread && isCommand) watchLoading()
// A thread of a tool inherits this, with a file of the tool in the place of the program.
if (isMainThread && (named === undefined || args.some((a) => MODULE.test(a)))) {
  await import('tsx')
  if (isCommand) await import('./process/sealed.ts')
} else if (isMainThread) {
  const program = realpathSync(named) // as Node names it: a link may lead elsewhere tomorrow
  const file = `${CACHE}${createHash('sha256').update(program).digest('hex').slice(0, 16)}.mjs`
  const source = cached(file) ?? (await bundle(program, file))
  process.setSourceMapsEnabled(true)
  register(`data:text/javascript,${encodeURIComponent(HOOKS)}`, { data: { url: pathToFileURL(program).href, source } })
}
