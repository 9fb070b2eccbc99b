import { makeKeys } from './keyring.ts'
import { processTerminal } from './terminal.ts'

process.exitCode = await makeKeys(process.argv.slice(2), processTerminal())
