/** Which branches an execution took, a limit on loops, and how much of each module a search reached. */
import type { Replacement } from '../../properties/harness/process/variants.ts'
import { child, children, type Editor, loadInstrumented, type Tree, type Visit } from './instrument.ts'
import type { Implementation } from './target.ts'
import { Hang } from './target.ts'

/** A place where the program may go one way or another. */
export interface Edge {
  readonly file: string
  readonly line: number
}

/** An input that makes the loops of one execution turn this often does not come back. */
const MAX_TURNS = 2_000_000

const MAX_EDGES = 4_095
const TURNS = 0 // the first counter counts turns of all loops

interface EdgeMap {
  readonly src: Implementation
  /** Counter 0: turns of loops. Counter i+1: how often edge i was taken since the counters were cleared. */
  readonly counts: Uint32Array
  readonly edges: readonly Edge[]
}

const visitEdges =
  (file: string, edges: Edge[]): Visit =>
  (node, edit) => {
    const count = (of: Tree): string => {
      edges.push({ file, line: edit.line(of) })
      if (edges.length > MAX_EDGES) throw new Error(`${file}: expected at most ${MAX_EDGES} branches`)
      return `$edge[${edges.length}]++`
    }
    branch(node, edit, count)
  }

const LOOPS = ['ForStatement', 'ForOfStatement', 'ForInStatement', 'WhileStatement', 'DoWhileStatement']
const FUNCTIONS = ['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression']

const branch = (node: Tree, edit: Editor, count: (of: Tree) => string): void => {
  const expression = (of: Tree): void => edit.wrap(of, `(${count(of)},`, ')')
  const statement = (of: Tree, more = ''): void => edit.wrap(of, `{${count(of)};${more}`, '}')
  const body = child(node, 'body')
  if (node.type === 'IfStatement') {
    // Outside in: the missing else comes after the brace that closes the consequent.
    const [then, otherwise] = [child(node, 'consequent'), child(node, 'alternate')]
    if (otherwise !== null) statement(otherwise)
    if (then !== null && otherwise === null) edit.wrap(then, '', ` else {${count(then)}}`)
    if (then !== null) statement(then)
  } else if (node.type === 'ConditionalExpression') {
    for (const arm of [child(node, 'consequent'), child(node, 'alternate')]) if (arm !== null) expression(arm)
  } else if (node.type === 'LogicalExpression') {
    const right = child(node, 'right')
    if (right !== null) expression(right)
  } else if (LOOPS.includes(node.type)) {
    if (body !== null) statement(body, `if(++$edge[${TURNS}]>${MAX_TURNS})$hang();`)
  } else if (FUNCTIONS.includes(node.type)) {
    if (body?.type === 'BlockStatement') edit.insert(body.start + 1, `${count(body)};`)
    else if (body !== null) expression(body)
  } else if (node.type === 'CatchClause') {
    if (body !== null) edit.insert(body.start + 1, `${count(body)};`)
  } else if (node.type === 'SwitchCase') {
    const [first] = children(node, 'consequent')
    if (first !== undefined) edit.insert(first.start, `${count(first)};`)
  }
}

const hang = (): never => {
  throw new Hang(`loops turned more than ${MAX_TURNS} times`)
}

export const loadWithEdges = async (
  modules: readonly string[],
  replacements: readonly Replacement[] = [],
): Promise<EdgeMap> => {
  const counts = new Uint32Array(MAX_EDGES + 1)
  const edges: Edge[] = []
  const src = await loadInstrumented(modules, replacements, { $edge: counts, $hang: hang }, (f) => visitEdges(f, edges))
  counts.fill(0) // what loading did is no execution
  return { src, counts: counts.subarray(0, edges.length + 1), edges }
}

export interface ModuleCoverage {
  readonly file: string
  readonly taken: number
  readonly branches: number
  /** Lines on which a branch begins that was never taken, ascending. */
  readonly missed: readonly number[]
}

/** `taken`: indices into `edges`, repetitions allowed. */
export const coverage = (edges: readonly Edge[], taken: Iterable<number>): readonly ModuleCoverage[] => {
  const reached = new Set(taken)
  const files = [...new Set(edges.map((e) => e.file))].sort()
  return files.map((file) => {
    const own = edges.flatMap((edge, i) => (edge.file === file ? [{ line: edge.line, reached: reached.has(i) }] : []))
    const missed = new Set(own.filter((e) => !e.reached).map((e) => e.line))
    return {
      file,
      taken: own.filter((e) => e.reached).length,
      branches: own.length,
      missed: [...missed].sort((a, b) => a - b),
    }
  })
}

export const printCoverage = (all: readonly ModuleCoverage[]): readonly string[] =>
  all.map(({ file, taken, branches, missed }) => {
    const rest = missed.length === 0 ? '' : `; never reached: lines ${missed.join(', ')}`
    return `  ${file.padEnd(20)} ${taken} of ${branches} branches${rest}`
  })
