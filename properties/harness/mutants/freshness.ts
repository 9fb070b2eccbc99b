// biome-ignore-all lint/suspicious/noTemplateCurlyInString: source text is quoted
/** Mutants of session binding (PROTOCOL §4): the hello step and the bind step. */
import { type Mutant, mutant, swap } from './mutant.ts'

const noHelloStep = swap(
  'keys',
  "hello: Uint8Array): Keys => {\n  if (mode === 'literal') return keys",
  'hello: Uint8Array): Keys => {\n  return keys',
)
const noBindStep = swap(
  'keys',
  "challenge: Uint8Array): Keys => {\n  if (mode === 'literal') return keys",
  'challenge: Uint8Array): Keys => {\n  return keys',
)
const T = 'concat(BIND, c.sha256(concat(hello, challenge)))'
const binding = (replace: string) => swap('keys', T, replace)

export const freshness: readonly Mutant[] = [
  mutant('no-binding', 'KAT', 'bound mode omits the hello step and the bind step', {
    by: [noHelloStep, noBindStep],
    covers: ['no binding'],
  }),
  mutant('no-hello-step', 'KAT', 'bound mode omits the hello step', {
    by: [noHelloStep],
    covers: ['CHALLENGE under initial keys'],
  }),
  mutant('no-bind-step', 'KAT', 'bound mode omits the bind step', { by: [noBindStep] }),
  mutant(
    'challenge-under-initial-keys',
    'KAT',
    'the CHALLENGE is sealed under the initial keys; the hello step comes after it',
    {
      'server-session': ['seal(c, stepped.s2c, rng, header, text)', 'seal(c, initial.s2c, rng, header, text)'],
      'client-session': [
        ['this.#mode, state, frame)', 'this.#mode, state, frame, this.master)'],
        ['    checkMaster(id, masterKey)\n', '    checkMaster(id, masterKey)\n    this.master = masterKey.slice()\n'],
      ],
      'client-state': [
        ['state: Live, frame: Uint8Array)', 'state: Live, frame: Uint8Array, master: Uint8Array)'],
        ['import { copyKeys, evolve,', 'import { copyKeys, evolve, initialKeys,'],
        [
          '  const plaintext = open(c, keys.s2c, frame)\n',
          "  const under = state.phase === 'INIT' ? initialKeys(c, master) : keys\n  const plaintext = open(c, under.s2c, frame)\n",
        ],
      ],
      covers: ['CHALLENGE under initial keys'],
    },
  ),
  mutant('binding-without-challenge', 'KAT', 'the bind step hashes the HELLO only', {
    by: [binding('concat(BIND, c.sha256(hello))')],
    covers: ['binding without CHALLENGE'],
  }),
  mutant('binding-without-hello', 'KAT', 'the bind step hashes the CHALLENGE only', {
    by: [binding('concat(BIND, c.sha256(challenge))')],
    covers: ['binding without HELLO'],
  }),
  mutant('binding-order', 'KAT', 'the bind step hashes the CHALLENGE before the HELLO', {
    by: [binding('concat(BIND, c.sha256(concat(challenge, hello)))')],
  }),
  mutant('binding-unhashed', 'KAT', 'the bind step takes the frames themselves, not their hash', {
    by: [binding('concat(BIND, hello, challenge)')],
  }),
  mutant('binding-c2s-only', 'KAT', 'the bind step changes the keys of the client only, and there is no hello step', {
    by: [
      noHelloStep,
      swap(
        'keys',
        'c2s: step(c, keys.c2s, x), s2c: step(c, keys.s2c, x) }',
        'c2s: step(c, keys.c2s, x), s2c: copyKeys(keys).s2c }',
      ),
    ],
    covers: ['C2S only'],
  }),
  mutant('bind-step-c2s-only', 'KAT', 'the bind step leaves the keys of the server alone', {
    keys: [
      'c2s: step(c, keys.c2s, x), s2c: step(c, keys.s2c, x) }',
      'c2s: step(c, keys.c2s, x), s2c: copyKeys(keys).s2c }',
    ],
    covers: ['C2S only'],
  }),
  mutant('bind-step-enc-only', 'KAT', 'the bind step leaves the MAC keys alone', {
    keys: [
      'c2s: step(c, keys.c2s, x), s2c: step(c, keys.s2c, x) }',
      'c2s: { ...step(c, keys.c2s, x), mac: keys.c2s.mac.slice() }, s2c: { ...step(c, keys.s2c, x), mac: keys.s2c.mac.slice() } }',
    ],
  }),
  mutant('hello-step-enc-only', 'KAT', 'the hello step leaves the MAC key alone', {
    keys: [
      '{ ...keys, s2c: step(c, keys.s2c, x) }',
      '{ ...keys, s2c: { ...step(c, keys.s2c, x), mac: keys.s2c.mac } }',
    ],
  }),
  mutant('hello-step-all-keys', 'KAT', 'the hello step changes the keys of the client as well', {
    keys: ['{ ...keys, s2c: step(c, keys.s2c, x) }', '{ c2s: step(c, keys.c2s, x), s2c: step(c, keys.s2c, x) }'],
  }),
  mutant('hello-step-unhashed', 'KAT', 'the hello step takes the HELLO itself, not its hash', {
    keys: ['concat(HELLO, c.sha256(hello))', 'concat(HELLO, hello)'],
  }),
  mutant('hello-step-without-tag', 'KAT', 'the hello step hashes the HELLO without its tag', {
    keys: ['concat(HELLO, c.sha256(hello))', 'concat(HELLO, c.sha256(hello.subarray(0, hello.length - 32)))'],
  }),
  mutant('bind-before-evolution', 'KAT', 'the bind step comes before the evolution of round 0', {
    keys: [
      '  const evolved = evolve(c, keys, hello, text, STATUS_OK)\n  const bound = bindStep(c, mode, evolved, hello, challenge)\n',
      '  const evolved = bindStep(c, mode, copyKeys(keys), hello, challenge)\n  const bound = evolve(c, evolved, hello, text, STATUS_OK)\n',
    ],
  }),
  mutant('bind-word-hello', 'KAT', 'the bind step uses the word of the hello step', {
    keys: ["const BIND = info('bind')", "const BIND = info('hello')"],
  }),
  mutant('literal-bound', 'KAT', 'literal mode takes the bind step all the same', {
    keys: [
      "challenge: Uint8Array): Keys => {\n  if (mode === 'literal') return keys",
      'challenge: Uint8Array): Keys => {',
    ],
  }),
  mutant('literal-hello-step', 'KAT', 'literal mode takes the hello step all the same', {
    keys: ["hello: Uint8Array): Keys => {\n  if (mode === 'literal') return keys", 'hello: Uint8Array): Keys => {'],
  }),
  mutant('hello-reused', 'C4', 'a client sends the HELLO of its last run again when it reconnects', {
    'client-session': [
      [
        'export class ClientSession {\n',
        'const hellos = new Map<string, Uint8Array>()\nexport class ClientSession {\n',
      ],
      [
        '    const hello = this.#seal(state, OPCODE.hello, this.#hello)\n',
        '    const fresh = this.#seal(state, OPCODE.hello, this.#hello)\n    const name = Array.from(state.keys.c2s.mac).join()\n    const hello = (hellos.get(name) ?? fresh).slice()\n    hellos.set(name, hello.slice())\n',
      ],
    ],
    covers: ['HELLO reused on reconnect'],
  }),
  mutant(
    'keys-kept-across-sessions',
    'KAT',
    'the server takes the keys of an ended session for the next one of that client',
    {
      keys: [
        ['export const copyKeys', 'const last = new Map<string, Keys>()\nexport const copyKeys'],
        [
          '  eraseReplaced(c, evolved, bound)\n  return bound\n',
          '  eraseReplaced(c, evolved, bound)\n  const name = `${mode} ${hello[1]} ${hello.slice(-32).join()}`\n  const known = last.get(name)\n  if (known === undefined) last.set(name, copyKeys(bound))\n  return known === undefined ? bound : copyKeys(known)\n',
        ],
      ],
    },
  ),
  mutant('resent-frame-accepted', 'A2', 'the server takes the last DATA of a session once more when it arrives again', {
    server: [
      [
        '    const asked = examine(this.#crypto, state, frame)\n',
        '    const last = line.last\n    if (last?.frame.length === frame.length && last.frame.every((b: number, i: number) => b === frame[i])) {\n      line.port.report(last)\n      return null\n    }\n    const asked = examine(this.#crypto, state, frame)\n',
      ],
      [
        "      line.port.report({ kind: 'accepted', frame, content: { kind: 'data', id, round, values, answer: aggregate } })\n",
        "      line.port.report((line.last = { kind: 'accepted', frame: frame.slice(), content: { kind: 'data', id, round, values, answer: aggregate } }))\n",
      ],
    ],
  }),
]
