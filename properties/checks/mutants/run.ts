/** The `mutants` command: hunts every mutant of the catalogue in both worlds, prints the kill matrix, decides. */
import { availableParallelism } from 'node:os'
import { FAMILIES, MUTANTS } from '../../harness/mutants/catalogue.ts'
import { readCatalogue } from '../../harness/mutants/catalogue-file.ts'
import type { Mutant } from '../../harness/mutants/mutant.ts'
import { WORLDS } from '../../harness/mutants/systems.ts'
import type { Parsed } from '../../harness/schedule-file.ts'
import { painter } from '../prop/print.ts'
import { type Options, parseOptions, USAGE } from './options.ts'
import { huntEach, type Outcome } from './pool.ts'
import { complaints, explanations, figures, matrix } from './print.ts'
import { medianMs, save } from './report.ts'
import { isRed, type Row, toothless, verdictOf } from './verdict.ts'

const REPORT = 'reports/mutants.json'
const PATIENCE_MS = 60_000
const paint = painter(process.stdout)
const say = (text: string): void => void process.stdout.write(`${text}\n`)

const usage = (why: string): number => {
  process.stderr.write(`${why}\n`)
  return 2
}

const chosen = (o: Options): Parsed<readonly Mutant[]> => {
  const all: Parsed<readonly Mutant[]> =
    o.catalogue === null ? { kind: 'ok', value: MUTANTS } : readCatalogue(o.catalogue)
  if (all.kind === 'bad' || o.only === null) return all
  const families = o.catalogue === null ? FAMILIES : {}
  const known = (name: string): boolean => name in families || all.value.some((m) => m.id === name)
  const unknown = o.only.find((name) => !known(name))
  if (unknown !== undefined)
    return {
      kind: 'bad',
      why: `--only: expected mutants${o.catalogue === null ? ` or families (${Object.keys(FAMILIES).join(', ')})` : ''}, got ${unknown}`,
    }
  const wanted = new Set(o.only.flatMap((name) => families[name]?.map((m) => m.id) ?? [name]))
  return { kind: 'ok', value: all.value.filter((m) => wanted.has(m.id)) }
}

const hunt = async (mutants: readonly Mutant[], o: Options): Promise<readonly Row[]> => {
  const outcomes = new Map<string, Outcome>()
  const complete = o.worlds.length === WORLDS.length && o.after > 0
  const row = (m: Mutant): Row => {
    const outcome = outcomes.get(m.id)!
    return { mutant: m, outcome, verdict: verdictOf(m, outcome, complete) }
  }
  const live = (): void => {
    const rows = mutants.filter((m) => outcomes.has(m.id)).map(row)
    const red = rows.filter((r) => isRed(r.verdict)).length
    process.stderr.write(`\r\x1b[K${rows.length} of ${mutants.length} mutants, ${red} not as expected`)
  }
  await huntEach(
    mutants.map((mutant) => ({ mutant, plan: o })),
    { processes: availableParallelism(), seed: o.seed, patienceMs: PATIENCE_MS },
    (m, outcome) => {
      outcomes.set(m.id, outcome)
      if (process.stderr.isTTY) live()
    },
  )
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
  return mutants.map(row)
}

const main = async (): Promise<number> => {
  const parsed = parseOptions(process.argv.slice(2))
  if (parsed.kind === 'bad') return usage(`${parsed.why} (npm run mutants -- --help lists the options)`)
  if (parsed.value === 'help') {
    say(USAGE)
    return 0
  }
  const o = parsed.value
  const mutants = chosen(o)
  if (mutants.kind === 'bad') return usage(mutants.why)
  const rows = await hunt(mutants.value, o)
  save(rows, o, REPORT)
  say(matrix(rows, paint))
  say(`\n${figures(rows)}`)
  process.stderr.write(`median time to kill ${Math.round(medianMs(rows))} ms\n`)
  for (const text of [...explanations(rows), ...complaints(rows, paint)]) say(text)
  const complete = o.only === null && o.catalogue === null && o.worlds.length === WORLDS.length && o.after > 0
  const dull = complete ? toothless(rows) : []
  if (dull.length > 0) say(paint(`invariants that fired first on no mutant: ${dull.join(', ')}`, 'red'))
  const red = rows.filter((r) => isRed(r.verdict)).length
  say(
    red + dull.length === 0
      ? paint('\nas expected', 'green')
      : paint(`\nNOT as expected (${red + dull.length})`, 'red'),
  )
  return red + dull.length === 0 ? 0 : 1
}

// A reader that has seen enough (`| head`) is no error.
process.stdout.on('error', (e: NodeJS.ErrnoException) => {
  if (e.code !== 'EPIPE') throw e
  process.exit()
})
process.exitCode = await main()
