/** Instrumentation at load time: a module is transpiled, parsed, and given extra expressions; its lines stay its lines. */
import { SourceMap } from 'node:module'
import { basename } from 'node:path'
import { type Node, parse } from 'acorn'
import { transform } from 'esbuild'
import MagicString from 'magic-string'
import { loadVariant, type Replacement } from '../../properties/harness/process/variants.ts'
import type { Implementation } from './target.ts'

/** Adds text around nodes; nodes are visited from the outside in, so that what is added nests as they do. */
export interface Editor {
  /** Around the source of a node. */
  wrap(node: Node, before: string, after: string): void
  /** Right before the character at this offset, inside whatever begins there. */
  insert(at: number, text: string): void
  /** Line of the TypeScript source on which a node begins. */
  line(node: Node): number
}

/** Any node, looked at as what its type says it is. */
export type Tree = Node & { readonly operator?: unknown; readonly [field: string]: unknown }
export type Visit = (node: Tree, edit: Editor) => void

const isNode = (x: unknown): x is Tree => typeof x === 'object' && x !== null && 'type' in x && 'start' in x

export const child = (node: Tree, name: string): Tree | null => {
  const value = node[name]
  return isNode(value) ? value : null
}

export const children = (node: Tree, name: string): readonly Tree[] => {
  const value = node[name]
  return Array.isArray(value) ? value.filter(isNode) : []
}

export const operator = (node: Tree): string => String(node.operator)

const walk = (node: Tree, visit: (node: Tree) => void): void => {
  visit(node)
  for (const value of Object.values(node)) {
    for (const one of Array.isArray(value) ? value : [value]) if (isNode(one)) walk(one, visit)
  }
}

const edited = async (file: string, source: string, prologue: string, visit: Visit): Promise<string> => {
  const { code, map } = await transform(source, {
    loader: 'ts',
    target: 'node20',
    sourcemap: 'external',
    sourcesContent: false,
    sourcefile: basename(file),
  })
  const origin = new SourceMap(JSON.parse(map))
  const text = new MagicString(code)
  const edit: Editor = {
    wrap: (node, before, after) => {
      text.appendRight(node.start, before)
      text.prependLeft(node.end, after)
    },
    insert: (at, added) => {
      text.appendRight(at, added)
    },
    line: (node) => {
      const entry = origin.findEntry((node.loc?.start.line ?? 1) - 1, node.loc?.start.column ?? 0)
      return 'originalLine' in entry ? entry.originalLine + 1 : 0
    },
  }
  const tree = parse(code, { ecmaVersion: 2023, sourceType: 'module', locations: true })
  walk(tree as Node as Tree, (node) => visit(node, edit))
  // Nothing above adds a line, so the map of the transpiled text still leads to the right lines.
  return `${prologue}${text}\n//# sourceMappingURL=data:application/json;base64,${Buffer.from(map).toString('base64')}`
}

let loads = 0

/**
 * A fresh copy of the implementation whose `modules` went through `visit`. What they call at run time is `runtime`,
 * by the names of its properties.
 */
export const loadInstrumented = (
  modules: readonly string[],
  replacements: readonly Replacement[],
  runtime: Readonly<Record<string, unknown>>,
  visit: (file: string) => Visit,
): Promise<Implementation> => {
  const name = `gauntlet.instrument.${loads++}`
  Object.defineProperty(globalThis, Symbol.for(name), { value: runtime })
  const prologue = `const {${Object.keys(runtime).join(',')}}=globalThis[Symbol.for('${name}')];`
  return loadVariant(replacements, 'src/index.ts', (file, source) =>
    modules.includes(file) ? edited(file, source, prologue, visit(file)) : source,
  )
}
