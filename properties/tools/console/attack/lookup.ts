/** What the words of a command name in what was played so far. Whatever is not there is thrown as a UsageError. */
import { endName } from '../../../../spec/events.ts'
import type { End } from '../../../../spec/language.ts'
import { formatIds } from '../../../../src/cli/keyring.ts'
import type { FrameLine } from '../../../harness/attack/frames.ts'
import type { Endpoint } from '../../../harness/ledger.ts'
import { UsageError } from '../../../harness/terminal/options.ts'
import type { WireFrame } from '../../../harness/wire.ts'
import type { Now } from '../arg.ts'
import type { Place } from '../arguments.ts'
import type { Choice } from '../prompter.ts'
import { type RemotePlay, standing } from './remote-play.ts'

const live = (all: readonly Endpoint[]): readonly Choice[] =>
  all.filter((e) => !e.ended).map((e) => ({ value: endName(e.at), label: standing(e) }))

const MOST_SAID = 40 // characters of a payload in a menu

const label = (f: FrameLine): string =>
  `${f.frame}  ${f.name} r${f.round}  client ${f.id}  ${f.says.slice(0, MOST_SAID)}`

export class Lookup {
  readonly #play: RemotePlay

  constructor(play: RemotePlay) {
    this.#play = play
  }

  get choices(): Pick<Now, 'clients' | 'runs' | 'connections' | 'frames'> {
    const { clients, world } = this.#play
    const frames = this.#play.frames().map((f) => ({ value: f.frame, label: label(f) }))
    return { clients, runs: live(world.ledger.clients), connections: live(world.ledger.servers), frames }
  }

  frame(name: string): WireFrame {
    const { frames } = this.#play.world.wire
    const found = frames.find((f) => f.id === name)
    if (found !== undefined) return found
    throw new UsageError(
      frames.length === 0
        ? `expected a captured frame, got ${name}; nothing was captured yet (converse 1 10,20 would do)`
        : `expected a captured frame (frames lists them), got ${JSON.stringify(name)}`,
    )
  }

  /** An endpoint that exists, or the connection that would be the next one. */
  place(place: Place): End {
    const { ledger } = this.#play.world
    if (place === 'new') return { side: 'server', n: ledger.servers.length }
    if (ledger.endpoint(place) !== undefined) return place
    throw new UsageError(`expected an endpoint that exists (who lists them), got ${endName(place)}`)
  }

  /** The index of a client in the actions. */
  client(id: number): number {
    const { clients } = this.#play
    const index = clients.indexOf(id)
    if (index >= 0) return index
    throw new UsageError(`expected a client with a key (${formatIds(clients)}), got ${id}`)
  }

  inSession(run: End): boolean {
    const partner = this.#play.partner(run)
    const me = this.#play.world.ledger.endpoint(run)
    return me?.node?.phase === 'ACTIVE' && !me.ended && partner !== null && !partner.ended
  }

  /** A client run in the middle of a session, and its connection. */
  session(run: End): { readonly run: Endpoint; readonly connection: Endpoint } {
    if (!this.inSession(run))
      throw new UsageError(`expected a client in a session (who lists them), got ${endName(run)}`)
    return { run: this.#play.world.ledger.endpoint(run)!, connection: this.#play.partner(run)! }
  }
}
