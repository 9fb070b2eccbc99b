/** Keeps what the harness itself is made of out of the reach of a system that is played in the same process. */
import 'node:worker_threads' // before anything is sealed: loaded for the first time, it replaces process.chdir

const ASSIGNED: ReadonlySet<string> = new Set(['stackTraceLimit', 'prepareStackTrace']) // by tools, and by nobody else

/**
 * None of these functions of `target` (nor objects, where `all`) can be replaced from now on; what can be added stays so.
 * `loud`: the attempt throws even in code that is not strict, at the price of a getter.
 */
const lock = (target: object, loud: (key: string) => boolean, all = false): void => {
  for (const key of Reflect.ownKeys(target)) {
    const d = Reflect.getOwnPropertyDescriptor(target, key)!
    const { value } = d as { value: unknown }
    if (!d.configurable || (typeof key === 'string' && ASSIGNED.has(key))) continue
    if (typeof value !== 'function' && !(all && typeof value === 'object' && value !== null)) continue
    const set = (): never => {
      throw new TypeError(`Cannot replace ${String(key)}: the harness needs it too`)
    }
    const quiet = typeof key === 'symbol' || !loud(key)
    Reflect.defineProperty(target, key, {
      ...(quiet ? { writable: false } : { get: () => value, set }),
      configurable: false,
    })
  }
}

const never = (): boolean => false
const always = (): boolean => true
/** The engine knows the classes of the language by heart as long as they are plain properties. */
const notClass = (key: string): boolean => !/^[A-Z]/.test(key) || ['JSON', 'Math', 'Date', 'Reflect'].includes(key)

/** A class is locked with its prototype, unless instances commonly shadow by assignment what they inherit from it. */
const CLASSES: readonly { readonly prototype: object }[] = [
  ...[Array, Map, Set, WeakMap, WeakSet, String, Number, BigInt, RegExp, Date, Promise],
  ...[ArrayBuffer, DataView, Uint8Array, Float64Array, Buffer],
  Object.getPrototypeOf(Uint8Array) as { readonly prototype: object },
]
const STATIC: readonly object[] = [Object, Function, JSON, Math, Reflect, Atomics, console, performance, process]

/**
 * From now on nobody in this process replaces `JSON`, `Date.now`, `console.log`, `process.exit` and their like: the
 * attempt throws a TypeError, as assignments to constants do. The prototypes of Object, Function and Error stay as they
 * are, since many an instance assigns over what it inherits from these.
 */
export const sealRealm = (): void => {
  for (const name of ['process', 'Buffer'] as const) // accessors with a setter
    Object.defineProperty(globalThis, name, { value: globalThis[name] })
  for (const c of CLASSES) {
    lock(c, always)
    lock(c.prototype, never)
    // Redefining leaves a prototype in the engine's slow form, at half the speed; to inherit from it ends that.
    Object.create(c.prototype)
  }
  for (const s of STATIC) lock(s, always)
  for (const s of [process, performance]) lock(Object.getPrototypeOf(s) as object, never)
  lock(globalThis, notClass, true)
}
