/**
 * Twelve servers with one rule missing each, and how it goes with them. What is missing is text, of src/ and of the model; no
 * switch exists for it.
 */
import type { Cut, Rule } from '../../spec/checker/ablations.ts'
import { type Scope, scope, setupOf } from '../../spec/checker/scope.ts'
import { powerOf, type Schedule } from '../../spec/language.ts'
import { emptySchedule, type Game } from './game.ts'

export interface Exercise {
  /** The mutant of src/ (properties/harness/mutants/catalogue) that plays the server. */
  readonly mutant: string
  /** What the players are told. */
  readonly title: string
  readonly hint: string
  /** The invariant to break. */
  readonly goal: string
  /** The rule that the model is without, or its text. */
  readonly without: Rule | readonly Cut[]
  /** Where the model's shortest way is searched, beside concurrent runs: it decides powers, clients and limits too. */
  readonly size: string
  readonly scope?: Partial<Scope>
  /** Actions of that way. */
  readonly shortest: number
}

const COUNTS_ALONE: readonly Cut[] = [{ file: 'server.ts', find: '[...kept, own]', replace: '[own]' }]

export const EXERCISES: readonly Exercise[] = [
  {
    mutant: 'bad-tag-dropped-at-server',
    title: 'The patient server',
    hint: 'A frame whose tag fails is dropped, and the server waits for a better one.',
    goal: 'S4',
    without: 'rejection-ends',
    size: '1x1x1x1',
    shortest: 1,
  },
  {
    mutant: 'tag-unchecked',
    title: 'The trusting server',
    hint: 'The tag of a frame is compared, and the result ignored.',
    goal: 'C2',
    without: 'bad-tag',
    size: '1x1x1x1',
    shortest: 1,
  },
  {
    mutant: 'control-answered',
    title: 'The last word',
    hint: 'A bad frame that begins with 50 or 60 is answered as any other bad frame.',
    goal: 'S5',
    without: 'control-unanswered',
    size: '1x1x1x1',
    shortest: 3,
  },
  {
    mutant: 'half-open-unlimited',
    title: 'The open door',
    hint: 'Half-open sessions of one client are not limited. The limit here is 1.',
    goal: 'B1',
    without: 'half-open-cap',
    size: '1x1x2x1',
    scope: { unconfirmedPerId: 1 },
    shortest: 3,
  },
  {
    mutant: 'hello-confirms',
    title: 'Confirmed too early',
    hint: 'A session counts as confirmed from its HELLO on, not from its first DATA.',
    goal: 'G2',
    without: 'first-data-confirms',
    size: '1x2x2x1',
    shortest: 3,
  },
  {
    mutant: 'commit-despite-failed-send',
    title: 'Nobody heard it',
    hint: 'The server commits although its answer could not be handed over. You have power F.',
    goal: 'R3',
    without: 'commit-on-hand-over',
    size: '1x1x1x1',
    scope: { powers: 'NF' },
    shortest: 4,
  },
  {
    mutant: 'hello-tears-down',
    title: 'The loud newcomer',
    hint: 'A valid HELLO ends the confirmed session of its client.',
    goal: 'I2',
    without: 'hello-touches-nothing',
    size: '1x2x2x1',
    shortest: 6,
  },
  {
    mutant: 'others-missing',
    title: 'Alone in the crowd',
    hint: 'An aggregate counts the values of the asking client only.',
    goal: 'G1',
    without: COUNTS_ALONE,
    size: '2x1x2x1',
    shortest: 10,
  },
  {
    mutant: 'older-supersedes',
    title: 'The older wins',
    hint: 'A session supersedes another by its first DATA, even where its HELLO came first.',
    goal: 'I5',
    without: 'superseded',
    size: '1x2x2x1',
    shortest: 10,
  },
  {
    mutant: 'no-supersession',
    title: 'Twice the same',
    hint: 'Two confirmed sessions of one client exist side by side, and both count.',
    goal: 'G2',
    without: 'supersede',
    size: '1x2x2x1',
    shortest: 10,
  },
  {
    mutant: 'departed-kept',
    title: 'Gone, and counted',
    hint: 'Values of sessions that ended still count.',
    goal: 'G3',
    without: 'withdraw-values',
    size: '1x2x2x1',
    shortest: 11,
  },
  {
    mutant: 'rounds-mixed',
    title: 'Yesterday’s values',
    hint: 'An aggregate counts the values of all rounds.',
    goal: 'G4',
    without: 'same-round-only',
    size: '2x1x2x2',
    shortest: 13,
  },
]

type Grade =
  | { readonly kind: 'open'; readonly other: readonly string[] } // broken, but not what was asked for
  | { readonly kind: 'foreign'; readonly why: string }
  /** `length`: actions up to where it broke. */
  | { readonly kind: 'solved'; readonly length: number; readonly shortest: boolean }

/** Before the first action: the setup that the shortest way is known for. */
export const startOf = (x: Exercise): Schedule => {
  const s = scope(x.size, x.scope ?? {})
  const start = emptySchedule(s.mode, s.powers, setupOf(s).keyring)
  const { unconfirmedPerId } = x.scope ?? {}
  const limits = unconfirmedPerId === undefined ? {} : { unconfirmedPerId }
  return { ...start, setup: { ...start.setup, limits } }
}

const same = (a: Schedule, b: Schedule): boolean =>
  a.mode === b.mode && a.powers === b.powers && JSON.stringify(a.setup) === JSON.stringify(b.setup)

export const gradeOf = (x: Exercise, { schedule, judged }: Game): Grade => {
  if (!same(schedule, startOf(x))) return { kind: 'foreign', why: 'it has another mode, other powers or another setup' }
  const beyond = schedule.actions.find((a) => powerOf(a) !== '' && !schedule.powers.includes(powerOf(a)))
  if (beyond !== undefined) return { kind: 'foreign', why: `"${beyond.do}" needs power ${powerOf(beyond)}` }
  const broken = judged.find((j) => j.id === x.goal)?.broken
  if (!broken) return { kind: 'open', other: judged.flatMap((j) => (j.broken === null ? [] : [j.id])) }
  return { kind: 'solved', length: broken.length, shortest: broken.length <= x.shortest }
}
