/** `npm run conform`: a scorecard for anybody's server, or client, over TCP. */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { PROTOCOL } from '../../../spec/dialects/dialect.ts'
import { nearest } from '../../../spec/dialects/fields.ts'
import { dialectJsonSchema, parseDialect } from '../../../spec/dialects/file.ts'
import { Followers } from '../../../spec/dialects/follower.ts'
import { MODES } from '../../../spec/language.ts'
import { stopping } from '../../checks/check.ts'
import { UNEXPLAINED } from '../../harness/explain/text.ts'
import { PAGE_OF_A_STRANGER, pageFolder, pageLine } from '../../harness/page/html.ts'
import type { Page } from '../../harness/page/parts.ts'
import { readText, writeWhole } from '../../harness/process/files.ts'
import { dialectOption, playable, spokenIn, storedDialects } from '../../harness/target/dialects.ts'
import { keysFrom } from '../../harness/target/keys.ts'
import { reachOf, reachOptions, Target } from '../../harness/target/target.ts'
import { command, main, type Screen } from '../../harness/terminal/command.ts'
import { invocation, invocationWith, quoted } from '../../harness/terminal/invocation.ts'
import {
  flag,
  integer,
  modeOption,
  noExplain,
  oneOf,
  seedOption,
  text,
  UsageError,
} from '../../harness/terminal/options.ts'
import { counting } from '../../harness/terminal/progress.ts'
import { printable, wrap } from '../../harness/terminal/text.ts'
import { inferFrom, verdictOf } from '../infer/run.ts'
import {
  type Card,
  cardJsonSchema,
  cardJunit,
  cardOf,
  cardSchema,
  cardText,
  changes,
  charged,
  PROFILES,
  page,
  summary,
  whyText,
} from './card.ts'
import { CASES, CLIENT_CASES } from './cases/index.ts'
import { commandLaunch } from './clients/host.ts'
import { judgeClient } from './clients/judge.ts'
import { expectationsOf, isKnown, matches, readExpectations, standing } from './expect.ts'
import { judge, NotJudged } from './judge.ts'
import type { Common, Rows } from './repeat.ts'
import type { Case } from './verdicts.ts'
import { isWord, wordCase } from './word-case.ts'

const NOT_JUDGED = 4
const INCONCLUSIVE = 3
const STOPPED = 130
const SEED = 20_261_123
const VALUES = '5;7;9;11;13;15'
const GIVES_UP_MS = 45_000 // some servers let a client wait half a minute for others

const options = z.strictObject({
  ...reachOptions,
  client: text({
    value: 'COMMAND',
    says: "instead of a server, a client: './client.sh {port} {id}'; its lines come on its standard input, or as {values}",
    default: null,
  }),
  values: text({ value: 'LINES', says: 'what the client submits, a line each', default: VALUES }),
  keys: text({
    value: 'FILE',
    says: 'keyring: JSON, client id to master key in hex; demo: those of npm run server;\nbeside --dialect or --infer text too, and 1=KEY,2=KEY for a file; sha256:TEXT: its digest',
    default: null,
  }),
  dialect: dialectOption,
  infer: text({
    value: 'RECORDING',
    says: 'what is spoken: whatever explains this conversation of its own client; --keys as of npm run infer',
    default: null,
  }),
  mode: modeOption('bound or literal, of PROTOCOL'),
  only: text({
    value: 'CASES',
    says: 'some cases: replay/session,altered/*; or a word of npm run learn: word/hello+data',
    default: null,
  }),
  seed: seedOption(SEED),
  profile: oneOf(PROFILES, {
    value: 'P',
    says: 'assigned: flaws of the protocol are not charged; bound: they are;\naudit: as assigned, worst first',
    default: 'assigned',
  }),
  card: text({
    value: 'FILE',
    says: 'a card (JSON) of an earlier run, told again with --profile and --expect: nothing is played',
    default: null,
  }),
  expect: text({ value: 'FILE', says: 'what is known and has a reason', default: null }),
  'write-expect': text({ value: 'FILE', says: 'write what was seen as expectations', default: null }),
  'max-inconclusive': integer({ says: 'cases that may stay undecided', min: 0, default: 0 }),
  rate: integer({ says: 'new connections a second at most (default: no limit)', min: 1, default: null }),
  'max-connections': integer({ says: 'open at once', min: 8, max: 1_000, default: 32 }),
  'no-explain': noExplain(),
  'dialect-schema': flag('print the JSON schema of dialect files, and play nothing'),
  'card-schema': flag('the same of cards'),
  name: text({ value: 'NAME', says: 'of the card (default server or client)', default: null }),
  out: text({ value: 'FOLDER', says: 'of cards', default: 'reports/conform' }),
})
type Options = z.output<typeof options>

const chosen = <C extends { readonly id: string }>(all: readonly C[], only: string | null): readonly C[] => {
  if (only === null) return all
  const ids = all.map((c) => c.id)
  const patterns = only.split(',').map((p) => ({ case: p }))
  for (const p of patterns)
    if (!ids.some((id) => matches(p, id)))
      throw new UsageError(
        `--only: expected cases, got ${p.case}; the nearest: ${nearest(p.case, ids).slice(0, 3).join(', ')}`,
      )
  return all.filter((c) => patterns.some((p) => matches(p, c.id)))
}

/** Of `--infer`, with what it rests on said; null without. Throws a UsageError where nothing explains the recording. */
const inferred = (o: Options, screen: Screen) => {
  if (o.infer === null) return null
  if (o.dialect !== null) throw new UsageError('--infer and --dialect: expected one of them')
  const i = inferFrom(o.infer, o.keys)
  const parsed = i.block === null ? null : parseDialect(i.block, 'inferred')
  if (parsed?.kind !== 'ok')
    throw new UsageError(`--infer ${o.infer}: expected a recording that a dialect explains, got: ${verdictOf(i)}`)
  screen.say(`inferred: ${verdictOf(i)}`)
  return { dialect: parsed.dialect, keys: new Map([...i.keys].map(([id, k]) => [id, k.bytes])) }
}

const keyringOf = (
  o: Options,
  known: ReadonlyMap<number, Uint8Array> | undefined,
  screen: Screen,
): ReadonlyMap<number, Uint8Array> => {
  const [least, needs] = o.client === null ? [2, 'a server needs two clients'] : [1, 'a client has one']
  if (known !== undefined && known.size >= least) return known
  if (o.keys === null) throw new UsageError('--keys: expected a keyring file or demo, got none')
  const foreign = o.dialect !== null || o.infer !== null
  const { keyring, warning } = keysFrom(o.keys, foreign)
  if (foreign && warning !== null) screen.say(wrap(warning, screen.columns))
  if (keyring.size < least) throw new UsageError(`--keys ${o.keys}: ${needs}, got keys of ${keyring.size}`)
  return keyring
}

const replayLine =
  (o: Options) =>
  (id: string): string => {
    const { connect } = o
    const given: readonly (readonly [string, string | null])[] = [
      ['connect', connect === null ? null : `${connect.host}:${connect.port}`],
      ['start', o.start],
      ['client', o.client],
      ['values', o.client === null || o.values === VALUES ? null : o.values],
      ['keys', o.keys],
      ['dialect', o.dialect],
      ['infer', o.infer],
      ['mode', o.dialect === null && o.infer === null && o.mode !== 'bound' ? o.mode : null],
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

interface Tried {
  readonly cases: readonly Pick<Case, 'id' | 'invariant' | 'clause' | 'says' | 'advice'>[]
  /** `of`: instead of its cases. */
  judge(common: Common, of?: readonly never[]): Promise<Rows & { readonly found: Card['found'] }>
}

/** The server or the client that the options name, and its cases. */
const triedBy = (o: Options): Tried => {
  if ([o.connect, o.start, o.client].filter((x) => x !== null).length !== 1)
    throw new UsageError('--connect HOST:PORT, --start COMMAND or --client COMMAND: expected one of them')
  if (o.client !== null) {
    for (const place of ['{port}', '{id}'])
      if (!o.client.includes(place))
        throw new UsageError(`--client: expected a command with ${place} in it, got ${o.client}`)
    const cases = chosen(CLIENT_CASES, o.only)
    const [launch, lines] = [commandLaunch(o.client), o.values.split(';')]
    const judged = async (common: Common, of = cases) => {
      const { habits, ...rest } = await judgeClient(of, { ...common, launch, lines, givesUpMs: GIVES_UP_MS })
      return { ...rest, found: { side: 'client' as const, rounds: habits.rounds } }
    }
    return { cases, judge: judged }
  }
  const words = (o.only?.split(',') ?? []).filter(isWord).map(wordCase)
  const cases = chosen([...CASES, ...words], o.only)
  const reach = { ...reachOf(o), rate: o.rate, maxConnections: o['max-connections'] }
  const judged = async (common: Common, of = cases) => {
    const target = new Target(reach, common.followers.dialect)
    const { manners, ...rest } = await judge(of, { ...common, target })
    const { sums, waits } = manners
    return { ...rest, found: { side: 'server' as const, sums, waits, company: target.company } }
  }
  return { cases, judge: judged }
}

const expectationsFor = (o: Options, side: Card['found']['side']) => {
  const ids = (side === 'server' ? CASES : CLIENT_CASES).map((c) => c.id)
  return o.expect === null ? [] : readExpectations(o.expect, ids)
}

/** What a card comes to under these options: it is told, and gives the exit code. */
const tell = (card: Card, expectations: ReturnType<typeof readExpectations>, o: Options, screen: Screen) => {
  const isBad = charged(o.profile)
  const standings = card.rows.map((r) => standing(r, expectations, isBad))
  const told = { card, standings }
  screen.say(cardText(told, o.profile, screen.paint, screen.columns))
  if (o['write-expect'] !== null) writeWhole(o['write-expect'], expectationsOf(card.rows, isBad))
  const undecided = card.rows.filter((r) => r.verdict === 'inconclusive' && !isKnown(r, expectations)).length
  const bad = standings.some((s) => s === 'unexpected' || s === 'stale')
  return { told, code: bad ? 1 : undecided > o['max-inconclusive'] ? INCONCLUSIVE : 0 }
}

/** Of `--card`. */
const again = (file: string, o: Options, screen: Screen): number => {
  for (const name of ['connect', 'start', 'client'] as const)
    if (o[name] !== null) throw new UsageError(`--card and --${name}: expected one of them`)
  const card = cardIn(file)
  if (card === null) throw new UsageError(`--card: expected a card of conform (JSON), got ${file}`)
  const told = o['no-explain'] ? { ...card, rows: card.rows.map((r) => ({ ...r, why: [] })) } : card
  return tell(told, expectationsFor(o, card.found.side), o, screen).code
}

/** The page about these cards; `fine`: of the first. */
const cardsPage = (cards: readonly Card[], fine: boolean): Page => ({
  ...PAGE_OF_A_STRANGER,
  title: `Gauntlet: conformance of ${cards[0]!.name}`,
  says: summary(cards[0]!),
  verdict: cards[0]!.stopped !== null ? 'partial' : fine ? 'pass' : 'fail',
  made: invocation('conform'),
  parts: { cards: cards.map((c) => ({ ...c, rows: c.rows.map((r) => ({ ...r, missing: whyText(r.why) })) })) },
})

/** With which option an honest conversation comes about that did not; null: with none that is known here. */
const spokenInstead = async (o: Options, tried: Tried, common: Common): Promise<string | null> => {
  const others = [
    ...MODES.map((mode) => [`--mode ${mode}`, PROTOCOL[mode]] as const),
    ...storedDialects().map((name) => [`--dialect ${name}`, spokenIn(name, o.mode).dialect] as const),
  ]
  for (const [option, dialect] of others) {
    if (common.signal.aborted) return null
    if (dialect.name === common.followers.dialect.name) continue
    const asked = tried.judge({ ...common, followers: new Followers(dialect) }, [])
    if (await asked.then(() => true).catch(() => false)) return option
  }
  return null
}

/** Tries and tells. `signal`: ends it, with a card of what there is. */
const conformWith = async (o: Options, screen: Screen, signal: AbortSignal): Promise<number> => {
  const tried = triedBy(o)
  const expectations = expectationsFor(o, o.client === null ? 'server' : 'client')
  const name = o.name ?? (o.client === null ? 'server' : 'client')
  if (!/^[\w.-]+$/.test(name)) throw new UsageError(`--name: expected letters, digits, dots and dashes, got ${name}`)
  const known = inferred(o, screen)
  const from = known === null ? `--dialect ${o.dialect}` : `--infer ${o.infer}`
  const spoken = known?.dialect ?? spokenIn(o.dialect, o.mode).dialect
  const followers = new Followers(playable(spoken, from, o.client === null ? 'client' : 'server'))
  const keyring = keyringOf(o, known?.keys, screen)
  const progress = screen.progress()
  const count = counting(progress)
  const counted = (done: number, total: number): void => count(done, total, 'cases')
  const common: Common = { followers, keyring, seed: o.seed, signal, progress: counted }
  try {
    const { found, ...judgement } = await tried.judge(common)
    progress.clear()
    const why = o['no-explain'] ? null : await import('./why.ts').then((m) => m.whyOf).catch(() => null)
    const of = { name, dialect: followers.dialect.name, seed: o.seed, found }
    const card = cardOf(judgement, tried.cases, of, replayLine(o), why)
    if (why === null && !o['no-explain'] && card.rows.some((r) => r.verdict === 'failed')) screen.say(UNEXPLAINED)
    const { told, code } = tell(card, expectations, o, screen)
    const files = ['json', 'xml', 'html'].map((end) => join(o.out, `${name}.${end}`)) as [string, string, string]
    const before = o.only === null ? cardIn(files[0]) : null
    if (before !== null) for (const line of changes(card, before)) screen.say(`changed: ${line}`)
    if (o.only === null) {
      writeWhole(files[0], `${JSON.stringify(card, null, 2)}\n`)
      writeWhole(files[1], cardJunit(told))
      const cards = [card, ...others(o.out, name)]
      writeWhole(files[2], page(cards))
      screen.say(`card: ${files[2]}, and .json, .xml`)
      screen.say(await pageLine(pageFolder(o.out, 'conform'), cardsPage(cards, code === 0)))
    }
    return signal.aborted ? STOPPED : code
  } catch (e) {
    progress.clear()
    if (!(e instanceof NotJudged)) throw e
    screen.complain(wrap(`not judged: ${printable(e.message)}`, screen.columns))
    const option = await spokenInstead(o, tried, common)
    if (option !== null) screen.complain(`With ${option} an honest conversation comes about.`)
    return NOT_JUDGED
  }
}

export const conform = command({
  name: 'conform',
  options,
  notes: `Plays honest conversations and about 130 attacks and faults against a server, or 85 against a client (--client), for \
which it is the server on a port of its own. It says what failed, who can do it (K: anybody on the network, I: whoever \
has a key of the two, A: it is about availability, P: a flaw of the protocol that no implementation of the dialect \
avoids), what to change, and which rule of PROTOCOL is missing: without it the reference fails that case too. A failed \
case is played three times, unless it ended the stranger or waits for a timer.
Exit codes: 0 as expected, 1 failed and not expected, or expected and not failed, 2 usage, 3 cases that stayed \
undecided, 4 not judged: an honest conversation does not come about (where it does in the other mode or a stored \
dialect, that is said), 130 stopped (Ctrl-C): the card has what there was.`,
  async run(o, screen) {
    if (o.card !== null) return again(o.card, o, screen)
    const schema = o['card-schema'] ? cardJsonSchema() : o['dialect-schema'] ? dialectJsonSchema() : null
    if (schema === null) return stopping((signal) => conformWith(o, screen, signal))
    screen.say(JSON.stringify(schema, null, 2))
    return 0
  },
})

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(conform)
