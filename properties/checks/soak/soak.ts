/** A soak from its first connection to its last figure, and its options. */
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises'
import { z } from 'zod'
import { integer, modeOption, seedOption } from '../../harness/terminal/options.ts'
import { type Burst, burst, type Lane, Wire } from './burst.ts'
import {
  type Answer,
  Child,
  ChildFailed,
  type HostileAsk,
  type HostileReply,
  type NewcomerAsk,
  type NewcomerReply,
  type ServerAsk,
  type ServerReply,
  type Usage,
} from './child.ts'
import { type Figures, newFigures } from './figures.ts'
import { Oracle } from './oracle.ts'
import { HOST, MOST_CLIENTS, type Phase, participantsOf, phasesOf, Times } from './plan.ts'
import { Steady } from './steady.ts'

const PATIENCE_MS = 10_000 // PROTOCOL §6: for a response
const PROBLEMS = 20 // that are told
const HOSTILE_KINDS = 8
const GATHER_MS = 20_000 // for each kind of hostile peer to have begun
const IDLE_MS = 50

export const OPTIONS = z.strictObject({
  clients: integer({ says: `honest clients, 1..${MOST_CLIENTS}`, min: 1, max: MOST_CLIENTS, default: 100 }),
  rounds: integer({ says: 'rounds of each; half of them under attack', min: 2, max: 1_000_000, default: 640 }),
  hostile: integer({ says: 'hostile peers, 0..2000', min: 0, max: 2_000, default: 70 }),
  seed: seedOption(20_261_123),
  mode: modeOption(),
  'answer-ms': integer({
    says: 'the longest that a new honest client may wait',
    min: 1,
    max: 600_000,
    default: 1_000,
  }),
})
export type SoakOptions = z.output<typeof OPTIONS>

/** Bursts of one kind. */
class Pace {
  exchanges = 0
  ms = 0
  serverCpuUs = 0
  readonly latencies = new Times()

  add(o: Pace): void {
    this.exchanges += o.exchanges
    this.ms += o.ms
    this.serverCpuUs += o.serverCpuUs
  }
}

interface Requests extends Lane {
  readonly client: Steady
}

export class Soak {
  readonly figures: Figures
  /** What goes on. */
  doing = 'starting'
  readonly #options: SoakOptions
  readonly #signal: AbortSignal
  readonly #participants
  readonly #oracle: Oracle
  readonly #server: Child<ServerAsk, ServerReply>
  #hostile: Child<HostileAsk, HostileReply> | null = null
  #newcomer: Child<NewcomerAsk, NewcomerReply> | null = null
  readonly #paces = { 'warm-up': new Pace(), calm: new Pace(), echo: new Pace(), attack: new Pace() }
  readonly #journal: Uint32Array[] = [] // what the oracle has not taken yet
  readonly #visits: Answer[] = [] // of the newcomer, not judged yet
  #clients: Steady[] = []
  #echoes: Wire[] = []
  #due = 0 // honest rounds that were sent, or could not be

  /** `signal`: to come to an end. */
  constructor(options: SoakOptions, signal: AbortSignal) {
    this.figures = newFigures(options['answer-ms'])
    this.#options = options
    this.#signal = signal
    this.#participants = participantsOf(options.clients)
    const { steady, newcomer } = this.#participants
    this.#oracle = new Oracle(options.seed, (id) => id <= steady.length || id === newcomer)
    this.#server = new Child('the server', './server-process.ts', (reply) => {
      if (reply.kind === 'journal') this.#journal.push(reply.entries)
    })
  }

  get #stopped(): boolean {
    return this.#signal.aborted
  }

  /** Resolves when everything has ended; the figures are complete then. */
  async run(): Promise<void> {
    try {
      await this.#soak()
    } catch (e) {
      if (!(e instanceof ChildFailed)) throw e
      this.#problem(e.message)
    } finally {
      this.figures.lost = this.#due - this.figures.answered
      for (const child of [this.#hostile, this.#newcomer, this.#server]) child?.end()
      for (const wire of [...this.#clients.map((client) => client.wire), ...this.#echoes]) wire.close()
      for (const [name, { exchanges, ms, serverCpuUs, latencies }] of Object.entries(this.#paces)) {
        if (exchanges === 0) continue
        const [p50Ms, p99Ms] = [latencies.percentile(50), latencies.percentile(99)]
        const [perSecond, cpuUs] = [(exchanges * 1_000) / ms, serverCpuUs / exchanges]
        this.figures.paces.push({ name, exchanges, perSecond, p50Ms, p99Ms, cpuUs })
      }
    }
  }

  async #soak(): Promise<void> {
    const { rounds, hostile, seed, mode } = this.#options
    const { port, echoPort, rss } = await this.#server.ask({ ask: 'start', mode }, 'listening')
    this.figures.server.startRss = rss
    await this.#join(port, echoPort)
    this.#newcomer = new Child('the newcomer', './newcomer-process.ts', ({ figures, answers }) => {
      this.figures.newcomer = figures
      this.#visits.push(...answers)
    })
    this.#newcomer.tell({ ask: 'start', port, mode, seed, id: this.#participants.newcomer })
    const phases = phasesOf(rounds, hostile)
    for (const [i, phase] of phases.entries()) {
      if (this.#stopped) break
      if (phase.kind === 'attack' && this.#hostile === null) await this.#attack(port)
      this.doing = `${phase.kind}, burst ${i + 1} of ${phases.length}`
      await this.#play(phase)
    }
    this.figures.interrupted = this.#stopped
    await this.#finish()
  }

  async #join(port: number, echoPort: number): Promise<void> {
    const { seed, mode } = this.#options
    this.#clients = this.#participants.steady.map((id) => new Steady(id, seed, mode, port))
    const wrong = await Promise.all(this.#clients.map((client) => client.join(PATIENCE_MS)))
    for (const [i, why] of wrong.entries())
      if (why !== null) this.#problem(`client ${this.#clients[i]!.id}, handshake: ${why}`)
    this.#echoes = this.#clients.map(() => new Wire(HOST, echoPort))
  }

  /** Starts the hostile peers; resolves when each kind has begun. */
  async #attack(port: number): Promise<void> {
    const { seed, mode, hostile: peers } = this.#options
    const { insiders, steady: held } = this.#participants
    this.doing = 'hostile peers gather'
    const hostile = new Child<HostileAsk, HostileReply>('the hostile peers', './hostile-process.ts', ({ times }) => {
      this.figures.hostile = { ...times }
    })
    this.#hostile = hostile
    hostile.tell({ ask: 'start', port, mode, seed, peers, insiders, held })
    const kinds = Math.min(peers, HOSTILE_KINDS)
    for (let ms = 0; ms < GATHER_MS && Object.keys(this.figures.hostile).length < kinds; ms += IDLE_MS) {
      if (this.#stopped) return
      hostile.check()
      await sleep(IDLE_MS)
    }
  }

  /** A burst of rounds; in peace also the echo of its frames. Then everything that came is judged. */
  async #play({ kind, rounds }: Phase): Promise<void> {
    const { figures } = this
    const lanes: Requests[] = []
    for (const client of this.#clients) {
      const requests = client.prepare(rounds)
      if (requests.length > 0) lanes.push({ client, wire: client.wire, requests })
      await turn()
    }
    const due = this.#due + this.#clients.length * rounds
    const { heard, pace } = await this.#measured(this.#paces[kind], lanes, {
      sent: () => this.#due++,
      answered: () => figures.answered++,
    })
    if (!this.#stopped) this.#due = due
    if (kind !== 'attack' && !this.#stopped) await this.#echo(kind, lanes, pace)
    const answers: Answer[] = []
    for (const [i, { client, requests }] of lanes.entries()) {
      const { frames, sentAt, gotAt, wrong } = heard[i]!
      const { verified, wrong: refused } = client.verify(requests, frames)
      figures.answered -= frames.length - verified.length
      for (const [n, v] of verified.entries())
        answers.push({ port: client.wire.port, id: client.id, ...v, sentAt: sentAt[n]!, gotAt: gotAt[n]! })
      if (refused !== null) this.#problem(refused)
      else if (wrong !== null) this.#problem(`client ${client.id}: ${wrong}`)
      await turn()
    }
    figures.lost = this.#due - figures.answered
    await this.#judge(answers)
  }

  async #echo(kind: Phase['kind'], lanes: readonly Lane[], rounds: Pace): Promise<void> {
    const into = kind === 'calm' ? this.#paces.echo : new Pace()
    const echoed = lanes.map(({ requests }, i) => ({ wire: this.#echoes[i]!, requests }))
    const { pace } = await this.#measured(into, echoed, { sent: () => {}, answered: () => {} })
    if (kind !== 'calm' || this.#stopped) return
    const ratio = (what: 'ms' | 'serverCpuUs'): number =>
      pace[what] / pace.exchanges / (rounds[what] / rounds.exchanges)
    const { cpuUs: cryptoUs } = await this.#server.ask({ ask: 'crypto' }, 'crypto')
    const least = ratio('serverCpuUs') + cryptoUs / (rounds.serverCpuUs / rounds.exchanges)
    this.figures.ratios.push({ speed: ratio('ms'), cpu: ratio('serverCpuUs'), least, cryptoUs })
  }

  /** A burst, what it cost the server, and that added to a pace. */
  async #measured(
    into: Pace,
    lanes: readonly Lane[],
    counted: { readonly sent: () => void; readonly answered: () => void },
  ): Promise<{ heard: Burst['answers']; pace: Pace }> {
    const pace = new Pace()
    const before = await this.#usage()
    const { ms, answers: heard } = await burst(lanes, {
      patienceMs: PATIENCE_MS,
      stopped: () => this.#stopped,
      sent: counted.sent,
      answered: (ms) => {
        pace.exchanges++
        into.latencies.add(ms)
        counted.answered()
      },
    })
    pace.ms = ms
    pace.serverCpuUs = (await this.#usage()).cpuUs - before.cpuUs
    into.add(pace)
    return { heard, pace }
  }

  /** Judges answers of clients, and those of the newcomer so far. */
  async #judge(answers: readonly Answer[]): Promise<void> {
    await this.#newcomer?.ask({ ask: 'visits' }, 'visits')
    const all = [...answers, ...this.#visits.splice(0)] // before the journal, which then has all of them
    await this.#usage()
    for (const part of this.#journal.splice(0)) {
      this.#oracle.take(part)
      await turn()
    }
    this.#oracle.judge(all)
    this.figures.checked = this.#oracle.checked
    for (const problem of this.#oracle.problems.splice(0)) this.#problem(problem)
  }

  /** Asks the server, which sends its journal first. */
  async #usage(): Promise<Usage> {
    const usage = await this.#server.ask({ ask: 'usage' }, 'usage')
    const { server } = this.figures
    this.figures.server = { ...server, peakRss: usage.peakRss, ended: { ...usage.ended } }
    for (const trouble of usage.troubles) this.#problem(`the server could not accept a connection: ${trouble}`)
    return usage
  }

  async #finish(): Promise<void> {
    this.doing = 'finishing'
    await this.#newcomer?.ask({ ask: 'stop' }, 'visits')
    this.#hostile?.end()
    await this.#judge([])
    if (this.#oracle.unanswered > 0 && this.figures.problems.length === 0)
      this.#problem(`${this.#oracle.unanswered} DATA of honest clients were accepted, and their answers never came`)
    for (const client of this.#clients) client.leave()
  }

  #problem(text: string): void {
    const { problems } = this.figures
    if (problems.length < PROBLEMS) problems.push(text)
  }
}
