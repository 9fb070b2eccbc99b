/**
 * The ways in which invariants break, and which of them break together: what is needed to tell one fault with many
 * symptoms from several faults, of which one may hide another.
 */
import type { Schedule } from '../../../spec/language.ts'
import { SHARES, SPEC } from '../judging/probing.ts'

/** One invariant that one schedule broke. `why`: null where its words tell nothing apart. `at`: begun actions. */
export interface Breach {
  readonly id: string
  readonly why: string | null
  readonly at: number
}

export interface Where {
  readonly chunk: number
  readonly nth: number // of the chunk
  readonly schedule: Schedule // in normal form
}

type Counts = Readonly<Record<string, number>>

/** One way in which an invariant broke. */
export interface Kind {
  readonly first: Where
  readonly schedules: number
  /** Of these, in how many the other invariant was judged. */
  readonly judged: Counts
  /**
   * By name of the other kind, and by id of the other invariant: in how many that broke at the same action or before, and
   * at the same action.
   */
  readonly along: Counts
  readonly same: Counts
}
/** By what they say, without numbers. */
export type Kinds = Readonly<Record<string, Kind>>

const MOST = 8 // kinds of an invariant: the first ones

const REFUSED = /^[cs]\d+ (?!accepted$|ends$)[a-z-]+$/

/**
 * Of what a system was seen to do and what the model allows, all of one step: what only one of the two has, first. Where a
 * frame was to be refused for a reason, that says it, whatever came instead.
 */
const differing = (why: string): string => {
  const [, saw, allowed] = /^saw (.*); the model allows (.*)$/s.exec(why) ?? []
  if (saw === undefined || allowed === undefined) return why
  const [mine, other] = [saw.split('; '), allowed.split(' or ')[0]!.split('; ')]
  const only = (of: readonly string[], not: readonly string[]): string => of.find((x) => !not.includes(x)) ?? 'nothing'
  const missing = only(other, mine)
  return REFUSED.test(missing) ? `not ${missing}` : `${only(mine, other)}, not ${missing}`
}

/** What a violation says, without what differs from schedule to schedule. */
export const kindOf = (why: string | null): string =>
  differing(why ?? '')
    .replace(/(?<![\w.])-?\d+(?:\.\d+)?(?:e[+-]?\d+)?(?!\w)/g, '#')
    .replace(/\b(?=\w*\d)[0-9a-f]{6,}\b|\d+/g, '#')
    .replace(/#(?:, #)+(?:, … # more)?/g, '#')

/** What a violation says, where that tells causes apart: what probes but SPEC say of whole plays does not. */
export const telling = (id: string, why: string): string | null =>
  id !== SPEC.id && SHARES.some((s) => s.probe.id === id) ? null : why

export const nameOf = (id: string, kind: string): string => `${id} ${kind}`

const added = (a: Counts, b: Counts): Counts => {
  const sum: Record<string, number> = { ...a }
  for (const [k, count] of Object.entries(b)) sum[k] = (sum[k] ?? 0) + count
  return Object.fromEntries(Object.entries(sum).sort(([x], [y]) => (x < y ? -1 : 1)))
}

const earlier = (a: Where, b: Where): number => a.chunk - b.chunk || a.nth - b.nth

/** The first ones, in the order of their schedules. */
const capped = (all: readonly (readonly [string, Kind])[]): Kinds =>
  Object.fromEntries([...all].sort(([x, a], [y, b]) => earlier(a.first, b.first) || (x < y ? -1 : 1)).slice(0, MOST))

const mergeKind = (a: Kind, b: Kind): Kind => ({
  first: earlier(a.first, b.first) <= 0 ? a.first : b.first,
  schedules: a.schedules + b.schedules,
  judged: added(a.judged, b.judged),
  along: added(a.along, b.along),
  same: added(a.same, b.same),
})

/** Does not depend on the order in which they arrive. */
export const mergeKinds = (a: Kinds, b: Kinds): Kinds => {
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])]
  return capped(names.map((k) => [k, a[k] && b[k] ? mergeKind(a[k], b[k]) : (a[k] ?? b[k])!]))
}

/** Counts while schedules are played. */
export class KindCounter {
  readonly #kinds = new Map<string, Map<string, Kind>>()

  broken(breaches: readonly Breach[], judged: readonly string[], first: Where): void {
    for (const b of breaches) {
      const others = breaches.filter((o) => o !== b)
      const names = (of: readonly Breach[]): Counts =>
        Object.fromEntries(of.flatMap((o) => [[nameOf(o.id, kindOf(o.why)), 1] as const, [o.id, 1] as const]))
      const kind: Kind = {
        first,
        schedules: 1,
        judged: Object.fromEntries(judged.map((id) => [id, 1])),
        along: names(others.filter((o) => o.at <= b.at)),
        same: names(others.filter((o) => o.at === b.at)),
      }
      const kinds = this.#kinds.get(b.id) ?? new Map<string, Kind>()
      this.#kinds.set(b.id, kinds)
      const before = kinds.get(kindOf(b.why))
      if (before === undefined && kinds.size >= MOST) continue
      kinds.set(kindOf(b.why), before === undefined ? kind : mergeKind(before, kind))
    }
  }

  of(id: string): Kinds {
    return capped([...(this.#kinds.get(id) ?? [])])
  }
}

/** A kind with its invariant. */
interface Symptom<R> {
  readonly of: R
  readonly id: string
  readonly kind: string
  readonly counts: Kind
}

/** Half of what one breaks, the other breaks too: then it is hardly by chance, or because both need the same. */
const OFTEN = 0.5

/** In how many `b` broke with or after what has this name, where it always did; 0: it broke without. */
const always = <R>(b: Symptom<R>, id: string, name: string): number => {
  const along = b.counts.along[name] ?? 0
  return along > 0 && along >= (b.counts.judged[id] ?? 0) ? along : 0
}

/**
 * Whether `b` seems to follow from `a`, one of the `kinds` of an invariant: it never breaks without it, or without the
 * invariant in any way, and either both always break at the same action, or `a` seldom comes alone. What cannot be told
 * apart by that stays apart: better one fault shown twice than two as one.
 */
const explains = <R>(a: Symptom<R>, b: Symptom<R>, kinds: readonly Symptom<R>[]): boolean => {
  const name = nameOf(a.id, a.kind)
  const seen = (of: readonly Symptom<R>[]): number => of.reduce((sum, s) => sum + (s.counts.judged[b.id] ?? 0), 0)
  const follows = (by: string, of: readonly Symptom<R>[]): boolean => {
    const along = always(b, a.id, by)
    return along > 0 && ((b.counts.same[by] ?? 0) === along || along >= OFTEN * seen(of))
  }
  return follows(name, [a]) || ((b.counts.along[name] ?? 0) > 0 && follows(a.id, kinds))
}

/** Symptoms of one cause together, what explains the others first; in the order of what comes first. */
export const causes = <R>(all: readonly Symptom<R>[]): readonly (readonly Symptom<R>[])[] => {
  const parent = new Map<Symptom<R>, Symptom<R>>()
  for (const [i, b] of all.entries()) {
    const kinds = (s: Symptom<R>): readonly Symptom<R>[] => all.filter((o) => o.id === s.id)
    const by = all.filter((a, k) => a.id !== b.id && explains(a, b, kinds(a)) && (k < i || !explains(b, a, kinds(b))))
    const often = (s: Symptom<R>): number => b.counts.along[nameOf(s.id, s.kind)] ?? 0
    const [best] = by.sort((x, y) => often(y) - often(x))
    if (best !== undefined) parent.set(b, best)
  }
  const root = (s: Symptom<R>): Symptom<R> => {
    const seen = new Set<Symptom<R>>()
    let at = s
    for (let up = parent.get(at); up !== undefined && !seen.has(up); up = parent.get(at)) {
      seen.add(up)
      at = up
    }
    return at
  }
  const groups = new Map<Symptom<R>, Symptom<R>[]>()
  for (const s of all) groups.set(root(s), [...(groups.get(root(s)) ?? []), s])
  return [...groups].map(([first, members]) => [first, ...members.filter((s) => s !== first)])
}
