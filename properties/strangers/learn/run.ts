/** `npm run learn`: the state machine of a server, as a picture, and how it differs from the one expected. */
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { type Dialect, PROTOCOL } from '../../../spec/dialects/dialect.ts'
import { stopping } from '../../checks/check.ts'
import { PAGE_OF_A_STRANGER, pageFolder, pageLine } from '../../harness/page/html.ts'
import type { Page } from '../../harness/page/parts.ts'
import { partyNamed } from '../../harness/parties/party-file.ts'
import { oneParty, PARTY_SHAPE } from '../../harness/parties/party-options.ts'
import { typed } from '../../harness/parties/typed.ts'
import { readText, writeWhole } from '../../harness/process/files.ts'
import { parseWith, printStored } from '../../harness/schedules/schedule-file.ts'
import { dialectOption, playable, spokenIn } from '../../harness/target/dialects.ts'
import { keysFrom } from '../../harness/target/keys.ts'
import { reachOf, reachOptions, Target } from '../../harness/target/target.ts'
import { command, main, type Screen } from '../../harness/terminal/command.ts'
import { invocation, invocationWith, quoted } from '../../harness/terminal/invocation.ts'
import { expecting, integer, modeOption, oneOf, seedOption, text, UsageError } from '../../harness/terminal/options.ts'
import { counting } from '../../harness/terminal/progress.ts'
import { printable, wrap } from '../../harness/terminal/text.ts'
import { alphabetOf, narrowed } from './alphabet.ts'
import { learnAside } from './aside.ts'
import { Ended } from './asking.ts'
import { cardLines, cardOf, cardSchema, cardVerdict, isEqual, type LearnCard } from './card.ts'
import { mermaid, svg } from './drawing.ts'
import { type Machine, outputsOf, stateAfter, type Word } from './machine.ts'
import { scheduleOf } from './schedule.ts'
import { Stranger } from './stranger.ts'
import { type Learned, NotLearned, type Plan } from './study.ts'
import { CLIENT, type Limits, modelMachine } from './within.ts'

const NOT_CERTAIN = 3
const NOT_LEARNED = 4
const STOPPED = 130
const SEED = 20_261_129

const options = z
  .strictObject({
    ...reachOptions,
    ...PARTY_SHAPE,
    keys: text({
      value: 'FILE',
      says: 'keyring: JSON, client id to master key in hex; demo: those of npm run server;\nbeside --dialect text too, and 1=KEY,2=KEY for a file',
      default: null,
    }),
    dialect: dialectOption,
    mode: modeOption('bound or literal, of PROTOCOL'),
    connections: oneOf(['1', '2'], { value: 'N', says: '1, or 2 of one client id at once', default: '1' }),
    alphabet: text({ value: 'SYMBOLS', says: 'some of them: hello,data,data-again (default all)', default: null }),
    against: text({
      value: 'WHAT',
      says: 'what it is compared with: bound or literal, the card (JSON) of another, or a party\n(default: our model of what is spoken)',
      default: null,
    }),
    extra: integer({ says: 'states more than seen that are still found, for certain', min: 0, max: 4, default: 1 }),
    walks: integer({ says: 'random words at the end', min: 0, default: 200 }),
    seconds: integer({ says: 'how long it may take', min: 1, default: 120 }),
    seed: seedOption(SEED),
    rate: integer({ says: 'new connections a second at most (default: no limit)', min: 1, default: null }),
    name: text({ value: 'NAME', says: 'of the card (default server, or src)', default: null }),
    out: text({ value: 'FOLDER', says: 'of cards', default: 'reports/learn' }),
  })
  .superRefine((o, ctx) => oneParty(o, ctx))
type Options = z.output<typeof options>

interface Subject {
  /** How it is named on the command line, with a space before each option. */
  readonly typed: string
  readonly dialect: Dialect
  /** Its machine, and the one expected. */
  learn(plan: Omit<Plan, 'expected'>, expected: Machine | null, limits: Limits): Promise<Both>
}
interface Both {
  readonly learned: Learned
  readonly expected: Machine
  readonly died?: readonly (readonly string[])[]
}

const overTcp = (o: Options, screen: Screen): Subject => {
  const { dialect } = spokenIn(o.dialect, o.mode)
  if (o.keys === null) throw new UsageError('--keys: expected a keyring file or demo, got none')
  const foreign = o.dialect !== null
  const { keyring, warning } = keysFrom(o.keys, foreign)
  if (foreign && warning !== null) screen.say(wrap(warning, screen.columns))
  const where = o.connect === null ? `--start ${quoted(o.start!)}` : `--connect ${o.connect.host}:${o.connect.port}`
  const spoken = o.dialect === null ? (o.mode === 'bound' ? '' : ' --mode literal') : ` --dialect ${quoted(o.dialect)}`
  const target = new Target({ ...reachOf(o), rate: o.rate, maxConnections: 16 }, dialect)
  return {
    typed: ` ${where} --keys ${quoted(o.keys)}${spoken}${o['i-own-this-host'] ? ' --i-own-this-host' : ''}`,
    dialect: playable(dialect, `--dialect ${o.dialect}`),
    async learn(plan, given, limits) {
      try {
        const stranger = new Stranger(target, dialect, keyring, o.seed)
        await stranger.meet()
        const expected = given ?? (await modelMachine(dialect, stranger.waits, plan, limits))
        const learned = await stranger.learn({ ...plan, expected }, limits)
        return { learned, expected, died: stranger.died }
      } finally {
        await target.stop()
      }
    },
  }
}

const inProcess = (o: Options): Subject => {
  for (const name of ['keys', 'dialect', 'rate'] as const)
    if (o[name] !== null) throw new UsageError(`--${name}: expected --connect or --start with it`)
  const party = partyNamed(o)
  return {
    typed: `${typed(party)}${o.mode === 'bound' ? '' : ' --mode literal'}`,
    dialect: PROTOCOL[o.mode],
    learn: (plan, expected, limits) =>
      learnAside({ party, mode: o.mode, plan, expected, budgetMs: o.seconds * 1_000 }, limits),
  }
}

const cardIn = (file: string): LearnCard => {
  const text = expecting(`--against ${file}: expected a card of npm run learn`, () => readText(file))
  const card = parseWith(cardSchema, file, text)
  if (card.kind === 'bad') throw new UsageError(`--against ${card.why}`)
  return card.value
}

/** The machine that `--against` names; null: our model of what is spoken. */
const expectedOf = async (o: Options, plan: Omit<Plan, 'expected'>, limits: Limits): Promise<Machine | null> => {
  const { against } = o
  if (against === null) return null
  if (against === 'bound' || against === 'literal') return modelMachine(PROTOCOL[against], false, plan, limits)
  if (!against.endsWith('.json')) {
    const asked = { party: against, mode: o.mode, plan, expected: null, budgetMs: o.seconds * 1_000 }
    return (await learnAside(asked, limits)).learned.machine
  }
  const { machine } = cardIn(against)
  if (machine.alphabet.join() !== plan.alphabet.join())
    throw new UsageError(
      `--against ${against}: expected a card of the same symbols (--connections, --alphabet), got ${machine.alphabet.join(',')}`,
    )
  return machine
}

/** Where schedules can say a word, its file. */
const stored = (o: Options, got: Machine, word: Word, file: string): string | null => {
  const outputs = outputsOf(got, word)
  const schedule = scheduleOf(word, outputs, CLIENT, o.mode, o.seed)
  if (schedule === null) return null
  writeWhole(file, printStored({ says: `${word.join(' ')}: ${outputs.at(-1)}`, violates: [], schedule }))
  return file
}

const learnWith = async (o: Options, screen: Screen, signal: AbortSignal): Promise<number> => {
  const tcp = o.connect !== null || o.start !== null
  if (tcp && (o.party ?? o['party-cmd']) !== null)
    throw new UsageError('--connect, --start or a party: expected one of them')
  const subject = tcp ? overTcp(o, screen) : inProcess(o)
  const name =
    o.name ?? (tcp ? 'server' : (partyNamed(o) ?? 'src').replace(/^.*\/|\.\w+$/g, '').replace(/[^\w.-]/g, '-'))
  if (!/^[\w.-]+$/.test(name)) throw new UsageError(`--name: expected letters, digits, dots and dashes, got ${name}`)
  const connections = o.connections === '1' ? 1 : 2
  const alphabet = narrowed(alphabetOf(connections), o.alphabet, '--alphabet')
  const plan = { alphabet, connections, extra: o.extra, walks: o.walks, seed: o.seed } as const
  const line = screen.progress()
  const count = counting(line)
  const limits = {
    until: performance.now() + o.seconds * 1_000,
    signal,
    progress: (words: number) => count(words, 0, 'words'),
  }
  try {
    const { learned, expected, died = [] } = await subject.learn(plan, await expectedOf(o, plan, limits), limits)
    line.clear()
    const base = join(o.out, name)
    let files = 0
    const replay = (word: Word): string => {
      if (tcp) return `${invocationWith('conform')}${subject.typed} --only ${quoted(`word/${word.join('+')}`)}`
      const file = stored(o, learned.machine, word, `${base}-${++files}.json`)
      if (file === null)
        return `${invocationWith('learn')}${subject.typed}${connections === 2 ? ' --connections 2' : ''}`
      return `${invocationWith('prop')}${typed(partyNamed(o))} --replay ${quoted(file)}`
    }
    const against = o.against ?? `our model (${subject.dialect.name})`
    const card = cardOf(
      { name, dialect: subject.dialect.name, connections, seed: o.seed, against },
      learned,
      expected,
      replay,
    )
    return await tell(card, died, base, screen, signal)
  } catch (e) {
    line.clear()
    if (e instanceof Ended) {
      screen.complain(`not learned: ${e.message} before the expected machine was known`)
      return signal.aborted ? STOPPED : NOT_LEARNED
    }
    if (!(e instanceof NotLearned)) throw e
    screen.complain(wrap(`not learned: ${printable(e.message)}`, screen.columns))
    return NOT_LEARNED
  }
}

/** The page about one machine. */
const machinePage = (card: LearnCard, drawn: string, differs: boolean): Page => ({
  ...PAGE_OF_A_STRANGER,
  title: `Gauntlet: the state machine of ${card.name}`,
  says: cardVerdict(card),
  verdict: differs ? 'fail' : isEqual(card) ? 'pass' : 'partial',
  made: invocation('learn'),
  parts: {
    machines: [
      {
        title: `${card.name}, dialect ${card.dialect}`,
        svg: drawn,
        rows: card.differences.edges.map((e) => [
          `${e.kind}: ${e.word.join(' ')}`,
          `${e.got}, expected ${e.expected}: ${e.says} (${e.clause}). See it again: ${e.replay}`,
        ]),
      },
    ],
  },
})

const tell = async (
  card: LearnCard,
  died: readonly (readonly string[])[],
  base: string,
  screen: Screen,
  signal: AbortSignal,
): Promise<number> => {
  const marked = card.differences.edges.map((e) => `${stateAfter(card.machine, e.word.slice(0, -1))} ${e.word.at(-1)}`)
  writeWhole(`${base}.json`, `${JSON.stringify(card, null, 2)}\n`)
  writeWhole(`${base}.mmd`, `${mermaid(card.machine)}\n`)
  const drawn = await svg(card.machine, card.name, new Set(marked))
  writeWhole(`${base}.svg`, drawn)
  for (const text of cardLines(card, screen.paint, screen.columns)) screen.say(text)
  for (const word of died)
    screen.say(screen.paint(wrap(`the server ended over ${word.join(' ')}`, screen.columns, 2), 'red'))
  screen.say(`machine: ${base}.svg, and .mmd, .json`)
  const differs = card.differences.edges.length > 0 || died.length > 0
  screen.say(await pageLine(pageFolder(dirname(base), 'learn'), machinePage(card, drawn, differs)))
  screen.say(
    screen.paint(wrap(cardVerdict(card), screen.columns), differs ? 'red' : isEqual(card) ? 'green' : 'yellow'),
  )
  if (signal.aborted) return STOPPED
  return differs ? 1 : isEqual(card) ? 0 : NOT_CERTAIN
}

export const learn = command({
  name: 'learn',
  options,
  notes: `Learns the state machine of a server by active automata learning (L#): which frame it takes in which state. Without \
--connect, --start or a party: of src/. Draws it, and lists how it differs from the machine of our model over the same \
symbols: an edge that must not be there (extra), one that is missing, another answer. Each ends with a line to see it \
again. Exit codes: 0 equal, 1 different, 2 usage, 3 not certain (the time was up, answers that change), 4 not learned: an \
honest conversation does not come about, 130 stopped (Ctrl-C).`,
  run: (o, screen) => stopping((signal) => learnWith(o, screen, signal)),
})

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(learn)
