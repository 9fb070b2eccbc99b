/** The verbs of both consoles: those of the schedule language, and shorthands for what adversaries often do with them. */

import { UsageError } from '../../harness/terminal/options.ts'
import * as a from './arguments.ts'
import { CRAFT, CRAFT_USAGE } from './craft.ts'
import type { Menu } from './prompter.ts'
import { type Arg, type Now, shown, type Way, Words } from './words.ts'

interface Verb<A> {
  readonly args: A
  readonly says: string // in the help
  readonly label: string // in a menu
  readonly also?: readonly string[] // further spellings
  /** When a menu offers it, beside that there is something to choose for every argument. */
  readonly when?: (now: Now) => boolean
  /** About the frame that waits. */
  readonly decides?: true
}

type Args = Readonly<Record<string, Arg<unknown>>>

const verb = <A extends Args>(
  says: string,
  label: string,
  args: A,
  more: Pick<Verb<A>, 'also' | 'when' | 'decides'> = {},
): Verb<A> => ({ says, label, args, ...more })

const decision = <A extends Args>(says: string, label: string, args: A): Verb<A> =>
  verb(says, label, args, { decides: true })

const edit = (name: keyof typeof a.EDITS) =>
  decision(a.EDITS[name].says, a.EDITS[name].label, { edit: a.EDITS[name].edit })

export const VERBS = {
  pass: decision('the frame that waits, as it is', 'pass it on', {}),
  flip: edit('flip'),
  set: edit('set'),
  cut: edit('cut'),
  extend: edit('extend'),
  drop: decision('never', 'drop it', {}),
  duplicate: decision('twice', 'pass it on twice', {}),
  delay: decision('later: by MS, or behind the others that wait', 'delay it', { ms: a.DELAY }),
  rest: decision('pass it, and all that follow', 'pass it, and all that follow', {}),
  converse: verb(
    'a legitimate client: connects, or goes on; each VALUES, as 10,20, is a round',
    'run a legitimate client',
    { id: a.ID, rounds: a.ROUNDS },
    { also: ['client'] },
  ),
  connect: verb(
    'a client whose every frame waits for your decision',
    'sit in the middle of a client',
    { id: a.ID },
    { also: ['middle'] },
  ),
  submit: verb('its user submits', 'let a user submit', { run: a.RUN, values: a.VALUES }),
  finish: verb('its user ends the session', 'let a user end the session', { run: a.RUN }),
  frames: verb('what was captured, decoded', 'show captured frames', {}, { when: (now) => now.frames.length > 0 }),
  who: verb('clients c0, c1, ... and connections s0, s1, ...; where they stand', 'show clients and connections', {}),
  deliver: verb(
    'a captured frame again, perhaps changed as by flip, set, cut, extend;\nEND is c0, s0, ... or new',
    'deliver a frame',
    { frame: a.FRAME, edit: a.EDIT, to: a.TO },
    { also: ['replay', 'modify'] },
  ),
  reflect: verb('back to the side that sent it', 'reflect a frame', { frame: a.FRAME }),
  seal: verb(
    `a frame field by field:\n${CRAFT_USAGE}`,
    'craft a frame',
    { to: a.PLACE, craft: CRAFT },
    { also: ['craft'] },
  ),
  round: verb('its next DATA with a valid tag, N rounds off', 'send a wrong round', { run: a.RUN, by: a.ROUNDS_OFF }),
  corrupt: verb(
    'its next DATA under corrupted keys; HOW reverse, zero, xor HEX or custom HEX;\nHEX is repeated to the length of the key; KEYS enc, mac or both (default)',
    'corrupt keys',
    { run: a.RUN, corruption: a.CORRUPTION, keys: a.WHICH_KEYS },
  ),
  impersonate: verb(
    'HELLO of client ID under a key of your choice (hex, 16..64 bytes)',
    'impersonate a client without its key',
    { id: a.ANY_ID, key: a.MASTER_KEY },
  ),
  inject: verb(
    'stream bytes as they are, without a length prefix added',
    'send raw bytes',
    { to: a.PLACE, hex: a.HEX },
    { also: ['raw'] },
  ),
  close: verb('break a connection', 'break a connection', { at: a.CONNECTION }),
  save: verb('what was done, for npm run prop -- --replay FILE and npm run attacks -- FILE', 'save what was done', {
    file: a.FILE,
  }),
  help: verb('this', 'show the command forms', {}),
  quit: verb('stop', 'quit', {}),
} as const satisfies Record<string, Verb<Args>>

export type VerbName = keyof typeof VERBS

type Values<A> = { readonly [K in keyof A]: A[K] extends Arg<infer T> ? T : never }

/** What was typed. A line is one command; what it acts on is looked up later. */
export type Command<N extends VerbName = VerbName> = {
  [K in N]: { readonly do: K } & Values<(typeof VERBS)[K]['args']>
}[N]

/** Somebody with clients of their own, against a server elsewhere. */
export const ATTACK_VERBS = Object.keys(VERBS) as readonly VerbName[]

/** Somebody between clients and a server that are not theirs; each frame waits for them. */
export const RELAY_VERBS = [
  ...(['pass', 'flip', 'set', 'cut', 'extend', 'drop', 'duplicate', 'delay', 'rest'] as const),
  ...(['deliver', 'inject', 'close', 'help', 'quit'] as const),
] as const satisfies readonly VerbName[]

const verbOf = (name: VerbName): Verb<Args> => VERBS[name]

/** `names`: the verbs of this console. Throws a UsageError. */
export const parseCommand = <N extends VerbName>(line: string, names: readonly N[]): Command<N> => {
  const w = new Words(line)
  const name = names.find((n) => n === w.verb || verbOf(n).also?.includes(w.verb))
  if (name === undefined) throw new UsageError(`expected a command (help lists them), got ${shown(w.verb)}`)
  const values = Object.entries(verbOf(name).args).map(([key, arg]) => [key, arg.read(w)])
  w.end()
  return { do: name, ...Object.fromEntries(values) } as Command<N>
}

const USAGE_WIDTH = 32

/** What `help` prints. */
export const helpOf = (names: readonly VerbName[]): string => {
  const lines = names.map((name) => {
    const { args, says, also = [] } = verbOf(name)
    const usage = [name, ...Object.values(args).map((x) => x.usage)].join(' ')
    const spelt = also.length === 0 ? '' : `${says.includes('\n') ? '\n' : ' '}(or: ${also.join(', ')})`
    return `${usage.padEnd(USAGE_WIDTH - 1)} ${`${says}${spelt}`.replaceAll('\n', `\n${' '.repeat(USAGE_WIDTH)}`)}`
  })
  return lines.join('\n')
}

/** Every combination of the ways to ask for the arguments of a verb. */
const waysOf = (name: VerbName, now: Now): readonly Way[] => {
  const { label, args } = verbOf(name)
  let ways: readonly Way[] = [{ label, fields: [] }]
  for (const arg of Object.values(args))
    ways = ways.flatMap((w) =>
      arg.ways(now).map((more) => ({
        label: more.label === '' ? w.label : `${w.label}: ${more.label}`,
        fields: [...w.fields, ...more.fields],
      })),
    )
  return ways.filter((w) => w.fields.every((f) => f.ask !== 'choice' || f.choices.length > 0))
}

/** The verbs as a menu: what there is to choose from at this moment. */
export const menuOf = (names: readonly VerbName[], now: Now): Menu => ({
  question: now.waiting === null ? 'What next?' : `${now.waiting} waits. What next?`,
  entries: names.flatMap((name) => {
    const { decides, when } = verbOf(name)
    if ((decides && now.waiting === null) || when?.(now) === false) return []
    return waysOf(name, now).map(({ label, fields }) => ({
      words: [name],
      label: decides ? `${now.waiting}: ${label}` : label,
      fields,
    }))
  }),
})
