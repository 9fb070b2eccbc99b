/**
 * A party that goes on from a copy of itself before every input, as a harness that forks it does (ADVERSARY §4): the
 * original ends then, connection by connection, and whatever the copy shares with it is gone.
 */
import { type Event, endName, type View } from '../../../spec/events.ts'
import type { End } from '../../../spec/language.ts'
import { forkOf, type Host, type MakeParty, type Party, type PartySetup } from './party.ts'

/** What a party is told of the world until it is replaced. */
class Muted implements Host {
  readonly #host: Host
  heard = true

  constructor(host: Host) {
    this.#host = host
  }

  send(at: End, bytes: Uint8Array): boolean {
    return this.heard && this.#host.send(at, bytes)
  }
  report(r: Parameters<Host['report']>[0]): void {
    if (this.heard) this.#host.report(r)
  }
  rng(at: End): (bytes: number) => Uint8Array {
    return this.#host.rng(at)
  }
}

const same = (a: View<Uint8Array>, b: View<Uint8Array>): boolean =>
  a.id === b.id &&
  a.phase === b.phase &&
  a.round === b.round &&
  a.confirmed === b.confirmed &&
  a.outstanding === b.outstanding &&
  (a.keys === null || b.keys === null
    ? a.keys === b.keys
    : a.keys.every((k, i) => Buffer.compare(k, b.keys![i]!) === 0))

class Restored implements Party {
  readonly emits: readonly Event['on'][]
  readonly #host: Host
  readonly #ends = new Map<string, End>()
  readonly #views = new Map<string, View<Uint8Array>>()
  #muted: Muted
  #party: Party

  constructor(make: MakeParty, host: Host, setup: PartySetup) {
    this.#host = host
    this.#muted = new Muted(host)
    this.#party = make(this.#muted, setup)
    this.emits = this.#party.emits
  }

  /** The party to give the next input to. */
  #next(now: number): Party {
    const [old, muted] = [this.#party, this.#muted]
    this.#muted = new Muted(this.#host)
    this.#party = forkOf(old, this.#muted)
    muted.heard = false
    for (const at of this.#ends.values()) old.close(at, now)
    return this.#party
  }

  open(at: End, id: number, now: number): void {
    const party = this.#next(now)
    this.#ends.set(endName(at), at)
    party.open(at, id, now)
  }
  receive(at: End, bytes: Uint8Array, now: number): void {
    this.#next(now).receive(at, bytes, now)
  }
  submit(at: End, values: readonly number[], now: number): boolean {
    return this.#next(now).submit?.(at, values, now) ?? false
  }
  finish(at: End, now: number): void {
    this.#next(now).finish?.(at, now)
  }
  close(at: End, now: number): void {
    this.#next(now).close(at, now)
  }
  tick(now: number): void {
    this.#next(now).tick(now)
  }
  restart(now: number): void {
    this.#ends.clear()
    this.#party.restart?.(now)
  }
  setRound(at: End, round: number): void {
    this.#party.setRound?.(at, round)
  }
  memory(at: End): ReturnType<NonNullable<Party['memory']>> {
    return this.#party.memory?.(at) ?? null
  }
  /** The same object while it shows the same, whichever copy shows it. */
  view(at: End): View<Uint8Array> | null {
    const view = this.#party.view(at)
    const known = this.#views.get(endName(at))
    if (view === null || (known !== undefined && same(known, view))) return view && known!
    this.#views.set(endName(at), view)
    return view
  }
}

/** One that cannot be forked stays what it is. */
export const restored =
  (make: MakeParty): MakeParty =>
  (host, setup) =>
    make(host, setup).fork === undefined ? make(host, setup) : new Restored(make, host, setup)
