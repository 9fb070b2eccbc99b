/**
 * The system with one rule left out: what is then no longer proved shows that the rule carries weight, and that nothing
 * is proved from a contradiction. `ablation`: the one of spec/checker/ablations.ts with which the explorer finds a
 * counterexample to the same rule.
 */
import type { ABLATIONS } from '../checker/ablations.ts'
import { BOUND, LITERAL } from './actions.ts'
import type { Experiment } from './obligations.ts'

export interface Named extends Experiment {
  /** The rule that is left out, with its clause of PROTOCOL. */
  readonly says: string
  /** Obligations that must not be proved, as "action: claim". */
  readonly fails: readonly string[]
  readonly ablation: keyof typeof ABLATIONS | null
}

export const EXPERIMENTS: Readonly<Record<string, Named>> = {
  literal: {
    says: '§4: both steps, and the C2S keys of round 0 that go at once (mode literal has none of it)',
    schedule: LITERAL,
    fails: ['ServerHello: sessionKeys', 'ClientChallenge: runKeys'],
    ablation: null,
  },
  'hello-step': {
    says: '§4: S2C keys absorb the HELLO before the CHALLENGE is sealed',
    schedule: { ...BOUND, hello: false },
    fails: ['ServerHello: sessionKeys', 'ClientStart: waitingKeys'],
    ablation: 'hello-step',
  },
  'bind-step': {
    says: '§4: all four keys absorb HELLO and CHALLENGE after round 0',
    schedule: { ...BOUND, bind: false },
    fails: ['ServerHello: sessionKeys', 'ClientChallenge: runKeys'],
    ablation: 'bind-step',
  },
  'c2s-keys-at-hello': {
    says: '§4: a client takes its C2S keys through round 0 when it has built its HELLO',
    schedule: { ...BOUND, early: false },
    fails: ['ClientStart: waitingKeys'],
    ablation: 'c2s-keys-at-hello',
  },
  ratchet: {
    says: '§4: keys evolve with every exchange',
    schedule: { ...BOUND, ratchet: false },
    fails: ['ServerData: sessionKeys', 'ClientResponse: runKeys'],
    ablation: 'evolve-c2s-mac',
  },
  'fresh-iv': {
    says: '§2: a fresh IV for every frame',
    without: ['ClientStart', 'freshIv'],
    fails: ['ClientStart: run'],
    ablation: null,
  },
  'fresh-challenge': {
    says: '§2, §5: a CHALLENGE that nobody sent before',
    without: ['ServerHello', 'fresh'],
    fails: ['ServerHello: ownChallenge'],
    ablation: null,
  },
  'tag-of-hello': {
    says: '§6: the tag of a HELLO is verified',
    without: ['ServerHello', 'tag'],
    fails: ['ServerHello: sessionHasRun'],
    ablation: 'bad-tag',
  },
  'tag-of-challenge': {
    says: '§6: the tag of a CHALLENGE is verified',
    without: ['ClientChallenge', 'tag'],
    fails: ['ClientChallenge: runKeys', 'ClientChallenge: A8'],
    ablation: 'bad-tag',
  },
  'tag-of-data': {
    says: '§6: the tag of a DATA is verified',
    without: ['ServerData', 'tag'],
    fails: ['ServerData: acceptedData', 'ServerData: A1s, O4', 'ServerData: A2'],
    ablation: 'bad-tag',
  },
  'tag-of-response': {
    says: '§6: the tag of a response is verified',
    without: ['ClientResponse', 'tag'],
    fails: ['ClientResponse: takenResponse', 'ClientResponse: A3'],
    ablation: 'bad-tag',
  },
  'tag-of-error': {
    says: '§6: the tag of a KEY_DESYNC_ERROR or TERMINATE is verified at a client',
    without: ['run control', 'tag'],
    fails: ['run control: A10 at a client'],
    ablation: 'bad-tag',
  },
  'tag-of-terminate': {
    says: '§6: the tag of a TERMINATE is verified at the server',
    without: ['session control', 'tag'],
    fails: ['session control: A10 at the server'],
    ablation: 'bad-tag',
  },
  'one-request': {
    says: '§5: no second request while one is outstanding',
    without: ['ClientData', 'idle'],
    fails: ['ClientData: oneData'],
    ablation: 'one-outstanding',
  },
  'order-of-hellos': {
    says: '§7: a session whose HELLO came earlier does not supersede one whose HELLO came later',
    without: ['ServerData', 'order'],
    fails: ['ServerData: I5'],
    ablation: 'superseded',
  },
  supersession: {
    says: '§7: on confirmation the confirmed session of the same id ends',
    keeps: ['ServerData', 'closed'],
    fails: ['ServerData: oneConfirmed'],
    ablation: 'supersede',
  },
  'last-round': {
    says: '§4: round 0xFFFFFFFF cannot be left by the server',
    without: ['ServerData', 'lastRound'],
    fails: ['ServerData: lastRound'],
    ablation: null,
  },
  'last-round-of-a-client': {
    says: '§4: nor by a client',
    without: ['ClientResponse', 'lastRound'],
    fails: ['ClientResponse: lastRound'],
    ablation: null,
  },
}
