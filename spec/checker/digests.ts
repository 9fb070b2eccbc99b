import { Interned } from './context.ts'

/** Equal states of a monitor have equal digests, whatever the order in which sets and maps were filled. */
export class Digests {
  readonly #objects = new WeakMap<object, string>() // a state is never changed
  readonly #strings = new Interned<string>()
  readonly #contents = new Interned<string>()

  of(x: unknown): string {
    if (typeof x === 'string') return this.#strings.of(x, (n) => `"${n}`)
    if (typeof x !== 'object' || x === null) return String(x)
    let known = this.#objects.get(x)
    if (known === undefined) {
      known = this.#made(x)
      this.#objects.set(x, known)
    }
    return known
  }

  #made(x: object): string {
    const parts: string[] = []
    if (x instanceof Set) for (const v of x) parts.push(this.of(v))
    else if (x instanceof Map) for (const [k, v] of x) parts.push(`${this.of(k)}:${this.of(v)}`)
    else if (Array.isArray(x)) return `[${x.map((v) => this.of(v)).join(',')}]`
    else for (const k in x) parts.push(`${k}:${this.of((x as Record<string, unknown>)[k])}`)
    return this.#contents.of(`{${parts.sort().join(',')}}`, (n) => `{${n}`)
  }
}
