/** What the schedule did, step by step; on demand with the same actions in the other mode beside it. */
import { useState } from 'preact/hooks'
import { Player } from '../../harness/page/view/player.tsx'
import type { Game } from '../game.ts'

export const Happened = ({ game, other }: { game: Game; other: Game }) => {
  const [both, show] = useState(false)
  const { film } = game
  const beside = both ? { film: other.film, name: `in ${other.film.mode}` } : null
  return (
    <section aria-labelledby="played">
      <h2 id="played">What happened</h2>
      <label>
        <input type="checkbox" checked={both} onChange={() => show(!both)} /> beside it the same in {other.film.mode}
      </label>
      {film.steps.length === 0 ? (
        <p class="quiet">Nothing yet.</p>
      ) : (
        <Player
          key={JSON.stringify(game.schedule)}
          film={film}
          name="schedule"
          start={film.steps.length}
          beside={beside}
        />
      )}
    </section>
  )
}
