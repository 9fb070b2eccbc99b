/** The `explore` command: the model, exhausted in one or several scopes. */
import { explore } from '../../../spec/checker/explore.ts'
import type { Scope } from '../../../spec/model/scope.ts'
import { progressLine } from '../../harness/progress-line.ts'
import { painter } from '../prop/print.ts'
import { parseExplore, USAGE } from './options.ts'
import { exploredText, notCarriedText, standing } from './print.ts'

const paint = painter(process.stdout)
const say = (text: string): void => void process.stdout.write(`${text}\n`)

const main = (): number => {
  if (process.argv.includes('--help')) {
    say(USAGE)
    return 0
  }
  const options = parseExplore(process.argv.slice(2))
  if ('bad' in options) {
    process.stderr.write(`${options.bad}\n`)
    return 2
  }
  let red = 0
  let stopped = 0
  for (const s of options.scopes) {
    const { seconds, result } = timed(s, options.limits)
    say(exploredText(result, seconds, paint))
    if (result.stopped !== null) stopped++
    const judged = result.judged.map((j) => standing(j, s))
    red += judged.filter((how) => how === 'unexpected' || (result.stopped === null && how !== 'as expected')).length
  }
  say(notCarriedText())
  if (red > 0) say(paint(`${red} verdicts are not as expected`, 'red'))
  else if (stopped > 0) say(paint(`${stopped} scopes were not exhausted; raise --states or --memory`, 'yellow'))
  else say(paint('every verdict is as expected, every witness within reach was reached', 'green'))
  return red > 0 ? 1 : stopped > 0 ? 3 : 0
}

const timed = (s: Scope, limits: { states: number; bytes: number }) => {
  const line = progressLine()
  const started = performance.now()
  const result = explore(s, { limits, progress: line.show })
  line.clear()
  return { seconds: (performance.now() - started) / 1000, result }
}

process.exitCode = main()
