/** A word as a case of `conform`: said once more, and compared with what our model answers. */
import { UsageError } from '../../harness/terminal/options.ts'
import { ACTS, parse } from '../learn/alphabet.ts'
import { kindOf } from '../learn/card.ts'
import type { Door, Line } from '../learn/doors.ts'
import type { Word } from '../learn/machine.ts'
import { say } from '../learn/say.ts'
import { modelAnswers } from '../learn/within.ts'
import type { Trial } from './trial.ts'
import { type Case, failed, informational, type Judged, ok } from './verdicts.ts'

const PREFIX = 'word/'

export const isWord = (id: string): boolean => id.startsWith(PREFIX)

const overTrial = (t: Trial): Door => ({
  visit: () => ({
    async open(): Promise<Line> {
      const peer = await t.open()
      return { send: (frame) => peer.send(frame), hear: () => peer.hear(t.manners.patienceMs) }
    },
    async end() {},
  }),
})

/** What is answered to the first symbol that is answered otherwise. */
const judged = (word: Word, got: readonly string[], expected: readonly string[]): Judged => {
  const at = got.findIndex((o, i) => o !== expected[i])
  if (at < 0) return ok(`as our model: ${got.join('; ')}`)
  const said = `${word[at]}: ${got[at]}; our model: ${expected[at]}`
  switch (kindOf(expected[at]!, got[at]!)) {
    case 'extra':
      return failed(said)
    case 'missing':
      return failed(said, 'A')
    case 'other':
      return informational(said)
  }
}

/** `id`: `word/hello+data`. Throws a UsageError. */
export const wordCase = (id: string): Case => {
  const word = id.slice(PREFIX.length).split('+')
  try {
    for (const symbol of word) parse(symbol)
  } catch (e) {
    throw new UsageError(`--only ${id}: ${(e as Error).message}`)
  }
  const { says, invariant, clause, taken } = ACTS[parse(word.at(-1)!).act]
  return {
    id,
    class: /-(again|of-other|bad-tag)$/.test(word.at(-1)!) ? 'K' : 'I',
    invariant,
    clause,
    says: `after ${word.slice(0, -1).join(', ') || 'nothing'}: ${says}`,
    advice: taken,
    async play(t) {
      const speaker = { id: t.x, start: t.start(t.x), random: (n: number) => t.bytes(n) }
      const got = await say(word, overTrial(t).visit(), speaker)
      return judged(word, got, await modelAnswers(word, t.dialect, t.manners.waits))
    },
  }
}
