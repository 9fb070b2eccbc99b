/** `npm run attack`. */
import { randomInt } from 'node:crypto'
import { processTerminal } from '../../../../src/cli/terminal.ts'
import { menuPrompter, pipePrompter } from '../prompter.ts'
import { attack } from './main.ts'

const stop = new Promise<void>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => resolve())
})
const terminal = processTerminal()
const echo = (command: string): void => terminal.out(terminal.paintOut('bold', `> ${command}`))
const forgiving = process.stdin.isTTY && process.stdout.isTTY
process.exitCode = await attack(process.argv.slice(2), {
  terminal,
  prompter: () => (forgiving ? menuPrompter(echo) : pipePrompter(process.stdin, echo)),
  forgiving,
  freshSeed: () => randomInt(2 ** 32),
  stop,
})
