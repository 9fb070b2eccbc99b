/** The words of one command, taken off from left to right. What is not as expected is thrown, as one line for a person. */
import type { End } from '../../../spec/language.ts'
import { UsageError } from '../../harness/terminal/options.ts'

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
  #left: readonly string[]

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
    const [first, ...left] = this.#left
    this.#left = left
    return first
  }

  /** All that are left. */
  takeAll(): readonly string[] {
    const all = this.#left
    this.#left = []
    return all
  }

  /** Throws where words are left. */
  end(): void {
    if (this.#left.length > 0) throw new UsageError(`expected nothing more, got ${shown(this.#left.join(' '))}`)
  }
}
