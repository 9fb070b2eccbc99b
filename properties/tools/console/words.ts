/**
 * The words of one command, taken off from left to right, and what an argument made of them is: how it is read, shown in
 * the help, and asked for in a menu. What is not as expected is thrown as a UsageError, one line for a person.
 */
import type { FrameId } from '../../../spec/events.ts'
import type { End } from '../../../spec/language.ts'
import { UsageError } from '../../harness/terminal/options.ts'
import type { Choice, Field } from './surroundings.ts'

export const shown = (word: string | undefined): string => (word === undefined ? 'nothing' : JSON.stringify(word))

/** To be thrown. `about`: the verb, and which of its words. */
export const refused = (about: string, expected: string, got: string): UsageError =>
  new UsageError(`${about}: expected ${expected}, got ${got}`)

/** A whole number from 0 to `most`. */
export const countFrom = (about: string, word: string | undefined, most: number): number => {
  if (word !== undefined && /^\d+$/.test(word) && Number(word) <= most) return Number(word)
  throw refused(about, `a whole number from 0 to ${most}`, shown(word))
}

/** Bytes in hex, lower case. */
export const hexFrom = (about: string, word: string | undefined): string => {
  if (word !== undefined && /^([0-9a-f]{2})+$/i.test(word)) return word.toLowerCase()
  throw refused(about, 'pairs of hex digits', shown(word))
}

/** Exactly one of these words. */
export const oneFrom = <const T extends string>(about: string, word: string | undefined, all: readonly T[]): T => {
  const found = all.find((x) => x === word)
  if (found !== undefined) return found
  const list = all.length > 3 ? `one of ${all.join(', ')}` : all.join(', ').replace(/, ([^,]*)$/, ' or $1')
  throw refused(about, list, shown(word))
}

/** c0 or s0. */
export const endFrom = (about: string, word: string | undefined): End => {
  const [, side, n] = /^([cs])(\d{1,6})$/.exec(word ?? '') ?? []
  if (side === undefined) throw refused(about, 'an endpoint such as c0 or s0', shown(word))
  return { side: side === 'c' ? 'client' : 'server', n: Number(n) }
}

export class Words {
  readonly verb: string // as it was spelt
  #left: string[]

  constructor(line: string) {
    const [verb = '', ...left] = line.trim().split(/\s+/)
    this.verb = verb
    this.#left = left
  }

  /** The next word, which stays. */
  get next(): string | undefined {
    return this.#left[0]
  }

  take(): string | undefined {
    const first = this.next
    this.#left = this.#left.slice(1)
    return first
  }

  /** All that are left. */
  takeAll(): readonly string[] {
    return this.#left.splice(0)
  }

  /** Throws where words are left. */
  end(): void {
    if (this.#left.length > 0) throw new UsageError(`expected nothing more, got ${shown(this.#left.join(' '))}`)
  }
}

/** What a menu can offer at this moment. */
export interface Now {
  readonly clients: readonly number[] // ids with a key
  readonly runs: readonly Choice[] // clients that have not ended: c0, c1, ...
  readonly connections: readonly Choice[] // s0, s1, ...
  readonly frames: readonly Choice[]
  readonly waiting: FrameId | null // the frame that waits for a decision
  readonly timed: boolean // a delay takes milliseconds
}

export interface Arg<T> {
  readonly usage: string
  /** Takes its words; throws a UsageError. */
  read(w: Words): T
  /** What a menu asks for it. */
  ask(now: Now): readonly Field[]
}

/** One that is asked for with these questions. */
export const arg = <T>(usage: string, read: (w: Words) => T, ...ask: (Field | ((now: Now) => Field))[]): Arg<T> => ({
  usage,
  read,
  ask: (now) => ask.map((f) => (typeof f === 'function' ? f(now) : f)),
})

/** `initial`: what an empty answer means. */
export const text = (question: string, initial: string): Field => ({ ask: 'text', question, initial })
/** Where there is no choice, a menu leaves the verb out. */
export const among = (question: string, choices: readonly Choice[]): Field => ({ ask: 'choice', question, choices })
export const asChoices = (all: readonly string[]): readonly Choice[] => all.map((value) => ({ value, label: value }))
/** A verb in a menu, with the first line of what it says and the questions for its arguments. */
export const entry = (verb: string, says: string, questions: readonly Field[]): Choice => ({
  value: verb,
  label: `${verb.padEnd(12)}${says.split('\n')[0]}`,
  questions,
})
