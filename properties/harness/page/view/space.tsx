/** The state space: scopes that were explored, and one of them as a graph to click through. */
import { useMemo, useState } from 'preact/hooks'
import type { ScopeRow, StateGraph } from '../parts.ts'
import { type Column, number, Scroll, Table } from './widgets.tsx'

const COLUMNS: readonly Column<ScopeRow>[] = [
  { head: 'scope: clients × runs × connections × rounds', value: (r) => r.scope },
  { head: 'states', value: (r) => r.states, cell: (r) => number(r.states), right: true },
  { head: 'transitions', value: (r) => r.transitions, cell: (r) => number(r.transitions), right: true },
  { head: 'depth', value: (r) => r.depth, right: true },
  {
    head: 'explored',
    value: (r) => (r.stopped === null ? 'exhausted' : `stopped by its bound on ${r.stopped}: partial`),
  },
  { head: 'hold', value: (r) => r.holds, right: true },
  { head: 'of them put to the test', value: (r) => r.tested, right: true },
  { head: 'violated (in moves)', value: (r) => r.broken.map((b) => `${b.id} (${b.moves})`).join(', ') || 'none' },
]

const [STEP, ROW, EDGE] = [13, 56, 20]

interface Point {
  readonly x: number
  readonly y: number
}

/** A row for each depth; in it, states stand near those from which they were first reached. */
const placed = (g: StateGraph): { points: readonly Point[]; wide: number; high: number } => {
  const rows: number[][] = []
  for (const [state, depth] of g.depths.entries()) {
    rows[depth] ??= []
    rows[depth].push(state)
  }
  const widest = Math.max(...rows.map((r) => r.length))
  const at: Point[] = []
  for (const [depth, row] of rows.entries()) {
    const near = new Map(
      row.map((s) => {
        const from = g.edges.filter(([a, b]) => b === s && g.depths[a]! < depth).map(([a]) => at[a]!.x)
        return [s, from.length === 0 ? 0 : from.reduce((x, y) => x + y, 0) / from.length] as const
      }),
    )
    row.sort((a, b) => near.get(a)! - near.get(b)! || a - b)
    const gap = (widest * STEP) / row.length
    for (const [i, s] of row.entries()) at[s] = { x: EDGE + gap * (i + 0.5), y: EDGE + depth * ROW }
  }
  return { points: at, wide: widest * STEP + 2 * EDGE, high: (rows.length - 1) * ROW + 2 * EDGE }
}

const lineOf = (points: readonly Point[], edges: readonly (readonly [number, number, number])[]): string =>
  edges
    .filter(([a, b]) => a !== b)
    .map(([a, b]) => `M${points[a]!.x.toFixed(1)} ${points[a]!.y}L${points[b]!.x.toFixed(1)} ${points[b]!.y}`)
    .join('')

const Picture = ({
  graph: g,
  chosen,
  path,
  choose,
}: {
  graph: StateGraph
  chosen: number
  path: number
  choose(s: number): void
}) => {
  const { points, wide, high } = useMemo(() => placed(g), [g])
  const all = useMemo(() => lineOf(points, g.edges), [g, points])
  const way = (g.paths[path]?.edges ?? []).map((e) => g.edges[e]!)
  const on = new Set(way.flatMap((e) => e.slice(0, 2)))
  const mine = g.edges.filter(([a]) => a === chosen)
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the lists beside it do the same from the keyboard
    <svg
      class="space"
      viewBox={`0 0 ${wide} ${high}`}
      role="img"
      aria-label={`${g.depths.length} states by depth; the lists beside it go through them`}
      onClick={(e) => {
        const state = e.target instanceof SVGElement ? e.target.dataset.state : undefined
        if (state !== undefined) choose(Number(state))
      }}
    >
      <path class="all" d={all} />
      <path class="mine" d={lineOf(points, mine)} />
      <path class="broken" d={lineOf(points, way)} />
      {points.map((p, s) => (
        <circle
          key={s}
          data-state={s}
          cx={p.x}
          cy={p.y}
          r={s === chosen ? 7 : on.has(s) ? 5.5 : 4}
          class={s === chosen ? 'chosen' : on.has(s) ? 'on' : ''}
        />
      ))}
    </svg>
  )
}

const Graph = ({ graph: g }: { graph: StateGraph }) => {
  const [chosen, choose] = useState(0)
  const [path, take] = useState(g.paths.length > 0 ? 0 : -1)
  const [out, into] = [g.edges.filter(([a]) => a === chosen), g.edges.filter(([a, b]) => b === chosen && a !== chosen)]
  const link = (state: number, action: number, i: number) => (
    <li key={`${state} ${action} ${i}`}>
      <button type="button" class="plain" onClick={() => choose(state)}>
        {g.actions[action]} → state {state}
      </button>
    </li>
  )
  return (
    <section>
      <h3>{g.scope}</h3>
      <p>
        {g.depths.length} states, {g.edges.length} transitions; a row for each depth, the start at the top. “c0.1→s0”:
        the second frame that c0 sent (from 0) is delivered to s0.
      </p>
      <fieldset class="paths" aria-label="shortest ways to a violation">
        {g.paths.map((p, i) => (
          <button key={p.id} type="button" aria-pressed={i === path} onClick={() => take(i === path ? -1 : i)}>
            {p.id} in {p.edges.length}
          </button>
        ))}
      </fieldset>
      <div class="split space">
        <Scroll class="wide" label="state space">
          <Picture graph={g} chosen={chosen} path={path} choose={choose} />
        </Scroll>
        <div class="state">
          {g.paths[path] !== undefined && (
            <>
              <h4>
                {g.paths[path]!.id}: {g.paths[path]!.why}
              </h4>
              <ol>
                {g.paths[path]!.edges.map((e) => {
                  const [, to, action] = g.edges[e]!
                  return link(to, action, e)
                })}
              </ol>
            </>
          )}
          <div aria-live="polite">
            <h4>
              State {chosen}, depth {g.depths[chosen]}
            </h4>
            <p>{g.says[chosen]}</p>
          </div>
          <h4>From here ({out.length})</h4>
          <ul class="edges">{out.map(([, b, action], i) => link(b, action, i))}</ul>
          <h4>To here ({into.length})</h4>
          <ul class="edges">
            {into.map(([a, , action], i) => (
              <li key={`${a} ${action} ${i}`}>
                <button type="button" class="plain" onClick={() => choose(a)}>
                  state {a}: {g.actions[action]}
                </button>
              </li>
            ))}
          </ul>
        </div>
      </div>
    </section>
  )
}

export const Space = ({ scopes, graph }: { scopes: readonly ScopeRow[]; graph: StateGraph | undefined }) => (
  <>
    {graph !== undefined && <Graph graph={graph} />}
    {scopes.length > 0 && (
      <>
        <h3>Scopes that were explored</h3>
        <Table name="scopes" rows={scopes} columns={COLUMNS} keyOf={(r) => r.scope} />
      </>
    )}
  </>
)
