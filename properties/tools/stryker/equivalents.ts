/** Stryker's mutants that nobody can notice, with the reason. A reader can check each against the source. */
import type { Equivalent } from './judge.ts'

/** A source line, why nobody can notice, and each text in it with what stands there instead. */
type Entry = readonly [line: string, why: string, ...(readonly [original: string, replacement: string])[]]

const of = (file: string, ...entries: readonly Entry[]): readonly Equivalent[] =>
  entries.flatMap(([line, why, ...swaps]) =>
    swaps.map(([original, replacement]) => ({ file, line, original, replacement, why })),
  )

export const EQUIVALENTS: readonly Equivalent[] = [
  ...of(
    'src/primitives.ts',
    [
      'if (p < 1 || p > BLOCK || p > padded.length) return null',
      'the loop then starts before the first byte, where it finds undefined, which is no p',
      ['p > padded.length', 'false'],
    ],
    [
      'if (length === HASH_BYTES) return block',
      'a slice of all 32 bytes is returned instead, and the block erased: the same bytes, one copy more',
      ['length === HASH_BYTES', 'false'],
    ],
    [
      'for (let i = 0; i < HASH_BYTES; i++) difference |= a[i]! ^ b[i]!',
      'both have exactly 32 bytes there: undefined ^ undefined is 0',
      ['i < HASH_BYTES', 'i <= HASH_BYTES'],
    ],
  ),
  ...of('src/payload.ts', [
    'if (bytes.length < 2) return null',
    'two bytes are a count alone: 0 is no DATA, and for any other the length is wrong',
    ['bytes.length < 2', 'bytes.length <= 2'],
  ]),
  ...of('src/client-state.ts', [
    "if (phase === 'INIT') return pending === null ? [] : [OPCODE.challenge]",
    'the list is asked for opcodes, which are numbers, so no text in it is ever found',
    ['[]', '["Stryker was here"]'],
  ]),
  ...of(
    'src/aggregate.ts',
    [
      'const low = Math.abs(x) < Math.abs(y) ? x - (high - y) : y - (high - x) // exact: the smaller, less what was added',
      'of two of equal magnitude the sum is exact (2x or 0), so low is 0 either way',
      ['Math.abs(x) < Math.abs(y)', 'Math.abs(x) <= Math.abs(y)'],
    ],
    [
      'if (i > 0 && Math.sign(low) === Math.sign(sum[i - 1]!)) {',
      'at 0 it asks for the sign of undefined, which is NaN and equals nothing',
      ['i > 0', 'true'],
      ['i > 0', 'i >= 0'],
    ],
    [
      '} else if (j === next.length || (i < old.length && old[i]!.round <= next[j]!.round)) this.#add(negated(old[i++]!))',
      'of one round it adds first and takes back then: sums are exact, so the order does not matter',
      ['old[i]!.round <= next[j]!.round', 'old[i]!.round < next[j]!.round'],
    ],
  ),
  ...of('src/server-session.ts', [
    "if (text !== null) return { kind: 'hello', id, text, keys }",
    'the kind is asked for once, whether it is "rejected"; the text only keeps the types apart',
    ["'hello'", '""'],
  ]),
  ...of(
    'src/client-session.ts',
    [
      'if (from) this.#stream.push(from.buffered, () => true)',
      'what is buffered is the beginning of one frame, so no frame comes out and nobody is called',
      ['true', 'false'],
      ['() => true', '() => undefined'],
    ],
    [
      "if (state.phase !== 'TERMINATED' && state.deadline !== null && now >= state.deadline) this.#end('timeout')",
      'a TERMINATED state has no deadline, and nothing is greater than or equal to undefined',
      ["state.phase !== 'TERMINATED'", 'true'],
      ["'TERMINATED'", '""'],
    ],
  ),
  ...of(
    'src/server.ts',
    [
      'line.stream.push(buffered, () => true)',
      'what is buffered is the beginning of one frame, so no frame comes out and nobody is called',
      ['true', 'false'],
      ['() => true', '() => undefined'],
    ],
    [
      "const oldest = [...this.#lines].find(({ state }) => state.phase !== 'ACTIVE' || !state.confirmed)",
      'a state that is not ACTIVE has no field confirmed, so it is found by the other half',
      ["state.phase !== 'ACTIVE'", 'false'],
    ],
    [
      "if (line.state.phase !== 'TERMINATED' && now >= line.state.deadline) this.#end(line, 'timeout', OPCODE.terminate)",
      'only open connections are looked at, and a TERMINATED state is no longer among them; it has no deadline either',
      ["line.state.phase !== 'TERMINATED'", 'true'],
      ["'TERMINATED'", '""'],
    ],
    [
      'const oldest = rivals.reduce<Held | null>((a, b) => (a && a.state.order < b.state.order ? a : b), null)',
      'no two sessions have the same order, a counter of HELLOs',
      ['a.state.order < b.state.order', 'a.state.order <= b.state.order'],
    ],
    [
      "if (rival !== null && rival.state.order > state.order) return 'superseded'",
      'no two sessions have the same order, a counter of HELLOs',
      ['rival.state.order > state.order', 'rival.state.order >= state.order'],
    ],
    [
      'if (this.#challengeText !== null) encodeText(this.#challengeText)',
      'null is encoded as the text "null", which is short enough, and the result is dropped',
      ['this.#challengeText !== null', 'true'],
    ],
  ),
]
