/** F2 exhaustively: a stream of two frames in one, two or three pieces, cut everywhere. */
import { type Action, LIMITS, type Schedule } from '../../../../spec/language.ts'
import { client, handshake, pass, type Scope, schedule, sentBy, server } from './scope.ts'

const STREAM = 2 * (4 + 71) // bytes: two frames of one block with their prefixes

export function* cuttings(bytes: number): Generator<readonly number[]> {
  yield []
  for (let i = 1; i < bytes; i++) yield [i]
  for (let i = 1; i < bytes; i++) for (let j = i + 1; j < bytes; j++) yield [i, j]
}

type Deliver = Extract<Action, { do: 'deliver' }>

/** DATA and the same DATA again: accepted, then rejected, answered twice. */
const toServer: readonly Action[] = [...handshake(0), { do: 'submit', run: 0, values: [1] }]
const twice: Deliver = {
  do: 'deliver',
  frame: sentBy(client(0), 1),
  to: server(0),
  with: [sentBy(client(0), 1)],
}

/** A CHALLENGE and the TERMINATE of the same connection: both accepted. */
const toClient: readonly Action[] = [
  { do: 'connect', client: 0 },
  pass(sentBy(client(0), 0), server(0)),
  { do: 'advance', ms: LIMITS.unconfirmedMs },
]
const patient = { challenge: 'constant', limits: { challengeMs: 2 * LIMITS.unconfirmedMs } } as const
const both: Deliver = { do: 'deliver', frame: sentBy(server(0), 0), to: client(0), with: [sentBy(server(0), 1)] }

export const CHUNKING: Scope = {
  says: 'a stream of two frames, to the server and to a client, in up to three pieces cut at every byte',
  probes: ['F2'],
  *schedules(): Generator<Omit<Schedule, 'mode'>> {
    for (const cuts of cuttings(STREAM)) yield schedule('N', {}, [...toServer, { ...twice, cuts }])
    for (const cuts of cuttings(STREAM)) yield schedule('N', patient, [...toClient, { ...both, cuts }])
  },
}
