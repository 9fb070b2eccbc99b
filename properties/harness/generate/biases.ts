/** The named biases of the default run. Together they must reach every witness; each says what it is for. */
import fc from 'fast-check'
import type { Num } from '../../../spec/language.ts'
import { anyRound, anyValue, type Bias, fewValues, type Kind, plainSetup, scaled } from './arbitraries.ts'
import { crowd, greeted, interleaved, rivals, robbed, siblings } from './scenarios/crowded.ts'
import { forgedContent, forgedHeader, uncalled } from './scenarios/forged.ts'
import * as scale from './scenarios/scale.ts'
import {
  failing,
  full,
  inPieces,
  instead,
  prefixed,
  severed,
  tampered,
  together,
  waiting,
} from './scenarios/scenarios.ts'

const EVERYBODY = Array.from({ length: 255 }, (_, i) => i + 1)
const many = (n: number): readonly Num[] => Array.from({ length: n }, (_, i) => i - 5)

export const BIASES: Readonly<Record<string, Bias>> = {
  replay: {
    says: 'recorded frames of any session to any endpoint',
    powers: 'N',
    length: [5, 16],
    weights: { converse: 6, connect: 2, submit: 2, faithful: 4, deliver: 9, finish: 1, restart: 1 },
    scenarios: [
      { weight: 4, arbitrary: instead(2) },
      { weight: 1, arbitrary: rivals() },
    ],
    rounds: 2,
    setup: plainSetup({ clients: [1, 1, 2] }),
  },
  tamper: {
    says: 'edited, cut, joined and invented bytes around live sessions',
    powers: 'N',
    length: [3, 9],
    weights: { converse: 3, submit: 1, faithful: 1, edit: 3, cut: 1, part: 1, continue: 1, inject: 1 },
    scenarios: [
      { weight: 9, arbitrary: tampered(1) },
      { weight: 3, arbitrary: inPieces(1) },
      { weight: 1, arbitrary: prefixed(1) },
      { weight: 2, arbitrary: interleaved(1) },
    ],
    rounds: 1,
    setup: plainSetup(),
  },
  rounds: {
    says: 'deep conversations of several clients with occasional trouble',
    powers: 'N',
    length: [4, 8],
    weights: { converse: 8, submit: 2, faithful: 2, deliver: 2, edit: 1, finish: 1 },
    scenarios: [{ weight: 3, arbitrary: together(3) }],
    rounds: 6,
    setup: plainSetup(),
  },
  insider: {
    says: 'any content under valid tags of insiders 1 and 2, beside honest client 3',
    powers: 'NI',
    length: [3, 10],
    weights: { converse: 4, connect: 1, submit: 1, faithful: 1, deliver: 1, insider: 4 },
    scenarios: [
      { weight: 6, arbitrary: forgedHeader(2) },
      { weight: 2, arbitrary: uncalled(2) },
    ],
    rounds: 2,
    setup: plainSetup({ insiders: [1, 2] }),
  },
  contents: {
    says: 'every kind of payload and padding under valid tags, where a frame of that kind is awaited',
    powers: 'NI',
    length: [3, 7],
    weights: { converse: 1, submit: 1 },
    scenarios: [{ weight: 8, arbitrary: forgedContent(1) }],
    rounds: 1,
    setup: fc.oneof(
      { weight: 5, arbitrary: plainSetup({ insiders: [1, 2, 3] }) },
      { weight: 1, arbitrary: plainSetup({ insiders: [1, 2, 3], startRound: 0xffffffff }) },
    ),
  },
  scale: {
    says: 'every quantity of the protocol, drawn log-uniformly up to its limit',
    powers: 'NF',
    length: [1, 2],
    weights: { restart: 1 },
    scenarios: [
      { weight: 6, arbitrary: scale.deep(64) },
      { weight: 6, arbitrary: scale.apart(32) },
      { weight: 5, arbitrary: scale.replayed(40) },
      { weight: 5, arbitrary: scale.connected(70) },
      { weight: 4, arbitrary: scale.halfOpen(16) },
      { weight: 6, arbitrary: scale.kept(80) },
      { weight: 4, arbitrary: scale.values(511) },
      { weight: 2, arbitrary: scale.masses(2 ** 16 + 512) },
      { weight: 6, arbitrary: scale.cancelled },
      { weight: 8, arbitrary: scale.sized(2) },
      { weight: 4, arbitrary: scale.late(waiting(1)) },
    ],
    rounds: 2,
    setup: fc
      .record({
        startRound: fc.oneof({ weight: 2, arbitrary: fc.constant(1) }, { weight: 1, arbitrary: anyRound }),
        startHello: fc.oneof(fc.constant(0), fc.tuple(fc.integer({ min: 1, max: 52 }), fc.integer({ min: 0, max: 2 }))),
        limits: fc.record(
          { retainedRounds: scaled(100), connections: scaled(80), unconfirmedPerId: scaled(16) },
          { requiredKeys: [] },
        ),
      })
      .map(({ startRound, startHello, limits }) => ({
        clients: EVERYBODY,
        insiders: [],
        challenge: 'fresh' as const,
        startRound,
        ...(typeof startHello !== 'number' && { startHello: Math.max(0, 2 ** startHello[0] - startHello[1]) }),
        limits,
      })),
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
    scenarios: [
      { weight: 6, arbitrary: failing(1) },
      { weight: 2, arbitrary: severed(1) },
      { weight: 1, arbitrary: siblings },
      { weight: 2, arbitrary: rivals() },
    ],
    rounds: 2,
    setup: plainSetup({ clients: [1, 1, 2] }),
  },
  flood: {
    says: 'many half-open sessions against small caps, several runs of one client',
    powers: 'N',
    length: [8, 22],
    weights: { connect: 5, faithful: 8, deliver: 6, converse: 3, submit: 2, advance: 1 },
    scenarios: [
      { weight: 2, arbitrary: rivals() },
      { weight: 4, arbitrary: crowd },
      { weight: 3, arbitrary: greeted },
      { weight: 2, arbitrary: siblings },
    ],
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
        { connections: 1 },
        { connections: 2 },
        { connections: 3 },
        { unconfirmedPerId: 2, connections: 6 },
      ),
    }),
  },
  edges: {
    says: 'rounds near the ends of 8, 16 and 32 bits, few retained rounds, extreme values and counts',
    powers: 'N',
    length: [3, 8],
    weights: { converse: 6, submit: 4, faithful: 5, deliver: 2, edit: 1 },
    scenarios: [
      { weight: 3, arbitrary: together(2) },
      { weight: 1, arbitrary: full(1) },
    ],
    rounds: 4,
    values: fc.oneof(
      { weight: 6, arbitrary: fewValues },
      { weight: 3, arbitrary: fc.array(anyValue, { minLength: 1, maxLength: 20, size: 'max' }) },
      { weight: 2, arbitrary: fc.constantFrom(many(511), many(510), many(512), many(0)) },
    ),
    setup: fc.record({
      clients: fc.constant([255, 4, 5]), // master keys of 32, 16 and 64 bytes
      insiders: fc.constant([]),
      challenge: fc.constant('fresh' as const),
      startRound: fc.oneof(
        anyRound,
        fc.constantFrom(1, 0xfe, 0xfffd, 0xffff, 0x10000, 0xfffffffc, 0xfffffffe, 0xffffffff),
      ),
      limits: fc.constantFrom({}, { retainedRounds: 1 }, { retainedRounds: 2 }),
    }),
  },
  time: {
    says: 'endpoints in every state left waiting, just short of each deadline and past it',
    powers: 'N',
    length: [1, 4],
    weights: { converse: 1, advance: 1 },
    scenarios: [{ weight: 6, arbitrary: waiting(1) }],
    rounds: 1,
    setup: fc.oneof(
      { weight: 3, arbitrary: plainSetup({ clients: [1, 1, 2] }) },
      { weight: 1, arbitrary: plainSetup({ limits: { helloMs: 9_999 } }) },
      { weight: 1, arbitrary: plainSetup({ limits: { idleMs: 60_000, responseMs: 4_999 } }) },
    ),
  },
  leak: {
    says: 'the four keys of one session known to the adversary',
    powers: 'NL',
    length: [5, 14],
    weights: { converse: 5, connect: 2, submit: 2, faithful: 3, deliver: 4, leak: 3, leaked: 6 },
    scenarios: [
      { weight: 3, arbitrary: rivals(true) },
      { weight: 3, arbitrary: robbed },
    ],
    rounds: 2,
    setup: plainSetup({ clients: [1, 1, 2] }),
  },
}

/** Every kind of action: not drawn from, but what stored schedules are shrunk through. */
export const EVERYTHING: Bias = {
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
    part: 1,
    continue: 1,
    inject: 1,
    insider: 1,
    leaked: 1,
    leak: 1,
    close: 1,
    failSend: 1,
    advance: 1,
    restart: 1,
    restartSameRng: 1,
  } satisfies Record<Exclude<Kind, 'faithful'>, 1>,
  rounds: 100,
  setup: plainSetup(),
}
