/** Cells of the model: in how many ways a frame can be judged, and who reached each. */
import type { CellRow, Parts } from '../parts.ts'
import { number, Scroll } from './widgets.tsx'

const distinct = (all: readonly string[]): readonly string[] => [...new Set(all)]

const Grid = ({ cells, parts }: { cells: readonly CellRow[]; parts: Parts }) => {
  const verdicts = distinct((parts.cells ?? []).map((c) => c.verdict)).filter((v) => cells.some((c) => c.verdict === v))
  return (
    <Scroll class="wide" label={`cells of a ${cells[0]!.role} in ${cells[0]!.phase}`}>
      <table class="heat cells">
        <thead>
          <tr>
            <th scope="col">opcode</th>
            {verdicts.map((v) => (
              <th key={v} scope="col">
                {v}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {distinct(cells.map((c) => c.opcode)).map((opcode) => (
            <tr key={opcode}>
              <th scope="row">{opcode}</th>
              {verdicts.map((v) => (
                <Cell key={v} cell={cells.find((c) => c.opcode === opcode && c.verdict === v)} parts={parts} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  )
}

const Cell = ({ cell, parts }: { cell: CellRow | undefined; parts: Parts }) => {
  if (cell === undefined) return <td class="none" />
  const times = (cell.bound ?? 0) + (cell.literal ?? 0)
  const name = `${cell.role} ${cell.phase} ${cell.opcode} ${cell.verdict}` // as spec/checker/lockstep/cells.ts names it
  const by = [
    ...(times > 0 ? [['P', `prop ${number(times)} times`] as const] : []),
    ...(parts.fuzzCells?.includes(name) ? [['F', 'fuzz'] as const] : []),
    ...(parts.scopeCells?.includes(name) ? [['S', 'scopes'] as const] : []),
  ]
  const says = by.length === 0 ? 'reached by nobody' : `reached by ${by.map(([, who]) => who).join(', ')}`
  return (
    <td class={`reach r${by.length}`} title={`${cell.role} in ${cell.phase}, ${cell.opcode}, ${cell.verdict}: ${says}`}>
      {by.length === 0 ? 'nobody' : by.map(([sign]) => sign).join(' ')}
    </td>
  )
}

export const Cells = ({ cells, parts }: { cells: readonly CellRow[]; parts: Parts }) => (
  <>
    <p>
      A cell is a way in which the model can judge a frame: role, phase, opcode, verdict. P: reached by{' '}
      <code>prop</code>, F: by the fuzzer{parts.fuzzCells === undefined && ' (not in this report)'}, S: by the
      exhaustive scopes
      {parts.scopeCells === undefined && ' (not in this report)'}. Empty: the model cannot reach it.
    </p>
    {distinct(cells.map((c) => `${c.role} in ${c.phase}`)).map((place) => (
      <section key={place}>
        <h3>{place}</h3>
        <Grid cells={cells.filter((c) => `${c.role} in ${c.phase}` === place)} parts={parts} />
      </section>
    ))}
  </>
)
