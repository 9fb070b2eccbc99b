/** Bytes instead of schedules: the stored inputs, then a search with a count budget, a process a target. */
import { existsSync, readdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import { z } from 'zod'
import { type Context, check, inShares } from '../properties/checks/check.ts'
import { atMost } from '../properties/harness/process/pool.ts'
import { ROOT } from '../properties/harness/process/programs.ts'
import { SHARD_SHAPE, shareOf } from '../properties/harness/process/shards.ts'
import { cell, details, table } from '../properties/harness/report/markdown.ts'
import type { Outcome, Problem } from '../properties/harness/report/outcome.ts'
import { integer } from '../properties/harness/terminal/options.ts'
import { n, right } from '../properties/harness/terminal/text.ts'
import { cellName, coverings } from '../spec/checker/lockstep/cells.ts'
import { campaign, foldersOf, problemsOf, type Result } from './engine/campaign.ts'
import { reachOf } from './engine/features.ts'
import { describe, isFuzzFinding, noteBeside, replayCommand } from './engine/finding.ts'
import { regress } from './engine/judge.ts'
import { nameOf, readInput } from './engine/store.ts'
import { probe, type Status } from './engine/supervisor.ts'
import type { Target } from './engine/target.ts'
import { TARGET_NAMES, TARGETS } from './targets/index.ts'

const schema = z.strictObject({
  targets: z.array(
    z.strictObject({
      name: z.string(),
      says: z.string(),
      stored: z.int(),
      executions: z.int(),
      corpus: z.int(),
      features: z.int(),
      findings: z.int(),
      /** How many features were known after how many executions. */
      curve: z.array(z.tuple([z.int(), z.int()])),
      /** Ways in which the model can judge a frame; null where the target has no states. */
      cells: z.strictObject({ reached: z.int(), reachable: z.int(), missed: z.array(z.string()) }).nullable(),
      modules: z.array(
        z.strictObject({ file: z.string(), taken: z.int(), branches: z.int(), missed: z.array(z.int()) }),
      ),
    }),
  ),
})
type Figures = z.infer<typeof schema>

const SEED = 1 // of the fuzzer, whose default it is
const LIMIT_MS = 20_000 // only what never ends takes so long, however loaded the machine

const executionsOf = (target: Target, executions: number): number => Math.ceil(executions / (target.cost ?? 1))

const search = (target: Target, all: number, c: Context, progress: (done: number) => void): Promise<Result> => {
  const budget = { kind: 'runs', executions: executionsOf(target, all) } as const
  const folders = { ...foldersOf(target.name, budget), findings: join(c.out, 'findings') }
  const watcher = { status: (s: Status) => progress(s.executions), found() {} }
  return campaign(target.name, { budget, seed: SEED, jobs: 1, limitMs: LIMIT_MS }, folders, watcher, c.signal)
}

/** What earlier runs left in the folder of findings and is still wrong, or cannot be read any more. Exported for its test. */
export const openFindings = async (folder: string): Promise<readonly Problem[]> => {
  const files = existsSync(folder) ? readdirSync(folder).filter((name) => !name.startsWith('.')) : []
  const inputs = new Set(files.filter(isFuzzFinding).map((name) => name.replace(/\.json$/, '.bin')))
  const problems: Problem[] = []
  for (const name of inputs) {
    const path = join(folder, name)
    const at = relative(ROOT, path)
    const note = noteBeside(path)
    const data = files.includes(name) ? readInput(path) : null
    if (note === null || data === null || nameOf(data) !== note.sha1 || !TARGET_NAMES.includes(note.target)) {
      const got = note === null ? 'a note that cannot be read' : 'another input, or none'
      const text = `${at}: expected an input and its note (.json) that belong together, got ${got}`
      problems.push({ kind: 'error', text })
      continue
    }
    const { fault } = await probe(note.target, data, LIMIT_MS)
    const text = `${at}: still ${fault === null ? '' : describe(fault)}`
    if (fault !== null) problems.push({ kind: 'open-finding', text, replay: replayCommand(path) })
  }
  return problems
}

const figureOf = (target: Target, stored: number, r: Result): Figures['targets'][number] => {
  const { name, says } = target
  const { executions, corpus, features, findings, coverage } = r
  const reach = r.cells === null ? null : reachOf(r.cells, target)
  return {
    ...{ name, says, stored, executions, corpus, features, findings: findings.length },
    curve: r.curve.map(([executions, features]) => [executions, features]),
    cells: reach && { ...reach, missed: [...reach.missed] },
    modules: coverage.map((m) => ({ ...m, missed: [...m.missed] })),
  }
}

const options = z.strictObject({
  executions: integer({ says: 'of each target', min: 1, max: 1_000_000_000, default: 100_000 }),
  first: integer({ says: 'so many of the targets only', min: 1, default: null }),
  ...SHARD_SHAPE,
})
type Options = z.output<typeof options>

/** Targets of a share in their order, and what is wrong. */
interface Share {
  readonly targets: Figures['targets']
  readonly stored: readonly Problem[]
  readonly found: readonly Problem[]
  readonly open: readonly Problem[]
}

/** What the stored inputs of a target still do. */
const storedOf = async (target: Target) => {
  const { inputs, failures } = await regress(target)
  const replay = `npm run fuzz -- --regress --target ${target.name}`
  const problems = failures.map(
    (text): Problem => ({ kind: 'open-finding', text: `fuzz: ${text}`, replay, about: target.name }),
  )
  return { inputs, problems }
}

const gather = async (o: Options, c: Context): Promise<Share> => {
  const targets = shareOf(TARGETS.slice(0, o.first ?? undefined), o.shard)
  const stored = new Map<Target, Awaited<ReturnType<typeof storedOf>>>()
  for (const target of targets) stored.set(target, await storedOf(target))
  const executed = new Map<string, number>()
  const due = targets.reduce((sum, t) => sum + executionsOf(t, o.executions), 0)
  const all = await atMost(c.processes, targets, (target) =>
    search(target, o.executions, c, (executions) => {
      executed.set(target.name, executions)
      const sum = [...executed.values()].reduce((a, b) => a + b, 0)
      c.progress(sum, due, 'executions')
    }),
  )
  // What this run found is a problem already.
  const nothing = all.every((r) => r.findings.length === 0)
  return {
    targets: targets.map((t, i) => figureOf(t, stored.get(t)!.inputs, all[i]!)),
    stored: targets.flatMap((t) => stored.get(t)!.problems),
    found: all.flatMap(problemsOf),
    open: nothing ? await openFindings(join(c.out, 'findings')) : [],
  }
}

const conclude = (o: Options, shares: readonly Share[]): Outcome<Figures> => {
  const inOrder = shareOf(TARGETS.slice(0, o.first ?? undefined), o.shard).map((t) => t.name)
  const place = (p: Problem): number => inOrder.indexOf(p.about ?? '')
  const sorted = (of: (s: Share) => readonly Problem[]) => shares.flatMap(of).sort((a, b) => place(a) - place(b))
  const targets = inOrder.flatMap((name) => shares.flatMap((s) => s.targets.filter((t) => t.name === name)))
  const nothing = targets.every((t) => t.findings === 0)
  // A finding may lie in the folders of several machines.
  const open = nothing ? [...new Map(shares.flatMap((s) => s.open).map((p) => [p.text, p])).values()] : []
  return { figures: { targets }, problems: [...sorted((s) => s.stored), ...sorted((s) => s.found), ...open] }
}

export const fuzz = check({
  name: 'fuzz',
  asks: 'Do the implementation and its second opinions agree on all bytes of a guided search',
  options,
  notes: 'Exit codes: 0 nothing found, 1 findings, 2 usage.',
  schema,
  ...inShares<typeof options, Share, Figures>(gather, async (o, shares) => conclude(o, shares)),
  summary(f) {
    const executions = f.targets.reduce((sum, t) => sum + t.executions, 0)
    const findings = f.targets.reduce((sum, t) => sum + t.findings, 0)
    return `${n(executions)} executions over ${f.targets.length} targets, ${findings === 0 ? 'nothing found' : `${findings} findings`}`
  },
  cases: (f) =>
    f.targets.map((t) => ({ name: t.name, red: t.findings === 0 ? null : `expected no finding, got ${t.findings}` })),
  page: (f) => {
    const all = new Set(coverings('bound').map((c) => cellName(c.cell)))
    const judged = f.targets.flatMap(({ name, cells }) => {
      const { feeds } = TARGETS.find((t) => t.name === name) ?? {}
      return cells === null
        ? []
        : [{ missed: new Set(cells.missed), due: (c: string) => feeds === undefined || c.startsWith(feeds) }]
    })
    return {
      curves: f.targets.map(({ curve: points, ...t }) => ({ ...t, points })),
      fuzzCells: [...all].filter((c) => judged.some((j) => j.due(c) && !j.missed.has(c))),
    }
  },
  sections(f) {
    const numbers = ['stored inputs', 'executions', 'corpus', 'features', 'findings']
    const head = ['target', 'what is checked', ...right(...numbers)]
    const rows = f.targets.map((t) => [
      `\`${t.name}\``,
      cell(t.says),
      ...[t.stored, t.executions, t.corpus, t.features, t.findings].map(n),
    ])
    const modules = f.targets.flatMap((t) =>
      t.modules.map((m) => [`\`${t.name}\``, `\`${m.file}\``, `${m.taken} of ${m.branches}`, m.missed.join(', ')]),
    )
    const reached = table(['target', 'module', ...right('branches'), 'lines never reached'], modules)
    const states = f.targets.flatMap((t) =>
      t.cells === null ? [] : [[`\`${t.name}\``, n(t.cells.reached), n(t.cells.reachable), t.cells.missed.join(', ')]],
    )
    const cells = table(['target', ...right('reached by the search', 'reached by `prop`'), 'not by the search'], states)
    const body = [
      'Each target executes what is stored for it, then what the search makes of that, and compares the implementation with a second opinion: reference, model, invariants.',
      details('Every target', table(head, rows)),
      details(
        'Cells of the model that each target reached, beside those that <code>prop</code> reaches (which has a schedule for each)',
        cells,
      ),
      details('What each target reached', reached),
    ]
    return [{ title: 'Fuzzing', body: body.join('\n\n') }]
  },
})
