/**
 * A program with which lines are exchanged in turn, blocking: named pipes, since those of a child process cannot be read
 * without the event loop. A watchdog thread kills it where a call takes too long, so a read always ends.
 */
import { spawn, spawnSync } from 'node:child_process'
import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  writeSync,
} from 'node:fs'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { atEnd } from '../terminal/ending.ts'
import { cut } from '../terminal/text.ts'

/** It crashed, hung, or said what cannot be understood; the message is one line. */
export class AdapterError extends Error {
  override readonly name = 'AdapterError'
}

/** ms that a program may take to start and to answer `init`, and to answer any other call. */
export const adapterLimits = { startMs: 20_000, callMs: 5_000 }

const MAX_LINE = 1 << 20 // bytes
const MAX_LOG = 1 << 20 // bytes of standard error that are kept
const TOLD = 3 // last lines of standard error in a message

/** Cells of the memory shared with the watchdog: calls begun, calls ended, whether it fired, ms that one may take. */
const [BEGUN, ENDED, FIRED, PATIENCE] = [0, 1, 2, 3]

const WATCHDOG = `
const all = new Set()
require('node:worker_threads').parentPort.on('message', (w) => all.add({ ...w, seen: 0, since: 0 }))
setInterval(() => {
  for (const w of all) {
    const [begun, ended, , patience] = w.cells
    if (ended < 0) all.delete(w)
    else if (begun === ended) w.seen = 0
    else if (w.seen !== begun) Object.assign(w, { seen: begun, since: performance.now() })
    else if (performance.now() - w.since >= patience) {
      Atomics.store(w.cells, ${FIRED}, 1)
      all.delete(w)
      try { process.kill(-w.pid, 'SIGKILL') } catch {}
    }
  }
}, 20)`

let watchdog: Worker | null = null
const watch = (pid: number, cells: Int32Array): void => {
  if (watchdog === null) {
    watchdog = new Worker(WATCHDOG, { eval: true, execArgv: [] })
    watchdog.unref()
  }
  watchdog.postMessage({ pid, cells })
}

/** Descriptor 3 ends with this process, however that ends, and the group with it: a program in a loop would go on. */
const SHELL = '(read -r _; kill -KILL 0) <&3 >/dev/null 2>&1 & /bin/sh -c "$0" 3<&-; echo $? > "$1"'

const live = new Set<Child>()
atEnd(() => {
  for (const c of live) c.kill()
})

const MOST_QUOTED = 80 // characters
/** A part of what it said, as JSON has it, so that it stays in one line. */
export const quoted = (text: string): string => JSON.stringify(cut(text, MOST_QUOTED))

/** Those that run, by purpose and command: a schedule begins with `init`, so they are started once. */
const running = new Map<string, Child>()

const MOST_ENDS = 64
/** How many schedules each ended in, less those that it lived through; a client that lives makes no server live. */
const ends = new Map<string, number>()

/** Throws where programs end in most schedules: to start them again and again takes longer than all the rest. */
export const stillLives = (): void => {
  if (Math.max(...ends.values()) >= MOST_ENDS)
    throw new AdapterError(`it ended in most schedules, ${MOST_ENDS} times more often than not: not started again`)
}

/** The program that runs for this purpose; started where none does. Throws an AdapterError where it cannot be. */
export const programFor = (purpose: string, command: string): Child => {
  const name = `${purpose} ${command}`
  const known = running.get(name)
  if (known !== undefined) ends.set(name, Math.max(0, (ends.get(name) ?? 0) + (known.alive ? -1 : 1)))
  const child = known?.alive ? known : new Child(command)
  running.set(name, child)
  child.tidy()
  return child
}

/** Ends every program that was started for this command. */
export const stopAdapters = (command: string): void => {
  for (const [name, child] of running) if (name.endsWith(` ${command}`)) child.kill()
}

export class Child {
  /** Lines of its standard output that were read. */
  lines = 0
  alive = true
  /** Why it is not, where it failed. */
  failure = 'it was stopped'
  readonly #pid: number
  readonly #folder: string
  readonly #toIt: number
  readonly #fromIt: number
  readonly #log: number
  readonly #lifeline: Socket
  readonly #cells = new Int32Array(new SharedArrayBuffer(16))
  readonly #chunk = Buffer.alloc(1 << 16)
  #held = Buffer.alloc(0)
  #asked = 'its start'

  /** Starts `command` in a shell, in this folder. Throws an AdapterError where it cannot. */
  constructor(command: string) {
    this.#folder = mkdtempSync(join(tmpdir(), 'gauntlet-adapter-'))
    const [input, output, log] = ['in', 'out', 'log'].map((name) => join(this.#folder, name)) as [
      string,
      string,
      string,
    ]
    if (spawnSync('mkfifo', [input, output]).status !== 0) throw new AdapterError('named pipes: mkfifo failed')
    // Opening one end waits for the other, unless somebody holds both.
    const both = [input, output].map((name) => openSync(name, constants.O_RDWR))
    const its = [openSync(input, 'r'), openSync(output, 'w')] as const
    this.#toIt = openSync(input, 'w')
    this.#fromIt = openSync(output, 'r')
    this.#log = openSync(log, 'a')
    for (const fd of both) closeSync(fd)
    const child = spawn('/bin/sh', ['-c', SHELL, command, join(this.#folder, 'status')], {
      stdio: [...its, this.#log, 'pipe'],
      detached: true, // a group of its own, so that whatever it starts ends with it
    })
    for (const fd of its) closeSync(fd)
    child.on('error', () => {})
    child.unref()
    if (child.pid === undefined) throw new AdapterError('/bin/sh cannot be started')
    this.#pid = child.pid
    this.#lifeline = child.stdio[3] as Socket
    this.#lifeline.unref()
    live.add(this)
    watch(this.#pid, this.#cells)
  }

  /** A call begins, which may take `patience` ms. `what` it is, for messages. */
  begin(what: string, patience: number): void {
    if (this.#held.length > 0)
      this.fail(
        `line ${this.lines + 1}: expected nothing before the next call, got ${quoted(String(this.#held))} after ${this.#asked} was closed`,
      )
    this.#asked = what
    this.#cells[PATIENCE] = patience
    Atomics.add(this.#cells, BEGUN, 1)
  }

  end(): void {
    Atomics.add(this.#cells, ENDED, 1)
  }

  write(line: string): void {
    const bytes = Buffer.from(`${line}\n`)
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#toIt, bytes, at)
    } catch {
      this.#ended()
    }
  }

  /** The next line, without its end. Throws an AdapterError where there is none. */
  read(): Buffer {
    let from = 0
    for (;;) {
      const end = this.#held.indexOf(10, from)
      if (end >= 0) {
        const line = this.#held.subarray(0, end)
        this.#held = this.#held.subarray(end + 1)
        this.lines++
        return line
      }
      if (this.#held.length > MAX_LINE)
        this.fail(
          `line ${this.lines + 1}, column ${MAX_LINE}: expected the end of the line, got ${quoted(String(this.#held.subarray(0, 99)))} and more than ${MAX_LINE} bytes`,
        )
      from = this.#held.length
      const n = readSync(this.#fromIt, this.#chunk)
      if (n === 0) this.#ended()
      this.#held = Buffer.concat([this.#held, this.#chunk.subarray(0, n)])
    }
  }

  /** Throws an AdapterError, with the last lines of standard error; it is killed. */
  fail(why: string): never {
    const said = this.#said()
    this.kill()
    this.failure = `${why}${said === '' ? '' : `; its standard error ends: ${said}`}`
    throw new AdapterError(this.failure)
  }

  kill(): void {
    if (!this.alive) return
    this.alive = false
    live.delete(this)
    Atomics.store(this.#cells, ENDED, -1)
    try {
      process.kill(-this.#pid, 'SIGKILL')
    } catch {} // it has ended
    this.#lifeline.destroy()
    for (const fd of [this.#toIt, this.#fromIt, this.#log]) closeSync(fd)
    rmSync(this.#folder, { recursive: true, force: true })
  }

  /** Standard error must not grow for ever. */
  tidy(): void {
    if (fstatSync(this.#log).size > MAX_LOG) ftruncateSync(this.#log)
  }

  #ended(): never {
    const hung = Atomics.load(this.#cells, FIRED) === 1
    const line = `line ${this.lines + 1}`
    const expected = `expected an answer to ${this.#asked}`
    const got = hung ? `none within ${this.#cells[PATIENCE]} ms` : this.#status()
    if (this.#held.length === 0) this.fail(`${line}: ${expected}, got ${got}`)
    const rest = String(this.#held)
    this.fail(
      `${line}, column ${rest.length + 1}: expected the end of the line, got ${quoted(rest)} and then ${hung ? `nothing for ${this.#cells[PATIENCE]} ms` : this.#status()}`,
    )
  }

  #status(): string {
    let code = Number.NaN
    try {
      code = Number(readFileSync(join(this.#folder, 'status'), 'utf8'))
    } catch {} // somebody killed the shell as well
    if (Number.isNaN(code)) return 'the end of the program'
    return code > 128 ? `the end of the program by signal ${code - 128}` : `exit code ${code}`
  }

  #said(): string {
    const lines = readFileSync(join(this.#folder, 'log'), 'utf8')
      .split('\n')
      .filter((l) => l.trim() !== '')
    return lines.slice(-TOLD).map(quoted).join(', ')
  }
}
