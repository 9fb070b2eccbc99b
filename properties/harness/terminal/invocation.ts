/** How a command is typed: as a script of the repository, or as one of the installed package, which is compiled. */
// A compiled fuzz entry is CommonJS, where import.meta.url is undefined.
const INSTALLED = /\.js$/.test(import.meta.url)

/** The command alone: `npm run gate`. */
export const invocation = (name: string): string => (INSTALLED ? `npx gauntlet ${name}` : `npm run ${name}`)

/** What options are written behind: `npm run prop --`. */
export const invocationWith = (name: string): string => (INSTALLED ? invocation(name) : `${invocation(name)} --`)

/** A word of a command line that can be pasted into a shell. */
export const quoted = (word: string): string =>
  /^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`

/** Whether a text is such a command, which is pasted and never broken. */
export const isInvocation = (text: string): boolean => text.startsWith(invocation(''))

/** One in a line of text: up to the end of its quotation, or of the line. */
export const COMMAND = INSTALLED ? /npx gauntlet [^`]*/g : /npm run [^`]*/g
