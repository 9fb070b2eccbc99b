/** A word, or several, that follow a verb: how they are read, shown in the help, and asked for in a menu. */
import type { FrameId } from '../../../spec/events.ts'
import type { Choice, Field } from './prompter.ts'
import type { Words } from './words.ts'

/** What a menu can offer at this moment. */
export interface Now {
  readonly clients: readonly number[] // ids with a key
  readonly runs: readonly Choice[] // clients that have not ended: c0, c1, ...
  readonly connections: readonly Choice[] // s0, s1, ...
  readonly frames: readonly Choice[]
  readonly waiting: FrameId | null // the frame that waits for a decision
  readonly timed: boolean // a delay takes milliseconds
}

/** One way to ask for an argument; `label`: what this way is called where there are several. */
export interface Way {
  readonly label: string
  readonly fields: readonly Field[]
}

export interface Arg<T> {
  readonly usage: string
  /** Takes its words; throws a UsageError. */
  read(w: Words): T
  ways(now: Now): readonly Way[]
}

/** One that is asked for with these questions. */
export const arg = <T>(usage: string, read: (w: Words) => T, ...ask: (Field | ((now: Now) => Field))[]): Arg<T> => ({
  usage,
  read,
  ways: (now) => [{ label: '', fields: ask.map((f) => (typeof f === 'function' ? f(now) : f)) }],
})

/** `initial`: what an empty answer means. */
export const text = (question: string, initial: string): Field => ({ ask: 'text', question, initial })
export const words = (all: readonly string[]): readonly Choice[] => all.map((value) => ({ value, label: value }))
/** Where there is no choice, a menu leaves the verb out. */
export const choice = (question: string, choices: (now: Now) => readonly Choice[]) => {
  return (now: Now): Field => ({ ask: 'choice', question, choices: choices(now) })
}
