/** G: what the server computes is over exactly the right values (PROTOCOL §8). */
import type { Body, Ledger, Submission } from '../events.ts'
import { endName } from '../events.ts'
import { fromUnits, toUnits } from '../exact-sum.ts'
import { define, violated } from './invariant.ts'

type Aggregate = Extract<Body, { kind: 'aggregate' }>

/** What a submission adds to an aggregate; known once, since each is asked for by every later answer of its round. */
interface Part {
  readonly count: number
  readonly sum: number // in floating point
  readonly scale: number // the sum of the magnitudes
}
const parts = new WeakMap<readonly number[], Part>()
const partOf = ({ values }: Submission): Part => {
  const known = parts.get(values)
  if (known !== undefined) return known
  const made = {
    count: values.length,
    sum: values.reduce((m, v) => m + v, 0),
    scale: values.reduce((m, v) => m + Math.abs(v), 0),
  }
  parts.set(values, made)
  return made
}

const units = new WeakMap<readonly number[], bigint>()
const unitsOf = ({ values }: Submission): bigint => {
  const known = units.get(values) ?? values.reduce((m, v) => m + toUnits(v), 0n)
  units.set(values, known)
  return known
}

const SHOWN = 20
const shown = (xs: readonly Submission[]): string => {
  const all = xs.flatMap((x) => x.values)
  return `[${all.slice(0, SHOWN).join(', ')}${all.length > SHOWN ? `, … ${all.length - SHOWN} more` : ''}]`
}

/** What counts for a round: live sessions only, and of each only its newest rounds (PROTOCOL §8). */
const due = (l: Ledger, round: number): Submission[] => {
  const newest = new Map<number, number>() // by connection
  for (const x of l.submissions()) newest.set(x.at.n, Math.max(x.round, newest.get(x.at.n) ?? 0))
  return l
    .submissions()
    .filter((x) => x.live && x.round === round && newest.get(x.at.n)! - x.round < l.limits.retainedRounds)
}

/** Same count, and a sum that some order of adding these values could give. */
const accountsFor = (a: Aggregate, xs: readonly Submission[]): boolean => {
  let [count, sum, scale] = [0, 0, 0]
  for (const p of xs.map(partOf)) {
    count += p.count
    sum += p.sum
    scale += p.scale
  }
  return a.count === count && Math.abs(a.sum - sum) <= scale * 1e-9
}

const answered = (e: { on: string }): e is { on: 'sent'; body: Aggregate; header: { round: number }; at: never } =>
  e.on === 'sent' && (e as { body?: Body }).body?.kind === 'aggregate'

const several = (l: Ledger, round: number): boolean => new Set(due(l, round).map((x) => x.id)).size > 1

export const G1 = define<null>({
  id: 'G1',
  says: 'the aggregate is over exactly the values accepted for that round from sessions that still count',
  needs: ['sent', 'accepted', 'ended'],
  witness: {
    says: 'an aggregate of several clients was answered',
    floor: 3_200,
    hit: (e, l) => answered(e) && several(l, e.header.round),
  },
  step(s, e, l) {
    if (!answered(e)) return s
    const xs = due(l, e.header.round)
    return accountsFor(e.body, xs)
      ? s
      : violated(`round ${e.header.round}: sum ${e.body.sum} of ${e.body.count} values, accepted were ${shown(xs)}`)
  },
})

export const G2 = define<null>({
  id: 'G2',
  says: 'no aggregate contains two submissions of one id: at most one confirmed session per id',
  needs: ['settled', 'committed', 'ended', 'rejected'],
  witness: {
    says: 'a session was superseded, or a newcomer refused as superseded',
    floor: 930,
    hit: (e) => (e.on === 'ended' && e.by === 'supersede') || (e.on === 'rejected' && e.reason === 'superseded'),
  },
  step(s, e, l) {
    if (e.on !== 'settled') return s
    // a party may have nothing more to show of a connection that has ended
    const confirmed = l.connections().filter((c) => !c.ended && c.view?.phase === 'ACTIVE' && c.view.confirmed)
    const twice = confirmed.find((c) => confirmed.some((d) => d !== c && d.id === c.id))
    return twice ? violated(`client ${twice.id} has two confirmed sessions`) : s
  },
})

export const G3 = define<null>({
  id: 'G3',
  says: 'values count only while their confirmed session is connected',
  needs: ['sent', 'accepted', 'ended'],
  witness: {
    says: 'an aggregate was answered for a round in which a departed session had submitted',
    floor: 3_500,
    hit: (e, l) => answered(e) && l.submissions().some((x) => !x.live && x.round === e.header.round),
  },
  step(s, e, l) {
    if (!answered(e)) return s
    const mine = due(l, e.header.round)
    if (accountsFor(e.body, mine)) return s
    const gone = l.submissions().filter((x) => !x.live && x.round === e.header.round)
    const suspects = [gone, ...gone.map((x) => [x])].filter((g) => g.length > 0)
    return suspects.some((g) => accountsFor(e.body, [...mine, ...g]))
      ? violated(`round ${e.header.round}: the aggregate still counts values of a session that has ended`)
      : s
  },
})

export const G4 = define<null>({
  id: 'G4',
  says: 'an aggregate contains values of its own round only',
  needs: ['sent', 'accepted', 'ended'],
  witness: {
    says: 'an aggregate was answered while values of other rounds were kept',
    floor: 9_600,
    hit: (e, l) => answered(e) && l.submissions().some((x) => x.live && x.round !== e.header.round),
  },
  step(s, e, l) {
    if (!answered(e)) return s
    const mine = due(l, e.header.round)
    if (accountsFor(e.body, mine)) return s
    const others = l.submissions().filter((x) => x.live && x.round !== e.header.round)
    const rounds = [...new Set(others.map((x) => x.round))].map((r) => others.filter((x) => x.round === r))
    return [others, ...rounds].some((g) => g.length > 0 && accountsFor(e.body, [...mine, ...g]))
      ? violated(`round ${e.header.round}: the aggregate counts values of another round`)
      : s
  },
})

export const G5 = define<null>({
  id: 'G5',
  says: 'an accepted payload is valid, its values finite and bounded, and so is every aggregate',
  needs: ['accepted', 'sent', 'rejected'],
  witness: {
    says: 'an invalid payload under a valid tag was rejected',
    floor: 140,
    hit: (e) => e.on === 'rejected' && e.reason === 'bad-payload',
  },
  step(s, e, l) {
    if (answered(e))
      return Number.isFinite(e.body.sum) && Number.isFinite(e.body.average) && e.body.count >= 1
        ? s
        : violated(`an aggregate of ${e.body.sum} over ${e.body.count}`)
    if (e.on !== 'accepted') return s
    const sent = l.senders(e.frame)
    return sent.length > 0 && sent.every((x) => x.body.kind === 'opaque')
      ? violated(`${endName(e.at)} accepted opcode ${e.header.opcode} with a payload that is not valid`)
      : s
  },
})

export const G7 = define<null>({
  id: 'G7',
  says: 'sum, count and average are right to the last bit, against exact rational arithmetic',
  needs: ['sent', 'accepted', 'ended'],
  witness: {
    says: 'an aggregate of at least three values was answered',
    floor: 3_200,
    hit: (e) => answered(e) && e.body.count >= 3,
  },
  step(s, e, l) {
    if (!answered(e)) return s
    const xs = due(l, e.header.round)
    if (!accountsFor(e.body, xs)) return s // wrong membership is G1's
    const sum = fromUnits(xs.reduce((m, x) => m + unitsOf(x), 0n))
    const average = sum / e.body.count + 0 // §8: a zero result is +0
    return Object.is(e.body.sum, sum) && Object.is(e.body.average, average)
      ? s
      : violated(`${shown(xs)}: sum ${e.body.sum}, average ${e.body.average}; exact are ${sum}, ${average}`)
  },
})
