/** `npm run decode`. */
import { main } from '../../harness/terminal/command.ts'
import { decode } from './decode.ts'

await main(decode)
