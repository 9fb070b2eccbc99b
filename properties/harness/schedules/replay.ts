/** Stored schedules played again: one of them drawn for a person, or all of the corpus compared with what is stored. */
import type { Schedule } from '../../../spec/language.ts'
import { drawnBoth, notComparable } from '../campaign/differ.ts'
import { askOnce, askSystem, type Cryptography, type Means, type Replayed } from '../campaign/players.ts'
import { type Explanation, explanationText, UNEXPLAINED } from '../explain/text.ts'
import { examine } from '../judging/examine.ts'
import { compare, type Pair } from '../judging/pair.ts'
import { TWIN } from '../judging/twin.ts'
import { cut, type Paint, printable, wrap } from '../terminal/text.ts'
import { ladder } from '../trace/ladder.ts'
import { sideBySide } from '../trace/side-by-side.ts'
import type { System } from '../world/system.ts'
import type { Stored } from './schedule-file.ts'
import { CORPUS, difference, pathOf, readStored, storedNames } from './stored.ts'

/** One of them, played in this process. `columns`: that every line fits. */
export const replay = (name: string, system: System, paint: Paint, columns?: number): Replayed => {
  const file = readStored(name, name)
  if (file.kind === 'bad') return { code: 2, lines: [file.why] }
  const { says, schedule, violates } = file.value
  const findings = examine(schedule, system)
  const shown = findings.find((f) => f.invariant === violates[0]) ?? findings[0]
  const twin = findings.some((f) => f.invariant === TWIN.id)
  const odd = difference(file.value, findings)
  const attack = schedule.mode === 'literal' && violates.length > 0
  const lines = [
    wrap(
      `${printable(says)} (mode ${schedule.mode}, powers ${schedule.powers}, seed ${schedule.seed}${system.lacks.has('bytes') ? ', model cryptography' : ''})`,
      columns,
    ),
    ...ladder(schedule, system, shown, columns).map(printable),
    ...(twin ? sideBySide(schedule, system) : []).map((line) => cut(printable(line), columns)),
    ...findings.map((f) =>
      paint(wrap(`violated: ${f.invariant} at action ${f.step}: ${printable(f.why)}`, columns), 'yellow'),
    ),
    ...(findings.length === 0 ? [paint('nothing violated', 'green')] : []),
    ...(odd === null
      ? violates.length > 0
        ? [`as stored: it violates ${violates.join(', ')}${attack ? ' in literal' : ''}`]
        : []
      : [paint(`${printable(name)}: ${odd}`, 'red')]),
  ]
  // What literal mode is known for is no news; a violation in bound is one, whether stored or not.
  return { code: odd !== null || (schedule.mode === 'bound' && findings.length > 0) ? 1 : 0, lines }
}

/** A stored schedule drawn, and why it breaks `invariant`; null: what it violates first. Exit code 1: nothing broke. */
export const explained = async (
  name: string,
  system: System,
  invariant: string | null,
  why: (s: Schedule, invariant: string) => Promise<Explanation | null>,
  columns?: number,
): Promise<Replayed> => {
  const file = readStored(name, name)
  if (file.kind === 'bad') return { code: 2, lines: [file.why] }
  const { schedule, violates } = file.value
  const findings = examine(schedule, system)
  const [first] = violates
  const shown =
    findings.find((f) => f.invariant === (invariant ?? first)) ?? (invariant === null ? findings[0] : undefined)
  const drawn = ladder(schedule, system, shown, columns).map(printable)
  if (shown === undefined)
    return { code: 1, lines: [...drawn, `nothing to explain: ${invariant ?? 'no invariant'} is violated by it`] }
  const e = await why(schedule, shown.invariant)
  return { code: 0, lines: [...drawn, '', ...(e === null ? [UNEXPLAINED] : explanationText(e, columns))] }
}

/** A stored schedule on both; exit code 1 where they differ. No invariant is judged. */
export const replayBoth = (name: string, pair: Pair, paint: Paint, columns?: number): Replayed => {
  const file = readStored(name, name)
  if (file.kind === 'bad') return { code: 2, lines: [file.why] }
  const { says, schedule } = file.value
  const compared = compare(schedule, pair)
  const { difference, undecided } = compared
  const both = pair.names.map(printable).join(' and ')
  const lines = [
    wrap(`${printable(says)} (mode ${schedule.mode}, powers ${schedule.powers}, seed ${schedule.seed})`, columns),
    ...drawnBoth(compared, pair, columns).map((line) => cut(printable(line), columns)),
    ...(pair.notComparable.length === 0 ? [] : [wrap(notComparable(pair), columns)]),
    ...(undecided === null ? [] : [`chance alone makes them differ from action ${undecided} on: not compared`]),
    difference === null
      ? paint(`no difference between ${both}`, 'green')
      : paint(wrap(`${both} differ at action ${difference.step}: ${printable(difference.why)}`, columns), 'red'),
  ]
  return { code: difference === null ? 0 : 1, lines }
}

const PATIENCE_MS = 600_000 // whoever replays a long conversation waits for it

/** One of them, played in a process of its own, on two systems where there is a twin. */
export const replayAside = async (
  name: string,
  m: Means,
  screen: { readonly colour: boolean; readonly columns?: number | undefined; readonly crypto?: Cryptography },
): Promise<Replayed> => {
  const ask = m.twin == null ? 'replay' : 'both'
  const answer = await askOnce(ask, { name, ...screen }, { patienceMs: PATIENCE_MS, ...m })
  if (answer.kind === 'ok') return answer.value
  const survives = answer.kind === 'bad' ? '' : `${printable(name)}: the system does not survive it: `
  return { code: answer.kind === 'bad' ? 2 : 4, lines: [`${survives}${answer.why}`] }
}

/** What a stored schedule came to. */
export interface Compared {
  readonly name: string
  readonly path: string // from where the command was started
  readonly stored: Stored
  /** How it differs from what it must show; null: not at all. */
  readonly odd: string | null
}

/**
 * Every stored schedule, in order; or why a file cannot be read. `own`: the implementation is src/, which must show what
 * is stored; another must withstand the same schedules in bound.
 */
export const compareCorpus = async (
  m: Means,
  progress: (done: number, total: number, what: string) => void = () => {},
): Promise<readonly (Compared | { readonly path: string; readonly bad: string })[]> => {
  const files = storedNames().map((name) => {
    const path = pathOf(name)
    return { name, path, file: readStored(path, new URL(name, CORPUS)) }
  })
  const odd = new Map<string, string | null>()
  const asked = files.flatMap(({ name, file }) =>
    file.kind === 'bad' ? [] : [{ name, stored: file.value, own: m.party === null }],
  )
  await askSystem('compare', asked, m, (answer, { name }) => {
    const is = answer.kind === 'ok' ? answer.value : answer.kind === 'bad' ? answer.why : `it is lost: ${answer.why}`
    odd.set(name, is ?? odd.get(name) ?? null)
    progress(odd.size, asked.length, 'stored schedules')
  })
  return files.map(({ name, path, file }) =>
    file.kind === 'bad'
      ? { path, bad: file.why }
      : { name, path, stored: file.value, odd: odd.has(name) ? odd.get(name)! : 'it was not played' },
  )
}

/** The corpus, before anything random; those that differ in the same way share the first of them. */
export const replayCorpus = async (
  m: Means,
  command: string,
  paint: Paint,
  progress?: Parameters<typeof compareCorpus>[1],
): Promise<Replayed> => {
  const odd = new Map<string, string[]>()
  const all = await compareCorpus(m, progress)
  for (const c of all) {
    if ('bad' in c) return { code: 2, lines: [c.bad] }
    if (c.odd !== null) odd.set(c.odd, [...(odd.get(c.odd) ?? []), c.path])
  }
  const failed = [...odd.values()].reduce((sum, paths) => sum + paths.length, 0)
  const lines = [...odd].flatMap(([how, [first, ...more]]) => [
    paint(`${first}${more.length === 0 ? '' : ` and ${more.length} more`}: ${how}`, 'red'),
    `  replay: ${command} --replay ${first}`,
  ])
  return { code: failed > 0 ? 1 : 0, lines: [...lines, `${all.length} stored schedules replayed, ${failed} differ`] }
}
