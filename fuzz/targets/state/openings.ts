/** Where executions begin: who takes part under which rules, and how far a genuine conversation has come. */
import type { Action, End, Mode, Schedule, Setup } from '../../../spec/language.ts'
import { SCHEDULE_VERSION } from '../../../spec/language.ts'

export interface Setting {
  readonly says: string
  readonly mode: Mode
  readonly powers: string
  readonly setup: Setup
}

const setup = (over: Partial<Setup> = {}): Setup => ({
  clients: [1, 1, 2],
  insiders: [],
  challenge: 'fresh',
  startRound: 1,
  limits: {},
  ...over,
})
const INSIDERS = setup({ clients: [1, 1, 3], insiders: [1, 2] })
const TIGHT = { unconfirmedPerId: 2, connections: 4, retainedRounds: 2 }

/** The order is part of the input format: append only. */
export const SETTINGS: readonly Setting[] = [
  { says: 'network adversary', mode: 'bound', powers: 'NF', setup: setup() },
  { says: 'insiders 1 and 2', mode: 'bound', powers: 'NIF', setup: INSIDERS },
  { says: 'one session leaked', mode: 'bound', powers: 'NLF', setup: setup() },
  { says: 'insiders in literal', mode: 'literal', powers: 'NIF', setup: INSIDERS },
  {
    says: 'insiders, tight limits, constant CHALLENGE',
    mode: 'bound',
    powers: 'NIF',
    setup: { ...INSIDERS, challenge: 'constant', limits: TIGHT },
  },
  {
    says: 'insiders near the last round',
    mode: 'bound',
    powers: 'NIF',
    setup: { ...INSIDERS, startRound: 0xffff_fffe, limits: { retainedRounds: 1 } },
  },
  {
    says: 'network adversary, tight limits, master keys of 16, 32 and 64 bytes',
    mode: 'bound',
    powers: 'NF',
    setup: setup({ clients: [255, 4, 5], limits: { unconfirmedPerId: 1, connections: 5, retainedRounds: 1 } }),
  },
  { says: 'network adversary in literal', mode: 'literal', powers: 'NF', setup: setup() },
  { says: 'round 65,535', mode: 'bound', powers: 'NIF', setup: { ...INSIDERS, startRound: 0xffff } },
  {
    says: 'network adversary, three connections',
    mode: 'bound',
    powers: 'NF',
    setup: setup({ limits: { connections: 3 } }), // two ids at most are confirmed, so a newcomer always finds room
  },
]

const NEW = 1_000 // beyond every connection: opens one
const last = (side: End['side']): End => ({ side, n: -1 })
const pass = (to: End): Action => ({ do: 'deliver', frame: -1, to })

const connect = (client: number): Action => ({ do: 'connect', client })
const halfOpen = (client: number): readonly Action[] => [connect(client), pass({ side: 'server', n: NEW })]
const handshake = (client: number): readonly Action[] => [...halfOpen(client), pass(last('client'))]
const submit = (...values: readonly number[]): Action => ({ do: 'submit', run: -1, values })
const answered: readonly Action[] = [pass(last('server')), pass(last('client'))]

const HANDSHAKE = handshake(0)
const ASK = submit(10, 20)
const ROUND: readonly Action[] = [ASK, ...answered]
/** The same client once more, beside the session that there is. */
const AGAIN = handshake(1)
const OTHER: readonly Action[] = [...handshake(2), submit(30, 40), ...answered]

export interface Opening {
  readonly says: string
  readonly actions: readonly Action[]
}

/** The order is part of the input format: append only. */
export const OPENINGS: readonly Opening[] = [
  { says: 'nothing yet', actions: [] },
  { says: 'a HELLO on its way', actions: [connect(0)] },
  { says: 'a CHALLENGE on its way', actions: halfOpen(0) },
  { says: 'round 1', actions: HANDSHAKE },
  { says: 'a DATA on its way', actions: [...HANDSHAKE, ASK] },
  { says: 'a response on its way', actions: [...HANDSHAKE, ASK, pass(last('server'))] },
  { says: 'round 2', actions: [...HANDSHAKE, ...ROUND] },
  { says: 'round 3', actions: [...HANDSHAKE, ...ROUND, ...ROUND] },
  { says: 'two clients in round 2', actions: [...HANDSHAKE, ...ROUND, ...OTHER] },
  { says: 'two sessions of one client, the newer in round 1', actions: [...HANDSHAKE, ...ROUND, ...AGAIN] },
  { says: 'the newer one’s first DATA on its way', actions: [...HANDSHAKE, ...ROUND, ...AGAIN, ASK] },
  { says: 'two sessions of one client in round 1', actions: [...HANDSHAKE, ...AGAIN] },
  { says: 'three connections without a confirmed session', actions: [...halfOpen(0), ...halfOpen(1), ...halfOpen(2)] },
  {
    says: 'two clients in round 2, one of which has submitted',
    actions: [...HANDSHAKE, ...ROUND, ...OTHER, submit(1e16, 0.1, -3), pass(last('server'))],
  },
  {
    says: 'a connection on which nothing has come, and a session in round 2',
    actions: [{ do: 'inject', to: { side: 'server', n: NEW }, hex: '' }, ...HANDSHAKE, ...ROUND],
  },
]

/** Every random byte of an execution comes from here. */
const SCHEDULE_SEED = 1

export const scheduleOf = ({ mode, powers, setup: s }: Setting, actions: readonly Action[]): Schedule => ({
  version: SCHEDULE_VERSION,
  seed: SCHEDULE_SEED,
  mode,
  powers,
  setup: s,
  actions,
})
