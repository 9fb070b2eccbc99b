/**
 * A party with the reference at its side: whatever one is given the other is given, with the same random bytes and the
 * same luck in sending; and what they make of it must be the same frames, verdicts and ends, to the byte.
 */
import type { Host, MakeParty, Party, Report } from '../../../properties/harness/parties/party.ts'
import { referenceParty } from '../../../properties/harness/parties/reference.ts'
import { endName, sameEnd } from '../../../spec/events.ts'
import type { End } from '../../../spec/language.ts'
import { same as sameBytes, toHex } from '../../../spec/reference/bytes.ts'

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
      return `accepts ${toHex(r.frame.subarray(0, 7))}`
    case 'rejected':
      return `rejects as ${r.reason}`
    case 'ended':
      return `ends (${r.by})`
    case 'primitive':
      return null
  }
}

/** Passes everything on, and writes it down. */
const recorded = (host: Host, log: Log): Host => ({
  send(at, bytes) {
    const went = host.send(at, bytes)
    log.at(at).sent.push({ bytes, went })
    return went
  },
  report(r) {
    const said = saying(r)
    if (said !== null) log.at(r.at).said.push(said)
    host.report(r)
  },
  rng(at) {
    const draw = host.rng(at)
    return (bytes) => {
      const drawn = draw(bytes)
      log.at(at).drawn.push(drawn)
      return drawn
    }
  },
})

/** Gives the reference what the party got. `accepted` is called after it has accepted a frame. */
const repeated = (theirs: Log, log: Log, accepted: (at: End) => void): Host => ({
  send(at, bytes) {
    const { sent } = log.at(at)
    const went = theirs.at(at).sent[sent.length]?.went ?? true
    sent.push({ bytes, went })
    return went
  },
  report(r) {
    const said = saying(r)
    if (said !== null) log.at(r.at).said.push(said)
    if (r.on === 'accepted') accepted(r.at)
  },
  rng: (at) => (bytes) => theirs.at(at).drawn.shift() ?? new Uint8Array(bytes),
})

const told = ({ sent, said }: Doings): string =>
  [...sent.map((s) => `sends ${toHex(s.bytes)}`), ...said].join(', ') || 'does nothing'

const same = (a: Doings, b: Doings): boolean =>
  a.sent.length === b.sent.length &&
  a.said.length === b.said.length &&
  a.sent.every((s, i) => !s.went || sameBytes(s.bytes, b.sent[i]!.bytes)) && // nobody sees what did not go
  a.said.every((s, i) => s === b.said[i])

/** `make` in lockstep with the reference. */
export const shadowed =
  (make: MakeParty, differ: Differ): MakeParty =>
  (host, setup) =>
    beside(
      host,
      differ,
      (h) => make(h, setup),
      (h) => referenceParty(h, setup),
    )

type Make = (host: Host) => Party

const beside = (host: Host, differ: Differ, make: Make, makeReference: Make): Party => {
  const [mine, theirs] = [new Log(), new Log()]
  /** Rounds that the world gave sessions while the party was at work: the reference's turn comes when it is there. */
  let moves: { readonly at: End; readonly round: number }[] = []
  const follow = (at: End): void => {
    const i = moves.findIndex((m) => sameEnd(m.at, at))
    for (const { round } of i < 0 ? [] : moves.splice(i, 1)) reference.setRound?.(at, round)
  }
  const party = make(recorded(host, mine))
  const reference = makeReference(repeated(mine, theirs, follow))
  const compare = (): void => {
    for (const [end, did] of mine.ends) {
      const should = theirs.ends.get(end) ?? NOTHING
      if (!same(did, should)) differ(`${end} ${told(did)}; the reference ${told(should)}`)
    }
    for (const [end, should] of theirs.ends)
      if (!mine.ends.has(end)) differ(`${end} does nothing; the reference ${told(should)}`)
    mine.ends.clear()
    theirs.ends.clear()
  }
  /** What the party throws is not its reference's business. */
  const both = <T>(call: (p: Party) => T): T => {
    moves = []
    const done = call(party)
    const expected = call(reference)
    if (typeof done === 'boolean' && done !== expected) differ(`a request is ${done ? '' : 'not '}sent`)
    compare()
    return done
  }
  return {
    emits: party.emits,
    open: (at, id, now) => both((p) => p.open(at, id, now)),
    receive: (at, bytes, now) => both((p) => p.receive(at, bytes, now)),
    submit: (at, values, now) => both((p) => p.submit?.(at, values, now) ?? false),
    finish: (at, now) => both((p) => p.finish?.(at, now)),
    close: (at, now) => both((p) => p.close(at, now)),
    tick: (now) => both((p) => p.tick(now)),
    restart: (now) => both((p) => p.restart?.(now)),
    setRound(at, round) {
      party.setRound?.(at, round)
      moves.push({ at, round })
    },
    view: (at) => party.view(at),
    memory: (at) => party.memory?.(at) ?? null,
    fork: (other) =>
      beside(
        other,
        differ,
        (h) => party.fork!(h),
        (h) => reference.fork!(h),
      ),
  }
}
