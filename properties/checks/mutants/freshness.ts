// biome-ignore-all lint/suspicious/noTemplateCurlyInString: source text is quoted
/** Mutants of session binding (PROTOCOL §4): the hello step and the bind step. */
import { type Mutant, swap } from './mutant.ts'

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
  {
    id: 'no-binding',
    bug: 'bound mode omits the hello step and the bind step',
    covers: ['no binding'],
    replacements: [noHelloStep, noBindStep],
    expect: 'KAT',
  },
  {
    id: 'no-hello-step',
    bug: 'bound mode omits the hello step',
    covers: ['CHALLENGE under initial keys'],
    replacements: [noHelloStep],
    expect: 'KAT',
  },
  {
    id: 'no-bind-step',
    bug: 'bound mode omits the bind step',
    replacements: [noBindStep],
    expect: 'KAT',
  },
  {
    id: 'challenge-under-initial-keys',
    bug: 'the CHALLENGE is sealed under the initial keys; the hello step comes after it',
    covers: ['CHALLENGE under initial keys'],
    replacements: [
      swap('server-session', 'seal(c, stepped.s2c, rng, header, text)', 'seal(c, initial.s2c, rng, header, text)'),
      swap('client-session', 'this.#mode, state, frame)', 'this.#mode, state, frame, this.master)'),
      swap('client-state', 'state: Live, frame: Uint8Array)', 'state: Live, frame: Uint8Array, master: Uint8Array)'),
      swap('client-state', 'import { copyKeys, evolve,', 'import { copyKeys, evolve, initialKeys,'),
      swap(
        'client-state',
        '  const plaintext = open(c, keys.s2c, frame)\n',
        "  const under = state.phase === 'INIT' ? initialKeys(c, master) : keys\n  const plaintext = open(c, under.s2c, frame)\n",
      ),
      swap(
        'client-session',
        '    checkMaster(id, masterKey)\n',
        '    checkMaster(id, masterKey)\n    this.master = masterKey.slice()\n',
      ),
    ],
    expect: 'KAT',
  },
  {
    id: 'binding-without-challenge',
    bug: 'the bind step hashes the HELLO only',
    covers: ['binding without CHALLENGE'],
    replacements: [binding('concat(BIND, c.sha256(hello))')],
    expect: 'KAT',
  },
  {
    id: 'binding-without-hello',
    bug: 'the bind step hashes the CHALLENGE only',
    covers: ['binding without HELLO'],
    replacements: [binding('concat(BIND, c.sha256(challenge))')],
    expect: 'KAT',
  },
  {
    id: 'binding-order',
    bug: 'the bind step hashes the CHALLENGE before the HELLO',
    replacements: [binding('concat(BIND, c.sha256(concat(challenge, hello)))')],
    expect: 'KAT',
  },
  {
    id: 'binding-unhashed',
    bug: 'the bind step takes the frames themselves, not their hash',
    replacements: [binding('concat(BIND, hello, challenge)')],
    expect: 'KAT',
  },
  {
    id: 'binding-c2s-only',
    bug: 'the bind step changes the keys of the client only, and there is no hello step',
    covers: ['C2S only'],
    replacements: [
      noHelloStep,
      swap(
        'keys',
        'c2s: step(c, keys.c2s, x), s2c: step(c, keys.s2c, x) }',
        'c2s: step(c, keys.c2s, x), s2c: copyKeys(keys).s2c }',
      ),
    ],
    expect: 'KAT',
  },
  {
    id: 'bind-step-c2s-only',
    bug: 'the bind step leaves the keys of the server alone',
    covers: ['C2S only'],
    replacements: [
      swap(
        'keys',
        'c2s: step(c, keys.c2s, x), s2c: step(c, keys.s2c, x) }',
        'c2s: step(c, keys.c2s, x), s2c: copyKeys(keys).s2c }',
      ),
    ],
    expect: 'KAT',
  },
  {
    id: 'bind-step-enc-only',
    bug: 'the bind step leaves the MAC keys alone',
    replacements: [
      swap(
        'keys',
        'c2s: step(c, keys.c2s, x), s2c: step(c, keys.s2c, x) }',
        'c2s: { ...step(c, keys.c2s, x), mac: keys.c2s.mac.slice() }, s2c: { ...step(c, keys.s2c, x), mac: keys.s2c.mac.slice() } }',
      ),
    ],
    expect: 'KAT',
  },
  {
    id: 'hello-step-enc-only',
    bug: 'the hello step leaves the MAC key alone',
    replacements: [
      swap(
        'keys',
        '{ ...keys, s2c: step(c, keys.s2c, x) }',
        '{ ...keys, s2c: { ...step(c, keys.s2c, x), mac: keys.s2c.mac } }',
      ),
    ],
    expect: 'KAT',
  },
  {
    id: 'hello-step-all-keys',
    bug: 'the hello step changes the keys of the client as well',
    replacements: [
      swap(
        'keys',
        '{ ...keys, s2c: step(c, keys.s2c, x) }',
        '{ c2s: step(c, keys.c2s, x), s2c: step(c, keys.s2c, x) }',
      ),
    ],
    expect: 'KAT',
  },
  {
    id: 'hello-step-unhashed',
    bug: 'the hello step takes the HELLO itself, not its hash',
    replacements: [swap('keys', 'concat(HELLO, c.sha256(hello))', 'concat(HELLO, hello)')],
    expect: 'KAT',
  },
  {
    id: 'hello-step-without-tag',
    bug: 'the hello step hashes the HELLO without its tag',
    replacements: [
      swap('keys', 'concat(HELLO, c.sha256(hello))', 'concat(HELLO, c.sha256(hello.subarray(0, hello.length - 32)))'),
    ],
    expect: 'KAT',
  },
  {
    id: 'bind-before-evolution',
    bug: 'the bind step comes before the evolution of round 0',
    replacements: [
      swap(
        'keys',
        '  const evolved = evolve(c, keys, hello, text, STATUS_OK)\n  const bound = bindStep(c, mode, evolved, hello, challenge)\n',
        '  const evolved = bindStep(c, mode, copyKeys(keys), hello, challenge)\n  const bound = evolve(c, evolved, hello, text, STATUS_OK)\n',
      ),
    ],
    expect: 'KAT',
  },
  {
    id: 'bind-word-hello',
    bug: 'the bind step uses the word of the hello step',
    replacements: [swap('keys', "const BIND = info('bind')", "const BIND = info('hello')")],
    expect: 'KAT',
  },
  {
    id: 'literal-bound',
    bug: 'literal mode takes the bind step all the same',
    replacements: [
      swap(
        'keys',
        "challenge: Uint8Array): Keys => {\n  if (mode === 'literal') return keys",
        'challenge: Uint8Array): Keys => {',
      ),
    ],
    expect: 'KAT',
  },
  {
    id: 'literal-hello-step',
    bug: 'literal mode takes the hello step all the same',
    replacements: [
      swap(
        'keys',
        "hello: Uint8Array): Keys => {\n  if (mode === 'literal') return keys",
        'hello: Uint8Array): Keys => {',
      ),
    ],
    expect: 'KAT',
  },
  {
    id: 'hello-reused',
    bug: 'a client sends the HELLO of its last run again when it reconnects',
    covers: ['HELLO reused on reconnect'],
    replacements: [
      swap(
        'client-session',
        'export class ClientSession {\n',
        'const hellos = new Map<string, Uint8Array>()\nexport class ClientSession {\n',
      ),
      swap(
        'client-session',
        '    const hello = this.#seal(state, OPCODE.hello, this.#hello)\n',
        '    const fresh = this.#seal(state, OPCODE.hello, this.#hello)\n    const name = Array.from(state.keys.c2s.mac).join()\n    const hello = (hellos.get(name) ?? fresh).slice()\n    hellos.set(name, hello.slice())\n',
      ),
    ],
    expect: 'C4',
  },
  {
    id: 'keys-kept-across-sessions',
    bug: 'the server takes the keys of an ended session for the next one of that client',
    replacements: [
      swap('keys', 'export const copyKeys', 'const last = new Map<string, Keys>()\nexport const copyKeys'),
      swap(
        'keys',
        '  eraseReplaced(c, evolved, bound)\n  return bound\n',
        '  eraseReplaced(c, evolved, bound)\n  const name = `${mode} ${hello[1]} ${hello.slice(-32).join()}`\n  const known = last.get(name)\n  if (known === undefined) last.set(name, copyKeys(bound))\n  return known === undefined ? bound : copyKeys(known)\n',
      ),
    ],
    expect: 'KAT',
  },
  {
    id: 'resent-frame-accepted',
    bug: 'the server takes the last DATA of a session once more when it arrives again',
    replacements: [
      swap(
        'server',
        '    const asked = examine(this.#crypto, state, frame)\n',
        '    const last = line.last\n    if (last?.frame.length === frame.length && last.frame.every((b: number, i: number) => b === frame[i])) {\n      line.port.report(last)\n      return null\n    }\n    const asked = examine(this.#crypto, state, frame)\n',
      ),
      swap(
        'server',
        "      line.port.report({ kind: 'accepted', frame, content: { kind: 'data', id, round, values, answer: aggregate } })\n",
        "      line.port.report((line.last = { kind: 'accepted', frame: frame.slice(), content: { kind: 'data', id, round, values, answer: aggregate } }))\n",
      ),
    ],
    expect: 'A2',
  },
]
