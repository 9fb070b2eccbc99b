/** A person, or lines from a pipe, at a relay: each frame waits for a decision. */
import { endName } from '../../../../spec/events.ts'
import { opposite } from '../../../harness/attack/frames.ts'
import { editText } from '../../../harness/trace/trace.ts'
import { edited, framed, type WireFrame } from '../../../harness/wire.ts'
import type { Now } from '../arg.ts'
import type { Place } from '../arguments.ts'
import type { Prompter } from '../prompter.ts'
import { type Command, helpOf, menuOf, parseCommand, RELAY_VERBS } from '../verbs.ts'
import { canDo, perform, type RelayAction } from './actions.ts'
import { type Hand, type Policy, pass } from './policy.ts'

const DELAY_MS = 1_000 // where nobody says how long

export class ByHand implements Policy {
  readonly #hand: Hand
  readonly #prompter: Prompter
  readonly #noMore: 'rest' | 'quit'
  readonly #quit: () => void
  readonly #delayed = new Map<number, number>() // connection -> frames held back
  #passing = false

  /** `noMore`: what it means that there are no more commands. */
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
      const line = (await this.#prompter.next(() => menuOf(RELAY_VERBS, this.#now(f)))) ?? this.#noMore
      const command = parseCommand(line, RELAY_VERBS)
      if (command.kind === 'bad') this.#hand.say(`  ${command.why}`)
      else if (this.#do(f, command.value)) return
    }
    pass(this.#hand, f)
  }

  #now(f: WireFrame): Now {
    const { connections, wire } = this.#hand
    const ends = (side: 'c' | 's') =>
      Array.from({ length: connections }, (_, n) => ({ value: `${side}${n}`, label: `${side}${n}` }))
    const frames = [...new Set(wire.frames.map((x) => x.id))].map((id) => ({ value: id, label: id }))
    return { clients: [], runs: ends('c'), connections: ends('s'), frames, waiting: f.id, timed: true }
  }

  /** True: nothing more is to be asked about the frame. */
  #do(f: WireFrame, c: Command<(typeof RELAY_VERBS)[number]>): boolean {
    const to = opposite(f.ref.by)
    switch (c.do) {
      case 'rest':
        this.#passing = true
        pass(this.#hand, f)
        return true
      case 'pass':
        pass(this.#hand, f)
        return true
      case 'drop':
        this.#hand.say('  dropped')
        return true
      case 'duplicate':
        pass(this.#hand, f)
        pass(this.#hand, f, 'once more')
        return true
      case 'flip':
      case 'set':
      case 'cut':
      case 'extend':
        this.#hand.give(to, [edited(this.#hand.wire, f.bytes, to.side, c.edit)], `edited: ${editText(c.edit)}`)
        return true
      case 'delay': {
        const ms = c.ms ?? DELAY_MS
        this.#delayed.set(to.n, (this.#delayed.get(to.n) ?? 0) + 1)
        this.#hand.say(`  held for ${ms} ms`)
        this.#hand.after(ms, () => {
          this.#delayed.set(to.n, this.#delayed.get(to.n)! - 1)
          this.#hand.give(to, [framed(f.bytes)], `${f.id}, delayed`)
        })
        return true
      }
      case 'deliver': {
        const frame = this.#hand.wire.frames.find((x) => x.id === c.frame)
        if (frame === undefined) this.#hand.say(`  expected a frame that has arrived, got ${JSON.stringify(c.frame)}`)
        else {
          const edit = c.edit === null ? {} : { edit: c.edit }
          const place = c.to ?? opposite(frame.ref.by)
          this.#perform({ do: 'deliver', frame: frame.ref, to: this.#end(place), ...edit })
        }
        return false
      }
      case 'inject':
        this.#perform({ do: 'inject', to: this.#end(c.to), hex: c.hex })
        return false
      case 'close':
        this.#perform({ do: 'close', at: c.at })
        return false
      case 'help':
        this.#hand.say(helpOf(RELAY_VERBS))
        return false
      case 'quit':
        this.#quit()
        return true
    }
  }

  #end(place: Place) {
    return place === 'new' ? { side: 'server' as const, n: this.#hand.connections } : place
  }

  #perform(a: RelayAction): void {
    if (canDo(this.#hand, a)) perform(this.#hand, a)
    else this.#hand.say(`  expected a connection that exists, got ${'to' in a ? endName(a.to) : `that of ${a.do}`}`)
  }
}
