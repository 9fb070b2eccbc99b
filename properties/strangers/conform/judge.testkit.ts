/** Servers on trial in tests of the cases. */
import type { Dialect } from '../../../spec/dialects/dialect.ts'
import { parseDialect } from '../../../spec/dialects/file.ts'
import { Followers } from '../../../spec/dialects/follower.ts'
import { DEMO_KEYRING } from '../../../src/cli/keyring.ts'
import { readText } from '../../harness/process/files.ts'
import type { Running } from '../../harness/target/servers.testkit.ts'
import { Target } from '../../harness/target/target.ts'
import { CASES } from './cases/index.ts'
import { type Judgement, judge } from './judge.ts'
import type { Case } from './verdicts.ts'

export const QUICK = CASES.filter((c) => !c.slow)
export const named = (id: string): Case => CASES.find((c) => c.id === id)!

/** Ends the server. */
export const judged = async (
  server: Running,
  dialect: Dialect,
  cases: readonly Case[],
  keyring = DEMO_KEYRING,
): Promise<Judgement> => {
  const followers = new Followers(dialect)
  const address = { host: '127.0.0.1', port: server.port }
  const target = new Target({ start: null, address, rate: null, maxConnections: 32 }, dialect)
  const { signal } = new AbortController()
  try {
    return await judge(cases, { target, followers, keyring, seed: 1, signal, progress() {} })
  } finally {
    await server.stop()
  }
}

/** What is neither fine nor unsupported. */
export const other = (j: Judgement): readonly string[] =>
  j.rows.filter((r) => !['ok', 'unsupported'].includes(r.verdict)).map((r) => `${r.verdict} ${r.id} ${r.class}`)

/** The dialect of a file of the corpus, with other fields. */
export const read = (name: string, fields: Readonly<Record<string, unknown>>): Dialect => {
  const block = JSON.parse(readText(new URL(`../../../corpus/dialects/${name}.json`, import.meta.url)))
  const parsed = parseDialect({ ...block, ...fields }, name, '')
  if (parsed.kind === 'bad') throw new Error(parsed.problem)
  return parsed.dialect
}
