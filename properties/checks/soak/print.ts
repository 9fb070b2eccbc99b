/** What a person sees of a soak. Text only; the caller prints it. */
import { median, type Paint, table } from '../../harness/terminal/text.ts'
import { type Figures, type Pace, rssBound, violations } from './figures.ts'
import { participantsOf } from './plan.ts'
import type { SoakOptions } from './soak.ts'

const GOALS = { rate: 10_000, ratio: 0.12 } // on two cores, with 100 clients and nobody hostile

const n = (x: number): string => Math.round(x).toLocaleString('en-US')
const mib = (bytes: number): string => `${n(bytes / 1024 / 1024)} MiB`
const rate = ({ exchanges, ms }: Pace): number => (exchanges * 1_000) / ms
const lostOf = (f: Figures): number => f.lost + f.newcomer.lost

export const headText = (o: SoakOptions): string => {
  const { steady, newcomer, insiders } = participantsOf(o.clients)
  const keys = insiders.length > 0 ? '' : '; no id is left for insiders, so theirs are half-open sessions'
  return [
    `mode ${o.mode}, seed ${o.seed}: ${steady.length} clients x ${n(o.rounds)} rounds`,
    `client ${newcomer} comes anew every 200 ms`,
    o.hostile === 0 ? 'nobody is hostile' : `half of the rounds under attack by ${o.hostile} hostile peers${keys}`,
  ].join('\n')
}

/** The line that lives while it runs. */
export const liveText = (doing: string, f: Figures, seconds: number): string => {
  const { newcomer, server } = f
  return `${n(seconds)} s  ${doing}: ${n(f.answered)} rounds, ${n(lostOf(f))} lost, ${n(f.checked)} aggregates checked, newcomer ${n(newcomer.longestMs)} ms at most, server ${mib(server.peakRss)} at most`
}
const paceTable = (f: Figures): string => {
  const warmUp = f.paces.calm.exchanges === 0 ? { 'rounds, warm-up': f.paces['warm-up'] } : {}
  const rows = {
    ...warmUp,
    'rounds, calm': f.paces.calm,
    'echo, no crypto': f.paces.echo,
    'rounds, under attack': f.paces.attack,
  }
  const numbers = ['exchanges', 'per second', 'p50 ms', 'p99 ms', 'server CPU µs each']
  return table(
    [{ head: '' }, ...numbers.map((head) => ({ head, right: true }))],
    Object.entries(rows)
      .filter(([, p]) => p.exchanges > 0)
      .map(([name, p]) => [
        name,
        n(p.exchanges),
        n(rate(p)),
        p.latencies.percentile(50).toFixed(1),
        p.latencies.percentile(99).toFixed(1),
        n(p.serverCpuUs / p.exchanges),
      ]),
  )
}

const ratioText = (f: Figures): readonly string[] => {
  if (f.ratios.length === 0) return []
  const of = (what: 'speed' | 'cpu'): string => median(f.ratios.map((r) => r[what])).toFixed(2)
  return [
    `ratio to the echo   ${of('speed')} of its exchanges a second, ${of('cpu')} by the server's CPU time (median of ${f.ratios.length})`,
    `goals               ratio ${GOALS.ratio}; ${n(GOALS.rate)} rounds a second with 100 clients, on two cores with nothing else to do`,
  ]
}

const counts = (of: Readonly<Record<string, number>>): string =>
  Object.entries(of)
    .map(([what, times]) => `${what} ${n(times)}`)
    .join(', ')

/** Everything, at the end. */
export const summaryText = (f: Figures, o: SoakOptions, paint: Paint): string => {
  const { newcomer, server } = f
  const broken = violations(f, o.answerMs)
  const away = newcomer.turnedAway === 0 ? '' : `, turned away before it had submitted ${n(newcomer.turnedAway)} times`
  return [
    paceTable(f),
    ...ratioText(f),
    `honest rounds       ${n(f.answered)} answered, ${n(lostOf(f))} lost`,
    `aggregates          ${n(f.checked)} checked against exact sums`,
    `newcomer            served ${n(newcomer.served)} times within ${n(newcomer.longestMs)} ms at most (limit ${n(o.answerMs)}), half of them within ${n(newcomer.medianMs)}${away}`,
    `this machine        made the newcomer's own timers up to ${n(newcomer.lateMs)} ms late`,
    `server memory       ${mib(server.peakRss)} at most; bound ${mib(rssBound(server.startRss))}: ${mib(server.startRss)} at its start, 64 MiB of garbage, 1,024 sockets of 204 KiB`,
    ...(Object.keys(f.hostile).length === 0 ? [] : [`hostile connections ${counts(f.hostile)}`]),
    `server ended        ${counts(server.ended)}`,
    ...broken.map((b) => paint(b, 'red')),
    verdict(f, broken.length, paint),
  ].join('\n')
}

const verdict = ({ interrupted }: Figures, broken: number, paint: Paint): string => {
  const until = interrupted ? ' until it was interrupted' : ''
  return broken === 0 ? paint(`all held${until}`, 'green') : paint(`NOT all held${until}`, 'red')
}
