/** Where a command writes, and how: colours, and text from others made harmless. */
import { styleText } from 'node:util'

export type Style = 'red' | 'green' | 'yellow' | 'cyan' | 'dim' | 'bold'
export type Paint = (how: Style, text: string) => string

export interface Terminal {
  /** Results and logs, a line each. */
  out(line: string): void
  /** Everything a script that reads the results does not want. */
  err(line: string): void
  readonly paintOut: Paint
  readonly paintErr: Paint
}

/** Colours where a terminal shows them, unless NO_COLOR is set and not empty (https://no-color.org). */
export const painter = (stream: { readonly isTTY?: boolean }, env: NodeJS.ProcessEnv = process.env): Paint =>
  stream.isTTY && !env.NO_COLOR ? (how, text) => styleText(how, text, { validateStream: false }) : (_, text) => text

/** The streams of this process. A reader that goes away (`| head`) is no reason to stop serving. */
export const processTerminal = (): Terminal => {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
  return {
    out: (line) => process.stdout.write(`${line}\n`),
    err: (line) => process.stderr.write(`${line}\n`),
    paintOut: painter(process.stdout),
    paintErr: painter(process.stderr),
  }
}

export const warn = (terminal: Terminal, text: string): void =>
  terminal.err(terminal.paintErr('yellow', `WARNING: ${text}`))

const LONGEST = 60 // characters of a quotation

/** Text from elsewhere in quotes, shortened, and with everything escaped that could command a terminal. */
export const quote = (text: string): string => {
  const safe = text
    .slice(0, LONGEST)
    .replace(/[\p{C}\p{Zl}\p{Zp}"\\]/gu, (c) => `\\u{${c.codePointAt(0)!.toString(16)}}`)
  return `"${safe}${text.length > LONGEST ? '…' : ''}"`
}
