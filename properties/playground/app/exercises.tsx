/** Twelve servers with one rule missing, and how it goes with the one that plays. */
import { EXERCISES, type Exercise, gradeOf } from '../exercises.ts'
import { type Game, saysOf } from '../game.ts'

const said = (x: Exercise, game: Game): { readonly text: string; readonly good: boolean } => {
  const grade = gradeOf(x, game)
  switch (grade.kind) {
    case 'foreign':
      return { text: `Not graded: ${grade.why}.`, good: false }
    case 'open':
      return {
        text: grade.other.length === 0 ? 'Not solved yet.' : `Violated: ${grade.other.join(', ')}; but not ${x.goal}.`,
        good: false,
      }
    case 'solved':
      return {
        text: grade.shortest
          ? `Solved in ${grade.length}: as short as it gets.`
          : `Solved in ${grade.length} actions; the model’s shortest takes ${x.shortest}.`,
        good: true,
      }
  }
}

interface ExercisesProps {
  readonly game: Game
  readonly exercise: Exercise | null
  /** Best lengths so far, by mutant. */
  readonly best: Readonly<Record<string, number>>
  start(x: Exercise | null): void
}

export const Exercises = ({ game, exercise, best, start }: ExercisesProps) => {
  const present = exercise === null ? null : said(exercise, game)
  return (
    <section aria-labelledby="exercises">
      <h2 id="exercises">Exercises</h2>
      {exercise === null || present === null ? (
        <p class="quiet">Each server lacks one rule. Find the schedule that shows it.</p>
      ) : (
        <div class="exercise">
          <h3>{exercise.title}</h3>
          <p>{exercise.hint}</p>
          <p>
            Break <strong>{exercise.goal}</strong>: {saysOf(exercise.goal)}.
          </p>
          <p role="status" class={present.good ? 'good' : ''}>
            {present.text}
          </p>
          <button type="button" onClick={() => start(null)}>
            back to the honest server
          </button>
        </div>
      )}
      <ol class="exercises">
        {EXERCISES.map((x) => (
          <li key={x.mutant}>
            <button type="button" aria-pressed={exercise === x} onClick={() => start(x)}>
              {x.title}
            </button>{' '}
            <span class="quiet">
              {x.goal}
              {best[x.mutant] !== undefined && `, solved in ${best[x.mutant]} (shortest ${x.shortest})`}
            </span>
          </li>
        ))}
      </ol>
    </section>
  )
}
