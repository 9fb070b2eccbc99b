/**
 * Makes a counterexample small: whole endpoints go first, then actions by delta debugging, then values by fast-check.
 * `same` says whether a candidate still breaks the same invariant on the same system; setup.powers and mode stay.
 */
import fc, { type Arbitrary } from 'fast-check'
import { sameEnd } from '../../../spec/events.ts'
import { type Action, type End, type Pick, renamed, type Schedule } from '../../../spec/language.ts'

export type Same = (s: Schedule) => boolean

/** Fewest actions first: removes ever smaller slices as long as the finding stays (Zeller's ddmin, complements only). */
const ddmin = (actions: readonly Action[], still: (a: readonly Action[]) => boolean): readonly Action[] => {
  let best = actions
  let size = Math.ceil(best.length / 2)
  while (size >= 1) {
    let removed = false
    for (let at = best.length - size; at > -size; at -= size) {
      const candidate = [...best.slice(0, Math.max(0, at)), ...best.slice(Math.max(0, at) + size)]
      if (candidate.length < best.length && still(candidate)) {
        best = candidate
        removed = true
      }
    }
    if (!removed || size === 1) {
      if (size === 1 && !removed) break
      size = Math.max(1, Math.floor(size / 2))
    }
  }
  return best
}

/** Renames endpoint numbers above a removed one; null for the removed endpoint itself. */
const renumbered =
  (gone: End) =>
  (e: End): End | null =>
    e.side !== gone.side || e.n < gone.n ? e : e.n === gone.n ? null : { side: e.side, n: e.n - 1 }

/** The endpoint that an action feeds; what it feeds at the server may be a connection that it opens. */
const fed = (a: Action): End | null => {
  switch (a.do) {
    case 'deliver':
    case 'continue':
    case 'inject':
    case 'seal':
      return a.to
    case 'connect':
    case 'converse':
    case 'submit':
    case 'finish':
    case 'close':
    case 'failSend':
    case 'leak':
    case 'advance':
    case 'restart':
      return null
  }
}

const counts = (actions: readonly Action[]): { runs: number; connections: number } => {
  let connections = 0
  for (const a of actions) {
    const to = fed(a)
    if (to?.side === 'server') connections = Math.max(connections, to.n + 1)
  }
  return { runs: actions.filter((a) => a.do === 'connect').length, connections }
}

/** Without one endpoint and everything that names it; the n-th `connect` belongs to run n. */
const withoutEnd = (actions: readonly Action[], gone: End): readonly Action[] => {
  const end = renumbered(gone)
  let runs = 0
  return actions.flatMap((a) => {
    if (a.do === 'connect' && runs++ === gone.n && gone.side === 'client') return []
    return renamed(a, end) ?? []
  })
}

const fewerEnds = (actions: readonly Action[], still: (a: readonly Action[]) => boolean): readonly Action[] => {
  let best = actions
  for (const side of ['client', 'server'] as const) {
    const { runs, connections } = counts(best)
    for (let n = (side === 'client' ? runs : connections) - 1; n >= 0; n--) {
      const candidate = withoutEnd(best, { side, n })
      if (candidate.length < best.length && still(candidate)) best = candidate
    }
  }
  return best
}

/** Without the exchange that a submission starts; what its two endpoints send later comes one frame earlier. */
const withoutRound = (actions: readonly Action[], submission: number): readonly Action[] => {
  const a = actions[submission]!
  if (a.do !== 'submit') return actions
  const client: End = { side: 'client', n: a.run }
  const nth = 1 + actions.slice(0, submission).filter((b) => b.do === 'submit' && b.run === a.run).length // 0: HELLO
  const is = (p: Pick, by: End): boolean => typeof p === 'object' && 'by' in p && sameEnd(p.by, by) && p.nth === nth
  const heard = actions.find((b) => b.do === 'deliver' && is(b.frame, client))
  const server: End | null = heard?.do === 'deliver' ? heard.to : null
  const both = server === null ? [client] : [client, server]
  const earlier = (p: Pick): Pick =>
    typeof p === 'object' && 'by' in p && p.nth > nth && both.some((e) => sameEnd(e, p.by))
      ? { by: p.by, nth: p.nth - 1 }
      : p
  return actions.flatMap((b, i): readonly Action[] => {
    if (i === submission) return []
    if (b.do !== 'deliver') return [b]
    return both.some((e) => is(b.frame, e)) ? [] : [{ ...b, frame: earlier(b.frame) }]
  })
}

/** Ever fewer rounds at once, so that a long conversation is soon a short one. */
const fewerRounds = (actions: readonly Action[], still: (a: readonly Action[]) => boolean): readonly Action[] => {
  const submissions = (all: readonly Action[]): readonly number[] =>
    all.flatMap((a, i) => (a.do === 'submit' ? [i] : []))
  let best = actions
  for (let size = submissions(best).length; size >= 1; size = Math.floor(size / 2))
    for (let end = submissions(best).length; end > 0; end -= size) {
      const gone = submissions(best).slice(Math.max(0, end - size), end)
      const candidate = gone.reduceRight(withoutRound, best) // what goes with a submission comes after it
      if (candidate.length < best.length && still(candidate)) best = candidate
    }
  return best
}

/** One by one: frames of earlier endpoints, no optional parts (edit, cuts, extra frames), the plainest submission. */
const simpler = (actions: readonly Action[], still: (a: readonly Action[]) => boolean): readonly Action[] => {
  let best = actions
  const attempt = (i: number, a: Action): boolean => {
    const candidate = best.map((b, j) => (i === j ? a : b))
    if (!still(candidate)) return false
    best = candidate
    return true
  }
  for (let i = 0; i < best.length; i++) {
    const a = best[i]!
    if (a.do === 'submit' && JSON.stringify(a.values) !== '[1]') attempt(i, { ...a, values: [1] })
    if (a.do === 'deliver' && typeof a.frame === 'object' && 'by' in a.frame) {
      const { by, nth } = a.frame
      earlier: for (let n = 0; n <= by.n; n++)
        for (let k = 0; k < (n < by.n ? nth + 1 : nth); k++)
          if (attempt(i, { ...a, frame: { by: { ...by, n }, nth: k } })) break earlier
    }
    if (a.do === 'deliver')
      for (const part of ['edit', 'cuts', 'with', 'upTo'] as const) {
        const now = best[i]!
        if (now.do !== 'deliver' || !(part in now)) continue
        const { [part]: _, ...rest } = now
        attempt(i, rest)
      }
  }
  return best
}

/** Values last: fast-check shrinks the stored example through the arbitrary, without having generated it. */
const byFastCheck = (s: Schedule, arbitrary: Arbitrary<readonly Action[]>, same: Same): Schedule => {
  if (!arbitrary.canShrinkWithoutContext(s.actions)) return s
  const run = fc.check(
    fc.property(arbitrary, (actions) => !same({ ...s, actions })),
    { examples: [[s.actions]], numRuns: 1, seed: 1 },
  )
  const found = run.counterexample?.[0]
  return found !== undefined && found.length <= s.actions.length ? { ...s, actions: found } : s
}

const settled = (s: Schedule, same: Same): Schedule => {
  const still = (actions: readonly Action[]): boolean => same({ ...s, actions })
  let best = s.actions
  for (let before = ''; before !== JSON.stringify(best); ) {
    before = JSON.stringify(best)
    best = simpler(ddmin(fewerRounds(fewerEnds(best, still), still), still), still)
  }
  return { ...s, actions: best }
}

const SHORT = 8 // actions: what a minimal counterexample may have
const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]
const MOST_TRIALS = 600

/**
 * Where it takes certain bytes, such as a tag with a zero in it, fewer actions make other bytes and show nothing: so
 * every candidate is tried with a few other seeds too.
 */
const reseeded = (s: Schedule, same: Same): Schedule => {
  let { seed } = s
  let left = MOST_TRIALS
  const still = (actions: readonly Action[]): boolean => {
    const found = [seed, ...SEEDS].find((n) => left-- > 0 && same({ ...s, seed: n, actions }))
    seed = found ?? seed
    return found !== undefined
  }
  const actions = ddmin(fewerRounds(fewerEnds(s.actions, still), still), still)
  return actions.length < s.actions.length ? settled({ ...s, seed, actions }, same) : s
}

const MOST_WORK = 400_000 // actions played and half of the values submitted, over all candidates

/** Until so much has been played; then no candidate is one. Who waits for a counterexample sees no progress. */
const within = (work: number, same: Same): Same => {
  let left = work
  return (s) => {
    for (const a of s.actions) left -= a.do === 'submit' ? 1 + a.values.length / 2 : 1
    return left > 0 && same(s)
  }
}

/** `normal`: a schedule in normal form (frames by origin, macros expanded) that satisfies `same`. The seed may change. */
export const shrink = (normal: Schedule, breaks: Same, arbitrary: Arbitrary<readonly Action[]>): Schedule => {
  const same = within(MOST_WORK, breaks)
  const small = settled(normal, same)
  return byFastCheck(small.actions.length > SHORT ? reseeded(small, same) : small, arbitrary, same)
}
