/** How many of other mutants a budget of schedules leaves alive, judged by those that were hunted. */

export interface Hunted {
  readonly hunted: number
  readonly survived: number
}

/** Of mutants with so many schedules to the first kill (null: none killed them), those that fewer schedules leave alive. */
export const survivorsAt = (kills: readonly (number | null)[], budget: number): Hunted => ({
  hunted: kills.length,
  survived: kills.filter((n) => n === null || n > budget).length,
})

/**
 * 90 % interval of how many of `others` survive, where those hunted and the others are of one kind: beta-binomial, with
 * the prior of Jeffreys.
 */
export const predicted = ({ hunted, survived }: Hunted, others: number): readonly [low: number, high: number] => {
  const [a, b] = [survived + 0.5, hunted - survived + 0.5]
  let p = 1
  for (let i = 0; i < others; i++) p *= (b + i) / (a + b + i)
  const [low, high] = [0.05, 0.95]
  let [sum, least, most] = [0, 0, others]
  for (let k = 0; k <= others; k++) {
    if (sum <= low) least = k // fewer than k are that improbable
    sum += p
    if (sum >= high) {
      most = k
      break
    }
    p *= (((others - k) / (k + 1)) * (a + k)) / (b + others - k - 1)
  }
  return [least, most]
}
