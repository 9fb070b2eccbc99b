/** A machine as a picture: Mermaid, and SVG by Graphviz. */
import { instance } from '@viz-js/viz'
import { edge, type Machine } from './machine.ts'
import { INERT } from './say.ts'

interface Arrow {
  readonly from: number
  readonly to: number
  readonly symbols: string[]
  readonly output: string
}

const MOST_NAMED = 3

/** Symbols that do the same are one arrow; those that nothing is sent for are none. */
const arrowsOf = (m: Machine): readonly Arrow[] =>
  m.states.flatMap((_, from) => {
    const arrows = new Map<string, Arrow>()
    for (const symbol of m.alphabet) {
      const { output, to } = edge(m, from, symbol)
      if (output === INERT.closed || output === INERT.nothing) continue
      const name = `${to} ${output}`
      const arrow = arrows.get(name) ?? { from, to, symbols: [], output }
      arrow.symbols.push(symbol)
      arrows.set(name, arrow)
    }
    return [...arrows.values()]
  })

/** The arrow of a state that stands for most symbols says so, instead of naming all of them. */
const labelsOf = (arrows: readonly Arrow[]): readonly string[] => {
  const most = new Map<number, Arrow>()
  for (const a of arrows) if (a.symbols.length > (most.get(a.from)?.symbols.length ?? MOST_NAMED)) most.set(a.from, a)
  return arrows.map((a) => `${most.get(a.from) === a ? 'all others' : a.symbols.join(', ')} / ${a.output}`)
}

const isClosed = (m: Machine, state: number): boolean =>
  m.alphabet.every((s) => edge(m, state, s).output === INERT.closed)

const stateNames = (m: Machine): readonly string[] =>
  m.states.map((s, i) => (i === 0 ? 'start' : isClosed(m, i) ? 'closed' : `after ${s.access.join(' ')}`))

export const mermaid = (m: Machine): string => {
  const names = stateNames(m)
  const arrows = arrowsOf(m)
  const labels = labelsOf(arrows)
  return [
    'stateDiagram-v2',
    ...names.map((name, i) => `  state "${name}" as s${i}`),
    '  [*] --> s0',
    ...arrows.map((a, i) => `  s${a.from} --> s${a.to}: ${labels[i]}`),
  ].join('\n')
}

const text = (s: string): string => `"${s.replaceAll('"', "'")}"`
const broken = (label: string): string => label.replace(/(.{24}\S*?)[ ]/g, '$1\n')

/** Whole, for a file; laid out by the widths of Courier, which are those of any monospace. `marked`: edges to draw in red, as `state symbol`. */
export const svg = async (m: Machine, title: string, marked: ReadonlySet<string> = new Set()): Promise<string> => {
  const names = stateNames(m)
  const arrows = arrowsOf(m)
  const labels = labelsOf(arrows)
  const dot = [
    `digraph { label=${text(title)}; labelloc=t; fontname="Courier"; bgcolor="white"`,
    'node [shape=box, style="rounded", fontname="Courier"]; edge [fontname="Courier", fontsize=10]',
    ...names.map((name, i) => `s${i} [label=${text(broken(name))}]`),
    ...arrows.map((a, i) => {
      const red = a.symbols.some((s) => marked.has(`${a.from} ${s}`)) ? ', color="#c00000", fontcolor="#c00000"' : ''
      return `s${a.from} -> s${a.to} [label=${text(broken(labels[i]!))}${red}]`
    }),
    '}',
  ].join('\n')
  const drawn = (await instance()).renderString(dot, { format: 'svg', engine: 'dot' })
  return drawn.replaceAll('font-family="Courier"', 'font-family="Courier,monospace"')
}
