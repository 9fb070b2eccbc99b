/**
 * The system with one rule left out: what is then no longer proved shows that the rule carries weight, and that nothing
 * is proved from a contradiction. Beside it stands what the explorer finds in the model without the same rule, as
 * properties/harness/judging/ablations.test.ts has found it.
 */
import { ABLATIONS, type Cut } from '../checker/ablations.ts'
import { type Scope, scope } from '../checker/scope.ts'
import { BOUND, LITERAL } from './actions.ts'
import type { Experiment } from './obligations.ts'

export interface Named extends Experiment {
  /** The rule that is left out, with its clause of PROTOCOL. */
  readonly says: string
  /** Obligations that must not be proved, as "action: claim". */
  readonly fails: readonly string[]
  /** A string: why the explorer cannot show it. */
  readonly explorer: ShownBeside | string
}

/** The shortest way to break an invariant in the model without a rule. */
export interface ShownBeside {
  readonly cuts: readonly Cut[] // text of spec/model
  readonly scope: Scope
  readonly breaks: string
  readonly moves: string
}

const without = (rule: keyof typeof ABLATIONS, size: string, breaks: string, moves: string): ShownBeside => ({
  cuts: ABLATIONS[rule].cuts,
  scope: scope(size, { powers: breaks === 'R5' ? 'NL' : 'N' }),
  breaks,
  moves,
})
/** No tag is verified of the frames of which this holds. */
const untagged = (which: string, breaks: string, moves: string): ShownBeside => ({
  cuts: [{ file: 'checks.ts', find: 'if (f.mac !== mac)', replace: `if (f.mac !== mac && !(${which}))` }],
  scope: scope('1x2x2x1'),
  breaks,
  moves,
})
/** A run has its CHALLENGE and has submitted. */
const ASKED = 'client 1 starts, c0.0→s0, s0.0→c0+c0 submits'
/** Its response has come, another run starts. */
const AGAIN = `${ASKED}, c0.0→c0, client 1 starts`
/** The HELLO of a run that has ended is answered, and the next run takes the CHALLENGE. */
const TWICE = 'client 1 starts, c0.0→c0, client 1 starts, c0.0→s0, s0.0→c1+c1 submits'
const FRESH = 'in the model names are fresh by construction'
const FAR = 'no scope comes to the last round; a test brings it near'

export const EXPERIMENTS: Readonly<Record<string, Named>> = {
  literal: {
    says: '§4: both steps, and the C2S keys of round 0 that go at once (mode literal has none of it)',
    schedule: LITERAL,
    fails: ['ServerHello: sessionKeys', 'ClientChallenge: runKeys'],
    explorer: { cuts: [], scope: scope('1x2x2x1', { mode: 'literal' }), breaks: 'A8', moves: TWICE },
  },
  'hello-step': {
    says: '§4: S2C keys absorb the HELLO before the CHALLENGE is sealed',
    schedule: { ...BOUND, hello: false },
    fails: ['ServerHello: sessionKeys', 'ClientStart: waitingKeys'],
    explorer: without('hello-step', '1x2x2x1', 'A8', TWICE),
  },
  'bind-step': {
    says: '§4: all four keys absorb HELLO and CHALLENGE after round 0',
    schedule: { ...BOUND, bind: false },
    fails: ['ServerHello: sessionKeys', 'ClientChallenge: runKeys'],
    explorer: without('bind-step', '1x2x2x1', 'A1s', `${ASKED}, c0.0→s1, c0.1→s1`),
  },
  'c2s-keys-at-hello': {
    says: '§4: a client takes its C2S keys through round 0 when it has built its HELLO',
    schedule: { ...BOUND, early: false },
    fails: ['ClientStart: waitingKeys'],
    explorer: without('c2s-keys-at-hello', '1x2x1x1', 'R5', 'client 1 starts, c0.0→c0, client 1 starts'),
  },
  ratchet: {
    says: '§4: keys evolve with every exchange',
    schedule: { ...BOUND, ratchet: false },
    fails: ['ServerData: sessionKeys', 'ClientResponse: runKeys'],
    explorer: without('evolve-c2s-mac', '1x1x1x1', 'R3', `${ASKED}, c0.1→s0`),
  },
  'fresh-iv': {
    says: '§2: a fresh IV for every frame',
    without: ['ClientStart', 'freshIv'],
    fails: ['ClientStart: run'],
    explorer: FRESH,
  },
  'fresh-challenge': {
    says: '§2, §5: a CHALLENGE that nobody sent before',
    without: ['ServerHello', 'fresh'],
    fails: ['ServerHello: ownChallenge'],
    explorer: FRESH,
  },
  'tag-of-hello': {
    says: '§6: the tag of a HELLO is verified',
    without: ['ServerHello', 'tag'],
    fails: ['ServerHello: sessionHasRun'],
    explorer: untagged('opcode === OP.HELLO', 'C1', 'junk→s0'),
  },
  'tag-of-challenge': {
    says: '§6: the tag of a CHALLENGE is verified',
    without: ['ClientChallenge', 'tag'],
    fails: ['ClientChallenge: runKeys', 'ClientChallenge: A8'],
    explorer: untagged('opcode === OP.CHALLENGE', 'A8', 'client 1 starts, junk→c0'),
  },
  'tag-of-data': {
    says: '§6: the tag of a DATA is verified',
    without: ['ServerData', 'tag'],
    fails: ['ServerData: acceptedData', 'ServerData: A1s, O4', 'ServerData: A2'],
    explorer: untagged('opcode === OP.DATA', 'C2', 'client 1 starts, c0.0→s0, junk→s0'),
  },
  'tag-of-response': {
    says: '§6: the tag of a response is verified',
    without: ['ClientResponse', 'tag'],
    fails: ['ClientResponse: takenResponse', 'ClientResponse: A3'],
    explorer: untagged('opcode === OP.RESPONSE', 'C2', `${AGAIN}, c0.1→s0, c1.0→s1, s1.0→c1+c1 submits, s0.1→c1`),
  },
  'tag-of-error': {
    says: '§6: the tag of a KEY_DESYNC_ERROR or TERMINATE is verified at a client',
    without: ['run control', 'tag'],
    fails: ['run control: A10 at a client'],
    explorer: untagged("isControl(opcode) && e.at.side === 'client'", 'C2', `${ASKED}, junk→c0`),
  },
  'tag-of-terminate': {
    says: '§6: the tag of a TERMINATE is verified at the server',
    without: ['session control', 'tag'],
    fails: ['session control: A10 at the server'],
    explorer: untagged("isControl(opcode) && e.at.side === 'server'", 'C2', 'client 1 starts, c0.0→s0, junk→s0'),
  },
  'one-request': {
    says: '§5: no second request while one is outstanding',
    without: ['ClientData', 'idle'],
    fails: ['ClientData: oneData'],
    explorer: without('one-outstanding', '1x1x1x1', 'S7', `${ASKED}, c0 submits`),
  },
  'order-of-hellos': {
    says: '§7: a session whose HELLO came earlier does not supersede one whose HELLO came later',
    without: ['ServerData', 'order'],
    fails: ['ServerData: I5'],
    explorer: without('superseded', '1x2x2x1', 'I5', `${AGAIN}, c1.0→s1, s1.0→c1+c1 submits, c1.1→s1, c0.1→s0`),
  },
  supersession: {
    says: '§7: on confirmation the confirmed session of the same id ends',
    keeps: ['ServerData', 'closed'],
    fails: ['ServerData: oneConfirmed'],
    explorer: without('supersede', '1x2x2x1', 'G2', `${AGAIN}, c0.1→s0, c1.0→s1, s1.0→c1+c1 submits, c1.1→s1`),
  },
  'last-round': {
    says: '§4: round 0xFFFFFFFF cannot be left by the server',
    without: ['ServerData', 'lastRound'],
    fails: ['ServerData: lastRound'],
    explorer: FAR,
  },
  'last-round-of-a-client': {
    says: '§4: nor by a client',
    without: ['ClientResponse', 'lastRound'],
    fails: ['ClientResponse: lastRound'],
    explorer: FAR,
  },
}
