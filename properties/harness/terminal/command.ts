/** The one frame around a command: options, help, usage errors, exit codes, a reader that goes away. */
import type { z } from 'zod'
import { answering, begin, endWithoutReader } from './ending.ts'
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

/** A command apart from the process around it. Resolves with the exit code. */
export const perform = async <S extends z.ZodObject>(
  c: Command<S>,
  argv: readonly string[],
  screen: Screen,
): Promise<number> => {
  begin()
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

/** The command as this process. `pace`: of its progress line. */
export const main = async <S extends z.ZodObject>(c: Command<S>, pace?: Pace): Promise<void> => {
  endWithoutReader()
  await answering(() => perform(c, process.argv.slice(2), processScreen(pace)))
}
