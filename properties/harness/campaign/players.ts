/** A system under test, always in processes of its own: what it is asked there, and what becomes of the questions. */
import type { Mode, Schedule } from '../../../spec/language.ts'
import type { AttackResult, NamedAttack } from '../attack/perform.ts'
import type { Explanation } from '../explain/text.ts'
import type { Films, Told } from '../page/film.ts'
import { srcSystem } from '../parties/party-file.ts'
import { type Fate, lostBy, runPool } from '../process/pool.ts'
import { beside } from '../process/programs.ts'
import type { Parsed, Stored } from '../schedules/schedule-file.ts'
import { printable } from '../terminal/text.ts'
import type { System } from '../world/system.ts'
import type { Chunk } from './campaign.ts'
import type { Differed, PairFacts, Smallest } from './differ.ts'
import type { Hunted, Suspected } from './minimal.ts'
import type { Result } from './tally.ts'

/** What can be known of a system without playing it. */
export type Facts = Pick<System, 'name' | 'emits' | 'lacks'>

/** What a stored schedule came to, for a person. `code` is an exit code; `lines` go to standard output, or for code 2 to standard error. */
export interface Replayed {
  readonly code: 0 | 1 | 2 | 4
  readonly lines: readonly string[]
}

/** By name of the question: what is asked, what is answered. */
export interface Work {
  facts: readonly [null, Facts]
  /** Whether a faithful conversation comes about. */
  converses: readonly [{ readonly mode: Mode }, boolean]
  /** `only`: the ids of what is to be judged; null: everything. */
  chunk: readonly [
    { readonly chunk: Chunk; readonly only: ReadonlySet<string> | null; readonly crypto: Cryptography },
    Result,
  ]
  /**
   * `columns`: that the drawing fits; undefined: any. `crypto`: under which it was found; it is made small under real
   * cryptography wherever that shows it, and the answer says under which.
   */
  minimal: readonly [
    Suspected & { readonly columns?: number | undefined; readonly crypto: Cryptography },
    Hunted & { readonly crypto: Cryptography },
  ]
  /** Why a counterexample breaks; null: nobody can say here. */
  explanation: readonly [{ readonly invariant: string; readonly schedule: Schedule }, Explanation | null]
  /** Likewise of a stored schedule, for a person; `invariant` null: what it violates first. */
  explain: readonly [
    { readonly name: string; readonly invariant: string | null; readonly columns?: number | undefined },
    Replayed,
  ]
  /** A stored schedule, by the name of its file. */
  replay: readonly [
    {
      readonly name: string
      readonly colour: boolean
      readonly columns?: number | undefined
      readonly crypto?: Cryptography
    },
    Replayed,
  ]
  /** How a schedule of the corpus differs from what it must show; null: it does not. `own`: the system is src. */
  compare: readonly [{ readonly name: string; readonly stored: Stored; readonly own: boolean }, string | null]
  /** An attack in memory. */
  attack: readonly [{ readonly attack: NamedAttack; readonly mode: Mode }, AttackResult]
  /** How a schedule still violates what must hold; null: it does not. */
  open: readonly [{ readonly stored: Stored }, string | null]
  /** Of two systems: what of them is compared, what a chunk came to, a difference made small, a stored schedule. */
  pair: readonly [null, PairFacts]
  differ: readonly [{ readonly chunk: Chunk }, Differed]
  smallest: readonly [{ readonly schedule: Schedule; readonly columns?: number | undefined }, Smallest]
  /** A schedule as the report page shows it. */
  film: readonly [Told, Films]
  both: readonly [{ readonly name: string; readonly colour: boolean; readonly columns?: number | undefined }, Replayed]
}

/** A violation that was found in a chunk that is still being played. */
export interface Found {
  readonly id: string
  readonly schedule: Schedule
}

export interface Question<K extends keyof Work> {
  readonly ask: K
  readonly of: Work[K][0]
}

/** What takes the place of cryptography; `model`: src alone (parties/model-crypto.ts). */
export const CRYPTOGRAPHIES = ['real', 'model'] as const
export type Cryptography = (typeof CRYPTOGRAPHIES)[number]

/** What is played, and with what. */
export interface Means {
  /** The file or program that the system comes from (parties/party-file.ts); null: src. */
  readonly party: string | null
  /** A second one, where two are compared. */
  readonly twin?: string | null
  readonly processes: number
  readonly signal: AbortSignal
  /** A schedule that takes longer hangs. Default: a minute. */
  readonly patienceMs?: number
}

/** An answer, or why there is none; `at`: the schedule of a chunk, from 0, over which it was lost. */
export type Answer<T> =
  | { readonly kind: 'ok'; readonly value: T }
  | { readonly kind: 'bad'; readonly why: string } // there is no such system
  | { readonly kind: 'lost'; readonly why: string; readonly at: number | null }

const WORKER = beside('worker', import.meta.url)
const PATIENCE_MS = 60_000
const MEMORY_MB = 1_024
const MOST_LOST = 4 // each costs a process, or even the patience: what goes on like that is not going to end better

class Enough extends Error {}

/**
 * Asks the same of each, in processes that only the answer of the harness's own code leaves: `done` is called at least
 * once for each, in no particular order, and what comes later replaces what came before. Resolves early, with no more
 * answers, where the signal says so.
 */
export const askSystem = async <K extends keyof Work>(
  ask: K,
  all: readonly Work[K][0][],
  m: Means,
  done: (answer: Answer<Work[K][1]>, of: Work[K][0]) => void,
  found?: (found: Found, of: Work[K][0]) => void,
): Promise<void> => {
  const waiting = new Set(all)
  let lost = 0
  let printed = ''
  const answered = (fate: Fate<Parsed<Work[K][1]>>, of: Work[K][0]): void => {
    waiting.delete(of)
    if (fate.kind === 'done') {
      done(fate.result, of)
      return
    }
    done({ kind: 'lost', why: printable(lostBy(fate)), at: typeof fate.at === 'number' ? fate.at : null }, of)
    if (++lost === MOST_LOST) throw new Enough()
  }
  try {
    await runPool<Question<K>, Parsed<Work[K][1]>>(
      all.map((of) => ({ ask, of })),
      {
        worker: WORKER,
        args: m.twin != null ? [m.party ?? 'src', m.twin] : m.party === null ? [] : [m.party],
        processes: m.processes,
        patienceMs: m.patienceMs ?? PATIENCE_MS,
        memoryMb: MEMORY_MB,
        signal: m.signal,
      },
      {
        done: (fate, { of }) => answered(fate, of),
        note: (note, { of }) => found?.(note as Found, of),
        printed(text) {
          printed = (printed + text).slice(0, 200)
        },
      },
    )
  } catch (e) {
    if (e instanceof Enough)
      for (const of of waiting) done({ kind: 'lost', why: `not played: ${lost} were lost before it`, at: null }, of)
    else if (!m.signal.aborted) throw e
  }
  if (printed === '' || all.length === 0) return
  const said = printable(printed.split('\n')[0]!)
  done({ kind: 'lost', why: `it writes to standard output, which is not its own: ${said}`, at: null }, all[0]!)
}

/** A question about the whole system. */
export const askOnce = async <K extends keyof Work>(ask: K, of: Work[K][0], m: Means): Promise<Answer<Work[K][1]>> => {
  let answer: Answer<Work[K][1]> = { kind: 'lost', why: 'stopped', at: null }
  await askSystem(ask, [of], { ...m, processes: 1 }, (a) => {
    answer = a
  })
  return answer
}

/** What is known of the system of a party file, which loads; else why not. */
export const factsOf = async (party: string | null): Promise<Parsed<Facts>> => {
  if (party === null) return { kind: 'ok', value: srcSystem }
  const answer = await askOnce('facts', null, { party, processes: 1, signal: new AbortController().signal })
  return answer.kind === 'lost'
    ? { kind: 'bad', why: `${party}: expected a module that loads, but ${answer.why}` }
    : answer
}
