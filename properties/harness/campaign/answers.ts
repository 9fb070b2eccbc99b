/** What a worker answers: questions on the system that its process was started with, or src, or on two of them. */
import type { Schedule } from '../../../spec/language.ts'
import * as implementation from '../../../src/index.ts'
import { attackProblem } from '../attack/attack-file.ts'
import { performHere } from '../attack/perform.ts'
import type { Explanation } from '../explain/text.ts'
import { examine } from '../judging/examine.ts'
import { type Pair, pairOf } from '../judging/pair.ts'
import { filmsOf } from '../page/film.ts'
import { stillLives } from '../parties/child.ts'
import { modelSystem, underModel } from '../parties/model-crypto.ts'
import { comparedFor, converses, srcSystem, systemFor } from '../parties/party-file.ts'
import type { Beat, Mark } from '../process/pool.ts'
import { explained, replay, replayBoth } from '../schedules/replay.ts'
import type { Parsed, Stored } from '../schedules/schedule-file.ts'
import { defended, difference } from '../schedules/stored.ts'
import { painter } from '../terminal/text.ts'
import type { System } from '../world/system.ts'
import { runChunk } from './campaign.ts'
import { differ, smallest } from './differ.ts'
import { minimalOf, showing } from './minimal.ts'
import type { Cryptography, Found, Question, Work } from './players.ts'

/** How a schedule of the corpus differs from what it must show. */
const oddity = (name: string, stored: Stored, system: System, own: boolean): string | null => {
  if (!own) return defended(stored, system)
  if (stored.attack !== undefined) return attackProblem(name, stored, system)
  const asStored = difference(stored, examine(stored.schedule, system))
  return asStored ?? (stored.schedule.mode === 'literal' ? defended(stored, system) : null)
}

const modelled = modelSystem(implementation)

/** Plays what there is under real cryptography, or src under that of the model. */
const under = <T>(crypto: Cryptography, system: System, act: (system: System) => T): T =>
  crypto === 'real' ? act(system) : underModel(() => act(modelled))

/** What this process plays. */
interface Played {
  readonly system: System
  /** Throws where there is no twin. */
  pair(): Pair
}

/**
 * Loaded when asked for: it builds variants, which takes the sources and their builder. Where those are not (the package),
 * nobody can say why something breaks.
 */
const explanationOf = async (
  s: Schedule,
  system: System,
  invariant: string,
  alive: () => void,
): Promise<Explanation | null> => {
  const found = await import('../explain/explain.ts').catch(() => null)
  if (found === null) return null
  const fresh = system === srcSystem ? (await import('../explain/where.ts')).freshSrc : null
  return found.explain(s, system, invariant, fresh, alive)
}

type Answering = {
  readonly [K in keyof Work]: (
    asked: Work[K][0],
    p: Played,
    mark: Mark,
    note: (n: Found) => void,
  ) => Work[K][1] | Promise<Work[K][1]>
}

const ANSWERS: Answering = {
  facts: (_, { system: { name, emits, lacks } }) => ({ name, emits, lacks }),
  converses: ({ mode }, { system }) => converses(system, mode),
  chunk: ({ chunk, only, crypto }, { system }, mark, note) => {
    const next = (nth: number): void => {
      stillLives()
      mark(nth)
    }
    return under(crypto, system, (s) =>
      runChunk(chunk, s, only, { mark: next, found: (id, schedule) => note({ id, schedule }) }),
    )
  },
  minimal: ({ columns, crypto: found, ...suspected }, { system }, mark) => {
    const crypto = found === 'model' && showing(suspected, system).length === 0 ? 'model' : 'real'
    return under(crypto, system, (s) => ({ ...minimalOf(suspected, s, () => mark(null), columns), crypto }))
  },
  explanation: ({ invariant, schedule }, { system }, mark) =>
    explanationOf(schedule, system, invariant, () => mark(null)),
  explain: ({ name, invariant, columns }, { system }, mark) =>
    explained(name, system, invariant, (s, id) => explanationOf(s, system, id, () => mark(null)), columns),
  replay: ({ name, colour, columns, crypto = 'real' }, { system }) =>
    under(crypto, system, (s) => replay(name, s, painter({ isTTY: colour }), columns)),
  compare: ({ name, stored, own }, { system }) => {
    stillLives()
    return oddity(name, stored, system, own)
  },
  attack: ({ attack, mode }, { system }) => performHere(attack, mode, system),
  open: ({ stored }, { system }) => difference({ ...stored, violates: [] }, examine(stored.schedule, system)),
  pair: (_, { pair }) => ({ names: pair().names, sides: pair().sides, notComparable: pair().notComparable }),
  differ: ({ chunk }, { pair }, mark) => differ(chunk, pair(), mark),
  smallest: ({ schedule, columns }, { pair }, mark) => smallest(schedule, pair(), () => mark(null), columns),
  film: (told, { system }) => filmsOf(told, system),
  both: ({ name, colour, columns }, { pair }) => replayBoth(name, pair(), painter({ isTTY: colour }), columns),
}

const answer = <K extends keyof Work>(
  { ask, of }: Question<K>,
  p: Played,
  mark: Mark,
  beat: Beat,
): Work[K][1] | Promise<Work[K][1]> => ANSWERS[ask](of, p, mark, (found) => void beat(found))

const [party, twin] = process.argv.slice(2)

const load = async (): Promise<Parsed<Played>> => {
  const system = await (twin === undefined ? systemFor : comparedFor)(party ?? null)
  if (system.kind === 'bad') return system
  const nobody = (): never => {
    throw new Error('there is no twin')
  }
  if (twin === undefined) return { kind: 'ok', value: { system: system.value, pair: nobody } }
  const other = await comparedFor(twin)
  if (other.kind === 'bad') return other
  const pair = pairOf(system.value, other.value)
  return pair.kind === 'bad' ? pair : { kind: 'ok', value: { system: system.value, pair: () => pair.value } }
}

let loading: ReturnType<typeof load> | undefined

/** The answer, or why the system cannot be loaded. */
export const answered = async (
  question: Question<keyof Work>,
  beat: Beat,
  mark: Mark,
): Promise<Parsed<Work[keyof Work][1]>> => {
  loading ??= load()
  const loaded = await loading
  return loaded.kind === 'bad' ? loaded : { kind: 'ok', value: await answer(question, loaded.value, mark, beat) }
}
