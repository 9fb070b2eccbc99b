import { expect, it } from 'vitest'
import { MUTANTS } from './catalogue.ts'

/** The bugs that the catalogue must hold at least one instance of, by family. */
const WANTED = {
  framing: [
    'one chunk taken as one frame',
    'short frame crashes',
    'length prefix unbounded',
    'empty ciphertext accepted',
    'unaligned ciphertext truncated and accepted',
    'round little-endian',
  ],
  tag: [
    'first 16 bytes compared',
    'not checked',
    'header left out',
    'opcode left out',
    'round left out',
    'direction left out',
    'decrypt before verify',
    'compare not constant-time',
  ],
  padding: ['0 accepted', '> 16 accepted', 'only the last byte checked'],
  keys: ['zero IV', 'one IV per session', 'counter IV', 'label dropped', 'MAC key = ENC key', '32-byte master refused'],
  state: [
    'DATA in INIT',
    'HELLO in ACTIVE',
    'any opcode taken as DATA',
    'any opcode taken as RESPONSE',
    'unknown opcode ignored',
    'direction unchecked (server)',
    'direction unchecked (client)',
    'id unchecked (server)',
    'id unchecked (client)',
    'round unchecked (server)',
    'round unchecked (client)',
    'round <= expected accepted',
    'TERMINATE with any round',
    'frames after a fatal one still processed',
    'tag failure only dropped',
    'padding failure only dropped',
    '50/60 obeyed unverified (server)',
    '50/60 obeyed unverified (client)',
    '50 resets keys',
    'client re-handshakes on 50',
    'round wraps',
    'round +2',
    'second DATA in a round',
  ],
  ratchet: [
    'only C2S evolves',
    'only S2C evolves',
    'MAC keys static',
    'round 0 not evolved',
    'C2S-MAC absorbs ciphertext',
    'response under next keys',
    'response with a constant id',
    'keys advanced before the padding check',
    'client commits on send',
    'commit despite failed send',
  ],
  freshness: [
    'no binding',
    'CHALLENGE under initial keys',
    'binding without CHALLENGE',
    'binding without HELLO',
    'C2S only',
    'HELLO reused on reconnect',
  ],
  isolation: [
    'a valid HELLO tears down a live session',
    'any HELLO does, unverified',
    'HELLO refused while a session exists',
    'session looked up by header id',
    'two sessions of an id both count',
    'one failure kills all of that id',
    'unknown id crashes',
    'unknown id gets a default key',
  ],
  aggregation: [
    'rounds mixed',
    'arrival-order float sum',
    'own value missing',
    'values of the departed kept',
    'NaN accepted',
    'zero treated as missing',
    'last id off by one',
  ],
  resources: [
    'half-open unlimited',
    'flood evicts a confirmed session',
    'TERMINATED sessions kept in the table',
    'rounds kept for ever',
    'error frame tells the cause',
    'error frame for a failing HELLO',
  ],
} as const satisfies Readonly<Record<string, readonly string[]>>

it('the catalogue covers every bug that is wanted, and claims to cover no other', () => {
  const wanted = Object.values(WANTED).flat() as readonly string[]
  const covered = MUTANTS.flatMap((m) => m.covers ?? [])
  expect(wanted.filter((w) => !covered.includes(w))).toEqual([])
  expect(covered.filter((c) => !wanted.includes(c))).toEqual([])
})
