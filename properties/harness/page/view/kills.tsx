/** The kill matrix: invariants × mutants; each mutant opens its bug and its diff. */
import { useState } from 'preact/hooks'
import type { MutantRow, Parts } from '../parts.ts'
import { Scroll, useFilter, Verdict } from './widgets.tsx'

const meaning = (m: MutantRow, id: string): string => {
  if (m.first.includes(id)) return `${id} was among the first to notice ${m.id}`
  if (m.fired.includes(id)) return `${id} noticed ${m.id}, after others`
  return `${id} did not notice ${m.id}`
}
const levelOf = (m: MutantRow, id: string): string =>
  m.first.includes(id) ? 'first' : m.fired.includes(id) ? 'fired' : ''

const Mutant = ({ mutant: m }: { mutant: MutantRow }) => (
  <section class="mutant" aria-label={`mutant ${m.id}`}>
    <h3>
      {m.id} <Verdict text={m.verdict} />
    </h3>
    <p>
      {m.bug}. Family {m.family}
      {m.expect !== null && `, expected to be noticed first by ${m.expect}`}.
    </p>
    {m.remark !== '' && <p>{m.remark}</p>}
    <p>
      First: {m.first.join(', ') || 'nobody'}. Fired as well:{' '}
      {m.fired.filter((x) => !m.first.includes(x)).join(', ') || 'nobody'}.
    </p>
    {m.diff.map((d) => (
      <div key={`${d.file} ${d.find}`}>
        <code>{d.file}</code>
        <pre class="diff">
          {d.find.split('\n').map((l) => (
            <del key={l}>
              - {l}
              {'\n'}
            </del>
          ))}
          {d.replace.split('\n').map((l) => (
            <ins key={l}>
              + {l}
              {'\n'}
            </ins>
          ))}
        </pre>
      </div>
    ))}
  </section>
)

export const Kills = ({ kills }: { kills: NonNullable<Parts['kills']> }) => {
  const [chosen, choose] = useState(kills.mutants[0]?.id ?? '')
  const [said, say] = useState('Move over a cell to read what it means; open a mutant by its name.')
  const text = (m: MutantRow): string => `${m.id} ${m.family} ${m.bug} ${m.expect} ${m.verdict} ${m.first.join(' ')}`
  const [rows, field] = useFilter('mutants', kills.mutants, text)
  const mutant = kills.mutants.find((m) => m.id === chosen)
  return (
    <>
      <p>
        {kills.mutants.length} of the {kills.catalogue} mutants of the catalogue. <span class="cell first">●</span>{' '}
        among the first to fire, <span class="cell fired">○</span> fired.
      </p>
      {field}
      <p class="says">{said}</p>
      {mutant !== undefined && <Mutant mutant={mutant} />}
      <Scroll class="wide tall" label="kill matrix">
        <table
          class="heat"
          onPointerOver={(e) => {
            if (e.target instanceof HTMLElement && e.target.title !== '') say(e.target.title)
          }}
        >
          <thead>
            <tr>
              <th scope="col">mutant</th>
              {kills.invariants.map((id) => (
                <th key={id} scope="col" class="down">
                  {id}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((m) => (
              <tr key={m.id}>
                <th scope="row">
                  <button type="button" class="plain" aria-pressed={m.id === chosen} onClick={() => choose(m.id)}>
                    {m.id}
                  </button>
                </th>
                {kills.invariants.map((id) => {
                  const level = levelOf(m, id)
                  return (
                    <td key={id} class={`cell ${level}`} title={meaning(m, id)}>
                      {level === 'first' ? '●' : level === 'fired' ? '○' : ''}
                    </td>
                  )
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </>
  )
}
