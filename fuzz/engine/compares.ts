/**
 * What the implementation compares an input's numbers with. A number found in the input is replaced by its opposite
 * number: that gets past comparisons no random byte would (the "input to state" idea of REDQUEEN).
 */
import type { Replacement } from '../../properties/harness/process/variants.ts'
import { f64 } from './dictionary.ts'
import { u16, u32 } from './input.ts'
import { child, loadInstrumented, operator, type Tree, type Visit } from './instrument.ts'
import type { Implementation } from './target.ts'

const PER_PLACE = 4 // pairs of one comparison in the source: what a loop compares is mostly its counter

export interface CompareLog {
  readonly src: Implementation
  /** Pairs of unequal numbers compared since the last call. */
  take(): readonly (readonly [number, number])[]
}

const OPERATORS = ['===', '!==', '==', '!=', '<', '<=', '>', '>=']

const visitCompares = (nextPlace: () => number): Visit => {
  return (node, edit) => {
    const left = (of: Tree | null): void => {
      if (of !== null) edit.wrap(of, '$left(', ')')
    }
    const right = (of: Tree | null): void => {
      if (of !== null) edit.wrap(of, `$right(${nextPlace()},`, ')')
    }
    if (node.type === 'BinaryExpression' && OPERATORS.includes(operator(node))) {
      left(child(node, 'left'))
      right(child(node, 'right'))
    } else if (node.type === 'SwitchStatement') left(child(node, 'discriminant'))
    else if (node.type === 'SwitchCase') right(child(node, 'test'))
  }
}

export const loadWithCompares = async (
  modules: readonly string[],
  replacements: readonly Replacement[] = [],
): Promise<CompareLog> => {
  const pairs = new Map<string, readonly [number, number]>()
  const logged: number[] = [] // pairs, by place
  let last: unknown = null
  const $left = <T>(x: T): T => {
    last = x
    return x
  }
  const $right = <T>(place: number, x: T): T => {
    if (typeof x !== 'number' || typeof last !== 'number' || x === last || logged[place]! >= PER_PLACE) return x
    const name = `${last} ${x}`
    if (pairs.has(name)) return x
    pairs.set(name, [last, x])
    logged[place]!++
    return x
  }
  const nextPlace = (): number => logged.push(0) - 1
  const src = await loadInstrumented(modules, replacements, { $left, $right }, () => visitCompares(nextPlace))
  return {
    src,
    take: () => {
      const all = [...pairs.values()]
      pairs.clear()
      logged.fill(0)
      return all
    },
  }
}

/** How a number may stand in an input. */
const forms = (n: number): readonly Uint8Array[] => {
  if (!Number.isInteger(n) || n < 0 || n > 0xffff_ffff) return [f64(n), f64(-n)]
  const wide = n <= 0xffff ? [u16(n), u32(n)] : [u32(n)]
  return [...(n <= 0xff ? [Uint8Array.of(n)] : []), ...wide, f64(n)]
}

const MAX_PLACES = 4 // of one number in one form

const places = (data: Uint8Array, form: Uint8Array): number[] => {
  const found: number[] = []
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.length)
  for (let at = bytes.indexOf(form); at >= 0 && found.length < MAX_PLACES; at = bytes.indexOf(form, at + 1))
    found.push(at)
  return found
}

/** The input with one occurrence of `from` replaced by `to`, once for each place and form; and of that length. */
const exchanged = (data: Uint8Array, from: number, to: number): Uint8Array[] => {
  const changed: Uint8Array[] = []
  const into = forms(to)
  for (const [i, form] of forms(from).entries()) {
    // The same form where there is one: a negative double stays negative.
    const word = into[i]?.length === form.length ? into[i] : into.find((w) => w.length === form.length)
    if (word === undefined) continue
    for (const at of places(data, form)) {
      const copy = data.slice()
      copy.set(word, at)
      changed.push(copy)
    }
  }
  if (from === data.length && Number.isInteger(to) && to >= 0 && to < 0x1_0000) {
    const sized = new Uint8Array(to)
    sized.set(data.subarray(0, to))
    changed.push(sized)
  }
  return changed
}

/** Equal is not always what it takes: a limit may have to be crossed. */
const beside = (n: number): readonly number[] => (Number.isInteger(n) ? [n - 1, n + 1, n] : [n])

/** Inputs in which a comparison that came out unequal may come out equal, or the other way. */
export const solved = (data: Uint8Array, pairs: readonly (readonly [number, number])[]): readonly Uint8Array[] =>
  pairs.flatMap(([a, b]) => [...beside(b).flatMap((to) => exchanged(data, a, to)), ...exchanged(data, b, a)])
