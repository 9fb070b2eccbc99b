/** How the name of an implementation is typed in a command; what bears it is loaded by party-file.ts. */
import { quoted } from '../terminal/invocation.ts'

/** A program as the name of an implementation. */
export const COMMAND = /^stdio:(any|server|client|both):(.*)$/s

/** The options that name an implementation, and its twin, with a space before each; nothing for src/. */
export const typed = (party: string | null, twin: string | null = null): string => {
  const all = Object.entries({ party, twin }).flatMap(([option, name]) => (name === null ? [] : [{ option, name }]))
  const sides = new Set<string>() // one option for both
  const options = all.map(({ option, name }) => {
    const [, side, command] = COMMAND.exec(name) ?? []
    if (command === undefined) return ` --${option} ${quoted(name)}`
    if (side !== 'any') sides.add(` --side ${side}`)
    return ` --${option}-cmd ${quoted(command)}`
  })
  return [...options, ...sides].join('')
}
