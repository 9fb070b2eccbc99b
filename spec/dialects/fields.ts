/** Reading a JSON value field by field, with one line that names the field, the expectation and what was there. */

/** The first problem wins; every reader then gives a harmless stand-in, so that callers stay straight lines. */
export class Fields {
  readonly #of: Readonly<Record<string, unknown>>
  readonly #path: string
  readonly #problems: string[]
  readonly #read = new Set<string>()

  constructor(value: unknown, path: string, problems: string[] = []) {
    this.#path = path
    this.#problems = problems
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      this.#of = value as Readonly<Record<string, unknown>>
    } else {
      this.#of = {}
      this.complain('', 'an object', value)
    }
  }

  get problem(): string | null {
    return this.#problems[0] ?? null
  }

  complain(name: string, expectation: string, got: unknown): void {
    const called = name.length > 40 ? `${name.slice(0, 37)}...` : name
    const field = [this.#path, called.replace(/\p{C}/gu, ' ')].filter((part) => part !== '').join('.')
    const shown = JSON.stringify(got) ?? 'nothing'
    this.#problems.push(
      `${field}: expected ${expectation}, got ${shown.length > 60 ? `${shown.slice(0, 57)}...` : shown}`,
    )
  }

  get(name: string): unknown {
    this.#read.add(name)
    return this.#of[name]
  }

  has(name: string): boolean {
    return this.get(name) !== undefined
  }

  integer(name: string, from: number, to: number): number {
    const value = this.get(name)
    if (typeof value === 'number' && Number.isInteger(value) && value >= from && value <= to) return value
    this.complain(name, `an integer from ${from} to ${to}`, value)
    return from
  }

  text(name: string): string {
    const value = this.get(name)
    if (typeof value === 'string') return value
    this.complain(name, 'a string', value)
    return ''
  }

  flag(name: string): boolean {
    const value = this.get(name)
    if (typeof value === 'boolean') return value
    this.complain(name, 'true or false', value)
    return false
  }

  /** One of the names of `choices`; gives what it stands for. */
  choice<T>(name: string, choices: Readonly<Record<string, T>>): T {
    const value = this.get(name)
    const names = Object.keys(choices)
    if (typeof value === 'string' && names.includes(value)) return choices[value]!
    this.complain(name, `one of ${names.map((n) => JSON.stringify(n)).join(', ')}`, value)
    return choices[names[0]!]!
  }

  list(name: string): readonly unknown[] {
    const value = this.get(name)
    if (Array.isArray(value)) return value
    this.complain(name, 'an array', value)
    return []
  }

  under(name: string): Fields {
    return new Fields(this.get(name), this.#path === '' ? name : `${this.#path}.${name}`, this.#problems)
  }

  /** Call last: a field nobody asked for is a misspelt one. `ignored`: prose for people. */
  nothingElse(ignored: readonly string[]): void {
    for (const name of Object.keys(this.#of)) {
      if (!this.#read.has(name) && !ignored.includes(name)) this.complain(name, 'no such field', this.#of[name])
    }
  }
}
