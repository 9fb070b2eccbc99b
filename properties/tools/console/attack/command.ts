/** The commands in words. A line is one command; what it acts on is looked up later. */
import type { Edit, End } from '../../../../spec/language.ts'
import { parseNumbers } from '../../../../src/cli/numbers.ts'
import type { Parsed } from '../../../harness/schedule-file.ts'
import { count, type Decision, EDIT_USAGE, hexWord, noMore, parseDecision, parseEdit } from '../decision.ts'
import { CRAFT_USAGE, type Craft, parseCraft } from './craft.ts'

/** Where something goes: an endpoint, or a new connection to the server. */
export type Place = End | 'new'

/** What becomes of a key. */
export type Corruption = { readonly how: 'reverse' | 'zero' } | { readonly how: 'xor' | 'custom'; readonly hex: string }

export type Command =
  | { readonly do: 'client'; readonly id: number; readonly rounds: readonly (readonly number[])[] }
  | { readonly do: 'submit'; readonly run: End; readonly values: readonly number[] }
  | { readonly do: 'finish'; readonly run: End }
  | { readonly do: 'replay'; readonly frame: string; readonly to: Place | null }
  | { readonly do: 'modify'; readonly frame: string; readonly edit: Edit; readonly to: Place | null }
  | { readonly do: 'reflect'; readonly frame: string }
  | {
      readonly do: 'corrupt'
      readonly run: End
      readonly corruption: Corruption
      readonly keys: 'enc' | 'mac' | 'both'
    }
  | { readonly do: 'round'; readonly run: End; readonly by: number }
  | { readonly do: 'impersonate'; readonly id: number; readonly key: string }
  | { readonly do: 'craft'; readonly to: Place; readonly craft: Craft }
  | { readonly do: 'raw'; readonly to: Place; readonly hex: string }
  | { readonly do: 'middle'; readonly id: number }
  | { readonly do: 'decide'; readonly decision: Decision }
  | { readonly do: 'close'; readonly at: End }
  | { readonly do: 'save'; readonly file: string }
  | { readonly do: 'frames' | 'who' | 'help' | 'quit' }

const indented = (text: string, by: number): string => text.replace(/^/gm, ' '.repeat(by))

export const COMMANDS = `client ID [VALUES ...]          a legitimate client: connects, or goes on; each VALUES, as 10,20, is a round
submit cN VALUES                its user submits       finish cN   its user ends the session
frames                          what was captured, decoded
who                             clients c0, c1, ... and connections s0, s1, ...; where they stand
replay fN [END]                 deliver a captured frame again; END is c0, s0, ... or new
modify fN EDIT [to END]         deliver it changed; EDIT is one of
${indented(EDIT_USAGE, 34)}
reflect fN                      back to the side that sent it
corrupt cN HOW [KEYS]           its next DATA under corrupted keys; HOW reverse, zero, xor HEX or custom HEX;
                                HEX is repeated to the length of the key; KEYS enc, mac or both (default)
round cN +N|-N                  its next DATA with a valid tag, N rounds off
impersonate ID KEY              HELLO of client ID under a key of your choice (hex, 16..64 bytes)
craft END [FIELD=VALUE ...]     a frame field by field:
${indented(CRAFT_USAGE, 34)}
raw END HEX                     stream bytes as they are, without a length prefix added
middle ID                       a client whose every frame waits for your decision:
                                  pass, drop, duplicate, delay (behind the others), rest (pass all), or an EDIT
close END                       break a connection
save FILE                       what was done, for npm run prop -- --replay FILE and npm run attacks -- FILE
help, quit`

const bad = (why: string): Parsed<never> => ({ kind: 'bad', why })
const ok = (value: Command): Parsed<Command> => ({ kind: 'ok', value })
const shown = (word: string | undefined): string => (word === undefined ? 'nothing' : JSON.stringify(word))

const endFrom = (what: string, word: string | undefined): Parsed<End> => {
  const [, side, n] = /^([cs])(\d{1,6})$/.exec(word ?? '') ?? []
  return side === undefined
    ? bad(`${what}: expected an endpoint such as c0 or s0, got ${shown(word)}`)
    : { kind: 'ok', value: { side: side === 'c' ? 'client' : 'server', n: Number(n) } }
}

const runFrom = (what: string, word: string | undefined): Parsed<End> => {
  const end = endFrom(what, word)
  return end.kind === 'ok' && end.value.side === 'server'
    ? bad(`${what}: expected a client such as c0, got ${shown(word)}`)
    : end
}

const placeFrom = (what: string, word: string | undefined): Parsed<Place> =>
  word === 'new' ? { kind: 'ok', value: 'new' } : endFrom(what, word)

/** Takes a last `to END` off the words. */
const destination = (
  words: readonly string[],
): { readonly words: readonly string[]; readonly to: Parsed<Place | null> } =>
  words.at(-2) === 'to'
    ? { words: words.slice(0, -2), to: placeFrom('to', words.at(-1)) }
    : { words, to: { kind: 'ok', value: null } }

const idFrom = (what: string, word: string | undefined): Parsed<number> => {
  const id = count(what, word, 255)
  return id.kind === 'ok' && id.value === 0 ? bad(`${what}: expected 1..255, got 0`) : id
}

const valuesFrom = (what: string, word: string | undefined): Parsed<readonly number[]> => {
  const values = parseNumbers(word ?? '')
  return values.kind === 'ok' ? { kind: 'ok', value: values.values } : bad(`${what}: ${values.problem}`)
}

const corruptionFrom = (words: readonly string[]): Parsed<{ corruption: Corruption; rest: readonly string[] }> => {
  const [how, ...more] = words
  switch (how) {
    case 'reverse':
    case 'zero':
      return { kind: 'ok', value: { corruption: { how }, rest: more } }
    case 'xor':
    case 'custom': {
      const hex = hexWord(`corrupt: ${how}`, more[0])
      return hex.kind === 'bad'
        ? hex
        : { kind: 'ok', value: { corruption: { how, hex: hex.value }, rest: more.slice(1) } }
    }
    default:
      return bad(`corrupt: expected reverse, zero, xor or custom, got ${shown(how)}`)
  }
}

const parseCorrupt = (words: readonly string[]): Parsed<Command> => {
  const run = runFrom('corrupt', words[0])
  if (run.kind === 'bad') return run
  const how = corruptionFrom(words.slice(1))
  if (how.kind === 'bad') return how
  const { corruption, rest } = how.value
  const [keys = 'both', ...more] = rest
  if (keys !== 'enc' && keys !== 'mac' && keys !== 'both')
    return bad(`corrupt: expected enc, mac or both, got ${shown(keys)}`)
  const over = noMore(more)
  return over.kind === 'bad' ? over : ok({ do: 'corrupt', run: run.value, corruption, keys })
}

const parseClient = ([word, ...more]: readonly string[]): Parsed<Command> => {
  const id = idFrom('client', word)
  if (id.kind === 'bad') return id
  const rounds: (readonly number[])[] = []
  for (const text of more) {
    const values = valuesFrom('client', text)
    if (values.kind === 'bad') return values
    rounds.push(values.value)
  }
  return ok({ do: 'client', id: id.value, rounds })
}

const parseRound = ([word, by, ...more]: readonly string[]): Parsed<Command> => {
  const run = runFrom('round', word)
  const over = noMore(more)
  if (run.kind === 'bad') return run
  if (over.kind === 'bad') return over
  if (!/^[+-]\d{1,9}$/.test(by ?? '') || Number(by) === 0)
    return bad(`round: expected how many rounds off, such as +1 or -1, got ${shown(by)}`)
  return ok({ do: 'round', run: run.value, by: Number(by) })
}

const parseImpersonate = ([word, text, ...more]: readonly string[]): Parsed<Command> => {
  const id = idFrom('impersonate', word)
  if (id.kind === 'bad') return id
  const key = hexWord('impersonate: key', text)
  if (key.kind === 'bad') return key
  const bytes = key.value.length / 2
  if (bytes < 16 || bytes > 64) return bad(`impersonate: key: expected 16..64 bytes (§1), got ${bytes}`)
  const over = noMore(more)
  return over.kind === 'bad' ? over : ok({ do: 'impersonate', id: id.value, key: key.value })
}

/** One word that may be anything, and nothing after it. */
const alone = <T>(words: readonly string[], first: Parsed<T>, make: (value: T) => Command): Parsed<Command> => {
  if (first.kind === 'bad') return first
  const over = noMore(words.slice(1))
  return over.kind === 'bad' ? over : ok(make(first.value))
}

const parsePlaced = (what: 'replay' | 'modify', words: readonly string[]): Parsed<Command> => {
  const bare = what === 'replay' && words.length === 2 // `to` may be left out where nothing else can stand
  const { words: rest, to } = destination(bare ? [words[0]!, 'to', words[1]!] : words)
  const [frame, ...more] = rest
  if (frame === undefined) return bad(`${what}: expected a frame such as f0, got nothing`)
  if (to.kind === 'bad') return to
  if (what === 'replay') return alone(rest, { kind: 'ok', value: frame }, () => ({ do: what, frame, to: to.value }))
  const edit = parseEdit(more)
  return edit.kind === 'bad' ? edit : ok({ do: what, frame, edit: edit.value, to: to.value })
}

/** `line`: not empty. */
export const parseCommand = (line: string): Parsed<Command> => {
  const [what = '', ...words] = line.trim().split(/\s+/)
  switch (what) {
    case 'client':
      return parseClient(words)
    case 'submit': {
      const run = runFrom('submit', words[0])
      const values = valuesFrom('submit', words.slice(1).join(''))
      if (run.kind === 'bad') return run
      return values.kind === 'bad' ? values : ok({ do: 'submit', run: run.value, values: values.value })
    }
    case 'finish':
      return alone(words, runFrom('finish', words[0]), (run) => ({ do: 'finish', run }))
    case 'replay':
    case 'modify':
      return parsePlaced(what, words)
    case 'reflect':
      return words[0] === undefined
        ? bad('reflect: expected a frame such as f0, got nothing')
        : alone(words, { kind: 'ok', value: words[0] }, (frame) => ({ do: 'reflect', frame }))
    case 'corrupt':
      return parseCorrupt(words)
    case 'round':
      return parseRound(words)
    case 'impersonate':
      return parseImpersonate(words)
    case 'craft': {
      const to = placeFrom('craft', words[0])
      const craft = parseCraft(words.slice(1))
      if (to.kind === 'bad') return to
      return craft.kind === 'bad' ? craft : ok({ do: 'craft', to: to.value, craft: craft.value })
    }
    case 'raw': {
      const to = placeFrom('raw', words[0])
      if (to.kind === 'bad') return to
      return alone(words.slice(1), hexWord('raw', words[1]), (hex) => ({ do: 'raw', to: to.value, hex }))
    }
    case 'middle':
      return alone(words, idFrom('middle', words[0]), (id) => ({ do: 'middle', id }))
    case 'close':
      return alone(words, endFrom('close', words[0]), (at) => ({ do: 'close', at }))
    case 'save':
      return words[0] === undefined
        ? bad('save: expected a file, got nothing')
        : ok({ do: 'save', file: words.join(' ') })
    case 'frames':
    case 'who':
    case 'help':
    case 'quit': {
      const over = noMore(words)
      return over.kind === 'bad' ? over : ok({ do: what })
    }
    default: {
      const decision = parseDecision([what, ...words])
      if (decision === null) return bad(`expected a command (help lists them), got ${shown(what)}`)
      return decision.kind === 'bad' ? decision : ok({ do: 'decide', decision: decision.value })
    }
  }
}
