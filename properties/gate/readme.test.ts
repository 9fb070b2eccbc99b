import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ROOT } from '../harness/programs.ts'

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
  'bound     55 of 55 invariants hold': 'ends the main job, which takes a minute; shortened',
  '  6                                      f2  ── CLIENT_DATA r1 ────────────▶ s1  rejected: bad-tag':
    'the same moves in bound, where they break nothing, so that nothing draws them',
}

/** Each `text` block; a line of `…` stands for any number of lines. */
const samplesOf = (document: string): readonly (readonly string[])[] =>
  [...readFileSync(join(ROOT, document), 'utf8').matchAll(/^```text\n([\s\S]*?)\n```$/gm)]
    .map(([, block]) => block!.split('\n'))
    .filter(([first]) => NOT_COMPARED[first!] === undefined)

/** The parts of a sample between its `…`, in order and each whole; spaces at the end of a line do not show. */
const isIn = (printed: string, sample: readonly string[]): boolean => {
  const output = printed.replace(/ +$/gm, '')
  let from = 0
  for (const part of sample.join('\n').split(/^…$/m)) {
    const at = output.indexOf(part.trim(), from)
    if (at < 0) return false
    from = at + part.trim().length
  }
  return true
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
    for (const [d, s] of samples) expect(isIn(printed.get(d) ?? '', s), `${d}:\n${s.join('\n')}`).toBe(true)
    expect(isIn('a\nb', ['b', '…', 'a'])).toBe(false)
  })

  it('speak of scripts that exist', () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: object }
    const named = DOCUMENTS.flatMap((d) => [
      ...readFileSync(join(ROOT, d), 'utf8').matchAll(/npm run (?:-s )?([a-z:-]+)/g),
    ])
    expect(named.map(([, script]) => script).filter((s) => !Object.keys(scripts).includes(s!))).toEqual([])
  })
})
