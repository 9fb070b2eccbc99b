/**
 * A server over loopback TCP under load: whether it answers in time, exactly, and within its memory. Its figures are
 * measured, so they differ from run to run, and the gate does not ask it.
 */
import { table as markdown } from '../../harness/report/markdown.ts'
import { median, right, table, n as whole } from '../../harness/terminal/text.ts'
import { check } from '../check.ts'
import { type Figures, lostOf, problemsOf, rssBound, schema } from './figures.ts'
import { participantsOf } from './plan.ts'
import { OPTIONS, Soak, type SoakOptions } from './soak.ts'

const LOOK_MS = 100 // between two looks at what there is to show
const GOALS = { rate: 10_000, ratio: 0.12, least: 0.55 } // on two cores, with 100 clients and nobody hostile

const n = (x: number): string => whole(Math.round(x))
const mib = (bytes: number): string => `${n(bytes / 1024 / 1024)} MiB`

const headText = (o: SoakOptions): string => {
  const { steady, newcomer, insiders } = participantsOf(o.clients)
  const keys = insiders.length > 0 ? '' : '; no id is left for insiders, so theirs are half-open sessions'
  return [
    `mode ${o.mode}, seed ${o.seed}: ${steady.length} clients x ${n(o.rounds)} rounds`,
    `client ${newcomer} comes anew every 200 ms`,
    o.hostile === 0 ? 'nobody is hostile' : `half of the rounds under attack by ${o.hostile} hostile peers${keys}`,
  ].join('\n')
}

const liveText = ({ doing, figures: f }: Soak): string =>
  `rounds, ${doing}: ${n(lostOf(f))} lost, ${n(f.checked)} aggregates checked, newcomer ${n(f.newcomer.longestMs)} ms at most, server ${mib(f.server.peakRss)} at most`

const NAMES: Readonly<Record<string, string>> = {
  'warm-up': 'rounds, warm-up',
  calm: 'rounds, calm',
  echo: 'echo, no crypto',
  attack: 'rounds, under attack',
}
const NUMBERS = ['exchanges', 'per second', 'p50 ms', 'p99 ms', 'server CPU µs each']
const COLUMNS = ['', ...right(...NUMBERS)]

/** The warm-up only where nothing else was measured in peace. */
const paceRows = ({ paces }: Figures): string[][] =>
  paces
    .filter((p) => p.name !== 'warm-up' || paces.every((other) => other.name !== 'calm'))
    .map((p) => [NAMES[p.name]!, n(p.exchanges), n(p.perSecond), p.p50Ms.toFixed(1), p.p99Ms.toFixed(1), n(p.cpuUs)])

const ratioText = ({ ratios }: Figures): readonly string[] => {
  if (ratios.length === 0) return []
  const of = (what: keyof (typeof ratios)[number], digits = 2): string =>
    median(ratios.map((r) => r[what])).toFixed(digits)
  return [
    `ratio to the echo   ${of('speed')} of its exchanges a second, ${of('cpu')} by the server's CPU time (median of ${ratios.length})`,
    `and to cryptography ${of('least')} of it goes into the echo of its frames and its cryptographic calls, ${of('cryptoUs', 1)} µs of CPU time a round`,
    `goals               ratios ${GOALS.ratio} and ${GOALS.least}; ${n(GOALS.rate)} rounds a second with 100 clients, on two cores with nothing else to do`,
  ]
}

/** How fast the server was, and what a round cost it, beside the echo and its cryptography. */
export const speedText = (f: Figures): string => [table(COLUMNS, paceRows(f)), ...ratioText(f)].join('\n')

const counts = (of: Readonly<Record<string, number>>): string =>
  Object.entries(of)
    .map(([what, times]) => `${what} ${n(times)}`)
    .join(', ')

const summary = (f: Figures): string =>
  `${n(f.answered)} honest rounds answered, ${n(lostOf(f))} lost, ${n(f.checked)} aggregates checked`

export const soak = check({
  name: 'soak',
  stoppable: true,
  asks: 'Does a server under load, and under attack, answer every honest round in time, exactly and within its memory',
  options: OPTIONS,
  notes: `Starts a server of its own on 127.0.0.1 and puts load on it over TCP. Ctrl-C ends it with the figures so far.
Exit codes: 0 all held, 1 something did not, 2 usage.`,
  schema,
  async run(o, c) {
    c.say(headText(o))
    const run = new Soak(o, c.signal)
    const rounds = participantsOf(o.clients).steady.length * o.rounds
    const showing = setInterval(() => c.progress(run.figures.answered, rounds, liveText(run)), LOOK_MS)
    try {
      await run.run()
    } finally {
      clearInterval(showing)
    }
    return { figures: run.figures, problems: problemsOf(run.figures) }
  },
  summary,
  text(f) {
    const { newcomer, server } = f
    const away =
      newcomer.turnedAway === 0 ? '' : `, turned away before it had submitted ${n(newcomer.turnedAway)} times`
    return [
      speedText(f),
      `honest rounds       ${n(f.answered)} answered, ${n(lostOf(f))} lost`,
      `aggregates          ${n(f.checked)} checked against exact sums`,
      `newcomer            served ${n(newcomer.served)} times within ${n(newcomer.longestMs)} ms at most (limit ${n(f.answerMs)}), half of them within ${n(newcomer.medianMs)}${away}`,
      `this machine        made the newcomer's own timers up to ${n(newcomer.lateMs)} ms late`,
      `server memory       ${mib(server.peakRss)} at most; bound ${mib(rssBound(server.startRss))}: ${mib(server.startRss)} at its start, 64 MiB of garbage, 1,024 sockets of 204 KiB`,
      ...(Object.keys(f.hostile).length === 0 ? [] : [`hostile             ${counts(f.hostile)}`]),
      `server ended        ${counts(server.ended)}`,
    ].join('\n')
  },
  verdict: ({ interrupted }, red) =>
    `${red === 0 ? 'all held' : 'NOT all held'}${interrupted ? ' until it was interrupted' : ''}`,
  sections: (f) => [{ title: 'Soak', body: `${summary(f)}.\n\n${markdown(COLUMNS, paceRows(f))}` }],
})
