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
  const files = vectorFiles()
  for (const [name, text] of files) writeFileSync(`${FOLDER}/${name}`, text)
  for (const [name, text] of files) process.stdout.write(`${FOLDER}/${name}: ${Math.ceil(text.length / 1_024)} KiB\n`)
  return 0
}

// A reader that has seen enough (`| head`) is no error.
process.stdout.on('error', (e: NodeJS.ErrnoException) => {
  if (e.code !== 'EPIPE') throw e
  process.exit()
})
process.exitCode = main()
