/** The catalogue. Each text occurs exactly once in its file; one that no longer does is an error, not a pass. */
import type { Mutant } from './mutant.ts'

export const MUTANTS: readonly Mutant[] = [
  {
    id: 'tag-unchecked',
    bug: 'the tag is compared, and the result ignored',
    replacements: [
      { file: 'src/primitives.ts', find: '  return difference === 0', replace: '  return difference >= 0' },
    ],
    expect: 'C1',
  },
  {
    id: 'direction-unchecked',
    bug: 'a frame of the wrong direction is processed',
    replacements: [
      {
        file: 'src/checks.ts',
        find: "  if (header.direction !== expected.direction) return 'wrong-direction'\n",
        replace: '',
      },
    ],
    expect: 'S2',
  },
  {
    id: 'no-binding',
    bug: 'bound mode omits the hello step and the bind step',
    replacements: [
      {
        file: 'src/keys.ts',
        find: "hello: Uint8Array): Keys => {\n  if (mode === 'literal') return keys",
        replace: 'hello: Uint8Array): Keys => {\n  return keys',
      },
      {
        file: 'src/keys.ts',
        find: "challenge: Uint8Array): Keys => {\n  if (mode === 'literal') return keys",
        replace: 'challenge: Uint8Array): Keys => {\n  return keys',
      },
    ],
    expect: 'A8',
  },
  {
    id: 'keys-before-padding',
    bug: 'the server advances the keys before it has checked the padding',
    replacements: [
      {
        file: 'src/server.ts',
        find: 'import { eraseReplaced, type Mode } from',
        replace: 'import { eraseReplaced, evolve, type Mode } from',
      },
      {
        file: 'src/server.ts',
        find: '        return asked.reason\n',
        replace: `        if (asked.reason === 'bad-padding')
          this.#commit([[line, { ...state, keys: evolve(this.#crypto, state.keys, frame, frame, frame) }]])
        return asked.reason
`,
      },
    ],
    expect: 'R4',
  },
  {
    id: 'lookup-by-header-id',
    bug: 'the session of a frame is looked up by the id in its header, not by its connection',
    replacements: [
      {
        file: 'src/server.ts',
        find: "    const { state } = line\n    if (state.phase !== 'ACTIVE') return this.#takeFirst",
        replace:
          "    line = this.#sessionsOf(frame[1]!)[0] ?? line\n    const { state } = line\n    if (state.phase !== 'ACTIVE') return this.#takeFirst",
      },
    ],
    expect: 'I4',
  },
]
