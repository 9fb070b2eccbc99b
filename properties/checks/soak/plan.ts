/** Who takes part in a soak, and how its rounds are divided. */
import { MOST_CLIENTS } from './values.ts'

export interface Participants {
  readonly steady: readonly number[] // ids of the clients that stay
  readonly newcomer: number // id of the one that comes anew
  readonly insiders: readonly number[] // ids that are left, for hostile peers that hold a key
}

/** With all 255 ids in use, one of them is the newcomer; else it comes on top. */
export const participantsOf = (clients: number): Participants => {
  const ids = Array.from({ length: MOST_CLIENTS }, (_, i) => i + 1)
  const newcomer = Math.min(clients + 1, MOST_CLIENTS)
  return { steady: ids.slice(0, newcomer - 1), newcomer, insiders: ids.slice(newcomer) }
}

export interface Phase {
  readonly kind: 'warm-up' | 'calm' | 'attack'
  readonly rounds: number
}

const LONGEST = 64 // rounds: an echo stands close to every burst that it is compared with

/** Half of the rounds in peace, the first burst of several to warm up, the other half under attack, if there is one. */
export const phasesOf = (rounds: number, hostile: number): readonly Phase[] => {
  const attacked = hostile === 0 ? 0 : Math.floor(rounds / 2)
  const calm = cut(rounds - attacked).map(
    (n, i, all): Phase => ({ kind: i === 0 && all.length > 1 ? 'warm-up' : 'calm', rounds: n }),
  )
  return [...calm, ...cut(attacked).map((n): Phase => ({ kind: 'attack', rounds: n }))]
}

/** As equal parts as can be. */
const cut = (rounds: number): readonly number[] => {
  const parts = Math.ceil(rounds / LONGEST)
  return Array.from(
    { length: parts },
    (_, i) => Math.floor((rounds * (i + 1)) / parts) - Math.floor((rounds * i) / parts),
  )
}
