/** `npm run decode`. */
import { processTerminal } from '../../../src/cli/terminal.ts'
import { decode } from './decode.ts'

process.exitCode = await decode(process.argv.slice(2), processTerminal())
