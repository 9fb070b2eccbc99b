/** The `vectors` command: writes corpus/vectors/*.json anew. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { z } from 'zod'
import { command, main } from '../../harness/terminal/command.ts'
import { vectorFiles } from './files.ts'

const FOLDER = 'corpus/vectors'

await main(
  command({
    name: 'vectors',
    options: z.strictObject({}),
    notes: `Writes ${FOLDER}/*.json anew. Exit codes: 0 written, 2 usage.`,
    run(_, { say }) {
      mkdirSync(FOLDER, { recursive: true })
      for (const [name, text] of vectorFiles()) {
        writeFileSync(`${FOLDER}/${name}`, text)
        say(`${FOLDER}/${name}: ${Math.ceil(text.length / 1_024)} KiB`)
      }
      return 0
    },
  }),
)
