/** `npm run conform`: a scorecard for anybody's server over TCP. */
import { existsSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { type Dialect, PROTOCOL } from '../../../spec/dialects/dialect.ts'
import { parseDialect } from '../../../spec/dialects/file.ts'
import { Followers } from '../../../spec/dialects/follower.ts'
import { stopping } from '../../checks/check.ts'
import { readText, writeWhole } from '../../harness/files.ts'
import { keysFrom } from '../../harness/keys.ts'
import { command, main, type Screen } from '../../harness/terminal/command.ts'
import { invocationWith } from '../../harness/terminal/invocation.ts'
import { custom, flag, integer, modeOption, oneOf, text, UsageError } from '../../harness/terminal/options.ts'
import { counting } from '../../harness/terminal/progress.ts'
import { printable, wrap } from '../../harness/terminal/text.ts'
import { type Card, cardJunit, cardOf, cardSchema, cardText, changes, charged, PROFILES } from './card.ts'
import { CASES } from './cases/index.ts'
import { expectationsOf, matches, nearest, readExpectations, standing } from './expect.ts'
import { judge, NotJudged } from './judge.ts'
import { page } from './page.ts'
import { Target } from './target.ts'
import type { Case } from './verdicts.ts'

const NOT_JUDGED = 4
const INCONCLUSIVE = 3
const STOPPED = 130
const LOOPBACK = /^(127\.\d+\.\d+\.\d+|localhost|::1)$/
const SEED = 20_261_123

const address = custom({ value: 'HOST:PORT', says: 'a server that runs', default: null }, (given) => {
  const [, host, port] = /^(.+):(\d{1,5})$/.exec(given) ?? []
  return host !== undefined && Number(port) >= 1 && Number(port) <= 65_535
    ? { value: { host: host.replace(/^\[(.*)\]$/, '$1'), port: Number(port) } }
    : { expected: 'HOST:PORT' }
})

const options = z.strictObject({
  connect: address,
  start: text({
    value: 'COMMAND',
    says: "starts the server: './server.sh {port}'; again when it ended",
    default: null,
  }),
  keys: text({
    value: 'FILE',
    says: 'keyring: JSON, client id to master key in hex; demo: those of npm run server',
    default: null,
  }),
  dialect: text({ value: 'FILE', says: 'what it speaks (default PROTOCOL; corpus/dialects has three)', default: null }),
  mode: modeOption('bound or literal, of PROTOCOL'),
  only: text({ value: 'CASES', says: 'some cases: replay/session,altered/*', default: null }),
  seed: integer({ says: '0..4294967295', min: 0, max: 0xffff_ffff, default: SEED }),
  profile: oneOf(PROFILES, {
    value: 'P',
    says: 'assigned: flaws of the protocol are not charged; bound: they are;\naudit: as assigned, worst first',
    default: 'assigned',
  }),
  expect: text({ value: 'FILE', says: 'what is known and has a reason', default: null }),
  'write-expect': text({ value: 'FILE', says: 'write what was seen as expectations', default: null }),
  'max-inconclusive': integer({ says: 'cases that may stay undecided', min: 0, default: 0 }),
  rate: integer({ says: 'new connections a second at most (default: no limit)', min: 1, default: null }),
  'max-connections': integer({ says: 'open at once', min: 8, max: 1_000, default: 32 }),
  'i-own-this-host': flag('allow a host that is not this machine'),
  name: text({ value: 'NAME', says: 'of the card', default: 'server' }),
  out: text({ value: 'FOLDER', says: 'of cards', default: 'reports/conform' }),
})
type Options = z.output<typeof options>

const chosen = (only: string | null): readonly Case[] => {
  if (only === null) return CASES
  const ids = CASES.map((c) => c.id)
  const patterns = only.split(',').map((p) => ({ case: p }))
  for (const p of patterns)
    if (!ids.some((id) => matches(p, id)))
      throw new UsageError(`--only: expected cases, got ${p.case}; the nearest: ${nearest(p.case, ids).join(', ')}`)
  return CASES.filter((c) => patterns.some((p) => matches(p, c.id)))
}

const dialectFrom = (o: Options): Dialect => {
  if (o.dialect === null) return PROTOCOL[o.mode]
  const fail = (why: string): never => {
    throw new UsageError(`--dialect ${o.dialect}: ${why}`)
  }
  let json: unknown
  try {
    json = JSON.parse(readText(o.dialect))
  } catch (e) {
    return fail(`expected a dialect file (JSON), got ${(e as Error).message}`)
  }
  const read = parseDialect(json, basename(o.dialect, '.json'), '')
  return read.kind === 'ok' ? read.dialect : fail(read.problem)
}

const keyringOf = (o: Options): ReadonlyMap<number, Uint8Array> => {
  if (o.keys === null) throw new UsageError('--keys: expected a keyring file or demo, got none: cards need two clients')
  const { keyring } = keysFrom(o.keys)
  if (keyring.size < 2) throw new UsageError(`--keys ${o.keys}: expected keys of two clients, got ${keyring.size}`)
  return keyring
}

const reachOf = (o: Options) => {
  if ((o.connect === null) === (o.start === null))
    throw new UsageError('--connect HOST:PORT or --start COMMAND: expected one of them')
  if (o.start !== null && !o.start.includes('{port}'))
    throw new UsageError(`--start: expected a command with {port} in it, got ${o.start}`)
  if (o.connect !== null && !LOOPBACK.test(o.connect.host) && !o['i-own-this-host'])
    throw new UsageError(`--connect: expected this machine, got ${o.connect.host}; --i-own-this-host allows others`)
  const reach = o.connect ?? { host: '127.0.0.1', port: 0 }
  return { start: o.start, address: reach, rate: o.rate, maxConnections: o['max-connections'] }
}

const quoted = (word: string): string => (/^[\w./:,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)

const replayLine =
  (o: Options) =>
  (id: string): string => {
    const { connect } = o
    const given: readonly (readonly [string, string | null])[] = [
      ['connect', connect === null ? null : `${connect.host}:${connect.port}`],
      ['start', o.start],
      ['keys', o.keys],
      ['dialect', o.dialect],
      ['mode', o.dialect === null && o.mode !== 'bound' ? o.mode : null],
      ['seed', o.seed === SEED ? null : String(o.seed)],
      ['only', id],
    ]
    const said = given.flatMap(([name, value]) => (value === null ? [] : [`--${name} ${quoted(value)}`]))
    return `${invocationWith('conform')} ${said.join(' ')}${o['i-own-this-host'] ? ' --i-own-this-host' : ''}`
  }

const cardIn = (file: string): Card | null => {
  if (!existsSync(file)) return null
  try {
    const read = cardSchema.safeParse(JSON.parse(readText(file)))
    return read.success ? read.data : null
  } catch {
    return null // a card of another time is no reason to lose this one
  }
}

/** The other cards of the folder, by name. */
const others = (folder: string, name: string): readonly Card[] =>
  existsSync(folder)
    ? readdirSync(folder)
        .filter((f) => f.endsWith('.json') && f !== `${name}.json`)
        .sort()
        .flatMap((f) => cardIn(join(folder, f)) ?? [])
    : []

/** Tries and tells. `signal`: ends it, with a card of what there is. */
const conformWith = async (o: Options, screen: Screen, signal: AbortSignal): Promise<number> => {
  const cases = chosen(o.only)
  const expectations =
    o.expect === null
      ? []
      : readExpectations(
          o.expect,
          CASES.map((c) => c.id),
        )
  if (!/^[\w.-]+$/.test(o.name))
    throw new UsageError(`--name: expected letters, digits, dots and dashes, got ${o.name}`)
  const followers = new Followers(dialectFrom(o))
  const target = new Target(reachOf(o), followers.dialect.framing)
  const progress = screen.progress()
  const count = counting(progress)
  const tell = (done: number, total: number): void => count(done, total, 'cases')
  try {
    const judgement = await judge(cases, {
      target,
      followers,
      keyring: keyringOf(o),
      seed: o.seed,
      signal,
      progress: tell,
    })
    progress.clear()
    const card = cardOf(
      judgement,
      cases,
      { name: o.name, dialect: followers.dialect.name, seed: o.seed },
      replayLine(o),
    )
    const isBad = charged(o.profile)
    const standings = judgement.rows.map((r) => standing(r, expectations, isBad))
    const judged = { card, standings }
    screen.say(cardText(judged, o.profile, screen.paint, screen.columns))
    const files = ['json', 'xml', 'html'].map((end) => join(o.out, `${o.name}.${end}`)) as [string, string, string]
    const before = o.only === null ? cardIn(files[0]) : null
    if (before !== null) for (const line of changes(card, before)) screen.say(`changed: ${line}`)
    if (o.only === null) {
      writeWhole(files[0], `${JSON.stringify(card, null, 2)}\n`)
      writeWhole(files[1], cardJunit(judged))
      writeWhole(files[2], page([card, ...others(o.out, o.name)]))
      screen.say(`card: ${files[2]}, and .json, .xml`)
    }
    if (o['write-expect'] !== null) writeWhole(o['write-expect'], expectationsOf(judgement.rows, isBad))
    if (signal.aborted) return STOPPED
    if (standings.some((s) => s === 'unexpected' || s === 'stale')) return 1
    const undecided = judgement.rows.filter((r) => r.verdict === 'inconclusive').length
    return undecided > o['max-inconclusive'] ? INCONCLUSIVE : 0
  } catch (e) {
    progress.clear()
    if (!(e instanceof NotJudged)) throw e
    screen.complain(wrap(`not judged: ${printable(e.message)}`, screen.columns))
    return NOT_JUDGED
  }
}

export const conform = command({
  name: 'conform',
  options,
  notes: `Plays honest conversations and about 90 attacks and faults against a server, and says what failed, who can do it
(K: anybody on the network, I: a client with its own key, A: it is about availability, P: a flaw of the protocol that
no implementation of the dialect avoids), and what to change. A failed case is played three times, unless it ended the
server or waits for a timer.
Exit codes: 0 as expected, 1 failed and not expected, or expected and not failed, 2 usage, 3 cases that stayed
undecided, 4 not judged: an honest conversation does not come about, 130 stopped (Ctrl-C): the card has what there was.`,
  run: (o, screen) => stopping((signal) => conformWith(o, screen, signal)),
})

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(conform)
