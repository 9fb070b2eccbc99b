/** The same protocol before ProVerif, where it is installed: spec/proverif, for both key schedules, and with leaks. */
import { spawn, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { ROOT } from '../../harness/process/programs.ts'
import type { Problem } from '../../harness/report/outcome.ts'

export type Verdict = 'true' | 'false' | 'cannot be proved'
export interface Query {
  readonly says: string
  /** A part of the line in which ProVerif gives its verdict, by which it is recognised. */
  readonly result: RegExp
  readonly expected: Readonly<Record<Run, Verdict>>
  /** The runs of which ProVerif 2.05 gave this verdict before the model had leaks. */
  readonly recorded: readonly Run[]
}

/** Run → the libraries before session.pv. */
export const RUNS = {
  bound: ['bound.pvl', 'no-leak.pvl'],
  literal: ['literal.pvl', 'no-leak.pvl'],
  'bound, with leaks': ['bound.pvl', 'leak.pvl'],
} as const
export type Run = keyof typeof RUNS

const RECORDED: readonly Run[] = ['bound', 'literal']
const query = (
  says: string,
  result: RegExp,
  bound: Verdict,
  literal: Verdict,
  leaks: Verdict,
  recorded = RECORDED,
): Query => ({ says, result, expected: { bound, literal, 'bound, with leaks': leaks }, recorded })
const argsOf = (run: Run): readonly string[] => [...RUNS[run].flatMap((lib) => ['-lib', lib]), 'session.pv']
/** A run that takes longer, in milliseconds, is ended: the queries that it has not answered have no verdict. */
const PATIENCE_MS = 1_800_000

/** In the order of spec/proverif/session.pv. What has leaked is read, which shows that the last two say something. */
export const QUERIES: readonly Query[] = [
  query('reachable: a client gets its second response', /not event\(Got\(/, 'false', 'false', 'false'),
  query('secrecy of the first value', /not attacker\(v1/, 'true', 'true', 'false'),
  query('secrecy of the second value', /not attacker\(v2/, 'true', 'true', 'false'),
  query('injective agreement, client to server', /inj-event\(Accepted\(/, 'true', 'false', 'true'),
  query('injective agreement, server to client', /inj-event\(Got\(/, 'true', 'false', 'true'),
  query('agreement on TERMINATE', /event\(EndedByClient\(/, 'true', 'false', 'true'),
  query('agreement on KEY_DESYNC_ERROR', /event\(EndedByServer\(/, 'true', 'false', 'true'),
  query('secrecy of the first value, but for leaks until then', /&& event\(Sent\([^)]*R1,/, 'true', 'true', 'true', []),
  query('secrecy of the second value, but for leaks', /&& event\(Sent\([^)]*R2,/, 'true', 'true', 'true', []),
]

/** The version of the prover on the PATH; null: there is none. */
export const proverifVersion = (env: NodeJS.ProcessEnv = process.env): string | null => {
  const { status, stdout } = spawnSync('proverif', ['-help'], { env, encoding: 'utf8' })
  return status === null ? null : (/Proverif (\S+?)[.,]?\s/i.exec(stdout)?.[1] ?? 'of unknown version')
}

/** Differences between what the prover printed and what is expected. A query without a line is one. */
export const judgeOutput = (output: string, run: Run): readonly Problem[] => {
  const lines = output.split('\n').filter((l) => l.startsWith('RESULT '))
  return QUERIES.flatMap((q): readonly Problem[] => {
    const line = lines.find((l) => q.result.test(l) && !/^RESULT \(/.test(l))
    const got =
      line === undefined
        ? 'no result'
        : (/ (?:is (true|false)|(cannot be proved))\.?\s*$/
            .exec(line)
            ?.slice(1)
            .find((x) => x !== undefined) ?? 'no verdict')
    if (got === q.expected[run]) return []
    return [
      {
        kind: 'failed',
        text: `ProVerif, ${run}, ${q.says}: expected ${q.expected[run]}, got ${got}`,
        at: 'spec/proverif/session.pv',
        replay: `cd spec/proverif && proverif ${argsOf(run).join(' ')}`,
      },
    ]
  })
}

/** One run to its end; rejects when the prover cannot be started or the run is stopped. */
export const runProverif = (run: Run, signal: AbortSignal): Promise<readonly Problem[]> =>
  new Promise((resolve, reject) => {
    const cwd = join(ROOT, 'spec/proverif')
    const child = spawn('proverif', argsOf(run), { cwd, signal, timeout: PATIENCE_MS })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (output += text.toString()))
    child.on('error', reject)
    child.on('close', () => resolve(judgeOutput(output, run)))
  })
