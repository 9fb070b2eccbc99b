/** The same protocol before ProVerif, where it is installed: spec/proverif, for both key schedules. */
import { spawn, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import type { Mode } from '../../../spec/language.ts'
import type { Problem } from '../../harness/outcome.ts'
import { ROOT } from '../../harness/programs.ts'

export type Verdict = 'true' | 'false' | 'cannot be proved'
interface Query {
  readonly says: string
  /** A part of the line in which ProVerif gives its verdict, by which it is recognised. */
  readonly result: RegExp
  readonly bound: Verdict
  readonly literal: Verdict
}

/** In the order of spec/proverif/session.pv. */
export const QUERIES: readonly Query[] = [
  {
    says: 'reachable: a client gets its second response',
    result: /not event\(Got\(/,
    bound: 'false',
    literal: 'false',
  },
  { says: 'secrecy of the first value', result: /not attacker\(v1/, bound: 'true', literal: 'true' },
  { says: 'secrecy of the second value', result: /not attacker\(v2/, bound: 'true', literal: 'true' },
  { says: 'injective agreement, client to server', result: /inj-event\(Accepted\(/, bound: 'true', literal: 'false' },
  { says: 'injective agreement, server to client', result: /inj-event\(Got\(/, bound: 'true', literal: 'false' },
  { says: 'agreement on TERMINATE', result: /event\(EndedByClient\(/, bound: 'true', literal: 'false' },
  { says: 'agreement on KEY_DESYNC_ERROR', result: /event\(EndedByServer\(/, bound: 'true', literal: 'false' },
]

/** The version of the prover on the PATH; null: there is none. */
export const proverifVersion = (env: NodeJS.ProcessEnv = process.env): string | null => {
  const { status, stdout } = spawnSync('proverif', ['-help'], { env, encoding: 'utf8' })
  return status === null ? null : (/Proverif (\S+?)[.,]?\s/i.exec(stdout)?.[1] ?? 'of unknown version')
}

/** Differences between what the prover printed and what is expected. A query without a line is one. */
export const judgeOutput = (output: string, mode: Mode): readonly Problem[] => {
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
    if (got === q[mode]) return []
    return [
      {
        kind: 'failed',
        text: `ProVerif, ${mode}, ${q.says}: expected ${q[mode]}, got ${got}`,
        at: 'spec/proverif/session.pv',
        replay: `cd spec/proverif && proverif -lib ${mode}.pvl session.pv`,
      },
    ]
  })
}

/** Runs one library to its end; rejects when the prover cannot be started or the run is stopped. */
export const runProverif = (mode: Mode, signal: AbortSignal): Promise<readonly Problem[]> =>
  new Promise((resolve, reject) => {
    const child = spawn('proverif', ['-lib', `${mode}.pvl`, 'session.pv'], { cwd: join(ROOT, 'spec/proverif'), signal })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (output += text.toString()))
    child.on('error', reject)
    child.on('close', () => resolve(judgeOutput(output, mode)))
  })
