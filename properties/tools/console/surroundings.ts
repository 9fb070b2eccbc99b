/** What a console needs of the process around it, and what both consoles need of a keyring option. */
import { randomInt } from 'node:crypto'
import { wallTime } from '../../../src/net/index.ts'
import type { Screen } from '../../harness/terminal/command.ts'
import { text } from '../../harness/terminal/options.ts'
import { printable, wrap } from '../../harness/terminal/text.ts'
import { menuPrompter, type Prompter, pipePrompter } from './prompter.ts'

export interface Surroundings {
  /** Resolves when the command is to stop. */
  readonly stop: Promise<unknown>
  readonly prompter: (screen: Screen) => Prompter
  /** True: a person types, who can mend a bad command. False: a script. */
  readonly interactive: boolean
  readonly freshSeed: () => number
  /** ms since 1970. */
  readonly clock: () => number
}

/** Those of this process. */
export const processSurroundings = (): Surroundings => {
  const interactive = process.stdin.isTTY && process.stdout.isTTY
  return {
    stop: new Promise<void>((resolve) => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => resolve())
    }),
    prompter(screen) {
      const echo = (command: string): void => screen.say(screen.paint(`> ${printable(command)}`, 'bold'))
      return interactive ? menuPrompter(echo) : pipePrompter(process.stdin, echo)
    },
    interactive,
    freshSeed: () => randomInt(2 ** 32),
    clock: () => wallTime().getTime(),
  }
}

/** An option that names a file; null without. */
export const fileOption = (says: string) => text({ value: 'FILE', says, default: null })

/** Says lines that may hold text of others, on a screen of any width. */
export const teller =
  (screen: Screen) =>
  (line: string, how: (text: string) => string = (text) => text): void =>
    screen.say(how(wrap(printable(line), screen.columns)))

export const warn = (screen: Screen, warning: string | null): void => {
  if (warning !== null) screen.complain(wrap(printable(`WARNING: ${warning}`), screen.columns))
}
