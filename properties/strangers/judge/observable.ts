/** Which invariants frames alone can show, and why the others cannot be judged on a capture. */
import type { Dialect } from '../../../spec/dialects/dialect.ts'
import type { Event } from '../../../spec/events.ts'
import { INVARIANTS, type Invariant, isViolated } from '../../../spec/invariants/index.ts'
import { unjudged } from '../../harness/attack/goals.ts'

/** What a capture is told as. */
const WIRE: readonly Event['on'][] = ['step', 'settled', 'opened', 'delivered', 'sent', 'accepted', 'rejected', 'ended']

/** Of O1 and O2: that a send failed. On the wire there is no such frame, and a connection that its client had left first is not judged. */
const NEVER: readonly Event['on'][] = ['unsent']

const LOOKS: Partial<Record<Event['on'], string>> = {
  committed: 'the state of a session does not cross the wire',
  primitive: 'what is encrypted inside does not cross the wire',
  memory: 'what is held in memory does not cross the wire',
  told: 'what an application is told does not cross the wire',
  submitted: 'what an application asks for does not cross the wire',
  exposed: 'keys do not leak on the wire',
  conversed: 'nobody says how many rounds were wanted',
  fault: 'an exception does not cross the wire',
  unsent: 'what could not be sent does not cross the wire',
}

/** What they look at is seen, but not what it means. */
const MEANS: Readonly<Record<string, string>> = {
  A10: 'a control frame that is obeyed and one that is refused end the session alike',
  B4: 'the network does not show why a session ended',
  B5: 'the clock and the timers of an end are its own',
  I5: 'the network does not show why a session ended',
}

/** Where a part only is seen. */
export const PARTLY: Readonly<Record<string, string>> = {
  A3: 'by the next frame of the client, or that it stays',
  A8: 'by the next frame of the client, or that it stays',
  C4: 'that an IV is its own; not whence it was drawn',
  S5: 'that none is answered; not that none is obeyed',
}

/** Why a capture cannot tell; null: it can. */
export const hidden = (i: Pick<Invariant, 'id' | 'needs'>, dialect: Dialect | null): string | null => {
  const unseen = i.needs.find((n) => !WIRE.includes(n) && !NEVER.includes(n))
  if (unseen !== undefined) return LOOKS[unseen] ?? `no capture shows "${unseen}"`
  const odd = MEANS[i.id]
  if (odd !== undefined) return odd
  const foreign = dialect === null || i.id === 'C4' || i.id === 'R6' || i.id === 'C3' ? null : unjudged(i.id, dialect)
  // of a client's acceptances `unjudged` says that clients are ours, which in a capture they are not
  return i.id === 'A3' || i.id === 'A8' ? null : foreign
}

/** Says of each member whether it was there, instead of holding it. */
class Asked<T> extends Set<T> {
  readonly #has: (x: T) => boolean
  constructor(has: (x: T) => boolean) {
    super()
    this.#has = has
  }
  override has(x: T): boolean {
    return this.#has(x)
  }
}

/** What the memory of frames knows, for invariants that would otherwise remember every frame. */
interface Remembered {
  accepted(frame: string): boolean
  ivSeen(): boolean
}

/** The same invariant, whose state is a set of frames or IVs, without that state. */
const withoutSet = (i: Invariant, has: (x: string) => boolean): Invariant => {
  const asked = new Asked(has)
  return {
    ...i,
    start: null,
    step(_, e, l) {
      const after = i.step(asked, e, l)
      return isViolated(after) ? after : null
    },
  }
}

/** Those that a capture can show, in this dialect; null: PROTOCOL. */
export const wireInvariants = (dialect: Dialect | null, known: Remembered): readonly Invariant[] =>
  INVARIANTS.filter((i) => hidden(i, dialect) === null).map((i) => {
    if (i.id === 'A2' || i.id === 'A3') return withoutSet(i, (frame) => known.accepted(frame))
    return i.id === 'C4' ? withoutSet(i, () => known.ivSeen()) : i
  })
