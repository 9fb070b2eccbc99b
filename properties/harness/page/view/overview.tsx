/** The verdict, the stages, the problems, and what is other than in an earlier report. */
import type { Page } from '../parts.ts'
import { Command, Verdict } from './widgets.tsx'

const SHOWN = 200

export const Overview = ({ page }: { page: Page }) => (
  <>
    <p class={`banner ${page.verdict}`}>
      <strong>{page.verdict.toUpperCase()}</strong> {page.says}
    </p>
    <p class="quiet">
      Made by <code>{page.made}</code>.
    </p>
    {page.since !== null && (
      <section>
        <h3>What changed since the earlier report</h3>
        {page.since.length === 0 ? (
          <p>Nothing that it tells.</p>
        ) : (
          <ul class="since">
            {page.since.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        )}
      </section>
    )}
    {page.problems.length > 0 && (
      <section>
        <h3>Problems</h3>
        <ul class="problems">
          {page.problems.slice(0, SHOWN).map((p) => (
            <li key={`${p.kind} ${p.text}`}>
              <strong class="bad">{p.kind}</strong>: {p.text}
              {p.at !== undefined && (
                <>
                  {' '}
                  (<code>{p.at}</code>)
                </>
              )}
              {p.replay !== undefined && <Command text={p.replay} />}
            </li>
          ))}
        </ul>
        {page.problems.length > SHOWN && <p>… and {page.problems.length - SHOWN} more, in report.json</p>}
      </section>
    )}
    {page.stages.length > 0 && (
      <section>
        <h3>Stages</h3>
        <ul class="stages">
          {page.stages.map((s) => (
            <li key={s.name}>
              <Verdict text={s.status} /> <strong>{s.name}</strong>: {s.asks}? <span class="answer">{s.summary}</span>
            </li>
          ))}
        </ul>
      </section>
    )}
    {page.notCovered.length > 0 && (
      <section>
        <h3>What is not covered</h3>
        <ul>
          {page.notCovered.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      </section>
    )}
  </>
)
