/** The invariants, judged after every action, and what the same schedule comes to in the other mode. */
import type { Game, Judged } from '../game.ts'

const names = (judged: readonly Judged[]): string => judged.flatMap((j) => (j.broken === null ? [] : [j.id])).join(', ')

/** In one line; it stays in sight. */
export const Verdict = ({ game }: { game: Game }) => {
  const { mode } = game.schedule
  const broken = names(game.judged)
  const tested = game.judged.filter((j) => j.witnessed > 0).length
  return (
    <p class={broken === '' ? 'verdict good' : 'verdict bad'} role="status">
      {broken === ''
        ? `Nothing violated in ${mode}; ${tested} of ${game.judged.length} invariants put to the test.`
        : `Violated in ${mode}: ${broken}.`}
    </p>
  )
}

export const Judgement = ({ game, other }: { game: Game; other: Game }) => {
  const broken = game.judged.filter((j) => j.broken !== null)
  const there = names(other.judged)
  return (
    <section aria-labelledby="judgement">
      <h2 id="judgement">Invariants</h2>
      {broken.length === 0 && <p>Nothing violated.</p>}
      {broken.map((j) => (
        <div key={j.id} class="broken">
          <strong>{j.id}</strong>: {j.says}.
          <div>
            Action {j.broken!.length}: {j.broken!.why}
          </div>
          {j.broken!.expected && <div class="quiet">What literal mode is known to lack (PROTOCOL §9).</div>}
        </div>
      ))}
      <p class="quiet">
        The same actions in {other.schedule.mode}: {there === '' ? 'nothing violated' : `violated: ${there}`}.
      </p>
      <details>
        <summary>All that are judged</summary>
        <ul class="invariants">
          {game.judged.map((j) => (
            <li key={j.id}>
              <strong class={j.broken === null ? '' : 'bad'}>{j.id}</strong> {j.says}
              <span class="quiet">
                {' '}
                (
                {j.broken !== null
                  ? 'violated'
                  : j.witnessed > 0
                    ? `put to the test ${j.witnessed}×`
                    : 'not put to the test yet'}
                )
              </span>
            </li>
          ))}
        </ul>
        <p class="quiet">Properties that compare whole plays (TWIN, F2, …) are judged by `npm run prop -- --replay`.</p>
      </details>
    </section>
  )
}
