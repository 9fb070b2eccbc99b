/** The `stryker` command: mutates src/ file by file with StrykerJS, and compares what survives with the table. */
import { readFileSync } from 'node:fs'
import { Stryker } from '@stryker-mutator/core'
import { shardText, shareOf } from '../../harness/process/shards.ts'
import { command, main, type Screen } from '../../harness/terminal/command.ts'
import { UsageError } from '../../harness/terminal/options.ts'
import { configOf, FOLDER, OPTIONS, reportOf } from './config.ts'
import { EQUIVALENTS } from './equivalents.ts'
import { type Judgement, judge, leavePiece, mergedOf, parseReport } from './judge.ts'

const figures = (name: string, { killed, overdue, equivalent, survivors }: Judgement): string => {
  const share = Math.floor((1_000 * killed) / Math.max(1, killed + survivors.length)) / 10
  return `${name}: ${killed} killed (${overdue} by running too long), ${equivalent} equivalent, ${survivors.length} survived; ${share} % of the non-equivalent killed`
}

const show = ({ say }: Screen, file: string, j: Judgement): void => {
  say(figures(file, j))
  for (const m of j.survivors)
    say(
      `  survived, ${file}:${m.at} (${m.status})\n    in   ${m.line}\n    this ${m.original}\n    as   ${m.replacement}`,
    )
  for (const { entry, problem } of j.wrong)
    say(`  equivalents.ts, ${problem}: ${entry.original} as ${entry.replacement} in ${entry.line}`)
}

/** What the last run found in a file. Throws a UsageError where there is no report of one. */
const judgementOf = (file: string): Judgement => {
  let text: string
  try {
    text = readFileSync(reportOf(file), 'utf8')
  } catch {
    throw new UsageError(`${reportOf(file)}: expected the report of a run, got none (run without --again first)`)
  }
  const mutations = parseReport(reportOf(file), text)
  if (mutations.kind === 'bad') throw new UsageError(mutations.why)
  const table = EQUIVALENTS.filter((e) => e.file === file)
  return judge(mutations.value, table)
}

const sum = (all: readonly Judgement[]): Judgement => ({
  killed: all.reduce((n, j) => n + j.killed, 0),
  overdue: all.reduce((n, j) => n + j.overdue, 0),
  equivalent: all.reduce((n, j) => n + j.equivalent, 0),
  survivors: all.flatMap((j) => j.survivors),
  wrong: all.flatMap((j) => j.wrong),
})

const stryker = command({
  name: 'stryker',
  options: OPTIONS,
  notes: 'Exit codes: 0 as expected, 1 a survivor without explanation, or a wrong explanation, 2 usage.',
  async run({ only, concurrency, again, shard, merge }, screen) {
    const judged = new Map<string, Judgement>(merge === null ? [] : mergedOf(merge, only))
    const files = shareOf(only, shard)
    if (files.length === 0) screen.say('no file is in this share')
    for (const file of files) {
      if (!again && merge === null)
        await new Stryker(configOf(file, concurrency, process.stderr.isTTY)).runMutationTest()
      const judgement = judged.get(file) ?? judgementOf(file)
      show(screen, file, judgement)
      judged.set(file, judgement)
    }
    const total = sum([...judged.values()])
    if (files.length > 1) screen.say(figures('all', total))
    if (shard !== null && !again) screen.say(`piece ${shardText(shard)}: ${leavePiece(FOLDER, shard, only, judged)}`)
    return total.survivors.length + total.wrong.length === 0 ? 0 : 1
  },
})

await main(stryker)
