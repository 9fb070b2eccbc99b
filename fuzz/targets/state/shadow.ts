/**
 * A party with the reference at its side: whatever one is given the other is given, with the same random bytes and the
 * same luck in sending; and what they make of it must be the same frames, verdicts and ends, to the byte.
 */
import type { Host, MakeParty, Party, Report } from '../../../properties/harness/parties/party.ts'
import { referenceParty } from '../../../properties/harness/parties/reference.ts'
import { endName, sameEnd } from '../../../spec/events.ts'
import type { End } from '../../../spec/language.ts'
import { hex, sameBytes } from '../../engine/target.ts'

/** Told when the two differ. */
type Differ = (why: string) => void

interface Sent {
  readonly bytes: Uint8Array
  readonly went: boolean
}

/** What one party did at one endpoint since both were last compared. */
class Doings {
  readonly sent: Sent[] = []
  readonly said: string[] = []
  readonly drawn: Uint8Array[] = []
}

class Log {
  readonly ends = new Map<string, Doings>()

  at(end: End): Doings {
    const known = this.ends.get(endName(end))
    if (known !== undefined) return known
    const fresh = new Doings()
    this.ends.set(endName(end), fresh)
    return fresh
  }
}

const NOTHING = new Doings()

/** In words; primitives are a party's own affair. */
const saying = (r: Report): string | null => {
  switch (r.on) {
    case 'accepted':
      return `accepts ${hex(r.frame.subarray(0, 7))}`
    case 'rejected':
      return `rejects as ${r.reason}`
    case 'ended':
      return `ends (${r.by})`
    case 'primitive':
      return null
  }
}

/** Passes everything on, and writes it down. */
class Recorded implements Host {
  readonly #host: Host
  readonly #log: Log

  constructor(host: Host, log: Log) {
    this.#host = host
    this.#log = log
  }

  send(at: End, bytes: Uint8Array): boolean {
    const went = this.#host.send(at, bytes)
    this.#log.at(at).sent.push({ bytes, went })
    return went
  }

  report(r: Report): void {
    const said = saying(r)
    if (said !== null) this.#log.at(r.at).said.push(said)
    this.#host.report(r)
  }

  rng(at: End): (bytes: number) => Uint8Array {
    const draw = this.#host.rng(at)
    return (bytes) => {
      const drawn = draw(bytes)
      this.#log.at(at).drawn.push(drawn)
      return drawn
    }
  }
}

/** Gives the reference what the party got. */
class Repeated implements Host {
  readonly #theirs: Log
  readonly #log: Log
  readonly #accepted: (at: End) => void

  /** `accepted` is called after the reference has accepted a frame. */
  constructor(theirs: Log, log: Log, accepted: (at: End) => void) {
    this.#theirs = theirs
    this.#log = log
    this.#accepted = accepted
  }

  send(at: End, bytes: Uint8Array): boolean {
    const { sent } = this.#log.at(at)
    const went = this.#theirs.at(at).sent[sent.length]?.went ?? true
    sent.push({ bytes, went })
    return went
  }

  report(r: Report): void {
    const said = saying(r)
    if (said !== null) this.#log.at(r.at).said.push(said)
    if (r.on === 'accepted') this.#accepted(r.at)
  }

  rng(at: End): (bytes: number) => Uint8Array {
    return (bytes) => this.#theirs.at(at).drawn.shift() ?? new Uint8Array(bytes)
  }
}

const told = ({ sent, said }: Doings): string =>
  [...sent.map((s) => `sends ${hex(s.bytes)}`), ...said].join(', ') || 'does nothing'

const same = (a: Doings, b: Doings): boolean =>
  a.sent.length === b.sent.length &&
  a.said.length === b.said.length &&
  a.sent.every((s, i) => !s.went || sameBytes(s.bytes, b.sent[i]!.bytes)) && // nobody sees what did not go
  a.said.every((s, i) => s === b.said[i])

/** `make` in lockstep with the reference. */
export const shadowed =
  (make: MakeParty, differ: Differ): MakeParty =>
  (host, setup) =>
    new Beside(
      host,
      differ,
      (h) => make(h, setup),
      (h) => referenceParty(h, setup),
    )

type Make = (host: Host) => Party

class Beside implements Party {
  readonly emits: Party['emits']
  readonly #differ: Differ
  readonly #mine = new Log()
  readonly #theirs = new Log()
  readonly #party: Party
  readonly #reference: Party
  /** Rounds that the world gave sessions while the party was at work: the reference's turn comes when it is there. */
  #moves: { readonly at: End; readonly round: number }[] = []

  constructor(host: Host, differ: Differ, make: Make, makeReference: Make) {
    this.#differ = differ
    this.#party = make(new Recorded(host, this.#mine))
    this.#reference = makeReference(new Repeated(this.#mine, this.#theirs, (at) => this.#follow(at)))
    this.emits = this.#party.emits
  }

  open(at: End, id: number, now: number): void {
    this.#both((p) => p.open(at, id, now))
  }
  receive(at: End, bytes: Uint8Array, now: number): void {
    this.#both((p) => p.receive(at, bytes, now))
  }
  submit(at: End, values: readonly number[], now: number): boolean {
    return this.#both((p) => p.submit?.(at, values, now) ?? false)
  }
  finish(at: End, now: number): void {
    this.#both((p) => p.finish?.(at, now))
  }
  close(at: End, now: number): void {
    this.#both((p) => p.close(at, now))
  }
  tick(now: number): void {
    this.#both((p) => p.tick(now))
  }
  restart(now: number): void {
    this.#both((p) => p.restart?.(now))
  }
  setRound(at: End, round: number): void {
    this.#party.setRound?.(at, round)
    this.#moves.push({ at, round })
  }
  view(at: End): ReturnType<Party['view']> {
    return this.#party.view(at)
  }
  memory(at: End): ReturnType<NonNullable<Party['memory']>> {
    return this.#party.memory?.(at) ?? null
  }
  fork(other: Host): Party {
    return new Beside(
      other,
      this.#differ,
      (h) => this.#party.fork!(h),
      (h) => this.#reference.fork!(h),
    )
  }

  #follow(at: End): void {
    const i = this.#moves.findIndex((m) => sameEnd(m.at, at))
    for (const { round } of i < 0 ? [] : this.#moves.splice(i, 1)) this.#reference.setRound?.(at, round)
  }

  /** What the party throws is not its reference's business. */
  #both<T>(call: (p: Party) => T): T {
    this.#moves = []
    const done = call(this.#party)
    const expected = call(this.#reference)
    if (typeof done === 'boolean' && done !== expected) this.#differ(`a request is ${done ? '' : 'not '}sent`)
    this.#compare()
    return done
  }

  #compare(): void {
    const [mine, theirs] = [this.#mine.ends, this.#theirs.ends]
    for (const [end, did] of mine) {
      const should = theirs.get(end) ?? NOTHING
      if (!same(did, should)) this.#differ(`${end} ${told(did)}; the reference ${told(should)}`)
    }
    for (const [end, should] of theirs)
      if (!mine.has(end)) this.#differ(`${end} does nothing; the reference ${told(should)}`)
    mine.clear()
    theirs.clear()
  }
}
