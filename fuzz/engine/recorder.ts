/**
 * The flight recorder of a fuzzing process: the input being executed lies in memory shared with a thread that does
 * nothing but watch. If an execution does not end, the thread writes the input to a file, where the parent finds it, and
 * kills the process. A thread, because the process itself is stuck; plain JavaScript, because threads cannot load
 * TypeScript under tsx.
 */
import { Worker } from 'node:worker_threads'

const SEQUENCE = 0 // odd while something is executed
const LENGTH = 1
const EXECUTION = 2
const WORDS = 3

const WAITING = 10 // times the limit, for an execution that waits; a busy machine makes an honest one wait too

const WATCH = `
const { workerData: { shared, limit, file, words } } = require('node:worker_threads')
const { renameSync, writeFileSync, writeSync } = require('node:fs')
const state = new Int32Array(shared, 0, words)
const cpu = () => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}
const tick = Math.min(100, limit / 4)
let last = -1
let waited = 0
let spent = 0
setInterval(() => {
  const sequence = Atomics.load(state, ${SEQUENCE})
  if (sequence !== last || sequence % 2 === 0) {
    last = sequence
    waited = 0
    spent = cpu()
    return
  }
  waited += tick // by ticks: none come while the whole process is suspended
  if (waited >= limit && (cpu() - spent >= limit || waited >= ${WAITING} * limit)) {
    const data = new Uint8Array(shared, 4 * words, state[${LENGTH}])
    const record = JSON.stringify({ execution: state[${EXECUTION}], data: Buffer.from(data).toString('base64') })
    try {
      writeFileSync(file + '.part', record)
      renameSync(file + '.part', file)
    } catch (e) {
      // The other thread is stuck, so nothing else can say it.
      writeSync(2, file + ': expected a place for an input that does not end, got ' + e.message + '\\n' + record + '\\n')
    }
    process.kill(process.pid, 'SIGKILL')
  }
}, tick)
`

/**
 * `limitMs`: an execution that takes more processor time, or ten times that of waiting, is written to `file`, as JSON, and
 * is the last one. `maxBytes`: the longest input.
 */
export const recorderOf = (maxBytes: number, limitMs: number, file: string) => {
  const shared = new SharedArrayBuffer(4 * WORDS + maxBytes)
  const state = new Int32Array(shared, 0, WORDS)
  const bytes = new Uint8Array(shared, 4 * WORDS)
  const workerData = { shared, limit: limitMs, file, words: WORDS }
  new Worker(WATCH, { eval: true, execArgv: [], workerData }).unref()
  return {
    /** An execution begins; the one before has ended. */
    begin(data: Uint8Array, execution: number): void {
      bytes.set(data.length > maxBytes ? data.subarray(0, maxBytes) : data)
      state[LENGTH] = Math.min(data.length, maxBytes)
      state[EXECUTION] = execution
      Atomics.store(state, SEQUENCE, (Atomics.load(state, SEQUENCE) + 2) | 1)
    },
    /** Nothing is executed any more. */
    end: (): void => void Atomics.store(state, SEQUENCE, (Atomics.load(state, SEQUENCE) + 1) & ~1),
  }
}
