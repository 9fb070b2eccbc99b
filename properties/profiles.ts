/** The named biases of the default run. Together they must reach every witness; each says what it is for. */
import fc from 'fast-check'
import type { Num } from '../spec/language.ts'
import { anyValue, fewValues, type Profile, plainSetup } from './arbitraries.ts'

const many = (n: number): readonly Num[] => Array.from({ length: n }, (_, i) => i - 5)

export const PROFILES: Readonly<Record<string, Profile>> = {
  replay: {
    says: 'recorded frames of any session to any endpoint',
    powers: 'N',
    length: [5, 16],
    weights: { converse: 6, connect: 2, submit: 2, faithful: 4, deliver: 9, finish: 1, restart: 1 },
    rounds: 2,
    setup: plainSetup({ clients: [1, 1, 2] }),
  },
  tamper: {
    says: 'edited, cut, joined and invented bytes around live sessions',
    powers: 'N',
    length: [6, 18],
    weights: { converse: 8, submit: 1, faithful: 1, edit: 9, cut: 2, inject: 2 },
    rounds: 1,
    setup: plainSetup(),
  },
  rounds: {
    says: 'deep conversations of several clients with occasional trouble',
    powers: 'N',
    length: [6, 12],
    weights: { converse: 8, submit: 2, faithful: 2, deliver: 2, edit: 1, finish: 1 },
    rounds: 6,
    setup: plainSetup(),
  },
  insider: {
    says: 'any content under valid tags of insiders 1 and 2, beside honest client 3',
    powers: 'NI',
    length: [4, 14],
    weights: { converse: 6, connect: 1, submit: 1, faithful: 1, deliver: 1, insider: 9 },
    rounds: 2,
    setup: plainSetup({ insiders: [1, 2] }),
  },
  faults: {
    says: 'failing sends, dying connections, timers, restarts',
    powers: 'NF',
    length: [5, 16],
    weights: {
      converse: 8,
      submit: 2,
      faithful: 9,
      deliver: 2,
      failSend: 6,
      close: 2,
      advance: 3,
      restart: 1,
      restartSameRng: 1,
    },
    rounds: 2,
    setup: plainSetup(),
  },
  flood: {
    says: 'many half-open sessions against small caps, several runs of one client',
    powers: 'N',
    length: [8, 22],
    weights: { connect: 5, faithful: 8, deliver: 6, converse: 3, submit: 2, advance: 1 },
    rounds: 1,
    setup: fc.record({
      clients: fc.constant([1, 1, 2]),
      insiders: fc.constant([]),
      challenge: fc.constant('fresh' as const),
      startRound: fc.constant(1),
      limits: fc.constantFrom(
        {},
        { unconfirmedPerId: 1 },
        { unconfirmedPerId: 2 },
        { unconfirmedPerId: 2, connections: 6 },
      ),
    }),
  },
  edges: {
    says: 'rounds near the ends of 8, 16 and 32 bits, few retained rounds, extreme values and counts',
    powers: 'N',
    length: [4, 10],
    weights: { converse: 6, submit: 4, faithful: 5, deliver: 2, edit: 1 },
    rounds: 4,
    values: fc.oneof(
      { weight: 6, arbitrary: fewValues },
      { weight: 3, arbitrary: fc.array(anyValue, { minLength: 1, maxLength: 20, size: 'max' }) },
      { weight: 1, arbitrary: fc.constantFrom(many(511), many(512), many(0)) },
    ),
    setup: fc.record({
      clients: fc.constant([255, 4, 5]), // master keys of 32, 16 and 64 bytes
      insiders: fc.constant([]),
      challenge: fc.constant('fresh' as const),
      startRound: fc.constantFrom(1, 0xfe, 0xfffd, 0xffff, 0x10000, 0xfffffffc, 0xfffffffe, 0xffffffff),
      limits: fc.constantFrom({}, { retainedRounds: 1 }, { retainedRounds: 2 }),
    }),
  },
  leak: {
    says: 'the four keys of one session known to the adversary',
    powers: 'NL',
    length: [5, 14],
    weights: { converse: 5, connect: 2, submit: 2, faithful: 3, deliver: 4, leak: 3, leaked: 6 },
    rounds: 2,
    setup: plainSetup(),
  },
}

/** Every kind of action: not drawn from, but what stored schedules are shrunk through. */
export const EVERYTHING: Profile = {
  says: 'anything',
  powers: 'NILF',
  length: [0, 100],
  weights: {
    converse: 1,
    connect: 1,
    submit: 1,
    finish: 1,
    deliver: 1,
    edit: 1,
    cut: 1,
    inject: 1,
    insider: 1,
    leaked: 1,
    leak: 1,
    close: 1,
    failSend: 1,
    advance: 1,
    restart: 1,
    restartSameRng: 1,
  },
  rounds: 100,
  setup: plainSetup(),
}
