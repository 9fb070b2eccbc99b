/** Cards of conform, cases × targets, and learned machines. */
import { useState } from 'preact/hooks'
import type { CardPart, MachinePart } from '../parts.ts'
import { Command, Scroll, Verdict } from './widgets.tsx'

type CardRow = CardPart['rows'][number]

const Opened = ({ row: r, card }: { row: CardRow; card: string }) => (
  <section class="case" aria-label={`${r.id} of ${card}`}>
    <h3>
      {r.id} <span class="quiet">of {card}</span> <Verdict text={r.verdict} />
    </h3>
    <p>
      {r.says}{' '}
      <span class="quiet">
        {r.invariant}, {r.clause}
      </span>
    </p>
    <p>Seen: {r.observed}</p>
    <p>{r.advice}</p>
    {r.missing.length > 0 && <p>{r.missing.join(' ')}</p>}
    {r.exchange.length > 0 && <pre>{r.exchange.join('\n')}</pre>}
    <Command text={r.replay} />
  </section>
)

export const Cards = ({ cards }: { cards: readonly CardPart[] }) => {
  const [chosen, choose] = useState<readonly [card: number, id: string] | null>(null)
  const rows = [...new Map(cards.flatMap((c) => c.rows.map((r) => [r.id, r] as const))).values()]
  const card = chosen === null ? undefined : cards[chosen[0]]
  const row = card?.rows.find((r) => r.id === chosen![1])
  return (
    <>
      <p>The first column is the run that made this page; the others are earlier runs whose cards lie beside it.</p>
      {row !== undefined && <Opened row={row} card={card!.name} />}
      <Scroll class="wide" label="cards">
        <table class="data">
          <thead>
            <tr>
              <th scope="col">case</th>
              {cards.map((c) => (
                <th key={c.name} scope="col">
                  {c.name}
                  <br />
                  <small>dialect {c.dialect}</small>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((r) => (
              <tr key={r.id}>
                <th scope="row">
                  <code>{r.id}</code>
                </th>
                {cards.map((c, i) => {
                  const mine = c.rows.find((x) => x.id === r.id)
                  return (
                    <td key={c.name}>
                      {mine === undefined ? (
                        <span class="quiet">not asked</span>
                      ) : (
                        <button
                          type="button"
                          class="plain"
                          aria-label={`${mine.verdict}: open ${r.id} of ${c.name}`}
                          onClick={() => choose([i, r.id])}
                        >
                          <Verdict text={mine.verdict} />
                        </button>
                      )}
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

export const Machines = ({ machines }: { machines: readonly MachinePart[] }) => (
  <>
    {machines.map((m) => (
      <section key={m.title}>
        <h3>{m.title}</h3>
        <dl class="facts">
          {m.rows.map(([name, value]) => [<dt key={name}>{name}</dt>, <dd key={value}>{value}</dd>])}
        </dl>
        {m.svg !== '' && (
          <Scroll class="wide machine" label={`drawing of ${m.title}`}>
            <img src={`data:image/svg+xml,${encodeURIComponent(m.svg)}`} alt={`state machine: ${m.title}`} />
          </Scroll>
        )}
      </section>
    ))}
  </>
)
