/** A person, or lines from a pipe, at a relay: one decision a frame. */

import { editText } from '../../../harness/trace/ladder.ts'
import { edited, framed, type WireFrame } from '../../../harness/wire.ts'
import { DECISION_USAGE, decisionEntries, parseDecision } from '../decision.ts'
import type { Menu, Prompter } from '../prompter.ts'
import { type Hand, opposite, type Policy } from './policy.ts'

const HELP = `${DECISION_USAGE}
rest                  pass it, and all that follow
quit                  stop the relay`

const DELAY_MS = 1_000 // where nobody says how long

const menu = (f: WireFrame): Menu => ({
  question: `What becomes of ${f.id}?`,
  entries: [
    ...decisionEntries(true),
    { words: ['rest'], label: 'pass it, and all that follow', fields: [] },
    { words: ['quit'], label: 'stop the relay', fields: [] },
  ],
})

export class ByHand implements Policy {
  readonly #hand: Hand
  readonly #prompter: Prompter
  readonly #noMore: 'rest' | 'quit'
  readonly #quit: () => void
  readonly #delayed = new Map<number, number>() // connection -> frames held back
  #passing = false

  /** `noMore`: what it means that there are no more decisions. */
  constructor(hand: Hand, prompter: Prompter, noMore: 'rest' | 'quit', quit: () => void) {
    this.#hand = hand
    this.#prompter = prompter
    this.#noMore = noMore
    this.#quit = quit
  }

  opened(): void {}

  mayEnd(n: number): boolean {
    return (this.#delayed.get(n) ?? 0) === 0
  }

  async frame(f: WireFrame): Promise<void> {
    while (!this.#passing) {
      const command = (await this.#prompter.next(() => menu(f))) ?? this.#noMore
      if (command === 'quit') {
        this.#quit()
        return
      }
      if (command === 'help') this.#hand.say(HELP)
      else if (this.#decide(f, command)) return
    }
    this.#pass(f)
  }

  /** False: that was no decision. */
  #decide(f: WireFrame, command: string): boolean {
    const parsed = parseDecision(command.split(/\s+/))
    if (parsed === null || parsed.kind === 'bad') {
      const why = parsed?.why ?? `expected a decision, got ${JSON.stringify(command)}`
      this.#hand.say(`  ${why} (help lists the decisions)`)
      return false
    }
    const decision = parsed.value
    const to = opposite(f.ref.by)
    switch (decision.do) {
      case 'rest':
        this.#passing = true
        this.#pass(f)
        return true
      case 'pass':
        this.#pass(f)
        return true
      case 'drop':
        this.#hand.say('  dropped')
        return true
      case 'duplicate':
        this.#pass(f)
        this.#hand.give(to, [framed(f.bytes)], 'once more')
        return true
      case 'edit': {
        const { edit } = decision
        this.#hand.give(to, [edited(this.#hand.wire, f.bytes, to.side, edit)], `edited: ${editText(edit)}`)
        return true
      }
      case 'delay': {
        const { n } = to
        const ms = decision.ms ?? DELAY_MS
        this.#delayed.set(n, (this.#delayed.get(n) ?? 0) + 1)
        this.#hand.say(`  held for ${ms} ms`)
        this.#hand.after(ms, () => {
          this.#delayed.set(n, this.#delayed.get(n)! - 1)
          this.#hand.give(to, [framed(f.bytes)], `${f.id}, delayed`)
        })
        return true
      }
    }
  }

  #pass(f: WireFrame): void {
    this.#hand.give(opposite(f.ref.by), [framed(f.bytes)], '')
  }
}
