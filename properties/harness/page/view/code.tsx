/** What the tests ran of the code, and how the fuzzer got on. */
import type { CoverageRow, Curve } from '../parts.ts'
import { number } from './widgets.tsx'

const percent = ([covered, total]: readonly [number, number]): string =>
  total === 0 ? '–' : `${((100 * covered) / total).toFixed(1)} %`

/** Beside this file, as the coverage reporter names it. */
const sourceOf = (file: string): string => `coverage/${file.split('/').map(encodeURIComponent).join('/')}.html`

export const Coverage = ({ rows }: { rows: readonly CoverageRow[] }) => (
  <>
    <p>
      What the tests ran of <code>src/</code>. <a href="coverage/index.html">Line by line</a> and the links below lead
      to the folder <code>coverage/</code>, where it lies beside this file.
    </p>
    <div class="wide">
      <table class="data">
        <thead>
          <tr>
            <th scope="col">file</th>
            <th scope="col" class="right">
              lines
            </th>
            <th scope="col" class="right">
              branches
            </th>
            <th scope="col">not run</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((r) => (
            <tr key={r.file}>
              <th scope="row">
                <a href={sourceOf(r.file)}>
                  <code>{r.file}</code>
                </a>
              </th>
              <td class="right">{percent(r.lines)}</td>
              <td class="right">{percent(r.branches)}</td>
              <td>
                {r.missed.map((m) => (
                  <div key={`${m.line} ${m.what}`}>
                    {m.what} at <a href={`${sourceOf(r.file)}#L${m.line}`}>line {m.line}</a>
                    {m.reason !== null && `: ${m.reason}`}
                  </div>
                ))}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  </>
)

const [WIDE, HIGH] = [260, 120]

const Plot = ({ curve: c }: { curve: Curve }) => {
  const most = Math.max(1, c.features)
  const x = (n: number): number => (Math.log10(Math.max(1, n)) / Math.log10(Math.max(10, c.executions))) * WIDE
  const y = (n: number): number => HIGH - (n / most) * HIGH
  const points = [...c.points, [c.executions, c.features] as const].map(
    ([a, b]) => `${x(a).toFixed(1)},${y(b).toFixed(1)}`,
  )
  const decades = Array.from({ length: Math.floor(Math.log10(Math.max(10, c.executions))) + 1 }, (_, i) => 10 ** i)
  return (
    <figure class="plot">
      <figcaption>
        <strong>{c.name}</strong> {number(c.features)} features, {number(c.executions)} executions
        {c.findings > 0 && <span class="bad">, {c.findings} findings</span>}
        <br />
        <span class="quiet">{c.says}</span>
      </figcaption>
      <svg
        viewBox={`-4 -4 ${WIDE + 8} ${HIGH + 22}`}
        role="img"
        aria-label={`features of ${c.name} over executions, logarithmic`}
      >
        {decades.map((d) => (
          <g key={d}>
            <line class="grid" x1={x(d)} x2={x(d)} y1={0} y2={HIGH} />
            <text x={x(d)} y={HIGH + 14} text-anchor={d === 1 ? 'start' : x(d) > WIDE - 10 ? 'end' : 'middle'}>
              {d < 1_000 ? d : `${d / 1_000}k`}
            </text>
          </g>
        ))}
        <polyline points={points.join(' ')} />
      </svg>
    </figure>
  )
}

export const Curves = ({ curves }: { curves: readonly Curve[] }) => (
  <>
    <p>What each target showed that was new, over its executions (logarithmic).</p>
    <div class="plots">
      {curves.map((c) => (
        <Plot key={c.name} curve={c} />
      ))}
    </div>
  </>
)
