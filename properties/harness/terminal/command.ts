/** The one frame around a command: options, help, usage errors, exit codes, a reader that goes away. */
import type { z } from 'zod'
import { invocationWith } from './invocation.ts'
import { helpText, OptionError, parseOptions, type Usage, UsageError } from './options.ts'
import { type Pace, type ProgressLine, progressLine } from './progress.ts'
import { fitted, type Paint, painter, printable, printableLines, unpainted } from './text.ts'

/** Where a command speaks; tests bring their own. */
export interface Screen {
  /** A line, or several, on standard output. */
  say(text: string): void
  /** A line on standard error. */
  complain(text: string): void
  readonly paint: Paint
  /** What lines fit into; undefined: they are as long as they are. */
  readonly columns?: number | undefined
  /** Begins a progress line. */
  progress(): ProgressLine
}

export interface Command<S extends z.ZodObject> extends Usage<S> {
  /** Resolves with the exit code. May throw a UsageError. */
  run(options: z.output<S>, screen: Screen, rest: readonly string[]): number | Promise<number>
}

/** For inference only. */
export const command = <S extends z.ZodObject>(c: Command<S>): Command<S> => c

export const USAGE_ERROR = 2

const HELP_COLUMNS = 80
const NO_TERMINAL = 100 // columns; COLUMNS may say otherwise

const columnsHere = (): number => process.stdout.columns || Number(process.env.COLUMNS) || NO_TERMINAL

/** From here on the command answers for how its process ends; until here start.mjs did, where that has started it. */
const loaded = (): void =>
  (globalThis as { [at: symbol]: (() => void) | undefined })[Symbol.for('gauntlet: loaded')]?.()

/** A command apart from the process around it. Resolves with the exit code. */
export const perform = async <S extends z.ZodObject>(
  c: Command<S>,
  argv: readonly string[],
  screen: Screen,
): Promise<number> => {
  loaded()
  try {
    const given = parseOptions(c, argv)
    if (given !== 'help') return await c.run(given.options, screen, given.rest)
    screen.say(fitted(helpText(c), Math.min(HELP_COLUMNS, screen.columns ?? HELP_COLUMNS)))
    return 0
  } catch (e) {
    if (!(e instanceof UsageError)) throw e
    const hint = e instanceof OptionError ? ` (${invocationWith(c.name)} --help lists the options)` : ''
    screen.complain(`${printable(e.message)}${hint}`) // one line, and it cites what a file or an argument says
    return USAGE_ERROR
  }
}

/** Whatever a text cites, and whoever forgot to make that printable. */
const lines = (text: string, painted: boolean, columns?: number): string =>
  `${printableLines(fitted(text, columns), painted)}\n`

const paint = painter(process.stdout)
const painted = paint !== unpainted

export const processScreen = (pace?: Pace): Screen => ({
  say: (text) => void process.stdout.write(lines(text, painted, columnsHere())),
  complain: (text) => void process.stderr.write(lines(text, painted, process.stderr.columns || undefined)),
  paint,
  get columns() {
    return columnsHere()
  },
  progress: () => progressLine(process.stderr, pace),
})

let answered = false

/** A reader that has seen enough (`| head`) is no error. */
export const endQuietlyWithoutReader = (): void => {
  process.stdout.on('error', (e: NodeJS.ErrnoException) => {
    if (e.code !== 'EPIPE') throw e
    answered = true
    process.exit()
  })
}

const UNANSWERED = 4

/** Resolves with the exit code. A process that ends before, whoever ended it and with whatever code, does not end well. */
export const answering = async (command: () => Promise<number>): Promise<number> => {
  process.on('exit', (code) => {
    if (answered) return
    process.exitCode = code === 0 ? UNANSWERED : code
    process.stderr.write(`the process ended with code ${code} before there was an answer\n`)
  })
  const code = await command()
  answered = true
  return code
}

/** The command as this process. `pace`: of its progress line. */
export const main = async <S extends z.ZodObject>(c: Command<S>, pace?: Pace): Promise<void> => {
  endQuietlyWithoutReader()
  process.exitCode = await answering(() => perform(c, process.argv.slice(2), processScreen(pace)))
}
