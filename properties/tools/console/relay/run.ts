/** `npm run mitm`. */
import { processTerminal } from '../../../../src/cli/terminal.ts'
import { wallTime } from '../../../../src/net/index.ts'
import { menuPrompter, pipePrompter } from '../prompter.ts'
import { mitm } from './main.ts'

const stop = new Promise<void>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => resolve())
})
const terminal = processTerminal()
const echo = (command: string): void => terminal.out(terminal.paintOut('dim', `> ${command}`))
process.exitCode = await mitm(process.argv.slice(2), {
  terminal,
  stop,
  clock: () => wallTime().getTime(),
  prompter: () =>
    process.stdin.isTTY && process.stdout.isTTY
      ? { prompter: menuPrompter(echo), noMore: 'quit' }
      : { prompter: pipePrompter(process.stdin, echo), noMore: 'rest' },
})
