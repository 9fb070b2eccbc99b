/**
 * What a console needs of the process around it. Commands come one a line from a pipe, or are put together in menus at a
 * terminal: whatever a menu offers has a command form, and what was chosen is shown in that form.
 */
import { randomInt } from 'node:crypto'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import * as prompts from '@clack/prompts'
import { wallTime } from '../../../src/net/index.ts'
import type { Screen } from '../../harness/terminal/command.ts'
import { text } from '../../harness/terminal/options.ts'
import { printable, wrap } from '../../harness/terminal/text.ts'

export interface Choice {
  readonly value: string // a word of the command; '': none
  readonly label: string
  /** Where the words that follow it come from. */
  readonly questions?: readonly Field[]
}

export type Menu = { readonly ask: 'choice'; readonly question: string; readonly choices: readonly Choice[] }
/** `initial`: what an empty answer means. */
export type Field = Menu | { readonly ask: 'text'; readonly question: string; readonly initial: string }

export interface Prompter {
  /** The next command; null: there will be none, or its user wants no more. */
  next(menu: () => Menu): Promise<string | null>
  close(): void
}

/** One command a line; empty lines and those that begin with # are none. `echo` hears each. */
export const pipePrompter = (input: Readable, echo: (command: string) => void): Prompter => {
  const lines = createInterface({ input, terminal: false })
  const taken = lines[Symbol.asyncIterator]()
  return {
    async next() {
      for (;;) {
        const { value, done } = await taken.next()
        if (done) return null
        const command = value.trim()
        if (command === '' || command.startsWith('#')) continue
        echo(command)
        return command
      }
    },
    close() {
      lines.close()
      input.destroy() // one that is only paused would keep the process
    },
  }
}

/** Where menus are shown: a terminal, or what stands for one in a test. */
interface Shown {
  readonly input: Readable
  readonly output: Writable
  readonly signal: AbortSignal
}

const MOST_SHOWN = 12 // lines of a menu

/** Words of a command; null: backed out, which leads back to the choice before. */
const ask = async (f: Field, on: Shown): Promise<string | null> => {
  if (f.ask === 'text') {
    const answer = await prompts.text({ message: f.question, placeholder: f.initial, defaultValue: f.initial, ...on })
    return prompts.isCancel(answer) ? null : answer
  }
  const options = f.choices.map(({ label }, value) => ({ value, label }))
  while (!on.signal.aborted) {
    const chosen = await prompts.select({ message: f.question, maxItems: MOST_SHOWN, options, ...on })
    if (prompts.isCancel(chosen)) return null
    const { value, questions = [] } = f.choices[chosen]!
    const words: (string | null)[] = [value]
    for (const next of questions) if (!words.includes(null)) words.push(await ask(next, on))
    if (!words.includes(null)) return words.filter((word) => word !== '').join(' ')
  }
  return null
}

/** Menus of @clack/prompts, at the terminal of this process where nothing else is said. `echo` hears each command. */
export const menuPrompter = (
  echo: (command: string) => void,
  input: Readable = process.stdin,
  output: Writable = process.stdout,
): Prompter => {
  const closing = new AbortController()
  const close = (): void => closing.abort()
  // Ctrl-D and the end of the terminal: the library stops reading then, and would never answer
  const key = (_: unknown, { ctrl, name }: { ctrl: boolean; name: string | undefined }): void => {
    if (ctrl && name === 'd') close()
  }
  input.on('keypress', key).on('end', close)
  return {
    async next(menu) {
      const { signal } = closing
      const command = await ask(menu(), { input, output, signal })
      if (command !== null) echo(command)
      return command
    },
    close,
  }
}

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
