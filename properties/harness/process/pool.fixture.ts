/** A worker for the tests of the pool. */
import { execSync } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Child } from '../parties/child.ts'
import { type Beat, type Mark, serve } from './pool.ts'
import { sealRealm } from './realm.ts'

/** Each must be refused aloud; the names of those that were not. */
const replaced = (): string => {
  const attempts: Readonly<Record<string, string>> = {
    'JSON.stringify': 'JSON.stringify = () => ""',
    JSON: 'JSON = {}',
    Date: 'globalThis.Date = class {}',
    'Date.now': 'Date.now = () => 0',
    'Math.random': 'Math.random = () => 0',
    'process.exit': 'process.exit = () => {}',
    'console.log': 'console.log = () => {}',
    console: 'globalThis.console = {}',
    'Map.get': '"use strict"; Map.prototype.get = () => 1',
    'Array.push': '"use strict"; Array.prototype.push = () => 0',
    'by definition': 'Object.defineProperty(JSON, "parse", { value: 1 })',
  }
  const silent = Object.entries(attempts).filter(([, code]) => {
    try {
      new Function(code)()
      return true
    } catch {
      return false
    }
  })
  return silent.map(([name]) => name).join()
}

serve(async (job: string, beat: Beat, mark: Mark): Promise<string> => {
  mark(`in ${job}`)
  switch (job) {
    case 'hang':
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0) // for ever
      break
    case 'die':
      process.exit(3)
      break
    case 'exit':
      process.exit(0)
      break
    case 'kill':
      process.kill(process.pid, 'SIGTERM')
      await new Promise(() => {})
      break
    case 'parent':
      process.kill(process.ppid, 'SIGTERM') // takes itself for it
      await new Promise(() => {})
      break
    case 'group':
      execSync('kill -KILL 0')
      break
    case 'adapter': {
      const file = join(mkdtempSync(join(tmpdir(), 'gauntlet-pool-')), 'goes-on')
      const program = new Child(`echo it runs; while echo . >> ${file}; do sleep 0.05; done`)
      program.read()
      await beat(file)
      process.kill(process.pid, 'SIGKILL')
      await new Promise(() => {})
      break
    }
    case 'iterate':
      Object.getPrototypeOf(new Map().values()).next = () => ({ done: true })
      break
    case 'match':
      RegExp.prototype.exec = () => null
      break
    case 'measure':
      Object.defineProperty(Map.prototype, 'size', { get: () => 0 })
      break
    case 'construct':
      Array.prototype.constructor = () => [] // what `map` and `slice` ask for
      break
    case 'odd':
      throw {
        toString() {
          throw null
        },
      }
    case 'throw':
      throw new Error('thrown', { cause: new Error('deeper') })
    case 'talk':
      for (;;) await beat('more')
    case 'reject':
      void Promise.reject(new Error('late'))
      break
    case 'timer':
      setTimeout(() => {
        throw new Error('later')
      }, 0)
      break
    case 'heap':
      for (const all: object[] = []; ; ) all.push({ one: [1, 2, 3] })
    case 'buffers':
      for (const all: Buffer[] = []; ; ) all.push(Buffer.alloc(1 << 24, 1))
    case 'disconnect':
      process.disconnect()
      await new Promise(() => {})
      break
    case 'print':
      console.log('anything')
      break
    case 'send':
      return `${typeof process.send}`
    case 'ask':
      process.emit('message', 'print', undefined)
      break
    case 'replace':
      return replaced()
    case 'speak':
      await beat('half')
      break
  }
  return `${process.argv[2]} ${job}`
})
sealRealm()
