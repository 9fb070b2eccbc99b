/** Counterexamples and attacks, step by step. */
import type { Explanation } from '../../explain/text.ts'
import type { Story } from '../parts.ts'
import { Player } from './player.tsx'
import { Command, Verdict } from './widgets.tsx'

const GROUPS = [
  ['counterexample', 'Counterexamples'],
  ['model', 'Shortest attacks of the model'],
  ['attack', 'Attacks'],
] as const

export const nameOf = (s: Story): string => `${s.kind}-${s.id}-${s.mode}`

const Rules = ({ rules, where }: Explanation) => (
  <section class="rules">
    <h4>Rules that may be missing, the most likely first</h4>
    <ol>
      {rules.map((r) => (
        <li key={r.rule}>
          <strong>{r.rule}</strong>, PROTOCOL {r.clause}: “{r.quote}” {r.advice}
          {r.explained !== null && (
            <span class="quiet"> Without it the reference does {Math.round(r.explained * 100)} % of this too.</span>
          )}
        </li>
      ))}
    </ol>
    {where.length > 0 && <p>Decided otherwise in {where.join(', ')}.</p>}
  </section>
)

const Told = ({ story: s }: { story: Story }) => {
  const notes = s.explanation?.notes ?? []
  const aside = (action: number | null) =>
    notes
      .filter((n) => n.step === action)
      .map((n) => (
        <p key={n.text} class="aside">
          {n.text}
        </p>
      ))
  return (
    <article class="story" aria-label={`${s.id} in ${s.mode}`}>
      <h3>
        {s.id} <span class="quiet">in {s.mode}</span>
      </h3>
      <p>{s.says}</p>
      <p class={s.red ? 'bad' : ''}>{s.outcome}</p>
      <p class="quiet">{s.clause}</p>
      {aside(null)}
      {s.replay !== null && <Command text={s.replay} />}
      {s.explanation?.lost !== undefined && <p class="aside">Not explained: {s.explanation.lost}</p>}
      {s.explanation !== undefined && s.explanation.rules.length > 0 && <Rules {...s.explanation} />}
      {s.film === null ? (
        <>
          <p class="warn">It could not be played again step by step; this is its drawing.</p>
          <pre>{(s.ladder ?? []).join('\n')}</pre>
        </>
      ) : (
        <Player
          film={s.film}
          name={`${s.id} in ${s.mode}`}
          beside={s.bound === null ? null : { film: s.bound, name: 'the same schedule in bound' }}
          aside={aside}
        />
      )}
    </article>
  )
}

export const Stories = ({ stories, chosen }: { stories: readonly Story[]; chosen: string }) => {
  const story = stories.find((s) => nameOf(s) === chosen) ?? stories[0]
  return (
    <div class="split">
      <nav class="list" aria-label="schedules">
        {GROUPS.map(([kind, title]) => {
          const mine = stories.filter((s) => s.kind === kind)
          if (mine.length === 0) return null
          return (
            <section key={kind}>
              <h3>{title}</h3>
              <ul>
                {mine.map((s) => (
                  <li key={nameOf(s)}>
                    <a
                      href={`#stories/${encodeURIComponent(nameOf(s))}`}
                      aria-current={s === story ? 'true' : undefined}
                    >
                      <strong>{s.id}</strong>{' '}
                      {s.kind === 'attack' ? <Verdict text={s.outcome.split(' ')[0]!} /> : s.mode}
                      {s.red && <span class="bad"> unexpected</span>}
                    </a>
                  </li>
                ))}
              </ul>
            </section>
          )
        })}
      </nav>
      {story !== undefined && <Told key={nameOf(story)} story={story} />}
    </div>
  )
}
