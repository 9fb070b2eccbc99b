/**
 * A schedule at a relay. Clients act as they like, so only what a network can do makes sense: deliver, inject, close,
 * and advance, which waits. Each action waits for its frames. Until the last one is done, a frame that no action names
 * is dropped; afterwards everything passes.
 */
import { endName } from '../../../../spec/events.ts'
import type { Action, End, FrameRef, Pick, Schedule } from '../../../../spec/language.ts'
import { chunksOf } from '../../../harness/actions.ts'
import type { Parsed } from '../../../harness/schedule-file.ts'
import { caption } from '../../../harness/trace/ladder.ts'
import { edited, framed, fromHex, type WireFrame } from '../../../harness/wire.ts'
import { type Hand, opposite, type Policy } from './policy.ts'

type Deliver = Extract<Action, { do: 'deliver' }>
export type RelayAction = Extract<Action, { do: 'deliver' | 'inject' | 'advance' }> | { do: 'close'; at: End }

const picksOf = (a: Deliver): readonly Pick[] => [
  a.frame,
  ...(a.with ?? []),
  ...(a.edit?.do === 'splice' ? [a.edit.from] : []),
]

/** Whether an action has to do with connection `n`. */
const concerns = (a: RelayAction, n: number): boolean => {
  switch (a.do) {
    case 'deliver':
      return a.to.n === n || picksOf(a).some((p) => byOrigin(p) && p.by.n === n)
    case 'inject':
      return a.to.n === n
    case 'close':
      return a.at.n === n
    case 'advance':
      return false
  }
}

const byOrigin = (p: Pick): p is FrameRef => typeof p !== 'number' && 'by' in p

/** Its actions, or why the first that a relay cannot do is none for it. */
export const relayActions = (name: string, s: Schedule): Parsed<readonly RelayAction[]> => {
  const actions: RelayAction[] = []
  for (const [i, a] of s.actions.entries()) {
    const bad = (expected: string, got: string): Parsed<never> => ({
      kind: 'bad',
      why: `${name}: actions[${i}]: expected ${expected}, got ${got}`,
    })
    switch (a.do) {
      case 'deliver': {
        const odd = picksOf(a).find((p) => !byOrigin(p))
        if (odd !== undefined) return bad('frames named by origin', JSON.stringify(odd))
        if (a.to.n < 0) return bad('an end counted from 0', String(a.to.n))
        actions.push(a)
        break
      }
      case 'inject':
        if (a.to.n < 0) return bad('an end counted from 0', String(a.to.n))
        actions.push(a)
        break
      case 'close':
        actions.push({ do: 'close', at: a.at })
        break
      case 'advance':
        actions.push(a)
        break
      case 'converse':
      case 'connect':
      case 'submit':
      case 'finish':
      case 'seal':
      case 'failSend':
      case 'leak':
      case 'restart':
        return bad('one that a relay can do (deliver, inject, close, advance)', a.do)
    }
  }
  return { kind: 'ok', value: actions }
}

export class Script implements Policy {
  readonly #actions: readonly RelayAction[]
  readonly #hand: Hand
  readonly #named: ReadonlySet<string>
  #next = 0
  #waiting = false // for time to pass

  constructor(actions: readonly RelayAction[], hand: Hand) {
    this.#actions = actions
    this.#hand = hand
    const picks = actions.flatMap((a) => (a.do === 'deliver' ? picksOf(a) : []))
    this.#named = new Set(picks.filter(byOrigin).map(nameOf))
  }

  get #through(): boolean {
    return this.#next === this.#actions.length
  }

  opened(): void {
    this.#run()
  }

  frame(f: WireFrame): void {
    if (this.#through) {
      this.#hand.give(opposite(f.ref.by), [framed(f.bytes)], '')
      return
    }
    const [before, named] = [this.#next, this.#named.has(nameOf(f.ref))]
    if (!named) this.#hand.say('  dropped: the schedule does not name it')
    this.#run()
    if (named && this.#next === before) this.#hand.say('  held')
  }

  mayEnd(n: number): boolean {
    return !this.#actions.slice(this.#next).some((a) => concerns(a, n))
  }

  #run(): void {
    while (!this.#waiting && !this.#through) {
      const action = this.#actions[this.#next]!
      if (!this.#canDo(action)) return
      this.#next++
      this.#perform(action)
      if (this.#through) this.#hand.say('the schedule is through: everything passes now')
    }
  }

  #canDo(a: RelayAction): boolean {
    switch (a.do) {
      case 'deliver':
        return picksOf(a).every((p) => this.#hand.wire.pick(p, a.to.side) !== undefined) && this.#reaches(a.to)
      case 'inject':
        return this.#reaches(a.to)
      case 'close':
        return a.at.n < this.#hand.connections
      case 'advance':
        return true
    }
  }

  /** One past the last connection is opened, as the language has it. */
  #reaches(to: End): boolean {
    return to.n < this.#hand.connections + (to.side === 'server' ? 1 : 0)
  }

  #perform(a: RelayAction): void {
    const told = caption(a, null)
    switch (a.do) {
      case 'deliver': {
        const { wire } = this.#hand
        const frame = wire.pick(a.frame, a.to.side)!
        const more = (a.with ?? []).map((p) => framed(wire.pick(p, a.to.side)!.bytes))
        const bytes = Buffer.concat([edited(wire, frame.bytes, a.to.side, a.edit), ...more])
        this.#give(a.to, chunksOf(bytes, a.cuts ?? []), told ?? `${frame.id} delivered to ${endName(a.to)}`)
        return
      }
      case 'inject':
        this.#give(a.to, [fromHex(a.hex)], told ?? '')
        return
      case 'close':
        this.#hand.say(`  ${told}`)
        this.#hand.close(a.at.n)
        return
      case 'advance':
        this.#hand.say(`  waits ${a.ms} ms`)
        this.#waiting = true
        this.#hand.after(a.ms, () => {
          this.#waiting = false
          this.#run()
        })
        return
    }
  }

  #give(to: End, chunks: readonly Uint8Array[], note: string): void {
    if (to.side === 'server' && to.n === this.#hand.connections) this.#hand.connect()
    this.#hand.give(to, chunks, note)
  }
}

const nameOf = ({ by, nth }: FrameRef): string => `${endName(by)} ${nth}`
