/**
 * A world for one process in which cases of conform are played: connections are in memory, and time passes at once when
 * nothing else is left to do. It takes the place of what Node has, for the rest of the process.
 */
import { createRequire, syncBuiltinESMExports } from 'node:module'
import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'

type Act = () => void
interface Timer {
  at: number
  readonly every: number | null
  readonly act: Act
}

const require = createRequire(import.meta.url)
const immediately = setImmediate

class Clock {
  now = 0
  readonly #timers = new Set<Timer>()
  #turning = false

  start(act: Act, ms: number, every: boolean): Timer {
    const wait = Math.max(1, ms)
    const timer = { at: this.now + wait, every: every ? wait : null, act }
    this.#timers.add(timer)
    this.turn()
    return timer
  }

  stop = (timer: unknown): void => void this.#timers.delete(timer as Timer)

  /** What is due next comes when everything before it has had its effects. */
  turn(): void {
    if (this.#turning || this.#timers.size === 0) return
    this.#turning = true
    immediately(() => {
      this.#turning = false
      let next: Timer | undefined
      for (const t of this.#timers) if (next === undefined || t.at < next.at) next = t
      if (next === undefined) return
      this.now = Math.max(this.now, next.at)
      if (next.every === null) this.#timers.delete(next)
      else next.at += next.every
      next.act()
      this.turn()
    })
  }
}

/** One end of a connection in memory. */
class End extends Duplex {
  other!: End
  readonly remoteAddress = '127.0.0.1'
  readonly remotePort = 1
  #reset = false

  constructor() {
    super({ allowHalfOpen: true })
  }
  override _read(): void {}
  override _write(bytes: Buffer, _: string, done: () => void): void {
    if (this.other.destroyed) this.fail()
    else this.other.push(Buffer.from(bytes))
    done()
  }
  override _final(done: () => void): void {
    if (!this.other.destroyed) this.other.push(null)
    done()
  }
  override _destroy(e: Error | null, done: (e: Error | null) => void): void {
    const { other } = this
    process.nextTick(() => {
      if (this.#reset) other.fail()
      else if (!other.destroyed && !other.readableEnded) other.push(null)
    })
    done(e)
  }
  fail(): void {
    if (!this.destroyed) this.destroy(Object.assign(new Error('reset'), { code: 'ECONNRESET' }))
  }
  resetAndDestroy(): void {
    this.#reset = true
    this.destroy()
  }
  setTimeout(): this {
    return this
  }
  setNoDelay(): this {
    return this
  }
}

class Listener {
  port = 0
  readonly #meet: (socket: Socket) => void
  readonly #ports: Map<number, Listener>

  constructor(meet: (socket: Socket) => void, ports: Map<number, Listener>) {
    this.#meet = meet
    this.#ports = ports
  }
  listen(_: number, __: string, done: Act): this {
    this.port = 1_024
    while (this.#ports.has(this.port)) this.port++
    this.#ports.set(this.port, this)
    process.nextTick(done)
    return this
  }
  address(): { readonly port: number } {
    return { port: this.port }
  }
  meet(socket: End): void {
    this.#meet(socket as unknown as Socket)
  }
  once(): this {
    return this
  }
  close(done?: Act): void {
    this.#ports.delete(this.port)
    if (done !== undefined) process.nextTick(done)
  }
}

export const standStill = (): void => {
  const clock = new Clock()
  const net = require('node:net')
  const promises = require('node:timers/promises')
  const ports = new Map<number, Listener>()
  const timer = (t: Timer) => Object.assign(t, { unref: () => t, ref: () => t })
  Object.assign(globalThis, {
    setTimeout: (act: Act, ms = 1) => timer(clock.start(act, ms, false)),
    setInterval: (act: Act, ms = 1) => timer(clock.start(act, ms, true)),
    clearTimeout: clock.stop,
    clearInterval: clock.stop,
  })
  performance.now = () => clock.now
  Date.now = () => 1_700_000_000_000 + clock.now
  promises.setTimeout = (ms: number, value: unknown, { signal }: { signal?: AbortSignal } = {}) =>
    new Promise((resolve, reject) => {
      const t = clock.start(() => resolve(value), ms, false)
      signal?.addEventListener('abort', () => {
        clock.stop(t)
        reject(signal.reason)
      })
    })
  net.createServer = (first: unknown, second?: (s: Socket) => void) =>
    new Listener(second ?? (first as (s: Socket) => void), ports)
  net.connect = ({ port }: { readonly port: number }) => {
    const [here, there] = [new End(), new End()]
    here.other = there
    there.other = here
    process.nextTick(() => {
      const listener = ports.get(port)
      if (listener === undefined) {
        here.destroy(Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }))
        return
      }
      listener.meet(there)
      here.emit('connect')
    })
    return here
  }
  syncBuiltinESMExports()
}
