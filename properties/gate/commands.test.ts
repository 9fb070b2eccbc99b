import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ROOT } from '../harness/process/programs.ts'

const FOLDER = mkdtempSync(join(tmpdir(), 'gauntlet-'))
const ADAPTER = 'node --import tsx properties/examples/adapter.mjs'
const [A8, PARTY] = ['corpus/schedules/model/A8.json', 'properties/examples/toy.ts']

const REPLAYS = 'a.hello,a.data,b.hello-of-other,b.data-of-other'
const FRESH = 'a file that is not there yet'

/** The least of each command that shows its lines. */
const RUNS: Readonly<Record<string, readonly (readonly string[])[]>> = {
  prop: [
    ['--replay', A8],
    ['--explain', 'A2,TWIN'],
    ['--chunk', '0', '--runs', '12', '--only', 'A2,S4'],
    ['--party', PARTY, '--twin', 'src', '--chunk', '0', '--runs', '12'],
  ],
  explore: [['--scope', '1x1x2x1', '--mode', 'literal']],
  mutants: [['--only', 'tag-half', '--world', 'both', '--budget', '20', '--after', '0']],
  attacks: [['--list'], ['--only', 'replay', '--mode', 'literal']],
  'adapter-check': [[ADAPTER]],
  playground: [['--out', FOLDER]],
  decode: [['corpus/transcripts/impl-a-reconnect.json']],
  keys: [['--ids', '1-5', '--out', FRESH]],
  fuzz: [
    ['--target', 'padding,frame', '--runs', '50'],
    ['--target', 'padding', '--regress'],
  ],
  'fuzz:mutants': [['--only', 'tag-unchecked', '--seconds', '1', '--processes', '1']],
  gate: [['--profile', 'tiny', '--only', 'attacks', '--out', FOLDER]],
  soak: [['--clients', '2', '--rounds', '4', '--hostile', '2']],
  infer: [['corpus/transcripts/impl-c-3clients-5rounds.json', '--out', FRESH]],
  judge: [['corpus/transcripts/impl-b-3clients-5rounds.json']],
  explain: [[A8]],
  learn: [['--mode', 'literal', '--against', 'bound', '--connections', '2', '--alphabet', REPLAYS, '--out', FOLDER]],
}

/** Of these only the help is asked for here, and why. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  claims: 'exhausts the model; columns.test.ts shows its figures',
  promote: 'changes corpus/, and says one line',
  bench: 'measures for a minute; a table of 78 columns at most',
  attack: 'is operated by hand; properties/tools/console/attack has the test',
  mitm: 'is operated by hand; properties/tools/console/relay has the test',
  conform: 'waits for silence; properties/strangers/conform has the test',
  server: 'runs until it is stopped; src/cli/terminal.test.ts breaks its lines',
  client: 'needs the server; src/cli/terminal.test.ts breaks its lines',
  'fuzz:bench': 'hunts for minutes',
  'fuzz:entries': 'names twelve files',
  vectors: 'writes corpus/vectors, which other tests read',
  search: 'runs for hours; properties/tools/search.test.ts has the test',
  stryker: 'takes an hour; it says a line for each file and survivor',
  aside: 'hunts 150 mutants',
  prove: 'takes half a minute of processor time',
}

/** No commands of ours: other programs decide how wide they write. */
const FOREIGN = ['test', 'check', 'prepack']

const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: Record<string, string> }
const NAMES = Object.keys(scripts).filter((name) => !FOREIGN.includes(name))

/** Lines that a terminal would break; a command to paste may be as long as it is. */
const tooLong = (text: string, columns: number): readonly string[] =>
  text.split('\n').filter((line) => line.length > columns && !/(?:^|\s)npm run /.test(line))

const { argv, exitCode } = process
let printed = ''
beforeEach(() => {
  printed = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += text
    return true
  })
  vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  vi.spyOn(process, 'exit').mockReturnValue(undefined as never)
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
  process.argv = argv
  process.exitCode = exitCode
})

let times = 0
/** What the command of a script prints, in this process. */
const run = async (name: string, args: readonly string[], columns: number): Promise<string> => {
  vi.stubEnv('COLUMNS', String(columns))
  const of = args.map((arg) => (arg === FRESH ? join(FOLDER, `${times}.json`) : arg))
  const [, file, own] = /(\S+\.ts)(?: (\w+))?$/.exec(scripts[name]!)!
  process.argv = [process.execPath, join(ROOT, file!), ...(own === undefined ? [] : [own]), ...of]
  await import(`${join(ROOT, file!)}?${times++}`) // each time anew
  return printed
}

describe.each([80, 200])('in %i columns', { timeout: 120_000 }, (columns) => {
  it.each(NAMES)('the help of %s fits', async (name) => {
    const help = await run(name, ['-h'], columns)
    expect(help).toMatch(new RegExp(`^npm run ${name}\\b`))
    expect(tooLong(help, 80)).toEqual([])
    expect(help).not.toMatch(/^ {2}\S.*\n[a-z\d-]/m) // a sentence is not broken where its source was
  })

  const each = Object.entries(RUNS).flatMap(([name, all]) => all.map((args) => ({ name, args })))
  it.each(each)('$name $args fits', async ({ name, args }) => {
    const text = await run(name, args, columns)
    expect(text.length).toBeGreaterThan(20)
    expect(tooLong(text, columns)).toEqual([])
  })
})

it('a line that is too long is noticed', () => {
  expect(tooLong('one two\nnpm run prop', 3)).toEqual(['one two'])
})

it('every script is run, or left out for a reason', () => {
  expect([...Object.keys(RUNS), ...Object.keys(LEFT_OUT)].sort()).toEqual([...NAMES].sort())
})
