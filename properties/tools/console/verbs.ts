/** The verbs of both consoles: those of the schedule language, and shorthands for what adversaries often do with them. */
import { invocationWith } from '../../harness/terminal/invocation.ts'
import { UsageError } from '../../harness/terminal/options.ts'
import * as a from './arguments.ts'
import { CRAFT, CRAFT_USAGE } from './craft.ts'
import type { Menu } from './surroundings.ts'
import { type Arg, entry, type Now, shown, Words } from './words.ts'

const SAVES = `save what was done\nfor \`${invocationWith('prop')} --replay FILE\`\nand \`${invocationWith('attacks')} FILE\``

type Args = Readonly<Record<string, Arg<unknown>>>

interface Verb<A> {
  /** In a menu its first line, in the help all. */
  readonly says: string
  readonly args: A
  readonly also?: readonly string[] // further spellings
  /** When a menu offers it, beside that there is something to choose for every argument. */
  readonly when?: (now: Now) => boolean
  /** About the frame that waits. */
  readonly decides?: true
}

const verb = <A extends Args>(says: string, args: A, more: Pick<Verb<A>, 'also' | 'when'> = {}): Verb<A> => ({
  says,
  args,
  ...more,
})
const decision = <A extends Args>(says: string, args: A): Verb<A> => ({ says, args, decides: true })
const edit = ({ says, edit }: (typeof a.EDITS)[keyof typeof a.EDITS]) => decision(says, { edit })

const CORRUPT = `send its next DATA under corrupted keys
HOW is reverse, zero, xor HEX or custom HEX; HEX is repeated to the length of the key
KEYS is enc, mac or both (default)`
const DELIVER = `deliver a captured frame again, perhaps changed
EDIT as by flip, set, cut or extend; END is c0, s0, ... or new`

export const VERBS = {
  pass: decision('pass it on as it is', {}),
  flip: edit(a.EDITS.flip),
  set: edit(a.EDITS.set),
  cut: edit(a.EDITS.cut),
  extend: edit(a.EDITS.extend),
  drop: decision('drop it', {}),
  duplicate: decision('pass it on twice', {}),
  delay: decision('let it wait: for MS, or behind the others', { ms: a.DELAY }),
  rest: decision('pass it, and all that follow', {}),
  converse: verb(
    'run a legitimate client\nit connects, or goes on; each VALUES, such as 10,20, is a round',
    { id: a.ID, rounds: a.ROUNDS },
    { also: ['client'] },
  ),
  connect: verb('sit in the middle of a client: its frames wait', { id: a.ID }, { also: ['middle'] }),
  submit: verb('let its user submit', { run: a.RUN, values: a.VALUES }),
  finish: verb('let its user end the session', { run: a.RUN }),
  frames: verb('show what was captured, decoded', {}, { when: (now) => now.frames.length > 0 }),
  who: verb('show where clients c0, c1, ... and connections s0, s1, ... stand', {}),
  deliver: verb(DELIVER, { frame: a.FRAME, edit: a.EDIT, to: a.TO }, { also: ['replay', 'modify'] }),
  reflect: verb('send a frame back to the side that sent it', { frame: a.FRAME }),
  seal: verb(`craft a frame field by field\n${CRAFT_USAGE}`, { to: a.PLACE, craft: CRAFT }, { also: ['craft'] }),
  round: verb('send its next DATA with a valid tag, N rounds off', { run: a.RUN, by: a.ROUNDS_OFF }),
  corrupt: verb(CORRUPT, { run: a.RUN, corruption: a.CORRUPTION, keys: a.WHICH_KEYS }),
  impersonate: verb('send the HELLO of client ID under a key of your choice', { id: a.ANY_ID, key: a.MASTER_KEY }),
  inject: verb('send stream bytes as they are, no length prefix added', { to: a.PLACE, hex: a.HEX }, { also: ['raw'] }),
  close: verb('break a connection', { at: a.CONNECTION }),
  save: verb(SAVES, { file: a.FILE }),
  help: verb('show the command forms', {}),
  quit: verb('stop', {}),
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
    const spelt = also.length === 0 ? '' : `\n(or: ${also.join(', ')})`
    return `${usage.padEnd(USAGE_WIDTH - 1)} ${`${says}${spelt}`.replaceAll('\n', `\n${' '.repeat(USAGE_WIDTH)}`)}`
  })
  return lines.join('\n')
}

/** The verbs as a menu: what there is to choose from at this moment. */
export const menuOf = (names: readonly VerbName[], now: Now): Menu => ({
  ask: 'choice',
  question: now.waiting === null ? 'What next?' : `${now.waiting} waits. What next?`,
  choices: names.flatMap((name) => {
    const { says, args, decides, when } = verbOf(name)
    const questions = Object.values(args).flatMap((arg) => arg.ask(now))
    const can = questions.every((f) => f.ask !== 'choice' || f.choices.length > 0)
    return !can || (decides && now.waiting === null) || when?.(now) === false ? [] : [entry(name, says, questions)]
  }),
})
