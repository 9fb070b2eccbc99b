/** The macro `converse`: faithful rounds over an honest network, so that depth costs one action. */
import { sameEnd } from '../../../spec/events.ts'
import type { Action, End } from '../../../spec/language.ts'
import type { Endpoint } from './ledger.ts'
import type { Wait } from './system.ts'
import { wrap } from './wire.ts'
import type { World } from './world.ts'

/** What plays single actions (play.ts). */
interface ActionPlayer {
  readonly world: World
  readonly executed: Action[]
  act(action: Action): Generator<Wait, void>
}

/** Both ends of one faithful session. */
interface Pair {
  readonly run: Endpoint
  readonly connection: Endpoint
}

export class Faithful {
  readonly #player: ActionPlayer
  readonly #world: World

  constructor(player: ActionPlayer) {
    this.#player = player
    this.#world = player.world
  }

  *converse(a: Extract<Action, { do: 'converse' }>): Generator<Wait, void> {
    const { clients } = this.#world.schedule.setup
    const client = wrap(a.client, clients.length)
    if (client === null) return
    if (a.until === 'hello' || a.until === 'challenge') {
      yield* this.#handshake(client, a.until)
      return
    }
    const start = this.#player.executed.length
    const pair = this.#livePair(clients[client]!) ?? (yield* this.#handshake(client))
    if (pair === undefined) return
    const { run, connection } = pair
    const left = 0xffffffff - (run.node?.round ?? 0) // PROTOCOL §4: the last round cannot be left
    const asked = Math.min(a.rounds, left)
    let done = 0
    for (; done < asked; done++) {
      if (!(yield* this.#submit(run)) || !(yield* this.#pass(run, connection)) || !(yield* this.#pass(connection, run)))
        break
    }
    this.#world.emit({ on: 'conversed', run: run.at, asked, done })
    if (done < asked) {
      // a failed conversation is itself the finding, so it is kept whole
      this.#player.executed.splice(start, Number.POSITIVE_INFINITY, { do: 'converse', client, rounds: asked })
      return
    }
    if (a.until !== undefined && (yield* this.#submit(run)) && a.until === 'response')
      yield* this.#pass(run, connection)
  }

  /** A run and a connection in step with each other, with nothing pending on either and not about to be superseded. */
  #livePair(id: number): Pair | null {
    const idle = (e: Endpoint): boolean =>
      e.id === id &&
      !e.ended &&
      !e.closed &&
      !e.failSend &&
      e.node?.phase === 'ACTIVE' &&
      e.node.outstanding === null &&
      e.stream.buffered === 0
    // PROTOCOL §7: the DATA of a session whose HELLO is older than that of the confirmed one is rejected
    const confirmed = this.#world.ledger.submissions().filter((x) => x.live && x.id === id)
    const newest = Math.max(-1, ...confirmed.map((x) => this.#world.ledger.endpoint(x.at)?.order ?? -1))
    for (const run of this.#world.ledger.clients) {
      if (!idle(run)) continue
      const connection = this.#world.ledger.servers.find(
        (c) => idle(c) && c.node === run.node && (c.order ?? -1) >= newest,
      )
      if (connection) return { run, connection }
    }
    return null
  }

  /** A new run on a new connection; undefined where it was to stop before the CHALLENGE arrives. */
  *#handshake(client: number, until?: 'hello' | 'challenge'): Generator<Wait, Pair | undefined> {
    yield* this.#player.act({ do: 'connect', client })
    const run = this.#world.ledger.clients.at(-1)!
    const hello = this.#world.wire.sentBy(run.at).at(-1)
    if (until === 'hello' || hello === undefined) return undefined
    const to: End = { side: 'server', n: this.#world.ledger.servers.length }
    yield* this.#player.act({ do: 'deliver', frame: hello.ref, to })
    const connection = this.#world.ledger.servers[to.n]
    if (until === 'challenge' || connection === undefined) return undefined
    yield* this.#pass(connection, run)
    return { run, connection }
  }

  /** The client submits something that shows its id and round; false where it sent nothing. */
  *#submit(run: Endpoint): Generator<Wait, boolean> {
    const before = this.#world.wire.sentBy(run.at).length
    yield* this.#player.act({ do: 'submit', run: run.at.n, values: [run.id ?? 0, (run.node?.round ?? 0) + 0.5] })
    return this.#world.wire.sentBy(run.at).length > before
  }

  /** Delivers the newest frame of one endpoint to another; false where that was not accepted. */
  *#pass(from: Endpoint, to: Endpoint): Generator<Wait, boolean> {
    const frame = this.#world.wire.sentBy(from.at).at(-1)
    if (frame === undefined) return false
    const before = this.#world.ledger.accepted(frame.id)
    yield* this.#player.act({ do: 'deliver', frame: frame.ref, to: to.at })
    return this.#world.ledger.accepted(frame.id) > before && !to.ended && sameEnd(frame.ref.by, from.at)
  }
}
