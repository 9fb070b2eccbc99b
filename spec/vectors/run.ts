/** The `vectors` command: writes corpus/vectors/*.json anew. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { vectorFiles } from './files.ts'

const FOLDER = 'corpus/vectors'

const main = (): number => {
  if (process.argv.length > 2) {
    process.stderr.write(`vectors: expected no arguments, got ${process.argv.slice(2).join(' ')}\n`)
    return 2
  }
  mkdirSync(FOLDER, { recursive: true })
  for (const [name, text] of vectorFiles()) {
    writeFileSync(`${FOLDER}/${name}`, text)
    process.stdout.write(`${FOLDER}/${name}: ${Math.ceil(text.length / 1_024)} KiB\n`)
  }
  return 0
}

process.exitCode = main()
