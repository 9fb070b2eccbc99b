/** A soak from its first connection to its last figure, and its options. */
import { setImmediate as turn } from 'node:timers/promises'
import { z } from 'zod'
import type { Mode } from '../../../src/index.ts'
import { integer, modeOption } from '../../harness/terminal/options.ts'
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
import { type Figures, newFigures, newPace, type Pace } from './figures.ts'
import { Oracle } from './oracle.ts'
import { MOST_CLIENTS, type Participants, type Phase, participantsOf, phasesOf } from './plan.ts'
import { Steady } from './steady.ts'

const HOST = '127.0.0.1'
const PATIENCE_MS = 10_000 // PROTOCOL §6: for a response
const PROBLEMS = 20 // that are told
const HOSTILE_KINDS = 8
const GATHER_MS = 20_000 // for each kind of hostile peer to have begun

export interface SoakOptions {
  readonly clients: number
  readonly rounds: number // of each client
  readonly hostile: number // peers
  readonly seed: number
  readonly mode: Mode
  readonly answerMs: number // the longest that a newcomer may wait
}

export const OPTIONS = z.strictObject({
  clients: integer({ says: `honest clients, 1..${MOST_CLIENTS}`, min: 1, max: MOST_CLIENTS, default: 100 }),
  rounds: integer({ says: 'rounds of each; half of them under attack', min: 2, max: 1_000_000, default: 640 }),
  hostile: integer({ says: 'hostile peers, 0..2000', min: 0, max: 2_000, default: 70 }),
  seed: integer({ says: '0..4294967295', min: 0, max: 0xffff_ffff, default: 20_261_123 }),
  mode: modeOption(),
  'answer-ms': integer({
    says: 'the longest that a new honest client may wait',
    min: 1,
    max: 600_000,
    default: 1_000,
  }),
})

export interface Watch {
  /** Asked now and then: whether to come to an end. */
  readonly stopped: () => boolean
  /** Told when something begins. */
  readonly now: (doing: string) => void
}

interface Requests {
  readonly client: Steady
  readonly requests: readonly Uint8Array[]
}

interface Counted {
  readonly sent: () => void
  readonly answered: () => void
}

export class Soak {
  readonly figures: Figures = newFigures()
  readonly #options: SoakOptions
  readonly #watch: Watch
  readonly #participants: Participants
  readonly #oracle: Oracle
  readonly #server: Child<ServerAsk, ServerReply>
  #hostile: Child<HostileAsk, HostileReply> | null = null
  #newcomer: Child<NewcomerAsk, NewcomerReply> | null = null
  readonly #journal: Uint32Array[] = [] // what the oracle has not taken yet
  readonly #visits: Answer[] = [] // of the newcomer, not judged yet
  #clients: Steady[] = []
  #echoes: Wire[] = []

  constructor(options: SoakOptions, watch: Watch) {
    this.#options = options
    this.#watch = watch
    this.#participants = participantsOf(options.clients)
    const { steady, newcomer } = this.#participants
    this.#oracle = new Oracle(options.seed, (id) => id <= steady.length || id === newcomer)
    this.#server = new Child('the server', './server-process.ts', (reply) => {
      if (reply.kind === 'journal') this.#journal.push(reply.entries)
    })
  }

  /** Resolves when everything has ended; the figures are complete then. */
  async run(): Promise<void> {
    try {
      await this.#soak()
    } catch (e) {
      if (!(e instanceof ChildFailed)) throw e
      this.#problem(e.message)
    } finally {
      this.figures.lost = this.figures.due - this.figures.answered
      this.#hostile?.end()
      this.#newcomer?.end()
      this.#server.end()
      for (const { wire } of this.#clients) wire.close()
      for (const wire of this.#echoes) wire.close()
    }
  }

  async #soak(): Promise<void> {
    const { rounds, hostile, seed, mode } = this.#options
    this.#watch.now('starting')
    const { port, echoPort, rss } = await this.#server.ask({ ask: 'start', mode }, 'listening')
    this.figures.server.startRss = rss
    await this.#join(port, echoPort)
    this.#newcomer = new Child<NewcomerAsk, NewcomerReply>('the newcomer', './newcomer-process.ts', (visits) =>
      this.#welcome(visits),
    )
    this.#newcomer.tell({ ask: 'start', port, mode, seed, id: this.#participants.newcomer })
    const phases = phasesOf(rounds, hostile)
    for (const [i, phase] of phases.entries()) {
      if (this.#watch.stopped()) break
      if (phase.kind === 'attack' && this.#hostile === null) await this.#attackers(port)
      this.#watch.now(`${phase.kind}, burst ${i + 1} of ${phases.length}`)
      await this.#play(phase)
    }
    this.figures.interrupted = this.#watch.stopped()
    await this.#finish()
  }

  async #join(port: number, echoPort: number): Promise<void> {
    const { seed, mode } = this.#options
    this.#clients = this.#participants.steady.map((id) => new Steady(id, seed, mode, HOST, port))
    const wrong = await Promise.all(this.#clients.map((client) => client.join()))
    for (const [i, why] of wrong.entries())
      if (why !== null) this.#problem(`client ${this.#clients[i]!.id}, handshake: ${why}`)
    this.#echoes = this.#clients.map(() => new Wire(HOST, echoPort))
  }

  /** The hostile peers, until each kind has begun. */
  async #attackers(port: number): Promise<void> {
    const { seed, mode, hostile: peers } = this.#options
    const { insiders, steady: held } = this.#participants
    this.#watch.now('hostile peers gather')
    const hostile = new Child<HostileAsk, HostileReply>('the hostile peers', './hostile-process.ts', ({ times }) => {
      this.figures.hostile = times
    })
    this.#hostile = hostile
    hostile.tell({ ask: 'start', port, mode, seed, peers, insiders, held })
    const until = performance.now() + GATHER_MS
    const kinds = Math.min(peers, HOSTILE_KINDS)
    while (Object.keys(this.figures.hostile).length < kinds && !this.#watch.stopped() && performance.now() < until)
      await this.#idle()
  }

  async #idle(): Promise<void> {
    if (this.#hostile?.failure) throw this.#hostile.failure
    await new Promise((resolve) => setTimeout(resolve, 50))
  }

  /** A burst of rounds; in peace also the echo of its frames. Then everything that came is judged. */
  async #play({ kind, rounds }: Phase): Promise<void> {
    const { figures } = this
    const sets: Requests[] = []
    for (const client of this.#clients) {
      const requests = client.prepare(rounds)
      if (requests.length > 0) sets.push({ client, requests })
      await turn()
    }
    const due = figures.due + this.#clients.length * rounds
    const lanes = sets.map(({ client, requests }) => ({ wire: client.wire, requests }))
    const result = await this.#measured(figures.paces[kind], lanes, {
      sent: () => figures.due++,
      answered: () => figures.answered++,
    })
    if (!this.#watch.stopped()) figures.due = due
    if (kind !== 'attack' && !this.#watch.stopped()) await this.#echo(kind, sets, result.pace)
    const answers: Answer[] = []
    for (const [i, { client, requests }] of sets.entries()) {
      const { frames, sentAt, gotAt, wrong } = result.burst.answers[i]!
      const { verified, wrong: refused } = client.verify(requests, frames)
      figures.answered -= frames.length - verified.length
      for (const [n, v] of verified.entries())
        answers.push({ port: client.wire.port, id: client.id, ...v, sentAt: sentAt[n]!, gotAt: gotAt[n]! })
      if (refused !== null) this.#problem(refused)
      else if (wrong !== null) this.#problem(`client ${client.id}: ${wrong}`)
      await turn()
    }
    figures.lost = figures.due - figures.answered
    await this.#judge(answers)
  }

  async #echo(kind: Phase['kind'], sets: readonly Requests[], rounds: Pace): Promise<void> {
    const into = kind === 'calm' ? this.figures.paces.echo : newPace()
    const lanes = sets.map(({ requests }, i) => ({ wire: this.#echoes[i]!, requests }))
    const { pace } = await this.#measured(into, lanes, { sent: () => {}, answered: () => {} })
    if (kind !== 'calm' || this.#watch.stopped()) return
    const each = (p: Pace, what: 'ms' | 'serverCpuUs'): number => p[what] / p.exchanges
    this.figures.ratios.push({
      speed: each(pace, 'ms') / each(rounds, 'ms'),
      cpu: each(pace, 'serverCpuUs') / each(rounds, 'serverCpuUs'),
    })
  }

  /** A burst, what it cost the server, and that added to a pace. */
  async #measured(into: Pace, lanes: readonly Lane[], counted: Counted): Promise<{ burst: Burst; pace: Pace }> {
    const pace = newPace()
    const before = await this.#usage()
    const result = await burst(lanes, {
      patienceMs: PATIENCE_MS,
      stopped: this.#watch.stopped,
      sent: counted.sent,
      answered: (ms) => {
        pace.exchanges++
        into.latencies.add(ms)
        counted.answered()
      },
    })
    pace.ms = result.ms
    pace.serverCpuUs = (await this.#usage()).cpuUs - before.cpuUs
    into.exchanges += pace.exchanges
    into.ms += pace.ms
    into.serverCpuUs += pace.serverCpuUs
    return { burst: result, pace }
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

  #welcome({ kind: _, answers, ...figures }: NewcomerReply): void {
    this.figures.newcomer = figures
    this.#visits.push(...answers)
  }

  /** Asks the server, which sends its journal first. */
  async #usage(): Promise<Usage> {
    const usage = await this.#server.ask({ ask: 'usage' }, 'usage')
    const { server } = this.figures
    this.figures.server = { ...server, peakRss: usage.peakRss, ended: usage.ended }
    for (const trouble of usage.troubles) this.#problem(`the server could not accept a connection: ${trouble}`)
    return usage
  }

  async #finish(): Promise<void> {
    this.#watch.now('finishing')
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
