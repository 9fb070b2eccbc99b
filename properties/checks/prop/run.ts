/** The `prop` command: replays what is stored, plays many schedules, decides. */
import { availableParallelism } from 'node:os'
import { join, relative } from 'node:path'
import type { Mode } from '../../../spec/language.ts'
import { plan, planScopes } from '../../harness/campaign/campaign.ts'
import { coverage } from '../../harness/campaign/cells.ts'
import { minimal, save } from '../../harness/campaign/counterexample.ts'
import { playAll } from '../../harness/campaign/pool.ts'
import { emptyResult, merge, type Result } from '../../harness/campaign/tally.ts'
import { isRed, type Row, rows } from '../../harness/campaign/verdict.ts'
import { systemFor } from '../../harness/parties/systems.ts'
import { type Replayed, replay, replayCorpus } from '../../harness/replay.ts'
import type { System } from '../../harness/system.ts'
import { type Options, parseOptions, USAGE } from './options.ts'
import { counterexample, distributions, painter, shares, table } from './print.ts'

const FINDINGS = 'reports/findings'
const paint = painter(process.stdout)
const say = (text: string): void => void process.stdout.write(`${text}\n`)

const usage = (why: string): number => {
  process.stderr.write(`${why}\n`)
  return 2
}

const tell = ({ code, lines }: Replayed): number => {
  if (code === 2) return usage(lines.join('\n'))
  say(lines.join('\n'))
  return code
}

const campaign = async (o: Options, system: System): Promise<Result> => {
  const random = o.scopes === null ? plan(o.seed, o.runs, o.modes, o.profiles) : []
  // the model's own schedules go with every run of all profiles: they guarantee its cells
  const exhaustive = o.scopes ?? (o.allProfiles ? ['cells'] : [])
  const chunks = [...random, ...planScopes(exhaustive, o.modes, random.length)]
  const total = chunks.reduce((n, c) => n + c.runs, 0)
  let result = emptyResult(system)
  let played = 0
  const started = performance.now()
  await playAll(chunks, availableParallelism(), o.party, (r, c) => {
    result = merge(result, r)
    played += c.runs
    if (!process.stderr.isTTY) return
    const seconds = (performance.now() - started) / 1000
    process.stderr.write(`\r\x1b[K${played} of ${total} schedules, ${Math.round(played / seconds)} a second`)
  })
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
  return result
}

const show = (all: readonly Row[], o: Options, system: System, command: string): void => {
  for (const r of all) {
    if (r.tally.first === null) continue
    const c = minimal(r.invariant.id, r.tally.first.schedule, system)
    const file = relative('.', save(c, o.party === null ? FINDINGS : join(FINDINGS, system.name)))
    say(`\n${counterexample(c, r.verdict === 'violated as expected', `${command} --replay ${file}`, paint)}`)
  }
}

/** The reachable cells that nothing exercised, told one a line; only a run of all profiles owes them. */
const cells = (o: Options, result: Result, system: System): number => {
  if (o.scopes !== null || !o.allProfiles || !system.emits.has('rejected')) return 0
  let missing = 0
  for (const mode of o.modes) {
    const all = coverage(result, mode)
    const gaps = all.filter((c) => c.times === 0)
    missing += gaps.length
    say(
      `${mode}: ${all.length - gaps.length} of ${all.length} ways in which the model can judge a frame were exercised`,
    )
    for (const c of gaps) say(paint(`${mode}: not exercised: ${c.cell}`, 'red'))
  }
  return missing
}

const summary = (all: readonly Row[], o: Options, result: Result, missing: number): void => {
  for (const r of all) {
    const { witness, id } = r.invariant
    if (r.verdict === 'unreached')
      say(
        paint(
          `${id} in ${r.mode}: too rarely put to the test: ${witness.says}, ${r.tally.witnesses} times, floor ${witness.floor}`,
          'red',
        ),
      )
    if (r.verdict === 'not violated')
      say(paint(`${id} in ${r.mode}: expected to be violated (PROTOCOL §9), and no counterexample was found`, 'red'))
  }
  const red = all.filter((r) => isRed(r.verdict)).length + missing
  const modes: readonly Mode[] = o.modes
  const played = Object.values(result.distribution).reduce((n, d) => n + d.schedules, 0)
  const of = o.scopes === null ? `seed ${o.seed}` : `scopes ${o.scopes.join(', ')}`
  const what = `${played} schedules, ${of}, ${modes.join(' and ')}`
  say(red === 0 ? paint(`\nas expected: ${what}`, 'green') : paint(`\nNOT as expected (${red}): ${what}`, 'red'))
  if (!o.floors) say('floors and expected violations are judged for the default seed and budget only')
}

const main = async (): Promise<number> => {
  const parsed = parseOptions(process.argv.slice(2))
  if (parsed.kind === 'bad') return usage(`${parsed.why} (npm run prop -- --help lists the options)`)
  if (parsed.value === 'help') {
    say(USAGE)
    return 0
  }
  const o = parsed.value
  const loaded = await systemFor(o.party)
  if (loaded.kind === 'bad') return usage(loaded.why)
  const system = loaded.value
  const command = `npm run prop --${o.party === null ? '' : ` --party ${o.party}`}`
  if (o.replay !== null) return tell(replay(o.replay, system, paint))
  const stored = tell(replayCorpus(system, o.party === null, command, paint))
  if (stored === 2) return stored
  const result = await campaign(o, system)
  const all = rows(result, o.modes, o.only, o.floors)
  say(table(all, o.modes, paint))
  say(shares())
  say(`\n${distributions(result)}`)
  show(all, o, system, command)
  const missing = cells(o, result, system)
  summary(all, o, result, missing)
  return stored === 1 || missing > 0 || all.some((r) => isRed(r.verdict)) ? 1 : 0
}

// A reader that has seen enough (`| head`) is no error.
process.stdout.on('error', (e: NodeJS.ErrnoException) => {
  if (e.code !== 'EPIPE') throw e
  process.exit()
})
process.exitCode = await main()
