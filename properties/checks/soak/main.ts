/** The `soak` command, apart from the process around it. */
import type { Paint } from '../prop/print.ts'
import { violations } from './figures.ts'
import { parseSoakOptions, USAGE } from './options.ts'
import { headText, liveText, summaryText } from './print.ts'
import { Soak } from './soak.ts'

export interface Screen {
  say(text: string): void
  complain(text: string): void
  /** Replaces what it showed before. */
  live(text: string): void
  readonly paint: Paint
  readonly liveEveryMs: number
}

/** Soaks until it is done, or `stopped` says so. Resolves with the exit code. */
export const soak = async (argv: readonly string[], screen: Screen, stopped: () => boolean): Promise<0 | 1 | 2> => {
  const options = parseSoakOptions(argv)
  if (options.kind === 'bad') {
    screen.complain(`${options.why} (npm run soak -- --help lists the options)`)
    return 2
  }
  if (options.value === 'help') {
    screen.say(USAGE)
    return 0
  }
  screen.say(headText(options.value))
  let doing = ''
  const begun = performance.now()
  const run = new Soak(options.value, {
    stopped,
    now: (what) => {
      doing = what
    },
  })
  const show = (): void => screen.live(liveText(doing, run.figures, (performance.now() - begun) / 1_000))
  const showing = setInterval(show, screen.liveEveryMs)
  try {
    await run.run()
  } finally {
    clearInterval(showing)
    screen.live('')
  }
  screen.say(summaryText(run.figures, options.value, screen.paint))
  return violations(run.figures, options.value.answerMs).length === 0 ? 0 : 1
}
