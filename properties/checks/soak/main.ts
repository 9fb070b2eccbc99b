/** The `soak` command, apart from the process around it. */
import { command, type Screen } from '../../harness/terminal/command.ts'
import { violations } from './figures.ts'
import { headText, liveText, summaryText } from './print.ts'
import { OPTIONS, Soak, type SoakOptions } from './soak.ts'

const LOOK_MS = 100 // between two questions whether progress is to be shown

/** Soaks until it is done, or `stopped` says so. Resolves with the exit code. */
const soak = async (options: SoakOptions, screen: Screen, stopped: () => boolean): Promise<0 | 1> => {
  screen.say(headText(options))
  let doing = ''
  const begun = performance.now()
  const run = new Soak(options, {
    stopped,
    now: (what) => {
      doing = what
    },
  })
  const line = screen.progress()
  const show = (): void => line.show(() => liveText(doing, run.figures, (performance.now() - begun) / 1_000))
  const showing = setInterval(show, LOOK_MS)
  try {
    await run.run()
  } finally {
    clearInterval(showing)
    line.clear()
  }
  screen.say(summaryText(run.figures, options, screen.paint))
  return violations(run.figures, options.answerMs).length === 0 ? 0 : 1
}

export const soakCommand = (stopped: () => boolean) =>
  command({
    name: 'soak',
    options: OPTIONS,
    notes: `Starts a server of its own on 127.0.0.1 and puts load on it over TCP. Ctrl-C ends it with the figures so far.
Exit codes: 0 all held, 1 something did not, 2 usage.`,
    run: ({ 'answer-ms': answerMs, ...options }, screen) => soak({ ...options, answerMs }, screen, stopped),
  })
