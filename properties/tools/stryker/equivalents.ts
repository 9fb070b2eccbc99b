/** Stryker's mutants that nobody can notice, with the reason. A reader can check each against the source. */
import type { Equivalent } from './judge.ts'

/** `entries`: the source line, the text replaced in it, what stands there instead, why that is the same. */
const of = (file: string, ...entries: readonly (readonly [string, string, string, string])[]): readonly Equivalent[] =>
  entries.map(([line, original, replacement, why]) => ({ file, line, original, replacement, why }))

export const EQUIVALENTS: readonly Equivalent[] = [
  ...of(
    'src/primitives.ts',
    [
      'if (p < 1 || p > BLOCK || p > padded.length) return null',
      'p > padded.length',
      'false',
      'the loop then starts before the first byte, where it finds undefined, which is no p',
    ],
    [
      'if (length === HASH_BYTES) return block',
      'length === HASH_BYTES',
      'false',
      'a slice of all 32 bytes is returned instead, and the block erased: the same bytes, one copy more',
    ],
    [
      'for (let i = 0; i < HASH_BYTES; i++) difference |= a[i]! ^ b[i]!',
      'i < HASH_BYTES',
      'i <= HASH_BYTES',
      'both have exactly 32 bytes there: undefined ^ undefined is 0',
    ],
  ),
  ...of('src/payload.ts', [
    'if (bytes.length < 2) return null',
    'bytes.length < 2',
    'bytes.length <= 2',
    'two bytes are a count alone: 0 is no DATA, and for any other the length is wrong',
  ]),
  ...of('src/client-state.ts', [
    "if (phase === 'INIT') return pending === null ? [] : [OPCODE.challenge]",
    '[]',
    '["Stryker was here"]',
    'the list is asked for opcodes, which are numbers, so no text in it is ever found',
  ]),
  ...of(
    'src/aggregate.ts',
    [
      'if (Math.abs(x) < Math.abs(y)) [x, y] = [y, x]',
      'Math.abs(x) < Math.abs(y)',
      'Math.abs(x) <= Math.abs(y)',
      'swapping two of equal magnitude changes nothing: their sum is exact (2x or 0), so low is 0 either way',
    ],
    [
      'if (i > 0 && Math.sign(low) === Math.sign(sum[i - 1]!)) {',
      'i > 0',
      'true',
      'at 0 it asks for the sign of undefined, which is NaN and equals nothing',
    ],
    [
      'if (i > 0 && Math.sign(low) === Math.sign(sum[i - 1]!)) {',
      'i > 0',
      'i >= 0',
      'at 0 it asks for the sign of undefined, which is NaN and equals nothing',
    ],
  ),
  ...of('src/server-session.ts', [
    "if (text !== null) return { kind: 'hello', id, text, keys }",
    "'hello'",
    '""',
    'the kind is asked for once, whether it is "rejected"; the text only keeps the types apart',
  ]),
  ...of(
    'src/client-session.ts',
    [
      'if (from) this.#stream.push(from.buffered, () => true)',
      'true',
      'false',
      'what is buffered is the beginning of one frame, so no frame comes out and nobody is called',
    ],
    [
      'if (from) this.#stream.push(from.buffered, () => true)',
      '() => true',
      '() => undefined',
      'what is buffered is the beginning of one frame, so no frame comes out and nobody is called',
    ],
    [
      "if (state.phase !== 'TERMINATED' && state.deadline !== null && now >= state.deadline) this.#end('timeout')",
      "state.phase !== 'TERMINATED'",
      'true',
      'a TERMINATED state has no deadline, and nothing is greater than or equal to undefined',
    ],
    [
      "if (state.phase !== 'TERMINATED' && state.deadline !== null && now >= state.deadline) this.#end('timeout')",
      "'TERMINATED'",
      '""',
      'a TERMINATED state has no deadline, and nothing is greater than or equal to undefined',
    ],
  ),
  ...of(
    'src/server.ts',
    [
      'line.stream.push(buffered, () => true)',
      'true',
      'false',
      'what is buffered is the beginning of one frame, so no frame comes out and nobody is called',
    ],
    [
      'line.stream.push(buffered, () => true)',
      '() => true',
      '() => undefined',
      'what is buffered is the beginning of one frame, so no frame comes out and nobody is called',
    ],
    [
      "const oldest = [...this.#lines].find(({ state }) => state.phase !== 'ACTIVE' || !state.confirmed)",
      "state.phase !== 'ACTIVE'",
      'false',
      'a state that is not ACTIVE has no field confirmed, so it is found by the other half',
    ],
    [
      "if (line.state.phase !== 'TERMINATED' && now >= line.state.deadline) this.#end(line, 'timeout', OPCODE.terminate)",
      "line.state.phase !== 'TERMINATED'",
      'true',
      'only open connections are looked at, and a TERMINATED state is no longer among them; it has no deadline either',
    ],
    [
      "if (line.state.phase !== 'TERMINATED' && now >= line.state.deadline) this.#end(line, 'timeout', OPCODE.terminate)",
      "'TERMINATED'",
      '""',
      'only open connections are looked at, and a TERMINATED state is no longer among them; it has no deadline either',
    ],
    [
      'const oldest = rivals.reduce<Held | null>((a, b) => (a && a.state.order < b.state.order ? a : b), null)',
      'a.state.order < b.state.order',
      'a.state.order <= b.state.order',
      'no two sessions have the same order, a counter of HELLOs',
    ],
    [
      "if (rival !== null && rival.state.order > state.order) return 'superseded'",
      'rival.state.order > state.order',
      'rival.state.order >= state.order',
      'no two sessions have the same order, a counter of HELLOs',
    ],
    [
      "if (line === own || line === rival || line.state.phase !== 'ACTIVE') continue",
      'line === own',
      'false',
      'a session has submitted nothing yet for the round it is in: rounds only grow',
    ],
    [
      'if (this.#challengeText !== null) encodeText(this.#challengeText)',
      'this.#challengeText !== null',
      'true',
      'null is encoded as the text "null", which is short enough, and the result is dropped',
    ],
  ),
]
