/**
 * First-order formulas as values: each is written once, printed as SMT-LIB for the prover, and evaluated in a finite
 * structure (spec/proof/abstraction.ts), so that what is proved and what is observed cannot drift apart.
 */
export const SORTS = ['Run', 'Session', 'Frame', 'Key', 'Id', 'Input'] as const
export type Sort = (typeof SORTS)[number] | 'Int' | 'Bool'

/** What a finite structure says: the elements of each sort, and every function on them. */
export interface Structure {
  elements(sort: Sort): readonly unknown[]
  apply(name: string, args: readonly unknown[]): unknown
  /** Takes the left sides of implications that were true where it is asked for them. */
  readonly reached?: Set<Formula> | undefined
}

export interface Term {
  readonly sort: Sort
  readonly smt: string
  /** `at`: the values of variables, by their number. */
  value(in_: Structure, at: unknown[]): unknown
  /** The left sides of the implications in it. */
  readonly assumes?: readonly Formula[]
}
export type Formula = Term

let variables = 0
const numbers = new WeakMap<Term, number>()
/** A variable; `smt` is its name in the printed text. */
export const variable = (sort: Sort): Term => {
  const n = variables++
  const made: Term = { sort, smt: `${sort.toLowerCase()}_${n}`, value: (_, at) => at[n] }
  numbers.set(made, n)
  return made
}
/** Gives a variable its value. */
export const assign = (v: Term, value: unknown, at: unknown[]): void => {
  at[numbers.get(v)!] = value
}

const assumed = (parts: readonly Formula[]): { readonly assumes?: readonly Formula[] } => {
  const assumes = parts.flatMap((f) => f.assumes ?? [])
  return assumes.length === 0 ? {} : { assumes }
}

export interface Fn {
  (...args: readonly Term[]): Term
  readonly symbol: string
  readonly takes: readonly Sort[]
  readonly gives: Sort
}

/** An uninterpreted function (a constant if it takes nothing). Throws a TypeError on arguments of another sort. */
export const fn = (symbol: string, takes: readonly Sort[], gives: Sort): Fn => {
  const call = (...args: readonly Term[]): Term => {
    if (args.length !== takes.length || args.some((a, i) => a.sort !== takes[i]))
      throw new TypeError(`${symbol}: expected (${takes.join(' ')}), got (${args.map((a) => a.sort).join(' ')})`)
    return {
      sort: gives,
      smt: args.length === 0 ? symbol : `(${symbol} ${args.map((a) => a.smt).join(' ')})`,
      value: (s, at) =>
        s.apply(
          symbol,
          args.map((a) => a.value(s, at)),
        ),
    }
  }
  return Object.assign(call, { symbol, takes, gives })
}
export const declare = (f: Fn): string => `(declare-fun ${f.symbol} (${f.takes.join(' ')}) ${f.gives})`

export const int = (n: number): Term => ({ sort: 'Int', smt: String(n), value: () => n })
const constant = (b: boolean): Formula => ({ sort: 'Bool', smt: String(b), value: () => b })
export const TRUE = constant(true)
export const FALSE = constant(false)

const operator =
  (sort: Sort, symbol: string, of: (...values: never[]) => unknown) =>
  (...args: readonly Term[]): Term => ({
    sort,
    smt: `(${symbol} ${args.map((a) => a.smt).join(' ')})`,
    value: (s, at) => of(...(args.map((a) => a.value(s, at)) as never[])),
  })
export const eq = operator('Bool', '=', (a: unknown, b: unknown) => a === b)
export const not = operator('Bool', 'not', (a: boolean) => !a)
export const lt = operator('Bool', '<', (a: number, b: number) => a < b)
export const le = operator('Bool', '<=', (a: number, b: number) => a <= b)
export const plus = operator('Int', '+', (a: number, b: number) => a + b)

/** Conjunction, left to right: what stands on the right is only evaluated where the left holds. */
export const and = (...all: readonly Formula[]): Formula => {
  const parts = all.filter((f) => f !== TRUE)
  if (parts.length < 2) return parts[0] ?? TRUE
  return {
    sort: 'Bool',
    smt: `(and ${parts.map((f) => f.smt).join(' ')})`,
    value: (s, at) => parts.every((f) => f.value(s, at)),
    ...assumed(parts),
  }
}
export const or = (...all: readonly Formula[]): Formula => {
  const parts = all.filter((f) => f !== FALSE)
  if (parts.length < 2) return parts[0] ?? FALSE
  return {
    sort: 'Bool',
    smt: `(or ${parts.map((f) => f.smt).join(' ')})`,
    value: (s, at) => parts.some((f) => f.value(s, at)),
    ...assumed(parts),
  }
}
/** Where `a` holds, all of the others do. */
export const implies = (a: Formula, ...all: readonly Formula[]): Formula => {
  const b = and(...all)
  return {
    sort: 'Bool',
    smt: `(=> ${a.smt} ${b.smt})`,
    value: (s, at) => {
      if (a.value(s, at) !== true) return true
      s.reached?.add(a)
      return b.value(s, at)
    },
    assumes: [a, ...(a.assumes ?? []), ...(b.assumes ?? [])],
  }
}
export const ite = (condition: Formula, then: Term, otherwise: Term): Term => ({
  sort: then.sort,
  smt: `(ite ${condition.smt} ${then.smt} ${otherwise.smt})`,
  value: (s, at) => (condition.value(s, at) ? then : otherwise).value(s, at),
})

/** A variable for each sort. */
type Vars<S extends readonly Sort[]> = { readonly [I in keyof S]: Term }
const quantifier =
  (symbol: 'forall' | 'exists') =>
  <const S extends readonly Sort[]>(
    sorts: S,
    body: (...vars: Vars<S>) => Formula,
    pattern?: (...vars: Vars<S>) => Term,
  ): Formula => {
    const vars = sorts.map(variable)
    const given = vars as unknown as Vars<S>
    const inner = body(...given)
    const annotated = pattern === undefined ? inner.smt : `(! ${inner.smt} :pattern (${pattern(...given).smt}))`
    const slots = vars.map((v) => numbers.get(v)!)
    const all = symbol === 'forall'
    const holds = (s: Structure, at: unknown[], from: number): boolean => {
      const sort = sorts[from]
      if (sort === undefined) return inner.value(s, at) === true
      for (const x of s.elements(sort)) {
        at[slots[from]!] = x
        if (holds(s, at, from + 1) !== all) return !all
      }
      return all
    }
    return {
      sort: 'Bool',
      smt: `(${symbol} (${vars.map((v) => `(${v.smt} ${v.sort})`).join('')}) ${annotated})`,
      value: (s, at) => holds(s, at, 0),
      ...assumed([inner]),
    }
  }
export const forall = quantifier('forall')
export const exists = quantifier('exists')
