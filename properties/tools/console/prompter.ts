/**
 * Where commands come from: one a line from a pipe, or put together in menus at a terminal. Whatever a menu offers has a
 * command form, and what was chosen is shown in that form.
 */
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { isCancel, select, text } from '@clack/prompts'

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
    const answer = await text({ message: f.question, placeholder: f.initial, defaultValue: f.initial, ...on })
    return isCancel(answer) ? null : answer
  }
  const options = f.choices.map(({ label }, value) => ({ value, label }))
  while (!on.signal.aborted) {
    const chosen = await select({ message: f.question, maxItems: MOST_SHOWN, options, ...on })
    if (isCancel(chosen)) return null
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
