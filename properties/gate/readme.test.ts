import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { prop } from '../checks/prop/check.ts'
import { CHECKS } from '../harness/judging/examine.ts'
import { ROOT } from '../harness/process/programs.ts'
import { unpainted } from '../harness/terminal/text.ts'

const DOCUMENTS = [
  ...['README.md', 'SECURITY.md', 'CONTRIBUTING.md'],
  ...['properties/README.md', 'spec/README.md', 'fuzz/README.md'],
]

/** Commands that a test cannot run, and why. */
const NOT_HERE: Readonly<Record<string, string>> = {
  'npm ci && npm run prop': 'installs, and takes a minute',
  'npm test': 'is what runs this',
  'npm run gate': 'runs this',
  'npm run check': 'is a stage of the gate',
  'npm run explore': 'is a stage of the gate',
  'npm run claims': 'is a stage of the gate',
  'npm run gate -- --profile tiny --only stored,explore,claims': 'gate.test.ts runs that profile whole',
  'npm run server': 'runs until it is stopped; src/cli has the test',
  'npm run attack': 'needs the server and somebody who attacks; properties/tools/console/attack has the test',
  'npm run playground': 'runs until it is stopped; properties/playground has the test',
  'npm run mitm -- --listen 9998 --upstream 127.0.0.1:9999':
    'runs until it is stopped; properties/tools/console/relay has the test',
  'npm run infer -- --relay 9998 --upstream 127.0.0.1:9999 --keys demo':
    'runs until it is stopped; properties/strangers/infer has the test',
  'npm run judge -- --relay 9998 --upstream 127.0.0.1:9999 --keys demo':
    'runs until it is stopped; properties/strangers/judge has the test',
  'npm run client -- 1': 'needs the server; src/cli has the test',
  'npm run prop -- --party properties/examples/toy.ts --only S4 --runs 64': 'properties/checks/prop has the test',
  "npm run conform -- --start 'node --import tsx src/cli/server.ts --port {port}' --keys demo":
    'takes seconds of waiting; properties/strangers/conform has the test',
  "npm run prop -- --party-cmd 'node --import tsx properties/examples/adapter.mjs' --side server --only S4 --runs 16":
    'properties/harness/parties/stdio.test.ts has the test',
  'npm run aside': 'hunts 160 mutants',
  'npm run search -- --hours 8': 'runs for hours; properties/tools/search.test.ts has the test',
  'npm run attacks': 'is a stage of the gate',
  'npm run soak': 'loads the machine for a minute; properties/checks/soak has the test',
  'npm run soak -- --clients 255 --hostile 700': 'the same for longer',
}

interface Command {
  readonly document: string
  readonly line: string
  readonly exit: number
}

/** Each line of each `sh` block; `# exit code N` where it is meant to fail. */
const commandsOf = (document: string): readonly Command[] =>
  [...readFileSync(join(ROOT, document), 'utf8').matchAll(/^ *```sh\n([\s\S]*?)^ *```$/gm)]
    .flatMap(([, block]) => block!.split('\n'))
    .map((l) => l.trim())
    .filter((l) => l !== '')
    .map((l) => {
      const [, line, exit] = /^(.*?)(?: *# exit code (\d+))?$/.exec(l)!
      return { document, line: line!, exit: Number(exit ?? 0) }
    })

const COMMANDS = DOCUMENTS.flatMap(commandsOf)

/** What a document shows of an output that no command here prints, by its first line, and why. */
const NOT_COMPARED: Readonly<Record<string, string>> = {
  '  6                          f2  ── DATA r1 ───────▶ s1  rejected: bad-tag':
    'the same moves in bound, where they break nothing, so that nothing draws them',
}

/** Each `text` block; a line of `…` stands for any number of lines. */
const samplesOf = (document: string): readonly (readonly string[])[] =>
  [...readFileSync(join(ROOT, document), 'utf8').matchAll(/^```text\n([\s\S]*?)\n```$/gm)]
    .map(([, block]) => block!.split('\n'))
    .filter(([first]) => NOT_COMPARED[first!] === undefined)

const literally = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

/** A line of `…` stands for any lines, `…` in a line for any rest of a word; spaces at the end of a line do not show. */
const isIn = (printed: string, sample: readonly string[]): boolean => {
  const lines = sample.map((l) => (l === '…' ? '(?:.*\\n)*?.*' : literally(l).replaceAll('…', '\\S*')))
  return new RegExp(`^${lines.join('\\n')}$`, 'm').test(printed.replace(/ +$/gm, ''))
}

/** How the whole default run of `prop` ends, of whose figures the gate makes REPORT.md. */
const endOfProp = (): string => {
  const report = readFileSync(join(ROOT, 'REPORT.md'), 'utf8')
  const all = (pattern: RegExp): readonly RegExpExecArray[] => [...report.matchAll(pattern)] as RegExpExecArray[]
  const number = (text: string | undefined): number => Number(text?.replaceAll(',', ''))
  const modes = ['bound', 'literal'] as const
  const verdict = (shown: string | undefined) => (shown === 'holds' ? shown : 'violated as expected')
  const invariants = all(/^\| \*\*(\w+)\*\* .* \| ([^|]+) \| ([^|]+) \|$/gm)
    .filter((_, i) => i < CHECKS.length)
    .map(([, id, bound, literal]) => ({
      id,
      bound: { verdict: verdict(bound) },
      literal: { verdict: verdict(literal) },
    }))
  const counterexamples = all(/<b>(\w+)<\/b> in literal, \d+ actions/g).map(([, invariant]) => ({
    ...{ invariant, mode: 'literal', also: [], expected: true },
    replay: `npm run prop -- --replay reports/findings/${invariant}-literal-0.json`,
  }))
  const played = all(/^\| `\w+` \| [^|]+ \| ([\d,]+) \| \S+ \(\d+\) /gm)
  const [, exercised] = /^A cell .*: (.*)\. Schedules/m.exec(report)!
  const cells = [...exercised!.matchAll(/(\d+) of (\d+)/g)].flatMap(([, times, of], m) =>
    Array.from({ length: Number(of) }, (_, i) => ({
      bound: null,
      literal: null,
      [modes[m]!]: i < Number(times) ? 1 : 0,
    })),
  )
  const [, times, of] = /Cells reached, in both modes: ([\d,]+) of ([\d,]+)/.exec(report)!
  const reached = Array.from({ length: number(of) }, (_, i) => [i, { bound: i < number(times) ? 1 : 0 }])
  expect(invariants.length).toBe(CHECKS.length)
  const figures = {
    ...{
      modes,
      invariants,
      counterexamples,
      cells,
      reached: Object.fromEntries(reached),
      floors: true,
      left: null,
      scopes: null,
      party: null,
      crypto: 'real',
    },
    seed: number(/seed (\d+)/.exec(report)![1]),
    distribution: Object.fromEntries(played.map(([, n], i) => [i, { schedules: number(n) }])),
  } as unknown as Parameters<NonNullable<typeof prop.ending>>[0]
  return [...prop.ending!(figures, [], unpainted, 100), prop.verdict!(figures, 0)].join('\n')
}

const run = (line: string): Promise<{ readonly code: number; readonly output: string }> =>
  new Promise((resolve) => {
    execFile('bash', ['-c', line], { cwd: ROOT }, (e, out, err) =>
      resolve({ code: e ? Number(e.code) : 0, output: out + err }),
    )
  })

/** Commands as a user types them, on whatever is left of the machine. */
const PATIENCE = { timeout: 300_000 }

describe('the documents', PATIENCE, () => {
  it('have commands to try', () => {
    expect(COMMANDS.length).toBeGreaterThan(5)
  })

  const printed = new Map<string, string>()

  it.each(COMMANDS.filter((c) => NOT_HERE[c.line] === undefined))(
    '$document: $line',
    async ({ document, line, exit }) => {
      const { code, output } = await run(line)
      printed.set(document, `${printed.get(document) ?? ''}\n${output}`)
      expect(code, output.slice(-2_000)).toBe(exit)
    },
  )

  it('show what the commands print', () => {
    const samples = DOCUMENTS.flatMap((d) => samplesOf(d).map((s) => [d, s] as const))
    expect(samples.length).toBeGreaterThan(1)
    for (const [d, s] of samples)
      expect(isIn(`${printed.get(d)}\n${endOfProp()}`, s), `${d}:\n${s.join('\n')}`).toBe(true)
    expect(isIn('a\nb', ['b', '…', 'a'])).toBe(false)
    expect([isIn('a b\nc\nd', ['a …', '…', 'd']), isIn('a b', ['a'])]).toEqual([true, false])
  })

  it('speak of scripts that exist', () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: object }
    const named = DOCUMENTS.flatMap((d) => [
      ...readFileSync(join(ROOT, d), 'utf8').matchAll(/npm run (?:-s )?([a-z:-]+)/g),
    ])
    expect(named.map(([, script]) => script).filter((s) => !Object.keys(scripts).includes(s!))).toEqual([])
  })
})
