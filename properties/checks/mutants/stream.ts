/** The schedules a mutant is hunted with: random profiles and exhaustive scopes in turns, so that each is tried early. */
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import type { Event } from '../../../spec/events.ts'
import type { Mode, Schedule } from '../../../spec/language.ts'
import { schedules } from '../../harness/generate/arbitraries.ts'
import { BIASES } from '../../harness/generate/biases.ts'
import { RARE_SCOPE, SCOPES, scopeSchedules } from '../../harness/generate/scopes/scopes.ts'
import { comparable } from '../../harness/judging/twin.ts'
import { referenceSystem } from '../../harness/parties/reference.ts'
import { Player } from '../../harness/world/play.ts'
import { nthSeed } from '../../harness/world/rng.ts'

export interface Drawn {
  readonly source: string // profile or scope
  readonly schedule: Schedule
}

const DEEP = 'rounds' // costs several times what the others do
const DEEP_SHARE = 4

const SMALL = 700 // a scope of so few is soon through
const SMALL_SHARE = 7
const STRIDE = 370_248_451 // a prime, so that it meets every place of a scope, and neighbours far from each other
const SMALLEST = 4
const LARGEST = 32
const LITERAL_SHARE = 4 // literal differs in two steps of the handshake only, so one random schedule in five is enough

function* chunks(seed: number): Generator<readonly Drawn[], never> {
  let index = 0
  const random = (source: string, mode: Mode, numRuns: number): readonly Drawn[] =>
    fc
      .sample(schedules(BIASES[source]!, mode), { seed: nthSeed(seed, index++), numRuns })
      .map((schedule) => ({ source, schedule }))
  const taken: Record<string, number> = {}
  /** A sample that spreads over the whole scope, however small it is so far; of a small scope none comes twice. */
  const systematic = (source: string, mode: Mode, runs: number): readonly Drawn[] => {
    const all = scopeSchedules(source, mode)
    const small = all.length < SMALL
    const from = taken[source] ?? 0
    const to = small ? Math.min(all.length, from + SMALL_SHARE * runs) : from + runs
    taken[source] = to
    return Array.from({ length: to - from }, (_, i) => {
      const n = from + i + 1
      const at = small ? n * STRIDE : Math.floor(((nthSeed(seed, n) >>> 0) / 2 ** 32) * all.length)
      return { source, schedule: all[at % all.length]! }
    })
  }
  for (let size = SMALLEST; ; size = Math.min(LARGEST, size * 2)) {
    for (const profile of Object.keys(BIASES))
      yield random(profile, 'bound', profile === DEEP ? size / DEEP_SHARE : size)
    for (const scope of Object.keys(SCOPES)) if (scope !== RARE_SCOPE) yield systematic(scope, 'bound', size)
    for (const profile of Object.keys(BIASES)) yield random(profile, 'literal', size / LITERAL_SHARE)
  }
}

/** The same for every mutant, generated once and as far as it is asked for. */
export class Stream {
  /** For the end of a hunt, where something is still to be shown. */
  readonly rare: readonly Drawn[] = scopeSchedules(RARE_SCOPE, 'bound').map((schedule) => ({
    source: RARE_SCOPE,
    schedule,
  }))
  readonly #drawn: Drawn[] = []
  readonly #expected = new Map<Drawn, string>()
  readonly #chunks: Generator<readonly Drawn[], never>

  constructor(seed: number) {
    this.#chunks = chunks(seed)
  }

  at(n: number): Drawn {
    while (this.#drawn.length <= n) this.#drawn.push(...this.#chunks.next().value)
    return this.#drawn[n]!
  }

  /** What the reference on both sides shows of a schedule of this stream, as a digest. */
  expected(drawn: Drawn): string {
    const known = this.#expected.get(drawn) ?? expectedOf(drawn.schedule)
    this.#expected.set(drawn, known)
    return known
  }
}

/** JSON writes NaN, the infinities and -0 like other values. */
const unusual = (v: unknown): boolean => typeof v === 'number' && (!Number.isFinite(v) || Object.is(v, -0))
const numbers = (e: Event): string => {
  const values: readonly unknown[] =
    e.on === 'submitted' ? e.values : e.on === 'sent' || e.on === 'sealed' ? Object.values(e.body).flat() : []
  return values.some(unusual) ? values.map((v) => (Object.is(v, -0) ? '-0' : String(v))).join() : ''
}

export const digestOf = (events: readonly Event[]): string => {
  const hash = createHash('sha1')
  for (const e of comparable(events)) hash.update(JSON.stringify(e)).update(numbers(e))
  return hash.digest('base64')
}

/**
 * The property TWIN at the price of one play: what the reference on both sides shows of a schedule is the same for every
 * mutant, so it is played once a process and kept as a digest.
 */
export const expectedOf = (s: Schedule): string => {
  const events: Event[] = []
  for (const _ of new Player(s, referenceSystem, (e) => events.push(e)).play());
  return digestOf(events)
}
