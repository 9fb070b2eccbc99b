/** `npm run decode`: a transcript or a capture, frame by frame. */
import { readFileSync } from 'node:fs'
import { type Dialect, PROTOCOL } from '../../../spec/dialects/dialect.ts'
import { follow, parseTranscript, type Recorded } from '../../../spec/dialects/transcript.ts'
import type { FrameId } from '../../../spec/events.ts'
import { given, orComplain, UserError } from '../../../src/cli/options.ts'
import type { Terminal } from '../../../src/cli/terminal.ts'
import { frameLine, says } from '../../harness/attack/frames.ts'
import { frameText } from '../../harness/attack/print.ts'
import type { Parsed } from '../../harness/schedule-file.ts'
import { Cutter } from '../console/relay/cutter.ts'
import { keysFrom } from '../console/relay/options.ts'
import { readsLink, segmentOf } from '../console/relay/packets.ts'
import { parsePcapng } from '../console/relay/pcapng.ts'
import { chunksOf } from '../console/relay/streams.ts'

const DECODE_USAGE = `npm run decode -- FILE [options]
  FILE                    a transcript (JSON) or a capture (pcapng)
  --keys FILE             keyring to read the frames with; demo: the demo keys (default: those in the transcript)
  --mode bound|literal    of the conversations in a capture (default bound)
Exit codes: 0 done, 2 the file cannot be read.`

/** A conversation from a file, whatever it was written in. */
interface Conversation {
  readonly dialect: Dialect
  readonly masters: ReadonlyMap<number, Uint8Array>
  readonly frames: readonly Recorded[]
  readonly notes: readonly string[]
}

/** `bytes` of the file called `name`; `dialect` and an empty keyring where it does not say. */
const read = (name: string, bytes: Uint8Array, dialect: Dialect): Parsed<Conversation> => {
  const text = Buffer.from(bytes).toString('utf8')
  return text.trimStart().startsWith('{') ? readTranscriptText(name, text) : readCapture(name, bytes, dialect)
}

const readTranscriptText = (name: string, text: string): Parsed<Conversation> => {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (e) {
    return { kind: 'bad', why: `${name}: expected JSON, got ${e instanceof Error ? e.message : String(e)}` }
  }
  const parsed = parseTranscript(value, name)
  if (parsed.kind === 'bad') return { kind: 'bad', why: parsed.problem }
  const { dialect, masters, frames } = parsed.transcript
  return { kind: 'ok', value: { dialect, masters, frames, notes: [] } }
}

const readCapture = (name: string, bytes: Uint8Array, dialect: Dialect): Parsed<Conversation> => {
  const packets = parsePcapng(name, bytes)
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
    const cutter = cutters.get(key) ?? new Cutter()
    cutters.set(key, cutter)
    for (const cut of bytes.length === 0 ? cutter.rest() : cutter.push(bytes)) {
      if (cut.kind === 'frame') frames.push({ conn, from, bytes: cut.bytes })
      else notes.push(`connection ${conn}, ${from}: ${cut.bytes.length} bytes that are no frame`)
    }
  }
  return { kind: 'ok', value: { dialect, masters: new Map(), frames, notes } }
}

/** One line a frame. Keys of the file itself come before `keyring`. */
export const decodeText = (c: Conversation, keyring: ReadonlyMap<number, Uint8Array>): readonly string[] => {
  const masters = new Map([...keyring, ...c.masters])
  const lines = [...follow(c.dialect, masters, c.frames)].map((f) => {
    const { tagOk, padOk, body } = f.opened
    const known = f.header !== null && masters.has(f.header.id)
    const why = !known ? 'no key' : tagOk ? 'no valid padding' : 'does not verify here'
    const told = padOk ? says(body) : why
    const way = f.from === 'client' ? `c${f.conn} ─▶ s${f.conn}` : `c${f.conn} ◀─ s${f.conn}`
    return `${way}  ${frameText(frameLine(`f${f.n}` as FrameId, f.bytes, told))}`
  })
  return [...lines, ...c.notes]
}

/** Resolves with the exit code. */
export const decode = (argv: readonly string[], terminal: Terminal): Promise<number> =>
  orComplain(terminal, async () => {
    const o = given(argv, ['keys', 'mode'])
    if (o.help) {
      terminal.out(DECODE_USAGE)
      return 0
    }
    const [file, ...more] = o.positionals
    if (file === undefined) throw new UserError('file: expected a transcript or a capture, got none')
    if (more.length > 0) throw new UserError(`arguments: expected one file, got also ${more[0]}`)
    const { keyring } = keysFrom(o.text('keys'))
    const conversation = read(file, bytesOf(file), PROTOCOL[o.mode()])
    if (conversation.kind === 'bad') throw new UserError(conversation.why)
    const { frames } = conversation.value
    for (const line of decodeText(conversation.value, keyring ?? new Map())) terminal.out(line)
    terminal.out(`${frames.length} frames on ${new Set(frames.map((f) => f.conn)).size} connections`)
    return 0
  })

const bytesOf = (file: string): Uint8Array => {
  try {
    return readFileSync(file)
  } catch (e) {
    throw new UserError(`file: expected a readable file, got ${file} (${(e as NodeJS.ErrnoException).code})`)
  }
}
