/**
 * Where commands come from: one a line from a pipe, or put together in menus at a terminal. Whatever a menu offers has a
 * command form, and what was chosen is shown in that form.
 */
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { isCancel, select, text } from '@clack/prompts'

export interface Choice {
  readonly value: string
  readonly label: string
  readonly hint?: string
}

export type Field =
  | { readonly ask: 'choice'; readonly question: string; readonly choices: readonly Choice[] }
  | { readonly ask: 'text'; readonly question: string; readonly initial: string }

export interface Menu {
  readonly question: string
  readonly entries: readonly {
    readonly words: readonly string[] // of the command
    readonly label: string
    readonly hint?: string
    /** What to ask for: further words, in this order. `null` answers: nothing to choose from. */
    readonly fields: readonly Field[]
  }[]
}

export interface Prompter {
  /** The next command; null: there will be none, or its user has had enough. */
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

const ask = async (f: Field): Promise<string | null> => {
  const answer =
    f.ask === 'choice'
      ? await select({ message: f.question, options: f.choices.map((c) => ({ ...c })) })
      : await text({ message: f.question, initialValue: f.initial })
  return isCancel(answer) ? null : answer
}

/** One command from a menu; null: cancelled. Backing out of a question leads back to the menu. */
const compose = async (menu: Menu): Promise<string | null> => {
  for (;;) {
    const chosen = await select({
      message: menu.question,
      options: menu.entries.map(({ label, hint }, value) => ({
        value,
        label,
        ...(hint === undefined ? {} : { hint }),
      })),
    })
    if (isCancel(chosen)) return null
    const { words, fields } = menu.entries[chosen]!
    const command = [...words]
    let whole = true
    for (const f of fields) {
      const answer = await ask(f)
      whole = answer !== null
      if (answer === null) break
      if (answer !== '') command.push(answer)
    }
    if (whole) return command.join(' ')
  }
}

/** Menus of @clack/prompts on the terminal of this process. `echo` hears each command. */
export const menuPrompter = (echo: (command: string) => void): Prompter => ({
  async next(menu) {
    const command = await compose(menu())
    if (command !== null) echo(command)
    return command
  },
  close() {},
})
