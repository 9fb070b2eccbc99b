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
}

export type Field =
  | { readonly ask: 'choice'; readonly question: string; readonly choices: readonly Choice[] }
  | { readonly ask: 'text'; readonly question: string; readonly initial: string }
  | { readonly ask: 'fixed'; readonly words: readonly string[] } // nothing to ask: these words come here

export interface Menu {
  readonly question: string
  readonly entries: readonly {
    readonly words: readonly string[] // of the command
    readonly label: string
    /** Where the further words come from, in this order. */
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

const ask = async (f: Field, signal: AbortSignal): Promise<string | null> => {
  if (f.ask === 'fixed') return f.words.join(' ')
  const answer =
    f.ask === 'choice'
      ? await select({ message: f.question, options: f.choices.map((c) => ({ ...c })), maxItems: MOST_SHOWN, signal })
      : await text({ message: f.question, initialValue: f.initial, signal })
  return isCancel(answer) ? null : answer
}

const MOST_SHOWN = 12 // lines of a menu

/** One command from a menu; null: cancelled. Backing out of a question leads back to the menu. */
const compose = async (menu: Menu, signal: AbortSignal): Promise<string | null> => {
  for (;;) {
    const chosen = await select({
      message: menu.question,
      maxItems: MOST_SHOWN,
      signal,
      options: menu.entries.map(({ label }, value) => ({ value, label })),
    })
    if (isCancel(chosen)) return null
    const { words, fields } = menu.entries[chosen]!
    const command = [...words]
    let whole = true
    for (const f of fields) {
      const answer = await ask(f, signal)
      whole = answer !== null
      if (answer === null) break
      if (answer !== '') command.push(answer)
    }
    if (whole) return command.join(' ')
    if (signal.aborted) return null
  }
}

/** Menus of @clack/prompts on the terminal of this process. `echo` hears each command. */
export const menuPrompter = (echo: (command: string) => void): Prompter => {
  const closing = new AbortController()
  const close = (): void => closing.abort()
  // Ctrl-D and the end of the terminal: the library stops reading then, and would never answer
  const key = (_: unknown, { ctrl, name }: { ctrl: boolean; name: string | undefined }): void => {
    if (ctrl && name === 'd') close()
  }
  process.stdin.on('keypress', key).on('end', close)
  return {
    async next(menu) {
      const command = closing.signal.aborted ? null : await compose(menu(), closing.signal)
      if (command !== null) echo(command)
      return command
    },
    close,
  }
}
