/** How an exercise went. */
import { scope, setupOf } from '../../spec/checker/scope.ts'
import { powerOf, type Schedule } from '../../spec/language.ts'
import type { Exercise } from './exercises.ts'
import { emptySchedule, type Game } from './game.ts'

type Grade =
  | { readonly kind: 'open'; readonly other: readonly string[] } // broken, but not what was asked for
  | { readonly kind: 'foreign'; readonly why: string }
  /** `length`: actions up to where it broke. */
  | { readonly kind: 'solved'; readonly length: number; readonly shortest: boolean }

/** Before the first action: the setup that the shortest way is known for. */
export const startOf = (x: Exercise): Schedule => {
  const s = scope(x.size, x.scope)
  const start = emptySchedule(s.mode, s.powers, setupOf(s).keyring)
  const { unconfirmedPerId } = x.scope
  const limits = unconfirmedPerId === undefined ? {} : { unconfirmedPerId }
  return { ...start, setup: { ...start.setup, limits } }
}

const same = (a: Schedule, b: Schedule): boolean =>
  a.mode === b.mode && a.powers === b.powers && JSON.stringify(a.setup) === JSON.stringify(b.setup)

export const gradeOf = (x: Exercise, { schedule, judged }: Game): Grade => {
  if (!same(schedule, startOf(x))) return { kind: 'foreign', why: 'it has another mode, other powers or another setup' }
  const beyond = schedule.actions.find((a) => powerOf(a) !== '' && !schedule.powers.includes(powerOf(a)))
  if (beyond !== undefined) return { kind: 'foreign', why: `"${beyond.do}" needs power ${powerOf(beyond)}` }
  const broken = judged.find((j) => j.id === x.goal)?.broken
  if (!broken) return { kind: 'open', other: judged.flatMap((j) => (j.broken === null ? [] : [j.id])) }
  return { kind: 'solved', length: broken.length, shortest: broken.length <= x.shortest }
}
