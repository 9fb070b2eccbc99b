/** Frames in flight between several sessions, arriving in every order, or not, or twice, or back where they came from. */
import type { Action, End, FrameRef, Schedule } from '../../../../spec/language.ts'
import { client, handshake, pass, type Scope, schedule, sentBy, server } from './scope.ts'

interface InFlight {
  readonly frame: FrameRef
  readonly to: End
}

/** Three frames around client 1: a DATA, an older run's RESPONSE, a new run's HELLO that may supersede. */
const THREE: { readonly before: readonly Action[]; readonly frames: readonly InFlight[] } = {
  before: [
    ...handshake(0),
    { do: 'submit', run: 0, values: [1] },
    pass(sentBy(client(0), 1), server(0)),
    ...handshake(1),
    { do: 'submit', run: 1, values: [2] },
    { do: 'connect', client: 0 },
  ],
  frames: [
    { frame: sentBy(server(0), 1), to: client(0) },
    { frame: sentBy(client(1), 1), to: server(1) },
    { frame: sentBy(client(2), 0), to: server(2) },
  ],
}

/** Five frames of five types, of clients 1 to 4, all in flight at once. */
const FIVE: typeof THREE = {
  before: [
    ...handshake(0, 0),
    { do: 'submit', run: 0, values: [1] },
    ...handshake(1, 1),
    { do: 'submit', run: 1, values: [2] },
    pass(sentBy(client(1), 1), server(1)),
    ...handshake(2, 2),
    { do: 'finish', run: 2 },
    { do: 'connect', client: 3 },
    pass(sentBy(client(3), 0), server(3)),
    { do: 'connect', client: 0 },
  ],
  frames: [
    { frame: sentBy(client(0), 1), to: server(0) }, // DATA
    { frame: sentBy(server(1), 1), to: client(1) }, // RESPONSE
    { frame: sentBy(client(2), 1), to: server(2) }, // TERMINATE
    { frame: sentBy(server(3), 0), to: client(3) }, // CHALLENGE
    { frame: sentBy(client(4), 0), to: server(4) }, // HELLO
  ],
}

const faithful = ({ frame, to }: InFlight): Action => pass(frame, to)
/** Back to the endpoint that sent it. */
const reflected = ({ frame }: InFlight): Action => pass(frame, frame.by)

/** Every sequence of at most `most` deliveries: what it leaves out is dropped, what it repeats is duplicated. */
function* sequences(deliveries: readonly Action[], most: number): Generator<readonly Action[]> {
  yield []
  if (most === 0) return
  for (const d of deliveries) for (const rest of sequences(deliveries, most - 1)) yield [d, ...rest]
}

/** Every order of every choice of these, each at most once. */
function* arrangements(deliveries: readonly Action[]): Generator<readonly Action[]> {
  yield []
  for (const [i, d] of deliveries.entries())
    for (const rest of arrangements(deliveries.filter((_, j) => j !== i))) yield [d, ...rest]
}

/** The arrangements that contain the two marked deliveries, the first before the second. */
const inOrder = (all: readonly Action[], first: Action, second: Action): boolean =>
  all.includes(first) && all.indexOf(first) < all.indexOf(second)

function* ordersOfFive(): Generator<readonly Action[]> {
  const ways = FIVE.frames.map(faithful)
  yield* arrangements(ways)
  for (const [i, frame] of FIVE.frames.entries()) {
    const back = reflected(frame)
    for (const order of arrangements(ways.with(i, back))) if (order.includes(back)) yield order
  }
  for (const [i, frame] of FIVE.frames.entries()) {
    const again = faithful(frame)
    for (const order of arrangements([...ways, again])) if (inOrder(order, ways[i]!, again)) yield order
  }
}

const MOST = 4 // deliveries of the three

export const ORDERS: Scope = {
  says: `up to ${MOST} deliveries of three frames in flight, each also reflected; five frames in every order, each also dropped, one also reflected or duplicated`,
  *schedules(): Generator<Omit<Schedule, 'mode'>> {
    const ways = [...THREE.frames.map(faithful), ...THREE.frames.map(reflected)]
    for (const order of sequences(ways, MOST)) yield schedule('N', {}, [...THREE.before, ...order])
    for (const order of ordersOfFive()) yield schedule('N', { clients: [1, 2, 3, 4] }, [...FIVE.before, ...order])
  },
}
