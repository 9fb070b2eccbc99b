/** The `prop` command: replays what is stored, plays many random schedules, decides. */
import { availableParallelism } from 'node:os'
import { relative } from 'node:path'
import type { Mode } from '../spec/language.ts'
import { emptyResult, merge, plan, type Result } from './campaign.ts'
import { minimal, save } from './counterexample.ts'
import { ladder } from './ladder.ts'
import { type Options, parseOptions, USAGE } from './options.ts'
import { play } from './play.ts'
import { playAll } from './pool.ts'
import { counterexample, distributions, painter, table } from './print.ts'
import type { Stored } from './schedule-file.ts'
import { CORPUS, defended, difference, readStored, storedNames } from './stored.ts'
import { srcSystem } from './systems.ts'
import { isRed, type Row, rows } from './verdict.ts'

const FINDINGS = 'reports/findings'
const paint = painter(process.stdout)
const say = (text: string): void => void process.stdout.write(`${text}\n`)

const usage = (why: string): number => {
  process.stderr.write(`${why}\n`)
  return 2
}

const replay = (name: string): number => {
  const file = readStored(name, name)
  if (file.kind === 'bad') return usage(file.why)
  const { schedule, violates } = file.value
  const { findings } = play(schedule, srcSystem)
  say(`${file.value.says} (mode ${schedule.mode}, powers ${schedule.powers}, seed ${schedule.seed})`)
  say(ladder(schedule, srcSystem, violates[0] ?? findings[0]?.invariant).join('\n'))
  for (const f of findings) say(paint(`violated: ${f.invariant} at action ${f.step}: ${f.why}`, 'yellow'))
  if (findings.length === 0) say(paint('nothing violated', 'green'))
  const odd = difference(file.value, srcSystem)
  const attack = schedule.mode === 'literal' && violates.length > 0
  if (odd !== null) say(paint(`${name}: ${odd}`, 'red'))
  else if (violates.length > 0) say(`as stored: it violates ${violates.join(', ')}${attack ? ' in literal' : ''}`)
  // What literal mode is known for is no news; a violation in bound is one, whether stored or not.
  return odd !== null || (schedule.mode === 'bound' && findings.length > 0) ? 1 : 0
}

/** Stored schedules first; how many differ from what is stored about them. */
const replayStored = (): { readonly failed: number; readonly bad: string | null } => {
  let failed = 0
  const names = storedNames()
  for (const name of names) {
    const file = readStored(`corpus/schedules/${name}`, new URL(name, CORPUS))
    if (file.kind === 'bad') return { failed, bad: file.why }
    const stored: Stored = file.value
    const odd =
      difference(stored, srcSystem) ?? (stored.schedule.mode === 'literal' ? defended(stored, srcSystem) : null)
    if (odd === null) continue
    failed++
    say(paint(`corpus/schedules/${name}: ${odd}`, 'red'))
    say(`  replay: npm run prop -- --replay corpus/schedules/${name}`)
  }
  say(`${names.length} stored schedules replayed, ${failed} differ`)
  return { failed, bad: null }
}

const campaign = async (o: Options): Promise<Result> => {
  const chunks = plan(o.seed, o.runs, o.modes, o.profiles)
  let result = emptyResult(srcSystem)
  let played = 0
  const started = performance.now()
  await playAll(chunks, availableParallelism(), (r, c) => {
    result = merge(result, r)
    played += c.runs
    if (!process.stderr.isTTY) return
    const seconds = (performance.now() - started) / 1000
    process.stderr.write(`\r\x1b[K${played} of ${o.runs} schedules, ${Math.round(played / seconds)} a second`)
  })
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
  return result
}

const show = (all: readonly Row[]): void => {
  for (const r of all) {
    if (r.tally.first === null) continue
    const c = minimal(r.invariant.id, r.tally.first.schedule, srcSystem)
    const file = save(c, FINDINGS)
    say(`\n${counterexample(c, r.verdict === 'violated as expected', relative('.', file), paint)}`)
  }
}

const summary = (all: readonly Row[], o: Options): void => {
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
  const red = all.filter((r) => isRed(r.verdict)).length
  const modes: readonly Mode[] = o.modes
  const what = `${o.runs} schedules, seed ${o.seed}, ${modes.join(' and ')}`
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
  if (o.replay !== null) return replay(o.replay)
  const stored = replayStored()
  if (stored.bad !== null) return usage(stored.bad)
  const result = await campaign(o)
  const all = rows(result, o.modes, o.only, o.floors)
  say(table(all, o.modes, paint))
  say(`\n${distributions(result)}`)
  show(all)
  summary(all, o)
  return stored.failed > 0 || all.some((r) => isRed(r.verdict)) ? 1 : 0
}

// A reader that has seen enough (`| head`) is no error.
process.stdout.on('error', (e: NodeJS.ErrnoException) => {
  if (e.code !== 'EPIPE') throw e
  process.exit()
})
process.exitCode = await main()
