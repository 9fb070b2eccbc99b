/** Asks each thing once, asks nothing whose answer is certain, and finds out whether the same word has the same answer. */
import { type ActName, GREETS, parse, SUBMITS } from './alphabet.ts'
import type { Teacher } from './lsharp.ts'
import type { Word } from './machine.ts'
import { hasEnded, INERT } from './say.ts'

/** Two answers to one word, to its last symbol. */
export interface Nondeterminism {
  readonly word: Word
  readonly answers: readonly [string, string]
  /** Asked again and again, it is the same; but it was another before, or is for other ids: something is remembered. */
  readonly survives: boolean
}

/** It was ended before it was certain. */
export class Ended extends Error {}

/** What was believed turned out wrong: whoever learns has to begin again, with what is known now. */
export class Corrected extends Error {}

export const NONDETERMINISTIC = 'not always the same'

const AGAIN = 3
const MOST_NOISE = 25
const MOST_DOUBTS = 5

interface Known {
  readonly next: Map<string, { readonly output: string; readonly after: Known }>
}
const unknown = (): Known => ({ next: new Map() })

/** What can be sent again on a connection, and whether it is open, after the symbols so far. */
class Sides {
  readonly #ended = [false, false]
  readonly #hello = [false, false]
  readonly #data = [false, false]

  /** The answer that is certain; null: somebody has to be asked. */
  inert(symbol: string): string | null {
    const { on, act } = parse(symbol)
    if (this.#ended[on]) return INERT.closed
    const there: Partial<Record<ActName, boolean | undefined>> = {
      'hello-again': this.#hello[on],
      'data-again': this.#data[on],
      'hello-of-other': this.#hello[1 - on],
      'data-of-other': this.#data[1 - on],
    }
    return there[act] === false ? INERT.nothing : null
  }

  passed(symbol: string, output: string): void {
    const { on, act } = parse(symbol)
    if (GREETS.includes(act)) this.#hello[on] = true
    if (SUBMITS.includes(act)) this.#data[on] = true
    if (hasEnded(output) || output === NONDETERMINISTIC) this.#ended[on] = true
  }
}

/** Says a word as the `client`-th of the ids that there are, `patient` or not, after so many words; gives the outputs. */
export type Say = (word: Word, client: number, patient: boolean, words: number) => Promise<readonly string[]>

export class Asking implements Teacher {
  readonly #say: Say
  readonly #clients: number
  #known = unknown()
  #noise = 0
  /** Of a word whose answer was in doubt: what it was settled to, each time. */
  readonly #doubts = new Map<string, readonly string[]>()
  /** Words that were said, and symbols in them. */
  words = 0
  symbols = 0
  readonly unsteady: Nondeterminism[] = []

  /** `clients`: how many ids there are. */
  constructor(say: Say, clients: number) {
    this.#say = say
    this.#clients = clients
  }

  /** Throws Corrected, Ended, and what saying throws. */
  async ask(word: Word): Promise<readonly string[]> {
    const { outputs, said } = this.#certain(word)
    const from = outputs.length
    if (from === word.length) return outputs
    const whole = [...said, ...word.slice(from)]
    const heard = await this.#said(whole, 0, false)
    await this.#remember(whole, heard)
    return [...outputs, ...heard.slice(said.length)]
  }

  async #said(word: Word, client: number, patient: boolean): Promise<readonly string[]> {
    this.words++
    this.symbols += word.length
    return this.#say(word, client, patient, this.words)
  }

  /** As far as nobody has to be asked; `said`: without the symbols that nothing is sent for. */
  #certain(word: Word): { readonly outputs: string[]; readonly said: string[] } {
    const outputs: string[] = []
    const said: string[] = []
    const sides = new Sides()
    let at = this.#known
    for (const symbol of word) {
      const inert = sides.inert(symbol)
      const known = at.next.get(symbol)
      if (inert === null && known === undefined) break
      outputs.push(inert ?? known!.output)
      if (inert !== null) continue
      said.push(symbol)
      sides.passed(symbol, known!.output)
      at = known!.after
    }
    return { outputs, said }
  }

  async #remember(word: Word, outputs: readonly string[]): Promise<void> {
    let at = this.#known
    const sides = new Sides()
    const said: string[] = []
    for (const [i, symbol] of word.entries()) {
      if (sides.inert(symbol) !== null) continue
      said.push(symbol)
      const output = outputs[i]!
      const known = at.next.get(symbol)
      const settled = known?.output === NONDETERMINISTIC
      if (known !== undefined && known.output !== output && !settled) return this.#settle(said, known.output, output)
      const after = known?.after ?? unknown()
      if (known === undefined) at.next.set(symbol, { output, after })
      sides.passed(symbol, settled ? NONDETERMINISTIC : output)
      at = after
    }
  }

  /** Which of two answers to the last symbol of a word is right. Throws Corrected, since what follows is not known now. */
  async #settle(word: Word, before: string, now: string): Promise<never> {
    if (++this.#noise > MOST_NOISE) throw new Ended(`its answers differ too often, last to ${word.join(' ')}`)
    const answers = async (client: (n: number) => number): Promise<readonly string[]> => {
      const all: string[] = []
      for (let n = 0; n < AGAIN; n++) all.push((await this.#said(word, client(n), true)).at(-1)!)
      return all
    }
    const others = this.#clients > 1 ? await answers((n) => 1 + (n % (this.#clients - 1))) : []
    const same = await answers(() => 0)
    const name = word.join(' ')
    const doubts = [...(this.#doubts.get(name) ?? []), same[0]!]
    this.#doubts.set(name, doubts)
    // Steady now, but not for other ids, not since it was settled before, or not right after some other word.
    const all = new Set([...same, ...others, ...doubts, ...(doubts.length === MOST_DOUBTS ? [before, now] : [])])
    if (all.size > 1) this.unsteady.push({ word, answers: [before, now], survives: new Set(same).size === 1 })
    this.#correct(word, all.size > 1 ? NONDETERMINISTIC : same[0]!)
    throw new Corrected()
  }

  #correct(word: Word, output: string): void {
    let at = this.#known
    for (const symbol of word.slice(0, -1)) {
      const known = at.next.get(symbol)
      if (known === undefined) return
      at = known.after
    }
    at.next.set(word.at(-1)!, { output, after: unknown() })
  }
}
