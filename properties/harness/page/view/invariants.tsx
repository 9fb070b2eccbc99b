/** Invariants with their witnesses against their floors, and the claims that rest on them. */
import type { ClaimRow, InvariantRow } from '../parts.ts'
import { type Column, number, Table, Verdict } from './widgets.tsx'

/** How far above its floor; a witness below it counts for nothing. */
const Share = ({ row }: { row: InvariantRow }) => {
  const share = row.floor === 0 ? 1 : row.bound.witnesses / row.floor
  return (
    <>
      {number(row.bound.witnesses)}{' '}
      <meter
        min={0}
        max={4}
        low={1}
        optimum={4}
        value={Math.min(4, share)}
        aria-label={`${share.toFixed(1)} times its floor`}
      />
    </>
  )
}

const COLUMNS: readonly Column<InvariantRow>[] = [
  { head: 'id', value: (r) => r.id, cell: (r) => <strong>{r.id}</strong> },
  { head: 'invariant', value: (r) => r.says },
  { head: 'clause', value: (r) => r.clause },
  { head: 'survives', value: (r) => r.powers },
  { head: 'by', value: (r) => r.by },
  { head: 'schedules', value: (r) => r.bound.schedules, cell: (r) => number(r.bound.schedules), right: true },
  { head: 'witnesses', value: (r) => r.bound.witnesses, cell: (r) => <Share row={r} />, right: true },
  { head: 'floor', value: (r) => r.floor, cell: (r) => number(r.floor), right: true },
  { head: 'bound', value: (r) => r.bound.verdict, cell: (r) => <Verdict text={r.bound.verdict} /> },
  { head: 'literal', value: (r) => r.literal.verdict, cell: (r) => <Verdict text={r.literal.verdict} /> },
  { head: 'what counts as a witness', value: (r) => r.witness },
]

const CLAIMS: readonly Column<ClaimRow>[] = [
  { head: 'claim', value: (r) => r.claim, right: true },
  { head: 'says', value: (r) => r.says },
  { head: 'mode', value: (r) => r.mode },
  {
    head: 'verdict',
    value: (r) => (r.holds ? 'holds' : 'false'),
    cell: (r) => <Verdict text={r.holds ? 'holds' : 'false'} />,
  },
  { head: 'because', value: (r) => r.evidence },
]

export const Invariants = ({ rows, claims }: { rows: readonly InvariantRow[]; claims: readonly ClaimRow[] }) => (
  <>
    {rows.length > 0 && <Table name="invariants" rows={rows} columns={COLUMNS} keyOf={(r) => `${r.by} ${r.id}`} />}
    {claims.length > 0 && (
      <>
        <h3>The ten claims of PROTOCOL §9</h3>
        <Table name="claims" rows={claims} columns={CLAIMS} keyOf={(r) => `${r.claim} ${r.mode}`} />
      </>
    )}
  </>
)
