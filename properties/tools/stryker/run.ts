/** The `stryker` command: mutates src/ file by file with StrykerJS, and compares what survives with the table. */
import { readFileSync } from 'node:fs'
import { Stryker } from '@stryker-mutator/core'
import { configOf, reportOf } from './config.ts'
import { EQUIVALENTS } from './equivalents.ts'
import { type Judgement, judge, parseReport } from './judge.ts'
import { parseOptions, USAGE } from './options.ts'

const say = (text: string): void => void process.stdout.write(`${text}\n`)
const usage = (why: string): number => {
  process.stderr.write(`${why}\n`)
  return 2
}

const figures = (name: string, { killed, overdue, equivalent, survivors }: Judgement): string => {
  const share = Math.floor((1_000 * killed) / Math.max(1, killed + survivors.length)) / 10
  return `${name}: ${killed} killed (${overdue} by running too long), ${equivalent} equivalent, ${survivors.length} survived; ${share} % of the non-equivalent killed`
}

const show = (file: string, j: Judgement): void => {
  say(figures(file, j))
  for (const m of j.survivors)
    say(
      `  survived, ${file}:${m.at} (${m.status})\n    in   ${m.line}\n    this ${m.original}\n    as   ${m.replacement}`,
    )
  for (const { entry, problem } of j.wrong)
    say(`  equivalents.ts, ${problem}: ${entry.original} as ${entry.replacement} in ${entry.line}`)
}

const main = async (): Promise<number> => {
  const options = parseOptions(process.argv.slice(2))
  if (options.kind === 'bad') return usage(`${options.why} (npm run stryker -- --help lists the options)`)
  if (options.value === 'help') {
    say(USAGE)
    return 0
  }
  const { files, concurrency, again } = options.value
  const all: Judgement[] = []
  for (const file of files) {
    if (!again) await new Stryker(configOf(file, concurrency, process.stderr.isTTY)).runMutationTest()
    let text: string
    try {
      text = readFileSync(reportOf(file), 'utf8')
    } catch {
      return usage(`${reportOf(file)}: expected the report of a run, got none (run without --again first)`)
    }
    const mutations = parseReport(reportOf(file), text)
    if (mutations.kind === 'bad') return usage(mutations.why)
    const judgement = judge(
      mutations.value,
      EQUIVALENTS.filter((e) => e.file === file),
    )
    show(file, judgement)
    all.push(judgement)
  }
  const total: Judgement = {
    killed: all.reduce((n, j) => n + j.killed, 0),
    overdue: all.reduce((n, j) => n + j.overdue, 0),
    equivalent: all.reduce((n, j) => n + j.equivalent, 0),
    survivors: all.flatMap((j) => j.survivors),
    wrong: all.flatMap((j) => j.wrong),
  }
  if (files.length > 1) say(figures('all', total))
  return total.survivors.length + total.wrong.length === 0 ? 0 : 1
}

// A reader that has seen enough (`| head`) is no error.
process.stdout.on('error', (e: NodeJS.ErrnoException) => {
  if (e.code !== 'EPIPE') throw e
  process.exit()
})
process.exitCode = await main()
