/** The dialect that a command asks for. */
import { existsSync, readdirSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Dialect, PROTOCOL } from '../../../spec/dialects/dialect.ts'
import { dialectBlock, parseDialect } from '../../../spec/dialects/file.ts'
import { isGrammar } from '../../../spec/dialects/grammar.ts'
import type { Mode, Side } from '../../../spec/language.ts'
import { readText } from '../process/files.ts'
import { text, UsageError } from '../terminal/options.ts'

/** Asked for when needed: a compiled fuzz entry is CommonJS, where import.meta.url is undefined. */
const corpus = (): URL => new URL('../../../corpus/dialects/', import.meta.url)

export const dialectOption = text({
  value: 'FILE',
  says: 'what is spoken: a file, or a name in corpus/dialects (default PROTOCOL)',
  default: null,
})

/** A name of the corpus stands for its file. */
const pathOf = (given: string): string => {
  const stored = fileURLToPath(new URL(`${given}.json`, corpus()))
  return !existsSync(given) && /^[\w-]+$/.test(given) && existsSync(stored) ? stored : given
}

/** The names of those in the corpus. */
export const storedDialects = (): readonly string[] =>
  readdirSync(corpus())
    .map((f) => basename(f, '.json'))
    .sort()

/** A dialect, and what stands for it in files. */
export interface Spoken {
  readonly dialect: Dialect
  readonly block: unknown
}

/** Of `--dialect`; null: PROTOCOL in this mode. `from`: what named it. Throws a UsageError. */
export const spokenIn = (given: string | null, mode: Mode, from = `--dialect ${given}`): Spoken => {
  if (given === null) return { dialect: PROTOCOL[mode], block: dialectBlock(mode) }
  const file = pathOf(given)
  let json: unknown
  try {
    json = JSON.parse(readText(file))
  } catch (e) {
    throw new UsageError(
      `${from}: expected a dialect file (JSON) or one of ${storedDialects().join(', ')}, got ${(e as Error).message}`,
    )
  }
  const read = parseDialect(json, basename(file, '.json'), '')
  if (read.kind === 'bad') throw new UsageError(`${from}: ${read.problem}`)
  return { dialect: read.dialect, block: json }
}

/** For whoever plays this side of it; `from`: the option that named it. Throws a UsageError where nothing says what it sends. */
export const playable = (d: Dialect, from: string, side: Side = 'client'): Dialect => {
  const sent = {
    client: { hello_payload: d.hello, data_payload: d.data },
    server: { challenge_payload: d.challenge, aggr_response_payload: d.response },
  }
  for (const [field, codec] of Object.entries(sent[side]))
    if (isGrammar(codec) && codec.fields.some((f) => f.kind === 'any' && f.sample.length === 0))
      throw new UsageError(`${from}: ${field}: expected any:HEX, a payload that ${side}s send, got any`)
  return d
}
