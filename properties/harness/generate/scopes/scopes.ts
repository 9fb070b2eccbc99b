/** The exhaustive scopes by name (ADVERSARY §4), among them F2: a stream of two frames cut everywhere into up to three pieces. */
import { coverings } from '../../../../spec/checker/lockstep/cells.ts'
import { type Action, LIMITS, type Mode, type Schedule } from '../../../../spec/language.ts'
import { FIELDS, FLIPS, LENGTHS, PADDINGS, PAYLOADS, SEALED_FIELDS } from './altered.ts'
import { ORDERS } from './orders.ts'
import { RARE } from './rare.ts'
import { SCALE } from './scale.ts'
import { client, handshake, pass, type Scope, schedule, sentBy, server } from './scope.ts'

const STREAM = 2 * (4 + 71) // bytes: two frames of one block with their prefixes

function* cuttings(bytes: number): Generator<readonly number[]> {
  yield []
  for (let i = 1; i < bytes; i++) yield [i]
  for (let i = 1; i < bytes; i++) for (let j = i + 1; j < bytes; j++) yield [i, j]
}

type Deliver = Extract<Action, { do: 'deliver' }>

/** DATA and the same DATA again: accepted, then rejected, answered twice. */
const toServer: readonly Action[] = [...handshake(0), { do: 'submit', run: 0, values: [1] }]
const twice: Deliver = { do: 'deliver', frame: sentBy(client(0), 1), to: server(0), with: [sentBy(client(0), 1)] }

/** A CHALLENGE and the TERMINATE of the same connection: both accepted. */
const toClient: readonly Action[] = [
  { do: 'connect', client: 0 },
  pass(sentBy(client(0), 0), server(0)),
  { do: 'advance', ms: LIMITS.unconfirmedMs },
]
const patient = { challenge: 'constant', limits: { challengeMs: 2 * LIMITS.unconfirmedMs } } as const
const both: Deliver = { do: 'deliver', frame: sentBy(server(0), 0), to: client(0), with: [sentBy(server(0), 1)] }

const CHUNKING: Scope = {
  says: 'a stream of two frames, to the server and to a client, in up to three pieces cut at every byte',
  probes: ['F2'],
  *schedules(): Generator<Omit<Schedule, 'mode'>> {
    for (const cuts of cuttings(STREAM)) yield schedule('N', {}, [...toServer, { ...twice, cuts }])
    for (const cuts of cuttings(STREAM)) yield schedule('N', patient, [...toClient, { ...both, cuts }])
  },
}

/** One schedule for every way in which the model can judge a frame, so that each is exercised by construction. */
export const CELLS: Scope = {
  says: 'every way in which the model can judge a frame: role, phase, opcode, verdict',
  schedules: (mode) => coverings(mode).map((c) => c.schedule),
  probes: ['SPEC'],
}

export const CELLS_SCOPE = 'cells'
export const SCALE_SCOPE = 'scale'
export const RARE_SCOPE = 'rare'

/** Go with random schedules, in this order: what nobody can count on draws to meet. */
export const BESIDE_DRAWS: readonly string[] = [CELLS_SCOPE, SCALE_SCOPE, RARE_SCOPE]

/** The exhaustive scopes by name (ADVERSARY §4). */
export const SCOPES: Readonly<Record<string, Scope>> = {
  flips: FLIPS,
  lengths: LENGTHS,
  fields: FIELDS,
  'sealed-fields': SEALED_FIELDS,
  paddings: PADDINGS,
  payloads: PAYLOADS,
  chunking: CHUNKING,
  orders: ORDERS,
  [CELLS_SCOPE]: CELLS,
  [SCALE_SCOPE]: SCALE,
  [RARE_SCOPE]: RARE,
}

/** Listed once a process: chunks of a scope are slices of this list. */
const lists = new Map<string, readonly Schedule[]>()

export const scopeSchedules = (name: string, mode: Mode): readonly Schedule[] => {
  const known = lists.get(`${name} ${mode}`)
  if (known !== undefined) return known
  const list = Array.from(SCOPES[name]!.schedules(mode), (s) => ({ ...s, mode }))
  lists.set(`${name} ${mode}`, list)
  return list
}
