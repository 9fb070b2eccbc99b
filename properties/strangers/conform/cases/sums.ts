/** What answers are about, and whether they are right. */
import type { Dialect } from '../../../../spec/dialects/dialect.ts'
import { numbersOf, unread } from '../arithmetic.ts'
import { twoInSession } from '../strike.ts'
import { Prerequisite, type Session } from '../trial.ts'
import { about, type Case, failed, inconclusive, informational, ok } from '../verdicts.ts'

const OPEN_SUM: Case = {
  ...about('numbers/shared', 'I', 'G1', 'PROTOCOL §8'),
  says: 'an answer is about the values of all clients of the round so far',
  unsupported: unread,
  advice:
    'Clients get numbers that are not the aggregate they are meant to be. Add up the values of the round of every confirmed session.',
  async play(t) {
    const x = await t.login(t.x)
    const y = await t.login(t.y)
    const [first, second] = await t.together([x, y], [5], [7])
    if (!first!.answered || !second!.answered)
      throw new Prerequisite(`a round of X and Y: ${first!.text}, ${second!.text}`)
    const said = `5, then 7: ${first!.text}; ${second!.text}`
    if (t.manners.sums.startsWith('own')) return failed(`${said}: each about its own only`)
    if (t.manners.sums === 'unknown') return failed(said)
    return ok(said)
  },
}

const OWN_ROUND: Case = {
  ...about('numbers/own-round', 'I', 'G4', 'PROTOCOL §8'),
  says: 'an answer is about values of its own round only',
  unsupported: unread,
  advice:
    'What somebody submitted in an earlier round counts again, so that the number is of no round at all. Keep values by round, and add up those of the round that is answered.',
  async play(t) {
    const x = await t.login(t.x)
    const y = await t.login(t.y)
    /** X submits first; whether its answer is of its own round, whoever it is about. */
    const ask = async (a: number, b: number): Promise<readonly [boolean, string]> => {
      const round = x.position.round
      const r = t.manners.waits ? (await t.together([x, y], [a], [b]))[0]! : await t.round(x, [a])
      if (r.body === null) throw new Prerequisite(`a round of X: ${r.text}`)
      const { body, text } = r
      const own = (['shared', 'own'] as const).some((sums) => t.fits(sums, x, round, body) === true)
      if (!t.manners.waits && !(await t.round(y, [b])).answered) throw new Prerequisite('a round of Y is not answered')
      return [own, text]
    }
    const [before, first] = await ask(5, 7)
    const [own, text] = await ask(11, 13)
    if (own) return ok(`5 and 7, then 11: ${text}`)
    return before ? failed(`5 and 7, then 11: ${text}`) : inconclusive(`not known what an answer is about: ${first}`)
  },
}

const EVERYBODY: Case = {
  ...about('numbers/everybody', 'I', 'G1', 'PROTOCOL §8'),
  says: 'an answer is about all clients of the round, of three and more: as many as have keys here, up to six',
  unsupported: unread,
  advice: 'What is right for two clients is wrong for more. Add up the values of all of them, in any order.',
  async play(t) {
    if (t.manners.waits || t.everybody.length < 3)
      return informational(t.manners.waits ? 'answers wait for others here' : 'fewer than three clients have keys')
    const all: Session[] = []
    for (const id of t.everybody) all.push(await t.login(id))
    const seen: string[] = []
    for (const round of [1, 2])
      for (const r of await t.together(all, ...all.map((_, i) => [10 * round + i]))) {
        seen.push(r.text)
        const said = `${seen.length} submissions, one after the other: ${r.text}`
        if (!r.answered || r.right === false) return failed(said)
        if (r.right === null) return inconclusive(`not known what an answer is about: ${r.text}`)
      }
    return ok(`${all.length} clients: ${seen.at(-1)}`)
  },
}

const WAITS: Case = {
  ...about('numbers/answered-on-arrival', 'A', 'L1', 'PROTOCOL §8'),
  says: 'a submission is answered though another client has not submitted',
  advice: 'One client that is slow or gone stops everybody. Answer on arrival, with what the round has so far.',
  async play(t) {
    const x = await t.login(t.x)
    await t.login(t.y)
    const r = await t.round(x, [5])
    return r.answered ? ok(r.text) : failed(`X alone: ${r.text}`)
  },
}

const AT_ONCE_ROUNDS = 5

/** Two who submit at the same moment: whoever comes second is told of both. */
const AT_ONCE: Case = {
  ...about('numbers/at-once', 'A', 'G1', 'PROTOCOL §8'),
  says: 'of two clients that submit at the same moment, neither is lost: one answer is about both',
  unsupported: unread,
  advice:
    'Values get lost when two clients submit at once. Let one lock, or one thread, hold everything from the last check of a DATA to its answer.',
  async play(t) {
    if (t.manners.waits || t.manners.atOnce) return informational('answers wait for others here, so all submit at once')
    const { x, y } = await twoInSession(t)
    for (let i = 0; i < AT_ONCE_ROUNDS; i++) {
      const { round } = x.position
      const [a, b] = [100 + i, 200 + i]
      t.submit(x, [a])
      t.submit(y, [b])
      const answers = [await t.answer(x), await t.answer(y)] as const
      const said = `${a} and ${b} at once: ${answers.map((r) => r.text).join('; ')}`
      if (answers.some((r) => !r.answered)) return failed(said)
      const both = [x, y].map((s, k) => t.fits('shared', s, round, answers[k]!.body!) === true)
      const own = [x, y].map((s, k) => t.fits('own', s, round, answers[k]!.body!) === true)
      if (t.manners.sums === 'own' && own.includes(false)) return failed(said)
      if (t.manners.sums === 'shared' && (!both.includes(true) || both.some((of, k) => !of && !own[k])))
        return failed(said)
    }
    if (t.manners.sums === 'unknown') return inconclusive('both are answered; not known what an answer is about')
    return ok(t.manners.sums === 'shared' ? 'one answer is about both' : 'both are answered')
  },
}

const exact = (
  name: string,
  says: string,
  valuesFor: (d: Dialect) => readonly (readonly number[])[],
  skip?: Case['unsupported'],
): Case => ({
  ...about(`numbers/${name}`, 'I', 'G7', 'PROTOCOL §8'),
  says,
  advice:
    'The aggregate is not the sum of what was sent. Add exactly (math.fsum, wide integers), round once, and refuse what would leave the range.',
  unsupported: (d) => unread(d) ?? skip?.(d) ?? null,
  async play(t) {
    const values = valuesFor(t.dialect)
    const { x, y } = await twoInSession(t) // in the round after it nobody has left anything behind
    const all = [x, y].slice(0, t.manners.waits ? 2 : values.length)
    const rounds = await t.together(all, ...all.map((_, i) => values[i] ?? [0]))
    const last = rounds[values.length - 1]!
    const refused = rounds.find((r) => !r.answered)
    if (refused !== undefined) return ok(`refused: ${refused.text}`)
    if (last.right === null) return inconclusive(`not known what an answer is about: ${last.text}`)
    return last.right ? ok(last.text) : failed(`${values.map((v) => v.join(', ')).join('; then ')}: ${last.text}`)
  },
})

/** Of the type, where sums of it are exact; else of 32 bits, which is what implementations add in. */
const largest = (d: Dialect): number => (numbersOf(d).most < 2 ** 53 ? numbersOf(d).most : 2 ** 31 - 1)

const inexact: Case['unsupported'] = (d) =>
  numbersOf(d).many && numbersOf(d).floats && numbersOf(d).most > 1e16 ? null : 'no submission is 1e16, 1, -1e16 here'

export const NUMBERS: readonly Case[] = [
  OPEN_SUM,
  EVERYBODY,
  OWN_ROUND,
  WAITS,
  AT_ONCE,
  exact('exact', 'a sum is exact: 1e16, 1, -1e16 come to 1', () => [[1e16, 1, -1e16]], inexact),
  exact(
    'fraction',
    'fractions count: 1.5 and 2.5 come to 4',
    () => [[1.5], [2.5]],
    (d) => (numbersOf(d).fractions ? null : 'values are integers here'),
  ),
  exact('wrap', 'the largest number and 3 do not wrap around', (d) => [[largest(d)], [3]]),
  exact(
    'negative',
    'negative numbers count',
    () => [[-7], [-8]],
    (d) => (numbersOf(d).least < 0 ? null : 'no number is negative here'),
  ),
]
