/** What one play of a case has: a client started for each run, our own port that it comes to, and its reactions in words. */
import { spawn } from 'node:child_process'
import { createServer, type Server } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import type { Follower } from '../../../../spec/dialects/follower.ts'
import { opcodeIn } from '../../../../spec/dialects/opcodes.ts'
import { writeChallenge, writeResponse } from '../../../../spec/dialects/payload.ts'
import type { Header } from '../../../../spec/events.ts'
import { OP, opcodeName } from '../../../../spec/opcodes.ts'
import { same } from '../../../../spec/reference/bytes.ts'
import { endGroup } from '../../../harness/process/programs.ts'
import { type Crossing, Peer } from '../../../harness/target/peer.ts'
import { quoted } from '../../../harness/terminal/invocation.ts'
import { printable } from '../../../harness/terminal/text.ts'
import { Exchange, type Keyed, unframedText } from '../exchange.ts'
import { Prerequisite } from '../trial.ts'

export interface Launched {
  /** How it ended: `exit code 0`, or the name of a signal. */
  readonly ended: Promise<string>
  /** What it printed so far, line by line, fit for a terminal. */
  printed(): readonly string[]
  /** Ends it; nothing of it stays. */
  stop(): void
}

/** Starts a client that connects to `port` of 127.0.0.1 as `id` and submits each of `lines`, then ends. */
export type Launch = (port: number, id: number, lines: readonly string[]) => Launched

const PRINTED = 40 // lines that are kept
const LAST_WORDS_MS = 500

/**
 * A shell command with `{port}` and `{id}` in it. Lines go to its standard input, which then ends; where `{values}`
 * is in it, they are its arguments instead.
 */
export const commandLaunch =
  (command: string): Launch =>
  (port, id, lines) => {
    const said: string[] = []
    const given = command
      .replaceAll('{port}', String(port))
      .replaceAll('{id}', String(id))
      .replaceAll('{values}', lines.map(quoted).join(' '))
    // A group of its own, so that whatever the shell starts ends with it.
    const child = spawn('sh', ['-c', given], { stdio: ['pipe', 'pipe', 'pipe'], detached: true })
    child.stdin.on('error', () => {}) // it may not read
    child.stdin.end(command.includes('{values}') ? '' : lines.map((l) => `${l}\n`).join(''))
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (text: Buffer) => {
        said.push(
          ...text
            .toString()
            .split('\n')
            .filter((l) => l.trim() !== '')
            .map(printable),
        )
        said.splice(0, said.length - PRINTED)
      })
    const ended = new Promise<string>((resolve) => {
      child.on('error', (e) => resolve(e.message))
      child.on('exit', (code, signal) => {
        const how = signal ?? `exit code ${code}`
        // What it printed last may still be on its way; a process that it left behind may hold the pipe for ever.
        child.once('close', () => resolve(how))
        setTimeout(() => resolve(how), LAST_WORDS_MS).unref()
      })
    })
    return {
      ended,
      printed: () => said,
      stop() {
        // What it started may outlive it; and it may have left its group.
        if (!endGroup(child.pid) && child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
      },
    }
  }

/** What every play of a run of conform has. */
export interface Stage extends Keyed {
  readonly launch: Launch
  /** What the client is to submit, a line each. */
  readonly lines: readonly string[]
  /** How long it may wait for what does not come. */
  readonly givesUpMs: number
}

/** What an honest conversation has told of the client. */
export interface Habits {
  /** Silence means something only after so many milliseconds. */
  readonly patienceMs: number
  /** How many of the lines it submits in one run. */
  readonly rounds: number
}

/** One run of the client, as its server sees it. */
export interface Guest {
  readonly id: number
  readonly peer: Peer
  readonly process: Launched
  position: Follower
  /** Frames of the client, in order; the last is what awaits an answer. */
  readonly got: Uint8Array[]
  /** Of its last DATA. */
  values: readonly number[]
}

/** What a client does after a frame. `accepted`: a DATA follows, which an honest client sends only when it took the frame. */
export interface Reaction {
  readonly accepted: boolean
  readonly frame: Uint8Array | null
  readonly open: boolean
  readonly text: string
}

const START_MS = 15_000
const SETTLE_MS = 1_000
const TELLS_MS = 2_000

/** A DATA came where one was due, and is none here: no habit of a client, and nothing that follows is read. */
export class Unread extends Prerequisite {}

export class Host extends Exchange {
  readonly habits: Habits
  readonly givesUpMs: number
  /** Of which DATA a case takes the place of the answer. */
  round = 1
  readonly #lines: readonly string[]
  readonly #launch: Launch
  readonly #id: number
  readonly #server: Server
  readonly #guests: Guest[] = []
  readonly #processes: Launched[] = []
  readonly #waiting: Peer[] = []
  #wake: (() => void) | null = null
  readonly #printed: string[] = []
  #peers = 0
  #challenges = 0

  /** Listens once `open` resolved. */
  constructor(of: Stage, habits: Habits, id: number, random: (bytes: number) => Uint8Array) {
    super(of, random)
    this.#launch = of.launch
    this.#lines = of.lines
    this.givesUpMs = of.givesUpMs
    this.habits = habits
    this.#id = id
    this.#server = createServer({ noDelay: true, allowHalfOpen: true }, (socket) => {
      const n = this.#peers++
      // Drawn as everywhere: from the client to the server is outward.
      const log = (c: Crossing): void => this.crosses({ ...c, inbound: !c.inbound, n })
      this.#waiting.push(Peer.over(socket, this.dialect, log))
      this.#wake?.()
    })
  }

  async open(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(0, '127.0.0.1', resolve)
    })
  }

  /** What crossed, in order, drawn; then what the client printed, once its runs are ended. */
  override get exchange(): readonly string[] {
    return [...super.exchange, ...this.#printed]
  }

  /** A run of the client up to its HELLO. Throws Prerequisite where that does not come. */
  async welcome(): Promise<Guest> {
    const port = (this.#server.address() as { port: number }).port
    const process = this.#launch(port, this.#id, this.#lines)
    this.#processes.push(process)
    const peer = await this.#connection(process)
    const heard = await peer.hear(START_MS)
    const start = this.start(this.#id)
    if (heard.kind !== 'frame')
      throw new Prerequisite(`no HELLO: ${heard.kind === 'closed' ? 'it closes' : heard.kind}`)
    const position = start.after(heard.bytes)
    if (opcodeIn(this.dialect, heard.bytes) !== OP.HELLO || position === start)
      throw new Prerequisite(
        `its first frame is no HELLO of client ${this.#id} under this key and dialect (${opcodeIn(this.dialect, heard.bytes)} of ${heard.bytes.length} bytes)`,
      )
    const guest: Guest = { id: this.#id, peer, process, position, got: [heard.bytes], values: [] }
    this.#guests.push(guest)
    return guest
  }

  async #connection(process: Launched): Promise<Peer> {
    let ended: string | null = null
    void process.ended.then((how) => {
      ended = how
      this.#wake?.()
    })
    const until = performance.now() + START_MS
    for (;;) {
      const peer = this.#waiting.shift()
      if (peer !== undefined) return peer
      const left = until - performance.now()
      const last = process.printed().at(-1)
      const words = last === undefined ? 'it printed nothing' : `it printed: ${last.slice(0, 200)}`
      if (ended !== null) throw new Prerequisite(`it ended before it connected (${ended}); ${words}`)
      if (left <= 0) throw new Prerequisite(`it does not connect within ${START_MS / 1_000} s; ${words}`)
      await Promise.race([pause(left), new Promise<void>((resolve) => (this.#wake = resolve))])
    }
  }

  /** Whether a further connection comes; null: none. */
  async comesAgain(ms: number): Promise<string | null> {
    for (const until = performance.now() + ms; performance.now() < until; await pause(20))
      if (this.#waiting.length > 0) return 'connects again'
    return null
  }

  /** A frame of the server under its current keys, true to the protocol unless `change` or `rawPad` say otherwise. */
  seal(g: Guest, opcode: number, plaintext: Uint8Array, change: Partial<Header> = {}, rawPad?: Uint8Array): Uint8Array {
    return g.position.sealNext('s2c', opcode, plaintext, (bytes) => this.bytes(bytes), change, rawPad)
  }

  challengeText(): Uint8Array {
    // Dialects that tell the time tell another one in each CHALLENGE, however fast they are made.
    const seconds = Date.now() / 1_000 + this.#challenges++
    return writeChallenge(this.dialect, seconds, (count) => this.bytes(count))
  }
  challengeFor(g: Guest): Uint8Array {
    return this.seal(g, OP.CHALLENGE, this.challengeText())
  }

  /** What the last DATA of a run adds up to, as if the client were alone. */
  answerText(g: Guest): Uint8Array {
    return writeResponse(this.dialect, g.values, 1)
  }
  answerFor(g: Guest): Uint8Array {
    return this.seal(g, OP.RESPONSE, this.answerText(g))
  }

  /** An honest frame of the server, after which an honest client submits; throws Prerequisite where it does not. */
  async exchangeWith(g: Guest, frame: Uint8Array): Promise<void> {
    g.peer.send(frame)
    g.position = g.position.after(frame)
    const heard = await g.peer.hear(this.habits.patienceMs)
    const after = `after an honest ${opcodeName(opcodeIn(this.dialect, frame))}`
    if (heard.kind !== 'frame') throw new Prerequisite(`${after}: ${heard.kind}`)
    const next = g.position.after(heard.bytes)
    const opcode = opcodeIn(this.dialect, heard.bytes)
    const came = `${after}: ${opcode} of ${heard.bytes.length} bytes`
    if (opcode !== OP.DATA) throw new Prerequisite(came)
    if (next === g.position)
      throw new Unread(`${came}, a DATA that does not open under the keys and with the round that are due`)
    const { body } = g.position.opens(heard.bytes, 'c2s')
    g.values = body.kind === 'data' ? body.values : []
    g.position = next
    g.got.push(heard.bytes)
  }

  /** A run in which `rounds` DATA have come, the last of them without its answer. */
  async session(rounds = 1): Promise<Guest> {
    const g = await this.welcome()
    await this.exchangeWith(g, this.challengeFor(g))
    for (let i = 1; i < rounds; i++) await this.exchangeWith(g, this.answerFor(g))
    return g
  }

  /** What comes after a strike. */
  async reaction(g: Guest, patienceMs = this.habits.patienceMs): Promise<Reaction> {
    const heard = await g.peer.hear(patienceMs)
    if (heard.kind !== 'frame')
      return { accepted: false, frame: null, open: heard.kind !== 'closed', text: unframedText(heard) }
    const frame = heard.bytes
    const opcode = opcodeIn(this.dialect, frame)
    if (opcode === OP.DATA && g.got.some((f) => same(f, frame)))
      return { accepted: false, frame: null, open: true, text: 'sends the same DATA again' }
    const text = opcode === OP.DATA ? 'goes on with a DATA' : `answers ${opcode} of ${frame.length} bytes`
    return { accepted: opcode === OP.DATA, frame, open: true, text }
  }

  /** How a run ended, in the words of its program; numbers are left out, which differ from run to run. */
  async told({ peer, process }: Guest): Promise<string> {
    peer.leave() // it may wait for that
    const how = await Promise.race([process.ended, pause(TELLS_MS, 'it runs on')])
    return [how, ...process.printed()].join('\n').replace(/(?<!code )\d+/g, '#')
  }

  /** A signal that ended a run, and that nobody here sent; null: none, as far as a moment shows. */
  async endedBySignal(): Promise<string | null> {
    for (const { peer, process } of this.#guests) {
      if (!peer.closed) continue
      peer.leave() // it may wait for that
      const how = await Promise.race([process.ended, pause(SETTLE_MS, null)])
      if (how?.startsWith('SIG')) return how
    }
    return null
  }

  /** Whatever runs is ended. What it printed is part of the exchange. */
  end(): void {
    for (const p of this.#processes) {
      for (const line of p.printed()) this.#printed.push(`prints: ${line}`)
      p.stop()
    }
    for (const g of this.#guests) g.peer.leave()
    for (const p of this.#waiting) p.leave()
    this.#server.close()
  }
}
