/** The state of every session before and after a step. */
import type { ComponentChildren } from 'preact'
import type { Film, Session } from '../film.ts'
import { Fingerprint } from './frame.tsx'
import { sessionsAfter } from './words.ts'

const KEYS = ['C2S-ENC', 'C2S-MAC', 'S2C-ENC', 'S2C-MAC']

const phaseOf = (s: Session): string => {
  const more = [s.confirmed ? 'confirmed' : '', s.outstanding ? 'awaits a response' : '', s.ended ? 'ended' : '']
  return [s.phase === 'none' ? 'no session yet' : s.phase, ...more.filter((x) => x !== '')].join(', ')
}

/** A value, and what it was where the step changed it. */
const Change = ({ was, is, children }: { was: string | null; is: string; children?: ComponentChildren }) => (
  <>
    {was !== null && was !== is && (
      <>
        <del>{was}</del>
        {' → '}
      </>
    )}
    {was !== null && was !== is ? <ins>{children ?? is}</ins> : (children ?? is)}
  </>
)

const keysText = (film: Film, s: Session): string =>
  s.keys === null ? 'none' : s.keys.map((k) => film.keys[k]).join(' ')

export const Sessions = ({ film, shown }: { film: Film; shown: number }) => {
  const [before, after] = [sessionsAfter(film, Math.max(0, shown - 1)), sessionsAfter(film, shown)]
  const ends = [...film.clients, ...film.servers].flatMap((e) => after.get(e) ?? [])
  return (
    <section class="sessions" aria-label="sessions before and after this step">
      {ends.length === 0 && <p class="quiet">No session yet.</p>}
      {ends.map((s) => {
        const was = before.get(s.end) ?? null
        const of = (text: (s: Session) => string): { was: string | null; is: string } => ({
          was: was === null ? null : text(was),
          is: text(s),
        })
        const changed = was === null || JSON.stringify(was) !== JSON.stringify(s)
        return (
          <div key={s.end} class={changed ? 'session changed' : 'session'}>
            <h4>
              {s.end}
              {s.id === null ? '' : `, client ${s.id}`}
            </h4>
            <dl>
              <dt>phase</dt>
              <dd>
                <Change {...of(phaseOf)} />
              </dd>
              <dt>round</dt>
              <dd>
                <Change {...of((x) => `${x.round}`)} />
              </dd>
              {s.end.startsWith('s') && (
                <>
                  <dt title="values of this session that count">values</dt>
                  <dd>
                    <Change {...of((x) => `${x.values}`)} />
                  </dd>
                </>
              )}
              <dt>keys</dt>
              <dd class="keys">
                {s.keys === null ? (
                  <Change {...of((x) => keysText(film, x))}>none</Change>
                ) : (
                  s.keys.map((k, i) => (
                    <span key={KEYS[i]}>
                      {KEYS[i]} <Fingerprint film={film} index={k} />
                      {was !== null && was.keys?.[i] !== k && <ins> new</ins>}
                    </span>
                  ))
                )}
              </dd>
            </dl>
          </div>
        )
      })}
    </section>
  )
}
