/**
 * Loaded first by whatever start.mjs starts as a command: before src, which may be broken too. From here on this process
 * ends, speaks and computes as it does now.
 */
import { end, exitBy } from '../terminal/ending.ts'
import { sealRealm } from './realm.ts'

const MUTED: ReadonlySet<string> = new Set(['end', 'cork', 'removeAllListeners'])

/** Every function of a stream is its own from now on, and those do nothing that would end or hold it. */
const lockStream = (out: NodeJS.WriteStream): void => {
  for (let of: object = out; of !== Object.prototype; of = Object.getPrototypeOf(of) as object)
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(of)))
      if (typeof value === 'function' && name !== 'constructor' && (of === out || !Object.hasOwn(out, name)))
        Object.defineProperty(out, name, { value: MUTED.has(name) ? () => out : value, writable: false })
}

const emit = process.emit.bind(process) as (name: string, ...args: unknown[]) => boolean
const really = process as unknown as { reallyExit(code: unknown): never }
exitBy(really.reallyExit.bind(process))
really.reallyExit = end
process.emit = ((name: string, ...args: unknown[]) => (name === 'exit' ? end(args[0]) : emit(name, ...args))) as never
for (const out of [process.stdout, process.stderr]) lockStream(out)
sealRealm()
