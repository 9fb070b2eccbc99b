/** Every attack over real sockets, in both modes. */
import { basename } from 'node:path'
import { z } from 'zod'
import { MODES, type Mode } from '../../../spec/language.ts'
import { readAttackFiles } from '../../harness/attack/attack-file.ts'
import { type AttackResult, disagreement, type NamedAttack } from '../../harness/attack/perform.ts'
import { attackStories } from '../../harness/page/stories.ts'
import { cell, table } from '../../harness/report/markdown.ts'
import type { Problem } from '../../harness/report/outcome.ts'
import type { Parsed } from '../../harness/schedules/schedule-file.ts'
import { command, perform, type Screen } from '../../harness/terminal/command.ts'
import { invocation, invocationWith, quoted } from '../../harness/terminal/invocation.ts'
import { flag, integer, OptionError, someOf, text, UsageError } from '../../harness/terminal/options.ts'
import { type Paint, plural, printable, right, wrap } from '../../harness/terminal/text.ts'
import { check, runForPerson } from '../check.ts'
import { type Lost, runAttacks } from './sockets.ts'
import { attackStranger, strangerFrom, strangerOptions, type Unserved, withClientsOf } from './stranger.ts'
import { attackText, heading, listText, MARGIN, WIDTH } from './text.ts'

const NOTHING_TOLD = 3
const outcome = z.enum(['BLOCKED', 'SUCCEEDED', 'UNTRIED'])
const schema = z.strictObject({
  modes: z.array(z.enum(MODES)),
  /** The dialect of somebody else's server; absent: PROTOCOL. What cannot be told of it is no disagreement. */
  dialect: z.string().optional(),
  attacks: z.array(
    z.strictObject({
      n: z.int(),
      name: z.string(),
      title: z.string(),
      says: z.string(),
      claim: z.int(),
      bound: outcome.nullable(), // null: not played in this mode
      literal: outcome.nullable(),
      expected: z.strictObject({ bound: outcome, literal: outcome }),
      why: z.string(), // of both outcomes, PROTOCOL with its paragraph
    }),
  ),
})
type Figures = z.infer<typeof schema>

const caseName = (a: { readonly name: string; readonly mode: Mode }): string => `${a.name} in ${a.mode}`

/** Where attacks are, and what chooses one: by its file, or of the stored ones by its name. `given`: the options before. */
const placesOf = (files: readonly string[], given: string) => {
  const own = new Map(files.map((f) => [basename(f, '.json'), f]))
  return {
    at: (name: string): string => own.get(name) ?? `corpus/schedules/attacks/${name}.json`,
    replay: (name: string, mode: Mode | null): string => {
      const file = own.get(name)
      const which = file === undefined ? `--only ${name}` : quoted(file)
      return `${invocationWith('attacks')} ${given}${mode === null ? '' : `--mode ${mode} `}${which}`
    },
  }
}
type Places = ReturnType<typeof placesOf>

const problemOf = (r: AttackResult, { at, replay }: Places): readonly Problem[] => {
  const odd = disagreement(r)
  if (odd === null) return []
  const text = `attack over TCP: ${odd}`
  return [{ kind: 'failed', text, at: at(r.name), replay: replay(r.name, r.mode), about: caseName(r) }]
}

const problemAfter = ({ name, why }: Unserved, { replay }: Places): Problem => ({
  kind: 'failed',
  text: `attack over TCP: after ${name} honest clients are not served: ${why}`,
  replay: replay(name, null),
})

const problemOver = ({ name, why }: Lost, mode: Mode, { at, replay }: Places): Problem => ({
  kind: 'error',
  text: `attack over TCP: ${name} in ${mode}: there is no answer: ${why}`,
  at: at(name),
  replay: replay(name, mode),
  about: caseName({ name, mode }),
})

const stoppedAfter = (done: number, total: number): Problem => ({
  kind: 'interrupted',
  text: `stopped after ${done} of ${total} attacks`,
})

const options = z.strictObject({
  mode: someOf(MODES, { value: 'M', says: 'bound or literal (default bound)', default: MODES.slice(0, 1) }),
  only: text({ value: 'NAME,...', says: 'these attacks only, by name or number', default: null }),
  first: integer({ says: 'so many of them only', min: 1, default: null }),
  ...strangerOptions,
  list: flag('what there is and what each mode predicts; plays nothing'),
})
type Options = z.output<typeof options>

/** Those that the options or files ask for. Throws a UsageError. */
const chosenAttacks = (
  o: Options,
  files: readonly string[],
  all: Parsed<readonly NamedAttack[]>,
): readonly NamedAttack[] => {
  if (all.kind === 'bad') throw new UsageError(all.why)
  if (o.only !== null && files.length > 0)
    throw new OptionError(`--only: expected without files, got ${files[0]} as well`)
  if (files.length > 0) {
    const read = readAttackFiles(files)
    if (read.kind === 'bad') throw new UsageError(read.why)
    const twice = files.find((f, i) => files.findIndex((g) => basename(g) === basename(f)) < i)
    if (twice !== undefined)
      throw new UsageError(`${twice}: expected files of different names, got another of this name`)
    return read.value
  }
  const wanted = o.only?.split(',') ?? null
  const is = (a: NamedAttack, w: string): boolean => a.name === w || String(a.attack.n) === w
  const odd = wanted?.find((w) => !all.value.some((a) => is(a, w)))
  if (odd !== undefined)
    throw new OptionError(`--only: expected names or numbers that --list shows, got ${JSON.stringify(odd)}`)
  return all.value.filter((a) => wanted?.some((w) => is(a, w)) ?? true).slice(0, o.first ?? undefined)
}

type Attacked = Figures['attacks'][number]

const untold = (got: Attacked['bound']): string => (got === null ? 'not played' : 'not observable')

const isOdd = (f: Figures, a: Attacked, mode: Mode): boolean => {
  const told = a[mode] === 'BLOCKED' || a[mode] === 'SUCCEEDED'
  return a[mode] !== null && a[mode] !== a.expected[mode] && (told || f.dialect === undefined)
}

/** Every attack is played in every mode of src itself. */
const isLost = (f: Figures, a: Attacked, mode: Mode): boolean => a[mode] === null && f.dialect === undefined

/** Where they do not fit into `columns`, without the claims. */
const summaryLine = (f: Figures, a: Figures['attacks'][number], mode: Mode, paint: Paint, columns?: number): string => {
  const odd = isOdd(f, a, mode)
  const got = odd || a[mode] === 'BLOCKED' || a[mode] === 'SUCCEEDED' ? (a[mode] ?? '') : untold(a[mode])
  const hue = odd ? 'red' : got === 'BLOCKED' ? 'green' : 'yellow'
  const note = odd ? `  expected ${a.expected[mode]}` : ''
  const outcome = `${got}${note}`
  const claim = `claim ${String(a.claim).padEnd(3)} `
  const beside = columns !== undefined && WIDTH + claim.length + outcome.length > columns ? '' : claim
  const title = heading(a.n, printable(a.title), beside.length + outcome.length, columns)
  return `${title}${beside}${paint(got, hue)}${paint(note, 'red')}`
}

const countsText = (f: Figures, mode: Mode): string => {
  const count = (how: z.infer<typeof outcome>): number => f.attacks.filter((a) => a[mode] === how).length
  const left = f.attacks.filter((a) => a[mode] === null || a[mode] === 'UNTRIED').length
  const untried = left === 0 ? '' : `, ${left} ${f.dialect === undefined ? 'UNTRIED' : 'not observable or not played'}`
  return `${plural(f.attacks.length, 'attack')} in ${mode}: ${count('BLOCKED')} BLOCKED, ${count('SUCCEEDED')} SUCCEEDED${untried}`
}

/** `all`: what is stored, or why it cannot be read. `files`: attacks from these instead. */
export const attacksOf = (all: Parsed<readonly NamedAttack[]>, files: readonly string[] = []) =>
  check({
    name: 'attacks',
    asks: 'Does every attack over real sockets end as its mode predicts',
    options,
    rest: {
      value: 'FILE ...',
      says: `attacks from these files, such as ${invocation('attack')} saves, instead of the stored ones`,
    },
    notes: `Starts a server and clients of its own on 127.0.0.1 and attacks them over TCP; with --connect or --start \
somebody else's server, with clients of its own in its --dialect. What frames do not show there is not observable.
Exit codes: 0 as the mode predicts, 1 not so, 2 usage, 3 nothing could be told of somebody else's server, \
4 the process of an attack was lost, 130 stopped (Ctrl-C), with what was played.`,
    stoppable: true,
    schema,
    async run(o, c) {
      const chosen = chosenAttacks(o, files, all)
      const stranger = await strangerFrom(o)
      const modes = stranger?.modes ?? o.mode
      const places = placesOf(files, stranger === null ? '' : `${stranger.given} `)
      const played = chosen.filter((a) => stranger === null || withClientsOf(a, stranger.keyring) !== null)
      let done = 0
      const results = new Map<Mode, readonly AttackResult[]>()
      const unserved: Unserved[] = []
      const lost: Problem[] = []
      const play = async (mode: Mode): Promise<void> => {
        const where = 'Clients c0, c1 are on the left, connections s0, s1 of a real server on the right'
        const legend = `mode ${mode}. ${where}, the attacker is between them. Lines with » are its doing.`
        c.say(wrap(legend, c.columns ?? 112, 0))
        const each = (r: AttackResult): void => {
          c.progress(++done, played.length * modes.length, 'attacks')
          c.say(`\n${attackText(r, c.paint, c.columns)}`)
        }
        const columns = c.columns && c.columns - MARGIN
        if (stranger === null) {
          const found = await runAttacks(mode, played, each, { columns, signal: c.signal })
          results.set(mode, found.results)
          lost.push(...found.lost.map((l) => problemOver(l, mode, places)))
        } else {
          const found = await attackStranger(mode, played, stranger, each, c.signal, columns)
          results.set(mode, found.results)
          unserved.push(...found.unserved)
        }
      }
      try {
        for (const mode of modes) if (!c.signal.aborted) await play(mode)
      } finally {
        await stranger?.stop()
      }
      const of = (mode: Mode, name: string) => results.get(mode)?.find((r) => r.name === name)
      const figures = chosen.map(({ name, says, attack }) => {
        const { n, title, claim, expect } = attack
        const [bound, literal] = [of('bound', name)?.outcome ?? null, of('literal', name)?.outcome ?? null]
        const expected = { bound: expect.bound.outcome, literal: expect.literal.outcome }
        return { n, name, title, says, claim, bound, literal, expected, why: expect.bound.why }
      })
      return {
        figures: {
          modes: [...modes],
          ...(stranger?.dialect != null && { dialect: stranger.dialect.name }),
          attacks: figures,
        },
        problems: [
          ...[...results.values()].flat().flatMap((r) => problemOf(r, places)),
          ...unserved.map((u) => problemAfter(u, places)),
          ...lost,
          ...(c.signal.aborted ? [stoppedAfter(done, played.length * modes.length)] : []),
        ],
      }
    },
    summary(f) {
      const count = (mode: Mode, how: z.infer<typeof outcome>): number =>
        f.attacks.filter((a) => a[mode] === how).length
      return `${f.attacks.length} attacks: ${count('bound', 'BLOCKED')} blocked in bound, ${count('literal', 'SUCCEEDED')} succeed in literal`
    },
    text: (f, paint, columns) =>
      f.modes.flatMap((mode) => ['', ...f.attacks.map((a) => summaryLine(f, a, mode, paint, columns))]).join('\n'),
    exit({ figures: f, problems }) {
      if (problems.length > 0 || f.dialect === undefined) return undefined
      return f.attacks.some((a) => f.modes.some((m) => a[m] === 'BLOCKED' || a[m] === 'SUCCEEDED'))
        ? undefined
        : NOTHING_TOLD
    },
    verdict(f, red, cut) {
      const figures = f.modes.map((mode) => countsText(f, mode)).join('; ')
      const odd = red - (cut ? 1 : 0)
      const told = odd === 0 ? 'as PROTOCOL predicts' : `NOT as PROTOCOL predicts (${odd})`
      return `${cut ? 'interrupted; of what was played, ' : ''}${told}: ${figures}`
    },
    cases: (f) =>
      f.attacks.flatMap((a) =>
        f.modes.map((mode) => {
          const [got, expected] = [a[mode], a.expected[mode]]
          return {
            name: caseName({ name: a.name, mode }),
            red: isOdd(f, a, mode) || isLost(f, a, mode) ? `expected ${expected}, got ${got ?? 'no answer'}` : null,
          }
        }),
      ),
    page: async (f, c) => {
      const came = f.attacks.map((a) => ({ ...a, red: MODES.some((m) => isOdd(f, a, m)) }))
      return { stories: await attackStories(all.kind === 'ok' ? all.value : [], came, { ...c, party: null }) }
    },
    sections(f) {
      const head = [...right('#'), 'attack', 'the attacker', 'literal', 'bound', 'in bound, because']
      const rows = f.attacks.map((a) => [
        String(a.n),
        `[${a.name}](corpus/schedules/attacks/${a.name}.json)`,
        cell(a.says),
        a.literal === 'SUCCEEDED' ? '**succeeds**' : (a.literal ?? 'not played').toLowerCase(),
        a.bound === 'SUCCEEDED' ? '**succeeds**' : (a.bound ?? 'not played').toLowerCase(),
        cell(a.why),
      ])
      const intro =
        'Played against a real server by real clients on the loopback interface, and judged by the same monitors as in memory.'
      return [{ title: 'Attacks over real sockets', body: `${intro}\n\n${table(head, rows)}` }]
    },
  })

/** The `attacks` command, apart from the process around it. */
export const attacksCommand = (all: Parsed<readonly NamedAttack[]>) =>
  command({
    ...attacksOf(all),
    async run(o, screen, files) {
      if (!o.list) return runForPerson(attacksOf(all, files), o, screen)
      screen.say(listText(chosenAttacks(o, files, all), screen.columns))
      return 0
    },
  })

/** Resolves with the exit code. */
export const attacks = (
  argv: readonly string[],
  all: Parsed<readonly NamedAttack[]>,
  screen: Omit<Screen, 'progress'>,
): Promise<number> => perform(attacksCommand(all), argv, { progress: () => ({ show() {}, clear() {} }), ...screen })
