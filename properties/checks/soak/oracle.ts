/**
 * What every answer must have been. PROTOCOL §8 answers on arrival, so an aggregate depends on the order in which the
 * server took what it was sent. The server's journal names one order; it is believed only as far as clients can
 * confirm it, and given the order there is exactly one valid aggregate, bit by bit.
 */
import { fromUnits, toUnits } from '../../../spec/exact-sum.ts'
import type { Answer } from './child.ts'
import { valuesOf } from './plan.ts'

const RETAINED = 64 // PROTOCOL §8: rounds of each session whose values count

interface Total {
  units: bigint // multiples of 2^-1074
  count: number
}

interface Expected extends Total {
  readonly key: number
  readonly id: number
  readonly round: number
}

/** Unique among the sessions that are open, for rounds below 2^24; systems use ports again. */
const keyOf = (port: number, id: number, round: number): number => (port * 256 + id) * 0x100_0000 + round

export class Oracle {
  readonly #seed: number
  readonly #isHonest: (id: number) => boolean
  readonly #rounds = new Map<number, Total>()
  readonly #sessions = new Map<number, { readonly id: number; newest: number }>() // by port of the client
  readonly #ids = new Map<number, number>() // confirmed now: id -> port
  #expected: Expected[] = [] // of honest clients, in the order of acceptance, until its answer was judged
  #latestSent = Number.NEGATIVE_INFINITY // of all answers judged so far
  checked = 0
  readonly problems: string[] = []

  constructor(seed: number, isHonest: (id: number) => boolean) {
    this.#seed = seed
    this.#isHonest = isHonest
  }

  /** Takes the next part of the journal: triples port, id, round (child.ts). */
  take(entries: Uint32Array): void {
    for (let i = 0; i + 2 < entries.length; i += 3) {
      const [port, id, round] = [entries[i]!, entries[i + 1]!, entries[i + 2]!]
      if (round === 0) this.#end(port)
      else this.#accept(port, id, round)
    }
  }

  /** Judges answers, those of a client in their order; the journal of all of them has been taken. */
  judge(answers: readonly Answer[]): void {
    const open = new Map<number, Answer[]>()
    for (const answer of answers) {
      const key = keyOf(answer.port, answer.id, answer.round)
      open.set(key, [...(open.get(key) ?? []), answer])
    }
    this.#expected = this.#expected.filter((expected) => {
      const answer = open.get(expected.key)?.shift()
      if (answer === undefined) return true
      this.#compare(expected, answer)
      return false
    })
    for (const { id, round } of [...open.values()].flat())
      this.problems.push(`client ${id}, round ${round}: answered, and the server's journal does not have it`)
  }

  /** DATA that the server accepted of honest clients and whose answers nobody has seen. */
  get unanswered(): number {
    return this.#expected.length
  }

  #compare({ id, round, units, count }: Expected, { aggregate, sentAt, gotAt }: Answer): void {
    this.checked++
    const sum = fromUnits(units)
    const average = sum / count + 0 // §8: a zero result is +0
    const right = Object.is(aggregate.sum, sum) && aggregate.count === count && Object.is(aggregate.average, average)
    if (!right)
      this.problems.push(
        `client ${id}, round ${round}: expected sum ${sum}, count ${count}, average ${average}, got sum ${aggregate.sum}, count ${aggregate.count}, average ${aggregate.average}`,
      )
    // Whatever came earlier in the order was sent before this answer came: else the order is not what happened.
    this.#latestSent = Math.max(this.#latestSent, sentAt)
    if (gotAt < this.#latestSent)
      this.problems.push(`client ${id}, round ${round}: answered before something was sent that it is said to cover`)
  }

  #accept(port: number, id: number, round: number): void {
    const session = this.#sessions.get(port) ?? { id, newest: 0 }
    if (session.newest === 0) this.#confirm(port, id)
    if (session.id !== id || session.newest + 1 !== round)
      this.problems.push(`client ${id}: expected its round ${session.newest + 1} to be accepted next, got ${round}`)
    session.newest = round
    this.#sessions.set(port, session)
    this.#change(id, round, 1)
    if (round > RETAINED) this.#change(id, round - RETAINED, -1)
    if (this.#isHonest(id)) this.#expected.push({ key: keyOf(port, id, round), id, round, ...this.#rounds.get(round)! })
  }

  #confirm(port: number, id: number): void {
    const other = this.#ids.get(id)
    if (other !== undefined) this.problems.push(`client ${id}: two confirmed sessions at a time (§7)`)
    this.#ids.set(id, port)
  }

  #end(port: number): void {
    const session = this.#sessions.get(port)
    if (session === undefined) return
    const { id, newest } = session
    for (let round = Math.max(1, newest - RETAINED + 1); round <= newest; round++) this.#change(id, round, -1)
    this.#sessions.delete(port)
    this.#ids.delete(id)
  }

  /** Adds the values of a client to a round, or takes them out. */
  #change(id: number, round: number, sign: 1 | -1): void {
    const values = valuesOf(this.#seed, id, round)
    const total = this.#rounds.get(round) ?? { units: 0n, count: 0 }
    for (const value of values) total.units += toUnits(sign * value)
    total.count += sign * values.length
    if (total.count === 0) this.#rounds.delete(round)
    else this.#rounds.set(round, total)
  }
}
