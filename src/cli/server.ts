import { serve } from './serve.ts'
import { processTerminal } from './terminal.ts'

// A second signal changes nothing: npm passes on what the terminal has already sent to everyone.
const stop = new Promise<string>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => resolve(signal))
})
process.exitCode = await serve(process.argv.slice(2), processTerminal(), stop)
