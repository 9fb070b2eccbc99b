/**
 * What a run of random schedules says about what it has not shown. A schedule that showed something no other of the run
 * did would, left out, have been one that shows something new: the share of such schedules estimates without bias the
 * chance that one more shows something new (Good and Turing). Their count is Poisson; what was shown twice makes the
 * interval wider, as the chance itself varies with the draw (Esty 1983).
 */
import { z } from 'zod'
import type { Chunk } from './campaign.ts'
import type { Shown } from './novelty.ts'

const estimate = {
  schedules: z.int(),
  /** Of these, those that showed something which no other schedule of the run did. */
  alone: z.int(),
  /** That the next schedule shows something new: 90 % interval of the probability. */
  low: z.number(),
  high: z.number(),
}

export const leftSchema = z.strictObject({
  ...estimate,
  biases: z.array(z.strictObject({ name: z.string(), ...estimate })),
  /** What the first so many schedules showed, all biases and modes in turns. */
  curve: z.array(z.strictObject({ schedules: z.int(), things: z.int(), cells: z.int() })),
})
export type Left = z.infer<typeof leftSchema>

/** At most one of a hundred schedules more is expected to show something new, at the upper end of the interval. */
const ENOUGH = 0.01

export const tooSmall = (l: Pick<Left, 'high'>): boolean => l.high > ENOUGH

const percent = (p: number): string => `${Number((100 * p).toPrecision(2))}`

export const chanceText = (l: Pick<Left, 'low' | 'high'>): string => `${percent(l.low)}–${percent(l.high)} %`

/** One line, which says by itself whether the run is large enough. */
export const leftText = (l: Left): string =>
  `the next schedule shows something new with probability ${chanceText(l)}; ${tooSmall(l) ? 'the run is too small' : 'the run is large enough'} (at most ${percent(ENOUGH)} %)`

/** The probability of at most `n` where `mean` are expected; by logarithms, as e^-mean may be too small for a number. */
const poisson = (n: number, mean: number): number => {
  let [log, sum] = [-mean, Math.exp(-mean)]
  for (let k = 1; k <= n; k++) {
    log += Math.log(mean / k)
    sum += Math.exp(log)
  }
  return sum
}

/** Where a decreasing function of the mean has this value. */
const meanWhere = (of: (mean: number) => number, value: number, most: number): number => {
  let [low, high] = [0, most]
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2
    if (of(middle) > value) low = middle
    else high = middle
  }
  return high
}

/** The exact 90 % interval of the mean of a Poisson variable that was seen to be `n`. */
export const interval = (n: number): readonly [low: number, high: number] => {
  const most = n + 10 * Math.sqrt(n) + 10
  const at = (count: number, value: number): number => meanWhere((mean) => poisson(count, mean), value, most)
  return [n === 0 ? 0 : at(n - 1, 0.95), at(n, 0.05)]
}

/** `twice`: schedules that were the first of two to show something. */
const estimated = (alone: number, twice: number, schedules: number): Omit<Left, 'biases' | 'curve'> => {
  const wider = Math.sqrt(1 + (2 * twice) / Math.max(1, alone))
  const [low, high] = interval(alone).map((mean) => Math.max(0, alone + (mean - alone) * wider)) as [number, number]
  const probability = (mean: number): number => Number(Math.min(1, mean / Math.max(1, schedules)).toPrecision(3))
  return { schedules, alone, low: probability(low), high: probability(high) }
}

const STEPS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1]
const cellOf = (thing: string): string => thing.replace(/: .* > /, ': ')

/** `chunks`: the random ones that were played; `shown`: by bias. */
export const leftOf = (shown: Readonly<Record<string, Shown>>, chunks: readonly Chunk[]): Left => {
  const begins = new Map<number, number>() // chunk -> place of its first schedule among those of its bias and mode
  const played = new Map<string, number>()
  for (const c of chunks) {
    if (!('profile' in c)) continue
    const kind = `${c.mode} ${c.profile}`
    begins.set(c.index, played.get(kind) ?? 0)
    played.set(kind, (played.get(kind) ?? 0) + c.runs)
  }
  const names = [...new Set(chunks.flatMap((c) => ('profile' in c ? [c.profile] : [])))]
  const seen = names.flatMap((name) => Object.entries(shown[name] ?? {}).map(([thing, at]) => ({ name, thing, at })))
  const times = new Map<string, number>()
  const first = new Map<string, number>() // thing -> schedules of each bias and mode until it was shown
  for (const { thing, at } of seen) {
    const [n, chunk, nth] = at
    times.set(thing, (times.get(thing) ?? 0) + n)
    const place = begins.get(chunk)! + nth + 1
    first.set(thing, Math.min(first.get(thing) ?? place, place))
  }
  /** Distinct schedules of a bias that were the first to show something that so many of the run showed. */
  const firstOf = (name: string, count: number): number => {
    const mine = seen.filter((s) => s.name === name && times.get(s.thing) === count)
    return new Set(mine.map(({ at: [, chunk, nth] }) => `${chunk} ${nth}`)).size
  }
  const schedulesOf = (name: string): number =>
    [...played].reduce((sum, [kind, n]) => (kind.endsWith(` ${name}`) ? sum + n : sum), 0)
  const counts = names.map((name) => ({
    name,
    alone: firstOf(name, 1),
    twice: firstOf(name, 2),
    schedules: schedulesOf(name),
  }))
  const sum = (of: (c: (typeof counts)[number]) => number): number => counts.reduce((x, c) => x + of(c), 0)
  const biases = counts.map((c) => ({ name: c.name, ...estimated(c.alone, c.twice, c.schedules) }))
  const each = Math.max(0, ...played.values())
  const curve = STEPS.map((step) => {
    const until = Math.ceil(step * each)
    const things = [...first].filter(([, place]) => place <= until).map(([thing]) => thing)
    const schedules = [...played.values()].reduce((x, n) => x + Math.min(n, until), 0)
    return { schedules, things: things.length, cells: new Set(things.map(cellOf)).size }
  })
  const all = estimated(
    sum((c) => c.alone),
    sum((c) => c.twice),
    sum((c) => c.schedules),
  )
  return { ...all, biases, curve }
}
