/** Words that a hypothesis is tried on: where honest conversations are disturbed, then by the expected machine, then at random. */
import { stream } from '../../harness/rng.ts'
import { edge, identifiers, type Machine, type Word } from './machine.ts'

/** Honest words × every symbol × what an honest client would do next. */
export function* disturbed(
  alphabet: readonly string[],
  honest: readonly Word[],
  next: readonly string[],
): Iterable<Word> {
  for (const word of honest)
    for (let n = 0; n <= word.length; n++)
      for (const symbol of alphabet) for (const then of next) yield [...word.slice(0, n), symbol, then]
}

/** The W-method: every state of the machine, every word of up to `extra` more symbols, then what identifies the state. */
export function* suite(m: Machine, extra: number): Iterable<Word> {
  const telling = identifiers(m)
  const from = function* (word: Word, state: number, left: number): Iterable<Word> {
    for (const symbol of m.alphabet) {
      const { to } = edge(m, state, symbol)
      const longer = [...word, symbol]
      yield longer
      for (const w of telling[to]!) yield [...longer, ...w]
      if (left > 0) yield* from(longer, to, left - 1)
    }
  }
  for (const [i, s] of m.states.entries()) yield* from(s.access, i, extra)
}

/** Random walks through the hypothesis, which mostly stay out of states that are never left. */
export function* walks(m: Machine, seed: number, count: number, length: number): Iterable<Word> {
  const random = stream(seed, 'walks')
  const below = (n: number): number => Buffer.from(random(4)).readUInt32BE() % n
  const left = m.states.map((_, i) => m.alphabet.some((s) => edge(m, i, s).to !== i))
  for (let i = 0; i < count; i++) {
    const word: string[] = []
    let at = 0
    while (word.length < length && left[at]) {
      const lively = m.alphabet.filter((s) => left[edge(m, at, s).to])
      const among = lively.length > 0 && below(8) > 0 ? lively : m.alphabet
      const symbol = among[below(among.length)]!
      word.push(symbol)
      at = edge(m, at, symbol).to
    }
    yield word
  }
}
