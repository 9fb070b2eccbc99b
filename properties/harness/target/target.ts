/**
 * The stranger on trial: somewhere on the network, or a program that is started, and started anew when it ended; and how a
 * command is told where it is.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import type { Dialect } from '../../../spec/dialects/dialect.ts'
import { endGroup } from '../process/programs.ts'
import { custom, flag, text, UsageError } from '../terminal/options.ts'
import { printable } from '../terminal/text.ts'
import { type Address, type Log, Peer, Unreachable } from './peer.ts'

/** What is asked of it, and how gently. */
export interface Reach {
  /** A shell command with `{port}` in it; null: the address is that of a server that runs. */
  readonly start: string | null
  readonly address: Address
  /** New connections a second at most; null: as fast as it goes. */
  readonly rate: number | null
  /** Connections that are open at once, at most. */
  readonly maxConnections: number
}

const HOST = '127.0.0.1'
const START_MS = 15_000
const POLL_MS = 20
const EXIT_MS = 2_000

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, HOST, () => {
      const { port } = probe.address() as { port: number }
      probe.close(() => resolve(port))
    })
  })

export class Target {
  readonly #reach: Reach
  readonly #dialect: Dialect
  #address: Address
  #child: ChildProcess | null = null
  #exit: string | null = null
  #said = ''
  #lastConnect = 0
  #open = 0
  #stays: Peer | null = null
  #company = false
  /** How often it was started anew. */
  restarts = -1

  constructor(reach: Reach, dialect: Dialect) {
    this.#reach = reach
    this.#address = reach.address
    this.#dialect = dialect
  }

  get restartable(): boolean {
    return this.#reach.start !== null
  }
  /** Connections that `open` allows at once: the one that stays, where one has to, is one of those allowed in all. */
  get maxConnections(): number {
    return this.#reach.maxConnections - (this.#company ? 1 : 0)
  }

  /** Where it is; of a program that was started, the last one. */
  get address(): Address {
    return this.#address
  }
  /** Of the program that was started: how it ended; null: it runs, or nobody here started it. */
  get exit(): string | null {
    return this.#exit
  }

  /** Starts the program, where it is one, and waits until its port answers. Throws a UsageError where that never happens. */
  async start(): Promise<void> {
    const { start } = this.#reach
    if (start === null) return
    await this.stop()
    this.restarts++
    const port = await freePort()
    this.#address = { host: HOST, port }
    this.#exit = null
    this.#said = ''
    const child = spawn('sh', ['-c', start.replaceAll('{port}', String(port))], {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true, // a group of its own, so that whatever the shell starts ends with it
    })
    this.#child = child
    for (const stream of [child.stdout!, child.stderr!])
      stream.on('data', (text: Buffer) => {
        this.#said = (this.#said + text.toString()).slice(-2_000)
      })
    child.on('exit', (code, signal) => {
      if (this.#child === child) this.#exit = signal === null ? `exit code ${code}` : signal
    })
    for (const until = performance.now() + START_MS; performance.now() < until; await setTimeout(POLL_MS)) {
      if (this.#exit !== null) throw await this.#unstarted(`--start: expected a server, got ${this.#exit}`)
      try {
        const peer = await Peer.open(this.#address, this.#dialect)
        if (this.#company) this.#stays = peer
        else peer.leave()
        return
      } catch (e) {
        if (!(e instanceof Unreachable)) throw e
      }
    }
    throw await this.#unstarted(`--start: expected a server on port ${port} within ${START_MS / 1_000} s`)
  }

  /** It ends with its last client, so that from now on one connection stays. */
  get company(): boolean {
    return this.#company
  }
  /** Whether the program has ended of itself, and well, which it may do when its last client leaves; it is started anew. Once. */
  async endedAlone(): Promise<boolean> {
    if (this.#company || this.#exit !== 'exit code 0') return false
    this.#company = true
    await this.start()
    return true
  }
  /** The connection that stays is there, where one has to. Throws Unreachable. */
  async accompany(): Promise<void> {
    if (!this.#company) return
    if (this.#exit !== null) await this.start()
    else if (this.#stays?.closed !== false) this.#stays = await Peer.open(this.#address, this.#dialect)
  }

  /** What is left of it would keep this process from its end. */
  async #unstarted(why: string): Promise<UsageError> {
    await this.stop()
    return new UsageError(why + this.#words())
  }

  #words(): string {
    const last = this.#said.trim().split('\n').at(-1) ?? ''
    return last === '' ? ', and it said nothing' : `; it said: ${printable(last).slice(0, 200)}`
  }

  /** Throws Unreachable. */
  async open(log?: Log): Promise<Peer> {
    const { rate } = this.#reach
    if (rate !== null) {
      const wait = this.#lastConnect + 1_000 / rate - performance.now()
      if (wait > 0) await setTimeout(wait)
      this.#lastConnect = performance.now()
    }
    while (this.#open >= this.maxConnections) await setTimeout(POLL_MS)
    const peer = await Peer.open(this.#address, this.#dialect, log)
    this.#open++
    peer.gone.then(() => this.#open--)
    return peer
  }

  /** Whether a connection can be made. */
  async alive(): Promise<boolean> {
    if (this.#exit !== null) return false
    try {
      const peer = await this.open()
      peer.leave()
      return true
    } catch (e) {
      if (!(e instanceof Unreachable)) throw e
      await this.settled()
      return false
    }
  }

  /** A port is gone, and a connection closed, before the system says how the process ended. */
  async settled(): Promise<void> {
    if (this.#child !== null && this.#exit === null)
      await Promise.race([once(this.#child, 'exit'), setTimeout(EXIT_MS)])
  }

  /** Ends the program that was started; nothing of it stays. */
  async stop(): Promise<void> {
    this.#stays?.leave()
    const child = this.#child
    this.#child = null
    if (child?.pid === undefined) return
    const hasEnded = this.#exit !== null // and what it has started may still be there
    const gone = new Promise((resolve) => child.once('exit', resolve))
    if (!endGroup(child.pid) && !hasEnded) child.kill('SIGKILL') // it left its group
    if (!hasEnded) await Promise.race([gone, setTimeout(1_000)])
  }
}

const LOOPBACK = /^(127\.\d+\.\d+\.\d+|localhost|::1)$/

/** An address; `host`: where none is given, null: one must be. `least`: of ports. */
export const addressOption = <D extends Address | null>({
  host,
  least = 1,
  ...told
}: {
  readonly value: string
  readonly says: string
  readonly default: D
  readonly host: string | null
  readonly least?: number
}) =>
  custom(told, (given) => {
    const [, named, digits] = /^(?:(.+):)?(\d{1,5})$/.exec(given) ?? []
    const at = named?.replace(/^\[(.*)\]$/, '$1') ?? host
    const port = Number(digits)
    return at !== null && port >= least && port <= 65_535
      ? { value: { host: at, port } }
      : { expected: `${told.value}, ports ${least}..65535` }
  })

export const reachOptions = {
  connect: addressOption({ value: 'HOST:PORT', says: 'a server that runs', default: null, host: null }),
  start: text({
    value: 'COMMAND',
    says: "starts the server: './server.sh {port}'; again when it ended",
    default: null,
  }),
  'i-own-this-host': flag('allow a host that is not this machine'),
}

export interface AskedReach {
  readonly connect: Address | null
  readonly start: string | null
  readonly 'i-own-this-host': boolean
}

/** Throws a UsageError. */
export const reachOf = (o: AskedReach) => {
  if ((o.connect === null) === (o.start === null))
    throw new UsageError('--connect HOST:PORT or --start COMMAND: expected one of them')
  if (o.start !== null && !o.start.includes('{port}'))
    throw new UsageError(`--start: expected a command with {port} in it, got ${o.start}`)
  if (o.connect !== null && !LOOPBACK.test(o.connect.host) && !o['i-own-this-host'])
    throw new UsageError(`--connect: expected this machine, got ${o.connect.host}; --i-own-this-host allows others`)
  return { start: o.start, address: o.connect ?? { host: '127.0.0.1', port: 0 } }
}
