/** Types and lint, as `npm run check` does. */
import { z } from 'zod'
import { runScript } from '../../harness/process/programs.ts'
import type { Problem } from '../../harness/report/outcome.ts'
import { check } from '../check.ts'

const schema = z.strictObject({ types: z.int(), lint: z.int() })

/** `file(line,column): error TS…: message` of tsc without a terminal. */
const typeErrors = (output: string): readonly Problem[] =>
  [...output.matchAll(/^(.+?)\((\d+),\d+\): error (.+)$/gm)].map(([, file, line, text]) => ({
    kind: 'failed',
    text: `types: ${text}`,
    at: `${file}:${line}`,
    replay: 'npm run check',
  }))

/** `::error title=rule,file=file,line=…::message` of biome's reporter for GitHub. */
const lintErrors = (output: string): readonly Problem[] =>
  [...output.matchAll(/^::error title=([^,]*),file=([^,]*),line=(\d+)[^:]*::(.*)$/gm)].map(
    ([, rule, file, line, text]) => ({
      kind: 'failed',
      text: `lint: ${rule}: ${text}`,
      at: `${file}:${line}`,
      replay: 'npm run check',
    }),
  )

/** A program that fails without saying why in the form we know is a problem too. */
const orFailed = (known: readonly Problem[], name: string, code: number | null): readonly Problem[] =>
  known.length > 0 || code === 0
    ? known
    : [{ kind: 'failed', text: `${name}: expected exit code 0, got ${code}`, replay: 'npm run check' }]

/** What runs in Node; what runs in a browser. */
const PROJECTS = ['.', 'properties/harness/page/view', 'properties/playground/app']

export const types = check({
  name: 'check',
  asks: 'Do the types and the linter agree',
  options: z.strictObject({}),
  notes: 'Exit codes: 0 no complaint, 1 complaints, 2 usage.',
  schema,
  async run(_, c) {
    const total = PROJECTS.length + 1
    const typing: Problem[] = []
    for (const [done, project] of PROJECTS.entries()) {
      c.progress(done, total, 'programs')
      const tsc = await runScript('typescript/bin/tsc', ['--noEmit', '--pretty', 'false', '-p', project], c)
      typing.push(...orFailed(typeErrors(tsc.output), 'tsc', tsc.code))
    }
    c.progress(PROJECTS.length, total, 'programs')
    const biome = await runScript('@biomejs/biome/bin/biome', ['check', '.', '--reporter=github'], c)
    const lint = orFailed(lintErrors(biome.output), 'biome', biome.code)
    return { figures: { types: typing.length, lint: lint.length }, problems: [...typing, ...lint] }
  },
  summary: (f) => (f.types + f.lint === 0 ? 'no complaint' : `${f.types} of the types, ${f.lint} of the linter`),
  sections: () => [],
})
