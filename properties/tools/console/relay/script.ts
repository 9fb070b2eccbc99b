/**
 * A schedule at a relay. Each action waits for its frames. Until the last one is done, a frame that no action names is
 * dropped; afterwards everything passes.
 */
import { endName } from '../../../../spec/events.ts'
import type { FrameRef } from '../../../../spec/language.ts'
import type { WireFrame } from '../../../harness/wire.ts'
import { canDo, concerns, framesOf, perform, type RelayAction } from './actions.ts'
import { type Hand, type Policy, pass } from './policy.ts'

const nameOf = ({ by, nth }: FrameRef): string => `${endName(by)} ${nth}`

export class Script implements Policy {
  readonly #actions: readonly RelayAction[]
  readonly #hand: Hand
  readonly #named: ReadonlySet<string>
  #next = 0
  #waiting = false // for time to pass

  constructor(actions: readonly RelayAction[], hand: Hand) {
    this.#actions = actions
    this.#hand = hand
    this.#named = new Set(actions.flatMap(framesOf).map(nameOf))
  }

  get #through(): boolean {
    return this.#next === this.#actions.length
  }

  opened(): void {
    this.#run()
  }

  frame(f: WireFrame): void {
    if (this.#through) {
      pass(this.#hand, f)
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
      if (!canDo(this.#hand, action)) return
      this.#next++
      this.#waiting = action.do === 'advance'
      perform(this.#hand, action, () => {
        this.#waiting = false
        this.#run()
      })
      if (this.#through) this.#hand.say('the schedule is through: everything passes now')
    }
  }
}
