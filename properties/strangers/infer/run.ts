/** `npm run infer`: the dialect that two strangers speak, from what passed between them. */
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { stopping } from '../../checks/check.ts'
import { writeWhole } from '../../harness/process/files.ts'
import { type Keyring, keyringFrom, keyringOf, NO_KEYS } from '../../harness/target/keys.ts'
import { command, main, type Screen } from '../../harness/terminal/command.ts'
import { custom, text, UsageError } from '../../harness/terminal/options.ts'
import { type Paint, plural, printable, table, wrap } from '../../harness/terminal/text.ts'
import { relayShape } from '../relay.ts'
import { type Fact, type Inference, infer } from './infer.ts'
import type { Hints } from './keysearch.ts'
import type { Labels } from './labels.ts'
import { captureOf, ofChunks, type Recording, readRecording, wiretap } from './recording.ts'

/** The one that explains the recording · one of several · none. */
export type Outcome = 'unique' | 'open' | 'none'

export const outcomeOf = (i: Inference): Outcome => (i.block === null ? 'none' : i.open.length > 0 ? 'open' : 'unique')

export const factText = (f: Fact): string => `${f.what}: ${printable(f.says)} (${f.by} of ${plural(f.frames, 'frame')})`

const GAPS = 4 // columns between the three
const LEAST = 20
const MOST_OTHERS = 5

const shortly = (all: readonly string[]): string =>
  all.length <= MOST_OTHERS
    ? all.join(', ')
    : `${all.slice(0, MOST_OTHERS).join(', ')} and ${all.length - MOST_OTHERS} more`

/** In one line. */
export const verdictOf = (i: Inference): string => {
  const whole = `the dialect re-opens all ${plural(i.frames, 'frame')}`
  switch (outcomeOf(i)) {
    case 'none':
      return `no dialect: ${i.problems.at(-1)!.replace(/^no dialect: /, '')}`
    case 'unique':
      return `${whole}, and nothing that was tried beside it does`
    case 'open':
      return `${whole}; so do others (${plural(i.open.length, 'open question')})`
  }
}

/** Without the dialect itself. */
export const inferenceText = (i: Inference, paint: Paint, columns?: number): string => {
  const rows = i.facts.map((f) => [f.what, printable(f.says), `${f.frames} ${f.by}`])
  const widest = (k: number): number => Math.max(...rows.map((row) => row[k]!.length), 'confirmed by'.length)
  const room = columns === undefined ? widest(1) : Math.min(widest(1), columns - widest(0) - widest(2) - GAPS)
  const shown = [{ head: 'fact' }, { head: 'found', width: Math.max(room, LEAST) }, { head: 'confirmed by' }]
  const line = (text: string): string => wrap(printable(text), columns, 2)
  const open = i.open.flatMap((o) => [
    line(`open: ${o.what}: ${o.chosen}, or as well ${shortly(o.others)}`),
    line(`  to tell: ${o.split}`),
  ])
  const color = { unique: 'green', open: 'yellow', none: 'red' } as const
  return [
    ...(rows.length > 0 ? [table(shown, rows)] : []),
    ...i.unseen.map((u) => paint(line(`not confirmed: ${u}`), 'dim')),
    ...open,
    ...i.problems.slice(0, i.block === null ? -1 : undefined).map((p) => paint(line(p), 'yellow')),
    paint(line(verdictOf(i)), color[outcomeOf(i)]),
  ].join('\n')
}

const EXIT = { unique: 0, none: 1, open: 3 } as const
const SETTLE_MS = 200 // after the last bytes, before it is looked at

const labelsOption = custom(
  { value: 'A,B,C,D', says: 'labels as the source has them: C2S-ENC,C2S-MAC,S2C-ENC,S2C-MAC', default: null },
  (given) => {
    const labels = given.split(',')
    return labels.length === 4 ? { value: labels as unknown as Labels } : { expected: 'four labels' }
  },
)

const valuesOption = custom(
  { value: 'N,N,..', says: 'numbers that were typed, in any order', default: [] },
  (given) => {
    const values = given.split(/[\s,]+/).map(Number)
    return values.every(Number.isFinite) ? { value: values as readonly number[] } : { expected: 'numbers' }
  },
)

const options = z.strictObject({
  keys: text({
    value: 'FILE',
    says: 'master keys: JSON by client id, or lines such as 1=KEY, each as hex or text; demo; or the pass phrase itself (default: those in the transcript)',
    default: null,
  }),
  out: text({ value: 'FILE', says: 'write the dialect there instead of printing it', default: null }),
  values: valuesOption,
  labels: labelsOption,
  ...relayShape('record here first'),
  pcapng: text({
    value: 'FILE',
    says: 'with --relay: keep what passed, for Wireshark and for next time',
    default: null,
  }),
})
type Options = z.output<typeof options>

const hintsOf = (o: Options): Hints => ({ labels: o.labels, values: o.values })

const keysOf = (said: string | null, r: Recording | null): Keyring => {
  if (said !== null) return keyringFrom(said)
  return r === null || r.masters.size === 0 ? NO_KEYS : keyringOf(r.masters)
}

/** From a file, for whoever wants the dialect only. Throws a UsageError. */
export const inferFrom = (file: string, keys: string | null): Inference => {
  const r = readRecording(file)
  return infer(r, keysOf(keys, r), { labels: null, values: [] })
}

const tell = (i: Inference, o: Options, screen: Screen): number => {
  screen.say(inferenceText(i, screen.paint, screen.columns))
  const spread = JSON.stringify(i.block, null, 2) ?? ''
  const json = `${spread.replace(/\[[^[\]{}]*\]/g, (list) => list.replace(/\s+/g, ' '))}\n`
  if (i.block !== null && o.out !== null) {
    writeWhole(o.out, json)
    screen.say(`dialect: ${o.out}`)
  } else if (i.block !== null) screen.say(json.trimEnd())
  return EXIT[outcomeOf(i)]
}

/** Passes on and keeps what comes until it is stopped, and says what is settled on the way. */
const listen = async (o: Options, screen: Screen): Promise<Inference | null> => {
  if (o.upstream === null || o.relay === null) throw new UsageError('--relay and --upstream: expected both')
  const keyring = keysOf(o.keys, null)
  const said = new Set<string>()
  let timer: NodeJS.Timeout | undefined
  const look = (quick: boolean): Inference | null => {
    if (tap.chunks.every((c) => c.bytes.length === 0)) return null
    try {
      return infer(ofChunks(tap.chunks, 'the relay'), keyring, { ...hintsOf(o), quick })
    } catch (e) {
      if (e instanceof UsageError && quick) return null // half a frame is no frame yet
      throw e
    }
  }
  const settle = (): void => {
    for (const f of look(true)?.facts ?? []) {
      if (said.has(`${f.what} ${f.says}`)) continue
      said.add(`${f.what} ${f.says}`)
      screen.say(wrap(`settled: ${factText(f)}`, screen.columns))
    }
  }
  const tap = await wiretap({ port: o.relay, upstream: o.upstream }, (trouble) => {
    if (trouble !== null) screen.complain(trouble)
    clearTimeout(timer)
    timer = setTimeout(settle, SETTLE_MS)
  })
  screen.say(`clients connect to 127.0.0.1:${tap.port}; Ctrl-C ends the recording`)
  await stopping((signal) => new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve())))
  clearTimeout(timer)
  tap.stop()
  if (o.pcapng !== null) writeFileSync(o.pcapng, captureOf(tap.chunks))
  return look(false)
}

export const inferCommand = command({
  name: 'infer',
  options,
  rest: { value: 'RECORDING', says: 'a transcript (JSON) or a capture (pcapng) of an honest conversation' },
  notes: `Finds the dialect that explains every tag and every padding of a recording: framing, directions, first keys, MAC, \
what evolves which keys, rounds, payloads. Each fact is said with the frames that confirm it; what no frame confirms, \
too. Two clients and three rounds are enough, with numbers of several lengths.
Exit codes: 0 one dialect re-opens every frame and nothing beside it, 3 several do: one of them is printed, with what \
would tell, 1 none is printed, since none re-opens every frame, 2 usage.`,
  async run(o, screen, [file]) {
    if ((file === undefined) === (o.relay === null))
      throw new UsageError('RECORDING or --relay PORT --upstream HOST:PORT: expected one of them')
    if (file !== undefined) {
      for (const name of ['upstream', 'pcapng'] as const)
        if (o[name] !== null) throw new UsageError(`--${name}: expected only beside --relay`)
      const r = readRecording(file)
      return tell(infer(r, keysOf(o.keys, r), hintsOf(o)), o, screen)
    }
    const heard = await listen(o, screen)
    if (heard === null) throw new UsageError('--relay: expected a conversation, got none')
    return tell(heard, o, screen)
  },
})

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(inferCommand)
