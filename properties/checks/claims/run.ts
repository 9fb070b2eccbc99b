/** The `claims` command: the ten claims of PROTOCOL §9, judged in both modes by exhausting the model. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { ATTACKS } from '../../../spec/checker/attacks.ts'
import { explore } from '../../../spec/checker/explore.ts'
import { CLAIM_SCOPES, CLAIMS, judgeClaim } from '../../../spec/claims.ts'
import type { Mode } from '../../../spec/language.ts'
import { progressLine } from '../../harness/progress-line.ts'
import { printStored } from '../../harness/schedule-file.ts'
import { CORPUS } from '../../harness/stored.ts'
import { claimLadders, claimText } from '../explore/print.ts'
import { painter } from '../prop/print.ts'
import { modelAttacks } from './model-attacks.ts'

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

/** The attacks of `literal` into the corpus, from where every run replays them. */
const store = (): void => {
  mkdirSync(new URL('model/', CORPUS), { recursive: true })
  for (const { name, stored } of modelAttacks()) {
    writeFileSync(new URL(`model/${name}.json`, CORPUS), printStored(stored))
    say(`corpus/schedules/model/${name}.json: ${stored.says}`)
  }
}

const main = (): number => {
  const [option, ...rest] = process.argv.slice(2)
  if (option === '--export' && rest.length === 0) {
    store()
    return 0
  }
  if (option !== undefined) {
    process.stderr.write(`npm run claims: expected no option, or --export, got ${[option, ...rest].join(' ')}\n`)
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
