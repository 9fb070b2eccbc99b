/**
 * `npm run bench`: what checking costs, as ratios within one run, because absolute times on a shared machine mean
 * little. Each figure is the median of interleaved rounds; one process without helpers of the collector, like those that
 * play for `prop`, so per core.
 */
import type { Event } from '../../spec/events.ts'
import type { Action, End, FrameRef, Schedule } from '../../spec/language.ts'
import { srcSystem } from '../harness/parties/systems.ts'
import { play } from '../harness/play.ts'
import { Player } from '../harness/player.ts'

const c = (n: number): End => ({ side: 'client', n })
const s = (n: number): End => ({ side: 'server', n })
const of = (by: End, nth: number): FrameRef => ({ by, nth })
const send = (frame: FrameRef, to: End): Action => ({ do: 'deliver', frame, to })

/** Twelve primitive actions: a handshake, two rounds, a replay that ends the session, a new run with its handshake. */
const ACTIONS: readonly Action[] = [
  { do: 'connect', client: 0 },
  send(of(c(0), 0), s(0)),
  send(of(s(0), 0), c(0)),
  { do: 'submit', run: 0, values: [10, 20] },
  send(of(c(0), 1), s(0)),
  send(of(s(0), 1), c(0)),
  { do: 'submit', run: 0, values: [30] },
  send(of(c(0), 2), s(0)),
  send(of(s(0), 2), c(0)),
  send(of(c(0), 2), s(0)),
  { do: 'connect', client: 1 },
  send(of(c(1), 0), s(1)),
]

const schedule = (seed: number): Schedule => ({
  version: 1,
  seed,
  mode: 'bound',
  powers: 'N',
  setup: { clients: [1, 2], insiders: [], challenge: 'fresh', startRound: 1, limits: {} },
  actions: ACTIONS,
})

const EACH = 300
const ROUNDS = 9

const measure = (one: (seed: number) => void): number => {
  const start = process.cpuUsage()
  for (let i = 0; i < EACH; i++) one(i)
  const used = process.cpuUsage(start)
  return (used.user + used.system) / EACH // microseconds of this process's own CPU a schedule
}

const median = (xs: readonly number[]): number => [...xs].sort((a, b) => a - b)[Math.floor(xs.length / 2)]!

const nothing = (_: Event): void => {}
const checked = (seed: number): void => void play(schedule(seed), srcSystem)
const unjudged = (seed: number): void => {
  for (const _ of new Player(schedule(seed), srcSystem, nothing).play());
}

const figures = { checked: [] as number[], unjudged: [] as number[] }
for (let round = 0; round <= ROUNDS; round++) {
  const a = measure(checked)
  const b = measure(unjudged)
  if (round === 0) continue // warm-up
  figures.checked.push(a)
  figures.unjudged.push(b)
}
const [all, bare] = [median(figures.checked), median(figures.unjudged)]
process.stdout.write(`schedules of ${ACTIONS.length} actions, bound, real cryptography, ${ROUNDS} rounds of ${EACH}\n`)
process.stdout.write(`  with tracker and all monitors  ${Math.round(1e6 / all)} a second and core\n`)
process.stdout.write(
  `  without monitors               ${Math.round(1e6 / bare)} a second and core, ratio ${(all / bare).toFixed(2)}\n`,
)
