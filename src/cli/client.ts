import { converse } from './converse.ts'
import { processTerminal } from './terminal.ts'

const stop = new Promise<void>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => resolve())
})
const streams = { input: process.stdin, output: process.stdout }
process.exitCode = await converse(process.argv.slice(2), processTerminal(), streams, stop)
