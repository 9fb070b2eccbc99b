/** The `claims` command: the ten claims of PROTOCOL §9, judged in both modes by exhausting the model. */
import { CLAIM_SCOPES, CLAIMS, judgeClaim } from '../spec/claims.ts'
import { ATTACKS } from '../spec/explore/attacks.ts'
import { explore } from '../spec/explore.ts'
import type { Mode } from '../spec/language.ts'
import { claimLadders, claimText } from './explore-print.ts'
import { painter } from './print.ts'
import { progressLine } from './progress-line.ts'

const paint = painter(process.stdout)
const say = (text: string): void => void process.stdout.write(`${text}\n`)

const judged = (mode: Mode): number => {
  const line = progressLine()
  const all = CLAIM_SCOPES[mode].map((s) => explore(s, { also: ATTACKS, progress: line.show }))
  line.clear()
  const verdicts = CLAIMS.map((claim) => judgeClaim(claim, mode, all))
  const shown = new Set<string>()
  for (const v of verdicts) {
    say(claimText(v, paint))
    const fresh = v.counterexamples.filter((c) => !shown.has(c.invariant))
    for (const c of fresh) shown.add(c.invariant)
    if (fresh.length > 0) say(claimLadders({ ...v, counterexamples: fresh }))
  }
  return verdicts.filter((v) => v.differs.length > 0).length
}

const main = (): number => {
  if (process.argv.length > 2) {
    process.stderr.write(`npm run claims takes no options, got ${process.argv.slice(2).join(' ')}\n`)
    return 2
  }
  const differing = (['literal', 'bound'] as const).reduce((sum, mode) => sum + judged(mode), 0)
  say(
    differing === 0
      ? paint('every claim as PROTOCOL §9 has it', 'green')
      : paint(`${differing} verdicts differ from PROTOCOL §9`, 'red'),
  )
  return differing === 0 ? 0 : 1
}

process.exitCode = main()
