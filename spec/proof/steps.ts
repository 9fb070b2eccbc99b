/** Transitions of the model as steps of the proof, and what an action of the proof makes of a finite structure. */
import type { ClientRun, Connection, Frame } from '../model/state.ts'
import { OP } from '../opcodes.ts'
import { type Action, guardOf } from './actions.ts'
import { assign, type Formula, type Structure, type Term, variable } from './logic.ts'
import { STATE } from './vocabulary.ts'

/** A step of the proof: an action and its arguments. */
export type Step = readonly [name: string, ...args: unknown[]]

/** An action, ready to be evaluated. */
export class Prepared {
  readonly action: Action
  readonly guard: Formula
  readonly #sets: readonly { readonly symbol: string; readonly at: readonly Term[]; readonly is: Term }[]
  readonly #alls: readonly { readonly symbol: string; readonly vars: readonly Term[]; readonly is: Term }[]

  constructor(action: Action) {
    this.action = action
    this.guard = guardOf(action)
    this.#sets = action.updates.flatMap((u) => ('all' in u ? [] : [{ symbol: STATE[u.of].symbol, at: u.at, is: u.is }]))
    this.#alls = action.updates.flatMap((u) => {
      if (!('all' in u)) return []
      const vars = STATE[u.of].takes.map(variable)
      return [{ symbol: STATE[u.of].symbol, vars, is: u.all(STATE[u.of](...vars), vars) }]
    })
  }

  /** The symbols of what it changes. */
  get changes(): readonly string[] {
    return [...this.#sets, ...this.#alls].map((u) => u.symbol)
  }

  assign(args: readonly unknown[], at: unknown[]): void {
    for (const [i, p] of this.action.parameters.entries()) assign(p, args[i], at)
  }

  /** The structure after it happened in `before`, its parameters assigned. */
  after(before: Structure, at: unknown[]): Structure {
    const sets = this.#sets.map((u) => ({
      symbol: u.symbol,
      at: u.at.map((t) => t.value(before, at)),
      is: u.is.value(before, at),
    }))
    const alls = this.#alls.map(({ symbol, vars, is }) => {
      const [over] = vars
      const values = before.elements(over!.sort).map((x): readonly [unknown, unknown] => {
        assign(over!, x, at)
        return [x, is.value(before, at)]
      })
      return { symbol, values: new Map(values) }
    })
    return {
      reached: before.reached,
      elements: (sort) => before.elements(sort),
      apply: (name, args) => {
        const set = sets.findLast((u) => u.symbol === name && u.at.every((x, i) => x === args[i]))
        if (set !== undefined) return set.is
        const all = alls.find((u) => u.symbol === name)
        return all?.values.has(args[0]) ? all.values.get(args[0]) : before.apply(name, args)
      },
    }
  }
}

/** A state with the elements of another that came of it, and what these never change. */
export const within = (state: Structure, later: Structure): Structure => ({
  reached: state.reached,
  elements: (sort) => later.elements(sort),
  apply: (name, args) => (name === 'idOf' || name === 'sidOf' ? later : state).apply(name, args),
})

/** More elements than a structure has. */
export const withKeys = (state: Structure, keys: readonly unknown[]): Structure => ({
  reached: state.reached,
  elements: (sort) => (sort === 'Key' ? [...new Set([...state.elements('Key'), ...keys])] : state.elements(sort)),
  apply: (name, args) => state.apply(name, args),
})

const runSteps = (before: ClientRun | undefined, now: ClientRun, stolen: (f: Frame) => boolean): readonly Step[] => {
  const c = now.at.n
  if (before === now) return []
  if (before === undefined) return [['ClientStart', c, now.hello]]
  if (before.challenge !== now.challenge) return [['ClientChallenge', c, now.challenge]]
  if (before.exchanges.length < now.exchanges.length) {
    const f = now.exchanges.at(-1)!
    return [...(stolen(f) ? [['LeakRun', c] as const] : []), ['ClientResponse', c, f]]
  }
  const f = now.sent[before.sent.length]
  if (f !== undefined) return [[f.header.opcode === OP.TERMINATE ? 'ClientTerminate' : 'ClientData', c, f]]
  return before.phase === now.phase ? [] : [['ClientEnd', c]]
}

const sessionSteps = (
  before: Connection | undefined,
  now: Connection,
  stolen: (f: Frame) => boolean,
): readonly Step[] => {
  const s = now.at.n
  if (before === now || now.hello === null) return []
  if (before === undefined || before.hello === null) return [['ServerHello', s, now.hello, now.challenge]]
  if (before.exchanges.length < now.exchanges.length) {
    const [f, g] = now.exchanges.slice(-2)
    return [...(stolen(f!) ? [['LeakSession', s] as const] : []), ['ServerData', s, f, g]]
  }
  const f = now.sent[before.sent.length]
  if (f !== undefined) return [['ServerTerminate', s, f]]
  return before.phase === now.phase ? [] : [['ServerEnd', s]]
}

/** What happened between two states, of the ends of one side or of both. */
export const stepsBetween = (
  from: readonly [readonly ClientRun[], readonly Connection[]],
  to: readonly [readonly ClientRun[], readonly Connection[]],
  insiders: readonly number[],
): readonly Step[] => {
  const theft = (id: number | null) => (f: Frame) => f.origin === 'sealed' && !insiders.includes(id!)
  const steps = [
    ...to[0].map((r, i) => runSteps(from[0][i], r, theft(r.id))),
    ...to[1].map((s, i) => sessionSteps(from[1][i], s, theft(s.id))),
  ]
  // What a DATA supersedes ends before it, so that its TERMINATE is sent; what a HELLO evicts ends after it.
  const rank = (of: readonly Step[]): number => {
    const names = of.map(([name]) => name)
    return names.includes('ServerHello') ? 0 : names.includes('ServerData') ? 2 : 1
  }
  return steps.toSorted((a, b) => rank(a) - rank(b)).flat()
}
