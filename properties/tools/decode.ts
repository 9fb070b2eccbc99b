/** `npm run decode`: a transcript or a capture, frame by frame. */
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import type { Dialect } from '../../spec/dialects/dialect.ts'
import { parseTranscript, type Recorded } from '../../spec/dialects/transcript.ts'
import type { FrameId } from '../../spec/events.ts'
import { crossing, opposite } from '../harness/attack/frames.ts'
import { parseCapture } from '../harness/capture/packet-file.ts'
import { readsLink, segmentOf } from '../harness/capture/packets.ts'
import { Cutter, Reader } from '../harness/capture/reader.ts'
import { chunksOf } from '../harness/capture/streams.ts'
import { readBytes } from '../harness/process/files.ts'
import type { Parsed } from '../harness/schedules/schedule-file.ts'
import { dialectOption, spokenIn } from '../harness/target/dialects.ts'
import { keysFrom } from '../harness/target/keys.ts'
import { command, main } from '../harness/terminal/command.ts'
import { modeOption, UsageError } from '../harness/terminal/options.ts'
import { wordsOf } from '../harness/terminal/text.ts'
import { fileOption } from './console/surroundings.ts'

/** A conversation from a file, whatever it was written in. */
interface Conversation {
  readonly dialect: Dialect
  readonly masters: ReadonlyMap<number, Uint8Array>
  readonly frames: readonly Recorded[]
  readonly notes: readonly string[]
}

/** `bytes` of the file called `name`. A transcript says itself what is spoken in it, unless that is `asked` for. */
const read = (name: string, bytes: Uint8Array, dialect: Dialect, asked: boolean): Parsed<Conversation> => {
  const json = Buffer.from(bytes).toString('utf8')
  if (!json.trimStart().startsWith('{')) return readCapture(name, bytes, dialect)
  try {
    const parsed = parseTranscript(JSON.parse(json), name, asked ? dialect : undefined)
    if (parsed.kind === 'bad') return { kind: 'bad', why: parsed.problem }
    return { kind: 'ok', value: { ...parsed.transcript, notes: [] } }
  } catch (e) {
    if (!(e instanceof SyntaxError)) throw e
    return { kind: 'bad', why: `${name}: expected JSON, got ${e.message}` }
  }
}

const readCapture = (name: string, bytes: Uint8Array, dialect: Dialect): Parsed<Conversation> => {
  const packets = parseCapture(name, bytes)
  if (packets.kind === 'bad') return packets
  const foreign = packets.value.find((p) => !readsLink(p.link))
  if (foreign !== undefined)
    return {
      kind: 'bad',
      why: `${name}: expected packets of Ethernet, loopback, raw IP or Linux cooked, got link type ${foreign.link}`,
    }
  const cutters = new Map<string, Cutter>()
  const frames: Recorded[] = []
  const notes: string[] = []
  for (const { conn, from, bytes } of chunksOf(packets.value.flatMap((p) => segmentOf(p) ?? []))) {
    const key = `${conn} ${from}`
    const cutter = cutters.get(key) ?? new Cutter(dialect, from)
    cutters.set(key, cutter)
    for (const cut of bytes.length === 0 ? cutter.rest() : cutter.push(bytes)) {
      if (cut.kind === 'frame') frames.push({ conn, from, bytes: cut.bytes })
      else if (cut.kind === 'raw')
        notes.push(`connection ${conn}, ${from}: ${cut.bytes.length} bytes that are no frame`)
    }
  }
  return { kind: 'ok', value: { dialect, masters: new Map(), frames, notes } }
}

/** One line a frame. Keys of the file itself come before `keyring`. */
const linesOf = (c: Conversation, keyring: ReadonlyMap<number, Uint8Array>, columns?: number): readonly string[] => {
  const reader = new Reader(c.dialect, new Map([...keyring, ...c.masters]))
  const lines = c.frames.map(({ conn, from, bytes }, n) => {
    const sender = { side: from, n: conn }
    const line = reader.sent(sender, `f${n}` as FrameId, bytes)
    reader.given(opposite(sender), bytes)
    return crossing(sender, line, columns)
  })
  return [...lines, ...c.notes]
}

export const decode = command({
  name: 'decode',
  options: z.strictObject({
    keys: fileOption('keyring to read the frames with; demo: the demo keys (default: those in the transcript)'),
    mode: modeOption('bound or literal, of the conversations in a capture'),
    dialect: dialectOption,
  }),
  rest: { value: 'FILE', says: 'a transcript (JSON) or a capture (pcapng, pcap)', needed: true },
  notes: 'Exit codes: 0 done, 2 the file cannot be read.',
  run({ keys, mode, dialect }, screen, rest) {
    const file = rest[0]!
    const keyring = keys === null ? new Map() : keysFrom(keys, dialect !== null).keyring
    const conversation = read(file, bytesOf(file), spokenIn(dialect, mode).dialect, dialect !== null)
    if (conversation.kind === 'bad') throw new UsageError(conversation.why)
    const { frames } = conversation.value
    for (const line of linesOf(conversation.value, keyring, screen.columns)) screen.say(line)
    screen.say(`${frames.length} frames on ${new Set(frames.map((f) => f.conn)).size} connections`)
    return 0
  },
})

const bytesOf = (file: string): Uint8Array => {
  try {
    return readBytes(file)
  } catch (e) {
    throw new UsageError(
      `file: expected a readable file, got ${file} (${(e as NodeJS.ErrnoException).code ?? wordsOf(e)})`,
    )
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(decode)
