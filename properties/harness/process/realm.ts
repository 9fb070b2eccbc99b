/** Keeps what the harness itself is made of out of the reach of a system that is played in the same process. */
import 'node:worker_threads' // before anything is sealed: loaded for the first time, it replaces process.chdir

const ASSIGNED: ReadonlySet<string> = new Set(['stackTraceLimit', 'prepareStackTrace']) // by tools, and by nobody else

/**
 * The engine takes short ways (iteration, species, `await`, patterns) as long as nobody has redefined these, be it to the
 * same: a fifth of the time of a schedule. So they are not locked, but watched.
 */
const isWatched = (of: object, key: PropertyKey): boolean =>
  of === RegExp.prototype || typeof key === 'symbol' || key === 'constructor' || key === 'then'

/**
 * None of these functions of `target` (nor objects, where `all`) can be replaced from now on; what can be added stays so.
 * `loud`: the attempt throws even in code that is not strict, at the price of a getter. `prototype`: but what is watched.
 */
const lock = (target: object, loud: (key: string) => boolean, { all = false, prototype = false } = {}): void => {
  for (const key of Reflect.ownKeys(target)) {
    if (prototype && isWatched(target, key)) continue
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

interface Class {
  readonly name: string
  readonly prototype: object
}

/** A class is locked with its prototype, unless instances commonly shadow by assignment what they inherit from it. */
const CLASSES: readonly Class[] = [
  ...[Array, Map, Set, WeakMap, WeakSet, String, Number, BigInt, RegExp, Date, Promise],
  ...[ArrayBuffer, DataView, Uint8Array, Float64Array, Buffer],
  Object.getPrototypeOf(Uint8Array) as Class,
]
const STATIC: readonly object[] = [Object, Function, JSON, Math, Reflect, Atomics, console, performance, process]

const up = (x: object, times: number): object => (times === 0 ? x : up(Object.getPrototypeOf(x) as object, times - 1))
const WATCHED: readonly (readonly [string, object])[] = [
  ['Object.prototype', Object.prototype],
  ['Function.prototype', Function.prototype],
  ['Error.prototype', Error.prototype],
  ['TypeError.prototype', TypeError.prototype],
  ['RangeError.prototype', RangeError.prototype],
  ['Symbol.prototype', Symbol.prototype],
  ['TextDecoder.prototype', TextDecoder.prototype],
  ['TextEncoder.prototype', TextEncoder.prototype],
  ['the iterator of arrays', up([].values(), 1)],
  ['the iterator of maps', up(new Map().values(), 1)],
  ['the iterator of sets', up(new Set().values(), 1)],
  ['the iterator of strings', up(''[Symbol.iterator](), 1)],
  ['the iterator of matches', up(''.matchAll(/x/g), 1)],
  ['every iterator', up([].values(), 2)],
  ['every generator', up((function* () {})(), 2)],
]

/** Lists and plain loops: iterators may be what is altered. */
const remembered: { readonly of: object; readonly name: string; readonly key: PropertyKey; readonly was: unknown }[] =
  []
const valueAt = (of: object, key: PropertyKey): unknown => {
  const d = Reflect.getOwnPropertyDescriptor(of, key)
  return d?.get ?? d?.value
}
const remember = (name: string, of: object, which = (_: object, __: PropertyKey): boolean => true): void => {
  for (const key of Reflect.ownKeys(of))
    if (which(of, key) && typeof valueAt(of, key) === 'function')
      remembered.push({ of, name, key, was: valueAt(of, key) })
}

/** `lock` leaves what is computed (`size`, species) as it is. */
const isGetter = (of: object, key: PropertyKey): boolean => {
  const d = Reflect.getOwnPropertyDescriptor(of, key)
  return d?.get !== undefined && d.configurable === true
}

const OF_OBJECT = Reflect.ownKeys(Object.prototype).length

/** What of the language somebody replaced, or added to every object, since `sealRealm`, for a person; null: nothing. */
export const altered = (): string | null => {
  for (let i = 0; i < remembered.length; i++) {
    const { of, name, key, was } = remembered[i]!
    if (valueAt(of, key) !== was) return `${String(key)} of ${name} was replaced: the harness needs it too`
  }
  const keys = Reflect.ownKeys(Object.prototype)
  return keys.length === OF_OBJECT ? null : `${String(keys[keys.length - 1])} was added to every object`
}

/**
 * From now on nobody in this process replaces `JSON`, `Date.now`, `console.log`, `process.exit` and their like: the
 * attempt throws a TypeError, as assignments to constants do. The prototypes of Object, Function, Error and of iterators
 * stay as they are, since many an instance assigns over what it inherits from these: `altered` says what became of them.
 */
export const sealRealm = (): void => {
  for (const name of ['process', 'Buffer'] as const) // accessors with a setter
    Object.defineProperty(globalThis, name, { value: globalThis[name] })
  for (const c of CLASSES) {
    lock(c, always)
    lock(c.prototype, never, { prototype: true })
    remember(c.name, c, isGetter)
    remember(`${c.name}.prototype`, c.prototype, (of, key) => isWatched(of, key) || isGetter(of, key))
    // Redefining leaves a prototype in the engine's slow form, at half the speed; to inherit from it ends that.
    Object.create(c.prototype)
  }
  for (const s of STATIC) lock(s, always)
  for (const s of [process, performance]) lock(Object.getPrototypeOf(s) as object, never)
  lock(globalThis, notClass, { all: true })
  for (const [name, of] of WATCHED) remember(name, of)
}
